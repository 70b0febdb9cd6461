"""Comunica, a query engine in JavaScript: asks the endpoint, loads a dump by address, and answers by links alone."""

import json
import subprocess
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode

import pytest
import rdflib
from click.testing import CliRunner
from rdflib.compare import isomorphic

from app.cli import main
from tests.conftest import started
from tests.npm import packages, tools
from tests.store.servers import free_ports
from tests.web.conftest import CONTENT

BASE = "http://example.org/nordfjella/"
LABELS = """
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
SELECT ?valley ?label WHERE { ?valley <%sontology#length> ?length ; rdfs:label ?label } ORDER BY ?valley ?label
"""
VALLEYS = [
    (BASE + "id/valley/austdalen", "Austdalen", "nn"),
    (BASE + "id/valley/austdalen", "Osttal", "de"),
    (BASE + "id/valley/vesledalen", "Vesledalen", "nn"),
]
# Four documents say this, each a part.
TRAVELLED = """
PREFIX ex: <{0}ontology#>
PREFIX rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#>
SELECT ?motto ?when ?twin WHERE {{
  <{0}id/trip/t101> ex:to ?town .
  ?town ex:founded ?when ; ex:motto ?motto FILTER(LANG(?motto) = "nb")
  ?claim rdf:subject ?town ; rdf:object ?twin .
  ?twin a ex:Town
}}
"""


def comunica(*arguments: str, engine: str = "query-sparql") -> str:
    """Run a query and give the answer."""
    program = packages(Path(__file__).parent / "clients") / "@comunica" / engine / "bin" / "query.js"
    command = [tools()[0], str(program), *arguments]
    done = subprocess.run(command, capture_output=True, encoding="utf-8", timeout=600, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def rows(*arguments: str, engine: str = "query-sparql") -> list[dict[str, dict[str, str]]]:
    """Give the solutions of a SELECT."""
    answer = comunica(*arguments, "-t", "application/sparql-results+json", engine=engine)
    return json.loads(answer)["results"]["bindings"]


@pytest.mark.parametrize(
    "source", ["sparql@{}sparql", "{}sparql", "{}dump/default.ttl", "{}dump/all.trig", "{}dump/all.jsonld"]
)
def test_names_come_with_their_languages(server, source):
    found = rows(source.format(server), "--unionDefaultGraph", "-q", LABELS % BASE)
    told = [(row["valley"]["value"], row["label"]["value"], row["label"]["xml:lang"]) for row in found]
    assert sorted(told) == VALLEYS  # an engine sorts texts with a language as it likes


def test_a_graph_is_constructed(server):
    query = "CONSTRUCT WHERE { ?s a ?class ; <http://www.w3.org/2000/01/rdf-schema#label> ?label }"
    found = comunica(f"sparql@{server}sparql", "-q", query, "-t", "text/turtle")
    with urllib.request.urlopen(f"{server}sparql?{urlencode({'query': query, 'format': 'ttl'})}") as answer:
        ours = rdflib.Graph().parse(data=answer.read(), format="turtle")
    assert ours
    assert isomorphic(rdflib.Graph().parse(data=found, format="turtle"), ours)


@pytest.fixture(scope="module")
def copied(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Give the address of a copy whose IRIs begin with that very address: its links can be followed."""
    folder = tmp_path_factory.mktemp("copied")
    (port,) = free_ports(1)
    base = f"http://127.0.0.1:{port}/"
    out = str(folder / "content")
    done = CliRunner().invoke(main, ["rebase", base, "--content", str(CONTENT), "--out", out])
    assert done.exit_code == 0, done.output
    with started(folder / "content", folder, port=port) as address:
        assert address == base
        yield address


def test_a_question_is_answered_by_following_links_alone(copied):
    (found,) = rows(f"{copied}id/trip/t101", "-q", TRAVELLED.format(copied), engine="query-sparql-link-traversal")
    assert {name: each["value"] for name, each in found.items()} == {
        "motto": "Mot havet",
        "when": "1897-05-17",
        "twin": f"{copied}id/town/bekk",
    }
