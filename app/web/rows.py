"""The rows of found things: what a content's lists say of each, and how many of a kind there are, in words."""

from collections.abc import Iterator, Mapping, Sequence

from flask import Blueprint
from flask_babel import ngettext

from app.entities.labels import Label
from app.entities.panels import Cell, in_language, table_of
from app.query.binding import bind_rows
from app.query.files import QueryFile
from app.query.library import GENERIC, without_header
from app.search.lookup import Hit
from app.terms import Iri, Term
from app.web.languages import languages
from app.web.serving import served
from app.web.texts import by_language, figure, kind_labels

blueprint = Blueprint("rows", __name__)
# What is said of a thing, by the column that says it.
Said = dict[str, tuple[QueryFile, list[Cell]]]


def plural(kind: str, label: Label) -> Label:
    """Give what the things of a kind are called together, where its list says it; else the name of the kind."""
    file = served().library.lists.get(kind)
    return (by_language(file.title) if file else None) or label


@blueprint.app_template_global()
def counted(number: int, kind: str | None = None) -> str:
    """Tell how many things of a kind there are, or of any: "20 towns", "1 street", "12 hits"."""
    if kind is None or kind not in served().library.lists:
        return str(ngettext("%(num)s hit", "%(num)s hits", number))
    label = kind_labels()[kind]
    name = (label if number == 1 else plural(kind, label)).text
    return f"{figure(number)} {name[:1].lower()}{name[1:]}"


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
