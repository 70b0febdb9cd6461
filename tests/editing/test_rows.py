"""Rows of tables from what the files say, and filled-in rows back as a proposal."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from app.content.folders import Content
from app.editing.base import Base, Stated
from app.editing.cells import read
from app.editing.conflicts import conflicts, inverse
from app.editing.drafting import proposal
from app.editing.proposals import Statement
from app.editing.rows import CORRECTION, Row, rows, values
from app.editing.tables import Column, Part, Table, tables, things
from app.editing.voices import claim_iri
from app.namespaces import (
    CERTAINTY,
    CLAIM,
    DCTERMS_SOURCE,
    DEGREES,
    INTERPRETED,
    RATIONALE,
    RDF_OBJECT,
    RDF_TYPE,
    RDFS_LABEL,
    STATED,
    UNCERTAIN,
    iris,
)
from app.terms import RDF_LANG_STRING, BlankNode, Iri, Literal, n3, typed
from tests.conftest import EXAMPLE, SHIPPED
from tests.editing.eksempelvik import base_of
from tests.editing.making import applied, iri, said

EX = "ontology#"
NB, EN = f"{RDFS_LABEL}@nb", f"{RDFS_LABEL}@en"
ACTIVITIES, CLAIMS, PAGE = (
    f"data/{each}.ttl" for each in ("strategy/activities", "interpretation/claims", "register/page")
)
STRATEGY, READING, REGISTER = (str(iri(f"graph/{each}")) for each in ("strategy", "interpretation", "register/page"))
BRIDGES, LIGHT = iri("id/activity/brubygging"), iri("id/activity/fjordlys")
SCHOOL, CULTURE = iri("id/topic/skole"), iri("id/topic/kultur")
_FIRST = date(1900, 3, 1)
WHY = {"nb": "Slik leser vi det.", "en": "This is how we read it."}


def labels():
    return tuple(
        Column(f"{RDFS_LABEL}@{tag}", RDFS_LABEL, "line", {"nb": "Navn"}, language=tag, datatypes=(RDF_LANG_STRING,))
        for tag in ("nb", "en")
    )


def column(name, kind, **fields):
    return Column(iri(EX + name), iri(EX + name), kind, {"nb": name, "en": name}, **fields)


def table(cls, kind, *columns, **fields):
    return Table(cls, kind, {"nb": kind}, {}, columns, **fields)


ACTIVITY = table(
    iri(f"{EX}Activity"),
    "activity",
    replace(labels()[0], required=True),
    labels()[1],
    column("topic", "link", classes=(iri(f"{EX}Topic"),), many=True),
    column("end", "period"),
    column("cost", "integer"),
    column("code", "line", pattern="^P-[0-9]{3}$"),
    parts=(Part(iri(f"{EX}Participation"), iri(f"{EX}inActivity")),),
)
MUNICIPALITY = table(
    iri(f"{EX}Municipality"), "municipality", *labels(), column("number", "line", pattern="^[0-9]{4}$")
)
PARTICIPATION = table(
    iri(f"{EX}Participation"),
    "participation",
    column("inActivity", "link", classes=(iri(f"{EX}Activity"),), required=True),
    column("participant", "link", classes=(iri(f"{EX}Municipality"),), required=True),
    column("role", "link", classes=(iri(f"{EX}Role"),), required=True),
    *labels(),
    Column(DCTERMS_SOURCE, DCTERMS_SOURCE, "link", {"nb": "Kilde"}, many=True),
    Column(CERTAINTY, CERTAINTY, "choice", {"nb": "Hvor sikkert"}, choices=DEGREES, required=True),
    *(Column(f"{RATIONALE}@{tag}", RATIONALE, "text", {"nb": "Begrunnelse"}, language=tag) for tag in ("nb", "en")),
    sourced=True,
)
# Nordfjella has no shapes.
FELL = "http://example.org/nordfjella/ontology#"
VALLEY = table(
    Iri(f"{FELL}Valley"),
    "valley",
    replace(labels()[0], key=f"{RDFS_LABEL}@nn", language="nn"),
    replace(column("length", "decimal"), property=Iri(f"{FELL}length"), datatypes=iris("xsd:integer xsd:decimal")),
)
SOURCE = table(iri("inn:Source"), "source", *labels(), Column("page", iri("foaf:page"), "address", {"nb": "Adresse"}))


@pytest.fixture
def base(tmp_path):
    return base_of(tmp_path)


def row(base, thing, table=ACTIVITY, **fields):
    """Give the row of a thing as it is given out; ``fields`` of it, ``cells`` beside those that it has."""
    [found] = rows(base, table, "nb", [thing])
    return replace(found, place="Ark!A2", **{**fields, "cells": {**found.cells, **fields.get("cells", {})}})


def propose(base, *filled, language="nb"):
    """Give the proposal of rows, each with its table before it."""
    return proposal(base, [(filled[n], [filled[n + 1]]) for n in range(0, len(filled), 2)], **DOOR, language=language)


DOOR = {"door": "workbook", "title": "Eksempel"}


def codes(findings, severity="error"):
    return [each.code for each in findings if each.severity == severity]


def values_of(statements, subject, predicate):
    return [each.value for each in statements if (each.subject, each.predicate) == (subject, predicate)]


def key(name):
    return str(iri(EX + name))


# From the files


def test_rows_show_what_the_files_say(base):
    found = row(base, BRIDGES)
    assert found.cells == {
        NB: "Brubygging",
        EN: "",
        key("topic"): "kultur\nskole",
        key("end"): "2023",
        key("cost"): "",
        key("code"): "",
    }
    assert found.before == found.cells
    assert [each.id for each in rows(base, ACTIVITY, "en")] == [BRIDGES, LIGHT]


def test_a_cell_that_cannot_be_shown_whole_is_not_there(base):
    base.add(BRIDGES, iri(f"{EX}cost"), Stated(typed(1, "integer"), ACTIVITIES))
    base.add(BRIDGES, iri(f"{EX}cost"), Stated(typed(2, "integer"), PAGE))
    base.add(BRIDGES, RDFS_LABEL, Stated(Literal("x" * 40_000, "en"), ACTIVITIES))
    found = row(base, BRIDGES)
    assert key("cost") not in found.cells
    assert EN not in found.cells
    made, findings = propose(base, ACTIVITY, row(base, BRIDGES, cells={NB: "Bru"}, voice=CORRECTION))
    assert not codes(findings)
    assert {each.predicate for each in (*made.removed, *made.added)} == {RDFS_LABEL}


@pytest.fixture(scope="module", params=[SHIPPED, EXAMPLE, None], ids=["shipped", "nordfjella", "eksempelvik"])
def real(request, tmp_path_factory):
    """Give a content with its own tables."""
    root = request.param
    base = Base.read(Content.open(root)) if root else base_of(tmp_path_factory.mktemp("eksempelvik"))
    return base, tables(base) or {VALLEY.cls: VALLEY}


@pytest.mark.parametrize("language", ["nb", "en"])
def test_what_is_given_out_and_comes_back_unchanged_changes_nothing(real, language):
    base, found = real
    filled = [(each, rows(base, each, language, things(base, found, each))) for each in found.values()]
    made, findings = proposal(base, filled, **DOOR, language=language)
    assert (made.removed, made.added, made.bases, findings) == ((), (), {}, ())


@pytest.mark.parametrize("language", ["nb", "en"])
def test_every_cell_is_read_as_what_it_shows(real, language):
    base, found = real
    for each in found.values():
        for row in rows(base, each, language, things(base, found, each)):
            for name, value in row.cells.items():
                column = each.column(name)
                shown = values(base, row.id, column)
                assert set(read(value, column, base, language).terms) == set(shown), (row.id, name, value)


def test_what_is_typed_anew_as_it_was_changes_nothing(real):
    base, found = real
    for each in found.values():
        given_out = rows(base, each, "nb", things(base, found, each))[:5]
        typed_anew = [replace(row, before=dict.fromkeys(row.cells, "noe annet")) for row in given_out]
        made, _ = proposal(base, [(each, typed_anew)], **DOOR, language="nb")
        assert not made.added


# One cell


def test_another_value_takes_the_place_of_the_old_one_in_its_file(base):
    made, findings = propose(base, ACTIVITY, row(base, BRIDGES, cells={key("end"): "mars 2024"}, voice=CORRECTION))
    end = iri(f"{EX}end")
    assert made.removed == (Statement(BRIDGES, end, typed(2023, "gYear"), ACTIVITIES),)
    assert made.added == (Statement(BRIDGES, end, typed("2024-03", "gYearMonth"), ACTIVITIES),)
    assert made.bases == {(BRIDGES, end): (typed(2023, "gYear"),)}
    assert findings == ()
    assert (made.door, made.title, made.state) == ("workbook", "Eksempel", "open")


def test_an_emptied_cell_removes_and_asks_nobody(base):
    made, findings = propose(base, ACTIVITY, row(base, BRIDGES, cells={key("end"): None}))
    assert [each.value for each in made.removed] == [typed(2023, "gYear")]
    assert (made.added, findings) == ((), ())


def test_a_key_that_is_not_there_is_untouched(base):
    found = row(base, BRIDGES)
    made, findings = propose(base, ACTIVITY, replace(found, cells={}))
    assert (made.removed, made.added, findings) == ((), (), ())


def test_a_cell_without_what_was_given_out_only_adds(base):
    made, _ = propose(
        base, ACTIVITY, Row(BRIDGES, {key("topic"): "skole", key("end"): "", NB: "Bru"}, voice=CORRECTION)
    )
    assert made.removed == ()
    assert [each.value for each in made.added] == [Literal("Bru", "nb")]


def test_values_in_another_order_are_the_same(base):
    made, findings = propose(base, ACTIVITY, row(base, BRIDGES, cells={key("topic"): "skole \r\nKULTUR"}))
    assert (made.removed, made.added, findings) == ((), (), ())


def test_another_language_and_what_no_column_shows_stay(base):
    for value in (Literal("Bruene", "nn"), BlankNode("b"), Literal("uten språk")):
        base.add(BRIDGES, RDFS_LABEL, Stated(value, ACTIVITIES))
    made, _ = propose(base, ACTIVITY, row(base, BRIDGES, cells={NB: "Bru", EN: "Bridge"}, voice=CORRECTION))
    assert [each.value for each in made.removed] == [Literal("Brubygging", "nb")]
    assert {each.value for each in made.added} == {Literal("Bru", "nb"), Literal("Bridge", "en")}


def test_the_same_number_in_another_spelling_stays(base):
    number = replace(column("cost", "decimal"), datatypes=(iri("xsd:decimal"),))
    narrow = table(ACTIVITY.cls, "activity", number)
    base.add(BRIDGES, iri(f"{EX}cost"), Stated(typed("1.50", "decimal"), ACTIVITIES))
    for text in ("1,5", 1.5, "1,500"):
        made, findings = propose(base, narrow, row(base, BRIDGES, narrow, cells={key("cost"): text}, voice=CORRECTION))
        assert (made.removed, made.added, codes(findings)) == ((), (), [])


def test_a_cell_that_cannot_be_read_changes_nothing_and_is_told_with_its_place(base):
    wrong = row(base, BRIDGES, cells={key("end"): "i fjor", EN: "Bridges"}, voice=CORRECTION)
    made, findings = propose(base, ACTIVITY, replace(wrong, places={key("end"): "Ark!D2"}))
    assert [(each.code, each.place, each.subject) for each in findings] == [("no-date", "Ark!D2", BRIDGES)]
    assert findings[0].predicate == iri(f"{EX}end")
    assert [each.value for each in made.added] == [Literal("Bridges", "en")]
    assert made.removed == ()


def test_a_required_cell_is_not_emptied(base):
    _, findings = propose(base, ACTIVITY, row(base, BRIDGES, cells={NB: " "}))
    assert codes(findings) == ["missing"]


def test_a_row_of_a_thing_that_is_not_there_says_so(base):
    for thing in (iri("id/activity/borte"), iri("id/municipality/tenkestad")):
        made, findings = propose(base, ACTIVITY, Row(thing, {NB: "Noe"}, place="Ark!A9"))
        assert (made.added, codes(findings)) == ((), ["unknown-id"])
        assert findings[0].place == "Ark!A9"


def test_a_base_that_moved_is_a_conflict_later(base):
    given_out = row(base, BRIDGES, cells={key("end"): "2024"}, voice=CORRECTION)
    base.remove(BRIDGES, iri(f"{EX}end"), Stated(typed(2023, "gYear"), ACTIVITIES))
    base.add(BRIDGES, iri(f"{EX}end"), Stated(typed(2025, "gYear"), ACTIVITIES))
    made, _ = propose(base, ACTIVITY, given_out)
    assert made.bases[BRIDGES, iri(f"{EX}end")] == (typed(2023, "gYear"),)
    [conflict] = conflicts(base, made)
    assert (conflict.base, conflict.theirs, conflict.mine) == tuple(
        (typed(each, "gYear"),) for each in (2023, 2025, 2024)
    )
    emptied, _ = propose(base, ACTIVITY, replace(given_out, cells={**given_out.cells, key("end"): ""}))
    assert [each.value for each in emptied.removed] == [typed(2023, "gYear")]  # what they wanted gone, and is gone


def test_an_untouched_cell_is_untouched_whatever_the_files_say_by_now(base):
    given_out = row(base, BRIDGES, cells={EN: "Bridges"}, voice=CORRECTION)
    base.add(BRIDGES, iri(f"{EX}cost"), Stated(typed(5, "integer"), ACTIVITIES))
    base.remove(BRIDGES, iri(f"{EX}end"), Stated(typed(2023, "gYear"), ACTIVITIES))
    made, _ = propose(base, ACTIVITY, given_out)
    assert [each.value for each in (*made.removed, *made.added)] == [Literal("Bridges", "en")]


# Who says it


def test_what_two_sources_say_goes_out_of_both_with_its_claim(base):
    made, findings = propose(base, ACTIVITY, row(base, BRIDGES, cells={key("topic"): "skole"}))
    gone = [each for each in made.removed if each.predicate == iri(f"{EX}topic")]
    assert {(each.value, each.file) for each in gone} == {(CULTURE, CLAIMS), (CULTURE, PAGE)}
    claim = iri("id/claim/1")
    assert set(made.removed) - set(gone) == {each for each in said(base) if each.subject == claim}
    assert codes(findings, "info") == ["several-sources", "claim-goes"]


def test_a_new_thing_of_a_list_is_called_like_the_others_of_that_list(base):
    word, listed = iri(f"{EX}Word"), column("inList", "link", classes=(iri(f"{EX}List"),), many=True)
    for kind, name in (
        ("colour", "raud"),
        ("colour", "blaa"),
        ("shape", "rund"),
        ("shape", "list"),
        ("colour", "list"),
    ):
        thing = iri(f"id/{kind}/{name}")
        base.add(thing, RDF_TYPE, Stated(iri(f"{EX}List") if name == "list" else word, ACTIVITIES))
        base.add(thing, RDFS_LABEL, Stated(Literal(f"{kind} {name}", "nb"), ACTIVITIES))
        if name != "list":
            base.add(thing, listed.property, Stated(iri(f"id/{kind}/list"), ACTIVITIES))
    words = table(word, "colour", *labels(), listed)
    made, _ = propose(base, words, Row(None, {NB: "Firkant", listed.key: "shape list"}, voice=READING))
    assert {each.subject for each in made.added} == {iri("id/shape/firkant")}
    made, _ = propose(base, words, Row(None, {NB: "Firkant"}, voice=READING))
    assert {each.subject for each in made.added} == {iri("id/colour/firkant")}


def test_who_says_it_is_asked_for_at_its_own_cell(base):
    places = {"voice": "Ark!H2"}
    for voice in (None, "Ukjent avis"):
        _, findings = propose(base, ACTIVITY, row(base, BRIDGES, cells={EN: "Bridges"}, voice=voice, places=places))
        assert [each.place for each in findings] == ["Ark!H2"]


def test_without_a_voice_it_is_asked_who_says_it(base):
    made, findings = propose(base, ACTIVITY, row(base, BRIDGES, cells={EN: "Bridges"}))
    assert codes(findings) == ["who-says-it"]
    assert findings[0].place == "Ark!A2"
    assert "Strategien" in findings[0].messages["nb"]
    assert len(made.added) == 1  # what could be read


@pytest.mark.parametrize(
    ("voice", "file"),
    [
        (REGISTER, PAGE),
        ("Registergraf: siden", PAGE),
        ("Siden til Tenkestad kommune", PAGE),
        (str(iri("id/source/page")), PAGE),
        (READING, CLAIMS),
        ("Vår tolkning", CLAIMS),
        (STRATEGY, ACTIVITIES),
        (str(iri("id/document/strategy")), ACTIVITIES),
        (CORRECTION, ACTIVITIES),
    ],
)
def test_what_is_new_is_written_where_its_voice_speaks(base, voice, file):
    made, findings = propose(base, ACTIVITY, row(base, BRIDGES, cells={EN: "Bridges"}, voice=voice))
    assert findings == ()
    assert made.added == (Statement(BRIDGES, RDFS_LABEL, Literal("Bridges", "en"), file),)


def test_an_unknown_voice_is_told(base):
    made, findings = propose(base, ACTIVITY, row(base, BRIDGES, cells={EN: "Bridges"}, voice="Avisa"))
    assert codes(findings) == ["unknown-voice"]
    assert len(made.added) == 1


def test_what_stands_where_nobody_can_edit_is_told(tmp_path):
    base = base_of(tmp_path)
    path = tmp_path / "data" / "register" / "roads.nt"
    subject = iri("id/activity/vegen")
    path.write_text(
        f'<{subject}> <{RDF_TYPE}> <{iri(EX + "Activity")}> .\n<{subject}> <{RDFS_LABEL}> "Vegen"@nb .\n',
        encoding="utf-8",
    )
    base = Base.read(Content.open(tmp_path))
    made, findings = propose(base, ACTIVITY, row(base, subject, cells={NB: "Veien"}, voice=CORRECTION))
    assert codes(findings) == ["stands-elsewhere", "file-not-editable"]
    assert (made.removed, made.added) == ((), ())
    assert all(each.place == "Ark!A2" for each in findings)


# Claims


def test_another_certainty_than_the_graphs_is_a_claim(base):
    changed = row(base, LIGHT, cells={key("topic"): "skole"}, voice=REGISTER, certainty=UNCERTAIN, rationale=WHY)
    made, findings = propose(base, ACTIVITY, changed)
    assert findings == ()
    claim = claim_iri(base, LIGHT, iri(f"{EX}topic"), SCHOOL)
    about = [each for each in made.added if each.subject == claim]
    assert {each.file for each in made.added} == {PAGE}
    assert values_of(about, claim, RDF_TYPE) == [CLAIM]
    assert values_of(about, claim, RDF_OBJECT) == [SCHOOL]
    assert values_of(about, claim, CERTAINTY) == [UNCERTAIN]
    assert values_of(about, claim, DCTERMS_SOURCE) == [iri("id/source/page")]
    assert set(values_of(about, claim, RATIONALE)) == {Literal(text, tag) for tag, text in WHY.items()}
    assert Literal("Påstand: Fjordlys – topic: skole", "nb") in values_of(about, claim, RDFS_LABEL)
    assert len(made.added) == len(about) + 1


def test_the_certainty_of_the_graph_needs_no_claim(base):
    for voice, certainty in ((REGISTER, STATED), (READING, INTERPRETED)):
        changed = row(base, LIGHT, cells={key("topic"): "skole"}, voice=voice, certainty=certainty, rationale=WHY)
        assert len(propose(base, ACTIVITY, changed)[0].added) == 1


def test_what_is_not_stated_needs_a_rationale(base):
    changed = row(
        base, LIGHT, cells={key("topic"): "skole"}, voice=REGISTER, certainty=UNCERTAIN, rationale={"nb": " "}
    )
    _, findings = propose(base, ACTIVITY, changed)
    assert codes(findings) == ["no-rationale"]


def test_the_name_of_a_claim_is_that_of_the_documentation():
    base = Base.read(Content.open(SHIPPED))
    names = ("https://w3id.org/innherred/id/activity/example", "https://w3id.org/innherred/ontology#advances")
    goal = "https://w3id.org/innherred/id/goal/g-1"
    subject, predicate, value = (type(BRIDGES)(each) for each in (*names, goal))
    assert claim_iri(base, subject, predicate, value).endswith("id/claim/a7a229249235e108")
    for thing, about in base.statements.items():  # all claims of the shipped content are called so
        if any(each.value == CLAIM for each in about.get(RDF_TYPE, ())):
            triple = [base.values(thing, iri(f"rdf:{each}"))[0].value for each in ("subject", "predicate", "object")]
            assert claim_iri(base, *triple) == thing


# New things


def test_a_new_thing_has_a_class_an_iri_and_what_its_cells_say(base):
    made, findings = propose(base, ACTIVITY, Row(None, {NB: "Åpne dører", key("cost"): 100.0}, voice=REGISTER))
    thing = iri("id/activity/apne-dorer")
    assert findings == ()
    assert {(each.subject, each.file) for each in made.added} == {(thing, PAGE)}
    assert values_of(made.added, thing, RDF_TYPE) == [ACTIVITY.cls]
    assert values_of(made.added, thing, RDFS_LABEL) == [Literal("Åpne dører", "nb")]
    assert values_of(made.added, thing, iri(f"{EX}cost")) == [typed(100, "integer")]
    assert made.bases[thing, RDF_TYPE] == ()


def test_an_empty_row_says_nothing(base):
    made, findings = propose(base, ACTIVITY, Row(None, {NB: "", EN: None, key("end"): " "}))
    assert (made.added, findings) == ((), ())


def test_a_new_thing_needs_a_name_and_a_voice(base):
    made, findings = propose(
        base, ACTIVITY, Row(None, {key("cost"): 5, key("end"): "x"}, voice=REGISTER, place="Ark!A5")
    )
    assert codes(findings) == ["no-name", "no-date"]
    assert made.added == ()
    _, findings = propose(base, ACTIVITY, Row(None, {NB: "Ny"}))
    assert codes(findings) == ["who-says-it"]
    _, findings = propose(base, ACTIVITY, Row(None, {NB: "Ny"}, voice=CORRECTION))
    assert codes(findings) == ["who-says-it"]  # nobody has said anything of it that we could have misread
    _, findings = propose(base, ACTIVITY, Row(None, {EN: "New"}, voice=REGISTER))
    assert codes(findings) == ["missing"]


def test_a_new_thing_that_may_be_there_already_is_asked_about(base):
    _, findings = propose(base, ACTIVITY, Row(None, {NB: "fjordlys"}, voice=REGISTER, places={NB: "Ark!B5"}))
    assert codes(findings, "warning") == ["is-it-this"]
    assert (findings[0].value, findings[0].place) == (LIGHT, "Ark!B5")
    base.add(LIGHT, iri(f"{EX}code"), Stated(Literal("P-001"), ACTIVITIES))
    _, findings = propose(base, ACTIVITY, Row(None, {NB: "Noe nytt", key("code"): "P-001"}, voice=REGISTER))
    assert codes(findings, "warning") == ["is-it-this"]


def test_two_new_things_of_one_name_are_two_and_told(base):
    new = Row(None, {NB: "Nytt"}, voice=REGISTER)
    made, findings = proposal(base, [(ACTIVITY, [new, replace(new)])], **DOOR, language="nb")
    assert {each.subject for each in made.added} == {iri("id/activity/nytt"), iri("id/activity/nytt-2")}
    assert codes(findings, "warning") == ["named-twice"]


def test_how_sure_a_new_thing_is_stands_on_it(base):
    made, findings = propose(base, ACTIVITY, Row(None, {NB: "Ny"}, voice=REGISTER, certainty=UNCERTAIN, rationale=WHY))
    thing = iri("id/activity/ny")
    assert findings == ()
    assert values_of(made.added, thing, CERTAINTY) == [UNCERTAIN]
    assert len(values_of(made.added, thing, RATIONALE)) == 2
    assert not [each for each in made.added if each.value == CLAIM]


def test_what_joins_two_things_is_called_after_them_as_others_are(base):
    joins = {key("inActivity"): "Fjordlys", key("participant"): "Tenkestad kommune", key("role"): "deltaker"}
    made, findings = propose(base, PARTICIPATION, Row(None, joins, voice=REGISTER))
    [thing] = made.subjects
    assert values_of(made.added, thing, RDFS_LABEL) == [Literal("Tenkestad kommune i Fjordlys", "nb")]
    assert values_of(made.added, thing, CERTAINTY) == [STATED]  # as the voice is
    assert values_of(made.added, thing, DCTERMS_SOURCE) == [iri("id/source/page")]
    assert findings == ()


def test_the_shipped_relations_have_iris_of_what_they_join():
    base = Base.read(Content.open(SHIPPED))
    found = {each.kind: each for each in tables(base).values()}
    table = found["participation"]
    name = {column.property.split("#")[-1].split("/")[-1]: column.key for column in table.columns}
    joins = {
        name["inActivity"]: "Inclusivate",
        name["participant"]: "Nord universitet",
        name["role"]: "partner",
        name["source"]: "E-01",
    }
    made, findings = propose(base, table, Row(None, joins))
    [thing] = made.subjects
    assert thing.endswith("id/participation/inclusivate-nord-universitet")
    assert {str(each) for each in values_of(made.added, thing, RDFS_LABEL)} == {
        "Nord universitet i Inclusivate",
        "Nord University in Inclusivate",
    }
    assert {each.file for each in made.added} == {"data/register/e-01.ttl"}
    assert not codes(findings)
    joins[name["source"]] = "S-018"  # a passage of a document: the graph of that, or of our reading of it
    assert {each.file for each in propose(base, table, Row(None, joins))[0].added} == {"data/strategy/activities.ttl"}
    joins |= {f"{RATIONALE}@nb": "a", f"{RATIONALE}@en": "b", str(CERTAINTY): "usikker"}
    made, findings = propose(base, table, Row(None, joins))
    assert {each.file for each in made.added} == {"data/interpretation/participations.ttl"}
    assert not codes(findings)


def test_a_relation_that_is_there_already_is_asked_about(base):
    joins = {key("inActivity"): "Brubygging", key("participant"): "Eksempelvik kommune", key("role"): "deltaker"}
    _, findings = propose(base, PARTICIPATION, Row(None, joins, voice=REGISTER))
    assert "is-it-this" in codes(findings, "warning")
    assert findings[0].value == iri("id/participation/a-1")


def test_rows_name_each_others_new_things_whatever_comes_first(base):
    joins = {key("inActivity"): "Lykteparken", key("participant"): "Nystad kommune", key("role"): "deltaker"}
    joined = Row(None, {**joins, str(DCTERMS_SOURCE): "Eksempelsiden"})
    made, findings = propose(
        base,
        PARTICIPATION,
        joined,
        ACTIVITY,
        Row(None, {NB: "Lykteparken"}, voice="Eksempelsiden"),
        MUNICIPALITY,
        Row(None, {NB: "Nystad kommune"}, voice="Eksempelsiden"),
        SOURCE,
        Row(None, {NB: "Eksempelsiden", "page": "https://example.org/"}),
    )
    assert not codes(findings)
    file, graph = "data/register/eksempelsiden.ttl", iri("graph/register/eksempelsiden")
    assert {each.file for each in made.added} == {file}
    assert len(made.subjects) == 5
    source = iri("id/source/eksempelsiden")
    about = [each for each in made.added if each.subject == graph]
    assert values_of(about, graph, DCTERMS_SOURCE) == [source]
    assert values_of(about, graph, CERTAINTY) == [STATED]
    assert {str(each) for each in values_of(about, graph, RDFS_LABEL)} == {
        "Registergraf: Eksempelsiden",
        "Register graph: Eksempelsiden",
    }
    assert len(about) == 6  # once, however many say something by it


def test_the_file_of_a_new_source_is_never_one_that_is_there(base):
    other = Row(None, {NB: "Page", "page": "https://example.org/2"})
    made, _ = propose(base, SOURCE, other)
    assert {each.file for each in made.added} == {"data/register/page-2.ttl"}


# Farewells


def test_what_is_withdrawn_goes_with_its_parts_and_what_points_to_it(base):
    base.add(LIGHT, iri(f"{EX}after"), Stated(BRIDGES, ACTIVITIES))
    made, findings = propose(base, ACTIVITY, row(base, BRIDGES, status="withdraw"))
    gone = {BRIDGES, iri("id/participation/a-1"), iri("id/claim/1")}
    expected = {each for each in said(base) if each.subject in gone}
    assert set(made.removed) == expected | {Statement(LIGHT, iri(f"{EX}after"), BRIDGES, ACTIVITIES)}
    assert made.added == ()
    assert sorted(codes(findings, "info")) == ["part-goes", "pointed-here"]
    assert codes(findings, "warning") == ["withdrawn"]
    assert made.bases[LIGHT, iri(f"{EX}after")] == (BRIDGES,)


def test_what_is_replaced_leaves_who_took_its_place(base):
    made, findings = propose(base, ACTIVITY, row(base, BRIDGES, status="replaced", successor="Fjordlys"))
    left = iri("dcterms:isReplacedBy")
    assert set(made.added) == {
        Statement(BRIDGES, left, LIGHT, ACTIVITIES),
        Statement(iri("id/participation/a-1"), iri(f"{EX}inActivity"), LIGHT, "data/strategy/municipalities.ttl"),
    }
    applied(base, made)
    assert base.classes(BRIDGES) == frozenset()
    assert [each.value for each in base.values(BRIDGES, left)] == [LIGHT]
    assert base.pointing(BRIDGES) == []
    assert codes(findings) == []


def test_what_was_claimed_of_a_link_is_claimed_of_the_successor(base):
    topics = table(iri(f"{EX}Topic"), "topic", *labels())
    made, _ = propose(base, topics, row(base, CULTURE, topics, status="replaced", successor="skole"))
    anew = claim_iri(base, BRIDGES, iri(f"{EX}topic"), SCHOOL)
    assert not [each for each in made.added if each.predicate == iri(f"{EX}topic")]  # that is said already
    assert values_of(made.added, anew, CERTAINTY) == [UNCERTAIN]
    assert values_of(made.added, anew, RDF_OBJECT) == [SCHOOL]


@pytest.mark.parametrize("successor", ["", "Finnes ikke", "Brubygging"])
def test_a_successor_is_another_thing_that_is_there(base, successor):
    made, findings = propose(base, ACTIVITY, row(base, BRIDGES, status="replaced", successor=successor))
    assert len(codes(findings)) == 1
    assert (made.removed, made.added) == ((), ())


def test_a_new_thing_can_take_the_place(base):
    made, findings = proposal(
        base,
        [(ACTIVITY, [row(base, LIGHT, status="replaced", successor="Lys"), Row(None, {NB: "Lys"}, voice=REGISTER)])],
        **DOOR,
        language="nb",
    )
    assert not codes(findings)
    assert iri("id/activity/lys") in [each.value for each in made.added if each.subject == LIGHT]


# Rows that mean harm


def test_nothing_that_a_row_says_can_break_what_is_written(base):
    wicked = "x\ud800\x00\u202e"
    changed = row(
        base,
        LIGHT,
        cells={key("topic"): "skole", "nowhere": "x"},
        voice=REGISTER,
        certainty=UNCERTAIN,
        rationale={"nb": f"{WHY['nb']}\x00", "en": WHY["en"], "\n<x>": "tull"},
    )
    made, findings = proposal(base, [(ACTIVITY, [changed])], door="form", title=wicked, note=wicked, language="nb")
    assert not codes(findings)
    for each in made.added:
        assert n3(each.value)
    assert {each.value for each in made.added if each.predicate == RATIONALE} == {
        Literal(text, tag) for tag, text in WHY.items()
    }
    for fields in (
        {"voice": wicked, "cells": {EN: "x"}},
        {"status": "replaced", "successor": wicked},
        {"cells": {EN: wicked, key("topic"): wicked, key("end"): wicked}, "voice": REGISTER},
    ):
        made, findings = proposal(base, [(ACTIVITY, [row(base, LIGHT, **fields)])], **DOOR, language="nb")
        assert codes(findings)
        for each in findings:
            assert all(text.encode() for text in each.messages.values())


def test_a_new_source_cannot_choose_its_file(base):
    for name in ("../../etc/passwd", "dataset", "a/b", "con\\x", "…"):
        made, _ = propose(base, SOURCE, Row(None, {NB: name, "page": "https://example.org/"}))
        assert {each.file.count("/") for each in made.added} == {2}
        assert all(each.file.startswith("data/register/") and ".." not in each.file for each in made.added)


def test_only_sources_can_say_something(base):
    # The tail of an IRI names only new sources: of others there may be many.
    for voice in ("page", "Fjordlys", str(LIGHT), str(iri("graph/entailed/x")), "https://example.org/"):
        _, findings = propose(base, ACTIVITY, row(base, BRIDGES, cells={EN: "Bridges"}, voice=voice))
        assert codes(findings) == ["unknown-voice"], voice


def test_a_relation_without_what_it_joins_asks_for_that(base):
    joins = {key("inActivity"): "Fjordlys", key("participant"): "Ukjent kommune"}
    _, findings = propose(base, PARTICIPATION, Row(None, joins, voice=REGISTER))
    assert "unknown-name" in codes(findings)


def test_a_shipped_relation_without_what_it_joins_asks_for_that():
    base = Base.read(Content.open(SHIPPED))
    table = next(each for each in tables(base).values() if each.kind == "participation")
    name = {column.property.split("#")[-1]: column.key for column in table.columns}
    new = Row(None, {name["inActivity"]: "Inclusivat", name["role"]: "partner"}, voice="E-01")
    made, findings = propose(base, table, new)
    assert made.added == ()
    assert sorted(codes(findings)) == ["missing", "unknown-name"]
    assert "«Inclusivate»" in next(each.messages["nb"] for each in findings if each.code == "unknown-name")


# Properties


@settings(max_examples=50)
@given(data=st.data())
def test_a_random_edit_is_exactly_that_change_and_comes_back(real, data):
    """Export, edit one cell, import: only that statement changes. Export that: the cell says what was written."""
    base, found = real
    assume(found)
    table = data.draw(st.sampled_from(sorted(found.values(), key=lambda each: each.cls)))
    inside = things(base, found, table)
    assume(inside)
    thing = data.draw(st.sampled_from(inside))
    column = data.draw(st.sampled_from(table.columns))
    [given_out] = rows(base, table, "nb", [thing])
    assume(column.key in given_out.cells)
    wanted = data.draw(_written(base, column))
    reading = read(wanted, column, base, "nb")
    assume(reading.ok)
    edited = replace(given_out, cells={**given_out.cells, column.key: wanted}, voice=CORRECTION)
    made, findings = proposal(base, [(table, [edited])], **DOOR, language="nb")
    before = set(values(base, thing, column))
    touched = {(each.subject, each.predicate) for each in (*made.removed, *made.added)}
    own = {each for each in touched if each[0] == thing}
    assert own <= {(thing, column.property)}
    assert all(CLAIM in {v.value for v in base.values(each[0], RDF_TYPE)} for each in touched - own)
    assert {each.value for each in made.removed if each.subject == thing} == before - set(reading.terms)
    assert {each.value for each in made.added if each.subject == thing} == set(reading.terms) - before
    if set(codes(findings)) - {"missing"}:
        return
    applied(base, made)
    try:
        assert set(values(base, thing, column)) == set(reading.terms)
        [after] = rows(base, table, "nb", [thing])
        again = replace(after, before=given_out.before, voice=CORRECTION)
        assert not proposal(base, [(table, [again])], **DOOR, language="nb")[0].added  # what was written is there
    finally:
        applied(base, inverse(made))
    assert set(values(base, thing, column)) == before


def _written(base, column):
    """Give what somebody may write in a cell: that kind of thing, now and then nothing."""
    texts = st.text(st.characters(categories=["L", "N", "P", "Zs"]), max_size=12)
    names = st.sampled_from(sorted(str(each) for each in list(base.statements)[:200]))
    kinds = {
        "line": texts,
        "text": texts,
        "integer": st.integers(-(10**6), 10**6),
        "decimal": st.integers(-(10**6), 10**6) | st.floats(-1000, 1000).map(lambda each: round(each, 2)),
        "date": st.dates(min_value=_FIRST),
        "period": st.dates(min_value=_FIRST) | st.integers(1900, 2100) | st.just("mars 2018"),
        "year": st.integers(1900, 2100),
        "boolean": st.booleans(),
        "choice": st.sampled_from([str(each) for each in column.choices] or [""]),
        "link": names,
        "address": st.just("https://example.org/") | st.just("http://example.org/å"),
    }
    return st.just("") | kinds[column.kind]
