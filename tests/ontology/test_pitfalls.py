"""The OOPS! pitfalls that can be checked without a network, over the whole ontology folder."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from rdflib import Graph

from app.namespaces import INN

from . import annotation, logic, publication, structure
from .broken import BROKEN, Broken
from .vocabulary import Problem, Vocabulary

ONTOLOGY = Path(__file__).parents[2] / "ontology"
Check = Callable[[Vocabulary], Iterator[Problem]]
CHECKS: dict[str, Check] = {
    name: check
    for module in (annotation, logic, publication, structure)
    for name, check in vars(module).items()
    if callable(check) and not name.startswith("_") and (check.__doc__ or "").startswith("P")
}

# What a check finds and we keep, with the reason. An entry that no check finds any more fails the test.
READ_BACKWARDS = "SPARQL reads it backwards with ^; a second name would double the triples and say no more"
POINTS_OUT = "points to something that our own data does not describe"
ALLOWED: dict[str, dict[str, str]] = {
    "missing_domain_or_range": {
        "about": "range: a statement can be about anything",
        "alternative": "range: whatever the source may have meant",
        "premise": "range: a fact, a rule or an axiom, and OWL has no class for all three",
        "ror": "range: an address of the registry, which has no class there",
        "rule": "range: a rule file or an axiom",
        "sustainableDevelopmentGoal": "domain: goals, activities, topics and organisations alike",
    },
    "missing_inverse": {
        **dict.fromkeys(
            (
                "about", "administrativeCentre", "advances", "alternative", "alternativeSector",
                "belongsToArea", "buildsOn", "contributesTo", "hasAim", "hasFocusArea", "hasGoal", "hasGrip",
                "hasStrategicArea", "hasVision", "inActivity", "inCounty", "locatedIn", "meansTo",
                "namesPartner", "ownedBy", "partOfPlace", "partOfProgramme", "premise", "programmeType",
                "representedIn", "role", "rule", "sector", "topic", "underProgramme",
            ),
            READ_BACKWARDS,
        ),
        **dict.fromkeys(("ror", "sustainableDevelopmentGoal"), POINTS_OUT),
    },
}  # fmt: skip


@pytest.fixture(scope="module")
def vocabulary() -> Vocabulary:
    graph = Graph()
    for path in sorted(ONTOLOGY.glob("*.ttl")):
        graph.parse(path)
    return Vocabulary(graph, INN)


def test_ontology_has_terms(vocabulary):
    assert len(vocabulary.classes) > 20
    assert len(vocabulary.properties) > 50
    assert {vocabulary.name(term) for term in vocabulary.individuals} == {"stated", "interpreted", "uncertain"}


@pytest.mark.parametrize("name", CHECKS)
def test_ontology_is_free_of_pitfall(name, vocabulary):
    problems = list(CHECKS[name](vocabulary))
    allowed = ALLOWED.get(name, {})
    assert not [f"{p.term} {p.message}" for p in problems if vocabulary.name(p.term) not in allowed]
    assert allowed.keys() == {vocabulary.name(problem.term) for problem in problems}


@pytest.mark.parametrize("broken", BROKEN, ids=lambda broken: broken.check)
def test_check_catches_its_pitfall(broken: Broken):
    vocabulary = broken.vocabulary()
    assert {vocabulary.name(problem.term) for problem in CHECKS[broken.check](vocabulary)} == broken.caught


def test_every_check_has_a_broken_ontology():
    assert {broken.check for broken in BROKEN} == CHECKS.keys()


def test_every_pitfall_is_checked():
    assert {(check.__doc__ or "")[:3] for check in CHECKS.values()} == {
        "P02", "P04", "P05", "P06", "P08", "P10", "P11", "P13", "P19", "P20", "P22", "P24", "P25", "P26",
        "P27", "P28", "P29", "P31", "P32", "P33", "P34", "P35", "P36", "P38", "P39", "P40", "P41",
    }  # fmt: skip
