"""A mistake in a shape is told with file, line and shape; what a shape's query is bound to holds everywhere in it."""

from pathlib import Path

import pyshacl
import pytest
import rdflib
from hypothesis import given
from hypothesis import strategies as st

from app.content.folders import Content
from app.errors import ContentError
from app.quality.checks import integrity_report, shape_problems
from app.quality.diagnostics import Diagnostic, of_error

PREFIXES = """PREFIX e: <https://data.example.org/vocab#>
PREFIX sh: <http://www.w3.org/ns/shacl#>
PREFIX xsd: <http://www.w3.org/2001/XMLSchema#>

"""
DATASET = """<https://data.example.org/catalog#dataset> a <http://rdfs.org/ns/void#Dataset> ;
    <http://rdfs.org/ns/void#uriSpace> "https://data.example.org/" ; <http://purl.org/dc/terms/title> "Test"@en .
"""
PEOPLE = """<https://data.example.org/id/person/p> a e:Person ; e:name "P" ; e:age 200 .
<https://data.example.org/id/person/q> a e:Person ; e:name "Q" ; e:age 20 .
<https://data.example.org/id/person/r> a e:Person ; e:name "R" .
"""
DECLARED = """e:pre sh:declare [ sh:prefix "e" ; sh:namespace "https://data.example.org/vocab#"^^xsd:anyURI ] .
"""
MISTAKES = {
    "pattern": ('sh:property [ sh:path e:name ; sh:pattern "(" ]', "unterminated subpattern"),
    "number": ('sh:property [ sh:path e:name ; sh:minCount "one" ]', "xsd:integer"),
    "path": ("sh:property [ sh:minCount 1 ]", "not a well-formed"),
    "list": ("sh:property [ sh:path ( e:name ) ; sh:minCount 1 ]", "at least two"),
    "recursion": ("sh:xone ( e:S )", "too deep"),
    "prefix": ('sh:sparql [ sh:message "m" ; sh:select "SELECT $this WHERE { $this x:age ?a }" ]', "Prefix not found"),
    "query": ('sh:sparql [ sh:message "m" ; sh:select "SELECT $this WHERE {" ]', "expected"),
    "assigned": ('sh:sparql [ sh:message "m" ; sh:select "SELECT $this WHERE { BIND(1 AS $this) }" ]', "pre-bound"),
}


def content(folder: Path, shapes: str, data: str = PEOPLE) -> Content:
    for name, text in {"data/dataset.ttl": DATASET, "data/a.ttl": data, "shapes/s.ttl": shapes}.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text if name == "data/dataset.ttl" else PREFIXES + text, encoding="utf-8")
    return Content.open(folder)


def errors(found: Content) -> list[Diagnostic]:
    try:
        return shape_problems(found, integrity_report(found))
    except ContentError as error:
        return [of_error(error)]


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_is_told_with_its_place(tmp_path: Path, name: str) -> None:
    mistake, told = MISTAKES[name]
    found = content(tmp_path, f"{DECLARED}\ne:S a sh:NodeShape ; sh:targetClass e:Person ;\n    {mistake} .\n")
    (problem,) = errors(found)
    assert str(problem.path) == "shapes/s.ttl"
    assert problem.line == 7
    assert "<https://data.example.org/vocab#S>" in problem.message["en"]
    assert told in problem.message["en"]
    assert "er ikke SHACL" in problem.message["nb"]
    assert "\n" not in problem.message["en"]


# SHACL §5.3.1 and appendix A: what is bound beforehand is bound in every nested group, in BIND and FILTER.
QUERIES = {
    "SELECT $this WHERE { BIND($this AS ?t) ?t e:age ?a FILTER(?a > 100) }": {"p"},
    "SELECT $this WHERE { { FILTER(bound($this)) } $this e:age ?a }": {"p", "q"},
    "SELECT $this WHERE { FILTER NOT EXISTS { $this e:age ?a } }": {"r"},
    "SELECT $this WHERE { { $this e:age ?a } UNION { FILTER(bound($this)) $this e:name 'R' } }": {"p", "q", "r"},
    "SELECT $this WHERE { { SELECT $this (MAX(?a) AS ?m) { $this e:age ?a } GROUP BY $this } FILTER(?m > 100) }": {"p"},
    "SELECT $this ?value WHERE { $this e:age ?value FILTER(?value < 100) }": {"q"},
    "SELECT * WHERE { $this e:age 20 }": {"q"},
    "SELECT $this WHERE { OPTIONAL { ?other e:age ?a FILTER(?other = $this) } FILTER(!bound(?a)) }": {"r"},
}


