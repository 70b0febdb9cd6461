"""What statements rest on: the switch ``?basis=strategy|asserted|all`` as a dataset of graphs."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from app.store.interface import Dataset
from app.terms import Iri

ALL: Final = "all"
NAMES: Final = ("strategy", "asserted", ALL)

# Graphs beside the data: what is checked, asked, found and counted is not said of the region itself.
_BESIDE: Final = ("shapes", "queries", "reasons", "catalog", "quality")


@dataclass(frozen=True, slots=True)
class Basis:
    """One position of the switch: its name, the dataset queries run over, the graphs whose facts count."""

    name: str
    dataset: Dataset | None
    graphs: frozenset[Iri]

    def infers(self, graph: Iri) -> bool:
        """Say whether a graph is one of those the build infers, and counts here."""
        return graph in self.graphs and "graph/inferred/" in graph


def data_graphs(graphs: Mapping[Iri, int], base: str) -> frozenset[Iri]:
    """Give the named graphs that make up the default graph."""
    beside = {base + "graph/" + name for name in _BESIDE}
    return frozenset(graph for graph in graphs if graph and graph not in beside)


def bases(graphs: Mapping[Iri, int], base: str) -> dict[str, Basis]:
    """Give all positions of the switch by name."""
    return {name: choose(name, graphs, base) for name in NAMES}


def choose(name: str, graphs: Mapping[Iri, int], base: str) -> Basis:
    """Give the basis of that name; ValueError when there is none.

    ``strategy``: the strategy's graph, what follows from it alone, and the ontology, which says nothing of the region
    but lets class hierarchies work. ``asserted``: all data but what was inferred. ``all``: the default
    graph.
    """
    if name not in NAMES:
        raise ValueError(f"basis is one of {', '.join(NAMES)}")
    data = data_graphs(graphs, base)
    inferred = frozenset(graph for graph in data if graph.startswith(base + "graph/inferred/"))
    if name == "strategy":
        wanted = {base + "graph/strategy", base + "graph/inferred/strategy", base + "graph/ontology"}
        chosen = frozenset(graph for graph in data if graph in wanted)
        return Basis(name, Dataset(default=tuple(sorted(chosen))), chosen)
    if name == "asserted" and inferred:
        return Basis(name, Dataset(default=tuple(sorted(data - inferred))), data - inferred)
    # Without inferences the written default graph is what was asserted, each triple once.
    return Basis(name, None, data)
