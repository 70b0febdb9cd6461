"""SHACL as its recommendation says: a case for each section, through the validation that ``check`` uses.

A case is a TriG file: the data, the shapes in ``e:shapes``, the report that the standard asks for in ``e:report``, with
``sh:shapesGraphWellFormed false`` where the shapes are to be refused. Nodes are called good or bad by what is found.
"""

from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import pytest

from app.content.reading import InputFile, read
from app.errors import ShapesRefused
from app.namespaces import PREFIXES
from app.quality.validation import Result, validate
from app.terms import Iri, Literal, Term, Triple, n3

CASES = {path.stem: path for path in sorted((Path(__file__).parent / "shacl").glob("*.trig"))}
ONCE = "results that say the same of the same thing are one: a result is named by what it says"
TOLD = "pySHACL goes on; told as an error by the check shape-ill-formed"
NO_VALUE = "pySHACL leaves sh:value out of what an ASK finds at a property shape: values that are wrong are one result"
# What is not as the standard says, and why; each has to fail, so that one which is mended is taken away.
LIMITS = {
    "2.1.1-parameters-twice": ONCE,
    "2.3.1.4-inverse-of-sequence": "pySHACL goes through the list forwards; an error by the check shape-ill-formed",
    "3.4.2-ill-formed-deactivated": TOLD,
    "3.4.2-ill-formed-list": TOLD,
    "3.4.2-ill-formed-node-kind": TOLD,
    "4.3.2-min-inclusive-far-years": "dates of Python, with which pySHACL compares, end in 9999",
    "4.3.2-min-inclusive-other-kinds": "pySHACL takes other kinds for greater than a date; set sh:datatype too",
    "4.4.1-min-length-zero": "pySHACL asks nothing where sh:minLength is 0; set sh:nodeKind",
    "4.4.3-pattern-classes": "patterns are those of Python, without \\p{…}: refused with file and line",
    "4.4.4-language-in-narrow": "pySHACL compares the first part of a tag, or all of it",
    "4.4.5-unique-lang": ONCE,
    "4.6.1-not-twice": ONCE,
    "5.2.1-prefix-for-two-namespaces": TOLD,
    "5.3.2-failure": "pySHACL makes a result of it",
    "5.3.2-message-column": "pySHACL leaves ?message out; write sh:message with {?…} in it",
    "6.1-component": NO_VALUE,
    "6.2.1-optional-parameter": NO_VALUE,
    "6.2.1-parameters": NO_VALUE,
    "6.2.3.2-ask-of-nodes-without-iri": NO_VALUE,
    "6.3-parameter-twice": "pySHACL takes one of the values; told as an error by the check shape-ill-formed",
}
SECTIONS = {
    "1.5": "Relationship to RDFS inferencing",
    "2.1.1": "Constraints, parameters, components",
    "2.1.3": "Targets",
    "2.1.3.1": "Node targets",
    "2.1.3.2": "Class-based targets",
    "2.1.3.3": "Implicit class targets",
    "2.1.3.4": "Subjects-of targets",
    "2.1.3.5": "Objects-of targets",
    "2.1.4": "Severity",
    "2.1.5": "Messages",
    "2.1.6": "Deactivating a shape",
    "2.2": "Node shapes",
    "2.3": "Property shapes",
    "2.3.1.1": "Predicate paths",
    "2.3.1.2": "Sequence paths",
    "2.3.1.3": "Alternative paths",
    "2.3.1.4": "Inverse paths",
    "2.3.1.5": "Zero-or-more paths",
    "2.3.1.6": "One-or-more paths",
    "2.3.1.7": "Zero-or-one paths",
    "2.3.2": "Non-validating properties",
    "3.4.2": "Ill-formed shapes graphs",
    "3.4.3": "Recursive shapes",
    "3.6.1": "Validation report",
    "3.6.2": "Validation results",
    "3.7": "Value nodes",
    "4.1.1": "sh:class",
    "4.1.2": "sh:datatype",
    "4.1.3": "sh:nodeKind",
    "4.2.1": "sh:minCount",
    "4.2.2": "sh:maxCount",
    "4.3.1": "sh:minExclusive",
    "4.3.2": "sh:minInclusive",
    "4.3.3": "sh:maxExclusive",
    "4.3.4": "sh:maxInclusive",
    "4.4.1": "sh:minLength",
    "4.4.2": "sh:maxLength",
    "4.4.3": "sh:pattern",
    "4.4.4": "sh:languageIn",
    "4.4.5": "sh:uniqueLang",
    "4.5.1": "sh:equals",
    "4.5.2": "sh:disjoint",
    "4.5.3": "sh:lessThan",
    "4.5.4": "sh:lessThanOrEquals",
    "4.6.1": "sh:not",
    "4.6.2": "sh:and",
    "4.6.3": "sh:or",
    "4.6.4": "sh:xone",
    "4.7.1": "sh:node",
    "4.7.2": "sh:property",
    "4.7.3": "sh:qualifiedValueShape",
    "4.8.1": "sh:closed",
    "4.8.2": "sh:hasValue",
    "4.8.3": "sh:in",
    "5.1": "SPARQL-based constraints",
    "5.2": "Syntax of SPARQL-based constraints",
    "5.2.1": "Prefix declarations",
    "5.3": "Validation with SPARQL-based constraints",
    "5.3.1": "Pre-bound variables",
    "5.3.2": "Solutions to results",
    "6.1": "SPARQL-based constraint components",
    "6.2.1": "Parameters",
    "6.2.3": "Validators",
    "6.2.3.1": "SELECT-based validators",
    "6.2.3.2": "ASK-based validators",
    "6.3": "Validation with components",
    "A": "Pre-binding in queries",
}
DOCS = Path(__file__).parents[2] / "docs" / "shacl.md"
HEAD = """# SHACL by section

Each section of the [SHACL recommendation](https://www.w3.org/TR/shacl/) has cases of our own in
`tests/quality/shacl/`: data, shapes and the report that the standard asks for. They are run through the validation
that `innherred check` uses. This page is written by `python -m tests.quality.test_shacl`, and a test holds it.

A result has its focus node, value, severity, component, messages, its path where that is one property, and the nearest
shape with an IRI; what `sh:detail` would hold is left out. Unknown terms of SHACL, and classes and properties that
nothing has, are told by the checks `shape-term`, `shape-target` and `shape-path`.
"""
E = "http://example.org/"
SH = PREFIXES["sh"]
FACTS = ("focusNode", "resultPath", "value", "resultSeverity", "sourceConstraintComponent")


