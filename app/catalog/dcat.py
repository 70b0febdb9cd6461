"""The catalog by DCAT-AP 3 and DCAT-AP-NO 3: one dataset with its versions, files and services, and its model.

What it says is in the query files of ``app/defaults/queries/catalog``, over what the dataset says of itself; here are
the rows that only a build knows. All IRIs are of the base; addresses among them (``LOCATIONS``) are those of the
serving place when it is served.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from app.catalog.dumps import Dump
from app.config import defaults
from app.content.reading import InputFile, read
from app.namespaces import DCTERMS_DESCRIPTION, RDF_TYPE, iris
from app.query.binding import bind, bind_rows
from app.query.library import engine_query
from app.store.embedded import EmbeddedStore
from app.terms import Iri, Literal, Term, Triple, typed

_TITLE, _BYTE_SIZE = iris("dcterms:title dcat:byteSize")
# Graphs that the queries name.
_MADE: Final = Iri("urn:x-innherred:made")
_AUTHORITIES: Final = Iri("urn:x-innherred:authorities")
# Properties whose values are addresses, not names: a client is to go there.
LOCATIONS: Final = frozenset(
    iris("dcat:accessURL dcat:downloadURL dcat:endpointDescription dcat:endpointURL dcat:landingPage")
    + iris("foaf:homepage foaf:page void:dataDump void:sparqlEndpoint")
)


@dataclass(frozen=True, slots=True)
class Version:
    """A version of the dataset: its name (the first 12 of the digest), the date it is as of, when it was built.

    Title and description are what the dataset was called then, by language; none for the one that is described now.
    """

    name: str
    as_of: str
    built: str
    title: Mapping[str, str] | None = None
    description: Mapping[str, str] | None = None


def dcat_catalog(
    given: Sequence[Triple],
    models: Sequence[Triple],
    terms: Mapping[str, Term],
    files: Sequence[Dump],
    versions: Sequence[Version],
) -> list[Triple]:
    """Give the triples of the catalog: what is ``given`` of the dataset and its publisher, and all that is known.

    ``models`` describes what the data conforms to; ``terms`` are the ?base, ?catalog and ?dataset of the queries.
    ``files`` hold the whole dataset each. Of the ``versions`` that are kept the newest, this one, is first.
    """
    known = [(triple, None) for triple in given]
    store = EmbeddedStore.in_memory(known)
    made = list(models)
    values = {**terms, "version": Literal(versions[0].name), "as_of": typed(versions[0].as_of, "date")}
    for name in ("dataset", "texts", "services"):
        made += store.construct(bind(engine_query(f"catalog/{name}"), values))
    rows: list[list[Term]] = [
        [Literal(dump.name), typed(dump.size, "integer"), typed(dump.sha256, "hexBinary")] for dump in files
    ]
    query = bind(engine_query("catalog/distributions"), values)
    made += store.construct(bind_rows(query, ("name", "size", "sha256"), rows))
    made += store.construct(_versions(bind(engine_query("catalog/versions"), terms), given, versions, terms["dataset"]))
    authorities = [(triple, _AUTHORITIES) for triple in default_triples("authorities.ttl")]
    store = EmbeddedStore.in_memory([*known, *authorities, *((triple, _MADE) for triple in made)])
    made += store.construct(bind(engine_query("catalog/shared"), terms))
    store = EmbeddedStore.in_memory([*known, *authorities, *((triple, None) for triple in made)])
    return [*dict.fromkeys((*given, *made, *store.construct(engine_query("catalog/ranges"))))]


def _versions(query: str, given: Iterable[Triple], versions: Sequence[Version], dataset: Term) -> str:
    """Put the versions into their query: name and dates, and the texts that each has or the dataset has now."""
    names = [version.name for version in versions]
    before = {**dict(pairwise(names)), names[-1]: ""}
    rows = [
        [Literal(v.name), typed(v.as_of, "date"), typed(v.built, "dateTime"), Literal(before[v.name])] for v in versions
    ]
    query = bind_rows(query, ("name", "date", "built", "before"), rows)
    now = {p: [o for s, each, o in given if (s, each) == (dataset, p)] for p in (_TITLE, DCTERMS_DESCRIPTION)}
    for variable, predicate in (("called", _TITLE), ("description", DCTERMS_DESCRIPTION)):
        texts: list[list[Term]] = []
        for version in versions:
            then = version.title if predicate == _TITLE else version.description
            told = now[predicate] if then is None else [Literal(text, tag or None) for tag, text in then.items()]
            texts += ([Literal(version.name), text] for text in told if isinstance(text, Literal))
        query = bind_rows(query, ("name", variable), texts)
    return query


def default_triples(name: str) -> list[Triple]:
    """Read a Turtle file of ``app/defaults``."""
    path = defaults() / name
    return [triple for triple, _ in read(InputFile(path, path.name, None, "defaults"), "http://localhost/")]


def located(triples: Iterable[Triple], base: str, place: str) -> list[Triple]:
    """Give triples with addresses below the base turned into those of the serving place (both end in ``/``).

    What is described below an old address stays below its name: only what is gone to is moved. An address that is
    moved keeps the types it had under its name.
    """
    moved: dict[Term, Iri] = {}
    found = []
    for subject, predicate, value in triples:
        target: Term = value
        if predicate == _BYTE_SIZE:  # the engine keeps every whole number as xsd:integer
            target = typed(str(value), "nonNegativeInteger")
        if predicate in LOCATIONS and isinstance(value, Iri) and value.startswith(base):
            target = moved[value] = Iri(place + value.removeprefix(base))
        found.append((subject, predicate, target))
    return found + [(moved[s], p, o) for s, p, o in found if s in moved and p == RDF_TYPE]
