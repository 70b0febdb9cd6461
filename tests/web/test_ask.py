"""What a panel asks of its reader is answered by a link where people edit, and by a pen where they do not."""

import re
from collections.abc import Iterator
from dataclasses import replace
from html import unescape

import pytest

from app.config import Settings
from tests.web.conftest import Client
from tests.web.edited import HOST, application, built

PAGE = "/profile/municipality/eksempelvik"


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return built(tmp_path_factory.mktemp("asked"))


@pytest.fixture(scope="module")
def visitor(settings: Settings) -> Iterator[Client]:
    return application(settings).test_client()


def addresses(client: Client, path: str) -> list[str]:
    found = client.get(path, base_url=HOST).text
    return [unescape(each) for each in re.findall(r'href="([^"]*/edit/suggest[^"]*ask=[^"]*)"', found)]


def words(client: Client, address: str) -> str:
    found = re.search(r"<textarea[^>]*>([^<]*)</textarea>", client.get(address, base_url=HOST).text)
    assert found
    return unescape(found[1])


def test_each_answer_leads_to_a_form_with_the_entry_and_the_answer(visitor):
    yes, other = addresses(visitor, PAGE)
    assert words(visitor, yes) == "Eksempelvik kommune: Er kommunen med? Ja. "
    assert words(visitor, other) == "Eksempelvik kommune: Er kommunen med? En annen: "
    assert "Eksempelvik kommune i Brubygging" in visitor.get(yes, base_url=HOST).text
    assert "Does it take part? Yes." in words(visitor, addresses(visitor, f"/en{PAGE}")[0])


def test_what_nobody_asks_is_not_filled_in(visitor):
    yes = addresses(visitor, PAGE)[0]
    assert words(visitor, yes.replace("answer=yes", "answer=%3Cb%3E")) == ""
    assert words(visitor, yes.replace("10-confirm", "..%2Fx")) == ""
    assert words(visitor, re.sub("of=[^&]*", "of=https://example.org/", yes)) == ""


def test_where_nobody_edits_and_on_paper_it_is_as_the_query_gives_it(visitor, settings):
    reader = application(replace(settings, edit=0)).test_client()
    assert addresses(reader, PAGE) == []
    for client in (reader, visitor):
        assert "☐ Ja" in client.get(PAGE, base_url=HOST).text