class Case:
    """The parts of a case: data, shapes, and what is to be found; None where the shapes are to be refused."""

    def __init__(self, path: Path) -> None:
        self.data: list[Triple] = []
        self.shapes: list[Triple] = []
        report: list[Triple] = []
        parts = {E + "shapes": self.shapes, E + "report": report}
        for triple, graph in read(InputFile(path, path.name, Iri(E + "data"), "data"), E):
            parts.get(str(graph), self.data).append(triple)
        self.refused = any(predicate == SH + "shapesGraphWellFormed" for _, predicate, _ in report)
        self.results = [
            {predicate.removeprefix(SH): value for s, predicate, value in report if s == node}
            for _, predicate, node in report
            if predicate == SH + "result"
        ]
        self.messages = Counter(n3(text) for _, predicate, text in report if predicate == SH + "resultMessage")

    def expected(self) -> Counter[tuple[str, ...]]:
        return Counter(tuple(_text(result.get(name)) for name in FACTS) for result in self.results)


def _text(term: Term | None) -> str:
    return "-" if term is None else n3(term)


def found(results: Iterable[Result]) -> Counter[tuple[str, ...]]:
    return Counter(
        tuple(map(_text, (each.focus, each.path, each.value, each.severity, each.component))) for each in results
    )


@pytest.mark.parametrize("name", CASES)
def test_a_case_has_the_outcome_that_the_standard_asks_for(name: str, request: pytest.FixtureRequest) -> None:
    if name in LIMITS:
        request.applymarker(pytest.mark.xfail(reason=LIMITS[name]))
    case = Case(CASES[name])
    if case.refused:
        with pytest.raises(ShapesRefused):
            validate(case.data, case.shapes)
        return
    report = validate(case.data, case.shapes)
    assert found(report.results) == case.expected()
    assert report.conforms == (not case.results)
    if shapes := [result["sourceShape"] for result in case.results if "sourceShape" in result]:
        assert [result.shape for result in report.results] == shapes
    if case.messages:
        texts = (Literal(text, tag or None) for result in report.results for tag, text in result.messages.items())
        assert Counter(map(n3, texts)) == case.messages


def _section(name: str) -> str:
    return name.partition("-")[0]


@pytest.mark.parametrize("section", SECTIONS)
def test_a_section_has_a_good_and_a_bad_node_or_is_refused(section: str) -> None:
    cases = {name: Case(path) for name, path in CASES.items() if _section(name) == section}
    assert cases
    nodes = {str(term) for case in cases.values() for triple in (*case.data, *case.shapes) for term in triple}
    wrong = {str(result["focusNode"]) for case in cases.values() for result in case.results}
    assert not [node for node in wrong if node.startswith(E + "good")]
    assert section in ("3.4.2", "3.6.1") or wrong
    assert section == "3.4.2" or any(node.startswith(E + "good") for node in nodes)


def table() -> str:
    """The page: how many cases each section has, and what does not hold."""
    rows = []
    for section, title in SECTIONS.items():
        names = [name for name in CASES if _section(name) == section]
        limits = [name for name in names if name in LIMITS]
        shown = f"`{title}`" if ":" in title else title
        rows.append(f"| {section} | {shown} | {len(names)} | {len(names) - len(limits)} |")
    held = len(CASES) - len(LIMITS)
    reasons = (f"| `{name}` | {reason} |" for name, reason in LIMITS.items())
    return (
        f"{HEAD}\n| Section | | Cases | As the standard says |\n|---|---|---:|---:|\n"
        + "\n".join((*rows, f"| | All | {len(CASES)} | {held} |"))
        + "\n\n## What is not as the standard says\n\n| Case | Why |\n|---|---|\n"
        + "\n".join(reasons)
        + "\n"
    )


def test_the_page_tells_what_holds() -> None:
    assert {_section(name) for name in CASES} == set(SECTIONS)
    assert set(CASES) >= set(LIMITS)
    assert DOCS.read_text(encoding="utf-8") == table()


if __name__ == "__main__":
    DOCS.write_text(table(), encoding="utf-8")
