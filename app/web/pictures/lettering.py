"""Text in a picture: short, of a known width, and where it finds room."""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final

from app.entities.labels import Label, Labels, label_of
from app.entities.panels import Cell
from app.terms import Iri, Literal, Term
from app.web.languages import languages
from app.web.texts import link_text
from app.web.values import value_text

# Pictures are laid out for these widths in pixels, on which nothing may overlap.
NARROW: Final = 320
WIDE: Final = 640
# Text size in pixels; assets/pictures.css says the same.
SIZE: Final = 13
_LINE: Final = 16
_SLIM: Final = frozenset("iIjlftr.,:;!|'’()[] -1")
_BROAD: Final = frozenset("mwMWÆØÅ@%")
_MOST: Final = 400


def name(cell: Cell, labels: Labels) -> Label:
    """Give what a cell is called."""
    if cell.text is not None:
        return label_of(cell.text, languages())
    if isinstance(cell.value, Iri):
        return link_text(cell.value, labels)
    if isinstance(cell.value, Literal):
        return Label(value_text(cell.value), cell.value.language)
    return Label("")


def plain(text: str, most: int) -> str:
    """Give a text on one line without control and direction characters, cut after so many with an ellipsis."""
    visible = "".join(c if unicodedata.category(c) not in ("Cc", "Cf") else " " for c in text[:_MOST])
    line = " ".join(visible.split())
    return line if len(line) <= most and len(text) <= _MOST else line[: most - 1].rstrip() + "…"


def width(text: str) -> float:
    """Estimate the width of a text in pixels; rather too wide than too narrow."""
    return sum(_width(c) for c in text) * SIZE


def _width(c: str) -> float:
    if unicodedata.east_asian_width(c) in "WF":
        return 1.05
    if unicodedata.combining(c):
        return 0
    return 0.34 if c in _SLIM else 0.92 if c in _BROAD else 0.72 if c.isupper() else 0.6


def number(term: Term | None) -> Decimal | None:
    """Give the number that a literal is, None for any other term and for what is not finite."""
    if not isinstance(term, Literal) or term.language or len(term.value) > 40:
        return None
    if not re.fullmatch(r"\s*[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d{1,3})?\s*", term.value, re.ASCII):
        return None
    return Decimal(term.value.strip())


def number_column(rows: Sequence[Sequence[Cell]], columns: Iterable[int]) -> int | None:
    """Give the first of some columns that holds nothing but numbers, and at least one."""
    for index in columns:
        values = [row[index].value for row in rows if row[index].value is not None]
        if values and all(number(value) is not None for value in values):
            return index
    return None


@dataclass(frozen=True, slots=True)
class Place:
    """Where a text stands from its point: offset in pixels, and which end of it (start, middle, end) is there."""

    dx: int
    dy: int
    anchor: str


_PLACES: Final = (
    *(Place(10, 5, "start"), Place(-10, 5, "end"), Place(0, -11, "middle"), Place(0, 22, "middle")),
    *(Place(9, -7, "start"), Place(9, 17, "start"), Place(-9, -7, "end"), Place(-9, 17, "end")),
)
_Box = tuple[float, float, float, float]


@dataclass(slots=True)
class Sheet:
    """The room of a picture of so many pixels in height to the pixel in width: what stands where."""

    ratio: float
    _taken: dict[int, list[_Box]] = field(default_factory=lambda: {NARROW: [], WIDE: []})

    def take(self, x: float, y: float, radius: float) -> None:
        """Take the room of a mark at a point (shares of width and height)."""
        for size, boxes in self._taken.items():
            left, top = x * size, y * size * self.ratio
            boxes.append((left - radius, top - radius, left + radius, top + radius))

    def find(self, x: float, y: float, text: str, places: Sequence[Place] = _PLACES) -> Place | None:
        """Find and take room for a text by a point, free in narrow and wide pictures; None when there is none."""
        for place in places:
            boxes = {size: _box(x * size, y * size * self.ratio, place, width(text)) for size in self._taken}
            if all(self._is_free(size, box) for size, box in boxes.items()):
                for size, box in boxes.items():
                    self._taken[size].append(box)
                return place
        return None

    def _is_free(self, size: int, box: _Box) -> bool:
        left, top, right, bottom = box
        if left < 2 or top < 2 or right > size - 2 or bottom > size * self.ratio - 2:
            return False
        return all(right <= a or left >= c or bottom <= b or top >= d for a, b, c, d in self._taken[size])


def _box(x: float, y: float, place: Place, wide: float) -> _Box:
    left = x + place.dx - {"start": 0, "middle": wide / 2, "end": wide}[place.anchor]
    bottom = y + place.dy + _LINE - SIZE
    return left, bottom - _LINE, left + wide, bottom
