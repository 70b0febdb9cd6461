"""Labels and the order of languages."""

import pytest

from app.entities.labels import Remembered, best, from_iri, look_up, preferred_languages
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


def test_what_is_remembered_is_not_asked_for_again() -> None:
    remembered, nothing = Remembered(), EmbeddedStore.in_memory([])
    first = look_up(STORE, [A, D], ("nb", "en"), remembered)
    again = look_up(nothing, [A, B, D], ("nb", "en"), remembered)
    assert (again[A], again[D]) == (first[A], first[D])
    assert str(again[B]) == "b"
    assert str(look_up(STORE, [A], ("en", "nb"), remembered)[A]) == "Aa"


def test_so_much_is_remembered_and_no_more() -> None:
    remembered, nothing = Remembered(2), EmbeddedStore.in_memory([])
    look_up(STORE, [A, B], ("nb",), remembered)
    look_up(STORE, [C], ("nb",), remembered)
    assert [str(look_up(nothing, [each], ("nb",), remembered)[each]) for each in (A, C)] == ["a", "Tittel"]
    remembered = Remembered(2)
    look_up(STORE, [A, B, D], ("nb",), remembered)
    assert not remembered.of([A, B, D], ("nb",))
    long = EmbeddedStore.in_memory([((A, RDFS_LABEL, Literal("x" * 1000, "nb")), None)])
    assert len(look_up(long, [A], ("nb",), remembered)[A].text) == 1000
    assert not remembered.of([A], ("nb",))


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
