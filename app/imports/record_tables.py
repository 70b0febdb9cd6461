"""The tables in the files of a register: the one that has the columns is found by its header, not by its name."""

import csv
import io
import re
import unicodedata
import warnings
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any, Final, NamedTuple

from openpyxl import load_workbook

from app.errors import QueryError
from app.imports.sources import Refused, Source, json_below, json_cube, json_rows, json_values, refused, sources
from app.query.binding import bind_rows
from app.query.reads import BEGINS, NUMBER, ReadColumn, Reads
from app.store.remote import RemoteStore
from app.store.transport import Endpoint
from app.terms import Term

# Characters of a cell; records before the header, which may have a title above it; cells of a workbook.
_LONGEST: Final = 4 << 20
_ABOVE: Final = 10
_CELLS: Final = 30_000_000
# Seconds for an answer of a SPARQL server.
_SECONDS: Final = 120.0
_QUOTES: Final = str.maketrans({"’": "'", "‘": "'", "`": "'", "“": '"', "”": '"', "\u00a0": " ", "\ufeff": None})
_MIDNIGHT: Final = time()


class Record(NamedTuple):
    """A record: its number (from 1, after the header) and its cells; ``broken`` when they cannot be told apart."""

    number: int
    cells: Sequence[str]
    broken: bool = False


@dataclass(frozen=True, slots=True)
class RecordTable:
    """What may be a table: a name for messages, and its records from the first on, header included.

    ``ragged``: a record ends with its last cell that was written, as the rows of a workbook do.
    """

    name: str
    records: Callable[[], Iterator[Record]]
    ragged: bool = False


@dataclass(frozen=True, slots=True)
class Layout:
    """Where the columns of a table are: the places by variable, those of repeated groups by number and variable."""

    table: RecordTable
    header: tuple[str, ...]
    above: int
    single: dict[str, tuple[int, ReadColumn]]
    groups: dict[int, dict[str, tuple[int, ReadColumn]]]

    def records(self) -> Iterator[Record]:
        """Give the records below the header, those with too few or too many cells as broken."""
        width = len(self.header)
        for number, cells, broken in islice(self.table.records(), self.above + 1, None):
            place = number - self.above
            if not any(cells) and not broken:
                continue
            if len(cells) > width and not any(cells[width:]):
                yield Record(place, cells[:width], broken)  # empty ones too many
            elif len(cells) < width and self.table.ragged:
                yield Record(place, [*cells, *[""] * (width - len(cells))])
            else:
                yield Record(place, cells, broken or len(cells) != width)

    def rows(self, cells: Sequence[str]) -> Iterator[dict[str, tuple[str, ReadColumn]]]:
        """Give the rows of a record by variable: one, or one for each repeated group in which something stands."""
        own = {name: (cells[place], column) for name, (place, column) in self.single.items()}
        if not self.groups:
            yield own
        for places in self.groups.values():
            if any(cells[place] for place, _ in places.values()):
                yield own | {name: (cells[place], column) for name, (place, column) in places.items()}


def plain(name: str) -> str:
    """Give the name of a column as names are compared: without case, with plain quotes and single spaces."""
    return " ".join(unicodedata.normalize("NFC", name).translate(_QUOTES).casefold().split()).strip('"')


def tables(
    reads: Reads, paths: Iterable[Path], endpoint: str | None = None, wanted: Iterable[Term] = ()
) -> list[RecordTable]:
    """Give what may be a table in the files, or the answer of the endpoint. Raises Refused."""
    if "endpoint" in reads.formats:
        return [_answer(reads, endpoint or reads.endpoint or "", wanted)]
    found: list[RecordTable] = []
    for path in paths:
        for source in sources(path):
            found += _of_source(reads, source)
    return found


def layout(found: Sequence[RecordTable], columns: Sequence[ReadColumn]) -> Layout:
    """Find the table that has all columns that must be there. Raises Refused, naming what the nearest one lacks."""
    nearest: tuple[int, str, list[str]] | None = None
    for table in found:
        for above, record in enumerate(islice(table.records(), _ABOVE)):
            missing, single, groups = _places(record.cells, columns)
            if not missing:
                return Layout(table, tuple(record.cells), above, single, groups)
            if nearest is None or len(missing) < nearest[0]:
                nearest = len(missing), table.name, missing
    if nearest is None:
        raise refused("nothing-read")
    raise refused("register-no-table", table=nearest[1], columns=", ".join(f"«{name}»" for name in nearest[2][:5]))


def _places(
    header: Sequence[str], columns: Sequence[ReadColumn]
) -> tuple[list[str], dict[str, tuple[int, ReadColumn]], dict[int, dict[str, tuple[int, ReadColumn]]]]:
    names = {plain(name): place for place, name in reversed(list(enumerate(header)))}
    missing: list[str] = []
    single: dict[str, tuple[int, ReadColumn]] = {}
    groups: dict[int, dict[str, tuple[int, ReadColumn]]] = {}
    for column in columns:
        places = dict(_found(names, column))
        if not places and not column.optional:
            missing.append(column.name)
        for number, place in places.items():
            group = column.group if number is None else number
            if group is None:
                single[column.variable] = place, column
            else:
                groups.setdefault(group, {})[column.variable] = place, column
    return missing, single, dict(sorted(groups.items()))


