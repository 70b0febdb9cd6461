"""The tables of the shipped content, and of a small one with other classes, languages and anonymous shapes."""

from dataclasses import replace
from pathlib import Path

import pytest

from app.content.folders import Content
from app.editing.base import Base
from app.editing.tables import Column, Table, table_of, tables, targets, things
from app.namespaces import INN, RDF_TYPE, iris, shrink
from app.terms import Iri, Literal

ROOT = Path(__file__).parents[2]
NORDFJELLA = ROOT / "tests" / "contents" / "nordfjella"
EX = "http://example.org/eksempelvik/"

# What things with a table have that no column is for, and why.
NOT_EDITED = {
    "rdf:type": "a thing is in the table of its class",
    "geo:hasGeometry": "a point on the map is a thing of its own",
    "locn:address": "so is a postal address",
    "inn:memberOf": "follows from the table of memberships",
    "inn:participatesIn": "follows from the table of participations",
    "skos:narrower": "the other direction of the broader concept",
    "skos:topConceptOf": "a concept without a broader one",
    "skos:notation": "a code of a list that others keep",
    "dcterms:isPartOf": "the list of others that a concept is in",
    "dcterms:title": "said of one outside document only",
    "dcterms:issued": "said of one outside document only",
    "dcterms:type": "said of one outside document only",
    "dcterms:dateAccepted": "said of one strategy only",
    "inn:issuedNotBefore": "said of one strategy only",
}

DATASET = """PREFIX dc: <http://purl.org/dc/elements/1.1/>
PREFIX dcterms: <http://purl.org/dc/terms/>
PREFIX void: <http://rdfs.org/ns/void#>
<http://example.org/eksempelvik/catalog#dataset> a void:Dataset ; void:uriSpace "http://example.org/eksempelvik/" ;
    dcterms:title "Eksempelvik"@de , "Døme"@nn ; dc:language "nn, de, sma" .
"""
PREFIXES = """PREFIX dash: <http://datashapes.org/dash#>
PREFIX inn: <https://w3id.org/innherred/ontology#>
PREFIX dcterms: <http://purl.org/dc/terms/>
PREFIX ex: <http://example.org/eksempelvik/o#>
PREFIX owl: <http://www.w3.org/2002/07/owl#>
PREFIX rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
PREFIX sh: <http://www.w3.org/ns/shacl#>
PREFIX xsd: <http://www.w3.org/2001/XMLSchema#>
"""
ONTOLOGY = """
ex:Boat a owl:Class ; rdfs:label "Båt"@nn , "Boot"@de ; rdfs:comment "Noko som flyt."@nn .
ex:Ferry a owl:Class ; rdfs:subClassOf ex:Boat .
ex:Crossing a owl:Class .
ex:Odd a owl:Class ; rdfs:subClassOf ex:Odder .
ex:Odder a owl:Class ; rdfs:subClassOf ex:Odd .
ex:length a owl:DatatypeProperty ; rdfs:label "lengd"@nn ; rdfs:range xsd:decimal .
ex:owner a owl:ObjectProperty ; rdfs:range ex:Boat .
"""
DATA = """
<http://example.org/eksempelvik/id/boat/gamle> a ex:Boat ; rdfs:label "Gamle"@nn , "Vieux"@fr .
<http://example.org/eksempelvik/id/boat/nye> a ex:Ferry ; rdfs:label "Nye"@nn .
<http://example.org/eksempelvik/id/boat/nye#motor> a ex:Odd .
"""


@pytest.fixture(scope="module")
def base() -> Base:
    return Base.read(Content.open(ROOT))


@pytest.fixture(scope="module")
def found(base: Base) -> dict[Iri, Table]:
    return tables(base)


