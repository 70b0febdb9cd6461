"""What a content's lists say of found things: in the rows of a page, counted in words, and as files to take home.

A file is CSV, XLSX or Parquet and has all that is found; JSON has the same columns.
"""

import csv
import io
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, Final

from flask import Blueprint, Response, request
from flask_babel import gettext as _
from flask_babel import ngettext
from markupsafe import Markup, escape

from app.editing.csvw import column_name
from app.editing.tables import tables
from app.entities.labels import Label, Labels, label_of, rank
from app.entities.panels import Cell, in_language, table_of
from app.errors import N_, AnswerTooLarge
from app.mediatypes import CSV, PARQUET, Format
from app.namespaces import LABEL_PROPERTIES
from app.query.binding import bind_rows
from app.query.files import QueryFile
from app.query.library import GENERIC, local_name, without_header
from app.query.rewriting import projection
from app.search.lookup import Hit, Page
from app.store.interface import Solutions
from app.terms import Iri, Literal, Term
from app.web import answering, links, negotiation, spreadsheets
from app.web.beside import LABEL
from app.web.candidates import values_of
from app.web.languages import languages
from app.web.serving import served, settings
from app.web.tabular import model_base
from app.web.texts import by_language, column, kind_labels, labels_for, marked
from app.web.values import figure

blueprint = Blueprint("rows", __name__)
# What is said of a thing, by the column that says it.
Said = dict[str, tuple[QueryFile, list[Cell]]]
# So many things are asked for at once.
_AT_ONCE: Final = 50
# The columns of every table, beside which no other has the name.
_OWN: Final = ("iri", "name", "kind", "excerpt")
# What stands between several values of a cell.
_BETWEEN: Final = " | "
# What is said of things, by IRI and column.
_Values = Mapping[tuple[str, str], list[Term]]


def plural(kind: str, label: Label) -> Label:
    """Give what the things of a kind are called together, as a heading: as its list says it, else its name."""
    file = served().library.lists.get(kind)
    found = (by_language(file.title) if file else None) or label
    return replace(found, text=found.text[:1].upper() + found.text[1:]) if found.found else found


@blueprint.app_template_global()
def counted(number: int, kind: str | None = None) -> Markup:
    """Tell how many things of a kind there are, or of any: "20 towns", "1 street", "12 hits"."""
    if kind is None or kind not in served().library.lists:
        return escape(ngettext("%(shown)s hit", "%(shown)s hits", number, shown=figure(number)))
    label = kind_labels()[kind]
    name = label if number == 1 else plural(kind, label)
    return escape(f"{figure(number)} ") + marked(replace(name, text=name.text[:1].lower() + name.text[1:]))


def rows_of(hits: Sequence[Hit]) -> dict[str, Said]:
    """Give what the rows of found things show, by IRI and column: one query for each kind among them that has a list.

    Of what has no list of its own that of all things says something.
    """
    lists = served().library.lists
    things: dict[str, list[Iri]] = {}
    for hit in hits:
        things.setdefault(hit.kind if hit.kind and hit.kind in lists else GENERIC, []).append(Iri(hit.iri))
    found: dict[str, Said] = {}
    for kind, iris in things.items():
        if (file := lists.get(kind)) is None:
            continue
        query = bind_rows(without_header(file.text), ["thing"], [[iri] for iri in iris])
        answer = served().store.select(query)
        table = in_language(table_of(answer.variables, answer.rows), languages())
        place = table.columns.index("thing")
        for row in table.rows:
            of = found.setdefault(str(row[place].value), {})
            for name, cell in zip(table.columns, row, strict=True):
                cells = of.setdefault(name, (file, []))[1]
                if name != "thing" and cell.value is not None and cell not in cells:
                    cells.append(cell)
    return {iri: {name: pair for name, pair in of.items() if pair[1]} for iri, of in found.items()}


def row_terms(rows: Mapping[str, Said]) -> Iterator[Term | None]:
    """Give every term of rows for looking up labels."""
    for of in rows.values():
        for _file, cells in of.values():
            yield from (cell.value for cell in cells)


@dataclass(frozen=True, slots=True)
class _ListColumns:
    """The columns of a kind beside IRI and name: headings by name; what is in them by variable or property."""

    headings: Mapping[str, str]
    variables: Mapping[str, str]
    properties: Mapping[Iri, str]


