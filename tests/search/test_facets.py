"""Facets: what is counted and narrowed, as a plain reading of the rule would have it."""

from array import array
from itertools import islice
from pathlib import Path
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.search.facets import KIND, MOST_VALUES, Facets, Value, bits_of, keys_of, pack, unpack
from app.search.index import FacetRows, IndexRow, build_index
from app.search.lookup import SearchIndex
from app.terms import Literal

BASE = "http://example.org/id/"
LANGUAGES = ("nb", "en")
SIZES = {"big": {0, 1, 2}, "small": {2, 3, 4}}
COLOURS = {"red": {0, 3}, "blue": {1, 2, 4, 5}}


def facets() -> Facets:
    """Sizes are held as bits, colours as numbers."""
    return Facets(
        {
            "size": {key: Value(key, BASE + key, bits_of(things)) for key, things in SIZES.items()},
            "colour": {key: Value(key, BASE + key, array("I", sorted(things))) for key, things in COLOURS.items()},
        }
    )


def members(bits: int) -> set[int]:
    return {number for number in range(bits.bit_length()) if bits >> number & 1}


@given(st.sets(st.integers(0, 300)))
def test_bits_hold_a_set(numbers: set[int]) -> None:
    assert members(bits_of(numbers)) == numbers
    for all_ in (301, 1_000_000):  # as bits, and as numbers
        held = unpack(pack(array("I", sorted(numbers)), all_))
        assert Value("key", None, held).things == bits_of(numbers)
        assert len(Value("key", None, held)) == len(numbers)
    packed = unpack(pack(array("I", range(300)), 301))
    assert packed == bits_of(range(300))


@given(
    st.sets(st.integers(0, 6)),
    st.sets(st.sampled_from(sorted(SIZES))),
    st.sets(st.sampled_from([*sorted(COLOURS), "unknown"])),
)
def test_values_of_a_facet_are_alternatives_facets_add_up_and_do_not_count_themselves(
    among: set[int], sizes: set[str], colours: set[str]
) -> None:
    chosen = {name: tuple(keys) for name, keys in (("size", sizes), ("colour", colours)) if keys}

    def has(thing: int, values: dict[str, set[int]], keys: set[str]) -> bool:
        return not keys or any(thing in values.get(key, ()) for key in keys)

    found = facets()
    expected = {thing for thing in among if has(thing, SIZES, sizes) and has(thing, COLOURS, colours)}
    assert members(found.things(chosen, bits_of(among))) == expected
    for name, own, other, keys in (("size", SIZES, COLOURS, colours), ("colour", COLOURS, SIZES, sizes)):
        counts = {each.key: each.things for each in found.counts(chosen, bits_of(among))[name]}
        others = {thing for thing in among if has(thing, other, keys)}
        assert {key: number for key, number in counts.items() if number} == {
            key: len(things & others) for key, things in own.items() if things & others
        }


def test_a_value_is_chosen_by_key_or_iri_and_an_unknown_one_finds_nothing() -> None:
    found = facets()
    assert found.chosen({"size": ["big", BASE + "big", ""], "shape": ["x"]}) == {"size": ("big",)}
    assert found.chosen({"colour": ["green"]}) == {"colour": ("green",)}
    assert found.things({"colour": ("green",)}, 255) == 0
    shown = found.counts({"colour": ("green",)}, 255)["colour"]
    assert [(each.key, each.things, each.chosen) for each in shown] == [
        ("blue", 4, False), ("red", 2, False), ("green", 0, True),
    ]  # fmt: skip


@given(st.lists(st.integers(0, 4), min_size=1, max_size=40), st.integers(1, 10), st.randoms(use_true_random=False))
def test_the_most_common_come_first_and_of_equals_the_first_by_key(
    numbers: list[int], most: int, random: Random
) -> None:
    keys = [f"v{place:02}" for place in range(len(numbers))]
    random.shuffle(keys)
    things = iter(range(sum(numbers)))
    values = {
        key: Value(key, None, array("I", islice(things, number))) for key, number in zip(keys, numbers, strict=True)
    }
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("app.search.facets.MOST_VALUES", most - 1)
        found = Facets({"f": values}).counts({}, bits_of(range(sum(numbers))))["f"]
    wanted = sorted(((-number, key) for key, number in zip(keys, numbers, strict=True) if number))
    assert [(-each.things, each.key) for each in found] == wanted[:most]


def test_values_that_end_in_the_same_are_named_by_their_iris() -> None:
    values = ["http://a.example/x#one", "http://a.example/y/one", "http://a.example/two/", "2024"]
    assert keys_of(values) == {
        "http://a.example/x#one": "http://a.example/x#one",
        "http://a.example/y/one": "http://a.example/y/one",
        "http://a.example/two/": "two",
        "2024": "2024",
    }


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> SearchIndex:
    names = ["Ås båt", "Bekk båt", "Cato båt", "Dal", "Elv båt"]
    rows = [
        IndexRow(
            BASE + f"{'boat' if n % 2 else 'place'}/{n}",
            "boat" if n % 2 else "place",
            (),
            (Literal(name, "nb"),),
            (),
            (),
        )
        for n, name in enumerate(names)
    ]
    pairs = [(row.iri, "http://example.org/colour/red") for row in rows[:3]] + [(BASE + "nothing", "x")]
    path = tmp_path_factory.mktemp("facets") / "search.sqlite"
    build_index(path, rows, [FacetRows("colour", pairs)])
    return SearchIndex(path)


