"""A network of three columns: what the first three columns of the rows name, and which belong together."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import ceil
from statistics import fmean
from typing import Final

from app.entities.labels import Label, Labels
from app.entities.panels import Cell, PanelTable
from app.web.pictures.lettering import name, plain, width

# So many things are drawn in a column, and so many lines.
MOST: Final = 44
_MOST_LINES: Final = 150
# So many colours there are; so many rows the list beside the picture has; so long is a name in a box.
COLOURS: Final = 8
_MOST_ROWS: Final = 200
LETTERS: Final = 120
# Pixels, as in pictures.css and the template: a line of text in a box, what is above and below all lines, the room
# for a line in the narrowest picture with text spaced as WCAG 1.4.12 has it, a mark, from one box to the next.
_LINE: Final = 20
_EDGES: Final = 10
_ROOM: Final = 158
_MARK: Final = 34
GAP: Final = 7


@dataclass(frozen=True, slots=True)
class NetworkGroup:
    """What a colour stands for: its number, and the letters that say the same."""

    cell: Cell
    label: Label
    colour: int
    letters: str


@dataclass(frozen=True, slots=True)
class Node:
    """A box: what it names, its upper edge and height in pixels, the groups that it belongs to."""

    cell: Cell
    label: Label
    top: int
    height: int
    groups: tuple[NetworkGroup, ...]


# From height to height, by colour; 0 is none.
Lines = Mapping[int, Sequence[tuple[int, int]]]


@dataclass(frozen=True, slots=True)
class Network:
    """Boxes by column; lines by gap between columns; how many things each column has in all.

    ``entries`` say the same as a list: what stands in the middle (else to the left), and by column what belongs to it.
    """

    columns: tuple[tuple[Node, ...], ...]
    gaps: tuple[Lines, ...]
    totals: tuple[int, ...]
    lines_total: int
    height: int
    groups: Mapping[Cell, NetworkGroup]
    entries: Mapping[Cell, Mapping[int, tuple[Cell, ...]]]

    @property
    def lines(self) -> int:
        """How many lines are drawn."""
        return sum(len(found) for gap in self.gaps for found in gap.values())

    @property
    def shown(self) -> tuple[int, ...]:
        """How many things of each column are drawn."""
        return tuple(len(column) for column in self.columns)


def lay_out(table: PanelTable, labels: Labels, colour: str | None = None) -> Network | None:
    """Lay out rows of two or three columns, coloured by one of them; None for tables with fewer."""
    rows = [row[:3] for row in table.rows]
    if len(table.columns) < 2 or not rows:
        return None
    many = min(3, len(table.columns))
    all_of = [_distinct(rows, i) for i in range(many)]
    # What stands in the middle belongs to both sides: it is chosen first, then what belongs to it.
    middle = 1 if many == 3 else 0
    chosen = set(all_of[middle][:MOST])
    belonging = [row for row in rows if row[middle].value is None or row[middle] in chosen]
    kept = [set(_distinct(belonging, i)[:MOST]) for i in range(many)]
    pairs = [_pairs(rows, i) for i in range(many - 1)]
    drawn = [[(a, b) for a, b in found if a in kept[i] and b in kept[i + 1]] for i, found in enumerate(pairs)]
    order = [[cell for cell in all_of[i] if cell in kept[i]] for i in range(many)]
    coloured = table.columns.index(colour) if colour in table.columns[:many] else -1
    groups = _groups(all_of[coloured], labels) if coloured >= 0 else {}
    member: dict[Cell, dict[NetworkGroup, None]] = defaultdict(dict)
    for row in rows:
        if coloured >= 0 and (group := groups.get(row[coloured])):
            member[row[coloured]][group] = None
            member[row[middle]][group] = None
    marks = {cell: tuple(sorted(found, key=lambda each: each.colour)) for cell, found in member.items()}
    heights = {cell: _height(name(cell, labels), len(marks.get(cell, ()))) for column in order for cell in column}
    height = max(sum(heights[cell] + GAP for cell in column) for column in order)
    # The middle stands in the order of the rows, gathered by what is left of it; the sides where their lines lead.
    if many == 3:
        left = {cell: i for i, cell in enumerate(order[0])}
        first = {cell: min(places) for cell, places in _neighbours(((b, a) for a, b in drawn[0]), left).items()}
        order[1].sort(key=lambda cell: first.get(cell, len(left)))
    tops = [dict[Cell, int]() for _ in range(many)]
    tops[middle] = _spread(order[middle], {}, heights, height)
    for i in [i for i in range(many) if i != middle]:
        links = drawn[0] if i == 0 and middle == 1 else [(b, a) for a, b in drawn[i - 1]]
        wanted = {cell: fmean(at) for cell, at in _neighbours(links, tops[middle]).items()}
        if i == coloured:  # far from each other: its lines are told apart
            ranked = sorted(order[i], key=lambda cell: wanted.get(cell, height))
            wanted = {cell: height * (n + 0.4) / len(ranked) for n, cell in enumerate(ranked)}
        tops[i] = _spread(order[i], wanted, heights, height)
    gaps = []
    for i, found in enumerate(drawn):
        lines: dict[int, list[tuple[int, int]]] = defaultdict(list)
        for pair in found[:_MOST_LINES]:
            group = groups.get(pair[coloured - i]) if coloured in (i, i + 1) else None
            start, end = (tops[i + j][cell] + heights[cell] // 2 for j, cell in enumerate(pair))
            lines[group.colour if group else 0].append((start, end))
        gaps.append(dict(sorted(lines.items())))
    columns = tuple(
        tuple(
            Node(cell, name(cell, labels), column[cell], heights[cell], marks.get(cell, ()))
            for cell in sorted(column, key=column.__getitem__)
        )
        for column in tops
    )
    totals = tuple(len(found) for found in all_of)
    lines_total = sum(len(found) for found in pairs)
    return Network(columns, tuple(gaps), totals, lines_total, height, groups, _entries(rows, middle))


def _groups(cells: Sequence[Cell], labels: Labels) -> dict[Cell, NetworkGroup]:
    """Give the first things of the coloured column by name a colour each, and as few letters as tell them apart."""
    named = sorted(((plain(name(cell, labels).text, LETTERS), cell) for cell in cells), key=lambda each: each[0])
    found = {}
    for number, (text, cell) in enumerate(named[:COLOURS], 1):
        others = [other for other, _ in named if other != text]
        short = (text[:n] for n in (1, 2, 3) if not any(other.startswith(text[:n]) for other in others))
        found[cell] = NetworkGroup(cell, name(cell, labels), number, next(short, str(number)))
    return found


def _entries(rows: Sequence[Sequence[Cell]], middle: int) -> dict[Cell, dict[int, tuple[Cell, ...]]]:
    found: dict[Cell, dict[int, dict[Cell, None]]] = {}
    for row in rows[:_MOST_ROWS]:
        key = middle if row[middle].value is not None else 0
        beside = found.setdefault(row[key], {})
        for i, cell in enumerate(row):
            if i != key and cell.value is not None:
                beside.setdefault(i, {})[cell] = None
    return {head: {i: tuple(cells) for i, cells in beside.items()} for head, beside in found.items()}


def _height(label: Label, marks: int) -> int:
    """Give the height of a box that holds a name and so many marks however the reader spaces text."""
    return _EDGES + _LINE * max(1, ceil((width(plain(label.text, LETTERS)) + marks * _MARK) / _ROOM))


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


def _spread(
    cells: list[Cell], wanted: Mapping[Cell, float], heights: Mapping[Cell, int], height: int
) -> dict[Cell, int]:
    """Give each cell a place as near to the wanted one as there is room for; without any, evenly from the middle."""
    start = (height - sum(heights[cell] + GAP for cell in cells)) / 2
    want: dict[Cell, float] = {}
    for cell in cells:
        want[cell] = wanted.get(cell, start if not wanted else height)
        start += heights[cell] + GAP
    ordered = sorted(cells, key=want.__getitem__)
    tops = [int(want[cell]) for cell in ordered]
    for i in range(1, len(tops)):
        tops[i] = max(tops[i], tops[i - 1] + heights[ordered[i - 1]] + GAP)
    limit = height
    for i in reversed(range(len(tops))):
        tops[i] = max(0, min(tops[i], limit - heights[ordered[i]] - GAP))
        limit = tops[i]
    return dict(zip(ordered, tops, strict=True))
