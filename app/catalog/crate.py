"""The RO-Crate of a release (Research Object Crate 1.1): one zip with all of it, described, ready to deposit."""

import io
import json
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import closing
from pathlib import Path
from types import MappingProxyType
from typing import IO, Any, Final, cast

from app.catalog.citation import Agent, Reference, chosen, one_line, reference
from app.catalog.dumps import write_export
from app.generation import Generation
from app.mediatypes import CSL, JSON_LD, N_QUADS, TRIG, TURTLE
from app.store.embedded import EmbeddedStore
from app.terms import Iri

METADATA: Final = "ro-crate-metadata.json"
PROFILE: Final = "https://w3id.org/ro/crate"
_CONTEXT: Final = f"{PROFILE}/1.1/context"
# The graphs that are written as files of their own, too: what the data is written and checked by.
_MODEL: Final = ("ontology", "shapes")
_NO_TABLES: Final[Mapping[str, bytes]] = MappingProxyType({})
_TABLES: Final = "`tables/` holds what is asserted as CSV, described by `csv-metadata.json` (W3C, CSV on the Web)."
_TYPES: Final = {
    **{f".{each.suffix}": each.media_type for each in (N_QUADS, TRIG, JSON_LD, TURTLE, CSL)},
    ".csv": "text/csv",
    ".json": "application/csvm+json",  # of the tables: the description of the crate itself is no part of it
    ".rq": "application/sparql-query",
    ".md": "text/markdown",
    ".cff": "application/yaml",
    ".bib": "application/x-bibtex",
}


def write_crate(generation: Generation, name: str, target: Path, tables: Mapping[str, bytes] = _NO_TABLES) -> None:
    """Write the crate of a generation that is released under a name: equal bytes for an equal generation.

    ``tables`` are files of CSV on the Web by name: its data as people read them.
    """
    manifest = generation.manifest
    address = f"{manifest.base}version/{manifest.version}"
    languages = ("en", *manifest.languages)
    with closing(EmbeddedStore.open(generation.store)) as store:
        about = reference(store, manifest, languages, address)
    day = cast("tuple[int, int, int]", tuple(int(part) for part in manifest.built[:10].split("-")))
    with zipfile.ZipFile(target, "w") as crate:
        sizes: dict[str, int] = {}
        for path, content in _files(generation, name, about, tables):
            entry = zipfile.ZipInfo(path, (*day, 0, 0, 0))
            entry.external_attr = 0o644 << 16
            entry.compress_type = zipfile.ZIP_STORED if path.endswith(".gz") else zipfile.ZIP_DEFLATED
            with content as source, crate.open(entry, "w", force_zip64=True) as file:
                while part := source.read(1 << 20):
                    file.write(part)
            sizes[path] = entry.file_size
        entry = zipfile.ZipInfo(METADATA, (*day, 0, 0, 0))
        entry.external_attr, entry.compress_type = 0o644 << 16, zipfile.ZIP_DEFLATED
        text = json.dumps(_metadata(generation, name, about, sizes), ensure_ascii=False, indent=1)
        crate.writestr(entry, text + "\n")


def _files(
    generation: Generation, name: str, about: Reference, tables: Mapping[str, bytes]
) -> Iterator[tuple[str, IO[bytes]]]:
    """Give path and content of each file, in order."""
    manifest = generation.manifest
    yield "CITATION.cff", io.BytesIO(about.cff.encode())
    yield "README.md", io.BytesIO(_readme(generation, name, about, with_tables=bool(tables)).encode())
    yield "citation.bib", io.BytesIO(about.bibtex.encode())
    yield "citation.csl", io.BytesIO(about.csl_json.encode())
    for path in sorted(each for each in generation.dumps.iterdir() if each.is_file()):
        yield f"dumps/{path.name}", path.open("rb")
    for model in _MODEL:
        graph = f"{manifest.base}graph/{model}"
        if graph in manifest.graphs:
            target = io.BytesIO()
            write_export(generation, target, TURTLE, graph=Iri(graph))
            yield f"{model}.ttl", io.BytesIO(target.getvalue())
    for path in sorted(each for each in generation.queries.rglob("*.rq") if each.is_file()):
        yield f"queries/{path.relative_to(generation.queries).as_posix()}", path.open("rb")
    for table, body in sorted(tables.items()):
        yield f"tables/{table}", io.BytesIO(body)


