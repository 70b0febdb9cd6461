"""SHACL validation: the engine is asked right, and the report is the same each time."""

import io
from pathlib import Path

import pytest

from app.content.reading import InputFile, parse
from app.namespaces import VIOLATION
from app.quality.validation import Report, layers, validate, with_dates
from app.terms import BlankNode, Iri, Literal

PREFIXES = """PREFIX e: <http://e/>
PREFIX sh: <http://www.w3.org/ns/shacl#>
PREFIX xsd: <http://www.w3.org/2001/XMLSchema#>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
"""
SHAPE = """e:S a sh:NodeShape ; sh:targetClass e:C ;
    sh:property [ sh:path e:p ; sh:datatype xsd:integer ; sh:message 'no'@en ] ."""


def triples(text):
    file = InputFile(Path("x.ttl"), "x.ttl", None, "data")
    return [triple for triple, _ in parse(io.BytesIO((PREFIXES + text).encode()), file, "http://base/")]


def test_conforming_data_conform():
    report = validate(triples("e:a a e:C ; e:p 1 ."), triples(SHAPE))
    assert report.conforms
    assert report.results == ()


def test_a_result_has_focus_path_value_and_the_nearest_named_shape():
    (result,) = validate(triples("e:a a e:C ; e:p 'x'@nb ."), triples(SHAPE)).results
    assert (result.focus, result.path, result.value) == ("http://e/a", "http://e/p", Literal("x", "nb"))
    assert (result.severity, result.shape, result.messages) == (VIOLATION, "http://e/S", {"en": "no"})
    assert result.component == "http://www.w3.org/ns/shacl#DatatypeConstraintComponent"


def test_ill_typed_and_unusual_lexical_forms_are_judged_as_written():
    report = validate(triples("e:a a e:C ; e:p '1x'^^xsd:integer , 01 ."), triples(SHAPE))
    assert [str(result.value) for result in report.results] == ["1x"]


def test_subclasses_count_and_nothing_else_is_entailed():
    data = triples("e:D rdfs:subClassOf e:C . e:p rdfs:domain e:C . e:d a e:D ; e:p 'x' . e:other e:p 'x' .")
    assert [result.focus for result in validate(data, triples(SHAPE)).results] == ["http://e/d"]


def test_filter_false_is_false():
    shape = "e:S a sh:NodeShape ; sh:targetClass e:C ; sh:sparql e:S-q . e:S-q sh:message 'no' ; sh:select '%s' ."
    data = triples("e:a a e:C .")
    assert validate(data, triples(shape % "SELECT $this WHERE { $this a ?c FILTER(false) }")).conforms
    assert not validate(data, triples(shape % "SELECT $this WHERE { $this a ?c FILTER(true) }")).conforms


def test_blank_focus_nodes_are_reported():
    (result,) = validate(triples("[] a e:C ; e:p 'x' ."), triples(SHAPE)).results
    assert isinstance(result.focus, BlankNode)


def test_the_report_in_rdf_is_the_same_each_time_and_without_blank_nodes():
    data = triples("e:a a e:C ; e:p 'x' , 'y' .")
    first, second = (set(validate(data, triples(SHAPE)).triples("http://b/", {})) for _ in range(2))
    assert first == second
    assert not any(isinstance(term, BlankNode) for triple in first for term in triple)
    results = {o for _, p, o in first if p == "http://www.w3.org/ns/shacl#result"}
    assert len(results) == 2
    assert all(isinstance(result, Iri) and result.startswith("http://b/quality#") for result in results)


LAYERED = """e:Hard a sh:NodeShape ; sh:targetClass e:C ; sh:property e:Hard-p . e:Hard-p sh:path e:p ; sh:minCount 1 .
e:Soft a sh:NodeShape ; sh:targetClass e:C ; sh:severity sh:%s ; sh:sparql e:Soft-q ;
    sh:message 'rule'@en , 'regel'@nb .
e:Soft-q sh:message '{?value} mangler'@nb , '{?value} is missing'@en ;
    sh:select 'SELECT $this ?value WHERE { $this a ?value }' ."""


@pytest.mark.parametrize("severity", ["Warning", "Info"])
def test_the_two_layers_of_shapes_find_each_its_own(severity):
    data = triples("e:a a e:C .")
    integrity, strategy = (validate(data, layer).results for layer in layers(triples(LAYERED % severity)))
    assert [result.shape for result in integrity] == ["http://e/Hard-p"]
    assert [(result.shape, result.severity) for result in strategy] == [
        ("http://e/Soft", "http://www.w3.org/ns/shacl#" + severity)
    ]
    both = validate(data, triples(LAYERED % severity))
    assert Report(not strategy, strategy) + Report(not integrity, integrity) == both, "violations first"


def test_the_message_of_a_sparql_constraint_replaces_that_of_its_shape():
    (result,) = validate(triples("e:a a e:C ; e:p 1 ."), triples(LAYERED % "Info")).results
    assert result.messages == {"en": "http://e/C is missing", "nb": "http://e/C mangler"}


def test_the_file_of_a_result_stands_in_the_report():
    report = validate(triples("e:a a e:C ; e:p 'x' ."), triples(SHAPE))
    key = report.results[0].key
    name = (Iri(f"http://b/quality#{key}"), Iri("http://spdx.org/rdf/terms#fileName"), Literal("data/a.ttl"))
    assert name in set(report.triples("http://b/", {key: "data/a.ttl"}))
    assert name not in set(report.triples("http://b/", {}))


@pytest.mark.parametrize(
    ("text", "language", "written"),
    [
        ("Gjaldt til 2023-12-31.", "nb", "Gjaldt til 31. desember 2023."),
        ("Valid until 2023-12-31.", "en", "Valid until 31 December 2023."),
        ("Oppgitt per 2023-03, for lenge siden", "nb", "Oppgitt per mars 2023, for lenge siden"),
        ("Stated as of 2023-03", "en", "Stated as of March 2023"),
        ("2021-2023, 2022-25, 2023-02-30, 12345-01", "nb", "2021-2023, 2022-25, 2023-02-30, 12345-01"),
        (
            "https://example.org/2023-12-31/a and x-2023-12-31",
            "en",
            "https://example.org/2023-12-31/a and x-2023-12-31",
        ),
        ("2023-12-31", "", "2023-12-31"),
        ("2023-12-31", "xx-none", "2023-12-31"),
    ],
)
def test_dates_in_messages_are_written_out(text: str, language: str, written: str) -> None:
    assert with_dates(text, language) == written
