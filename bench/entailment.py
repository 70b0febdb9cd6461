"""Entailment over synthetic data: time and memory for a number of triples (default 300,000).

    python bench/entailment.py [TRIPLES]

Things in chains of four classes and of a few parts, with inverses and a property chain; no reasons are kept.
"""

import resource
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from app.config import defaults
from app.entailment.fixpoint import applicable_rules, infer
from app.entailment.levels import Assertions
from app.entailment.rules import read_rule
from app.namespaces import PREFIXES, RDF_TYPE
from app.query.library import Library
from app.store.loading import StoreWriter
from app.terms import Iri, Triple

EX = "http://example.org/"
GRAPH = Iri(EX + "graph/data")
OWL, RDFS, RDF = PREFIXES["owl"], PREFIXES["rdfs"], PREFIXES["rdf"]


def schema() -> Iterator[Triple]:
    """Give four classes one under the other, an inverse, a chain, a transitive and a symmetric property."""
    for name in "ABCD":
        yield Iri(EX + name), RDF_TYPE, Iri(OWL + "Class")
    for narrow, wide in zip("ABC", "BCD", strict=True):
        yield Iri(EX + narrow), Iri(RDFS + "subClassOf"), Iri(EX + wide)
    yield Iri(EX + "has"), Iri(OWL + "inverseOf"), Iri(EX + "of")
    yield Iri(EX + "part"), RDF_TYPE, Iri(OWL + "TransitiveProperty")
    yield Iri(EX + "near"), RDF_TYPE, Iri(OWL + "SymmetricProperty")
    first, rest = Iri(EX + "list"), Iri(EX + "list2")
    yield Iri(EX + "reaches"), Iri(OWL + "propertyChainAxiom"), first
    yield first, Iri(RDF + "first"), Iri(EX + "has")
    yield first, Iri(RDF + "rest"), rest
    yield rest, Iri(RDF + "first"), Iri(EX + "of2")
    yield rest, Iri(RDF + "rest"), Iri(RDF + "nil")


def data(triples: int) -> Iterator[Triple]:
    """Give six triples for each thing; parts in chains of four."""
    for number in range(triples // 6):
        thing, other = Iri(f"{EX}t{number}"), Iri(f"{EX}t{number + 1}")
        yield thing, RDF_TYPE, Iri(EX + "A")
        yield thing, Iri(EX + "of"), Iri(f"{EX}o{number // 3}")
        yield thing, Iri(EX + "of2"), Iri(f"{EX}p{number % 1000}")
        yield thing, Iri(EX + "near"), other
        yield thing, Iri(EX + "label"), Iri(f"{EX}l{number}")
        yield thing, Iri(EX + ("part" if number % 4 else "top")), other


def main() -> None:
    """Run it and print what it took."""
    triples = int(sys.argv[1]) if len(sys.argv) > 1 else 300_000
    rules = [read_rule(file) for file in Library.load([defaults() / "queries"]).rules.values()]
    with tempfile.TemporaryDirectory() as folder, StoreWriter(Path(folder) / "store") as writer:
        writer.add((triple, GRAPH) for source in (schema(), data(triples)) for triple in source)
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        start = time.perf_counter()
        applied = applicable_rules(writer, rules)
        found = infer(writer, applied, Assertions.read(writer.store, ()), [GRAPH], reasons=False)
        seconds = time.perf_counter() - start
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        print(
            f"{triples} triples, {len(found.levels)} entailed, {seconds:.1f} s, "
            f"{peak // 1024} MB at most ({(peak - before) // 1024} MB for entailment)"
        )


if __name__ == "__main__":
    main()
