"""Made-up proposals for tests."""

from hypothesis import strategies as st

from app.editing.base import Stated
from app.editing.proposals import Event, Finding, Proposal, Statement
from app.namespaces import PREFIXES
from app.terms import BlankNode, Iri, Literal

BASE = "http://example.org/eksempelvik/"
NAME = "20261129-101500-k3f9ab"


def iri(name: str) -> Iri:
    """Give an IRI of the example by the end of it, or of a prefixed name."""
    prefix, colon, local = name.partition(":")
    return Iri(PREFIXES[prefix] + local) if colon else Iri(BASE + name)


def made(name: str = NAME, **fields) -> Proposal:
    """Give a proposal."""
    return Proposal(**{"name": name, "door": "form", "title": "Eksempel", **fields})


def event(state: str, words: str = "") -> Event:
    """Give an event."""
    return Event("2026-11-29T10:15:00Z", state, "reviewer", words)


TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
IRIS = st.from_regex(r"http://example\.org/[a-zæøå0-9#%]{0,8}", fullmatch=True).map(Iri)
LITERALS = (
    st.builds(Literal, TEXTS)
    | st.builds(Literal, TEXTS, st.sampled_from(["nb", "en", "nb-NO", "sma"]))
    | st.builds(Literal, TEXTS, st.none(), IRIS)
)
TERMS = IRIS | LITERALS | st.sampled_from([BlankNode("f1n0")])
FILES = st.sampled_from(["data/strategy/activities.ttl", "data/register/øst.ttl", "data/valleys.ttl"])
STATEMENTS = st.lists(st.builds(Statement, IRIS, IRIS, TERMS, FILES), max_size=4).map(tuple)
STATES = st.sampled_from(["open", "accepting", "accepted", "refused", "failed", "withdrawn"])
EVENTS = st.builds(Event, st.just("2026-11-29T10:15:00Z"), STATES, TEXTS, TEXTS)
FINDINGS = st.builds(
    Finding,
    st.sampled_from(["error", "warning", "info"]),
    st.dictionaries(st.sampled_from(["nb", "en"]), TEXTS),
    TEXTS,
    st.none() | IRIS,
    st.none() | IRIS,
    st.none() | TERMS,
    st.none() | TEXTS,
)
PROPOSALS = st.builds(
    Proposal,
    name=st.just(NAME),
    door=st.sampled_from(["form", "workbook", "suggestion", "import", "undo"]),
    title=TEXTS,
    removed=STATEMENTS,
    added=STATEMENTS,
    bases=st.dictionaries(st.tuples(IRIS, IRIS), st.lists(TERMS, max_size=3).map(tuple), max_size=3),
    note=TEXTS,
    page=st.none() | IRIS,
    findings=st.none() | st.lists(FINDINGS, max_size=3).map(tuple),
    history=st.lists(EVENTS, max_size=3).map(tuple),
    answers=st.none() | st.just("20261129-101400-zzzz"),
    version=st.none() | TEXTS,
    commit=st.none() | TEXTS,
)


def applied(base, proposal) -> None:
    """Make the change of a proposal in what the files say, as it is written into them."""
    for subject, predicate, value, file in proposal.removed:
        base.remove(subject, predicate, Stated(value, file))
    for subject, predicate, value, file in proposal.added:
        base.add(subject, predicate, Stated(value, file))


def said(base) -> set[Statement]:
    """Give all that the files say."""
    return {
        Statement(subject, predicate, *stated)
        for subject, about in base.statements.items()
        for predicate, values in about.items()
        for stated in values
    }
