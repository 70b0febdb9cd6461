"""What the templates of views call: a table laid out by the module of the view, what a cell and a figure lead to."""

from collections.abc import Sequence
from importlib import import_module
from typing import Any, Final

from flask import Flask
from jinja2 import pass_context
from jinja2.runtime import Context

from app.entities.labels import Labels
from app.entities.panels import Cell, Folded, PanelTable, bounded, folded, grouped, in_language
from app.query.files import QueryFile
from app.search.folding import sort_key
from app.terms import Iri, Literal
from app.web import links
from app.web.languages import interface_language, languages
from app.web.pictures.lettering import name, plain
from app.web.serving import served

# So much of a table stands beside its picture: rows, and characters of a text.
ROWS = 200
_CHARACTERS = 500
# A text of more letters than this is read as a sentence, not looked up.
_PROSE: Final = 80


def lay_out(picture: str, table: PanelTable, *more: Any, **named: Any) -> Any:
    """Give the rows in the language of the page, laid out by ``lay_out`` of the module of this name beside this one."""
    return import_module(f"app.web.pictures.{picture}").lay_out(in_language(table, languages()), *more, **named)


def twin(table: PanelTable) -> PanelTable:
    """Give as much of the rows of a picture as the table beside it holds."""
    return bounded(table, ROWS, _CHARACTERS)


def follow(file: QueryFile | None, cells: dict[str, Cell]) -> str | None:
    """Give the address of the question that a figure leads to, the things of its row as parameters."""
    question = served().library.questions.get(file.link) if file and file.link else None
    if question is None:
        return None
    wanted = {parameter.name for parameter in question.parameters}
    values = {key: str(cell.value) for key, cell in cells.items() if key in wanted and isinstance(cell.value, Iri)}
    return links.page_link(f"/queries/{question.name}", values)


def address(cell: Cell, labels: Labels) -> str | None:
    """Give where the thing of a cell links to."""
    return None if cell.value is None else links.href(cell.value, labels, named=cell.text is not None)


def by_name(table: PanelTable, names: Sequence[str], labels: Labels) -> PanelTable:
    """Sort rows by what their cells in the last of some columns are called; the others group rows, as they came."""
    named = [table.columns.index(name) for name in names if name in table.columns]
    if not named:
        return table
    *groups, last = named
    places: dict[tuple[Cell, ...], int] = {}

    def key(row: tuple[Cell, ...]) -> tuple[int, bool, str]:
        group = places.setdefault(tuple(row[place] for place in groups), len(places))
        found = row[last].text or row[last].value
        text = labels[found].text if isinstance(found, Iri) else str(found or "")
        return group, not text, sort_key(text, interface_language())

    return PanelTable(table.columns, tuple(sorted(table.rows, key=key)))


@pass_context
def grid(context: Context, table: PanelTable, file: QueryFile | None, empty: bool = False) -> Folded:
    """Give a table as it is read: for a query of ours folded, for one from outside row by row as it was answered."""
    if file is not None:
        read = by_name(in_language(table, languages()), file.sorted, context.get("labels", {}))
        return folded(read, empty=empty)
    return Folded(table.columns, tuple(tuple((cell,) for cell in row) for row in table.rows))


def sections(table: PanelTable) -> tuple[tuple[Cell, Folded], ...]:
    """Give a table of a query of ours in parts, each under a value of its first column."""
    return grouped(in_language(table, languages()))


def unique(rows: Sequence[Sequence[Sequence[Cell]]], place: int) -> list[Cell]:
    """Give the values of a column, each once."""
    return list(dict.fromkeys(cell for row in rows for cell in row[place] if cell.value is not None))


def is_prose(found: Sequence[Cell]) -> bool:
    """Say whether a cell of a table holds running text."""
    return any(isinstance(cell.value, Literal) and len(cell.value.value) > _PROSE for cell in found)


def register_pictures(app: Flask) -> None:
    """Make these known to the templates."""
    app.jinja_env.globals.update(
        lay_out=lay_out, address=address, follow=follow, label_in=name, plain=plain, twin=twin, twin_rows=ROWS
    )
    app.jinja_env.globals.update(grid=grid, sections=sections, unique=unique)
    app.jinja_env.tests["prose"] = is_prose
