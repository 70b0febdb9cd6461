"""The projection of a map of a region: spherical Mercator (conformal, north is up), and the frame on it."""

from collections.abc import Iterable
from dataclasses import dataclass
from math import asinh, atan, degrees, radians, sinh, tan
from typing import Final

# Longitude and latitude in degrees (WGS 84), as in WKT.
Position = tuple[float, float]
# Beyond this latitude the projection is of no use.
MOST_LATITUDE: Final = 85.0
# A frame is no narrower than this (radians of longitude, about 25 km at 64° north); so much room is around its points.
_LEAST: Final = 0.009
_ROOM: Final = 0.16


def project(position: Position) -> tuple[float, float]:
    """Give x (east) and y (south) in radians on the equator, as d3's geoMercator of scale 1."""
    longitude, latitude = position
    return radians(longitude), -asinh(tan(radians(latitude)))


def unproject(x: float, y: float) -> Position:
    """Give longitude and latitude."""
    return degrees(x), degrees(atan(sinh(-y)))


@dataclass(frozen=True, slots=True)
class Frame:
    """A part of the projected plane: its upper left corner, units to the radian, its size in units."""

    left: float
    top: float
    scale: float
    width: int
    height: int

    def place(self, position: Position) -> tuple[float, float]:
        """Give x and y in units from the upper left corner."""
        x, y = project(position)
        return (x - self.left) * self.scale, (y - self.top) * self.scale

    def bounds(self) -> tuple[float, float, float, float]:
        """Give west, south, east and north in degrees."""
        west, north = unproject(self.left, self.top)
        east, south = unproject(self.left + self.width / self.scale, self.top + self.height / self.scale)
        return west, south, east, north


def is_position(longitude: float, latitude: float) -> bool:
    """Say whether two numbers are a place that can be projected; not-a-number is none."""
    return -180 <= longitude <= 180 and -MOST_LATITUDE <= latitude <= MOST_LATITUDE


def frame_of(positions: Iterable[Position], width: int, height: int) -> Frame:
    """Give the frame that holds all positions, with room around them; ValueError when there is none."""
    points = [project(position) for position in positions]
    if not points:
        raise ValueError("no position")
    (left, right), (top, bottom) = ((min(values), max(values)) for values in zip(*points, strict=True))
    across = max((right - left), (bottom - top) * width / height, _LEAST) * (1 + 2 * _ROOM)
    down = across * height / width
    # Rounded, so that equal pictures of slightly different points share their coast.
    return Frame(
        round((left + right - across) / 2, 6),
        round((top + bottom - down) / 2, 6),
        round(width / across, 3),
        width,
        height,
    )