def digest_recipe(as_of: str, source: str = "cat dumps/all.nq.gz") -> str:
    """Give the line of shell that prints the digest of a version: of its date, and of its canonical N-Quads."""
    return f"(echo {as_of}; {source} | gunzip) | sha256sum"


def _readme(generation: Generation, name: str, about: Reference, *, with_tables: bool) -> str:
    manifest = generation.manifest
    by = ", ".join(each.name for each in about.authors)
    lines = [
        f"# {about.title}",
        f"Release {name}: version {manifest.version}, as of {manifest.as_of}. {by}",
        f"Address: <{about.url}>  \nLicence: {f'<{about.licence}>' if about.licence else 'not said'}",
        "`dumps/` holds the data (`all.nq.gz`: every named graph, canonical N-Quads), `ontology.ttl` and `shapes.ttl`",
        "what it is written and checked by, `queries/` what is asked of it, `CITATION.cff` how to cite it.",
        *(
            ["`tables/` holds what is asserted as CSV, described by `csv-metadata.json` (W3C, CSV on the Web)."]
            * with_tables
        ),
        f"Its digest is `{manifest.digest}`. This prints it:",
        f"    {digest_recipe(manifest.as_of)}",
    ]
    return "\n\n".join(lines) + "\n"


def _metadata(generation: Generation, name: str, about: Reference, sizes: dict[str, int]) -> dict[str, Any]:
    manifest = generation.manifest
    said = chosen(manifest.description.items(), ("en", *manifest.languages))
    agents = {_id(each): each for each in (*about.authors, *([about.publisher] if about.publisher else []))}
    root: dict[str, Any] = {
        "@id": "./",
        "@type": "Dataset",
        "name": f"{about.title}, {name}",
        "description": one_line(said[1]) if said else about.title,
        "datePublished": manifest.built[:10],
        "dateModified": manifest.as_of,
        "version": manifest.version,
        "identifier": [about.url, manifest.digest, *([f"https://doi.org/{about.doi}"] if about.doi else [])],
        "url": about.url,
        "inLanguage": list(manifest.languages),
        "hasPart": [{"@id": path} for path in sizes],
    }
    if about.authors:
        root["author"] = [{"@id": _id(each)} for each in about.authors]
    if about.publisher:
        root["publisher"] = {"@id": _id(about.publisher)}
    graph: list[dict[str, Any]] = [
        {"@id": METADATA, "@type": "CreativeWork", "conformsTo": {"@id": f"{PROFILE}/1.1"}, "about": {"@id": "./"}},
        root,
    ]
    if about.licence:
        root["license"] = {"@id": about.licence}
        graph.append({"@id": about.licence, "@type": "CreativeWork", "name": about.licence})
    graph += [
        {"@id": path, "@type": "File", "name": path, "contentSize": str(size), "encodingFormat": _format(path)}
        for path, size in sizes.items()
    ]
    graph += [_described(iri, each) for iri, each in agents.items()]
    return {"@context": _CONTEXT, "@graph": graph}


def _id(agent: Agent) -> str:
    return agent.iri or f"#{one_line(agent.name)}".replace(" ", "-")


def _described(iri: str, agent: Agent) -> dict[str, str]:
    if agent.family and agent.given:
        found = {"@type": "Person", "familyName": agent.family, "givenName": agent.given}
    else:
        found = {"@type": "Organization"}
    return {"@id": iri, "name": agent.name, **found}


def _format(path: str) -> Any:
    name = path.rpartition("/")[2]
    if name.endswith(".gz"):
        return ["application/gzip", _TYPES.get(Path(name.removesuffix(".gz")).suffix, "text/plain")]
    return _TYPES.get(Path(name).suffix, "text/plain")
