"""What the default graph is written in, with labels, for advice on queries."""

from collections.abc import Mapping

from app.catalog.schema import partitions
from app.query.binding import bind_rows
from app.query.coach import Vocabulary
from app.query.library import engine_query
from app.store.interface import Store
from app.terms import Iri


def read_vocabulary(store: Store, base: str, prefixes: Mapping[str, str]) -> Vocabulary:
    """Read the classes and properties that occur, with their numbers and labels; raises QueryError."""
    classes, properties = partitions(store, base)
    terms = [[term] for term in sorted({*classes, *properties})]
    rows = store.select(bind_rows(engine_query("engine/term-labels"), ["term"], terms)).rows
    labels = [(Iri(str(row["term"])), str(row["label"])) for row in rows]
    return Vocabulary(classes, properties, labels, prefixes)
