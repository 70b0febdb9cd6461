"""The formats we speak: their names, media types and suffixes."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from importlib.util import find_spec
from typing import Final, Literal


@dataclass(frozen=True, slots=True)
class Format:
    """One format: short name, media type, file suffix, what it holds, other media types that mean the same.

    ``names`` are what other servers call it and clients write in ``?format=``.
    """

    name: str
    media_type: str
    suffix: str
    kind: Literal["graph", "dataset", "results", "page", "table"]
    aliases: tuple[str, ...] = field(default=())
    names: tuple[str, ...] = field(default=())

    def __hash__(self) -> int:
        """Hash what tells formats apart, fast: they are looked up with each request."""
        return hash(self.media_type)

    @property
    def content_type(self) -> str:
        """The media type with its charset where text needs one."""
        return with_charset(self.media_type)


TURTLE: Final = Format(
    "turtle", "text/turtle", "ttl", "graph", ("application/x-turtle", "application/turtle"), ("n3", "text/n3")
)
N_TRIPLES: Final = Format("ntriples", "application/n-triples", "nt", "graph", ("text/plain",), ("n-triples",))
JSON_LD: Final = Format("jsonld", "application/ld+json", "jsonld", "graph", (), ("json-ld", "json"))
RDF_XML: Final = Format("rdfxml", "application/rdf+xml", "rdf", "graph", (), ("rdf+xml", "rdf/xml", "xml"))
N_QUADS: Final = Format("nquads", "application/n-quads", "nq", "dataset", (), ("n-quads",))
TRIG: Final = Format("trig", "application/trig", "trig", "dataset")
RESULTS_JSON: Final = Format(
    "json", "application/sparql-results+json", "srj", "results", ("application/json",), ("sparql-results+json",)
)
RESULTS_XML: Final = Format(
    "xml", "application/sparql-results+xml", "srx", "results", ("application/xml",), ("sparql-results+xml",)
)
RESULTS_CSV: Final = Format("csv", "text/csv", "csv", "results")
RESULTS_TSV: Final = Format("tsv", "text/tab-separated-values", "tsv", "results", (), ("text/tsv",))
HTML: Final = Format("html", "text/html", "html", "page", ("application/xhtml+xml",))
JSON: Final = Format("json", "application/json", "json", "table")
CSV: Final = Format("csv", "text/csv", "csv", "table")
# A workbook of Office Open XML: what spreadsheet programs read.
XLSX: Final = Format("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "xlsx", "table")
# A table by columns, typed: what data frames and DuckDB read. Written where pyarrow is (the extra ``parquet``).
PARQUET: Final = Format("parquet", "application/vnd.apache.parquet", "parquet", "table")
BIBTEX: Final = Format("bibtex", "application/x-bibtex", "bib", "table")
CSL: Final = Format("csl", "application/vnd.citationstyles.csl+json", "csl", "table")

GRAPH_FORMATS: Final = (TURTLE, JSON_LD, N_TRIPLES, RDF_XML)
# How what is described is cited, for reference managers.
CITATION_FORMATS: Final = (BIBTEX, CSL)
DATASET_FORMATS: Final = (N_QUADS, TRIG, JSON_LD)
RESULT_FORMATS: Final = (RESULTS_JSON, RESULTS_XML, RESULTS_CSV, RESULTS_TSV)
# What is made of rows, beside what a store writes.
FILE_FORMATS: Final = (XLSX, PARQUET) if find_spec("pyarrow") else (XLSX,)
# The formats of a SELECT.
TABLE_FORMATS: Final = (*RESULT_FORMATS, *FILE_FORMATS)
# Those of what is listed, beside its page.
LIST_FORMATS: Final = (JSON, CSV, *FILE_FORMATS)


def of_form(form: str | None) -> tuple[Format, ...]:
    """Give the formats that the answer to a query of that form can have, the usual one first."""
    if form in ("CONSTRUCT", "DESCRIBE"):
        return GRAPH_FORMATS
    return TABLE_FORMATS if form == "SELECT" else RESULT_FORMATS


def by_name(name: str, offered: Sequence[Format]) -> Format | None:
    """Find a format by short name, suffix or media type, as ``?format=`` or a file ending may give it.

    What others call it counts where none on offer has the name itself. A + that was not escaped arrives as a space.
    """
    wanted = name.strip().lower().replace(" ", "+")
    exact = (o for o in offered if wanted in (o.name, o.suffix, o.media_type, *o.aliases))
    return next(exact, None) or next((o for o in offered if wanted in o.names), None)


def with_charset(media_type: str) -> str:
    """Give a content type: the media type, with its charset where text needs one."""
    return f"{media_type}; charset=utf-8" if media_type.startswith("text/") else media_type
