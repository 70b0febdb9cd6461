"""A network of three columns: what the first three columns of the rows name, and which belong together."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import fmean
from typing import Final

from app.entities.labels import Label, Labels
from app.entities.panels import Cell, Table
from app.web.pictures.lettering import name

# So many things are drawn in a column, and so many lines.
MOST: Final = 44
_MOST_LINES: Final = 150
# Height of a box and from one to the next in pixels, as in pictures.css and the template.
BOX: Final = 40
PITCH: Final = 47


@dataclass(frozen=True, slots=True)
class Node:
    """A box: what it names, and its upper edge in pixels."""

    cell: Cell
    label: Label
    top: int


@dataclass(frozen=True, slots=True)
class Network:
    """Boxes by column; lines by gap between columns, from height to height; how many things each column has in all."""

    columns: tuple[tuple[Node, ...], ...]
    gaps: tuple[tuple[tuple[int, int], ...], ...]
    totals: tuple[int, ...]
    lines_total: int
    height: int

    @property
    def lines(self) -> int:
        """How many lines are drawn."""
        return sum(len(gap) for gap in self.gaps)

    @property
    def shown(self) -> tuple[int, ...]:
        """How many things of each column are drawn."""
        return tuple(len(column) for column in self.columns)


def lay_out(table: Table, labels: Labels) -> Network | None:
    """Lay out rows of two or three columns; None for tables with fewer."""
    rows = [row[:3] for row in table.rows]
    if len(table.columns) < 2 or not rows:
        return None
    width = min(3, len(table.columns))
    all_of = [_distinct(rows, i) for i in range(width)]
    # What stands in the middle belongs to both sides: it is chosen first, then what belongs to it.
    middle = 1 if width == 3 else 0
    chosen = set(all_of[middle][:MOST])
    belonging = [row for row in rows if row[middle].value is None or row[middle] in chosen]
    kept = [set(_distinct(belonging, i)[:MOST]) for i in range(width)]
    pairs = [_pairs(rows, i) for i in range(width - 1)]
    drawn = [[(a, b) for a, b in found if a in kept[i] and b in kept[i + 1]] for i, found in enumerate(pairs)]
    order = [[cell for cell in all_of[i] if cell in kept[i]] for i in range(width)]
    height = max(len(column) for column in order) * PITCH
    # The middle stands in the order of the rows, gathered by what is left of it; the sides where their lines lead.
    if width == 3:
        left = {cell: i for i, cell in enumerate(order[0])}
        first = {cell: min(places) for cell, places in _neighbours(((b, a) for a, b in drawn[0]), left).items()}
        order[1].sort(key=lambda cell: first.get(cell, len(left)))
    tops = [dict[Cell, int]() for _ in range(width)]
    tops[middle] = _spread(order[middle], {}, height)
    for i in [i for i in range(width) if i != middle]:
        links = drawn[0] if i == 0 and middle == 1 else [(b, a) for a, b in drawn[i - 1]]
        tops[i] = _spread(order[i], {cell: fmean(at) for cell, at in _neighbours(links, tops[middle]).items()}, height)
    middle_of = BOX // 2
    gaps = tuple(
        tuple((tops[i][a] + middle_of, tops[i + 1][b] + middle_of) for a, b in found[:_MOST_LINES])
        for i, found in enumerate(drawn)
    )
    columns = tuple(
        tuple(Node(cell, name(cell, labels), column[cell]) for cell in sorted(column, key=column.__getitem__))
        for column in tops
    )
    totals = tuple(len(found) for found in all_of)
    return Network(columns, gaps, totals, sum(len(found) for found in pairs), height)


def _distinct(rows: Iterable[Sequence[Cell]], i: int) -> list[Cell]:
    return list(dict.fromkeys(row[i] for row in rows if row[i].value is not None))


def _pairs(rows: Iterable[Sequence[Cell]], i: int) -> list[tuple[Cell, Cell]]:
    return list(
        dict.fromkeys((row[i], row[i + 1]) for row in rows if row[i].value is not None and row[i + 1].value is not None)
    )


def _neighbours(links: Iterable[tuple[Cell, Cell]], places: Mapping[Cell, int]) -> dict[Cell, list[int]]:
    """Give where the neighbours of each cell are."""
    found: dict[Cell, list[int]] = defaultdict(list)
    for cell, neighbour in links:
        found[cell].append(places[neighbour])
    return found


def _spread(cells: list[Cell], wanted: dict[Cell, float], height: int) -> dict[Cell, int]:
    """Give each cell a height as near to the wanted one as there is room for; without any, evenly from the middle."""
    start = (height - len(cells) * PITCH) / 2
    want = {cell: wanted.get(cell, start + i * PITCH if not wanted else height) for i, cell in enumerate(cells)}
    ordered = sorted(cells, key=want.__getitem__)
    tops = [want[cell] for cell in ordered]
    for i in range(len(tops)):
        tops[i] = max(tops[i], tops[i - 1] + PITCH if i else 0)
    limit = float(height - PITCH)
    for i in reversed(range(len(tops))):
        tops[i] = min(tops[i], limit)
        limit = tops[i] - PITCH
    assert all(b - a > BOX for a, b in pairwise(tops))
    return {cell: round(top) for cell, top in zip(ordered, tops, strict=True)}