@pytest.fixture
def write(tmp_path: Path):
    """Give a function: shapes in, the base of a small content with them out."""

    def made(shapes: str, data: str = DATA) -> Base:
        files = {"data/dataset.ttl": DATASET, "ontology/terms.ttl": PREFIXES + ONTOLOGY}
        files |= {"data/boats.ttl": PREFIXES + data, "shapes/boats.ttl": PREFIXES + shapes}
        for name, text in files.items():
            (tmp_path / name).parent.mkdir(exist_ok=True)
            (tmp_path / name).write_text(text, encoding="utf-8")
        return Base.read(Content.open(tmp_path))

    return made


def column(table: Table, key: str) -> Column:
    found = table.column(key)
    assert found is not None, f"{key} is none of {[each.key for each in table.columns]}"
    return found


def only(base: Base) -> Table:
    (table,) = tables(base).values()
    return table


def test_all_that_is_said_of_things_with_a_table_has_a_column_or_a_reason(base: Base, found: dict[Iri, Table]) -> None:
    left = set()
    for thing, said in base.statements.items():
        if table := table_of(base, found, thing):
            left |= {shrink(each, base.content.prefixes) for each in said} - {
                shrink(each.property, base.content.prefixes) for each in table.columns
            }
    assert left == set(NOT_EDITED)


def test_every_value_in_a_language_has_a_column_of_that_language(base: Base, found: dict[Iri, Table]) -> None:
    for table in found.values():
        keys = {each.key for each in table.columns}
        tagged = {each.property for each in table.columns if each.language}
        for thing in things(base, found, table):
            for path, stated in base.statements[thing].items():
                for value in (each.value for each in stated):
                    if isinstance(value, Literal) and (value.language or path in tagged):
                        key = f"{path}@{value.language}" if value.language else path
                        assert key in keys or path not in {each.property for each in table.columns}, (thing, key)


def test_every_value_is_of_the_kind_of_its_column(base: Base, found: dict[Iri, Table]) -> None:
    wanted = 0
    for table in found.values():
        for each in table.columns:
            allowed = set(targets(base, each)) if each.kind == "link" else set(each.choices)
            for thing in things(base, found, table):
                for value in (stated.value for stated in base.values(thing, each.property)):
                    if (each.language or None) != getattr(value, "language", None):
                        continue
                    wanted += 1
                    if each.kind in ("link", "choice"):
                        assert value in allowed, (thing, each.key)
                    elif each.kind == "address":
                        assert isinstance(value, Iri), (thing, each.key)
                    else:
                        assert isinstance(value, Literal), (thing, each.key)
                        assert not each.datatypes or value.datatype in each.datatypes, (thing, each.key)
    assert wanted > 5000


def test_what_is_required_is_there_for_every_thing(base: Base, found: dict[Iri, Table]) -> None:
    for table in found.values():
        for each in (each for each in table.columns if each.required):
            for thing in things(base, found, table):
                values = [stated.value for stated in base.values(thing, each.property)]
                assert any(not each.language or getattr(v, "language", None) == each.language for v in values), (
                    thing,
                    each.key,
                )


def test_each_thing_is_in_one_table(base: Base, found: dict[Iri, Table]) -> None:
    listed = [thing for table in found.values() for thing in things(base, found, table)]
    assert len(listed) == len(set(listed)) > 600
    assert all(thing in listed for thing in base.statements if table_of(base, found, thing))


def test_the_tables_are_named_ordered_and_the_same_each_time(base: Base, found: dict[Iri, Table]) -> None:
    assert repr(tables(Base.read(Content.open(ROOT)))) == repr(found)
    counts = [len(things(base, found, table)) for table in found.values()]
    assert counts == sorted(counts, reverse=True)
    for table in found.values():
        assert {"nb", "en"} <= set(table.names)
        for language in ("nb", "en"):
            headings = [each.heading(language).casefold() for each in table.columns]
            assert len(headings) == len(set(headings)), (table.cls, headings)
        for each in table.columns:
            assert each.group, each.key
            assert {"nb", "en"} <= set(each.group.names), each.key
            assert {"nb", "en"} <= set(each.help), each.key
            assert each.order < float("inf"), each.key
        places = [(each.group.order, each.order) for each in table.columns if each.group]
        assert places == sorted(places)


