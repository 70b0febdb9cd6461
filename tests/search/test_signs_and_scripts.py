"""Searches for names with signs, and in scripts that are written without spaces, with marks, or in two cases."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.search.folding import excerpt, plain_terms, signed_terms, terms
from app.search.index import IndexRow, build_index
from app.search.likeness import alike
from app.search.lookup import SearchIndex
from app.terms import Literal

BASE = "http://example.org/id/x/"
LANGUAGES = ("nb", "en")
NAMES = [
    *("C", "C++", "C++17 in depth", "C#", "Cobol", ".NET", "NET (network)", "ASP.NET", "F#", "Erasmus+", "Erasmus"),
    *("§ 5", "§ 7", "5", "5 €", "R & D", "a → b"),
    *("東京都", "京都市", "北海道", "カタカナ", "ประเทศไทย", "กรุงเทพมหานคร", "ភាសាខ្មែរ", "မြန်မာ"),
    *("مُحَمَّد", "كتاب", "שָׁלוֹם עולם", "ΟΔΟΣ", "Ἀθῆναι", "МОСКВА", "Ёлка", "हिन्दी भाषा", "한국어 사전"),
    *("Snåase", "Kárášjohka", "Deatnu", "Đáŋŋá"),
]


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> SearchIndex:
    path = tmp_path_factory.mktemp("signs") / "search.sqlite"
    build_index(path, [IndexRow(f"{BASE}{n:02}", "x", (), (Literal(name),), (), ()) for n, name in enumerate(NAMES)])
    return SearchIndex(path)


def found(index: SearchIndex, text: str) -> list[str]:
    return [hit.label for hit in index.search(text, LANGUAGES, limit=50).hits]


@pytest.mark.parametrize(
    ("text", "labels"),
    [
        ("C++", ["C++", "C++17 in depth"]),
        ("c++ depth", ["C++17 in depth"]),
        ("C#", ["C#"]),
        ("F#", ["F#"]),
        (".net", [".NET"]),
        (".NET", [".NET"]),
        ("Erasmus+", ["Erasmus+"]),
        ("§ 5", ["§ 5"]),
        ("§5", ["§ 5"]),
        ("5 §", ["§ 5"]),
        ("§", ["§ 5", "§ 7"]),
        ("€", ["5 €"]),
        ("→", ["a → b"]),
        ("京都", ["京都市", "東京都"]),
        ("都", ["東京都", "京都市"]),
        ("東京", ["東京都"]),
        ("海道", ["北海道"]),
        ("タカ", ["カタカナ"]),
        ("ｶﾀｶﾅ", ["カタカナ"]),
        ("ไทย", ["ประเทศไทย"]),
        ("เทพ", ["กรุงเทพมหานคร"]),
        ("ខ្មែរ", ["ភាសាខ្មែរ"]),
        ("မာ", ["မြန်မာ"]),
        ("محمد", ["مُحَمَّد"]),
        ("كـتـاب", ["كتاب"]),
        ("שלום", ["שָׁלוֹם עולם"]),
        ("οδός", ["ΟΔΟΣ"]),
        ("αθηναι", ["Ἀθῆναι"]),
        ("москва", ["МОСКВА"]),
        ("елка", ["Ёлка"]),
        ("हिन्दी", ["हिन्दी भाषा"]),
        ("한국", ["한국어 사전"]),
        ("snåase", ["Snåase"]),
        ("karasjohka", ["Kárášjohka"]),
        ("dánná", ["Đáŋŋá"]),
    ],
)
def test_a_name_is_found(index: SearchIndex, text: str, labels: list[str]) -> None:
    assert found(index, text)[: len(labels)] == labels or sorted(found(index, text)) == sorted(labels)
    assert labels[0] in {hit.label for hit in index.suggest(text, LANGUAGES, limit=5)}


def test_a_word_without_its_signs_finds_it_too(index: SearchIndex) -> None:
    assert found(index, "C")[0] == "C"
    assert {"C", "C++", "C#"} <= set(found(index, "c"))
    assert {"ASP.NET", ".NET"} <= set(found(index, "net"))
    assert found(index, "erasmus") == ["Erasmus", "Erasmus+"]


def test_a_sign_that_nothing_has_does_not_hide_the_word(index: SearchIndex) -> None:
    assert found(index, "Cobol+") == ["Cobol"]
    assert found(index, "Deatnu #") == ["Deatnu"]
    assert found(index, "Kárášjohka.") == ["Kárášjohka"]


def test_no_other_part_of_a_word_without_spaces_is_found(index: SearchIndex) -> None:
    assert found(index, "京東") == []
    assert found(index, "京都 海") == []


def test_signs_make_no_other_name_in_reconciliation(index: SearchIndex) -> None:
    assert {each.hit.label for each in alike(index, "Erasmus", LANGUAGES) if each.same} == {"Erasmus", "Erasmus+"}


def test_a_mistyped_word_is_mended_without_the_signs_of_the_index(index: SearchIndex) -> None:
    assert index.search("erasmsu", LANGUAGES, limit=5).meant in ("Erasmus", "erasmus")


@pytest.mark.parametrize(
    ("text", "searched", "marked"),
    [
        ("Skrevet i C++, C og C#.", "C++", ["C++"]),
        ("Bygd på .NET og Net", ".net", [".NET"]),
        ("Etter § 5 i loven", "§", ["§"]),
        ("日本の首都は東京都です", "東京都", ["東京都"]),
        ("日本の首都は東京都です", "都", ["都", "都"]),
        ("ประเทศไทยงาม", "ไทย", ["ไทย"]),
        ("שָׁלוֹם עולם", "שלום", ["שָׁלוֹם"]),
    ],
)
def test_an_excerpt_marks_what_is_searched_for(text: str, searched: str, marked: list[str]) -> None:
    assert [piece for piece, hit in excerpt(text, signed_terms(searched)) if hit] == marked


def test_an_excerpt_of_a_long_text_without_spaces_is_short() -> None:
    pieces = excerpt("漢字" * 200 + "東京" + "仮名" * 4000, signed_terms("東京"))
    assert [piece for piece, hit in pieces if hit] == ["東京"]
    assert 100 < sum(len(piece) for piece, _ in pieces) < 300


@given(st.text(alphabet="京都東海字", min_size=1, max_size=8), st.integers(0, 7), st.integers(1, 8))
def test_every_part_of_a_word_without_spaces_has_its_terms_in_the_whole(text: str, start: int, length: int) -> None:
    whole = signed_terms(text)
    for each in signed_terms(text[start : start + length]):
        assert any(term.startswith(each) for term in whole)


@given(st.text(max_size=60))
def test_terms_without_signs_are_those_that_names_are_compared_by(text: str) -> None:
    assert plain_terms(signed_terms(text)) == terms(text)
    assert all(term and not term.isspace() and " " not in term for term in signed_terms(text))
