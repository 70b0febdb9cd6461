"""What ``check`` says of bad content: file, place, entity, what to do; all of it in one run."""

import io
import shutil
from pathlib import Path

import pytest

from app.build.draft import checked
from app.config import Settings
from app.content.folders import Content
from app.progress import Progress

NORDFJELLA = Path(__file__).parents[1] / "contents" / "nordfjella"
NF = "http://example.org/nordfjella/ontology#"
VALLEY = "http://example.org/nordfjella/id/valley/"
HEADER = f"""PREFIX nf: <{NF}>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
PREFIX sh: <http://www.w3.org/ns/shacl#>
PREFIX v: <{VALLEY}>
PREFIX dcterms: <http://purl.org/dc/terms/>

"""
TOLD = "#+ {title: {nn: Namn, de: Name}, description: {nn: Tekst, de: Text}}"
SHAPES = (
    HEADER
    + """nf:LengthShape a sh:NodeShape ; sh:targetClass nf:Valley ; sh:property nf:LengthShape-length .
nf:LengthShape-length sh:path nf:length ; sh:maxInclusive 100 ;
    sh:message "Lengda er i kilometer; skriv eit mindre tal."@nn , "Die Länge ist in Kilometern."@de .
nf:OnceShape a sh:NodeShape ; sh:targetSubjectsOf dcterms:identifier ; sh:sparql nf:OnceShape-once .
nf:OnceShape-once a sh:SPARQLConstraint ; sh:message "{?value} er på to ting; behald éin."@nn ;
    sh:select '''SELECT DISTINCT $this ?value WHERE { $this <http://purl.org/dc/terms/identifier> ?value .
        ?other <http://purl.org/dc/terms/identifier> ?value FILTER (?other != $this) }''' .
nf:SoftShape a sh:NodeShape ; sh:targetClass nf:Cooperation ; sh:severity sh:Warning ;
    sh:property [ sh:path nf:partner ; sh:minCount 3 ; sh:severity sh:Info ; sh:message "Få partnarar"@nn ] .
"""
)


@pytest.fixture
def found(tmp_path):
    root = tmp_path / "content"
    shutil.copytree(NORDFJELLA, root)

    def run(**files):
        for name, text in files.items():
            path = root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(text if isinstance(text, bytes) else text.encode())
        settings = Settings(content=root, state=tmp_path / "state")
        with checked(Content.open(root), settings, Progress(quiet=True, stream=io.StringIO())) as found:
            return found.problems

    return run


def errors(problems):
    return [problem for problem in problems if problem.severity == "error"]


def only(problems):
    assert len(problems) == 1, problems
    return problems[0]


def test_the_example_has_no_errors(found):
    assert [p for p in found() if "canonical" not in p.message["en"]] == []


def test_a_file_that_is_not_canonical_is_a_warning(found):
    path = Path("data/new.ttl")
    problems = [p for p in found(**{str(path): "<http://e/s>   <http://e/p> 1 ."}) if p.path == path]
    assert only(problems).severity == "warning"
    assert "innherred format" in problems[0].message["en"]


def test_syntax_errors_of_all_files_are_told_at_once(found):
    problems = errors(found(**{"data/one.ttl": HEADER + "v:x v:y ,", "shapes/two.ttl": "v:x v:y v:z ."}))
    assert [(str(p.path), p.line, p.column) for p in problems] == [("data/one.ttl", 7, 9), ("shapes/two.ttl", 1, 1)]
    assert "prefix v: is not declared" in problems[1].message["en"]


def test_with_unreadable_files_it_says_that_shapes_wait(found):
    problems = found(**{"data/one.ttl": "broken", "shapes/s.ttl": SHAPES})
    info = only([p for p in problems if p.severity == "info"])
    assert "not checked until all files can be read" in info.message["en"]


def test_wrong_encoding(found):
    problem = only(errors(found(**{"data/one.ttl": "# ok\n# å".encode("latin-1")})))
    assert (problem.path, problem.line) == (Path("data/one.ttl"), 2)
    assert "UTF-8" in problem.message["en"]


def test_a_shape_violation_names_file_line_entity_shape_and_message(found):
    data = HEADER + "v:kort a nf:Valley ; rdfs:label 'Kort'@nn .\n\nv:lang a nf:SideValley ;\n  nf:length 900 .\n"
    problem = only(errors(found(**{"data/long.ttl": data, "shapes/s.ttl": SHAPES})))
    assert (problem.path, problem.line, problem.entity) == (Path("data/long.ttl"), 10, VALLEY + "lang")
    assert problem.message == {
        "nn": "Lengda er i kilometer; skriv eit mindre tal.",
        "de": "Die Länge ist in Kilometern.",
    }
    assert problem.shape == NF + "LengthShape-length"


