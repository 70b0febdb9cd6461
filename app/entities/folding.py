"""Tables as people read them: one language of a text, rows that differ in one column as one row, no empty column."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from app.entities.labels import rank
from app.entities.panels import Cell, Table
from app.terms import Literal, Term


@dataclass(frozen=True, slots=True)
class Folded:
    """A table in which a cell holds several values; ``columns`` are those with any value."""

    columns: tuple[str, ...]
    rows: tuple[tuple[tuple[Cell, ...], ...], ...]


def in_language(table: Table, languages: Sequence[str]) -> Table:
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
    return Table(table.columns, tuple(row for row in table.rows if row in kept))


def folded(table: Table, *, empty: bool = False) -> Folded:
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


def bounded(table: Table, rows: int, characters: int) -> Table:
    """Give the first rows of a table, long texts cut with an ellipsis: what a page has room for."""
    return Table(table.columns, tuple(tuple(_cut(cell, characters) for cell in row) for row in table.rows[:rows]))


def _cut(cell: Cell, most: int) -> Cell:
    value, text = (
        replace(term, value=term.value[: most - 1] + "…")
        if isinstance(term, Literal) and len(term.value) > most
        else term
        for term in (cell.value, cell.text)
    )
    return Cell(value, text if isinstance(text, Literal) else None)


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
