"""Checks as query files: rows become problems with file and line; errors refuse a build, warnings do not."""

import io
import shutil
from datetime import date
from pathlib import Path

import pytest

from app.build.builder import BuildRefused, build
from app.build.draft import Draft, checked
from app.config import Settings, defaults
from app.content.folders import Content
from app.progress import Progress
from app.quality.diagnostics import Diagnostic
from app.store.loading import StoreWriter

NORDFJELLA = Path(__file__).parents[1] / "contents" / "nordfjella"
BASE = "http://example.org/nordfjella/"
NF = f"{BASE}ontology#"
DATA = f"""PREFIX nf: <{NF}>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>

<{BASE}id/valley/deep>
    a nf:Valley ;
    rdfs:label "Djup"@nn , "Tief"@de ;
    nf:length 700 ;
.
"""
LONG = f"""#+ title: {{nb: Lengde, en: Length}}
#+ severity: SEVERITY
#+ message:
#+   nb: "{{this}} er {{value}} km og har klassen {{class}}. Skriv et mindre tall."
#+   en: "{{this}} is {{value}} km and of the class {{class}}. Write a smaller number."
PREFIX nf: <{NF}>

SELECT ?this ?path ?value ?class
WHERE {{
  ?this a ?class ; nf:length ?value .
  FILTER (?value > 500)
  BIND (nf:length AS ?path)
}}
"""


def long(severity: str) -> str:
    return LONG.replace("SEVERITY", severity)


def select(where: str, *, message: str = "Rett {this}.", variables: str = "?this") -> str:
    header = f'#+ title: {{nb: T, en: T}}\n#+ message: {{nb: "{message}", en: "{message}"}}\n'
    return f"{header}SELECT {variables} WHERE {{ {where} }}\n"


class Region:
    """A copy of the made-up content, with files of a test."""

    def __init__(self, folder: Path) -> None:
        self.root, self.state = folder / "content", folder / "state"
        shutil.copytree(NORDFJELLA, self.root)

    def write(self, **files: str) -> "Region":
        for name, text in files.items():
            path = self.root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        return self

    def check(self) -> list[Diagnostic]:
        settings = Settings(content=self.root, state=self.state)
        with checked(Content.open(self.root), settings, Progress(quiet=True, stream=io.StringIO())) as found:
            return found.problems

    def build(self):
        settings = Settings(content=self.root, state=self.state)
        progress = Progress(quiet=True, stream=io.StringIO())
        return build(Content.open(self.root), settings, as_of=date(2026, 1, 1), progress=progress)


@pytest.fixture
def region(tmp_path):
    return Region(tmp_path)


def of(problems, name):
    return [problem for problem in problems if problem.shape == f"checks/{name}"]


@pytest.mark.parametrize("severity", ["error", "warning", "info"])
def test_a_row_is_a_problem_with_its_place_in_both_languages(region, severity):
    region.write(**{"data/deep.ttl": DATA, "queries/checks/too-long.rq": long(severity)})
    (problem,) = of(region.check(), "too-long")
    assert (problem.path, problem.line, problem.severity) == (Path("data/deep.ttl"), 7, severity)
    assert problem.entity == f"{BASE}id/valley/deep"
    assert problem.message == {
        "nb": f"<{BASE}id/valley/deep> er 700 km og har klassen nf:Valley. Skriv et mindre tall.",
        "en": f"<{BASE}id/valley/deep> is 700 km and of the class nf:Valley. Write a smaller number.",
    }


def test_an_error_refuses_a_build_and_a_warning_does_not(region):
    region.write(**{"data/deep.ttl": DATA, "queries/checks/too-long.rq": long("error")})
    with pytest.raises(BuildRefused) as refused:
        region.build()
    (problem,) = refused.value.problems
    assert (problem.path, problem.line) == (Path("data/deep.ttl"), 7)
    region.write(**{"queries/checks/too-long.rq": long("warning")})
    generation = region.build()
    assert generation.manifest.triples
    # What the dataset says of itself was lent to the checks only.
    assert f"{BASE}graph/data" in generation.manifest.graphs


def test_without_severity_a_check_is_an_error_and_a_row_may_have_its_own(region):
    text = select('VALUES (?this ?severity) { (<urn:a> "warning") (<urn:b> "info") (<urn:c> UNDEF) }', variables="*")
    found = of(region.write(**{"queries/checks/own.rq": text}).check(), "own")
    assert {str(problem.entity): problem.severity for problem in found} == {
        "urn:a": "warning",
        "urn:b": "info",
        "urn:c": "error",
    }


