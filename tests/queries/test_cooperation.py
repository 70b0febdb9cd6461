"""Who cooperates with whom, as the rules conclude it from the shipped content."""

from pathlib import Path

import pytest

from app.namespaces import INN
from app.query.library import Library
from app.store.embedded import EmbeddedStore

RULES = Library.load([Path(__file__).parents[2] / "queries"]).rules
NAMES = ("cooperates-with", "cooperates-with-partner")
ID = "https://w3id.org/innherred/id/"
FIVE = ("snasa", "steinkjer", "inderoy", "verdal", "levanger")


@pytest.fixture(scope="module")
def cooperating(store: EmbeddedStore) -> set[frozenset[str]]:
    """Give the pairs, in whichever order."""
    found = [triple for name in NAMES for triple in store.construct(RULES[name].bound({}))]
    assert {predicate for _, predicate, _ in found} == {INN + "cooperatesWith"}
    return {frozenset(str(end).removeprefix(ID) for end in (one, other)) for one, _, other in found}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("municipality/levanger", "municipality/herceg-novi"),
        ("municipality/steinkjer", "organisation/kun"),
        ("municipality/snasa", "organisation/saemien-sijte"),
        ("municipality/levanger", "organisation/norce"),
        *(("municipality/" + one, "municipality/" + other) for one in FIVE for other in FIVE if one < other),
    ],
)
def test_partners_and_those_in_a_project_cooperate(cooperating: set[frozenset[str]], one: str, other: str) -> None:
    assert {one, other} in cooperating


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("organisation/den-norske-skolen-i-brussel", "organisation/hagelstamska-skolan"),
        ("municipality/kramfors", "municipality/varde"),
        ("municipality/levanger", "organisation/levart"),
        ("municipality/levanger", "organisation/naboer-ab"),
        ("municipality/levanger", "organisation/universitetet-i-gdansk"),
        ("municipality/snasa", "organisation/gielem-nastedh"),
        ("municipality/snasa", "organisation/trondelags-europakontor"),
        ("municipality/verdal", "organisation/usht"),
        ("municipality/verdal", "municipality/verdal"),
    ],
)
def test_a_shared_cell_body_or_unit_is_no_cooperation(cooperating: set[frozenset[str]], one: str, other: str) -> None:
    assert {one, other} not in cooperating


@pytest.mark.parametrize("name", NAMES)
def test_cooperation_is_a_reading_with_a_rationale(name: str) -> None:
    assert RULES[name].certainty == INN + "interpreted"
    assert set(RULES[name].rationale) == {"nb", "en"}
