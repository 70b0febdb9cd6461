"""What comes first, what is suggested, what a mistyped word is taken for, and which piece of text is shown."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.search import ranking
from app.search.folding import excerpt, terms
from app.search.index import IndexRow, build_index
from app.search.lookup import SearchIndex, searched_terms
from app.search.ranking import distance
from app.terms import Literal

BASE = "http://example.org/id/"
LANGUAGES = ("nb", "en")


def row(path: str, *labels: str, names: tuple[str, ...] = (), text: str = "") -> IndexRow:
    texts = (Literal(text, "nb"),) if text else ()
    kind = path.partition("/")[0] if "/" in path else None
    return IndexRow(BASE + path, kind, (), tuple(Literal(each, "nb") for each in labels), names, texts)


ROWS = [
    row("passage/1", "Havn i sør"),
    row("town/1", "Havn"),
    row("town/2", "Havneby"),
    row("town/3", "Storby", names=("Havn gård",)),
    row("town/4", "Gamle Havn"),
    row("town/5", "Indre by", text="En by med havn og fjell."),
    row("town/6", "Værøy"),
    row("town/7", "Snåsa kommune", "Snåasen tjïelte"),
    row("town/8", "Karasjok", "Kárášjohka"),
    row("town/9", "Östersund"),
    row("town/10", "Steinvik"),
    row("town/11", "Steinvikholmen"),
    row("term", "Havn"),
]


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> SearchIndex:
    path = tmp_path_factory.mktemp("ranking") / "search.sqlite"
    build_index(path, ROWS, last=[BASE + "passage/1", BASE + "term", BASE + "none"])
    return SearchIndex(path)


def found(index: SearchIndex, text: str) -> list[str]:
    return [hit.iri.removeprefix(BASE) for hit in index.search(text, LANGUAGES, limit=20).hits]


def test_whole_names_come_first_then_beginnings_then_words_then_texts(index: SearchIndex) -> None:
    order = found(index, "havn")
    assert set(order[:2]) == {"town/1", "term"}
    assert order[2:] == ["town/2", "town/3", "town/4", "town/5", "passage/1"]


@pytest.mark.parametrize(
    ("text", "thing"),
    [
        ("Værøy", "town/6"), ("vaeroy", "town/6"), ("vaeroey", "town/6"), ("VÆROEY", "town/6"),
        ("snåsa", "town/7"), ("snasa", "town/7"), ("snaasa", "town/7"), ("tjielte", "town/7"), ("snå", "town/7"),
        ("karasjohka", "town/8"), ("Kárášjohka", "town/8"), ("ostersund", "town/9"), ("Oestersund", "town/9"),
    ],
)  # fmt: skip
def test_letters_are_found_with_and_without_marks(index: SearchIndex, text: str, thing: str) -> None:
    assert found(index, text) == [thing]


@given(st.text(max_size=30), st.integers(0, 30))
def test_what_begins_a_word_begins_it_in_the_index_too(word: str, length: int) -> None:
    whole = terms(word)
    if len(whole) == 1 and word.isalnum() and (beginning := terms(word[:length])):
        assert whole[0].startswith(beginning[0])


@pytest.mark.parametrize("text", ["stenvik", "Stienvik", "steinvki", "steivnik", "steinviik", "steinwkk"])
def test_a_mistyped_word_is_taken_for_the_nearest(index: SearchIndex, text: str) -> None:
    page = index.search(text, LANGUAGES, limit=5)
    assert (page.corrected, page.meant) == (True, "Steinvik")
    assert page.hits[0].label == "Steinvik"
    assert index.suggest(text, LANGUAGES, limit=5)[0].label == "Steinvik"


def test_only_the_mistyped_word_is_replaced(index: SearchIndex) -> None:
    assert index.search("gamle hvan", LANGUAGES, limit=5).meant == "gamle Havn"


def test_what_is_near_nothing_is_not_replaced(index: SearchIndex) -> None:
    for text in ("qqqqqqqq", "abc", "9999"):
        page = index.search(text, LANGUAGES, limit=5)
        assert (page.total, page.meant, page.corrected) == (0, None, False)


def test_suggestions_are_names_not_texts(index: SearchIndex) -> None:
    labels = [hit.label for hit in index.suggest("hav", LANGUAGES, limit=20)]
    assert labels[0].startswith("Havn")
    assert "Indre by" not in labels
    assert "Gamle Havn" in labels
    assert index.suggest("  ", LANGUAGES, limit=5) == ()


def test_suggestions_are_first_what_is_shown_by_that_name(tmp_path: Path) -> None:
    labels = ((Literal("Mål", "nb"), Literal("Aim", "en")), (Literal("Aimas", "nb"), Literal("Hill", "en")))
    rows = [IndexRow(BASE + f"a/{n}", "a", (), each, (), ()) for n, each in enumerate(labels)]
    build_index(tmp_path / "s.sqlite", rows)
    index = SearchIndex(tmp_path / "s.sqlite")
    assert [hit.label for hit in index.suggest("aim", ("nb", "en"), limit=2)] == ["Aimas", "Mål"]
    assert [hit.label for hit in index.suggest("aim", ("en", "nb"), limit=2)] == ["Aim", "Hill"]


def test_more_than_is_looked_at_is_told(index: SearchIndex, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ranking, "MOST", 3)
    page = index.search("h", LANGUAGES, limit=2)
    assert not page.complete
    assert len(page.hits) == 2


@pytest.mark.parametrize(
    "text",
    [
        "x" * 10_000,
        "ord " * 1_000,
        '"' * 500,
        "\u202eabc\u202c",
        "<b>x</b>",
        "a\x00b",
        "NEAR(a b)",
        "label:x",
        "\ud800",
    ],
)
def test_hostile_text_is_only_text(index: SearchIndex, text: str) -> None:
    assert index.search(text, LANGUAGES, limit=3).total >= 0
    assert len(index.suggest(text, LANGUAGES, limit=3)) <= 3
    assert len(searched_terms(text)) <= 12


@given(st.text("abc", max_size=7), st.text("abc", max_size=7))
def test_distance_is_symmetric_and_zero_only_for_the_same(one: str, other: str) -> None:
    assert distance(one, other, 9) == distance(other, one, 9)
    assert (distance(one, other, 9) == 0) == (one == other)
    assert distance(one, other, 1) == min(distance(one, other, 9), 2)


@pytest.mark.parametrize(
    ("one", "other", "errors"),
    [("ab", "ba", 1), ("abc", "ac", 1), ("ac", "abc", 1), ("abc", "adc", 1), ("abcd", "badc", 2)],
)
def test_a_swap_is_one_error(one: str, other: str, errors: int) -> None:
    assert distance(one, other, 3) == errors


def test_an_excerpt_marks_words_and_cuts_at_words() -> None:
    text = "Begynnelsen " * 20 + "og så en Havneby ved sjøen " + "slutten " * 60
    pieces = excerpt(text, terms("havn"))
    assert [piece for piece, marked in pieces if marked] == ["Havneby"]
    assert pieces[0] == ("… ", False)
    assert pieces[-1] == (" …", False)
    assert len("".join(piece for piece, _ in pieces)) < 300
    assert excerpt("ingen av dem", terms("havn")) == ()


@given(st.text(max_size=80), st.text(max_size=10))
def test_an_excerpt_adds_no_text(text: str, searched: str) -> None:
    pieces = excerpt(text, terms(searched))
    assert "".join(piece for piece, _ in pieces if piece not in ("… ", " …")) in text


def test_the_excerpt_is_in_the_wanted_language(tmp_path: Path) -> None:
    texts = (Literal("A harbour", "en"), Literal("En harbour til", "nb"), Literal("harbour"))
    build_index(tmp_path / "s.sqlite", [IndexRow(BASE + "a/1", "a", (), (Literal("X", "nb"),), (), texts)])
    index = SearchIndex(tmp_path / "s.sqlite")
    for languages, expected in ((("nb", "en"), ("En harbour til", "nb")), (("en", "nb"), ("A harbour", "en"))):
        hit = index.search("harbour", languages, limit=1).hits[0]
        assert (hit.excerpt, hit.pieces_language) == expected
