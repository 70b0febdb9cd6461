"""The tutorial and the how-tos for those who ask: what they show is run, and says what they say."""

import ast
import contextlib
import io
import json
import re
from pathlib import Path
from urllib.parse import urlencode

import pytest

from app.entities.labels import Label, Labels
from app.store.interface import Solutions
from app.terms import Iri, Literal
from app.web.graphml import network
from tests.web.r import ran_by_r

DOCS = Path(__file__).resolve().parents[2] / "docs"
TUTORIAL = DOCS / "tutorial" / "who-does-what.ipynb"


def run(code, names):
    """Run a cell as a notebook does: what is printed, then what its last line gives, as text."""
    tree, said = ast.parse(code), io.StringIO()
    last = tree.body.pop() if isinstance(tree.body[-1], ast.Expr) else None
    with contextlib.redirect_stdout(said):
        exec(compile(tree, "cell", "exec"), names)
        value = eval(compile(ast.Expression(last.value), "cell", "eval"), names) if last else None
    return said.getvalue() + ("" if value is None else repr(value))


def test_tutorial_says_what_it_shows(shipped_server, monkeypatch):
    """Write it anew by hand where the data has changed: the outputs are those of this test."""
    pytest.importorskip("pandas", reason="pandas is not installed")
    monkeypatch.setenv("INNHERRED_SITE", shipped_server)
    names = {}
    for cell in json.loads(TUTORIAL.read_text(encoding="utf-8"))["cells"]:
        if cell["cell_type"] == "code":
            shown = "".join("".join(each.get("text") or each["data"]["text/plain"]) for each in cell["outputs"])
            assert run("".join(cell["source"]), names) == shown


def blocks(page, language):
    text = (DOCS / "how-to" / page).read_text(encoding="utf-8")
    return re.findall(rf"^```{language}\n(.*?)^```", text, re.DOTALL | re.MULTILINE)


@pytest.mark.parametrize(
    ("page", "package", "said"), [("gephi.md", "networkx", "https://w3id.org/"), ("duckdb.md", "duckdb", "Erasmus+")]
)
def test_how_to_in_python_runs(shipped_server, tmp_path, monkeypatch, page, package, said):
    pytest.importorskip(package, reason=f"{package} is not installed")
    monkeypatch.chdir(tmp_path)
    (block,) = blocks(page, "python")
    assert said in run(block.replace("https://example.org/", shipped_server), {})


@pytest.mark.parametrize(("number", "shown", "said"), [(0, "", "Snåsa"), (1, "print(programmes)", "Erasmus+")])
def test_how_to_in_r_runs(shipped_server, tmp_path, number, shown, said):
    block = blocks("r.md", "r")[number].replace("https://example.org/", shipped_server)
    assert said in ran_by_r(f"{block}\n{shown}", tmp_path)


def test_query_of_the_r_how_to_is_answered(shipped_server):
    import urllib.request

    text = blocks("r.md", "r")[1]
    query = re.search(r'query <- "(.*?)"\n', text, re.DOTALL)[1]
    address = f"{shipped_server}sparql?{urlencode({'format': 'csv', 'labels': 'nb'})}"
    asked = urllib.request.Request(address, query.encode(), {"Content-Type": "application/sparql-query"})
    with urllib.request.urlopen(asked) as answer:
        assert answer.readline().strip() == b"programme,programmeLabel,activities"


# GraphML


def test_network_has_each_thing_once_and_joins_neighbours():
    from xml.etree.ElementTree import fromstring

    a, b, c = (Iri(f"http://example.org/{each}") for each in "abc")
    odd = Literal('<&"\x00é')
    rows = [{"x": a, "y": b, "z": c}, {"y": b, "z": c}, {"x": a, "z": odd}, {"x": a, "y": a}]
    labels = Labels({a: Label("A"), b: Label("B \x01"), c: Label("C")})
    root = fromstring(network(Solutions(("x", "y", "z"), rows), {"x": "X", "y": "Y", "z": "Z"}, labels, "v1"))
    space = {"g": "http://graphml.graphdrawing.org/xmlns"}
    nodes = [each.get("id") for each in root.findall(".//g:node", space)]
    assert nodes == [a, b, c, '<&"\ufffdé']
    assert [(each.get("source"), each.get("target")) for each in root.findall(".//g:edge", space)] == [(a, b), (b, c)]
    assert [each.text for each in root.findall(".//g:node/g:data", space)][:4] == ["A", "X", "B \ufffd", "Y"]


def test_only_networks_are_given_as_graphml(client):
    answer = client.get("/queries/trips.graphml?town=http://example.org/havdal/id/town/bekk")
    assert answer.status_code in (404, 406)
