"""What ``check`` says of query files: words that are missing, panels that show nothing, answers that changed."""

import io
import shutil
from pathlib import Path

import pytest

from app.build.builder import build
from app.build.draft import approve, checked
from app.config import Settings
from app.content.folders import APPROVED, Content
from app.generation import current
from app.progress import Progress
from app.quality.queries import counts_alike

NORDFJELLA = Path(__file__).parents[1] / "contents" / "nordfjella"
TOLD = """#+ title: {nn: Dalar, de: Täler}
#+ description: {nn: Alle., de: Alle.}
"""
COLUMN = """#+ columns:
#+   valley: {nn: Dal, de: Tal}
"""
QUERY = """PREFIX nf: <http://example.org/nordfjella/ontology#>
SELECT ?valley WHERE { ?valley a nf:Valley } ORDER BY ?valley
"""
QUESTION = "queries/questions/valleys.rq"
VALLEYS = """PREFIX nf: <http://example.org/nordfjella/ontology#>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>

<http://example.org/nordfjella/id/valley/{name}> a nf:Valley ; rdfs:label "{name}"@nn .
"""
QUIET = Progress(quiet=True, stream=io.StringIO())


class Copy:
    """A copy of the made-up content that files can be put into."""

    def __init__(self, folder: Path) -> None:
        self.root = folder / "content"
        self.settings = Settings(content=self.root, state=folder / "state")
        shutil.copytree(NORDFJELLA, self.root)

    def write(self, name: str, text: str) -> None:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")

    def told(self, severity: str = "error") -> list[tuple[str, int | None, str]]:
        with checked(Content.open(self.root), self.settings, QUIET) as found:
            problems = found.problems
        assert all({"nb", "en"} <= problem.message.keys() for problem in problems if problem.path)
        return [(str(p.path), p.line, p.message["en"]) for p in problems if p.severity == severity]

    def approve(self, *names: str) -> list[str]:
        return approve(Content.open(self.root), self.settings, QUIET, names)


@pytest.fixture
def copy(tmp_path: Path) -> Copy:
    return Copy(tmp_path)


def test_a_query_file_says_everything_in_the_languages_of_the_dataset(copy: Copy) -> None:
    header = """#+ title: {nn: Dalar}
#+ parameters:
#+   class:
#+     class: nf:Valley
#+     label: {de: Klasse}
#+     default: nf:Valley
#+ columns:
#+   valley: {nn: Dal, de: Tal}
#+   other: {nn: Anna, de: Anderes}
"""
    copy.write(
        QUESTION, header + QUERY.replace("a nf:Valley", "a ?class ; nf:length ?length").replace("?valley W", "* W")
    )
    told = {each for each in (*copy.told(), *copy.told("warning")) if each[0] == QUESTION}
    assert {each for each in told if "no query" not in each[2]} >= {
        (QUESTION, 1, "title has no text in de; write it in the header"),
        (QUESTION, 1, "description has no text in nn; write it in the header"),
        (QUESTION, 1, "description has no text in de; write it in the header"),
        (QUESTION, 5, "parameters: class: label has no text in nn; write it in the header"),
        (QUESTION, 7, "column ?length has no label; write one under columns: in the header"),
        (QUESTION, 9, "columns: other is no column of the query; remove it from the header"),
    }


def test_what_nearly_all_texts_have_the_others_must_have(copy: Copy) -> None:
    for number in range(6):
        copy.write(f"queries/questions/valleys-{number}.rq", TOLD + COLUMN + QUERY)
    assert [place for place, _, told in copy.told() if "no text in" in told] == []
    copy.write(QUESTION, TOLD.replace(", de:", ", sv:", 1) + COLUMN + QUERY)
    assert [(place, told) for place, _, told in copy.told() if "no text in" in told] == [
        (QUESTION, "title has no text in de; write it in the header")
    ]


