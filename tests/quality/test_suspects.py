"""Which nodes pySHACL is asked of: all of which it has something to say. pySHACL, asked of everything, is the judge."""

import random
from pathlib import Path

import pyshacl
import pytest
import rdflib
from hypothesis import given, settings
from hypothesis import strategies as st
from pyshacl.shapes_graph import ShapesGraph
from rdflib.namespace import RDF, SH

from app.content.folders import Content
from app.errors import ContentError
from app.quality import suspects
from app.quality.checks import integrity_shapes, written
from app.quality.graphs import WalkedGraph, rdflib_triple
from app.quality.validation import layers, validate
from app.terms import Iri, Literal, n3
from tests.quality.test_validation import triples

E = "http://e/"
SHAPES = """
e:Core a sh:NodeShape ; sh:targetClass e:C ; sh:targetSubjectsOf e:p ; sh:targetObjectsOf e:q ;
  sh:property e:Core-p , e:Core-q , e:Core-in , e:Core-any , e:Core-inverse , e:Core-text .
e:Core-p sh:path e:p ; sh:minCount 1 ; sh:maxCount 2 ; sh:nodeKind sh:Literal ; sh:uniqueLang true ;
  sh:languageIn ( 'nb' 'en' ) ; sh:disjoint e:text .
e:Core-q sh:path e:q ; sh:class e:C ; sh:nodeKind sh:IRI .
e:Core-in sh:path e:in ; sh:in ( 1 'a' e:a ) ; sh:hasValue 1 .
e:Core-any sh:path e:any ; sh:or ( [ sh:datatype xsd:integer ; sh:pattern '^1' ] [ sh:class e:C ] [ sh:node e:Part ] ) .
e:Core-inverse sh:path [ sh:inversePath e:q ] ; sh:maxCount 1 .
e:Core-text sh:path e:text ; sh:minLength 2 ; sh:maxLength 3 ; sh:pattern '^a' , 'b' ; sh:equals e:twin .
e:Part a sh:NodeShape ; sh:property [ sh:path e:text ; sh:minCount 1 ] .
e:Deep a sh:NodeShape ; sh:targetSubjectsOf e:any ;
  sh:property [ sh:path e:q ; sh:property [ sh:path e:p ; sh:minCount 1 ] ] .
e:Number a sh:PropertyShape ; sh:targetSubjectsOf e:in ; sh:path e:in ; sh:datatype xsd:date .
e:Sequence a sh:NodeShape ; sh:targetClass e:C ; sh:property [ sh:path ( e:q e:p ) ; sh:maxCount 1 ] .
e:Closed a sh:NodeShape ; sh:targetClass e:D ; sh:closed true ; sh:property [ sh:path e:p ] .
e:Not a sh:NodeShape ; sh:targetClass e:D ; sh:not [ sh:path e:text ; sh:minCount 1 ] .
e:Off a sh:NodeShape ; sh:targetClass e:C ; sh:deactivated true ; sh:property [ sh:path e:p ; sh:maxCount 0 ] .
"""
QUERIES = (
    "SELECT $this ?value WHERE { $this e:p ?value . ?other e:p ?value . FILTER(?other != $this) }",
    "SELECT $this WHERE { $this a ?c . FILTER NOT EXISTS { $this e:p ?p . FILTER(LANG(?p) = 'nb') } }",
    "SELECT $this ?value { { $this e:p ?value } UNION { ?value e:q $this } UNION {FILTER(STRENDS(STR($this), 'a'))} }",
    "SELECT $this { $this a ?c . OPTIONAL { { FILTER(STRENDS(STR($this), 'b')) BIND(1 AS ?x) } } FILTER(!BOUND(?x)) }",
    "SELECT $this { $this a ?c . OPTIONAL { $this e:text ?t . FILTER(STR(?t) != STR($this)) } FILTER(BOUND(?t)) }",
    "SELECT $this ?value WHERE { FILTER(isIRI($this)) ?value e:in ?one . FILTER NOT EXISTS { ?value e:q ?two } }",
    "SELECT $this { $this a ?c . FILTER(EXISTS { { $this e:p ?x } UNION { $this e:text ?x . FILTER(?x != $this) } }) }",
    "SELECT $this WHERE { $this e:q+ $this }",
    "SELECT $this (COUNT(?x) AS ?value) WHERE { $this e:p ?x } GROUP BY $this HAVING(COUNT(?x) > 1)",
    "SELECT $this ?value WHERE { ?value e:p ?x } ORDER BY ?x LIMIT 1",
)
ASKED = "".join(
    f"e:Asked{n} a sh:NodeShape ; sh:targetClass e:C ; sh:sparql e:Asked{n}-q . "
    f'e:Asked{n}-q sh:message "no" ; sh:prefixes <http://e/> ; sh:select """{query}""" .\n'
    for n, query in enumerate(QUERIES)
)
PREFIX = "<http://e/> sh:declare [ sh:prefix 'e' ; sh:namespace 'http://e/'^^xsd:anyURI ] .\n"
EVERY = triples(SHAPES + ASKED + PREFIX)