def test_a_search_is_narrowed_and_counted(index: SearchIndex) -> None:
    page = index.search("båt", LANGUAGES, chosen={"colour": ("red",), KIND: ("place",)}, limit=9)
    assert {hit.label for hit in page.hits} == {"Ås båt", "Cato båt"}
    assert {each.key: each.things for each in page.counts[KIND]} == {"place": 2, "boat": 1}
    assert {each.key: each.things for each in page.counts["colour"]} == {"red": 2}


def test_without_words_everything_with_a_value_is_listed_alphabetically(index: SearchIndex) -> None:
    page = index.search("", LANGUAGES, chosen={"colour": ("red",)}, limit=2)
    assert (page.total, [hit.label for hit in page.hits]) == (3, ["Bekk båt", "Cato båt"])
    rest = index.search("", LANGUAGES, chosen={"colour": ("red",)}, limit=2, offset=2)
    assert [hit.label for hit in rest.hits] == ["Ås båt"]


def test_without_anything_only_what_can_be_chosen_is_given(index: SearchIndex) -> None:
    page = index.search("", LANGUAGES, limit=9)
    assert (page.total, page.hits) == (0, ())
    assert {each.key: each.things for each in page.counts[KIND]} == {"place": 3, "boat": 2}


def test_a_list_is_narrowed_and_does_not_leave_its_kind(index: SearchIndex) -> None:
    page = index.things("place", LANGUAGES, chosen={"colour": ("red",), KIND: ("boat",)}, limit=9)
    assert [hit.label for hit in page.hits] == ["Cato båt", "Ås båt"]
    assert index.things("nothing", LANGUAGES, limit=9).total == 0


def test_a_language_without_an_order_of_its_own_has_the_first(index: SearchIndex) -> None:
    assert [hit.label for hit in index.things("boat", ("fr",), limit=9).hits] == ["Bekk båt", "Dal"]


def test_an_index_of_nothing_finds_nothing(tmp_path: Path) -> None:
    build_index(tmp_path / "empty.sqlite", [])
    empty = SearchIndex(tmp_path / "empty.sqlite")
    assert empty.kinds() == {}
    assert empty.search("x", LANGUAGES, chosen={"colour": ("red",)}, limit=9).total == 0
    assert empty.suggest("x", LANGUAGES, limit=9) == ()


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> SearchIndex:
    """So many boats, each with an owner of its own, who has a name."""
    boats = [IndexRow(f"{BASE}boat/{n}", "boat", (), (Literal(f"Boat {n}", "en"),), (), ()) for n in range(MANY)]
    owners = [IndexRow(f"{BASE}owner/{n}", "owner", (), (Literal(f"Owner {n}", "en"),), (), ()) for n in range(MANY)]
    pairs = [(boat.iri, owner.iri) for boat, owner in zip(boats, owners, strict=True)] + [(boats[0].iri, "lone text")]
    path = tmp_path_factory.mktemp("many") / "search.sqlite"
    build_index(path, [*boats, *owners], [FacetRows("owner", pairs)])
    return SearchIndex(path)


MANY = 600


def test_what_rare_values_take_is_what_the_pairs_are(many: SearchIndex) -> None:
    held = [value.held for value in many.facets.values["owner"].values()]
    assert [type(each) for each in held] == [array] * (MANY + 1)
    assert sum(map(len, held)) == MANY + 1


def test_of_many_values_the_most_common_are_counted_and_one_more_tells_that_there_are_others(many: SearchIndex) -> None:
    page = many.things("boat", LANGUAGES, chosen={"owner": ("599", "nobody")}, limit=9)
    assert [hit.label for hit in page.hits] == ["Boat 599"]
    counts = page.counts["owner"]
    assert len([each for each in counts if not each.chosen]) == MOST_VALUES + 1
    assert {each.key: each.things for each in counts if each.chosen} == {"599": 1, "nobody": 0}


@pytest.mark.parametrize(
    ("words", "found"), [("owner 599", {"599"}), ("LONE", {"lone text"}), ("nothing at all", set())]
)
def test_other_values_are_found_by_words_in_their_names_or_in_themselves(
    many: SearchIndex, words: str, found: set[str]
) -> None:
    for page in (
        many.things("boat", LANGUAGES, values={"owner": words}, limit=9),
        many.search("boat", LANGUAGES, values={"owner": words}, limit=9),
        many.search("", LANGUAGES, values={"owner": words}, limit=9),
    ):
        assert {each.key for each in page.counts["owner"]} == found


def test_the_values_of_a_thing_are_those_that_it_has(many: SearchIndex) -> None:
    assert {value.key for value in many.values_of(f"{BASE}boat/0")["owner"]} == {"0", "lone text"}
    assert many.values_of(f"{BASE}owner/0") == {}
