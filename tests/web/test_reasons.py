"""Why something is there, in sentences; what the words for certainty mean, once on a page."""

import re
from html import unescape

import pytest
from flask.testing import FlaskClient

from app.entities.labels import Label
from app.web.texts import phrase

PEOPLE = {"Accept": "text/html"}


def words(html: str) -> str:
    """Give what is read of a page, in one line."""
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", html)).split())


@pytest.mark.parametrize(
    ("name", "language", "form"),
    [
        ("deltar i", "nb", "verb"),
        ("eies av", "nb", "verb"),
        ("har deltaker", "nb", "verb"),
        ("medlem av", "nb", "place"),
        ("under program", "nb", "place"),
        ("i aktivitet", "nb", "place"),
        ("deltaker", "nb", "noun"),
        ("type organisasjon", "nb", "noun"),
        ("takes part in", "en", "verb"),
        ("is part of", "en", "verb"),
        ("member of", "en", "place"),
        ("address of", "en", "place"),
        ("full address", "en", "noun"),
        ("deltar i", "en", "noun"),
        ("osallistuu", "fi", "noun"),
    ],
)
def test_a_name_of_a_property_is_read_as_what_it_is(name: str, language: str, form: str) -> None:
    assert phrase(Label(name, language)) == form


def test_a_reason_is_a_sentence_and_its_rule_is_folded(client: FlaskClient) -> None:
    page = client.get("/en/doc/town/aasvaer?why", headers=PEOPLE).text
    first = page.partition("visited by</h2>")[2].partition("</details>")[0]
    said, _, fold = first.partition("<details")
    assert re.match(r"\S.*: to Aasvaer , so Aasvaer is visited by \S", words(said)), words(said)
    assert "Follows from" not in said
    assert "Follows from inverse properties" in fold
    kind = client.get("/doc/town/aasvaer?why", headers=PEOPLE).text
    assert "Åsvær er av typen By , så Åsvær er av typen Bosted ." in words(kind)


def test_a_certainty_leads_to_what_it_means_said_once(client: FlaskClient) -> None:
    page = client.get("/doc/town/aasvaer", headers=PEOPLE).text
    assert page.count('href="#means-stated"') > 1
    assert page.count('id="means-stated"') == 1
    meaning = page.partition('id="means-stated"')[2].partition("</div>")[0]
    assert words(meaning).endswith("sagt Kilden sier det.")
    assert "/describe?iri=https%3A%2F%2Fw3id.org%2Finnherred%2Fontology%23stated" in meaning
    assert 'id="means-uncertain"' not in page  # this content does not say what it means
    assert "means-" not in client.get("/privacy", headers=PEOPLE).text
    assert 'id="means-stated"' in client.get("/sparql", headers=PEOPLE).text  # an answer may come without a new page
