"""The formats we speak: their names, media types and suffixes."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final, Literal


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
        return with_charset(self.media_type)


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


def of_form(form: str | None) -> tuple[Format, ...]:
    """Give the formats that the answer to a query of that form can have, the usual one first."""
    if form in ("CONSTRUCT", "DESCRIBE"):
        return GRAPH_FORMATS
    return TABLE_FORMATS if form == "SELECT" else RESULT_FORMATS


def by_name(name: str, offered: Sequence[Format]) -> Format | None:
    """Find a format by short name, suffix or media type, as ``?format=`` or a file ending may give it."""
    wanted = name.strip().lower()
    return next((o for o in offered if wanted in (o.name, o.suffix, o.media_type, *o.aliases)), None)


def with_charset(media_type: str) -> str:
    """Give a content type: the media type, with its charset where text needs one."""
    return f"{media_type}; charset=utf-8" if media_type.startswith("text/") else media_type
