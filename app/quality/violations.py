"""What breaks the checks: query files of which each row is a violation, asked of a content as it is written."""

from collections.abc import Iterable, Mapping
from typing import Final

from app.content.folders import Content
from app.errors import QueryError
from app.namespaces import INFO, VIOLATION, WARNING, shown
from app.progress import note
from app.quality.checks import shape_problems
from app.quality.diagnostics import Diagnostic, below, diagnostic
from app.quality.validation import Report, Result
from app.query.files import PLACE, QueryFile
from app.store.interface import Store
from app.terms import Dataset, Iri, Literal, Term

_SEVERITIES: Final = {"error": VIOLATION, "warning": WARNING, "info": INFO}
# More than so many rows of one check say nothing new to a person.
_MOST: Final = 200


def violations(
    content: Content, checks: Iterable[QueryFile], store: Store, dataset: Dataset | None, *, lines: bool = True
) -> list[Diagnostic]:
    """Find the rows of checks, each with the file, and line, that speak of ``?this`` (and ``?path``, ``?value``).

    The dataset (None: the store's own) has the named graphs that a check can ask, and their merge as its default graph.
    The severity is that of the header, or of the row when it has a ``?severity``.
    """
    found: dict[str, Result] = {}
    problems = []
    for check in checks:
        note(file=str(below(content.root, check.path)))
        try:
            rows = store.select(check.text, dataset).rows
        except QueryError as error:
            problems.append(diagnostic(content, check.path, "told", message=error))
            continue
        every = {result.key: result for row in rows if "this" in row for result in [_result(content, check, row)]}
        # The same ones are kept, in whatever order a store gives them.
        results = sorted(every.items(), key=lambda each: (str(each[1].focus), each[0]))
        found.update(results[:_MOST])
        if (more := len(results) - _MOST) > 0:
            problems.append(diagnostic(content, check.path, "more-violations", "info", more=more))
    return problems + shape_problems(content, Report(not found, tuple(found.values())), lines=lines)


def _result(content: Content, check: QueryFile, row: Mapping[str, Term]) -> Result:
    path = row.get("path")
    severity = str(row["severity"]) if "severity" in row else check.severity
    return Result(
        focus=row["this"],
        path=path if isinstance(path, Iri) else None,
        value=row.get("value"),
        severity=_SEVERITIES.get(severity or "error", VIOLATION),
        messages={
            language: PLACE.sub(lambda place: shown(row.get(place[1], Literal("")), content.prefixes), text)
            for language, text in check.message.items()
        },
        shape=Iri(f"checks/{check.name}"),
        component=None,
    )
