"""A matrix: the first column as rows, the second as columns, the rest where they meet; sums where all are counts."""

from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import Final

from app.entities.panels import Cell, PanelTable
from app.web.pictures.lettering import number

# A larger table is no matrix that anyone can read.
MOST_COLUMNS: Final = 40
MOST_CELLS: Final = 1500


@dataclass(frozen=True, slots=True)
class Matrix:
    """A table turned: heads of rows and columns, and what stands where they meet (None: just that they do).

    Sums are there when they are wanted and every value is one whole number.
    """

    rows: tuple[Cell, ...]
    columns: tuple[Cell, ...]
    cells: dict[tuple[Cell, Cell], list[Cell | None]]
    row_sums: dict[Cell, int]
    column_sums: dict[Cell, int]

    @property
    def total(self) -> int | None:
        """The sum of all, None where there is nothing to add up."""
        return sum(self.row_sums.values()) if self.row_sums else None


def lay_out(table: PanelTable, *, sums: bool) -> Matrix | None:
    """Turn a table of row, column and values; None when it has fewer than two columns or too many heads."""
    if len(table.columns) < 2:
        return None
    cells: dict[tuple[Cell, Cell], list[Cell | None]] = defaultdict(list)
    for row, head, *rest in table.rows:
        if row.value is not None and head.value is not None:
            cells[row, head] += [each for each in rest if each.value is not None] or [None]
    rows = tuple(dict.fromkeys(row for row, _ in cells))
    columns = tuple(dict.fromkeys(head for _, head in cells))
    if not rows or len(columns) > MOST_COLUMNS or len(rows) * len(columns) > MOST_CELLS:
        return None
    row_sums, column_sums = Counter[Cell](), Counter[Cell]()
    for (row, head), (first, *more) in cells.items() if sums else ():
        count = number(first.value) if first else None
        if more or count is None or count != int(count):
            return Matrix(rows, columns, cells, {}, {})
        row_sums[row] += int(count)
        column_sums[head] += int(count)
    return Matrix(rows, columns, cells, row_sums, column_sums)