def most() -> int:
    """Give how many things a table may have at most: each has an IRI and a name."""
    return settings().spreadsheet_cells // 2


def respond_with_table(result: Page, found: Format, name: str, kind: str | None, title: str) -> Response:
    """Answer with all that is found as a table: of a kind with its columns; of any with kind and where the words are.

    Raises AnswerTooLarge for more cells than a workbook may have, and where not all that fits was looked at.
    """
    searched = name == "search"
    columns = _columns(kind)
    fixed = {"iri": "IRI", "name": _("Name")}
    fixed |= {"kind": _("Kind"), "excerpt": _("Excerpt")} if searched else {}
    _refuse_too_much(result, len(fixed) + len(columns.headings))
    with answering.place():
        said = _values(result.hits, kind, columns)
        labels = labels_for(term for terms in said.values() for term in terms)
        kinds = kind_labels() if searched else {}
        rows: list[dict[str, Term]] = []
        for hit in result.hits:
            row: dict[str, Term] = {"iri": Iri(hit.iri), "name": Literal(hit.label, hit.language)}
            if searched:
                row |= {"kind": Literal(str(kinds.get(hit.kind or "", hit.kind or "")))}
                row |= {"excerpt": Literal(hit.excerpt)} if hit.excerpt else {}
            rows.append(row)
        headings = fixed | _filled(rows, columns.headings, said, labels, flat=found in (CSV, PARQUET))
    solutions = Solutions(tuple(headings), rows)
    if found == CSV:
        response = negotiation.answer(_csv(solutions), CSV)
    elif found == PARQUET:
        response = negotiation.answer(spreadsheets.parquet(solutions), PARQUET)
    else:  # a workbook has the name of a thing and, linked, its IRI
        shown = Solutions(tuple(each for each in headings if each != "name"), rows)
        given = {name: request.args.getlist(name) for name in request.args if name != "format"}
        address = links.absolute(links.page_link(links.here(), given))
        facts = [(_("Title"), title), (_("Address"), address), *spreadsheets.about_data()]
        return spreadsheets.table(shown, {**headings, "iri": headings["name"]}, facts, name)
    filename = f"{name}-{served().manifest.version}.{found.suffix}"
    response.headers.set("Content-Disposition", "attachment", filename=filename)
    return response


def values_json(hits: Sequence[Hit], kind: str) -> list[dict[str, list[dict[str, Any]]]]:
    """Give what the columns say of each of some things as JSON, in order of the things: values by column."""
    columns = _columns(kind)
    said = _values(hits, kind, columns)
    labels = labels_for(term for terms in said.values() for term in terms)
    return [
        {name: [_value(term, labels) for term in terms] for name in columns.headings if (terms := said[hit.iri, name])}
        for hit in hits
    ]


def _value(term: Term, labels: Labels) -> dict[str, Any]:
    if isinstance(term, Literal):
        more = {"language": term.language} if term.language else {"datatype": term.datatype}
        return {"value": term.value, **more}
    label = labels[term] if isinstance(term, Iri) else Label(str(term))
    return {"iri": str(term), "label": label.text, "language": label.language}


def _refuse_too_much(result: Page, columns: int) -> None:
    """Raise AnswerTooLarge before anything is asked that would not be answered."""
    if not result.complete:
        raise AnswerTooLarge(
            N_("More than %(rows)d things have these words: a table of them would not be whole."),
            N_("Write more words, or choose a kind of thing."),
            rows=result.total,
            setting=None,
        )
    cells, limit = result.total * columns, settings().spreadsheet_cells
    if cells > limit and result.hits:
        raise AnswerTooLarge(
            N_("The table would have %(cells)d cells, it has at most %(limit)d (INNHERRED_SPREADSHEET_CELLS)."),
            N_("Narrow the list down, ask for a part of it at /sparql, or take a file at /dump/."),
            cells=cells,
            limit=limit,
            setting="INNHERRED_SPREADSHEET_CELLS",
        )