def test_claims_passages_and_parts_of_things_have_no_table(found: dict[Iri, Table]) -> None:
    hidden = iris("inn:Claim inn:Passage geo:Geometry locn:Address oa:TextQuoteSelector skos:ConceptScheme foaf:Person")
    assert not set(hidden) & set(found)


def test_a_participation_is_a_part_of_its_activity_and_of_its_participant(found: dict[Iri, Table]) -> None:
    (activity,) = found[Iri(INN + "Activity")].parts
    assert (activity.table, activity.column) == (INN + "Participation", INN + "inActivity")
    membership, member, organisation, participant = iris("org:Membership org:member org:organization inn:participant")
    parts = [(each.table, each.column) for each in found[Iri(INN + "Municipality")].parts]
    assert parts == [(membership, member), (membership, organisation), (INN + "Participation", participant)]
    assert found[Iri(INN + "Participation")].sourced
    assert not found[Iri(INN + "Statement")].sourced
    # A role is chosen from a list, which the participation is no part of.
    assert not found[Iri("http://www.w3.org/2004/02/skos/core#Concept")].parts


def test_a_narrower_class_has_the_columns_of_the_wider_too(found: dict[Iri, Table]) -> None:
    wide, narrow = found[Iri(INN + "Organisation")], found[Iri(INN + "Municipality")]
    assert {each.property for each in wide.columns} < {each.property for each in narrow.columns}


def test_a_content_without_shapes_has_no_tables() -> None:
    assert tables(Base.read(Content.open(NORDFJELLA))) == {}


def test_names_are_asked_for_in_the_languages_of_the_title(write) -> None:
    table = only(
        write(
            "ex:S a sh:NodeShape ; sh:targetClass ex:Boat ; sh:property [ sh:path rdfs:label ; sh:uniqueLang true ] ."
        )
    )
    label = "http://www.w3.org/2000/01/rdf-schema#label"
    assert [(each.key, each.required, each.many) for each in table.columns] == [
        (f"{label}@nn", True, False),
        (f"{label}@de", True, False),
        (f"{label}@sma", False, False),
        (f"{label}@fr", False, False),
    ]
    assert (table.names, table.help, table.kind) == ({"de": "Boot", "nn": "Båt"}, {"nn": "Noko som flyt."}, "boat")
    assert column(table, f"{label}@sma").heading("nb").endswith("(sørsamisk)")


def test_a_text_whose_shape_leaves_its_language_open_has_a_column_for_each_way_it_is_written(write) -> None:
    shape = """ex:S a sh:NodeShape ; sh:targetClass ex:Boat ;
        sh:property [ sh:path ex:unit ; sh:nodeKind sh:Literal ; sh:minCount 1 ] ."""
    assert [(each.key, each.required) for each in only(write(shape)).columns] == [(f"{EX}o#unit", True)]
    tagged = DATA + "<http://example.org/eksempelvik/id/boat/nye> ex:unit 'mil'@nn ."
    assert [(each.key, each.required) for each in only(write(shape, tagged)).columns] == [(f"{EX}o#unit@nn", False)]
    both = tagged + "<http://example.org/eksempelvik/id/boat/nye> ex:unit 'km' ."
    assert [each.key for each in only(write(shape, both)).columns] == [f"{EX}o#unit", f"{EX}o#unit@nn"]


