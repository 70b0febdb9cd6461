"""``/gaps``: what is missing, by what it concerns; ``/quality``: all that the checks find, and the measurements."""

import csv
import io
import json
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain, takewhile
from typing import Final, TypeVar

from flask import Blueprint, Response, request
from flask_babel import gettext as _

from app.entities.labels import Label, Labels, best
from app.mediatypes import CSV, GRAPH_FORMATS, JSON, XLSX
from app.namespaces import SEVERITIES, VIOLATION
from app.quality.findings import ValidationResult, query_of, rank
from app.query.binding import bind
from app.query.library import engine_query, local_name
from app.search.folding import sort_key
from app.store.interface import Solutions
from app.terms import Iri, Literal, Term
from app.web import links, negotiation, spreadsheets
from app.web.arguments import iri_argument, page_argument, pages_of
from app.web.entity import served_kind
from app.web.languages import languages
from app.web.negotiation import HTML
from app.web.serving import served, settings
from app.web.texts import labels_for, severity_names

blueprint = Blueprint("gaps", __name__)

# So many pages of a list are one of the board: it is read and printed as a whole.
_PAGES: Final = 4
_MOST_THINGS: Final = 300
_FILTERS: Final = ("class", "shape", "thing")
_COLUMNS: Final = ("severity", "class", "shape", "thing", "label", "value", "message", "file")
_SENTENCES: Final = re.compile(r"(?<=[.!?])\s+")
_K = TypeVar("_K")
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class ByShape:
    """What one shape finds: how many, those on this page with what only they say, what all of them say, the query.

    ``actor`` can do something about it; ``valued`` says that only the values tell the findings apart.
    """

    shape: Iri | None
    severity: Iri
    actor: Iri | None
    number: int
    findings: tuple[tuple[ValidationResult, Label | None], ...]
    message: Label | None
    valued: bool
    query: str | None


@dataclass(frozen=True, slots=True)
class ByHeading:
    """Findings that belong together under a heading (who can act, a severity; None: nobody is named), by shape."""

    of: Iri | None
    number: int
    shapes: tuple[ByShape, ...]


@blueprint.get("/gaps")
@blueprint.get("/gaps.<suffix>")
def gaps(suffix: str | None = None) -> Response:
    """Show what is missing, all of it or that of a class, a shape, a thing; CSV, JSON and XLSX too.

    What the content says of its shapes narrows it too, by the name of the property: whose the gap is, who can act.
    """
    format_ = negotiation.choose_format((HTML, CSV, JSON, XLSX), suffix)
    everything = _gaps()
    said = {local_name(each): each for each in sorted(_said(everything))}
    given = {name: iri_argument(name) for name in (*said, *_FILTERS) if request.args.get(name)}
    around = _around(given["thing"]) if "thing" in given and request.args.get("around") else frozenset()
    wanted = {(said[name], value) for name, value in given.items() if name not in _FILTERS}
    found = tuple(each for each in everything if wanted.issubset(each.said) and _fits(each, given, around))
    if format_ == XLSX:
        return _workbook(found, said)
    labels = _labels(everything if format_ == HTML else found)
    if format_ != HTML:
        return negotiation.answer(_rows(found, said, labels, csv_=format_ == CSV), format_)
    classes = {kind for each in everything if (kind := class_of(each))}
    shapes = {each.shape for each in everything if each.shape}
    number, size = page_argument(), _PAGES * settings().page_size
    parameters = {**given, "around": "1" if around else None}
    return negotiation.answer_page(
        "gaps.html",
        groups=list(_between(_groups(found, labels), (number - 1) * size, number * size)),
        number=number,
        pages=pages_of(len(found), size),
        things=_things(everything, labels),
        total=len(found),
        all=len(everything),
        counts=_severities(found),
        said={name: (each, _values(each, everything, found, labels)) for name, each in said.items()},
        classes=_in_order(classes, labels),
        shapes=_in_order(shapes, labels),
        given=given,
        parameters=parameters,
        labels=labels,
        names=severity_names(),
        formats=links.formats("/gaps", (CSV, JSON, XLSX), parameters),
    )


