"""What shapes say to editors of files is told to people by the names of fields and things."""

import re
from pathlib import Path

import pytest

from app.content.folders import Content
from app.editing.base import Base
from app.editing.judging import judge, judge_quickly
from app.editing.plain import Plain
from app.editing.proposals import Finding, Proposal, Statement, from_json, to_json
from app.namespaces import RDFS_LABEL, iris
from app.terms import Iri, Literal
from tests.editing.conftest import QUIET, bridge, label
from tests.editing.sandholmen import SPACE, base_of, term

ROOT = Path(__file__).parents[2]
MESSAGE, NAME, PATH, PROPERTY = iris("sh:message sh:name sh:path sh:property")
INN = "https://w3id.org/innherred/ontology#"
SHAPE = "https://w3id.org/innherred/shape/"
# A prefixed name, a datatype of a literal, an IRI in angle brackets.
TURTLE = re.compile(r"(?<![\w:/.#@-])[A-Za-z][\w-]*:\w[\w-]*|\^\^|<[a-z]+:[^>…]*>")


# Words of files that say nothing to who fills in a form or a sheet.
FILES = re.compile(
    r"""IRI|[Ll]iteral|[Nn]ode\b|\bURI|xsd:|rdf:|anførsel|quotation|vinkel|angle br|[Dd]atatyp|språkmerk|language tag
    |[Pp]ek på|[Pp]oint at|[Tt]ripp?[el]l|["<>_]|\bid/|\.ttl|@\w""",
    re.VERBOSE,
)
# What only who writes files can do wrong: no form and no sheet has it.
OF_FILES = re.compile(
    r"NamedNode|\w+Iri\b|KnownTerm|Claim-|Graph-|ConceptScheme$|Passage-hasSelector|Place-hasGeometry|Geometry-"
)


@pytest.fixture(scope="module")
def shipped():
    return Base.read(Content.open(ROOT))


@pytest.fixture(scope="module")
def plain(shipped):
    return Plain(shipped)


@pytest.mark.parametrize("language", ["nb", "en"])
def test_no_message_of_a_shape_speaks_turtle_to_people(shipped, plain, language):
    told = {
        (subject, value.value): plain.text(value.value, language, subject)
        for subject, predicate, value in shipped.shapes
        if predicate == MESSAGE and value.language == language
    }
    assert len(told) > 150
    assert sum(bool(TURTLE.search(words)) for _, words in told) > 100
    assert {text for text in told.values() if TURTLE.search(text)} == set()


@pytest.mark.parametrize("language", ["nb", "en"])
def test_a_message_says_what_to_do_in_the_words_of_who_fills_in_a_form(shipped, plain, language):
    told = {
        subject: plain.text(value.value.replace("@{?value}", f"@{language}"), language, subject)
        for subject, predicate, value in shipped.shapes
        if predicate == MESSAGE and value.language == language and not OF_FILES.match(subject.removeprefix(SHAPE))
    }
    assert len(told) > 150
    assert {subject: words for subject, words in told.items() if FILES.search(words)} == {}


@pytest.mark.parametrize(
    ("shape", "language", "words", "told"),
    [
        ("Claim", "nb", "Skriv inn:rationale på bokmål.", "Skriv «Begrunnelse» på bokmål."),
        ("Claim", "nb", "Legg til inn:rationale med språkmerket @en.", "Legg til «Begrunnelse» på engelsk."),
        ("Claim", "en", "Add inn:rationale with the language tag @sma.", "Add “Rationale” in Southern Sami."),
        ("Claim", "en", "Write inn:rationale.", "Write “Rationale”."),
        ("Claim", "en", "Set inn:certainty to inn:stated: it is.", "Set “Certainty” to stated: it is."),
        (
            "Activity",
            "nb",
            'Skriv "2023"^^xsd:gYear eller "2023-03"^^xsd:gYearMonth (xsd:gYear).',
            "Skriv 2023 eller 2023-03.",
        ),
        ("Activity", "en", "Write a xsd:integer in inn:endDate.", "Write a whole number in “End date”."),
        ("Activity", "en", "Add an inn:Claim, or a inn:Activity.", "Add a Claim, or an Activity."),
        ("Activity", "nb", "Fjern e-postadressen (foaf:mbox).", "Fjern e-postadressen."),
        ("Activity", "en", "Cite municipality:levanger.", "Cite “Levanger Municipality”."),
        ("Activity", "en", "See <https://w3id.org/innherred/id/municipality/verdal>.", "See “Verdal Municipality”."),
        ("Activity", "nb", "Se https://example.org/x, kl. 12:30.", "Se https://example.org/x, kl. 12:30."),
        ("Activity", "en", "Note: urn:x:y and mailto:nobody stay.", "Note: urn:x:y and mailto:nobody stay."),
        ("Activity", "en", 'Write "NOK" or “<kind>/<slug>”.', 'Write "NOK" or “<kind>/<slug>”.'),
    ],
)
def test_fields_terms_and_values_are_told_by_name(plain, shape, language, words, told):
    assert plain.text(words, language, Iri(SHAPE + shape)) == told


def test_a_field_is_called_what_the_shape_itself_calls_it(tmp_path):
    base = base_of(tmp_path)
    assert Plain(base).text("so:owner", "en", shape("Owner")) == "“Owners”"
    base.shapes += ((shape("other"), PATH, term("owner")), (shape("other"), NAME, Literal("Held by", "en")))
    base.shapes += ((shape("Owner"), PROPERTY, shape("other")),)
    told = Plain(base)
    assert [told.text("so:owner", "en", shape(each)) for each in ("Boat", "Owner", "other")] == [
        "“Owners”",
        "“Held by”",
        "“Held by”",
    ]


def shape(name):
    """Give a shape of the made-up content."""
    return Iri(f"{SPACE}shape/{name}")


def test_a_thing_that_the_proposal_itself_names_has_that_name(shipped):
    thing = Iri(f"{shipped.content.base}id/activity/eksempel")
    added = (Statement(thing, RDFS_LABEL, Literal("Eksempelvik", "nb"), "data/register/e-15.ttl"),)
    told = Plain(shipped, [Proposal("x", "form", "x", added=added)])
    assert told.text(f"Se <{thing}> og activity:eksempel.", "nb") == "Se «Eksempelvik» og «Eksempelvik»."


def test_what_the_shape_says_stays_beside_it(plain):
    found = plain.finding(
        Finding("error", {"nb": "Skriv inn:endDate.", "en": "Write inn:endDate."}, f"{SHAPE}Activity")
    )
    assert found.technical == {"nb": "Skriv inn:endDate.", "en": "Write inn:endDate."}
    assert "inn:" not in "".join(found.messages.values())
    kept = from_json(to_json(Proposal("20261129-101500-k3f9ab", "form", "x", findings=(found,))))
    assert kept.findings == (found,)
    other = Finding("error", {"nb": "Skriv.", "en": "Write."})
    assert plain.finding(other) is other


def test_both_verdicts_are_told_in_plain_words(plain_town):
    town = plain_town
    name = "shapes/bridges.ttl"
    town.write(name, town.text(name).replace("One name in each language.", "One rdfs:label in each language."))
    base = town.base()
    proposal = town.propose(added=[label("nordbrua", "Brua")], put=False, base=base)
    for found in (judge_quickly(base, proposal), judge(town.settings, proposal, QUIET)):
        told = [each for each in found if each.subject == bridge("nordbrua") and each.severity == "error"]
        assert {each.messages["en"] for each in told} == {"One “name” in each language."}
        assert {each.technical["en"] for each in told} == {"One rdfs:label in each language."}
