"""Lines for R, run by R where it is."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest


def ran_by_r(lines: str, folder: Path) -> str:
    """Give what lines print; skip without R, or without the package that they load."""
    if not shutil.which("Rscript"):
        pytest.skip("there is no R")

    def run(*arguments: str) -> "subprocess.CompletedProcess[str]":
        environment = {**os.environ, "LC_ALL": "C.UTF-8"}
        command = ["Rscript", "--vanilla", *arguments]
        return subprocess.run(command, capture_output=True, text=True, cwd=folder, env=environment, check=False)

    if "httr2" in lines and run("-e", "library(httr2)").returncode:
        pytest.skip("R has no httr2")
    (folder / "lines.R").write_text(lines, encoding="utf-8")
    done = run("lines.R")
    assert done.returncode == 0, done.stderr
    return done.stdout