def _found(names: dict[str, int], column: ReadColumn) -> Iterator[tuple[int | None, int]]:
    wanted = plain(column.name)
    if column.repeated:
        pattern = re.compile(r"(\d+)".join(map(re.escape, wanted.split(NUMBER))))
        yield from ((int(match[1]), place) for name, place in names.items() if (match := pattern.fullmatch(name)))
    elif wanted.endswith(BEGINS):
        yield from ((None, place) for name, place in names.items() if name.startswith(wanted.removesuffix(BEGINS)))
    elif wanted in names:
        yield None, names[wanted]


def _of_source(reads: Reads, source: Source) -> Iterator[RecordTable]:
    suffix = source.name.rpartition(".")[2].lower()
    if source.workbook:
        if "xlsx" in reads.formats:
            yield from _sheets(source)
    elif suffix in ("json", "ndjson", "jsonl"):
        if "json-stat" in reads.formats:
            yield RecordTable(source.name, lambda: _numbered(_cube(source)))
        if "json" in reads.formats:
            yield RecordTable(source.name, lambda: _numbered(_json(reads, source)))
    elif {"csv", "tsv"} & set(reads.formats):
        for delimiter in dict.fromkeys(("\t",) if reads.formats == ("tsv",) else reads.delimiters):
            yield RecordTable(source.name, partial(_csv, reads, source, delimiter))


def _numbered(rows: Iterable[Sequence[str]]) -> Iterator[Record]:
    return (Record(number, cells) for number, cells in enumerate(rows))


def _csv(reads: Reads, source: Source, delimiter: str) -> Iterator[Record]:
    """Read delimited text (RFC 4180). Bytes that are not of the encoding are kept, for the cells to be told."""
    csv.field_size_limit(_LONGEST)
    with io.TextIOWrapper(source.open(), reads.encoding, "surrogateescape", newline="") as text:
        reader = csv.reader(text, delimiter=delimiter)
        number = 0
        while True:
            try:
                cells = next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                reason = f"record {number} does not end ({error}). Look for a quotation mark that is missing."
                raise refused("unreadable", file=source.name, reason=reason) from error
            else:
                yield Record(number, cells)
            number += 1


def _names(reads: Reads) -> list[str]:
    columns = (*reads.columns, *(reads.join.columns if reads.join else ()))
    return list(dict.fromkeys(each.name for each in columns))


def _json(reads: Reads, source: Source) -> Iterator[list[str]]:
    names = _names(reads)
    yield names
    try:
        with io.TextIOWrapper(source.open(), "utf-8-sig") as text:
            for value in json_values(text):
                for each in json_below(value, reads.records):
                    yield from json_rows(each, names)
    except (ValueError, RecursionError) as error:
        raise refused("unreadable", file=source.name, reason=f"{error}. Fetch it anew.") from error


def _cube(source: Source) -> Iterator[list[str]]:
    try:
        with io.TextIOWrapper(source.open(), "utf-8-sig") as text:
            header, rows = json_cube(next(json_values(text), None))
        yield header
        yield from rows
    except (ValueError, RecursionError) as error:
        raise refused("unreadable", file=source.name, reason=f"{error}. Fetch it anew.") from error


def _sheets(source: Source) -> Iterator[RecordTable]:
    with warnings.catch_warnings(), source.open() as file:
        warnings.simplefilter("ignore")  # of styles and rules, which are not read
        try:
            names = load_workbook(file, read_only=True, data_only=True).sheetnames
        except Exception as error:  # openpyxl raises what its parsers do, of many kinds
            reason = f"{error}. Save it as .xlsx, not as “Strict Open XML”."
            raise refused("unreadable", file=source.name, reason=reason) from error
    for name in names:
        yield RecordTable(f"{source.name}, {name}", lambda name=name: _numbered(_sheet(source, name)), ragged=True)  # type: ignore[misc]


def _sheet(source: Source, name: str) -> Iterator[list[str]]:
    with warnings.catch_warnings(), source.open() as file:
        warnings.simplefilter("ignore")
        try:
            sheet: Any = load_workbook(file, read_only=True, data_only=True)[name]
            if not hasattr(sheet, "reset_dimensions"):
                return  # a chart
            sheet.reset_dimensions()  # what the file says of its own size is not trusted
            for row in _bounded(sheet.iter_rows(values_only=True), source.name):
                yield [_cell(value) for value in row]
        except Refused:
            raise
        except Exception as error:  # as above
            raise refused("unreadable", file=source.name, reason=f"{error}. Save it anew as .xlsx.") from error


def _bounded(rows: Iterable[tuple[Any, ...]], name: str) -> Iterator[tuple[Any, ...]]:
    seen = 0
    for row in rows:
        seen += len(row) + 1
        if seen > _CELLS:
            raise refused("register-too-large", file=name, limit=f"{_CELLS:,} cells")
        yield row


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, datetime):
        return (value.date() if value.time() == _MIDNIGHT else value).isoformat()
    if isinstance(value, date):
        return value.isoformat()
    return str(value).replace("_x000D_", "")


def _answer(reads: Reads, address: str, wanted: Iterable[Term]) -> RecordTable:
    """Ask a SPARQL server; where the query has a ``VALUES`` block of what is wanted, our own values go into it."""
    store = RemoteStore(Endpoint(address, timeout=_SECONDS))
    query = reads.query
    try:
        if reads.wanted:
            query = bind_rows(query, [reads.wanted], ((each,) for each in wanted))
        found = store.select(query)
    except (QueryError, ValueError) as error:
        raise refused("unreadable", file=address, reason=str(error)) from error
    finally:
        store.close()
    rows = [list(found.variables), *([str(row.get(name, "")) for name in found.variables] for row in found.rows)]
    return RecordTable(address, lambda: _numbered(rows))
