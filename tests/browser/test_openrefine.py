"""OpenRefine itself: a column of names becomes things, and columns are filled from them; the preview in its frame."""

import csv
import json
import shutil
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
import requests
from playwright.sync_api import Browser, expect

from tests.browser import openrefine

ONTOLOGY = "https://w3id.org/innherred/ontology#"
TABLE = "navn\nVerdal kommune\nSnåasen tjïelte\nINDEROY\nNTNU\nLevangr komune\nUkjent bedrift AS\n"


@pytest.fixture(scope="module")
def refine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[openrefine.OpenRefine]:
    if not openrefine.FOLDER.is_dir() or shutil.which("java") is None:
        pytest.skip(
            "OpenRefine is not here (Debian: apt-get install openrefine; INNHERRED_OPENREFINE names its folder)"
        )
    with openrefine.started(tmp_path_factory.mktemp("openrefine")) as found:
        yield found


def test_a_column_is_reconciled_and_extended(refine, shipped_server):
    endpoint = f"{shipped_server}reconcile"
    about = requests.get(endpoint, timeout=600).json()
    spaces = {each: about[each] for each in ("identifierSpace", "schemaSpace")}
    project = refine.project("names", TABLE)
    config = {
        **spaces,
        "mode": "standard-service",
        "service": endpoint,
        "type": {"id": f"{ONTOLOGY}Organisation", "name": "Organisasjon"},
        "autoMatch": True,
        "columnDetails": [],
        "limit": 0,
    }
    refine.run("reconcile", project, columnName="navn", config=json.dumps(config))
    wanted = [{"id": ONTOLOGY + name, "name": name} for name in ("municipalityNumber", "inCounty", "population")]
    refine.run(
        "extend-data",
        project,
        **spaces,
        baseColumnName="navn",
        endpoint=endpoint,
        columnInsertIndex=1,
        extension=json.dumps({"properties": wanted}),
    )
    header, *rows = csv.reader(refine.table(project).splitlines())
    assert header == ["navn", "kommunenummer", "fylke", "folketall"]
    found = {row[0]: row[1:] for row in rows if row[0]}
    # What is certain is matched by itself, and shown by its name; what is not waits for a person.
    assert {name: row[0] for name, row in found.items()} == {
        "Verdal kommune": "5038",
        "Snåsa kommune": "5041",
        "Inderøy kommune": "5053",
        "NTNU": "",
        "Levangr komune": "",
        "Ukjent bedrift AS": "",
    }
    assert all(found[name][1] == "Trøndelag" and int(found[name][2]) > 1000 for name in list(found)[:3])


def test_a_preview_is_shown_in_the_frame_of_another_site(browser: Browser, shipped_server: str, tmp_path: Path) -> None:
    address = f"{shipped_server}reconcile/preview?id=https://w3id.org/innherred/id/municipality/verdal"
    (tmp_path / "index.html").write_text(f'<iframe src="{address}" width="400" height="280"></iframe>')
    handler = partial(SimpleHTTPRequestHandler, directory=tmp_path)
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as elsewhere, browser.new_context() as context:
        Thread(target=elsewhere.serve_forever, daemon=True).start()
        page = context.new_page()
        page.goto(f"http://127.0.0.1:{elsewhere.server_address[1]}/")
        frame = page.frame_locator("iframe")
        expect(frame.get_by_role("link", name="Verdal kommune")).to_have_attribute("target", "_blank")
        assert frame.locator("html").evaluate("each => each.scrollHeight <= 280 && each.scrollWidth <= 400")
        page.screenshot(path=tmp_path / "preview.png")
        elsewhere.shutdown()
