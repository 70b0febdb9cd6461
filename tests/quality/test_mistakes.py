"""A mistake in a file of a content is told with the file: ``check`` ends in words, never in a trace.

The content is the one that ``new region`` writes, with a file of each further kind. Each example breaks one file of it,
and asks the same functions as the command does, those that read this kind of file; that the command tells what they
find is proven below.
"""

import logging
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import pyoxigraph as ox
import pytest
from click.testing import CliRunner
from hypothesis import example, given, settings
from hypothesis import strategies as st

from app.build.draft import checked
from app.cli import main
from app.cli.options import problem_line
from app.config import Settings, defaults
from app.content.folders import Content
from app.content.reading import read
from app.content.turtle import canonical_turtle
from app.entailment.rules import read_rule
from app.errors import ContentError, RuleRefused
from app.progress import Progress
from app.quality.checks import gap_report, integrity_report, query_problems, shape_problems
from app.quality.diagnostics import Diagnostic, of_error
from app.quality.queries import word_problems
from app.query.library import Library

OWN = "PREFIX own: <https://example.org/fjordnett/ontology#>\n"
RULE, SHAPE = "queries/rules/works-with.rq", "shapes/project.ttl"
QUESTION, PANEL = "queries/questions/who-with-whom.rq", "queries/pages/Municipality/10-projects.rq"
CHECK, IMPORT, VIEWED = "queries/checks/endless.rq", "queries/imports/register.rq", "queries/questions/viewed.rq"
MORE = {
    CHECK: f"""#+ title: {{nb: Et prosjekt slutter, en: A project ends}}
#+ severity: info
#+ message: {{nb: "{{this}} slutter ikke.", en: "{{this}} does not end."}}
{OWN}SELECT ?this WHERE {{ ?this a own:Project FILTER NOT EXISTS {{ ?this own:ends ?day }} }}
""",
    "queries/lists/Project.rq": f"""#+ title: {{nb: Prosjekter, en: Projects}}
#+ columns: {{begins: {{nb: Begynner, en: Begins}}}}
{OWN}SELECT ?thing ?begins WHERE {{ ?thing own:begins ?begins }}
""",
    "queries/facets/10-municipality.rq": f"""#+ title: {{nb: Kommune, en: Municipality}}
{OWN}SELECT ?thing ?value WHERE {{ ?thing own:participant ?value }}
""",
    IMPORT: f"""#+ title: {{nb: Et register, en: A register}}
#+ reads:
#+   formats: [csv]
#+   graph: register/example
#+   columns:
#+     Number: {{as: number, match: "([0-9]{{9}})", pad: 9}}
#+     Day: {{as: day, kind: date, group: 1}}
#+   keep: {{number: own:number}}
{OWN}CONSTRUCT {{ ?this own:ends ?day }} WHERE {{ VALUES (?this ?number ?day) {{ (UNDEF UNDEF UNDEF) }} }}
""",
    VIEWED: f"""#+ title: {{nb: "Hva?", en: "What?"}}
#+ description: {{nb: Alt., en: All.}}
#+ view: matrix
#+ order: 10
#+ tags: [one]
#+ sums: true
#+ sorted: [project]
#+ plain: [project]
#+ parameters:
#+   municipality:
#+     class: own:Municipality
#+     label: {{nb: Kommune, en: Municipality}}
#+     default: https://example.org/fjordnett/id/municipality/nordvik
#+ columns: {{project: {{nb: Prosjekt, en: Project}}}}
{OWN}SELECT ?project WHERE {{ ?project own:participant ?municipality }} ORDER BY ?project
""",
    "shapes/all.ttl": f"""{OWN}PREFIX sh: <http://www.w3.org/ns/shacl#>
PREFIX shape: <https://example.org/fjordnett/shape/>
PREFIX xsd: <http://www.w3.org/2001/XMLSchema#>
shape:All a sh:NodeShape ; sh:targetClass own:Project ; sh:severity sh:Warning ; sh:nodeKind sh:IRI ;
    sh:or ( [ sh:class own:Project ] [ sh:not [ sh:hasValue 1 ] ] ) ; sh:sparql shape:All-query ;
    sh:property [ sh:path ( own:participant [ sh:inversePath own:participant ] ) ; sh:node shape:Part ] ;
    sh:property [ sh:path own:begins ; sh:datatype xsd:date ; sh:lessThan own:ends ; sh:maxCount 1 ] ;
    sh:property [ sh:path [ sh:zeroOrMorePath own:worksWith ] ; sh:in ( 1 2 ) ; sh:languageIn ( "nb" ) ] ;
    sh:property [ sh:path own:ends ; sh:pattern "^2" ; sh:flags "i" ; sh:minLength 1 ; sh:uniqueLang true ] ;
    sh:property [ sh:path own:participant ; sh:qualifiedValueShape [ sh:nodeKind sh:IRI ] ; sh:qualifiedMinCount 1 ] .
shape:Part a sh:NodeShape ; sh:targetObjectsOf own:participant ; sh:deactivated false .
shape:All-query a sh:SPARQLConstraint ; sh:message "No."@en ; sh:prefixes shape:names ;
    sh:select "SELECT $this ?value WHERE {{ $this own:ends ?value FILTER(?value < 3) }}" .
shape:names sh:declare [ sh:prefix "own" ; sh:namespace "https://example.org/fjordnett/ontology#"^^xsd:anyURI ] .
""",
}
QUERIES = (QUESTION, PANEL, RULE, "queries/front/10-map.rq", *(name for name in MORE if name.startswith("queries/")))
SHAPES = (SHAPE, "shapes/all.ttl")