def test_a_shape_can_ask_for_the_description_of_each_graph(found):
    shape = """nf:GraphShape a sh:NodeShape ; sh:targetObjectsOf sd:name ; sh:property nf:GraphShape-label .
nf:GraphShape-label sh:path rdfs:label ; sh:minCount 1 ; sh:message "Grafen manglar namn."@nn ."""
    header = HEADER + "PREFIX sd: <http://www.w3.org/ns/sparql-service-description#>\n"
    problems = errors(found(**{"shapes/s.ttl": header + shape}))
    assert {problem.message["nn"] for problem in problems} == {"Grafen manglar namn."}
    before = {problem.entity for problem in problems}
    data = "v:kort a nf:Valley ; rdfs:label 'Kort'@nn .\n"
    described = "<http://example.org/nordfjella/graph/register/named> rdfs:label 'Namn'@nn .\n"
    files = {"data/register/named.ttl": HEADER + data + described, "data/register/unnamed.ttl": HEADER + data}
    problems = errors(found(**{"shapes/s.ttl": header + shape, **files}))
    problem = only([problem for problem in problems if problem.entity not in before])
    assert problem.entity == "http://example.org/nordfjella/graph/register/unnamed"
    assert problem.path == Path("data/register/unnamed.ttl")


def test_softer_severities_are_no_errors(found):
    problem = only([p for p in found(**{"shapes/s.ttl": SHAPES}) if p.severity == "info"])
    assert problem.path == Path("data/people/cooperations.trig")
    assert problem.shape == NF + "SoftShape"
    assert problem.message == {"nn": "Få partnarar"}


def test_shapes_that_are_no_shacl_are_told_and_end_nothing(found):
    shape = (
        "nf:S a sh:NodeShape ; sh:targetClass nf:Valley ; sh:property nf:S-p . nf:S-p sh:path nf:length, rdfs:label."
    )
    (problem,) = errors(found(**{"shapes/s.ttl": "PREFIX sh: <http://www.w3.org/ns/shacl#>\n" + HEADER + shape}))
    assert str(problem.path) == "shapes"
    assert "sh:path" in problem.message["en"]
    assert "sh:path" in problem.message["nb"]


def test_one_identifier_on_two_nodes_names_both(found):
    data = HEADER + 'v:austdalen dcterms:identifier "D-1" .\nv:vesledalen dcterms:identifier "D-1" .\n'
    problems = errors(found(**{"data/ids.ttl": data, "shapes/s.ttl": SHAPES}))
    assert {(str(p.path), p.line, p.entity) for p in problems} == {
        ("data/ids.ttl", 7, VALLEY + "austdalen"),
        ("data/ids.ttl", 8, VALLEY + "vesledalen"),
    }
    assert problems[0].message == {"nn": "D-1 er på to ting; behald éin."}


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("data/a.ttl", "v:x a nf:Vally ."),
        ("data/a.ttl", "v:x nf:Vally v:y ."),
        ("data/a.ttl", "v:x rdfs:seeAlso nf:Vally ."),
        ("data/a.ttl", "v:x rdfs:comment '1'^^nf:Vally ."),
        ("shapes/a.ttl", "v:s sh:targetClass nf:Vally ."),
        ("ontology/a.ttl", "nf:length rdfs:domain nf:Vally ."),
    ],
)
def test_an_undefined_own_term_is_found(found, name, text):
    problem = only(errors(found(**{name: HEADER + text})))
    assert (str(problem.path), problem.line, problem.entity) == (name, 7, NF + "Vally")
    assert "not defined in ontology/" in problem.message["en"]


def test_a_class_that_nobody_defines_is_told_once_not_also_by_the_checks_of_definitions(found):
    part = "nf:flows a owl:ObjectProperty ; rdfs:domain nf:Vally .\n"
    header = HEADER + "PREFIX owl: <http://www.w3.org/2002/07/owl#>\n"
    about = [p for p in found(**{"ontology/a.ttl": header + part}) if p.entity == NF + "Vally"]
    assert "not defined in ontology/" in only(about).message["en"]


def test_a_class_that_nobody_defines_is_told_once_not_also_by_a_shape_of_its_thing(found):
    shapes = HEADER + (
        "nf:KindShape a sh:NodeShape ; sh:targetSubjectsOf rdfs:label ; sh:property nf:KindShape-kind .\n"
        "nf:KindShape-kind sh:path rdf:type ; sh:in (nf:Valley) ; sh:message 'Rett klassa.'@nn .\n"
    ).replace("rdf:type", "<http://www.w3.org/1999/02/22-rdf-syntax-ns#type>")
    data = HEADER + 'v:x a nf:Vally ; rdfs:label "Nydalen"@nn .\n'
    told = [p for p in errors(found(**{"shapes/s.ttl": shapes, "data/a.ttl": data})) if p.path == Path("data/a.ttl")]
    assert only(told).entity == NF + "Vally"