@pytest.mark.parametrize("query", QUERIES)
def test_this_is_bound_everywhere(tmp_path: Path, query: str) -> None:
    shape = f"""{DECLARED}
e:S a sh:NodeShape ; sh:targetClass e:Person ;
    sh:sparql [ sh:prefixes e:pre ; sh:message "wrong"@en ; sh:select "{query}" ] .
"""
    found = {str(each.entity).rpartition("/")[2] for each in errors(content(tmp_path, shape))}
    assert found == QUERIES[query]
    plain = rdflib.Graph().parse(data=PREFIXES + PEOPLE, format="turtle")
    shapes = rdflib.Graph().parse(data=PREFIXES + shape, format="turtle")
    report = pyshacl.validate(plain, shacl_graph=shapes)[1]
    focus = report.objects(None, rdflib.URIRef("http://www.w3.org/ns/shacl#focusNode"))
    assert {str(node).rpartition("/")[2] for node in focus} == found


NAMES = st.lists(st.from_regex(r"[a-z][a-z0-9]{0,5}", fullmatch=True), min_size=1, max_size=12, unique=True)


@given(NAMES, st.sampled_from(["", "    "]), st.sampled_from(["\n", "\n\n", "\n\n\n"]), st.booleans())
def test_the_line_is_that_of_the_thing(tmp_path_factory, names, indent, between, short):
    name = "t:{0}" if short else "<https://data.example.org/id/t/{0}>"
    form = f"{name} a e:T ; rdfs:seeAlso t:{{1}} ."
    lines = between.join(indent + form.format(name, names[0]) for name in names)
    head = "PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>\nPREFIX t: <https://data.example.org/id/t/>\n"
    shape = "e:S a sh:NodeShape ; sh:targetClass e:T ; sh:property e:P . e:P sh:path e:name ; sh:minCount 1 ."
    found = content(tmp_path_factory.mktemp("lines"), shape, head + lines + "\n")
    text = (found.root / "data" / "a.ttl").read_text(encoding="utf-8").splitlines()
    problems = errors(found)
    assert len(problems) == len(names)
    for problem in problems:
        name = str(problem.entity).rpartition("/")[2]
        assert problem.line is not None
        assert text[problem.line - 1].strip().startswith((f"t:{name} ", f"<https://data.example.org/id/t/{name}>"))


def deep(link: str, number: int = 3_000) -> str:
    """A chain of shapes, each pointing at the next."""
    chain = "".join(f"e:S{n} {link.format(f'e:S{n + 1}')} .\n" for n in range(number))
    return f"e:S a sh:NodeShape ; sh:targetClass e:Person ; sh:node e:S0 .\n{chain}e:S{number} sh:class e:Person .\n"


IN_A_CIRCLE = "e:S a sh:NodeShape ; sh:targetClass e:Person ; "
HOSTILE = {
    "deep and": deep("sh:and ( {} )"),
    "deep or": deep("sh:or ( {} )"),
    "deep not": deep("sh:not {}"),
    "deep node": deep("sh:node {}"),
    "deep property": deep("sh:property [ sh:path e:self ; sh:node {} ]"),
    "list": IN_A_CIRCLE + "sh:in _:list . _:list rdf:first 1 ; rdf:rest _:list .",
    "list of shapes": IN_A_CIRCLE + "sh:or _:list . _:list rdf:first e:T ; rdf:rest _:list . e:T sh:class e:X .",
    "inverse path": IN_A_CIRCLE + "sh:property [ sh:path _:way ; sh:minCount 1 ] . _:way sh:inversePath _:way .",
    "path of paths": IN_A_CIRCLE
    + "sh:property [ sh:path _:way ; sh:minCount 1 ] . _:way sh:zeroOrMorePath ( _:way e:p ) .",
    "path in a list": IN_A_CIRCLE
    + "sh:property [ sh:path _:way ; sh:minCount 1 ] . _:way rdf:first e:p ; rdf:rest _:way .",
    "shapes graph": IN_A_CIRCLE
    + "sh:sparql [ sh:select 'SELECT $this WHERE { $this a ?c GRAPH $shapesGraph { ?c a ?d } }' ] .",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_shapes_without_end_are_told_with_their_file(tmp_path: Path, name: str) -> None:
    rdf = "PREFIX rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#>\n"
    person = "<https://data.example.org/id/person/p> a e:Person ; e:self <https://data.example.org/id/person/p> .\n"
    (problem,) = errors(content(tmp_path, rdf + HOSTILE[name], person))
    assert str(problem.path) == "shapes/s.ttl"
    assert "the shape is no SHACL" in problem.message["en"]
    assert problem.severity == "error"


def test_a_query_without_a_message_is_told_in_words(tmp_path: Path) -> None:
    shape = (
        "e:S a sh:NodeShape ; sh:targetClass e:Person ; sh:sparql [ sh:select 'SELECT $this { $this e:age 200 }' ] ."
    )
    (problem,) = errors(content(tmp_path, shape.replace("e:age", "<https://data.example.org/vocab#age>")))
    assert problem.message == {"en": "does not conform to the shape", "nb": "er ikke i samsvar med formen"}
