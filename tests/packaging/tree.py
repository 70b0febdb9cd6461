"""The files of the checkout, as git holds them."""

import re
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
MADE = re.compile(r"(?:^|/)(?:\.(?!ci/)[^/]*|var|dist|node_modules|__pycache__|htmlcov)/")


def tracked() -> list[Path]:
    """Give the files that git holds or would add; in a copy without git, those that no tool made."""
    if (ROOT / ".git").exists():
        command = ["git", "ls-files", "-co", "--exclude-standard", "-z"]
        names = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
        return [path for name in names.split("\0") if name and (path := ROOT / name).is_file()]
    found = (path for path in ROOT.rglob("*") if path.is_file())
    return [path for path in found if not MADE.search(path.relative_to(ROOT).as_posix())]
