"""The catalogs of the interface's words: complete, and without what no page says any more."""

from collections.abc import Iterator
from typing import IO, Any

import pytest
import yaml
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

from app.web.languages import TRANSLATIONS


def of_openapi(file: IO[bytes], *_: Any, **_options: Any) -> Iterator[tuple[int, str, str, list[str]]]:
    """Give the summaries and descriptions of the interface for programs."""

    def told(part: yaml.Node) -> Iterator[yaml.ScalarNode]:
        if isinstance(part, yaml.MappingNode):
            for key, value in part.value:
                if key.value in ("summary", "description"):
                    yield value
                else:
                    yield from told(value)
        elif isinstance(part, yaml.SequenceNode):
            for value in part.value:
                yield from told(value)

    for node in told(yaml.compose(file, yaml.SafeLoader)):
        yield node.start_mark.line + 1, "gettext", node.value, []


METHODS = [("**.py", "python"), ("**.html", "jinja2"), ("defaults/openapi.yaml", of_openapi)]
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