def test_a_check_of_the_content_replaces_the_one_of_that_name(region):
    name = next(path.name for path in sorted((defaults() / "queries" / "checks").glob("*.rq")))
    region.write(**{f"queries/checks/{name}": select("VALUES ?this { <urn:mine> }")})
    (problem,) = of(region.check(), name.removesuffix(".rq"))
    assert problem.entity == "urn:mine"


def test_a_check_sees_what_is_written_graph_by_graph_and_merged(region):
    graphs = select("GRAPH ?this { ?s ?p ?o }", variables="DISTINCT ?this")
    merged = select(
        f"?this <{NF}length> ?value . ?class <http://www.w3.org/2000/01/rdf-schema#subClassOf> <{NF}Valley>"
    )
    inferred = select(f"?side a <{NF}SideValley>, ?this . FILTER (?this != <{NF}SideValley>)")
    region.write(
        **{
            "data/deep.ttl": DATA.replace("nf:Valley", "nf:SideValley"),
            "queries/checks/graphs.rq": graphs,
            "queries/checks/merged.rq": merged,
            "queries/checks/inferred.rq": inferred,
        }
    )
    problems = region.check()
    found = {str(problem.entity).removeprefix(f"{BASE}graph/") for problem in of(problems, "graphs")}
    assert {"data", "ontology", "catalog"} <= found
    assert not {"queries", "reasons", "quality"} & found
    assert f"{BASE}id/valley/deep" in {problem.entity for problem in of(problems, "merged")}
    assert not of(problems, "inferred")


def test_many_rows_are_cut_and_counted(region):
    numbers = " ".join(f"<urn:{n}>" for n in range(203))
    problems = region.write(**{"queries/checks/many.rq": select(f"VALUES ?this {{ {numbers} }}")}).check()
    assert len(of(problems, "many")) == 200
    (rest,) = [problem for problem in problems if problem.path == Path("queries/checks/many.rq")]
    assert rest.severity == "info"
    assert "3" in rest.message["nb"]
    assert rest.message.keys() == {"nb", "en"}


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        (select("?this ?p"), 3, ""),
        (select("?this ?p ?o", message="Rett {thing}."), 2, "no ?thing"),
        (select("?x ?p ?o", message="Rett.", variables="?x"), None, "?this"),
        ("#+ title: {nb: T, en: T}\nSELECT ?this WHERE { ?this ?p ?o }", None, "message"),
        (select("?this ?p ?o").replace("#+ message", "#+ severity: grave\n#+ message"), 2, "severity is one of"),
        (select("SERVICE <http://127.0.0.1:9/> { ?this ?p ?o }"), None, ""),
        (select(f"?this <{NF}lenght> ?o"), 3, "not defined"),
    ],
)
def test_a_broken_check_is_one_problem_of_its_file(region, text, line, said):
    problems = region.write(**{"queries/checks/broken.rq": text}).check()
    (problem,) = [problem for problem in problems if problem.severity == "error"]
    assert (problem.path, problem.line) == (Path("queries/checks/broken.rq"), line)
    assert said in problem.message["en"]


def test_message_and_severity_are_for_checks_only(region):
    problems = region.write(**{"queries/questions/q.rq": select("?this ?p ?o")}).check()
    (problem,) = [problem for problem in problems if problem.severity == "error"]
    assert "checks" in problem.message["en"]


def test_own_terms_in_the_query_of_a_shape_are_defined(region):
    shape = f"""PREFIX nf: <{NF}>
PREFIX sh: <http://www.w3.org/ns/shacl#>

nf:Shape a sh:NodeShape ; sh:targetClass nf:Valley ; sh:sparql nf:Shape-length .
nf:Shape-length a sh:SPARQLConstraint ; sh:message "Rett."@nb ;
    sh:select "SELECT $this WHERE {{ $this <{NF}lenght> ?l }}" .
"""
    problems = region.write(**{"shapes/length.ttl": shape}).check()
    (problem,) = [problem for problem in problems if problem.severity == "error"]
    assert (problem.path, problem.line, problem.entity) == (Path("shapes/length.ttl"), 6, f"{NF}lenght")


def test_what_the_dataset_says_of_itself_is_lent_to_the_checks_only(tmp_path):
    content = Content.open(NORDFJELLA)
    with StoreWriter(tmp_path / "store") as writer:
        draft = Draft(content, tmp_path / "all.nq")
        draft.read(writer)
        draft.load(writer)
        assert not [problem for problem in draft.violations(writer) if problem.severity == "error"]
        assert content.graph("catalog") not in writer.store.graphs()