def test_a_folder_of_panels_is_of_a_class_that_has_things(copy: Copy) -> None:
    copy.write("queries/pages/Vally/10-all.rq", TOLD + COLUMN + QUERY)
    copy.write("queries/pages/Valley/10-all.rq", TOLD + COLUMN + QUERY)
    copy.write("queries/pages/Valley/20-no.rq", TOLD + COLUMN + QUERY.replace("?valley a", "?this nf:partner"))
    assert [(place, told.partition(";")[0]) for place, _, told in copy.told()] == [
        ("queries/pages/Valley/20-no.rq", "shows nothing for any of the 2 things"),
        ("queries/pages/Vally", "no thing is of a class Vally"),
    ]


def test_without_approved_answers_none_is_demanded(copy: Copy) -> None:
    copy.write(QUESTION, TOLD + COLUMN + QUERY)
    assert not copy.told()
    copy.write(QUESTION, TOLD + COLUMN + QUERY.replace("a nf:Valley", "nf:length 7"))
    assert "has no answer with its default values" in str(copy.told("warning"))


def test_an_answer_is_compared_with_the_approved_one(copy: Copy) -> None:
    copy.write(QUESTION, TOLD + COLUMN + QUERY)
    assert copy.approve() == [f"{APPROVED}/valleys.tsv"]
    assert not copy.approve()
    assert not copy.told()
    assert "no known kind" not in str(copy.told("warning"))
    copy.write("data/new.ttl", VALLEYS.format(name="bratt"))
    ((place, line, told),) = copy.told()
    assert (place, line) == (f"{APPROVED}/valleys.tsv", 3)
    assert "id/valley/bratt" in told
    assert told.endswith("run: innherred approve valleys")
    assert copy.approve("valleys") == [f"{APPROVED}/valleys.tsv"]
    assert not copy.told()


def test_a_question_without_approved_answer_and_an_answer_without_question_are_told(copy: Copy) -> None:
    copy.write(QUESTION, TOLD + COLUMN + QUERY)
    copy.write(f"{APPROVED}/gone.tsv", "?x\n")
    assert [(place, told.rpartition(" run: ")[2]) for place, _, told in copy.told()] == [
        (f"{APPROVED}/gone.tsv", "innherred approve"),
        (QUESTION, "innherred approve valleys"),
    ]
    assert copy.approve() == [f"{APPROVED}/valleys.tsv", f"{APPROVED}/gone.tsv"]
    assert not copy.told()


def test_the_order_of_triples_and_of_rows_without_order_is_no_difference(copy: Copy) -> None:
    triples = "CONSTRUCT { ?valley a nf:Valley } WHERE { ?valley a nf:Valley }"
    select = QUERY.partition("SELECT")[0]
    copy.write("queries/questions/graph.rq", TOLD + select + triples)
    copy.write(QUESTION, TOLD + COLUMN + QUERY.replace("ORDER BY ?valley", ""))
    copy.approve()
    for name in ("graph.nt", "valleys.tsv"):
        lines = (copy.root / APPROVED / name).read_text(encoding="utf-8").splitlines()
        assert lines[1:] == sorted(lines[1:])
        assert len(lines) > 1


def test_an_approved_answer_is_no_part_of_what_is_built(copy: Copy) -> None:
    copy.write("queries/questions/graph.rq", TOLD + "CONSTRUCT { ?a a ?b } WHERE { ?a a ?b }")
    build(Content.open(copy.root), copy.settings, as_of=None, progress=QUIET)
    before = current(copy.settings.state)
    copy.approve()
    build(Content.open(copy.root), copy.settings, as_of=None, progress=QUIET)
    after = current(copy.settings.state)
    assert before is not None
    assert after is not None
    assert after.manifest.digest == before.manifest.digest
    assert after.manifest.inputs == before.manifest.inputs
    assert {path.suffix for path in after.queries.rglob("*") if path.is_file()} == {".rq"}
    assert not (after.queries / "approved").exists()


