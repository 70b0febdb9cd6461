"""The checks of who takes part find what they are for, and leave alone what is as it should be."""

import io
from pathlib import Path

import pytest

from app.content.reading import InputFile, parse
from app.query.library import Library
from app.store.embedded import EmbeddedStore
from app.terms import Iri

CHECKS = Library.load([Path(__file__).parents[2] / "queries"]).checks
PREFIXES = """@prefix inn: <https://w3id.org/innherred/ontology#> .
@prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix role: <https://w3id.org/innherred/id/role/> .
@prefix : <https://example.org/> .
"""
NAMESAKE = """:part inn:role role:partner ; inn:participant :firm ; inn:inActivity :activity .
:firm rdfs:label "Firma"@nb . :activity rdfs:label "Firma – et prosjekt"@nb ."""
SECTOR = ":part inn:sector :one ; inn:alternativeSector :other ."
CLAIM = (
    ":claim rdf:subject :part ; rdf:predicate inn:sector ; rdf:object :one ; inn:alternative :other ; inn:certainty "
)
CASES = [
    ("partner-namesake", NAMESAKE, True),
    ("partner-namesake", NAMESAKE + ':part inn:rationale "De er to."@nb .', False),
    ("partner-namesake", NAMESAKE.replace("role:partner", "role:utforende-enhet"), False),
    ("partner-namesake", NAMESAKE.replace('"Firma – ', '"Et '), False),
    ("alternative-sector", SECTOR, True),
    ("alternative-sector", SECTOR + CLAIM + "inn:interpreted .", True),
    ("alternative-sector", SECTOR + CLAIM + "inn:uncertain .", False),
]


@pytest.mark.parametrize(("check", "text", "found"), CASES)
def test_a_check_finds_what_it_is_for(check: str, text: str, found: bool) -> None:
    file = InputFile(Path("data/x.ttl"), "data/x.ttl", Iri("https://example.org/graph"), "data")
    quads = parse(io.BytesIO((PREFIXES + text).encode()), file, "https://example.org/")
    store = EmbeddedStore.in_memory([(triple, None) for triple, _ in quads])
    assert bool(store.select(CHECKS[check].bound({})).rows) == found