things = st.sampled_from([Iri(E + name) for name in "abcd"])
values = st.one_of(
    things,
    st.sampled_from([Iri(E + "C"), Iri(E + "D")]),
    st.builds(
        Literal, st.sampled_from(["a", "ab", "abb", "abbb", "1", "b"]), st.sampled_from(["nb", "EN", "en-GB", "de"])
    ),
    st.builds(
        lambda text, kind: Literal(text, None, Iri(f"http://www.w3.org/2001/XMLSchema#{kind}")),
        st.sampled_from(["1", "01", "ab", "2020-02-02", "2020-02-31"]),
        st.sampled_from(["integer", "string", "date"]),
    ),
)
predicates = st.sampled_from([Iri(E + name) for name in ("p", "q", "in", "any", "text", "twin")])
types = st.tuples(things, st.just(Iri(str(RDF.type))), st.sampled_from([Iri(E + name) for name in "CDF"]))
SUBCLASS = triples("e:F rdfs:subClassOf e:C .")


def by_pyshacl(data, shapes):
    """Give the results of a report that pySHACL made of everything, by what is compared."""
    graph = rdflib.Graph()
    for triple in shapes:
        graph.add(rdflib_triple(triple))
    _, report, _ = pyshacl.validate(WalkedGraph(data), shacl_graph=graph, advanced=False)
    return {
        tuple(str(report.value(node, each)) for each in (SH.focusNode, SH.value, SH.sourceConstraintComponent))
        for node in report.subjects(RDF.type, SH.ValidationResult)
    }


def ours(data, shapes):
    return {(str(r.focus), str(r.value), str(r.component)) for r in validate(data, shapes).results}


@settings(max_examples=30)
@given(st.lists(st.one_of(types, st.tuples(things, predicates, values)), max_size=25))
def test_nothing_that_pyshacl_finds_is_passed_over(data):
    every = [*dict.fromkeys(data), *SUBCLASS]
    assert ours(every, EVERY) == by_pyshacl(every, EVERY)


@pytest.mark.parametrize("seed", range(3))
def test_a_part_of_the_shipped_content_with_faults_is_judged_as_by_pyshacl(seed):
    content = Content.open(Path(__file__).parents[2])
    data = sorted(written(content), key=lambda triple: tuple(map(n3, triple)))
    chance = random.Random(seed)
    some = set(chance.sample(sorted({str(subject) for subject, _, _ in data}), 40))
    part = [each for each in data if str(each[0]) in some and chance.random() > 0.1]
    wrong = [(chance.choice(part)[0], chance.choice(part)[1], chance.choice(part)[2]) for _ in range(30)]
    shapes = integrity_shapes(content)
    assert ours([*part, *wrong], shapes) == by_pyshacl([*part, *wrong], shapes)


def test_of_conforming_data_nobody_is_suspected_and_of_a_fault_only_its_node():
    data, shapes = rdflib.Graph("Oxigraph"), rdflib.Graph()
    for graph, text in ((data, "e:a a e:C ; e:p 'x'@nb . e:b a e:C ."), (shapes, PREFIX + SHAPE_OF_BOTH)):
        for triple in triples(text):
            graph.add(rdflib_triple(triple))
    read = ShapesGraph(shapes)
    (shape,) = [each for each in read.shapes if str(each.node) == E + "S"]
    nodes = shape.focus_nodes(data)
    assert suspects.Suspects(data, read).of(shape, nodes) == {rdflib.URIRef(E + "b")}


SHAPE_OF_BOTH = f"""e:S a sh:NodeShape ; sh:targetClass e:C ; sh:property e:S-p ; sh:sparql e:S-q .
e:S-p sh:path e:p ; sh:minCount 1 .
e:S-q sh:prefixes <http://e/> ; sh:message 'no' ; sh:select \"\"\"{QUERIES[1]}\"\"\" ."""


@pytest.mark.parametrize(
    ("query", "parts"),
    [
        ("SELECT $this WHERE { $this ?p '{' }", 2),
        ("SELECT $this { { ?a ?b $this } UNION { $this ?p ?o } # {\n }", 4),
        ("SELECT $this { FILTER NOT EXISTS { { ?a ?b $this } UNION { $this ?c ?d } } OPTIONAL { ?x ?y ?z } }", 3),
    ],
)
def test_the_nodes_are_put_into_every_group_that_would_not_see_them(query, parts):
    found = suspects.pieces(query)
    assert len(found) == parts
    assert "".join(found) == query


def test_shapes_that_are_no_shacl_are_told_as_before():
    shape = "e:S a sh:NodeShape ; sh:targetClass e:C ; sh:sparql e:S-q . e:S-q sh:message 'no' ; sh:select '%s' ."
    data = triples("e:a a e:C .")
    for query in ("SELECT $this WHERE { MINUS { $this ?p ?o } }", "SELECT $this WHERE { $this ?p", "no query"):
        with pytest.raises(ContentError):
            validate(data, triples(shape % query))
    for text in (
        "e:S sh:targetClass e:C ; sh:property [ sh:path e:p ; sh:minCount 'x' ] .",
        "e:S sh:targetClass e:C ; sh:or () .",
    ):
        with pytest.raises(ContentError):
            validate(data, triples(f"e:S a sh:NodeShape . {text}"))


def test_both_layers_of_the_test_shapes_are_asked():
    assert all(len(layer) > 50 for layer in layers(EVERY))
