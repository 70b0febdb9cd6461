"""The class hierarchy."""

from hypothesis import given
from hypothesis import strategies as st

from app.entities.classes import Classes
from app.terms import Iri

A, B, C, D = (Iri(f"http://example.org/{name}") for name in "ABCD")
CLASSES = Classes({A: {B}, B: {C}, D: {C}})


def test_the_order_is_from_narrow_to_broad() -> None:
    assert CLASSES.order([A]) == [A, B, C]
    assert CLASSES.order([C, A]) == [A, B, C]


def test_the_narrowest_are_those_with_nothing_below() -> None:
    assert CLASSES.narrowest([A, B, C, D]) == [A, D]


def test_a_cycle_ends_and_hides_nothing() -> None:
    cycle = Classes({A: {B}, B: {A}})
    assert cycle.narrowest([A, B]) == [A, B]
    assert cycle.order([A]) == [A, B]


names = st.sampled_from([A, B, C, D])


@given(st.dictionaries(names, st.sets(names)), st.sets(names))
def test_every_class_is_in_its_order_once(broader: dict[Iri, set[Iri]], given_classes: set[Iri]) -> None:
    order = Classes(broader).order(sorted(given_classes))
    assert len(order) == len(set(order))
    assert given_classes <= set(order)
