"""The formats we speak and how one is chosen (RFC 9110 §12): by ``?format=``, by suffix, by Accept."""

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Final, Literal, TypeVar

if TYPE_CHECKING:
    from werkzeug.datastructures import MIMEAccept


@dataclass(frozen=True, slots=True)
class Format:
    """One format: short name, media type, file suffix, what it holds, other media types that mean the same."""

    name: str
    media_type: str
    suffix: str
    kind: Literal["graph", "dataset", "results", "page", "table"]
    aliases: tuple[str, ...] = field(default=())

    def __hash__(self) -> int:
        """Hash what tells formats apart, fast: they are looked up with each request."""
        return hash(self.media_type)

    @property
    def content_type(self) -> str:
        """The media type with its charset where text needs one."""
        return _with_charset(self.media_type)

    def named(self, accept: str | None) -> str:
        """Give the content type by the name that an Accept header has for this format: an alias, when it is that."""
        return _named(accept or "", self)


TURTLE: Final = Format("turtle", "text/turtle", "ttl", "graph", ("application/x-turtle",))
N_TRIPLES: Final = Format("ntriples", "application/n-triples", "nt", "graph", ("text/plain",))
JSON_LD: Final = Format("jsonld", "application/ld+json", "jsonld", "graph")
RDF_XML: Final = Format("rdfxml", "application/rdf+xml", "rdf", "graph")
N_QUADS: Final = Format("nquads", "application/n-quads", "nq", "dataset")
TRIG: Final = Format("trig", "application/trig", "trig", "dataset")
RESULTS_JSON: Final = Format("json", "application/sparql-results+json", "srj", "results", ("application/json",))
RESULTS_XML: Final = Format("xml", "application/sparql-results+xml", "srx", "results", ("application/xml",))
RESULTS_CSV: Final = Format("csv", "text/csv", "csv", "results")
RESULTS_TSV: Final = Format("tsv", "text/tab-separated-values", "tsv", "results")
HTML: Final = Format("html", "text/html", "html", "page", ("application/xhtml+xml",))
JSON: Final = Format("json", "application/json", "json", "table")
CSV: Final = Format("csv", "text/csv", "csv", "table")
# A workbook of Office Open XML: what spreadsheet programs read.
XLSX: Final = Format("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "xlsx", "table")

GRAPH_FORMATS: Final = (TURTLE, JSON_LD, N_TRIPLES, RDF_XML)
DATASET_FORMATS: Final = (N_QUADS, TRIG, JSON_LD)
RESULT_FORMATS: Final = (RESULTS_JSON, RESULTS_XML, RESULTS_CSV, RESULTS_TSV)
# The formats of a SELECT. A store writes the others, a workbook is made of its answer.
TABLE_FORMATS: Final = (*RESULT_FORMATS, XLSX)


class NotAcceptable(ValueError):
    """No offered format is acceptable; ``offered`` lists those there are."""

    def __init__(self, offered: Sequence[Format]) -> None:
        """Keep the list for the answer."""
        super().__init__("none of the formats on offer is acceptable")
        self.offered = tuple(offered)


def of_form(form: str | None) -> tuple[Format, ...]:
    """Give the formats that the answer to a query of that form can have, the usual one first."""
    if form in ("CONSTRUCT", "DESCRIBE"):
        return GRAPH_FORMATS
    return TABLE_FORMATS if form == "SELECT" else RESULT_FORMATS


def by_name(name: str, offered: Sequence[Format]) -> Format | None:
    """Find a format by short name, suffix or media type, as ``?format=`` or a file ending may give it."""
    wanted = name.strip().lower()
    for offer in offered:
        if wanted in (offer.name, offer.suffix, offer.media_type, *offer.aliases):
            return offer
    return None


def negotiate(
    accept: str | None, offered: Sequence[Format], *, suffix: str | None = None, requested: str | None = None
) -> Format:
    """Choose a format; an explicit request wins over a suffix, a suffix over Accept; no Accept takes the first.

    Raises NotAcceptable when what is asked for is not offered.
    """
    explicit = requested or suffix
    if explicit:
        found = by_name(explicit, offered)
        if found is None:
            raise NotAcceptable(offered)
        return found
    accept = (accept or "").strip()
    if not accept:
        return offered[0]
    best = _best(accept, tuple(offered))
    if best is None:
        raise NotAcceptable(offered)
    return best


# A header longer than this (characters) is not kept.
_LONG: Final = 400
_K = TypeVar("_K", bound=Hashable)
_V = TypeVar("_V")


def _remembered(function: Callable[[str, _K], _V]) -> Callable[[str, _K], _V]:
    """Remember what an Accept header means: clients send the same with each request. Long ones are worked out anew."""
    kept = lru_cache(maxsize=512)(function)
    return lambda accept, other: (kept if len(accept) <= _LONG else function)(accept, other)


@_remembered
def _best(accept: str, offered: tuple[Format, ...]) -> Format | None:
    header = _parsed(accept)
    best: tuple[float, float, int, Format] | None = None
    for position, offer in enumerate(offered):
        for rank, media_type in enumerate((offer.media_type, *offer.aliases)):
            quality, specificity = _quality(header, media_type)
            # An alias counts only when it is named; a wildcard means the format's own type.
            if quality <= 0 or (rank and specificity < 2):
                continue
            key = (quality, specificity, -position)
            if best is None or key > best[:3]:
                best = (*key, offer)
    return best[3] if best else None


@_remembered
def _named(accept: str, found: Format) -> str:
    header = _parsed(accept)
    if header and not header.quality(found.media_type):
        return next((_with_charset(each) for each in found.aliases if header.quality(each)), found.content_type)
    return found.content_type


def _with_charset(media_type: str) -> str:
    return f"{media_type}; charset=utf-8" if media_type.startswith("text/") else media_type


def _parsed(accept: str) -> "MIMEAccept":
    # The processes of queries need formats too, and are told which: they start without Werkzeug.
    from werkzeug.datastructures import MIMEAccept  # noqa: PLC0415
    from werkzeug.http import parse_accept_header  # noqa: PLC0415

    return parse_accept_header(accept, MIMEAccept)


def _quality(header: "MIMEAccept", media_type: str) -> tuple[float, int]:
    """Give (q, specificity) of the most specific range that matches (RFC 9110 §12.5.1)."""
    main = media_type.partition("/")[0]
    found: tuple[float, int] = (0.0, -1)
    for offered, quality in header:
        value = offered.partition(";")[0].strip().lower()
        specificity = 2 if value == media_type else 1 if value == f"{main}/*" else 0 if value in ("*/*", "*") else -1
        if specificity > found[1]:
            found = (float(quality), specificity)
    return found
