"""A map of Europe: countries shaded by a number, with the number written; countries elsewhere beside it."""

import json
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from itertools import pairwise
from math import inf, log1p
from typing import Any, Final

from babel import Locale
from babel.core import get_global

from app import config
from app.entities.labels import Label, Labels
from app.entities.panels import Cell, PanelTable
from app.query.library import local_name
from app.terms import Iri, Literal, Term
from app.web.languages import languages
from app.web.pictures.lettering import Place, Sheet, name, number, number_column, plain

# A country smaller than this on the base map (square units) is shown as a dot.
_SMALL: Final = 60
_SHADES: Final = 4
_MOST_BESIDE: Final = 100
# The EU's table of countries has a code of its own for Kosovo.
_OTHERS: Final = {"XKX": "XK"}
_CODE: Final = re.compile(r"[A-Z]{2,3}|\d{3}")
_WRITTEN: Final = (
    Place(0, 5, "middle"),
    Place(0, 16, "middle"),
    Place(9, 5, "start"),
    Place(-9, 5, "end"),
    Place(0, -5, "middle"),
)


@dataclass(frozen=True, slots=True)
class Country:
    """A country with its number: the path, where the number stands (per cent), its shade (1 to 4; 0 at home)."""

    cell: Cell
    label: Label
    path: str
    x: float
    y: float
    small: bool
    shade: int
    row: tuple[Cell, ...]
    text: str
    place: Place | None


@dataclass(frozen=True, slots=True)
class CountryMap:
    """The map: countries without a number as one path, those with one, those not on it, and what the shades mean.

    ``home`` is the country that the others are seen from: its name and path; it is in no shade.
    """

    width: int
    height: int
    rest: str
    countries: tuple[Country, ...]
    beside: tuple[tuple[Cell, Cell | None], ...]
    legend: tuple[tuple[int, str, str], ...]
    home: tuple[str, str] | None


@cache
def _base() -> dict[str, Any]:
    path = config.static() / "maps" / "europe.json"
    # Where the maps have not been built all countries stand beside.
    none = {"width": 1000, "height": 1000, "countries": []}
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else none


def country_code(term: Term | None) -> str | None:
    """Give the ISO 3166-1 code of two letters of a country: a code, or an IRI that ends in one."""
    text = local_name(term) if isinstance(term, Iri) else term.value if isinstance(term, Literal) else ""
    if len(text) > 3 or not _CODE.fullmatch(text):
        return None
    code = _OTHERS.get(text) or (get_global("territory_aliases").get(text) or [text])[0]
    return code if len(code) == 2 and code in Locale("en").territories else None


def lay_out(table: PanelTable, labels: Labels, home: str | None = None) -> CountryMap | None:
    """Lay out rows of a country and a number; None when no row is of a country. ``home`` is a code, as in ISO 3166."""
    coded = {row: code for row in table.rows if (code := country_code(row[0].value))}
    if not coded:
        return None
    at_home = country_code(Literal(home)) if home else None
    counted = number_column(list(coded), range(1, len(table.columns)))
    by_code: dict[str, tuple[Cell, ...]] = {}
    for row, code in coded.items():
        by_code.setdefault(code, row)
    amounts = {code: None if counted is None else number(row[counted].value) for code, row in by_code.items()}
    limits = shades([amount for code, amount in amounts.items() if amount is not None and code != at_home])
    base = _base()
    coded_shapes = [(country_code(Literal(shape["id"])), shape) for shape in base["countries"]]
    shapes = {code: shape for code, shape in coded_shapes if code}
    drawn = [code for code in by_code if code in shapes]
    sheet = Sheet(base["height"] / base["width"])
    countries = []
    # The largest number finds its room first.
    for code in sorted(drawn, key=lambda code: -(amounts[code] or 0)):
        shape, row, amount = shapes[code], by_code[code], amounts[code]
        shade = next((each for each, low, high in limits if amount is not None and low <= amount <= high), 1)
        shade = 0 if code == at_home else shade if limits else _SHADES
        text = plain(name(row[counted], labels).text, 12) if counted is not None and amount is not None else ""
        (x, y), small = shape["middle"], shape["area"] < _SMALL
        x, y = x / base["width"], y / base["height"]
        if small:
            sheet.take(x, y, 6)
        place = sheet.find(x, y, text, _WRITTEN[1:] if small else _WRITTEN) if text else None
        spot = round(100 * x, 2), round(100 * y, 2)
        label = name(row[0], labels)
        countries.append(Country(row[0], label, shape["path"], *spot, small, shade, row, text, place))
    shown = {country.row for country in countries}
    beside = [(row[0], None if counted is None else row[counted]) for row in table.rows if row not in shown]
    rest = "".join(shape["path"] for code, shape in coded_shapes if code not in by_code and code != at_home)
    legend = tuple((shade, f"{low:f}", f"{high:f}") for shade, low, high in limits) if counted is not None else ()
    found = None
    if at_home in shapes:
        named = Locale.parse(languages()[0], sep="-").territories[at_home]
        found = (named, "" if at_home in by_code else shapes[at_home]["path"])
    size = base["width"], base["height"]
    return CountryMap(*size, rest, tuple(countries), tuple(beside)[:_MOST_BESIDE], legend, found)


def shades(amounts: Iterable[Decimal]) -> list[tuple[int, Decimal, Decimal]]:
    """Divide numbers into at most four shades, the darkest for the highest: (shade, lowest, highest) of each.

    Natural breaks (Fisher 1958, Jenks 1967): what is in one shade is as near to each other as can be, in proportion.
    """
    count = Counter(amounts)
    distinct = sorted(count)
    groups = min(_SHADES, len(distinct))
    # Of how many, their logarithms and the squares of these up to each number: how far a run spreads takes no loop.
    sums = [(0, 0.0, 0.0)]
    for each in distinct:
        n, height = count[each], log1p(max(0.0, float(each)))
        sums.append((sums[-1][0] + n, sums[-1][1] + n * height, sums[-1][2] + n * height**2))

    def spread(i: int, j: int) -> float:
        n, height, square = (b - a for a, b in zip(sums[i], sums[j], strict=True))
        return square - height**2 / n

    start: tuple[int, ...] = (0,)
    best = [(0.0, start)] + [(inf, start)] * len(distinct)
    for done in range(groups):
        best = [
            min(((best[i][0] + spread(i, j), (*best[i][1], j)) for i in range(done, j)), default=(inf, start))
            for j in range(len(distinct) + 1)
        ]
    first = _SHADES - groups + 1
    return [(first + i, distinct[a], distinct[b - 1]) for i, (a, b) in enumerate(pairwise(best[-1][1]))]
