"""A copy of the small content, to change and to build anew."""

import io
import shutil
from datetime import date
from pathlib import Path

import pytest

from app.build.builder import build
from app.changes.view import Changes, EntryChoice
from app.config import Settings
from app.content.folders import Content
from app.progress import Progress

CONTENT = Path(__file__).parents[1] / "web" / "content"
BASE = "http://example.org/havdal/"


class Place:
    """A content to change, with a state folder beside it."""

    def __init__(self, folder: Path, content: Path = CONTENT):
        self.root = folder / "content"
        self.state = folder / "state"
        shutil.copytree(content, self.root)
        self.settings = Settings(content=self.root, state=self.state, keep=2, page_size=10)
        self.told = ""

    def write(self, name, text):
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")

    def edit(self, name, old, new):
        path = self.root / name
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new), encoding="utf-8")

    def change(self):
        """Add a trip, change a town, delete a trip and replace another."""
        self.edit("data/strategy/towns.ttl", '"Bekk"@nb', '"Bekken"@nb')
        self.edit(
            "data/register/trips.ttl", 'trip:t101 a ex:Trip ; rdfs:label "Tur 101"@nb ; ex:to town:aasvaer .\n', ""
        )
        self.edit(
            "data/register/trips.ttl",
            'trip:t102 a ex:Trip ; rdfs:label "Tur 102"@nb ; ex:to town:aasvaer .',
            "trip:t102 <http://purl.org/dc/terms/isReplacedBy> trip:t103 .\n"
            'trip:t200 a ex:Trip ; rdfs:label "Tur 200"@nb ; ex:to town:bekk .',
        )

    def build(self, as_of=None):
        progress = io.StringIO()
        content = Content.open(self.root)
        found = build(
            content, self.settings, as_of=as_of and date.fromisoformat(as_of), progress=Progress(stream=progress)
        )
        self.told = progress.getvalue()
        return found

    def changes(self, generation):
        return Changes.of(self.state, generation.manifest)

    def entries(self, generation):
        """Give all entries, oldest first."""
        return self.changes(generation).newest(EntryChoice(), 10_000)[::-1]


@pytest.fixture
def place(tmp_path):
    return Place(tmp_path)