def test_shapes_without_names_are_named_by_the_ontology(write) -> None:
    table = only(
        write("""ex:S a sh:NodeShape ; sh:targetClass ex:Boat ;
        sh:property [ sh:path ex:length ] , [ sh:path ex:owner ] , [ sh:path ex:unknown ] .""")
    )
    length, owner, unknown = (column(table, f"{EX}o#{name}") for name in ("length", "owner", "unknown"))
    assert (length.kind, length.names, length.many, length.required) == ("decimal", {"nn": "lengd"}, True, False)
    assert (owner.kind, owner.classes) == ("link", (f"{EX}o#Boat",))
    assert (unknown.kind, unknown.heading("nb"), unknown.shape) == ("line", "unknown", None)


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        ("sh:datatype xsd:integer", "integer"),
        ("sh:datatype xsd:gYear", "year"),
        ("sh:datatype xsd:date", "date"),
        ("sh:datatype xsd:boolean", "boolean"),
        ("sh:datatype xsd:anyURI", "address"),
        ("sh:datatype xsd:dateTime", "line"),
        ("sh:datatype xsd:string", "line"),
        ("sh:datatype xsd:string ; dash:singleLine false", "text"),
        ("sh:datatype xsd:string ; dash:editor dash:TextAreaEditor", "text"),
        ("sh:or ( [ sh:datatype xsd:gYear ] [ sh:datatype xsd:date ] )", "period"),
        ("sh:or ( [ sh:datatype xsd:decimal ] [ sh:datatype xsd:integer ] )", "decimal"),
        ("sh:or ( [ sh:datatype xsd:decimal ] [ sh:class ex:Boat ] )", "line"),
        ("sh:or ( [ sh:datatype xsd:boolean ] [ sh:datatype xsd:date ] )", "line"),
        ("sh:xone ( [ sh:class ex:Boat ] [ sh:class ex:Ferry ] )", "link"),
        ("sh:in ( 1 2 )", "choice"),
        ("sh:nodeKind sh:IRI", "link"),
        ('sh:nodeKind sh:IRI ; sh:pattern "^https?://"', "address"),
        ("sh:nodeKind sh:IRI ; dash:editor dash:URIEditor", "address"),
        ("sh:or 7", "line"),
        ("sh:or rdf:nil", "line"),
    ],
)
def test_the_kind_of_a_cell(write, said: str, kind: str) -> None:
    table = only(write(f"ex:S a sh:NodeShape ; sh:targetClass ex:Boat ; sh:property [ sh:path ex:unknown ; {said} ] ."))
    assert column(table, f"{EX}o#unknown").kind == kind


def test_of_several_shapes_all_hold_and_the_narrowest_names(write) -> None:
    base = write("""
    ex:Wide a sh:NodeShape ; sh:targetClass ex:Boat ; sh:property ex:Wide-length .
    ex:Wide-length sh:path ex:length ; sh:name "vid"@nn ; sh:maxCount 1 ; sh:order 7 ; sh:description "hjelp"@nn .
    ex:Narrow a sh:NodeShape ; sh:targetClass ex:Ferry ;
        sh:property [ sh:path ex:length ; sh:name "smal"@nn ; sh:minCount 1 ] .
    ex:Served a sh:NodeShape ; sh:targetSubjectsOf ex:length ; dash:applicableToClass rdfs:Resource ;
        sh:property [ sh:path ex:length ; sh:name "alle"@nn ;
            sh:datatype xsd:integer ; sh:minCount 1 ; sh:maxCount 3 ] .
    """)
    found = tables(base)
    assert list(found) == [f"{EX}o#Boat", f"{EX}o#Ferry"]
    wide, narrow = (column(table, f"{EX}o#length") for table in found.values())
    assert (wide.names, wide.required, wide.many, wide.kind) == ({"nn": "vid"}, False, False, "integer")
    assert (narrow.names, narrow.required, narrow.many, narrow.kind) == ({"nn": "smal"}, True, False, "integer")
    assert (narrow.order, narrow.help) == (7, {"nn": "hjelp"})
    assert [len(things(base, found, table)) for table in found.values()] == [1, 1]


