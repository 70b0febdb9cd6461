"""Labels and the order of languages."""

import pytest

from app.entities.labels import best, from_iri, look_up, preferred_languages
from app.namespaces import PREFIXES, RDFS_LABEL
from app.store.embedded import EmbeddedStore
from app.terms import Iri, Literal

A, B, C, D = (Iri(f"http://example.org/{name}") for name in "abcd")
TITLE = Iri(PREFIXES["dcterms"] + "title")
STORE = EmbeddedStore.in_memory(
    [
        ((A, RDFS_LABEL, Literal("Å", "nb")), None),
        ((A, RDFS_LABEL, Literal("Aa", "en")), None),
        ((B, RDFS_LABEL, Literal("Bé", "fr")), None),
        ((C, TITLE, Literal("Tittel", "nb")), Iri("http://example.org/graph")),
        ((C, RDFS_LABEL, Literal("Label", "en")), None),
    ]
)


@pytest.mark.parametrize(
    ("requested", "content", "order"),
    [
        ("nb", ("nb", "en"), ("nb", "no", "nn", "en")),
        ("en", ("nb", "en"), ("en", "nb", "no", "nn")),
        ("nn", ("nn", "de"), ("nn", "no", "nb", "de", "en")),
        ("sv", ("sv",), ("sv", "nb", "no", "nn", "en")),
    ],
)
def test_the_requested_language_goes_first_then_those_of_the_content(
    requested: str, content: tuple[str, ...], order: tuple[str, ...]
) -> None:
    assert preferred_languages(requested, content) == order


def test_labels_of_many_things_come_in_the_wanted_language() -> None:
    labels = look_up(STORE, [A, B, C, D, Literal("x"), None], ("nb", "en"))
    assert [str(labels[each]) for each in (A, B, C, D)] == ["Å", "Bé", "Tittel", "d"]
    assert [labels[each].foreign for each in (A, B)] == [False, True]
    assert not labels[D].found


def test_labels_of_the_default_graph_and_named_graphs_count() -> None:
    assert look_up(STORE, [C], ("en",))[C].text == "Label"


@pytest.mark.parametrize(
    ("iri", "text"),
    [
        ("http://www.w3.org/2004/02/skos/core#Concept", "skos:Concept"),
        ("http://example.org/a/b", "b"),
        ("http://example.org/a#b", "b"),
        ("urn:x", "urn:x"),
    ],
)
def test_a_thing_without_label_is_named_by_its_iri(iri: str, text: str) -> None:
    assert from_iri(iri).text == text


def test_the_best_of_no_literals_is_none() -> None:
    assert best([], ("nb",)) is None
    assert best([Literal("x", "nb-NO"), Literal("a")], ("nb",)) is not None


def test_a_region_of_the_wanted_language_is_not_foreign() -> None:
    label = best([Literal("x", "nb-NO"), Literal("a")], ("nb",))
    assert label is not None
    assert (label.text, label.foreign) == ("x", False)
