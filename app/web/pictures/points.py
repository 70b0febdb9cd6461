"""A map of a region: things with coordinates as points on the coastline."""

from dataclasses import dataclass
from typing import Final

from app.entities.labels import Label, Labels
from app.entities.panels import Cell, Table
from app.web.pictures import coast
from app.web.pictures.lettering import Place, Sheet, name, number_column, plain
from app.web.pictures.places import coordinate_columns, position_of
from app.web.pictures.projection import Position, frame_of

# The frame of a map in units, of which its base map is drawn; pictures.css gives the same shape.
WIDTH: Final = 1000
HEIGHT: Final = 750
# So many points are drawn; so long is a name on the map.
MOST: Final = 150
_LETTERS: Final = 28
_RADIUS: Final = 7


@dataclass(frozen=True, slots=True)
class Point:
    """One thing on the map: where (per cent), its number, and its name where there is room for it."""

    cell: Cell
    label: Label
    number: Cell | None
    x: float
    y: float
    text: str
    place: Place | None


@dataclass(frozen=True, slots=True)
class PointMap:
    """The base map as paths, points in the order of the rows; ``nowhere`` has no coordinates that can be drawn."""

    land: str
    borders: str
    points: tuple[Point, ...]
    nowhere: tuple[Cell, ...]
    total: int

    @property
    def unnamed(self) -> int:
        """How many points have no room for their name."""
        return sum(point.place is None for point in self.points)


def point_map(table: Table, labels: Labels) -> PointMap | None:
    """Lay out rows of a thing, its coordinates and perhaps a number; None for a table without coordinates."""
    columns = coordinate_columns(table)
    if not columns:
        return None
    counted = number_column(table.rows, (i for i in range(1, len(table.columns)) if i not in columns))
    found: dict[tuple[Cell, Position], tuple[Cell, ...]] = {}
    lost: dict[Cell, None] = {}
    for row in table.rows:
        position = position_of(row, columns)
        if position is None or not _is_covered(position):
            lost[row[0]] = None
        else:
            found.setdefault((row[0], position), row)
    drawn = list(found.items())[:MOST]
    placed = {cell for cell, _ in found}
    nowhere = tuple(cell for cell in lost if cell not in placed)
    if not drawn:
        return PointMap("", "", (), nowhere[:MOST], len(found) + len(nowhere))
    frame = frame_of((position for (_, position), _ in drawn), WIDTH, HEIGHT)
    sheet = Sheet(HEIGHT / WIDTH)
    spots = [(x / WIDTH, y / HEIGHT) for x, y in (frame.place(position) for (_, position), _ in drawn)]
    for x, y in spots:
        sheet.take(x, y, _RADIUS)
    points = []
    for (_, row), (x, y) in zip(drawn, spots, strict=True):
        label = name(row[0], labels)
        figure = row[counted] if counted is not None and row[counted].value is not None else None
        text = plain(label.text, _LETTERS) + (f" ({name(figure, labels).text})" if figure else "")
        points.append(Point(row[0], label, figure, round(100 * x, 2), round(100 * y, 2), text, sheet.find(x, y, text)))
    return PointMap(*coast.drawn(frame), tuple(points), nowhere[:MOST], len(found) + len(nowhere))


def _is_covered(position: Position) -> bool:
    """Say whether there is a base map of a position; where no maps have been built, any will do."""
    if (known := coast.index()) is None:
        return True
    west, south, east, north = (float(each) for each in known["bounds"])
    return west <= position[0] <= east and south <= position[1] <= north
