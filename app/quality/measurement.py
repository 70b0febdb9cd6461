"""A few counts of quality, as measurements of the Data Quality Vocabulary (W3C DQV)."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from typing import Final

from app.content.folders import Content
from app.namespaces import DCTERMS_SOURCE, DEGREES, RDF_TYPE, RDFS_LABEL, SEVERITIES, iris
from app.quality.scan import Scan
from app.quality.validation import Report
from app.query.binding import bind
from app.query.library import engine_query, local_name
from app.store.interface import Store
from app.terms import Iri, Literal, Triple, typed

_METRIC, _DATATYPE, _MEASUREMENT = iris("dqv:Metric dqv:expectedDataType dqv:QualityMeasurement")
_MEASUREMENT_OF, _COMPUTED_ON, _VALUE = iris("dqv:isMeasurementOf dqv:computedOn dqv:value")
# The metrics: of each what its name ends with, and what it is called (nb, en).
_SEVERITY_METRICS: Final = (
    ("violations", "Antall brudd", "Number of violations"),
    ("warnings", "Antall advarsler", "Number of warnings"),
    ("infos", "Antall opplysninger", "Number of notes"),
)
_SOURCE_METRIC: Final = ("facts-with-source", "Andel fakta med kilde", "Share of facts with a source")
_DEGREE_METRICS: Final = (
    ("stated", "Andel oppgitt", "Share stated"),
    ("interpreted", "Andel tolket", "Share interpreted"),
    ("uncertain", "Andel usikkert", "Share uncertain"),
)


def measurements(
    store: Store, report: Report, content: Content, scan: Scan, sizes: Mapping[Iri, int]
) -> Iterator[Triple]:
    """Give the metrics, and what was measured: of the dataset, and of each class whose things say how sure they are.

    ``sizes`` are the numbers of triples of the named graphs.
    A fact has a source when its subject, in the same graph, or its graph has one; what is entailed has reasons
    instead and is left out. Shares are from 0 to 1.
    """
    base, dataset = content.base, content.dataset.iri
    for severity, metric in zip(SEVERITIES, _SEVERITY_METRICS, strict=True):
        number = sum(result.severity == severity for result in report.results)
        yield from _measured(base, metric, dataset, typed(number, "integer"))
    described = {subject for subject, predicate, _ in scan.described if predicate == DCTERMS_SOURCE}
    made = content.graph("entailed")
    given = {graph for graph in scan.merged - {content.graph("ontology")} if not graph.startswith(made + "/")}
    if total := sum(sizes.get(graph, 0) for graph in given):
        sourced = sum(sizes.get(graph, 0) if graph in described else _sourced(store, graph) for graph in given)
        yield from _measured(base, _SOURCE_METRIC, dataset, _share(sourced, total))
    counts: dict[Iri, Counter[Iri]] = defaultdict(Counter)
    for row in store.select(engine_query("engine/certainty-of-classes")).rows:
        counts[Iri(str(row["class"]))][Iri(str(row["degree"]))] = int(str(row["number"]))
    for class_, found in counts.items():
        for degree, metric in zip(DEGREES, _DEGREE_METRICS, strict=True):
            yield from _measured(base, metric, class_, _share(found[degree], found.total()))


def _sourced(store: Store, graph: Iri) -> int:
    return int(str(store.select(bind(engine_query("engine/sourced-facts"), {"graph": graph})).rows[0]["number"]))


def _share(part: int, whole: int) -> Literal:
    return typed(f"{part / whole:.3f}", "decimal")


def _measured(base: str, metric: tuple[str, str, str], on: Iri, value: Literal) -> Iterator[Triple]:
    name, nb, en = metric
    kind = Iri(f"{base}quality#metric-{name}")
    node = Iri(f"{base}quality#measurement-{name}-{local_name(on)}")
    yield from ((kind, RDF_TYPE, _METRIC), (kind, _DATATYPE, value.datatype))
    yield from ((kind, RDFS_LABEL, Literal(nb, "nb")), (kind, RDFS_LABEL, Literal(en, "en")))
    yield from (
        (node, RDF_TYPE, _MEASUREMENT),
        (node, _MEASUREMENT_OF, kind),
        (node, _COMPUTED_ON, on),
        (node, _VALUE, value),
    )