@pytest.mark.parametrize(
    "off",
    ["ex:S dash:hidden true .", "ex:S sh:deactivated true .", "ex:P sh:deactivated true .", "ex:P sh:maxCount 0 ."],
)
def test_a_class_whose_shape_is_hidden_off_or_forbids_has_no_table(write, off: str) -> None:
    shape = "ex:S a sh:NodeShape ; sh:targetClass ex:Boat ; sh:property ex:P . ex:P sh:path ex:length . "
    assert len(tables(write(shape))) == 1
    assert tables(write(shape + off)) == {}


def test_a_property_that_is_hidden_has_no_column(write) -> None:
    shape = "ex:S a sh:NodeShape ; sh:targetClass ex:Boat ; sh:property ex:P , [ sh:path ex:owner ] . "
    table = only(write(shape + "ex:P sh:path ex:length ; dash:hidden true ."))
    assert [each.property for each in table.columns] == [f"{EX}o#owner"]


def test_a_shape_that_only_warns_demands_nothing(write) -> None:
    table = only(
        write("""ex:S a sh:NodeShape ; sh:targetClass ex:Boat ;
        sh:property [ sh:path ex:length ; sh:minCount 1 ; sh:severity sh:Warning ] .""")
    )
    assert not column(table, f"{EX}o#length").required


def test_shapes_that_take_in_others_or_themselves_come_to_an_end(write) -> None:
    base = write("""
    ex:S a sh:NodeShape ; sh:targetClass ex:Odd , ex:Odder ; sh:node ex:T , ex:S ;
        sh:and ( ex:T _:x ) ; sh:in _:circle .
    ex:T sh:property [ sh:path ex:length ; sh:order "first" ; sh:group ex:G ; sh:minCount "many" ; sh:maxCount -1 ;
        sh:in _:circle ] , [ sh:path ( ex:owner ex:length ) ] , [ sh:path [ sh:inversePath ex:owner ] ] , "no shape" .
    ex:G sh:order "x" .
    _:circle rdf:first 1 ; rdf:rest _:circle .
    """)
    found = tables(base)
    assert set(found) == {f"{EX}o#Odd", f"{EX}o#Odder"}
    length = column(found[Iri(f"{EX}o#Odd")], f"{EX}o#length")
    assert (length.kind, [str(each) for each in length.choices]) == ("choice", ["1"])
    assert length.order == float("inf")
    assert length.group is not None
    assert not length.required
    assert {each.property for each in found[Iri(f"{EX}o#Odd")].columns} == {f"{EX}o#length"}


def test_a_pattern_that_is_no_regular_expression_is_left_to_the_check(write) -> None:
    base = write("""ex:S a sh:NodeShape ; sh:targetClass ex:Boat ;
        sh:property [ sh:path ex:owner ; sh:class ex:Boat ; sh:pattern "(" ] .""")
    owner = column(only(base), f"{EX}o#owner")
    assert targets(base, owner) == [f"{EX}id/boat/gamle", f"{EX}id/boat/nye"]
    assert targets(base, replace(owner, pattern="/gamle$")) == [f"{EX}id/boat/gamle"]


def test_a_relation_of_another_content_is_a_part_by_its_shape(write) -> None:
    base = write("""
    ex:B a sh:NodeShape ; sh:targetClass ex:Boat ; sh:property [ sh:path ex:length ] .
    ex:C a sh:NodeShape ; sh:targetClass ex:Crossing ; sh:property [ sh:path dcterms:source ; sh:nodeKind sh:IRI ] ,
        [ sh:path inn:certainty ; sh:in ( inn:stated ) ] ,
        [ sh:path ex:owner ; sh:class ex:Boat ; sh:minCount 1 ; sh:maxCount 1 ] .
    """)
    found = tables(base)
    (part,) = found[Iri(f"{EX}o#Boat")].parts
    assert (part.table, part.column) == (f"{EX}o#Crossing", f"{EX}o#owner")
    assert found[Iri(f"{EX}o#Crossing")].kind == "crossing"
    assert RDF_TYPE not in {each.property for table in found.values() for each in table.columns}
