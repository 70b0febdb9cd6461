"""What statements rest on: the switch ``?basis=``, the views that the content declares and ``all``, as datasets."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from app.terms import Dataset, Iri

ALL: Final = "all"

# Graphs beside the data: what is checked, asked, found and counted is not said of the region itself.
_BESIDE: Final = ("shapes", "queries", "reasons", "catalog", "quality")


@dataclass(frozen=True, slots=True)
class Basis:
    """One position of the switch: its name, the dataset queries run over, the graphs whose facts count, its labels."""

    name: str
    dataset: Dataset | None
    graphs: frozenset[Iri]
    label: Mapping[str, str] = field(default_factory=dict)

    @property
    def argument(self) -> str | None:
        """What an address says after ``?basis=``: nothing for all that there is."""
        return self.name if self.name != ALL else None

    def entails(self, graph: Iri) -> bool:
        """Say whether a graph is one of those that hold what is entailed, and counts here."""
        return graph in self.graphs and "graph/entailed/" in graph


def data_graphs(graphs: Iterable[Iri], base: str) -> frozenset[Iri]:
    """Give the named graphs that make up the default graph."""
    beside = {base + "graph/" + name for name in _BESIDE}
    return frozenset(graph for graph in graphs if graph and graph not in beside)


def bases(views: Iterable[Mapping[str, Any]], data: frozenset[Iri]) -> dict[str, Basis]:
    """Give all positions of the switch by name: the views, as a manifest has them, then all data."""
    found = {}
    for view in views:
        chosen = frozenset(map(Iri, view["graphs"]))
        # Of a view that leaves nothing out the written default graph has each triple once.
        dataset = None if chosen == data else Dataset(tuple(sorted(chosen)), tuple(sorted(chosen)))
        found[view["name"]] = Basis(view["name"], dataset, chosen, view["label"])
    return found | {ALL: Basis(ALL, None, data)}
