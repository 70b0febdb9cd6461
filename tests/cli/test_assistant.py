"""An assistant, by the SDK's own client over standard input and output."""

import json
import os
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import anyio
import pytest
from mcp import Client
from mcp.client.stdio import StdioServerParameters

from app.build.builder import build
from app.config import Settings
from app.content.folders import Content
from app.progress import Progress

CONTENT = Path(__file__).parents[1] / "web" / "content"
BASE = "http://example.org/havdal/"
TOWN = BASE + "id/town/aasvaer"
CALLS: dict[str, tuple[str, dict[str, Any]]] = {
    "found": ("search", {"words": "aasvær"}),
    "described": ("describe", {"iri": TOWN}),
    "why": ("why", {"iri": TOWN}),
    "gaps": ("gaps", {"thing": TOWN}),
    "every gap": ("gaps", {}),
    "rows": ("sparql", {"query": f"SELECT ?twin WHERE {{ <{TOWN}> <{BASE}ontology#twin> ?twin }} LIMIT 5"}),
    "long": ("sparql", {"query": "ASK { ?s ?p ?o } #" + "x" * 20_000}),
    "graph": ("sparql", {"query": "CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o } LIMIT 1", "basis": "strategy"}),
    "asked": ("ask-large", {"least": 5}),
    "nothing there": ("describe", {"iri": BASE + "id/town/none"}),
    "no IRI": ("describe", {"iri": "Åsvær"}),
    "no query": ("sparql", {"query": "SELECT nonsense"}),
    "an update": ("sparql", {"query": "DELETE WHERE { ?s ?p ?o }"}),
    "another server": ("sparql", {"query": "SELECT * { SERVICE <http://example.org/> { ?s ?p ?o } }"}),
    "wrong type": ("ask-large", {"least": "much"}),
    "unknown argument": ("search", {"words": "x", "more": 1}),
    "lacking": ("search", {}),
    "no tool": ("delete", {}),
}


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Start it once, ask everything, and give what was told by name; also the tools and the instructions."""
    state = tmp_path_factory.mktemp("assistant")
    build(Content.open(CONTENT), Settings(content=CONTENT, state=state), as_of=None, progress=Progress(quiet=True))
    arguments = ["-m", "app.cli", "mcp", "--language", "en", "--content", str(CONTENT), "--state", str(state)]
    server = StdioServerParameters(command=sys.executable, args=arguments, env=dict(os.environ))
    found: dict[str, Any] = {}

    async def talk() -> None:
        async with Client(server, read_timeout_seconds=120) as client:
            found["tools"] = {each.name: each for each in (await client.list_tools()).tools}
            found["instructions"] = client.instructions
            for name, (tool, given) in CALLS.items():
                found[name] = await client.call_tool(tool, given)

    # In a thread of its own: where a browser test ran before in this process, its event loop still runs in this one.
    with ThreadPoolExecutor(max_workers=1) as threads:
        threads.submit(anyio.run, talk).result()
    return found


def answer(result: Any) -> dict[str, Any]:
    assert not result.is_error, result.content
    assert json.loads(result.content[0].text) == result.structured_content
    return result.structured_content


def test_the_tools_are_typed(told):
    assert {"search", "describe", "why", "gaps", "sparql", "ask-large", "ask-trips"} <= told["tools"].keys()
    large = told["tools"]["ask-large"].input_schema
    assert large["properties"]["least"] == {"type": "number", "default": 10, "description": "Least area"}
    assert told["tools"]["ask-trips"].input_schema["required"] == ["town"]
    assert all(each.annotations.read_only_hint and each.description for each in told["tools"].values())


def test_it_is_told_what_this_is_and_how_sure(told):
    for part in ("Havdal in English", BASE.rstrip("/") + "/en/sparql", "certainty", "strategy"):
        assert part in told["instructions"]


@pytest.mark.parametrize("name", ["found", "described", "why", "gaps", "every gap", "rows", "long", "graph", "asked"])
def test_every_answer_has_version_certainty_and_what_to_cite(told, name):
    found = answer(told[name])
    assert found["howSure"]
    assert found["restsOn"] == ("Only the plan" if name == "graph" else "all")
    assert found["asOf"] == "2025-06-01"
    assert found["cite"][-1] == f"{BASE}version/{found['version']}"


def test_what_is_answered(told):
    assert answer(told["found"])["things"][0]["iri"] == TOWN
    described = answer(told["described"])
    assert described["thing"]["name"]["text"] == "Aasvaer"
    assert described["thing"]["page"] == f"{BASE}en/doc/town/aasvaer"
    assert described["howSure"]["stated"] > 0
    assert described["cite"][0] == TOWN
    rows = answer(told["rows"])
    assert {"twin": BASE + "id/town/bekk"} in rows["rows"]
    assert rows["names"][BASE + "id/town/bekk"] == "Bekk"
    assert answer(told["long"])["truth"] is True
    assert answer(told["graph"])["turtle"]
    assert answer(told["asked"])["cite"][0] == BASE + "query/large"
    assert answer(told["asked"])["total"] == len(answer(told["asked"])["rows"]) > 0
    why = answer(told["why"])
    assert why["total"] > len(why["reasons"]) == 20  # the rest is counted
    assert {each["certainty"] for each in why["reasons"]} <= {
        f"https://w3id.org/innherred/ontology#{e}" for e in why["howSure"]
    }


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("nothing there", "There is nothing about"),
        ("no IRI", "is not an IRI"),
        ("no query", "The query is not SPARQL"),
        ("an update", "SPARQL"),
        ("another server", "SERVICE"),
        ("wrong type", "least"),
        ("unknown argument", "more"),
        ("lacking", "words"),
        ("no tool", "There is no tool 'delete'"),
    ],
)
def test_errors_are_words(told, name, words):
    assert told[name].is_error
    assert words in told[name].content[0].text
