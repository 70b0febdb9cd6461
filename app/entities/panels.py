"""Panels of a page: query files chosen by class, run with ``?this`` bound; also the answer of a question."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from app.entities.labels import rank
from app.query.binding import bind
from app.query.files import QueryFile
from app.query.library import without_header
from app.query.tokens import is_repeatable
from app.store.interface import AnswersKept, Store
from app.terms import Dataset, Iri, Literal, Term

# Companion of a variable that holds its text: ``?place`` and ``?placeLabel``.
LABEL_SUFFIX: Final = "Label"
# Companion of a variable that says what its value is said of, and leads there: ``?certainty`` and ``?certaintyAbout``.
ABOUT_SUFFIX: Final = "About"
# Companions of a count: the least and the most that it can be.
RANGE_SUFFIXES: Final = ("Least", "Most")
# A panel with more rows is a list of its own: its query has them all.
MOST_ROWS: Final = 300


@dataclass(frozen=True, slots=True)
class Cell:
    """One value of a row, the text the query gives for it and where it leads, if any; of a count, what it can be."""

    value: Term | None
    text: Literal | None = None
    range: tuple[str, str] | None = None
    about: Iri | None = None


@dataclass(frozen=True, slots=True)
class PanelTable:
    """The rows of a query as a page shows them: companions folded into their variable, equal rows once."""

    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]

    @property
    def example(self) -> Cell | None:
        """The first count that is a range, for saying how to read it."""
        return next((cell for row in self.rows for cell in row if cell.range), None)

    def terms(self) -> Iterator[Term | None]:
        """Give every term for looking up labels; a value with a text of its own needs none."""
        for row in self.rows:
            yield from (cell.value for cell in row if cell.text is None)


@dataclass(frozen=True, slots=True)
class Panel:
    """A query file with its first rows for one entity and the number of all; ``query`` is the text that was run."""

    file: QueryFile
    query: str
    table: PanelTable
    total: int = 0


def terms(panels: Iterable[Panel]) -> Iterator[Term | None]:
    """Give every term of panels for looking up labels."""
    for panel in panels:
        yield from panel.table.terms()


def things(panels: Iterable[Panel]) -> Iterator[Term | None]:
    """Give what the rows of panels are about: the first column names it."""
    for panel in panels:
        yield from (row[0].value for row in panel.table.rows)


def table_of(variables: tuple[str, ...], rows: list[dict[str, Term]], *, distinct: bool = True) -> PanelTable:
    """Fold solutions into a table."""
    companions = {name + suffix for name in variables for suffix in (LABEL_SUFFIX, ABOUT_SUFFIX)} & set(variables)
    for ends in ({name + suffix for suffix in RANGE_SUFFIXES} for name in variables):
        companions |= ends if ends <= set(variables) else set()
    columns = tuple(name for name in variables if name not in companions)
    folded = [tuple(_cell(row, name) for name in columns) for row in rows]
    return PanelTable(columns, tuple(dict.fromkeys(folded) if distinct else folded))


def _cell(row: Mapping[str, Term], name: str) -> Cell:
    text = row.get(name + LABEL_SUFFIX)
    value, about = row.get(name), row.get(name + ABOUT_SUFFIX)
    least, most = (row.get(name + suffix) for suffix in RANGE_SUFFIXES)
    if None not in (value, least, most) and not value == least == most:
        return Cell(value, Literal(f"{value} ({least}–{most})"), (str(least), str(most)))
    shown = text if isinstance(text, Literal) else None
    return Cell(value if value is not None else text, shown, about=about if isinstance(about, Iri) else None)


def unasked(file: QueryFile) -> Panel:
    """Give a panel that is filled by other means than its query; its place and title are those of the file."""
    return Panel(file, without_header(file.text), PanelTable((), ()))


def run_panel(
    store: Store, file: QueryFile, this: Iri | None, dataset: Dataset | None, kept: AnswersKept[Panel] | None = None
) -> Panel:
    """Run a panel for an entity over a dataset; one of the front page is about none.

    Rows that are equal are shown once: over several graphs a triple that two of them hold gives its row twice.
    ``kept`` are panels that were run before, and are about none or have more rows than are shown.
    """
    query = bind(without_header(file.text), {} if this is None else {"this": this})
    key = file.path, query, dataset  # two files may ask the same and show it in another way
    if kept is not None and (known := kept.get(key)) is not None:
        return known
    solutions = store.select(query, dataset)
    # ?this is the page itself.
    variables = tuple(name for name in solutions.variables if name not in ("this", "this" + LABEL_SUFFIX))
    table = table_of(variables, solutions.rows)
    panel = Panel(file, query, PanelTable(table.columns, table.rows[:MOST_ROWS]), len(table.rows))
    often = this is None or len(table.rows) > MOST_ROWS
    if kept is not None and store.keeps_order and often and is_repeatable(query):
        kept.keep(key, panel)
    return panel


@dataclass(frozen=True, slots=True)
class Folded:
    """A table in which a cell holds several values; ``columns`` are those with any value."""

    columns: tuple[str, ...]
    rows: tuple[tuple[tuple[Cell, ...], ...], ...]


def in_language(table: PanelTable, languages: Sequence[str]) -> PanelTable:
    """Of rows that say the same in several languages keep those in the most wanted one."""
    groups: dict[tuple[Term | str | None, ...], list[tuple[Cell, ...]]] = {}
    for row in table.rows:
        groups.setdefault(tuple(_same(cell) for cell in row), []).append(row)
    kept: set[tuple[Cell, ...]] = set()
    for rows in groups.values():
        if len(rows) == 1:
            kept.add(rows[0])
            continue
        best = [min(_rank(row[i], languages) for row in rows) for i in range(len(table.columns))]
        chosen = [row for row in rows if [_rank(cell, languages) for cell in row] == best]
        kept.update(chosen or rows)
    return PanelTable(table.columns, tuple(row for row in table.rows if row in kept))


def folded(table: PanelTable, *, empty: bool = False) -> Folded:
    """Merge rows that differ in one column only, the last columns first; leave out empty columns if not wanted."""
    rows: list[list[tuple[Cell, ...]]] = [[() if cell.value is None else (cell,) for cell in row] for row in table.rows]
    for index in reversed(range(len(table.columns))):
        merged: dict[tuple[tuple[Cell, ...], ...], list[tuple[Cell, ...]]] = {}
        for row in rows:
            key = tuple(cells for i, cells in enumerate(row) if i != index)
            if key in merged:
                merged[key][index] = tuple(dict.fromkeys((*merged[key][index], *row[index])))
            else:
                merged[key] = list(row)
        # The first column names what a row is about: its things stay apart.
        rows = list(merged.values()) if index else rows
    shown = [i for i in range(len(table.columns)) if empty or any(row[i] for row in rows)]
    return Folded(tuple(table.columns[i] for i in shown), tuple(tuple(row[i] for i in shown) for row in rows))


def grouped(table: PanelTable) -> tuple[tuple[Cell, Folded], ...]:
    """Fold the rows of each value of the first column by themselves; all have the columns with a value in any."""
    parts: dict[Cell, list[tuple[Cell, ...]]] = {}
    for head, *row in table.rows:
        parts.setdefault(head, []).append(tuple(row))
    shown = [i for i in range(1, len(table.columns)) if any(_said(row[i]) for row in table.rows)]
    columns = tuple(table.columns[i] for i in shown)
    return tuple(
        (head, folded(PanelTable(columns, tuple(tuple(row[i - 1] for i in shown) for row in rows)), empty=True))
        for head, rows in parts.items()
    )


def _said(cell: Cell) -> bool:
    return cell.value is not None and not (isinstance(cell.value, Literal) and not cell.value.value)


def bounded(table: PanelTable, rows: int, characters: int) -> PanelTable:
    """Give the first rows of a table, long texts cut with an ellipsis: what a page has room for."""
    return PanelTable(table.columns, tuple(tuple(_cut(cell, characters) for cell in row) for row in table.rows[:rows]))


def _cut(cell: Cell, most: int) -> Cell:
    value, text = (
        replace(term, value=term.value[: most - 1] + "…")
        if isinstance(term, Literal) and len(term.value) > most
        else term
        for term in (cell.value, cell.text)
    )
    return replace(cell, value=value, text=text if isinstance(text, Literal) else None)


def _tagged(cell: Cell) -> Literal | None:
    literal = cell.text or cell.value
    return literal if isinstance(literal, Literal) and literal.language else None


def _same(cell: Cell) -> Term | str | None:
    """Give what a cell says whatever its language."""
    if cell.text is not None and cell.value is not cell.text:
        return cell.value
    return "text" if _tagged(cell) else cell.value


def _rank(cell: Cell, languages: Sequence[str]) -> int:
    tagged = _tagged(cell)
    return rank(tagged.language, languages) if tagged else -1
