"""Negotiation: an acceptable format or a refusal that lists what there is (RFC 9110 §12)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.mediatypes import GRAPH_FORMATS, HTML, JSON_LD, N_TRIPLES, RDF_XML, TURTLE
from app.web.negotiation import NotAcceptable, negotiate

OFFERED = (HTML, *GRAPH_FORMATS)


@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        (None, HTML),
        ("", HTML),
        ("*/*", HTML),
        ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", HTML),
        ("text/turtle", TURTLE),
        ("text/*", HTML),
        ("text/html;q=0.5, text/*", TURTLE),
        ("application/rdf+xml, text/turtle;q=0.9", RDF_XML),
        ("application/ld+json;profile=x", JSON_LD),
        ("text/html;q=0.1, text/plain, application/rdf+xml", N_TRIPLES),
        ("application/*", JSON_LD),
        ("image/gif, *; q=0.2", HTML),
        ("application/x-turtle", TURTLE),
        ("text/plain", N_TRIPLES),
        ("text/html;q=0, */*;q=0.1", TURTLE),
        ("application/n-triples;q=0.2, image/png", N_TRIPLES),
    ],
)
def test_accept(accept: str | None, expected: object) -> None:
    assert negotiate(accept, OFFERED) == expected


def test_an_explicit_wish_wins() -> None:
    assert negotiate("text/html", OFFERED, suffix="ttl") == TURTLE
    assert negotiate("text/html", OFFERED, suffix="ttl", requested="jsonld") == JSON_LD
    assert negotiate("text/html", OFFERED, requested="application/rdf+xml") == RDF_XML


@pytest.mark.parametrize("accept", ["image/png", "text/turtle;q=0", "*/*;q=0", "application/json"])
def test_nothing_acceptable_is_said_with_what_there_is(accept: str) -> None:
    with pytest.raises(NotAcceptable) as raised:
        negotiate(accept, (TURTLE, N_TRIPLES))
    assert raised.value.offered == (TURTLE, N_TRIPLES)


def test_an_unknown_wish_is_not_answered_with_something_else() -> None:
    with pytest.raises(NotAcceptable):
        negotiate("text/turtle", OFFERED, requested="docx")


@given(st.text(max_size=80))
def test_any_header_gives_an_offered_format_or_a_refusal(accept: str) -> None:
    try:
        chosen = negotiate(accept, OFFERED)
    except NotAcceptable as error:
        chosen, offered = None, error.offered
    else:
        offered = OFFERED
    assert offered == OFFERED
    assert chosen is None or chosen in OFFERED