def test_what_is_left_to_fill_in_is_not_also_told_as_wrong(found):
    shapes = HEADER + (
        "nf:SourceShape a sh:NodeShape ; sh:targetClass nf:Valley ; sh:property nf:SourceShape-source .\n"
        "nf:SourceShape-source sh:path dcterms:source ; sh:nodeKind sh:IRI ; sh:message 'Vis til ei kjelde.'@nn .\n"
    )
    data = (
        HEADER + 'v:x a nf:Valley ; rdfs:label "Nydalen"@nn ;\n    dcterms:source "FILL IN: the IRI of the source" .\n'
    )
    files = {"shapes/s.ttl": shapes, "data/a.ttl": data}
    told = only(errors(found(**files)))
    assert (told.line, told.shape) == (8, None)
    files["data/a.ttl"] = data.replace("FILL IN: ", "")
    told = only(errors(found(**files)))
    assert (told.line, told.shape) == (8, NF + "SourceShape-source")


def test_a_short_value_is_not_taken_for_a_part_of_a_word_or_a_language(found):
    shapes = HEADER + (
        "nf:CodeShape a sh:NodeShape ; sh:targetClass nf:Valley ; sh:property nf:CodeShape-code .\n"
        "nf:CodeShape-code sh:path dcterms:identifier ; sh:maxLength 1 ; sh:message 'Skriv éin bokstav.'@nn .\n"
    )
    data = HEADER + 'v:x a nf:Valley ;\n    dcterms:identifier\n        "enger"@en ,\n        "en" .\n'
    told = [p.line for p in errors(found(**{"shapes/s.ttl": shapes, "data/a.ttl": data})) if p.line]
    assert told == [9, 10]


def test_a_content_that_says_nothing_of_itself_is_told_what_to_write(tmp_path):
    root = tmp_path / "region"
    (root / "data").mkdir(parents=True)
    (root / "data" / "farms.ttl").write_text(f"<{VALLEY}x> a <{NF}Valley> .", encoding="utf-8")

    def told():
        settings = Settings(content=root, state=tmp_path / "state")
        with checked(Content.open(root), settings, Progress(quiet=True, stream=io.StringIO())) as found:
            return [p for p in found.problems if p.path == Path("data/dataset.ttl")]

    for language in ("en", "nb"):
        (root / "data" / "dataset.ttl").unlink(missing_ok=True)
        problem = only(told())
        assert problem.severity == "warning"
        # Its last three lines are what to write: with them in the file there is nothing to tell.
        lines = problem.message[language].splitlines()[-3:]
        (root / "data" / "dataset.ttl").write_text("\n".join(lines), encoding="utf-8")
        assert not [p for p in told() if "canonical" not in p.message["en"]]
        opened = Content.open(root)
        assert (opened.base, set(opened.dataset.title), opened.dataset.languages) == (
            "https://example.org/",
            {"nb", "en"},
            ("nb", "en"),
        )


def test_a_label_without_language_is_a_warning_with_its_place(found):
    problems = found(**{"data/a.ttl": HEADER + "v:x a nf:Valley ;\n    rdfs:label 'Namnlaus' ."})
    problem = only([p for p in problems if "language" in p.message["en"]])
    assert (str(problem.path), problem.line, problem.entity) == ("data/a.ttl", 8, VALLEY + "x")
    assert problem.severity == "warning"
    assert "Namnlaus" in problem.message["nb"]


def test_a_file_of_unknown_kind_is_told(found):
    problem = only([p for p in found(**{"data/a.csv": "x"}) if p.path == Path("data/a.csv")])
    assert "not read" in problem.message["en"]


def test_a_bad_query_header_and_bad_sparql_are_errors(found):
    problems = errors(
        found(
            **{
                "queries/questions/none.rq": "SELECT * WHERE { ?s ?p ?o }",
                "queries/questions/wrong.rq": f"{TOLD}\nSELECT * WHERE {{\n ?s ?p }}",
                "queries/questions/calls.rq": f"{TOLD}\nSELECT * WHERE {{ SERVICE <http://e/> {{ ?s ?p ?o }} }}",
            }
        )
    )
    assert {str(p.path): p.line for p in problems} == {
        "queries/questions/calls.rq": None,
        "queries/questions/none.rq": 1,
        "queries/questions/wrong.rq": 3,
    }


def test_an_undefined_own_term_in_a_query_is_found(found):
    text = f"{TOLD}\nPREFIX nf: <{NF}>\nASK {{\n ?s a nf:Valley , nf:Vally , nf:Vally }}"
    problem = only(errors(found(**{"queries/questions/v.rq": text})))
    assert (problem.line, problem.entity) == (4, NF + "Vally")


def test_a_graph_name_of_the_build_is_refused(found):
    text = "<http://e/s> <http://e/p> <http://e/o> <http://example.org/nordfjella/graph/quality> ."
    assert "made by the build" in only(errors(found(**{"data/a.nq": text}))).message["en"]
