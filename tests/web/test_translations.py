"""The catalogs of the interface's words: complete, and without what no page says any more."""

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

from app.web.languages import TRANSLATIONS

METHODS = [("**.py", "python"), ("**.html", "jinja2")]
CATALOGS = sorted(TRANSLATIONS.glob("*/LC_MESSAGES/messages.po"))


@pytest.mark.parametrize("path", CATALOGS, ids=lambda path: path.parent.parent.name)
def test_a_catalog_says_exactly_what_the_pages_say(path: object) -> None:
    used = {message for _, _, message, _, _ in extract_from_dir(TRANSLATIONS.parents[1], METHODS)}
    with path.open("rb") as file:
        catalog = read_po(file, locale=path.parent.parent.name)
    translated = {message.id for message in catalog if message.id and message.string and all(message.string)}
    assert used == translated
    assert not list(catalog.check())


def test_there_is_a_norwegian_catalog() -> None:
    assert [path.parent.parent.name for path in CATALOGS] == ["nb"]
