"""The engine is an engine: nothing of one region is in it."""

import re
from pathlib import Path

import pytest

from app.namespaces import INN

APP = Path(__file__).parents[1] / "app"
# Names of the shipped content: region, municipalities, partners, programmes, classes of its ontology.
NAMES = re.compile(
    r"Snåsa|Steinkjer|Inderøy|Verdal|Levanger|Trøndelag|Europakontor|Nordplus|Erasmus|Interreg|regionråd"
    r"|\binn:(?!Claim\b|Entailment\b|certainty|rationale|rule\b|premise\b|alternative\b|stated|interpreted|uncertain|View\b|includesGraph|excludesGraph|toBeDoneBy|`)\w+"
    r"|municipalit|\bgrips?\b|strateg",
    re.IGNORECASE,
)
# The terms of provenance, of views and of who can act that the engine knows (docs/architecture.md).
KNOWN = {"Claim", "certainty", "rationale", "alternative", "stated", "interpreted", "uncertain"} | {
    "Entailment",
    "rule",
    "premise",
    "View",
    "includesGraph",
    "excludesGraph",
    "toBeDoneBy",
}
# What "new region" writes is a content: its own words are in it.
REGION = APP / "defaults" / "new" / "region"
FILES = sorted(
    path
    for path in APP.rglob("*")
    if path.suffix in {".py", ".html", ".rq", ".ttl", ".po", ".pot"}
    and "_bundled" not in path.parts
    and not path.is_relative_to(REGION)
)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.relative_to(APP).as_posix())
def test_no_file_of_the_engine_names_the_content(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert sorted({match.group() for match in NAMES.finditer(text)}) == []
    assert set(re.findall(r"INN \+ \"(\w+)\"", text)) <= KNOWN
    assert set(re.findall(re.escape(INN) + r"(\w+)", text)) <= KNOWN


def test_the_rule_above_catches_what_it_is_for() -> None:
    for text in (
        "Hvem er med i Verdal?",
        "inn:Municipality",
        "a list of municipalities",
        "the grip",
        "Bare strategien",
    ):
        assert NAMES.search(text), text
    for text in ("inn:Claim", "inn:certainty", "gripping"):
        assert not NAMES.search(text), text