@blueprint.get("/quality")
@blueprint.get("/quality.<suffix>")
def quality(suffix: str | None = None) -> Response:
    """Show the validation report and the measurements; RDF: all of their graph (SHACL §3.6, DQV)."""
    format_ = negotiation.choose_format(negotiation.GRAPH, suffix)
    graph = Iri(served().base + "graph/quality")
    if format_ != HTML:
        return negotiation.answer_graph(served().triples_of(graph), format_)
    measured = served().store.select(bind(engine_query("engine/measurements"), {"graph": graph})).rows
    labels = _labels(served().findings, (row[name] for row in measured for name in ("on", "metric")))
    by_severity = _grouped(served().findings, lambda each: each.severity)
    severities = [
        ByHeading(each, len(by_severity[each]), _by_shape(by_severity[each], labels))
        for each in SEVERITIES
        if each in by_severity
    ]
    number, size = page_argument(), _PAGES * settings().page_size
    return negotiation.answer_page(
        "quality.html",
        groups=list(_between(severities, (number - 1) * size, number * size)),
        number=number,
        pages=pages_of(len(served().findings), size),
        counts=_severities(served().findings),
        measured=measured,
        labels=labels,
        names=severity_names(),
        formats=links.formats("/quality", GRAPH_FORMATS),
    )


def for_leaders(limit: int, thing: Iri | None = None) -> list[ByShape]:
    """Give the kinds of gaps that come first, in the order the content gives its shapes (``sh:order``).

    Of a thing: those that concern it, or what is directly linked to it.
    """
    around = _around(thing) if thing else frozenset()
    found = [each for each in _gaps() if thing is None or each.concerns(thing) or each.focus in around]
    return list(_by_shape(found, _labels(found))[:limit])


def class_of(finding: ValidationResult) -> Iri | None:
    """Give the class a finding is listed under: the one its kind is named by, else the narrowest of the focus node.

    What is entailed of a thing puts it into many classes; its kind stays.
    """
    if isinstance(finding.focus, Iri) and (kind := served_kind(finding.focus)) in served().kind_names:
        return served().kind_names[str(kind)]
    return next(iter(served().classes.narrowest(finding.classes)), None)


def _gaps() -> tuple[ValidationResult, ...]:
    return tuple(each for each in served().findings if each.severity != VIOLATION)


def _around(thing: Iri) -> frozenset[Term]:
    """Give what the data links directly to a thing or from it, but for others of its own kind."""
    rows = served().store.select(bind(engine_query("engine/near"), {"this": thing})).rows
    kind = served_kind(thing)
    return frozenset(
        near for row in rows if isinstance(near := row["near"], Iri) and (kind is None or served_kind(near) != kind)
    )


def _fits(finding: ValidationResult, given: dict[str, Iri], around: frozenset[Term]) -> bool:
    return (
        ("class" not in given or class_of(finding) == given["class"])
        and ("shape" not in given or finding.shape == given["shape"])
        and ("thing" not in given or finding.concerns(given["thing"]) or finding.focus in around)
    )


def _said(found: Iterable[ValidationResult]) -> set[Iri]:
    return {property_ for each in found for property_, _value in each.said}


def _values(
    property_: Iri, everything: Iterable[ValidationResult], found: Iterable[ValidationResult], labels: Labels
) -> list[tuple[Iri, int]]:
    """Give the values of a property of shapes, and how many of what is found have each."""
    counted = Counter(value for each in found for given, value in each.said if given == property_)
    values = {value for each in everything for given, value in each.said if given == property_}
    return [(value, counted[value]) for value in _in_order(values, labels)]


def _severities(found: Iterable[ValidationResult]) -> dict[Iri, int]:
    given = Counter(each.severity for each in found)
    return {severity: given[severity] for severity in SEVERITIES}


def _groups(found: Iterable[ValidationResult], labels: Labels) -> list[ByHeading]:
    """Group by who can act, as the content puts their kinds in order; last what nobody is named for."""
    shapes = _grouped(_by_shape(found, labels), lambda each: each.actor)
    groups = [ByHeading(of, sum(each.number for each in group), tuple(group)) for of, group in shapes.items()]
    return sorted(groups, key=lambda group: group.of is None)


def _grouped(found: Iterable[_T], of: Callable[[_T], _K]) -> dict[_K, list[_T]]:
    groups: dict[_K, list[_T]] = {}
    for each in found:
        groups.setdefault(of(each), []).append(each)
    return groups


def _between(groups: Iterable[ByHeading], start: int, end: int) -> Iterator[ByHeading]:
    """Give the groups with the findings of one page of them; the numbers stay those of all."""
    place = 0
    for group in groups:
        shown = []
        for each in group.shapes:
            if part := each.findings[max(0, start - place) : max(0, end - place)]:
                shown.append(replace(each, findings=part))
            place += each.number
        if shown:
            yield replace(group, shapes=tuple(shown))


def _things(found: Iterable[ValidationResult], labels: Labels) -> list[tuple[Iri | None, list[Iri]]]:
    """Give the things to choose among, by class in the order of their gaps; none when there are too many for a list."""
    by_class = sorted(
        _grouped(found, class_of).items(), key=lambda item: (min(e.order for e in item[1]), _key(item[0], labels))
    )
    things = [(of, {each.focus for each in group if isinstance(each.focus, Iri)}) for of, group in by_class]
    if sum(len(members) for _, members in things) > _MOST_THINGS:
        return []
    return [(of, _in_order(members, labels)) for of, members in things if members]