# What is typed in place of a value of a header, of a shape, or into a query.
def typed(text: str, *more: str, between: str = "¦") -> st.SearchStrategy[str]:
    """Give one of the pieces of a text, or of some more."""
    return st.sampled_from([*text.split(between), *more])


VALUES = typed(
    '5¦-1¦true¦null¦[a]¦""¦1e999¦!!bool maybe¦!!int x¦!!float x¦!!timestamp x¦!!binary x¦*b¦=¦"\\ud800"¦"\\0"¦"\\x80"¦'
    "[a, {b: c}]¦{a: b}¦{5: x, a: y}¦{nb: 5}¦{nb: ''}¦{a b: x}¦{nb: x, nb: y}¦2020-13-45¦!!python/name:os.system x¦"
    "&a [*a]¦&a {b: *a}¦{<<: 1}¦<x y>¦http://[¦nope:x¦own:Project¦0x¦|¦%¦@x¦{¦[¦'a",
    "9" * 5000,
)
KEYS = typed(
    "view order tags class link sums zeros home colour sorted plain severity message ask reads proposals empty "
    "certainty rationale parameters columns title name path 5 null",
    between=" ",
)
TERMS = typed(
    "minCount maxCount path datatype class in pattern flags nodeKind node property or and xone not message severity "
    "order name targetClass targetNode targetObjectsOf sparql select ask prefixes declare closed ignoredProperties "
    "hasValue languageIn uniqueLang equals disjoint lessThan minInclusive maxExclusive qualifiedValueShape "
    "qualifiedMinCount deactivated parameter validator target rule js inversePath zeroOrMorePath alternativePath "
    "defaultValue minLength maxLength minCout targetClas proprety",
    between=" ",
)
NODES = typed(
    '"x"@en¦5¦own:Nope¦[]¦()¦( [] )¦( ( ) )¦true¦1e400¦"2020"^^xsd:date¦"x"^^xsd:integer¦99999999999999999999999¦"("¦'
    '"a{99999999999}"¦"(?P<"¦[ sh:path own:begins ]¦[ sh:inversePath 5 ]¦[ sh:alternativePath ( ) ]¦( own:a own:b )¦'
    "_:l . _:l rdf:first 1 ; rdf:rest _:l¦[ sh:zeroOrMorePath _:w ] . _:w sh:inversePath _:w¦shape:All¦shape:Project¦"
    '"SELECT"¦"SELECT $this { ?s ?p }"¦"SELECT (1 AS $this) {}"¦"SELECT $this { x:a ?p ?o }"¦"ASK {}"¦"\\u0000"¦1 , 2¦'
    '"SELECT $this { SERVICE <http://127.0.0.1:9/> { ?a ?b ?c } }"¦"DESCRIBE $this"¦<a:b>¦sh:IRI¦sh:Violation'
)
PATTERNS = typed(
    "SERVICE <http://127.0.0.1:9/> { ?s ?p ?o }¦OPTIONAL { ?s ?p [] }¦BIND(1/0 AS ?z)¦FILTER(?x = )¦_:b ?p ?o .¦"
    'VALUES ?z { "\\ud800" }¦{ SELECT * { ?s ?p ?o } }¦GRAPH ?g { ?s ?p ?o }¦FILTER(own:f(?x))¦FILTER regex(?x, "(")¦'
    "MINUS { ?s ?p ?o }¦?s rdfs:label ?o .¦?s nope:x ?o .¦?s ?p <<?a ?b ?c>> .¦?s ?p 1e400 .¦"
    "FILTER(RAND() < 1)¦BIND(BNODE() AS ?n)¦LIMIT 99999999999999999999999¦LIMIT -1¦HAVING (?x)¦INSERT DATA {}¦; ASK {}¦"
    "?s <a b> ?o .¦?s <rel> ?o .¦FROM <x:y>¦PREFIX : <>¦BASE <x y>¦PREFIX own: <x:>¦# {¦BIND(?this AS ?this)¦"
    '"""¦FILTER(?x IN (1,))¦?s ?p "x"^^own:x .¦?s ?p "x"@en-xx-y .¦( 1 2 ) ?p ?o .¦?s own:a+|!own:b ?o .',
    "{" * 3000 + "}" * 3000,
    "(" * 500,
    "?a ?b ?c . " * 3000,
)
SIGNS = st.sampled_from(
    [*"\0\ufeff\r\x85\u2028\x1b\x7f\ufffe\U0010ffff\t<>{}[]()\"'\\$?@^;,.:#|", "#+ ", '"""', "9" * 5000, "\\u12", "æ"]
)
BYTES = st.sampled_from([b"\xff", b"\xed\xa0\x80", b"\xc3", b"\xf4\x90\x80\x80", b"\x00"])
QUIET = Progress(quiet=True)
WORDS = ("Error", "Traceback", "NoneType", "unhashable", "object at 0x", "app/")


