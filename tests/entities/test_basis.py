"""The switch of what things rest on: the views of a content and all data."""

from app.entities.basis import bases, data_graphs
from app.terms import Dataset, Iri

BASE = "http://example.org/"
PLAN, READING, ENTAILED = (Iri(f"{BASE}graph/{name}") for name in ("plan", "reading", "entailed/plan"))
DATA = data_graphs((PLAN, READING, ENTAILED, Iri(BASE + "graph/shapes"), Iri(BASE + "graph/reasons")), BASE)


def test_without_views_all_is_the_only_position() -> None:
    found = bases((), DATA)
    assert list(found) == ["all"]
    assert (found["all"].dataset, found["all"].graphs) == (None, {PLAN, READING, ENTAILED})


def test_views_come_first_in_their_order_each_with_its_dataset() -> None:
    found = bases(
        [
            {"name": "plan", "label": {"nb": "Planen"}, "graphs": [PLAN, ENTAILED]},
            {"name": "entered", "label": {}, "graphs": [PLAN, READING]},
        ],
        DATA,
    )
    assert list(found) == ["plan", "entered", "all"]
    assert found["plan"].dataset == Dataset((ENTAILED, PLAN), (ENTAILED, PLAN))
    assert found["plan"].label == {"nb": "Planen"}
    assert [found[name].entails(ENTAILED) for name in found] == [True, False, True]


def test_a_view_that_leaves_nothing_out_is_the_default_graph() -> None:
    assert bases([{"name": "whole", "label": {}, "graphs": sorted(DATA)}], DATA)["whole"].dataset is None
