"""What the templates of views call: a table laid out by the module of the view, what a cell and a figure lead to."""

from importlib import import_module
from typing import Any

from flask import Flask

from app.entities.labels import Labels
from app.entities.panels import Cell, Table, bounded, in_language
from app.query.files import QueryFile
from app.terms import Iri
from app.web import links
from app.web.languages import languages
from app.web.pictures.lettering import name, plain
from app.web.serving import served

# So much of a table stands beside its picture: rows, and characters of a text.
ROWS = 200
_CHARACTERS = 500


def lay_out(picture: str, table: Table, *more: Any, **named: Any) -> Any:
    """Give the rows in the language of the page, laid out by ``lay_out`` of the module of this name beside this one."""
    return import_module(f"app.web.pictures.{picture}").lay_out(in_language(table, languages()), *more, **named)


def twin(table: Table) -> Table:
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


def register_pictures(app: Flask) -> None:
    """Make these known to the templates."""
    app.jinja_env.globals.update(
        lay_out=lay_out, address=address, follow=follow, label_in=name, plain=plain, twin=twin, twin_rows=ROWS
    )