@pytest.fixture(scope="module")
def place(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("mistakes") / "content"
    shutil.copytree(defaults() / "new" / "region", folder)
    for name, text in MORE.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    return folder


@st.composite
def mistyped(draw, texts: dict[str, str], *, most: int = 2) -> tuple[str, bytes]:
    """Give the name of a file, and what it holds after a mistake or two."""
    name = draw(st.sampled_from(sorted(texts)))
    text = texts[name]
    for _ in range(draw(st.integers(1, most))):
        kind = draw(st.sampled_from(("letters", "lines", "bytes", "words", "words", "words")))
        if kind == "bytes":
            at = draw(st.integers(0, len(text)))
            data, odd = text.encode("utf-8", "surrogatepass"), draw(BYTES)
            ways = (data[:at] + odd + data[at:], b"", text.encode("latin-1", "replace"), text.encode("utf-16"))
            ways += (b"\xef\xbb\xbf" + data, data.replace(b"\n", b"\r\n"), data.replace(b"\n", b"\r"))
            return name, draw(st.sampled_from(ways))
        change = {"letters": letters, "lines": lines, "words": in_shape if name.endswith(".ttl") else in_query}[kind]
        text = change(draw, text)
    return name, text.encode("utf-8", "surrogatepass")


def letters(draw, text: str) -> str:
    """Drop, double, swap some, take a bracket away, cut the rest off, or put a sign in."""
    marks = [place for place, sign in enumerate(text) if sign in "{}[]()\"'<>.;,:#"]
    at, some = draw(st.integers(0, len(text))), draw(st.integers(1, 5))
    mark = draw(st.sampled_from(marks)) if marks else 0
    ways = (
        text[:at] + text[at + some :],
        text[: at + some] + text[at:],
        text[:at] + text[at + some : at + 2 * some] + text[at : at + some] + text[at + 2 * some :],
        text[:mark] + text[mark + 1 :],
        text[:at],
        text[:at] + draw(SIGNS) + text[at:],
    )
    return draw(st.sampled_from(ways))


def lines(draw, text: str) -> str:
    """Take a line away, or have it twice, or somewhere else."""
    every = text.split("\n")
    at, to = (draw(st.integers(0, len(every) - 1)) for _ in range(2))
    rest = every[:at] + every[at + 1 :]
    ways = (rest, [*every[:at], every[at], *every[at:]], [*rest[:to], every[at], *rest[to:]])
    return "\n".join(draw(st.sampled_from(ways)))


def in_query(draw, text: str) -> str:
    """Say something else in the header, or something in the query."""
    every = text.split("\n")
    header = [number for number, line in enumerate(every) if line.startswith("#+") and ":" in line]
    kind = draw(st.sampled_from(("value", "value", "key", "pattern", "pattern")))
    if kind == "pattern" or not header:
        at = draw(st.sampled_from([place for place, sign in enumerate(text) if sign in "{} "] or [0]))
        return f"{text[: at + 1]} {draw(PATTERNS)} {text[at + 1 :]}"
    at = draw(st.sampled_from(header))
    if kind == "key":
        every.insert(at, f"#+ {draw(KEYS)}: {draw(VALUES)}")
    else:
        before, _, after = every[at].partition(": {")
        parts = after.removesuffix("}").split(", ") if after else []
        inner = draw(st.integers(0, len(parts) - 1)) if parts and draw(st.booleans()) else None
        if inner is None:
            every[at] = f"{every[at].partition(':')[0]}: {draw(VALUES)}"
        else:
            parts[inner] = f"{parts[inner].partition(':')[0]}: {draw(VALUES)}"
            every[at] = f"{before}: {{{', '.join(parts)}}}"
    return "\n".join(every)


def in_shape(draw, text: str) -> str:
    """Say one thing more of a shape, or use another term of SHACL."""
    rdf = "" if "PREFIX rdf:" in text else "PREFIX rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#>\n"
    ends = [place for place in range(len(text)) if text[place : place + 2] in (" ;", " .")]
    if ends and draw(st.booleans()):
        at = draw(st.sampled_from(ends))
        return f"{rdf}{text[:at]} ; sh:{draw(TERMS)} {draw(NODES)} {text[at:]}"
    return text.replace(f"sh:{draw(TERMS)} ", f"sh:{draw(TERMS)} ", 1)


@contextmanager
def changed(folder: Path, name: str, data: bytes) -> Iterator[None]:
    path = folder / name
    before = path.read_bytes()
    path.write_bytes(data)
    try:
        yield
    finally:
        path.write_bytes(before)


def in_words(problems: list[Diagnostic]) -> None:
    """See that problems can be shown, and say what is the matter to a person."""
    for problem in problems:
        line = problem_line(problem)
        line.encode()
        assert all(isinstance(text, str) and text.strip() for text in problem.message.values()), problem
        assert not any(word in line for word in WORDS), line


QUERY_TEXTS = {
    name: MORE.get(name) or (defaults() / "new" / "region" / name).read_text(encoding="utf-8") for name in QUERIES
}
SHAPE_TEXTS = {
    name: MORE.get(name) or (defaults() / "new" / "region" / name).read_text(encoding="utf-8") for name in SHAPES
}


def problems_of_queries(content: Content) -> list[Diagnostic]:
    """Ask what ``check`` asks of query files: of their syntax, their words, and what a rule is made of."""
    library = Library.load([content.root / "queries"], content.prefixes)
    wrong = query_problems(content, Settings(content=content.root, state=content.root / "state"), (), library)
    wrong = [each for each in wrong if each.entity is None]  # the ontology is not read here
    broken = {each.path for each in wrong}
    for rule in library.rules.values():
        try:
            read_rule(rule)
        except RuleRefused as error:
            path = rule.path.relative_to(content.root)
            if path not in broken:
                wrong.append(Diagnostic(path, error.messages, "error"))
    return [*wrong, *word_problems(content, library)]


def is_no_sparql(data: bytes) -> bool:
    """Say whether the engine itself does not take what a file holds."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return True
    if (
        max(map(text.count, "{([!-")) > 400
    ):  # it does not survive such depths; how deep it may be asked is told elsewhere
        return False
    try:
        ox.Store().query(text)
    except SyntaxError:
        return True
    except (OSError, RuntimeError, ValueError):  # refused as it would run
        return False
    return False


@given(broken=mistyped(QUERY_TEXTS))
@settings(max_examples=110)
@example(broken=(RULE, QUERY_TEXTS[RULE].replace("?one own:worksWith ?other", "?one own:worksWith []").encode()))
@example(broken=(QUESTION, b"\xef\xbb\xbf" + QUERY_TEXTS[QUESTION].encode()))
def test_a_mistake_in_a_query_file_is_told_with_its_file(place: Path, broken: tuple[str, bytes]) -> None:
    name, data = broken
    with changed(place, name, data):
        problems = problems_of_queries(Content.open(place))
    in_words(problems)
    assert {str(each.path) for each in problems if each.severity == "error"} <= {name}, problems
    if is_no_sparql(data):
        assert problems, data


def problems_of_shapes(content: Content) -> list[Diagnostic]:
    """Ask what ``check`` asks of shapes: whether they can be read and written, and what they find."""
    data = [triple for file in content.rdf("data", "ontology") for triple, _ in read(file, content.base)]
    try:
        for file in content.rdf("shapes"):
            canonical_turtle(file, content.base, content.prefixes)
        found = shape_problems(content, integrity_report(content))
        return found + shape_problems(content, gap_report(content, data, date(2026, 1, 1)))
    except ContentError as error:
        return [of_error(error)]


@given(broken=mistyped(SHAPE_TEXTS))
@settings(max_examples=80)
@example(broken=(SHAPE, b"\xef\xbb\xbf" + SHAPE_TEXTS[SHAPE].encode()))
@example(broken=(SHAPE, SHAPE_TEXTS[SHAPE].replace("sh:order 20", "sh:order 20 ; sh:minInclusive [] ").encode()))
def test_a_mistake_in_a_shape_is_told_with_its_file(place: Path, broken: tuple[str, bytes]) -> None:
    name, data = broken
    with changed(place, name, data):
        content = Content.open(place)
        problems = problems_of_shapes(content)
        in_words(problems)
        try:
            list(ox.parse(data.removeprefix(b"\xef\xbb\xbf"), format=ox.RdfFormat.TURTLE, base_iri=content.base))
            data.decode()
        except (SyntaxError, UnicodeDecodeError):
            assert [str(each.path) for each in problems] == [name], problems
            assert problems[0].line or not data.strip(), problems
    refused = [each for each in problems if "is no SHACL" in each.message["en"]]
    assert all(str(each.path) == name for each in refused if each.entity), refused


# What the command itself says, of a mistake of each kind: the file, and what stands in the line.
TOLD = {
    "a prefix that nobody declared": (RULE, ("own:participant", "rdfs:label ?l . ?p own:participant"), ":5:"),
    "a rule without WHERE": (RULE, ("WHERE {", "{ { {"), ":"),
    "a rule that makes nodes": (RULE, ("?one own:worksWith ?other", "?one own:worksWith []"), ": error: the rule"),
    "a rule that asks others": (
        RULE,
        ("{ ?project", "{ SERVICE <http://127.0.0.1:9/> { ?a ?b ?c } ?project"),
        ": error:",
    ),
    "a key twice": (QUESTION, ("#+ view: network", "#+ view: network\n#+ view: table"), ":4: error: the header"),
    "a key misspelt": (QUESTION, ("#+ view:", "#+ veiw:"), ":3: error: unknown key 'veiw'"),
    "a value of another kind": (QUESTION, ("view: network", "view: [a]"), ":3: error: unknown view"),
    "a date that is none": (PANEL, ("order: 10", "order: 2026-13-45"), ":4: error: the header"),
    "no language": (PANEL, ("{nb: Prosjekt, en", "{5: Prosjekt, en"), ":5: error: columns: project: '5' is no tag"),
    "nothing": (CHECK, None, ":1: error: no header"),
    "a shape's value": (SHAPE, ("sh:minCount 2", 'sh:minCount "two"'), ":"),
    "a shape's term": (SHAPE, ("sh:minCount 2", "sh:minCout 2"), ":45: error: "),
    "a shape's path": (SHAPE, ("sh:path own:participant", "sh:path [ sh:inversePath 5 ]"), ":36: error: "),
}


@pytest.fixture(scope="module")
def sound(tmp_path_factory) -> Path:
    """A content in which ``check`` finds no error."""
    folder = tmp_path_factory.mktemp("mistakes") / "sound"
    shutil.copytree(defaults() / "new" / "region", folder)
    (folder / CHECK).parent.mkdir()
    (folder / CHECK).write_text(MORE[CHECK], encoding="utf-8")
    done = CliRunner().invoke(main, ["check", str(folder), "--state", str(folder / "state")])
    assert done.exit_code == 0, done.output
    return folder


@pytest.mark.parametrize("mistake", TOLD)
def test_the_command_says_it_with_file_and_ends_with_one(sound: Path, tmp_path: Path, mistake: str, caplog) -> None:
    name, change, told = TOLD[mistake]
    text = (sound / name).read_text(encoding="utf-8")
    data = text.replace(*change).encode() if change else b""
    assert data != text.encode()
    with changed(sound, name, data), caplog.at_level(logging.WARNING):
        done = CliRunner().invoke(main, ["check", str(sound), "--state", str(tmp_path)], env={"LC_ALL": "C"})
    assert done.exit_code == 1, done.output
    errors = [line for line in done.stdout.splitlines() if ": error: " in line]
    assert any(line.startswith(f"{name}{told}") for line in errors), done.output
    assert "Traceback" not in done.output
    assert not caplog.records


def test_a_value_that_is_not_what_its_type_says_prints_no_trace(sound: Path, tmp_path: Path, capfd) -> None:
    name, odd = "data/network.ttl", '<urn:x:a> <urn:x:p> "x"^^<http://www.w3.org/2001/XMLSchema#date> .'
    with changed(sound, name, (sound / name).read_bytes() + odd.encode()):
        content = Content.open(sound)
        with checked(content, Settings(content=sound, state=tmp_path), QUIET) as found:
            in_words(found.problems)
    assert "Traceback" not in capfd.readouterr().err


@pytest.mark.parametrize("file", ["a b.rq", "a<b>.rq", "a?b.rq"])
def test_a_name_that_no_address_can_have_is_told(place: Path, file: str) -> None:
    path = place / "queries" / "questions" / file
    path.write_text(QUERY_TEXTS[QUESTION], encoding="utf-8")
    try:
        problems = problems_of_queries(Content.open(place))
    finally:
        path.unlink()
    assert [str(each.path) for each in problems] == [f"queries/questions/{file}"]


def test_a_folder_called_like_a_file_is_no_file(place: Path) -> None:
    folder = place / "queries" / "questions" / "folder.rq"
    folder.mkdir()
    try:
        assert problems_of_queries(Content.open(place)) == []
    finally:
        folder.rmdir()