def test_a_question_that_counts_by_graph_is_told(copy: Copy) -> None:
    copy.write("data/once.ttl", VALLEYS.format(name="bratt"))
    copy.write("data/register/again.ttl", VALLEYS.format(name="bratt"))
    counts = QUERY.replace("?valley WHERE", "(COUNT(?each) AS ?valley) WHERE").replace("{ ?valley", "{ ?each")
    copy.write(QUESTION, TOLD + COLUMN + counts)
    ((place, _, told),) = copy.told()
    assert place == QUESTION
    assert told.startswith("counts a statement twice")
    copy.write(QUESTION, TOLD + COLUMN + counts.replace("COUNT(", "COUNT(DISTINCT "))
    assert not copy.told()


def test_a_property_that_no_query_asks_for_needs_a_note(copy: Copy) -> None:
    copy.write(QUESTION, TOLD + COLUMN + QUERY.replace("a nf:Valley", "nf:length ?longest"))
    problems = [problem for problem in copy.told("warning") if "no query asks" in problem[2]]
    assert [(place, line) for place, line, _ in problems] == [("ontology/terms.ttl", 15)]
    path = copy.root / "ontology" / "terms.ttl"
    note = '<http://www.w3.org/2004/02/skos/core#editorialNote> "berre vist"@nn ; rdfs:label "partnar"@nn'
    path.write_text(path.read_text(encoding="utf-8").replace('rdfs:label "partnar"@nn', note), encoding="utf-8")
    assert "no query asks" not in str(copy.told("warning"))


def test_what_is_left_to_fill_in_is_told_with_its_place(copy: Copy) -> None:
    text = VALLEYS.format(name="fill-in").replace('"fill-in"@nn', '"FYLL INN: namnet"@nn , "FILL IN: name"@de')
    copy.write("data/new.ttl", text)
    copy.write(QUESTION, TOLD.replace("Alle., ", '"FYLL INN: kva det er", ') + COLUMN + QUERY)
    assert copy.told() == [
        ("data/new.ttl", 4, "is left to fill in: fill-in"),
        ("data/new.ttl", 4, "is left to fill in: namnet"),
        ("data/new.ttl", 4, "is left to fill in: name"),
        (QUESTION, 2, "is left to fill in: kva det er"),
    ]


@pytest.mark.parametrize(
    ("query", "alike"),
    [
        ("SELECT DISTINCT ?a { ?a ?b ?c }", True),
        ("SELECT ?b (COUNT #x\n ( DISTINCT ?a) AS ?n) { ?a ?b ?c } GROUP BY ?b", True),
        ("SELECT DISTINCT ?count { ?a ?b ?count MINUS { ?a ?b ?now } } ORDER BY ?count", True),
        ("SELECT ?a { ?a ?b ?c }", False),
        ("SELECT REDUCED ?a { ?a ?b ?c }", False),
        ("SELECT DISTINCT (COUNT(?a) AS ?n) { ?a ?b ?c } GROUP BY ?b", False),
        ("SELECT ?b (sum (?c) AS ?n) { ?a ?b ?c } GROUP BY ?b", False),
        ("SELECT ?a { { SELECT DISTINCT ?a { ?a ?b ?c } GROUP BY ?a } }", False),
        ("SELECT DISTINCT ?a { { SELECT ?a { ?a ?b ?c } LIMIT 1 } }", False),
        ("SELECT DISTINCT ?a (NOW() AS ?n) { ?a ?b ?c }", False),
        ("SELECT DISTINCT (\\u0043OUNT(?x) AS ?n) { ?a ?b ?x }", False),
        ("SELECT DISTINCT ?a { ?a ?b ?c FILTER(?a<COUNT(?x)&&1>0) }", False),
    ],
)
def test_a_query_whose_rows_cannot_depend_on_how_often_a_triple_is_there(query: str, alike: bool) -> None:
    assert counts_alike(query) is alike
