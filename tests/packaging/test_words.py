"""The words that readers meet are chosen once (``words.yaml``): interface, model, checks and queries keep to them."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from babel.messages.pofile import read_po

from app.content.reading import InputFile, read
from app.namespaces import PREFIXES
from app.terms import Literal

ROOT = Path(__file__).parents[2]
CHOSEN = yaml.safe_load((Path(__file__).parent / "words.yaml").read_text("utf-8"))
PATTERNS = [(lang, re.compile(each["not"], re.IGNORECASE), each["write"]) for lang in CHOSEN for each in CHOSEN[lang]]
# What a text of ours quotes is another's.
QUOTED = re.compile(r"«[^»]*»|“[^”]*”|`[^`]*`")
# Texts that stand in a source word for word, or where it says so.
WORD_FOR_WORD = {PREFIXES["oa"] + "exact", PREFIXES["inn"] + "officialText", PREFIXES["inn"] + "locator"}


def of_interface() -> Iterator[tuple[str, str, str]]:
    """Give the words of the interface, English and Norwegian."""
    path = ROOT / "app/web/translations/nb/LC_MESSAGES/messages.po"
    with path.open("rb") as file:
        for message in read_po(file):
            for lang, texts in (("en", message.id), ("nb", message.string)):
                for text in (texts,) if isinstance(texts, str) else texts:
                    yield path.name, lang, text


def of_turtle(*folders: str) -> Iterator[tuple[str, str, str]]:
    """Give the texts of Turtle files."""
    for path in sorted(each for folder in folders for each in (ROOT / folder).rglob("*.ttl")):
        for (_, predicate, value), place in read(InputFile(path, path.name, None, "words"), "http://localhost/"):
            if isinstance(value, Literal) and value.language and predicate not in WORD_FOR_WORD:
                yield f"{path.relative_to(ROOT)}:{place}", value.language, value.value


def of_headers(*folders: str) -> Iterator[tuple[str, str, str]]:
    """Give the texts of the headers of query files."""

    def told(part: object) -> Iterator[tuple[str, str]]:
        if isinstance(part, dict):
            for key, value in part.items():
                if key in ("nb", "en") and isinstance(value, str):
                    yield key, value
                else:
                    yield from told(value)

    for path in sorted(each for folder in folders for each in (ROOT / folder).rglob("*.rq")):
        lines = [line[2:] for line in path.read_text("utf-8").splitlines() if line.startswith("#+")]
        for lang, text in told(yaml.safe_load("\n".join(lines))):
            yield str(path.relative_to(ROOT)), lang, text


PLACES = {
    "interface": of_interface,
    "model": lambda: of_turtle("ontology", "app/defaults"),
    "checks": lambda: of_turtle("shapes"),
    "queries": lambda: of_headers("queries", "app/defaults/queries"),
}


@pytest.mark.parametrize("place", PLACES)
def test_words_are_those_chosen(place: str) -> None:
    found = [
        f"{where}: {match[0]!r} in {text[:80]!r}: write {instead}"
        for where, language, text in PLACES[place]()
        for lang, pattern, instead in PATTERNS
        if language == lang and (match := pattern.search(QUOTED.sub("", text)))
    ]
    assert not found, "\n".join(found)


@pytest.mark.parametrize(("language", "text"), [("nb", "Hvert faktum"), ("en", "Goals and grips"), ("nb", "En tjener")])
def test_a_word_that_is_not_chosen_is_found(language: str, text: str) -> None:
    assert [instead for lang, pattern, instead in PATTERNS if lang == language and pattern.search(text)]
