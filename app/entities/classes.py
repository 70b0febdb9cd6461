"""The hierarchies of the data (rdfs:subClassOf, rdfs:subPropertyOf), read once for a generation."""

from collections import defaultdict
from collections.abc import Iterable

from app.namespaces import RDFS_SUBCLASS_OF
from app.query.binding import bind
from app.query.library import engine_query
from app.store.interface import Store
from app.terms import Iri


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

    def above(self, class_: Iri) -> set[Iri]:
        """Give all superclasses of a class; in a cycle the class itself too."""
        seen: set[Iri] = set()
        waiting = [class_]
        while waiting:
            new = self._broader.get(waiting.pop(), set()) - seen
            seen |= new
            waiting += new
        return seen
