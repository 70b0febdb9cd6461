"""Where rows lie: coordinates in WKT or in two columns of numbers."""

import re
from collections.abc import Sequence
from typing import Final

from app.entities.panels import Cell, Table
from app.namespaces import PREFIXES
from app.terms import Literal
from app.web.pictures.projection import Position, is_position

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
_MOST: Final = 500


def coordinate_columns(table: Table) -> tuple[int, ...]:
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
    if literal.datatype != WKT or len(literal.value) > _MOST or not (found := _POINT.fullmatch(literal.value)):
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
