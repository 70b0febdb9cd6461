"""How like two names are."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.search.likeness import folded, likeness

NAMES = st.lists(st.text("abcdeæøåïöš", min_size=1, max_size=9), max_size=4).map(" ".join)


@given(NAMES, NAMES)
def test_it_is_a_share_and_the_same_both_ways(one, other):
    a, b = folded(one), folded(other)
    assert 0 <= likeness(a, b) <= 1
    assert likeness(a, b) == pytest.approx(likeness(b, a))
    assert likeness(a, a) == (1 if a else 0)


@pytest.mark.parametrize(
    ("typed", "name", "least", "most"),
    [
        ("Snåase", "snaase", 1, 1),
        ("Åesvere", "AESVERE", 1, 1),
        ("Havdalkommune", "Havdal kommune", 0.98, 0.98),
        ("kommune Havdal", "Havdal kommune", 0.97, 0.97),
        ("Havdall kommune", "Havdal kommune", 0.9, 0.97),
        ("Havdla kommune", "Havdal kommune", 0.85, 0.97),
        ("Havdal kom.", "Havdal kommune", 0.85, 0.97),
        ("Havdal kommune, Norge", "Havdal kommune", 0.8, 0.97),
        ("Bekk kommune", "Havdal kommune", 0.3, 0.7),
        ("Bekk", "Havdal", 0, 0),
    ],
)
def test_names_as_people_write_them(typed, name, least, most):
    assert least <= likeness(folded(typed), folded(name)) <= most
