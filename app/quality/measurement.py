"""A few counts of quality, as measurements of the Data Quality Vocabulary (W3C DQV)."""

from collections.abc import Iterator, Mapping
from typing import Final

from app.graph.content import Content
from app.namespaces import (
    DCTERMS_SOURCE,
    INFO,
    INTERPRETED,
    PREFIXES,
    RDF_TYPE,
    RDFS_LABEL,
    STATED,
    UNCERTAIN,
    VIOLATION,
    WARNING,
)
from app.quality.scan import Scan
from app.quality.validation import Report
from app.query.binding import bind
from app.query.library import engine_query
from app.store.interface import Store
from app.terms import XSD, Iri, Literal, Triple

_DQV: Final = PREFIXES["dqv"]
_SEVERITIES: Final = {
    VIOLATION: ("violations", "Antall brudd", "Number of violations"),
    WARNING: ("warnings", "Antall advarsler", "Number of warnings"),
    INFO: ("infos", "Antall opplysninger", "Number of notes"),
}
_SOURCED: Final = ("facts-with-source", "Andel fakta med kilde", "Share of facts with a source")
_DEGREES: Final = {
    STATED: ("stated", "Andel oppgitt", "Share stated"),
    INTERPRETED: ("interpreted", "Andel tolket", "Share interpreted"),
    UNCERTAIN: ("uncertain", "Andel usikkert", "Share uncertain"),
}


def measurements(
    store: Store, report: Report, content: Content, scan: Scan, sizes: Mapping[Iri, int]
) -> Iterator[Triple]:
    """Give the metrics, and what was measured: of the dataset, and of each class whose things say how sure they are.

    ``sizes`` are the numbers of triples of the named graphs.
    A fact has a source when its subject, in the same graph, or its graph has one; what is entailed has reasons
    instead and is left out. Shares are from 0 to 1.
    """
    base, dataset = content.base, content.dataset.iri
    for severity, metric in _SEVERITIES.items():
        number = sum(result.severity == severity for result in report.results)
        yield from _measured(base, metric, dataset, Literal(str(number), datatype=Iri(XSD + "integer")))
    described = {subject for subject, predicate, _ in scan.described if predicate == DCTERMS_SOURCE}
    total = sourced = 0
    made = content.graph("entailed")
    given = {graph for graph in scan.merged - {content.graph("ontology")} if not graph.startswith(made + "/")}
    for graph in sorted(given):
        number = sizes.get(graph, 0)
        total += number
        sourced += number if graph in described else _sourced(store, graph)
    if total:
        yield from _measured(base, _SOURCED, dataset, _share(sourced, total))
    counts: dict[Iri, dict[Iri, int]] = {}
    for row in store.select(engine_query("engine/certainty-of-classes")).rows:
        counts.setdefault(Iri(str(row["class"])), {})[Iri(str(row["degree"]))] = int(str(row["number"]))
    for class_, found in counts.items():
        for degree, metric in _DEGREES.items():
            yield from _measured(base, metric, class_, _share(found.get(degree, 0), sum(found.values())))


def _sourced(store: Store, graph: Iri) -> int:
    return int(str(store.select(bind(engine_query("engine/sourced-facts"), {"graph": graph})).rows[0]["number"]))


def _share(part: int, whole: int) -> Literal:
    return Literal(f"{part / whole:.3f}", datatype=Iri(XSD + "decimal"))


def _measured(base: str, metric: tuple[str, str, str], on: Iri, value: Literal) -> Iterator[Triple]:
    name, nb, en = metric
    kind = Iri(f"{base}quality#metric-{name}")
    local = on.rstrip("/#").replace("#", "/").rpartition("/")[2]
    node = Iri(f"{base}quality#measurement-{name}-{local}")
    yield kind, RDF_TYPE, Iri(_DQV + "Metric")
    yield kind, Iri(_DQV + "expectedDataType"), Iri(value.datatype)
    yield kind, RDFS_LABEL, Literal(nb, "nb")
    yield kind, RDFS_LABEL, Literal(en, "en")
    yield node, RDF_TYPE, Iri(_DQV + "QualityMeasurement")
    yield node, Iri(_DQV + "isMeasurementOf"), kind
    yield node, Iri(_DQV + "computedOn"), on
    yield node, Iri(_DQV + "value"), value