def _columns(kind: str | None) -> _ListColumns:
    """Give the columns of a kind: what its list says of each thing, then the fields of its class.

    A field whose name or heading is there already is left out: what it says is said.
    """
    if kind is None:
        return _ListColumns({}, {}, {})
    now = served()
    file = now.library.lists.get(kind) or now.library.lists.get(GENERIC)
    names = [each for each in projection(file.text) or () if each != "thing"] if file else []
    variables = {each: f"{each}_" if each in _OWN else each for each in names}
    headings = {name: column(file, variable).text for variable, name in variables.items()}
    properties = {}
    taken = {each.casefold() for each in (*names, *headings.values())}
    fields = _fields(now.fingerprint).get(now.kind_names.get(kind, Iri("")), {})
    for property_, texts in fields.items():
        heading = by_language(texts)
        if heading and taken.isdisjoint((heading.text.casefold(), local_name(property_).casefold())):
            name = column_name(property_, now.manifest.prefixes)
            headings[name], properties[property_] = heading.text, name
            taken.add(heading.text.casefold())
    return _ListColumns(headings, variables, properties)


@lru_cache(maxsize=4)
def _fields(fingerprint: str) -> Mapping[Iri, Mapping[Iri, Mapping[str, str]]]:  # noqa: ARG001  # kept for this data
    """Give by class the properties of its table but for names, in order, each with its names by language."""
    found = tables(model_base())
    return {
        cls: {each.property: each.names for each in table.columns if each.property not in LABEL_PROPERTIES}
        for cls, table in found.items()
    }


def _values(hits: Sequence[Hit], kind: str | None, columns: _ListColumns) -> _Values:
    """Ask for the values of all columns, a few things at a time; texts in the most wanted language they are in."""
    found: dict[tuple[str, str], list[Term]] = defaultdict(list)
    if kind is None:
        return found
    lists, store = served().library.lists, served().store
    file = lists.get(kind) or lists.get(GENERIC)
    things = [Iri(hit.iri) for hit in hits]
    for start in range(0, len(things), _AT_ONCE):
        some = things[start : start + _AT_ONCE]
        query = bind_rows(without_header(file.text), ["thing"], [[each] for each in some]) if file else None
        for row in store.select(query).rows if query else ():
            for variable, term in row.items():
                cell = found[str(row["thing"]), columns.variables.get(variable, variable)]
                if term not in cell:
                    cell.append(term)
        for (thing, property_), terms in values_of(some, columns.properties).items():
            found[thing, columns.properties[Iri(property_)]] = sorted(terms, key=str)
    return defaultdict(list, {place: _in_language(terms) for place, terms in found.items()})


def _in_language(terms: list[Term]) -> list[Term]:
    """Leave out texts of which there are some in a more wanted language."""
    wanted = languages()
    ranks = [rank(each.language, wanted) for each in terms if isinstance(each, Literal) and each.language]
    return [
        each
        for each in terms
        if not (isinstance(each, Literal) and each.language) or rank(each.language, wanted) == min(ranks)
    ]


def _filled(
    rows: list[dict[str, Term]], headings: Mapping[str, str], said: _Values, labels: Labels, *, flat: bool
) -> dict[str, str]:
    """Put what is said into the rows, several values in one cell as a text; give the headings of these columns.

    Of things the IRIs and, in a column beside (``flat``, or where there are several), the names.
    """
    things = [str(row["iri"]) for row in rows]
    found: dict[str, str] = {}
    for name, heading in headings.items():
        cells = [said[thing, name] for thing in things]
        if not flat and not any(cells):  # people can do without it, programs count on it
            continue
        linked = any(isinstance(term, Iri) and labels[term].found for cell in cells for term in cell)
        several = any(len(cell) > 1 for cell in cells)
        beside = linked and (flat or several)
        for row, cell in zip(rows, cells, strict=True):
            if not cell:
                continue
            texts = [str(term) for term in cell]
            row[name] = cell[0] if len(cell) == 1 and not (several and beside) else Literal(_BETWEEN.join(texts))
            if beside:
                row[name + LABEL] = Literal(_BETWEEN.join(_name(term, labels) for term in cell))
        if beside and not flat:  # people read the names first
            found |= {name + LABEL: heading, name: f"{heading} (IRI)"}
        else:
            found |= {name: heading, **({name + LABEL: heading} if beside else {})}
    return found


def _name(term: Term, labels: Labels) -> str:
    if isinstance(term, Iri):
        return labels[term].text if labels[term].found else str(term)
    return label_of(term, languages()).text if isinstance(term, Literal) else str(term)


def _csv(solutions: Solutions) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")  # RFC 4180
    writer.writerow(solutions.variables)
    writer.writerows([str(row.get(name, "")) for name in solutions.variables] for row in solutions.rows)
    return text.getvalue()
