"""How letters are folded and sorted."""

from unicodedata import combining, normalize

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.search.folding import fold, sort_key, words


@pytest.mark.parametrize(
    ("text", "folded"),
    [("Snåsa", "snasa"), ("Inderøy", "inderoy"), ("Ærlig", "aerlig"), ("Snåase ï", "snaase i"), ("Đ Ŧ Ŋ", "d t n")],
)
def test_folding_takes_marks_and_letters_of_the_north_apart(text: str, folded: str) -> None:
    assert fold(text) == folded


@given(st.text())
def test_folding_twice_is_folding_once(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@given(st.text())
def test_folding_character_by_character_is_folding_the_whole(text: str) -> None:
    # Compatibility caseless form (Unicode §3.13, D146).
    caseless = normalize("NFKD", normalize("NFKD", text.casefold()).casefold())
    plain = "".join(each for each in caseless if not combining(each))
    assert fold(text) == plain.translate({ord(each): fold(each) for each in set(plain)})


def test_sorting_follows_the_norwegian_alphabet() -> None:
    names = ["Åfjord", "Østre", "Ærøy", "Alta", "Zakk", "Tur 10", "Tur 9"]
    assert sorted(names, key=lambda name: sort_key(name, "nb")) == [
        "Alta", "Tur 9", "Tur 10", "Zakk", "Ærøy", "Østre", "Åfjord",
    ]  # fmt: skip


def test_words_hold_no_signs_of_the_search_syntax() -> None:
    assert words('a "b* NEAR(c) -d:e') == ["a", "b", "NEAR", "c", "d", "e"]
