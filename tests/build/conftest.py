"""A copy of the example content, and how it is built."""

import io
import shutil
from pathlib import Path

import pytest

from app.build.builder import build
from app.config import Settings
from app.content.folders import Content
from app.progress import Progress

NORDFJELLA = Path(__file__).parents[1] / "contents" / "nordfjella"


class Place:
    """A content to change, with a state folder beside it."""

    def __init__(self, folder):
        self.root = folder / "content"
        self.state = folder / "state"
        shutil.copytree(NORDFJELLA, self.root)
        self.settings = Settings(content=self.root, state=self.state, keep=2)

    def write(self, name, text):
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")

    def content(self):
        return Content.open(self.root)

    def build(self, as_of=None):
        return build(self.content(), self.settings, as_of=as_of, progress=Progress(quiet=True, stream=io.StringIO()))

    def generations(self):
        return sorted(path.name for path in (self.state / "generations").iterdir())


@pytest.fixture
def place(tmp_path):
    return Place(tmp_path)
