"""A map of a region: things by their coordinates, in WKT or in two columns of numbers, names where there is room."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from app.entities.labels import Label, Labels
from app.entities.panels import Cell, PanelTable
from app.namespaces import PREFIXES
from app.terms import Literal
from app.web.pictures import coast
from app.web.pictures.coast import Position, frame_of, is_position
from app.web.pictures.lettering import Place, Sheet, name, number_column, plain

WKT: Final = PREFIXES["geo"] + "wktLiteral"
# GeoSPARQL 1.1 §8.5.1: a reference system may stand before the geometry; without one it is CRS84, longitude first.
_POINT: Final = re.compile(
    r"\s*(?:<(?P<system>[^>\s]{1,200})>)?\s*POINT\s*(?:Z|M|ZM)?\s*\(\s*(?P<numbers>[-+.\deE\s]{1,200})\)\s*",
    re.IGNORECASE,
)
_LONGITUDE_FIRST: Final = ("", "http://www.opengis.net/def/crs/OGC/1.3/CRS84")
_LATITUDE_FIRST: Final = ("http://www.opengis.net/def/crs/EPSG/0/4326", "http://www.opengis.net/def/crs/EPSG/0/4258")
# WGS84 Geo Positioning (geo:lat, geo:long), by the names of the columns.
_NAMES: Final = (("long", "lat"), ("lon", "lat"), ("longitude", "latitude"))
# A point in WKT is no longer than this.
_LONGEST_WKT: Final = 500
# The frame of a map in units, of which its base map is drawn; pictures.css gives the same shape.
WIDTH: Final = 1000
HEIGHT: Final = 750
# So many points are drawn; so long is a name on the map.
MOST: Final = 150
_LETTERS: Final = 28
_RADIUS: Final = 7


def coordinate_columns(table: PanelTable) -> tuple[int, ...]:
    """Give the columns that hold coordinates: one of WKT, or longitude and latitude; none in other tables."""
    for longitude, latitude in _NAMES:
        if longitude in table.columns and latitude in table.columns:
            return table.columns.index(longitude), table.columns.index(latitude)
    for index in range(len(table.columns)):
        values = (row[index].value for row in table.rows)
        if any(isinstance(value, Literal) and value.datatype == WKT for value in values):
            return (index,)
    return ()


def position_of(row: Sequence[Cell], columns: Sequence[int]) -> Position | None:
    """Give the position of a row by its columns of coordinates, None when it has none that can be drawn."""
    values = [value for index in columns if isinstance(value := row[index].value, Literal)]
    if len(values) != len(columns):
        return None
    if len(values) == 1:
        return position(values[0])
    try:
        longitude, latitude = (float(value.value[:40]) for value in values)
    except ValueError:
        return None
    return (longitude, latitude) if is_position(longitude, latitude) else None


def position(literal: Literal) -> Position | None:
    """Read a point in WKT; None for anything else, for other reference systems and for what is not on the map."""
    if literal.datatype != WKT or len(literal.value) > _LONGEST_WKT or not (found := _POINT.fullmatch(literal.value)):
        return None
    system = found["system"] or ""
    try:
        numbers = [float(number) for number in found["numbers"].split()]
    except ValueError:
        return None
    if len(numbers) < 2 or system not in (*_LONGITUDE_FIRST, *_LATITUDE_FIRST):
        return None
    longitude, latitude = numbers[:2] if system in _LONGITUDE_FIRST else numbers[1::-1]
    return (longitude, latitude) if is_position(longitude, latitude) else None


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
    def keyed(self) -> tuple[tuple[Point, ...], ...]:
        """The points that have no room for their name, by where they are: each place has a number."""
        found: dict[tuple[float, float], list[Point]] = {}
        for point in self.points:
            if point.place is None:
                found.setdefault((round(point.x), round(point.y)), []).append(point)
        return tuple(map(tuple, found.values()))


def lay_out(table: PanelTable, labels: Labels) -> PointMap | None:
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
        form = ": {}" if figure and figure.range else " ({})"
        text = plain(label.text, _LETTERS) + (form.format(name(figure, labels).text) if figure else "")
        points.append(Point(row[0], label, figure, round(100 * x, 2), round(100 * y, 2), text, sheet.find(x, y, text)))
    return PointMap(*coast.drawn(frame), tuple(points), nowhere[:MOST], len(found) + len(nowhere))


def _is_covered(position: Position) -> bool:
    """Say whether there is a base map of a position; where no maps have been built, any will do."""
    if (known := coast.index()) is None:
        return True
    west, south, east, north = (float(each) for each in known["bounds"])
    return west <= position[0] <= east and south <= position[1] <= north