@blueprint.app_template_filter("by_kind")
def _by_shape(found: Iterable[ValidationResult], labels: Labels) -> tuple[ByShape, ...]:
    """Give what each shape finds, in the order of the shapes; those without one by severity and name."""
    result = []
    for (severity, shape), group in _grouped(found, lambda each: (each.severity, each.shape)).items():
        group.sort(key=lambda each: _key(each.focus, labels))
        message, own = _common([best(each.messages, languages()) for each in group])
        valued = not any(own) and len({each.value for each in group}) > 1
        query = query_of(served().base, shape) if shape else None
        findings = tuple(zip(group, own, strict=True))
        result.append(ByShape(shape, severity, group[0].actor, len(group), findings, message, valued, query))
    order = {each.shape: each.findings[0][0].order for each in result}
    return tuple(sorted(result, key=lambda each: (order[each.shape], rank(each.severity), _key(each.shape, labels))))


def _common(messages: Sequence[Label | None]) -> tuple[Label | None, list[Label | None]]:
    """Give the sentences that all messages begin and end with, and what is left of each."""
    given = [each for each in messages if each]
    if len(given) < len(messages) or len({each.language for each in given}) > 1:
        return None, list(messages)
    texts = [_SENTENCES.split(each.text) for each in given]
    first = _shared(zip(*texts, strict=False))
    last = _shared(zip(*(reversed(each[first:]) for each in texts), strict=False))
    shared = [*texts[0][:first], *texts[0][len(texts[0]) - last :]]
    own = [" ".join(each[first : len(each) - last]) for each in texts]
    return (
        replace(given[0], text=" ".join(shared)) if shared else None,
        [replace(given[0], text=each) if each else None for each in own],
    )


def _shared(places: Iterable[tuple[str, ...]]) -> int:
    return sum(1 for _place in takewhile(lambda sentences: len(set(sentences)) == 1, places))


def _labels(found: Iterable[ValidationResult], others: Iterable[Term] = ()) -> Labels:
    of_each = (
        (each.focus, class_of(each), each.shape, each.value, each.path, *each.classes, *chain.from_iterable(each.said))
        for each in found
    )
    return labels_for([*others, *chain.from_iterable(of_each)])


def _in_order(terms: Iterable[Iri], labels: Labels) -> list[Iri]:
    return sorted(terms, key=lambda each: _key(each, labels))


def _key(term: Term | None, labels: Labels) -> str:
    label = labels[term] if isinstance(term, Iri) else Label(str(term or ""))
    return str(sort_key(label.text, label.language))


def _workbook(found: Iterable[ValidationResult], said: Mapping[str, Iri]) -> Response:
    """Write findings as a workbook: the same columns, things by label."""
    headings = [_("Severity"), _("Class"), _("Check"), _("Thing"), _("Value"), _("What is missing"), _("File")]
    headings += map(str, map(labels_for(said.values()).__getitem__, said.values()))
    columns = (*(name for name in _COLUMNS if name != "label"), *said)
    cells = (zip(columns, _terms(each, said), strict=True) for each in found)
    rows = [{name: term for name, term in row if term is not None} for row in cells]
    facts = [(_("Title"), _("What is missing")), *spreadsheets.about_data()]
    return spreadsheets.table(Solutions(columns, rows), dict(zip(columns, headings, strict=True)), facts, "gaps")


def _rows(found: Iterable[ValidationResult], said: Mapping[str, Iri], labels: Labels, *, csv_: bool) -> str:
    """Write findings as a table: IRIs, the name of the thing, the message in the language of the address."""
    rows = []
    for each in found:
        row = [None if term is None else str(term) for term in _terms(each, said)]
        row.insert(_COLUMNS.index("label"), labels[each.focus].text if isinstance(each.focus, Iri) else None)
        rows.append(row)
    if not csv_:
        return json.dumps([dict(zip((*_COLUMNS, *said), row, strict=True)) for row in rows], ensure_ascii=False)
    text = io.StringIO()
    csv.writer(text).writerows([(*_COLUMNS, *said), *rows])
    return text.getvalue()


def _terms(found: ValidationResult, said: Mapping[str, Iri]) -> tuple[Term | None, ...]:
    """Give the terms of a finding by the columns, but for the label."""
    message = best(found.messages, languages())
    values = dict(found.said)
    return (
        Literal(found.severity.rpartition("#")[2]),
        class_of(found),
        found.shape,
        found.focus,
        found.value if found.value != found.focus else None,
        Literal(message.text if message else ""),
        Literal(found.file) if found.file else None,
        *(values.get(property_) for property_ in said.values()),
    )
