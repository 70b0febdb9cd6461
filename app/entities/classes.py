"""The hierarchies of the data (rdfs:subClassOf, rdfs:subPropertyOf), and the class that names a kind of things."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from app.namespaces import PREFIXES, RDF_TYPE, RDFS_SUBCLASS_OF
from app.query.binding import bind, bind_rows
from app.query.library import engine_query
from app.store.interface import Store
from app.terms import Iri

# So many things of a kind are looked at.
SAMPLE: Final = 20
_IN_SCHEME: Final = Iri(PREFIXES["skos"] + "inScheme")


class Classes:
    """The named superclasses of every class; or, read by another relation, what is above every property."""

    def __init__(self, broader: dict[Iri, set[Iri]]) -> None:
        """Take the direct superclasses."""
        self._broader = broader

    @classmethod
    def read(cls, store: Store, above: Iri = RDFS_SUBCLASS_OF) -> "Classes":
        """Read the hierarchy of a relation from the store's default graph."""
        broader: dict[Iri, set[Iri]] = defaultdict(set)
        for row in store.select(bind(engine_query("engine/hierarchy"), {"above": above})).rows:
            class_, next_ = row["class"], row["broader"]
            if isinstance(class_, Iri) and isinstance(next_, Iri):
                broader[class_].add(next_)
        return cls(dict(broader))

    def order(self, classes: Iterable[Iri]) -> list[Iri]:
        """Give the classes, narrowest first, then their superclasses level by level; each once, cycles or not."""
        given = list(dict.fromkeys(classes))
        level = self.narrowest(given)
        found: dict[Iri, None] = {}
        while level:
            found.update(dict.fromkeys(level))
            level = [above for each in level for above in sorted(self._broader.get(each, ())) if above not in found]
        return list(found) + [each for each in given if each not in found]

    def narrowest(self, classes: Iterable[Iri]) -> list[Iri]:
        """Give those of the classes that are not above another of them; equivalent ones stay."""
        given = list(dict.fromkeys(classes))
        known = set(given)
        wider = {
            above
            for each in given
            for above in self.above(each) & known
            if each not in self.above(above)  # equivalent
        }
        return sorted(each for each in given if each not in wider)

    def is_narrower(self, class_: Iri, than: Iri) -> bool:
        """Say whether ``than`` is above ``class_``."""
        return class_ != than and than in self.above(class_)

    def has_narrower(self, class_: Iri) -> bool:
        """Say whether any class is below a class."""
        return any(self.is_narrower(each, class_) for each in self._broader)

    def above(self, class_: Iri) -> set[Iri]:
        """Give all superclasses of a class; in a cycle the class itself too."""
        seen: set[Iri] = set()
        waiting = [class_]
        while waiting:
            new = self._broader.get(waiting.pop(), set()) - seen
            seen |= new
            waiting += new
        return seen


def named_by(store: Store, samples: Mapping[str, Sequence[Iri]], classes: Classes) -> dict[str, Iri]:
    """Give, for each kind with some of its things, the IRI whose label names it; none when they have no class.

    Concepts are named by their scheme: that something is a concept says little.
    """
    values: dict[str, dict[str, list[Iri]]] = defaultdict(lambda: defaultdict(list))
    things = [thing for sample in samples.values() for thing in sample]
    pairs = [(thing, each) for thing in things for each in (RDF_TYPE, _IN_SCHEME)]
    query = bind_rows(engine_query("engine/values"), ("thing", "property"), pairs)
    for row in store.select(query).rows if things else ():
        if isinstance(value := row["value"], Iri):
            values[str(row["thing"])][str(row["property"])].append(value)
    found = {}
    for kind, sample in samples.items():
        schemes = Counter(each for thing in sample for each in values[thing][_IN_SCHEME])
        types = Counter(each for thing in sample for each in classes.narrowest(values[thing][RDF_TYPE]))
        for counts, least in ((schemes, len(sample) / 2), (types, 0)):
            # The commonest; of equally common ones the first by IRI, so that the name is stable.
            best = min(counts, key=lambda each: (-counts[each], each), default=None)
            if best is not None and counts[best] > least:
                found[kind] = best
                break
    return found
