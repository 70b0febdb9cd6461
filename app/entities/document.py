"""The RDF document about an entity: what is said of it, what points to it, the names of both ends, in pages.

A page is bounded: an entity with thousands of links has several, and each says which is the next (Hydra).
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from app.entities.incoming import window
from app.namespaces import PREFIXES, RDF_TYPE
from app.query.binding import bind, bind_rows
from app.query.library import engine_query
from app.store.interface import Store
from app.terms import BlankNode, Dataset, Iri, Term, Triple

# So many statements of the entity and to it are on a page.
STATEMENTS: Final = 1000
_BATCH: Final = 400
_FOAF, _HYDRA = PREFIXES["foaf"], PREFIXES["hydra"]


@dataclass(frozen=True, slots=True)
class DocumentHead:
    """The document: its IRI, the dataset it is of, the licence; its page, counted from 1."""

    document: Iri
    dataset: Iri | None
    licence: Iri | None
    page: int = 1

    def at(self, number: int) -> Iri:
        """Give the IRI of a page of the document; the first is the document itself."""
        joint = "&" if "?" in self.document else "?"
        return self.document if number == 1 else Iri(f"{self.document}{joint}page={number}")


def entity_document(
    store: Store,
    iri: Iri,
    dataset: Dataset | None,
    about: DocumentHead,
    parts: Iterable[Iri] = (),
    *,
    more: bool = False,
) -> tuple[list[Triple], bool]:
    """Give a page of the document, and whether there is a next one; a page after the last is empty.

    ``parts`` are the things on it whose IRI is its own with a fragment; ``more`` says that the next page has such.
    """
    found, further = statements(store, iri, dataset, about.page)
    more = more or further
    if rows := [(part,) for part in parts]:
        found.update(
            dict.fromkeys(store.construct(bind_rows(engine_query("engine/whole-parts"), ("part",), rows), dataset))
        )
    if not found:
        return [], False
    near = {o for _, _, o in found if isinstance(o, Iri)} | {s for s, _, _ in found if isinstance(s, Iri)}
    found.update(dict.fromkeys(_names(store, near - {iri})))
    found.update(dict.fromkeys(_head(iri, about, more)))
    return list(found), more


def statements(store: Store, iri: Iri, dataset: Dataset | None, number: int) -> tuple[dict[Triple, None], bool]:
    """Give what a page says of the thing, and whether there is a next one: its statements, then those to it.

    The first also has its blank nodes, its parts (``<iri#…>``) and the claims about it.
    """
    said, pointing, more = _window(store, iri, dataset, number)
    found = dict.fromkeys((*said, *pointing))
    if number == 1:
        whole = not more or bool(pointing)
        for name in ("whole" if whole else "blank-nodes", "parts", "claims"):
            query = bind(engine_query(f"engine/{name}"), {"this": iri})
            found.update(dict.fromkeys(store.construct(query, dataset)))
    return found, more


def _window(store: Store, iri: Iri, dataset: Dataset | None, number: int) -> tuple[list[Triple], list[Triple], bool]:
    """Give the statements of a page: first those of the entity, then those to it."""
    start = (number - 1) * STATEMENTS
    counted = store.select(bind(engine_query("engine/statement-count"), {"this": iri}), dataset)
    total = int(str(counted.rows[0]["n"]))
    said: list[Triple] = []
    if start < total:
        part, text = (STATEMENTS, start), engine_query("engine/statements-of")
        found = window(store, text, "ORDER BY ?p ?o", {"this": iri}, dataset, part, total)
        said = [(iri, predicate, row["o"]) for row in found if isinstance(predicate := row["p"], Iri)]
    room = STATEMENTS - len(said)
    part = (room + 1, max(0, start - total))
    rows = window(store, engine_query("engine/statements-to"), "ORDER BY ?p ?s", {"this": iri}, dataset, part)
    pointing: list[Triple] = [
        (subject, predicate, iri)
        for row in rows[:room]
        if isinstance(subject := row["s"], Iri | BlankNode) and isinstance(predicate := row["p"], Iri)
    ]
    return said, pointing, len(rows) > room or start + STATEMENTS < total


def _names(store: Store, things: Iterable[Iri]) -> Iterator[Triple]:
    ordered = sorted(things)
    for start in range(0, len(ordered), _BATCH):
        batch = [(thing,) for thing in ordered[start : start + _BATCH]]
        yield from store.construct(bind_rows(engine_query("engine/names"), ("thing",), batch))


def _head(iri: Iri, about: DocumentHead, more: bool) -> Iterator[Triple]:
    """Say what the document is, and where its other pages are."""
    facts: list[tuple[str, Term | None]] = [
        (RDF_TYPE, Iri(_FOAF + "Document")),
        (_FOAF + "primaryTopic", iri),
        (PREFIXES["void"] + "inDataset", about.dataset),
        (PREFIXES["dcterms"] + "license", about.licence),
    ]
    yield from ((about.document, Iri(predicate), value) for predicate, value in facts if value is not None)
    if about.page > 1 or more:
        view = about.at(about.page) if about.page > 1 else Iri(f"{about.document}#page")
        yield about.document, Iri(_HYDRA + "view"), view
        yield view, RDF_TYPE, Iri(_HYDRA + "PartialCollectionView")
        yield view, Iri(_HYDRA + "first"), about.document
        if about.page > 1:
            yield view, Iri(_HYDRA + "previous"), about.at(about.page - 1)
        if more:
            yield view, Iri(_HYDRA + "next"), about.at(about.page + 1)
