"""The base map of a region: spherical Mercator (conformal, north is up), a frame on it, land and borders within."""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import accumulate, pairwise
from math import asinh, atan, degrees, hypot, radians, sinh, tan
from pathlib import Path
from typing import Any, Final

from app import config

# Longitude and latitude in degrees (WGS 84), as in WKT.
Position = tuple[float, float]
# Beyond this latitude the projection is of no use.
MOST_LATITUDE: Final = 85.0
# A frame is no narrower than this (radians of longitude, about 25 km at 64° north); so much room is around its points.
_LEAST: Final = 0.009
_ROOM: Final = 0.16
Point = tuple[float, float]
# Points nearer to each other than this are drawn as one (units of the frame).
_NEAR: Final = 2.0
# So far outside the frame land is cut off: its edge is out of sight.
_MARGIN: Final = 20.0


def project(position: Position) -> tuple[float, float]:
    """Give x (east) and y (south) in radians on the equator, as d3's geoMercator of scale 1."""
    longitude, latitude = position
    return radians(longitude), -asinh(tan(radians(latitude)))


def unproject(x: float, y: float) -> Position:
    """Give longitude and latitude."""
    return degrees(x), degrees(atan(sinh(-y)))


@dataclass(frozen=True, slots=True)
class MapFrame:
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


def frame_of(positions: Iterable[Position], width: int, height: int) -> MapFrame:
    """Give the frame that holds all positions, with room around them; ValueError when there is none."""
    points = [project(position) for position in positions]
    if not points:
        raise ValueError("no position")
    (left, right), (top, bottom) = ((min(values), max(values)) for values in zip(*points, strict=True))
    across = max((right - left), (bottom - top) * width / height, _LEAST) * (1 + 2 * _ROOM)
    down = across * height / width
    # Rounded, so that equal pictures of slightly different points share their coast.
    return MapFrame(
        round((left + right - across) / 2, 6),
        round((top + bottom - down) / 2, 6),
        round(width / across, 3),
        width,
        height,
    )


def _folder() -> Path:
    return config.static() / "maps" / "coast"


@cache
def index() -> dict[str, Any] | None:
    """Give what there is: bounds, size of the blocks, unit; None where the maps have not been built."""
    path = _folder() / "index.json"
    found: dict[str, Any] | None = json.loads(path.read_text(encoding="utf-8")) if path.exists() else None
    return found


@lru_cache(maxsize=32)
def drawn(frame: MapFrame) -> tuple[str, str]:
    """Give land and borders within a frame as two SVG paths; empty where the maps have not been built."""
    land, borders = [], []
    for unit, block in _blocks(frame):
        for steps in block["land"]:
            ring = _thinned(_clipped(_placed(steps, unit, frame), frame))
            if len(ring) > 2:
                land.append(_path(ring) + "z")
        for steps in block["borders"]:
            borders += [
                _path(line) for line in map(_thinned, _inside(_placed(steps, unit, frame), frame)) if len(line) > 1
            ]
    return "".join(land), "".join(borders)


def _blocks(frame: MapFrame) -> Iterator[tuple[float, dict[str, list[list[int]]]]]:
    if (known := index()) is None:
        return
    west, south, east, north = frame.bounds()
    wide, high = known["step"]
    for x, y in known["blocks"]:
        if x < east and x + wide > west and y < north and y + high > south:
            yield known["unit"], json.loads((_folder() / f"{x}_{y}.json").read_text(encoding="utf-8"))


def _placed(steps: Sequence[int], unit: float, frame: MapFrame) -> list[Point]:
    """Give a line of steps in its units as points of the frame."""
    places = zip(accumulate(steps[::2]), accumulate(steps[1::2]), strict=True)
    return [frame.place((longitude * unit, latitude * unit)) for longitude, latitude in places]


def _clipped(ring: list[Point], frame: MapFrame) -> list[Point]:
    """Cut a ring at the frame (Sutherland and Hodgman 1974)."""
    far = -_MARGIN
    for axis, sign, limit in ((0, 1, far), (0, -1, far - frame.width), (1, 1, far), (1, -1, far - frame.height)):
        if all(sign * point[axis] >= limit for point in ring):
            continue
        kept: list[Point] = []
        for i, point in enumerate(ring):
            before = ring[i - 1]
            is_in, was_in = sign * point[axis] >= limit, sign * before[axis] >= limit
            if is_in != was_in:
                share = (sign * limit - before[axis]) / (point[axis] - before[axis])
                kept.append((before[0] + share * (point[0] - before[0]), before[1] + share * (point[1] - before[1])))
            if is_in:
                kept.append(point)
        ring = kept
    return ring


def _inside(line: list[Point], frame: MapFrame) -> Iterator[list[Point]]:
    """Give the runs of a line that are within the frame, or reach into it."""
    run: list[Point] = []
    for before, point in pairwise(line):
        (left, right), (top, bottom) = (sorted(pair) for pair in zip(before, point, strict=True))
        if right >= 0 and left <= frame.width and bottom >= 0 and top <= frame.height:
            run = [*run, point] if run else [before, point]
        elif run:
            yield run
            run = []
    if run:
        yield run


def _thinned(line: Sequence[Point]) -> list[tuple[int, int]]:
    """Give a line in whole units, without points next to the one before."""
    kept: list[tuple[int, int]] = []
    for x, y in line:
        point = round(x), round(y)
        if not kept or hypot(point[0] - kept[-1][0], point[1] - kept[-1][1]) >= _NEAR:
            kept.append(point)
    return kept


def _path(line: Sequence[tuple[int, int]]) -> str:
    """Write a line as path data (SVG 2 §9.3): the start, then steps."""
    steps = " ".join(f"{b[0] - a[0]} {b[1] - a[1]}" for a, b in pairwise(line))
    return f"M{line[0][0]} {line[0][1]}l{steps.replace(' -', '-')}"
