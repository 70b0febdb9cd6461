"""How often a page asks the store, and the parts of a page that are files."""

import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from app.build.builder import build
from app.config import Settings
from app.content.folders import Content
from app.namespaces import LABEL_PROPERTIES
from app.progress import Progress
from app.query.library import engine_query
from app.search.folding import sort_key
from app.terms import n3
from app.web import create_app
from tests.conftest import EXAMPLE

PAGE = "/doc/valley/austdalen"


def application(content: Path, state: Path) -> Flask:
    settings = Settings(content=content, state=state)
    build(Content.open(content), settings, as_of=None, progress=Progress(quiet=True))
    return create_app(settings)


def asked(app: Flask, path: str) -> Iterator[str]:
    """Give what a page asks the store, in a process that has looked up no label yet."""
    serving = app.extensions["serving"]
    store = serving.get().store
    serving.get().labels._labels.clear()
    queries: list[str] = []

    def counted(kind: str) -> Any:
        return lambda query, *given: queries.append(query) or getattr(type(store), kind)(store, query, *given)

    with pytest.MonkeyPatch.context() as patch:
        for kind in ("select", "ask", "construct", "answer"):
            patch.setattr(store, kind, counted(kind))
        answer = app.test_client().get(path)
    assert answer.status_code == 200
    return iter(queries)


@pytest.mark.parametrize(
    ("path", "most"),
    [("/doc/activity/inclusivate", 9), ("/doc/municipality/verdal", 14), ("/en/doc/municipality/verdal", 14)],
)
def test_a_page_asks_few_queries(shipped: Flask, path: str, most: int) -> None:
    queries = list(asked(shipped, path))
    assert queries
    assert len(queries) <= most
    assert len(set(queries)) == len(queries), "nothing is asked twice"


@pytest.mark.parametrize("path", ["/search?q=form%C3%A5l", "/en/search?q=purpose"])
def test_the_stated_purpose_is_found_by_its_word(shipped: Flask, path: str) -> None:
    page = shipped.test_client().get(path).text
    assert "doc/purpose/internasjonal-strategi" in page
    assert "doc/statement/s-011" in page
    wording = "Formålet er å bygge opp vår evne og kapasitet til å arbeide internasjonalt."
    assert wording in shipped.test_client().get("/doc/strategy/internasjonal-strategi").text


def test_a_download_has_its_texts_in_the_language_of_the_address(shipped: Flask) -> None:
    nb, en = (shipped.test_client().get(f"{start}/queries/figures.csv").text for start in ("", "/en"))
    assert "prosent" in nb
    assert "per cent" not in nb
    assert "per cent" in en
    assert nb.count("\n") == en.count("\n")
    assert shipped.test_client().get("/queries/figures.csv?language=en").text == en


def test_a_page_that_the_client_has_asks_less(shipped: Flask) -> None:
    client = shipped.test_client()
    tag = client.get("/doc/activity/inclusivate").headers["ETag"]
    assert client.get("/doc/activity/inclusivate", headers={"If-None-Match": tag}).status_code == 304


@pytest.mark.parametrize("name", ["labels", "names"])
def test_what_names_a_thing_is_asked_as_the_engine_knows_it(name: str) -> None:
    query = engine_query(f"engine/{name}")
    prefixes = dict(line.split()[1:3] for line in query.splitlines() if line.startswith("PREFIX"))
    listed = query.partition("?property IN (")[2].partition(")")[0].replace("\n", " ").split(",")
    found = [each.strip() for each in listed]
    whole = [
        each if each.startswith("<") else prefixes[each.partition(":")[0] + ":"][:-1] + each.partition(":")[2] + ">"
        for each in found
    ]
    assert whole == [n3(each) for each in LABEL_PROPERTIES]


def test_a_content_names_and_drops_the_parts_of_a_page_by_files(tmp_path: Path) -> None:
    content = tmp_path / "content"
    shutil.copytree(EXAMPLE, content)
    before = application(content, tmp_path / "state")
    page = before.test_client().get(PAGE).text
    assert 'id="facts"' in page
    assert 'id="incoming"' in page
    generic = content / "queries" / "pages" / "Thing"
    generic.mkdir(parents=True)
    header = "#+ title: {nb: Det vi vet, en: What we know}\n#+ view: "
    (generic / "pointing.rq").write_text(header + "none\nSELECT ?s WHERE { ?s ?p ?this }\n")
    (generic / "statements.rq").write_text(header + "statements\n#+ order: 2000\nSELECT ?p WHERE { ?this ?p ?o }\n")
    after = application(content, tmp_path / "other")
    page = after.test_client().get(PAGE).text
    assert 'id="incoming"' not in page
    assert "Nevnt i" not in page
    assert '<summary id="facts">Det vi vet</summary>' in page
    assert page.index('id="facts"') > page.index('id="panel-10-same-class"')
    assert len(list(asked(after, PAGE))) == len(list(asked(before, PAGE))) - 1


def test_a_content_asks_its_own_for_what_points_here(tmp_path: Path) -> None:
    content = tmp_path / "content"
    shutil.copytree(EXAMPLE, content)
    generic = content / "queries" / "pages" / "Thing"
    generic.mkdir(parents=True)
    (generic / "pointing.rq").write_text(
        "#+ title: {nb: Lenker, en: Links}\n#+ view: pointing\n#+ order: 1030\n"
        "SELECT ?predicate ?subject WHERE { ?subject ?predicate ?this FILTER(false) }\n"
    )
    page = application(content, tmp_path / "state").test_client().get(PAGE).text
    assert 'id="facts"' in page
    assert 'id="incoming"' not in page


@pytest.mark.parametrize("start", ["", "/en"])
def test_rows_are_in_the_order_of_names_in_groups_as_the_query_gives_them(shipped: Flask, start: str) -> None:
    page = shipped.test_client().get(f"{start}/doc/organisation/trondelags-europakontor").text
    table = page.partition('id="panel-30-members"')[2].partition("</table>")[0]
    rows = [re.findall(r">([^<>]+)</a>", row)[:2] for row in table.split("<tr>")[2:]]
    roles = list(dict.fromkeys(role for _, role in rows))
    assert len(roles) > 1
    assert rows == sorted(rows, key=lambda row: (roles.index(row[1]), sort_key(row[0], "nb")))
    assert len(rows) > 13
