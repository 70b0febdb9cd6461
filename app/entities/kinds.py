"""What a kind of IRIs (``id/<kind>/…``) is called: as the scheme or the class that most of its things have."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from typing import Final

from app.entities.classes import Classes
from app.namespaces import PREFIXES, RDF_TYPE
from app.query.binding import bind_rows
from app.query.library import engine_query
from app.store.interface import Store
from app.terms import Iri

# So many things of a kind are looked at.
SAMPLE: Final = 20
_IN_SCHEME: Final = Iri(PREFIXES["skos"] + "inScheme")


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
