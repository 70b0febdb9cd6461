"""A timeline: periods as bars, single dates as points, what has no known date listed below."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from flask_babel import gettext as _

from app.entities.panels import Cell, PanelTable
from app.terms import XSD, Literal, Term

# So many rows are drawn, so many are listed without date.
MOST: Final = 120
_MARKS: Final = 6
# What began longer ago than so many years is drawn from the edge, where most began later.
_RECENT: Final = 20
_STEPS: Final = (1, 2, 5, 10, 20, 25, 50, 100, 200, 500, 1000, 2000)
_DATE: Final = re.compile(r"(\d{4})(?:-(\d\d)(?:-(\d\d))?)?(?:T.{0,40})?(?:Z|[+-]\d\d:\d\d)?")
_TYPES: Final = frozenset(XSD + name for name in ("date", "dateTime", "gYear", "gYearMonth"))


@dataclass(frozen=True, slots=True)
class Bar:
    """A row: what it is about, years as text; where it starts and ends (per cent), no end where none is known.

    ``begun``: the start is known, else it is the end; ``earlier``: it is before the axis.
    """

    cell: Cell
    years: str
    start: float
    end: float | None
    begun: bool
    earlier: bool


@dataclass(frozen=True, slots=True)
class Timeline:
    """Bars by start; years with their place on the axis, today's too; rows without date; how many rows in all."""

    bars: tuple[Bar, ...]
    years: tuple[tuple[int, float], ...]
    today: float | None
    undated: tuple[Cell, ...]
    dated_total: int
    undated_total: int
    periods: bool


def when(term: Term | None, *, last: bool = False) -> tuple[float, int] | None:
    """Read a date: as a fraction of years, and its year; None for other terms.

    Of a year or a month it is the first day, or the last one.
    """
    if not isinstance(term, Literal) or term.datatype not in _TYPES or len(term.value) > 80:
        return None
    if not (found := _DATE.fullmatch(term.value)):
        return None
    year, month, day = int(found[1]), int(found[2] or (12 if last else 1)), int(found[3] or (31 if last else 1))
    if not (1 <= month <= 12 and 1 <= day <= 31):
        return None
    return year + (month - 1) / 12 + (day - 1) / 372, year


def lay_out(table: PanelTable) -> Timeline | None:
    """Lay out rows of a thing, a start, perhaps an end, and more; None for a table without any date."""
    dated = [i for i in range(1, len(table.columns)) if any(when(row[i].value) for row in table.rows)][:2]
    if not dated:
        return None
    rows = [(row[0], *(row[i] for i in dated)) for row in table.rows]
    known = dict.fromkeys(row for row in rows if any(when(cell.value) for cell in row[1:]))
    placed = {row[0] for row in known}
    undated = tuple(dict.fromkeys(row[0] for row in rows if row[0] not in placed))
    spans = sorted(((_span(row[1:]), row) for row in known), key=lambda each: each[0][:2])
    shown = spans[:MOST]
    now = _today()
    years = [year for (start, end, _open), _row in shown for year in (start, end)]
    ahead = [now] if max(years) > now - _RECENT or any(is_open for (*_times, is_open), _row in shown) else []
    recent = [start for (start, *_rest), _row in shown if start >= now - _RECENT]
    if 2 * len(recent) >= len(shown):
        years = [max(year, min(recent)) for year in years]
    first, last, axis = _axis(years + ahead)
    bars = tuple(
        Bar(
            key[0],
            _years(key[1:]),
            _share(max(start, first), first, last),
            None if is_open else _share(max(end, first), first, last),
            begun=when(key[1].value) is not None,
            earlier=start < first,
        )
        for (start, end, is_open), key in shown
    )
    marks = tuple((year, _share(year, first, last)) for year in axis)
    today = _share(now, first, last) if first < now < last else None
    return Timeline(bars, marks, today, undated[:MOST], len(spans), len(undated), len(dated) == 2)


def _today() -> float:
    day = datetime.now(UTC)
    return day.year + (day.month - 1) / 12 + (day.day - 1) / 372


def _span(cells: Sequence[Cell]) -> tuple[float, float, bool]:
    """Give start, end and whether the end is open; an end before the start counts for nothing."""
    found = [when(cell.value, last=place == 1) for place, cell in enumerate(cells)]
    known = [each[0] for each in found if each]
    return known[0], max(known[0], known[-1]), len(found) == 2 and found[1] is None


def _years(cells: Sequence[Cell]) -> str:
    """Write a period by its years."""
    found = [each[1] if (each := when(cell.value)) else None for cell in cells]
    start, end = found[0], found[-1]
    if start == end:
        return str(start)
    if start is None:
        return str(_("until %(year)s", year=end))
    return str(_("from %(year)s", year=start)) if end is None else f"{start}–{end}"


def _axis(years: Sequence[float]) -> tuple[int, int, list[int]]:
    """Give the first and the last year of the axis and the years to mark: round ones, at most six."""
    first, last = int(min(years)), int(max(years)) + 1
    step = next(step for step in _STEPS if last // step - first // step < _MARKS)
    first -= first % step
    return first, last, list(range(first, last + 1, step))


def _share(year: float, first: int, last: int) -> float:
    return round(100 * (year - first) / (last - first), 2)
