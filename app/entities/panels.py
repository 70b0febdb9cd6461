"""Panels of a page: query files chosen by class, run with ``?this`` bound; also the answer of a question."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from app.query.binding import bind
from app.query.files import QueryFile
from app.query.library import without_header
from app.store.interface import Dataset, Store
from app.terms import Iri, Literal, Term

# Companion of a variable that holds its text: ``?place`` and ``?placeLabel``.
LABEL_SUFFIX: Final = "Label"
# A panel with more rows is a list of its own: its query has them all.
MOST_ROWS: Final = 300


@dataclass(frozen=True, slots=True)
class Cell:
    """One value of a row and the text the query gives for it, if it gives one."""

    value: Term | None
    text: Literal | None = None


@dataclass(frozen=True, slots=True)
class Table:
    """The rows of a query as a page shows them: companions folded into their variable, equal rows once."""

    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]

    def terms(self) -> Iterator[Term | None]:
        """Give every term for looking up labels; a value with a text of its own needs none."""
        for row in self.rows:
            yield from (cell.value for cell in row if cell.text is None)


@dataclass(frozen=True, slots=True)
class Panel:
    """A query file with its first rows for one entity and the number of all; ``query`` is the text that was run."""

    file: QueryFile
    query: str
    table: Table
    total: int = 0


def terms(panels: Iterable[Panel]) -> Iterator[Term | None]:
    """Give every term of panels for looking up labels."""
    for panel in panels:
        yield from panel.table.terms()


def things(panels: Iterable[Panel]) -> Iterator[Term | None]:
    """Give what the rows of panels are about: the first column names it."""
    for panel in panels:
        yield from (row[0].value for row in panel.table.rows)


def table_of(variables: tuple[str, ...], rows: list[dict[str, Term]], *, distinct: bool = True) -> Table:
    """Fold solutions into a table."""
    companions = {name + LABEL_SUFFIX for name in variables} & set(variables)
    columns = tuple(name for name in variables if name not in companions)
    folded = [tuple(_cell(row, name) for name in columns) for row in rows]
    return Table(columns, tuple(dict.fromkeys(folded) if distinct else folded))


def _cell(row: Mapping[str, Term], name: str) -> Cell:
    text = row.get(name + LABEL_SUFFIX)
    value = row.get(name)
    return Cell(value if value is not None else text, text if isinstance(text, Literal) else None)


def unasked(file: QueryFile) -> Panel:
    """Give a panel that is filled by other means than its query; its place and title are those of the file."""
    return Panel(file, without_header(file.text), Table((), ()))


def run(store: Store, file: QueryFile, this: Iri | None, dataset: Dataset | None) -> Panel:
    """Run a panel for an entity over a dataset; one of the front page is about none.

    Rows that are equal are shown once: over several graphs a triple that two of them hold gives its row twice.
    """
    query = bind(without_header(file.text), {} if this is None else {"this": this})
    solutions = store.select(query, dataset)
    # ?this is the page itself.
    variables = tuple(name for name in solutions.variables if name not in ("this", "this" + LABEL_SUFFIX))
    table = table_of(variables, solutions.rows)
    return Panel(file, query, Table(table.columns, table.rows[:MOST_ROWS]), len(table.rows))
