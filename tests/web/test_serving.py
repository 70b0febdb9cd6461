"""What is served follows the current link, and a client never keeps what has changed."""

import shutil
from pathlib import Path

from app.build.builder import build
from app.config import Settings
from app.content.folders import Content
from app.generation import current
from app.progress import Progress
from app.web import create_app, serving

CONTENT = Path(__file__).parent / "content"
PANEL = '#+ title: {nb: "%s", en: "%s"}\nSELECT ?type WHERE { ?this a ?type }\n'


def rebuild(settings: Settings) -> str:
    generation = build(Content.open(settings.content), settings, as_of=None, progress=Progress(quiet=True))
    return generation.manifest.digest


def test_a_new_generation_is_served_and_a_changed_panel_has_a_new_etag(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(serving, "_LOOK", 0.0)
    content = tmp_path / "content"
    shutil.copytree(CONTENT, content)
    panel = content / "queries" / "pages" / "Town" / "10-first.rq"
    panel.parent.mkdir(parents=True, exist_ok=True)
    panel.write_text(PANEL % ("Før", "Before"), encoding="utf-8")
    settings = Settings(content=content, state=tmp_path / "state", keep=1)
    before = rebuild(settings)
    client = create_app(settings).test_client()
    first = client.get("/doc/town/bekk.html")
    assert "Før" in first.text
    panel.write_text(PANEL % ("Etter", "After"), encoding="utf-8")
    # Until the build has switched, what was built is answered.
    assert "Før" in client.get("/doc/town/bekk.html").text
    assert rebuild(settings) == before, "panels are not part of the dataset"
    second = client.get("/doc/town/bekk.html", headers={"If-None-Match": first.headers["ETag"]})
    assert second.status_code == 200
    assert "Etter" in second.text
    assert second.headers["ETag"] != first.headers["ETag"]
    again = client.get("/doc/town/bekk.html", headers={"If-None-Match": second.headers["ETag"]})
    assert again.status_code == 304


def test_only_the_newest_generations_are_kept(tmp_path: Path) -> None:
    content = tmp_path / "content"
    shutil.copytree(CONTENT, content)
    settings = Settings(content=content, state=tmp_path / "state", keep=2)
    for number in range(4):
        (content / "data" / "more.ttl").write_text(
            f"<http://example.org/havdal/id/x/{number}> a <http://example.org/T> ."
        )
        rebuild(settings)
    kept = sorted(path.name for path in (settings.state / "generations").iterdir())
    assert len(kept) == 2
    found = current(settings.state)
    assert found is not None
    assert found.path.name in kept
