"""Big numbers in a row: what each counts, what it can be, how it is divided, where it leads."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import parse_qs

from app.entities.labels import Labels
from app.entities.panels import Cell, PanelTable
from app.terms import Iri, Literal
from app.web import links
from app.web.pictures.lettering import number

# More than these are a table.
MOST: Final = 12
_COUNT: Final = "n"
_LINK: Final = "link"


@dataclass(frozen=True, slots=True)
class Number:
    """A number, what it counts, the columns beside it that are not nothing, and where it leads."""

    label: Cell
    count: Cell
    parts: Mapping[str, Cell]
    address: str | None


def lay_out(table: PanelTable, labels: Labels) -> tuple[Number, ...] | None:
    """Lay out rows of a label and ``?n``; None for a table without them."""
    if _COUNT not in table.columns[1:]:
        return None
    found = []
    for row in table.rows[:MOST]:
        cells = dict(zip(table.columns[1:], row[1:], strict=True))
        count, link = cells.pop(_COUNT), cells.pop(_LINK, None)
        if number(count.value) is not None:
            parts = {name: cell for name, cell in cells.items() if cell.range or number(cell.value) != 0}
            shown = {name: cell for name, cell in parts.items() if cell.value is not None}
            found.append(Number(row[0], count, shown, _address(link, labels)))
    return tuple(found) or None


def _address(link: Cell | None, labels: Labels) -> str | None:
    """Give where a thing, or a path of this server, leads."""
    if link is None or not isinstance(link.value, Iri | Literal):
        return None
    text = str(link.value) if isinstance(link.value, Iri) else link.value.value
    if isinstance(link.value, Literal) and text.startswith("/") and not text.startswith("//"):
        path, _, query = text.partition("?")
        return links.page_link(path, parse_qs(query))
    return links.href(link.value, labels)
