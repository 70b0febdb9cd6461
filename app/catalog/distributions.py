"""The dumps as DCAT distributions: true size and checksum, media and file type, compression."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from app.catalog.authorities import EU, MEDIA_TYPES
from app.mediatypes import JSON_LD, N_QUADS, TRIG, TURTLE, Format
from app.namespaces import PREFIXES, RDF_TYPE
from app.terms import XSD, Iri, Literal, Term, Triple

CHECKSUMS: Final = "SHA256SUMS"
_LINE: Final = re.compile(r"([0-9a-f]{64}) [ *](\S+)")
_FILE_TYPES: Final = {
    N_QUADS: ("RDF_N_QUADS", "N-Quads"),
    TRIG: ("RDF_TRIG", "TriG"),
    JSON_LD: ("JSON_LD", "JSON-LD"),
    TURTLE: ("RDF_TURTLE", "Turtle"),
}


@dataclass(frozen=True, slots=True)
class Dump:
    """A file to download: name, size in bytes, SHA-256."""

    name: str
    size: int
    sha256: str

    @property
    def format(self) -> Format:
        """The format inside the compression; raises StopIteration for a name that is none of ours."""
        suffix = self.name.removesuffix(".gz").rpartition(".")[2]
        return next(each for each in _FILE_TYPES if each.suffix == suffix)


def dumps(folder: Path) -> list[Dump]:
    """Give the dumps of a folder, as its list of checksums names them; none when it has no list."""
    try:
        lines = (folder / CHECKSUMS).read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        return []
    found = (match.groups() for line in lines if (match := _LINE.fullmatch(line)))
    return [Dump(name, (folder / name).stat().st_size, checksum) for checksum, name in found]


def distributions(
    dataset: Iri, base: str, files: Iterable[Dump], parts: Mapping[str, Mapping[str, str]], licence: Iri | None
) -> Iterator[Triple]:
    """Describe each dump as a distribution of the dataset (DCAT §6.8).

    ``parts`` names by file the graph that is in it, by language; the other files hold the whole dataset.
    """
    for dump in files:
        node = Iri(f"{base}catalog#dump-{dump.name}")
        checksum = Iri(f"{base}catalog#checksum-{dump.name}")
        file_type, name = _FILE_TYPES[dump.format]
        yield dataset, Iri(PREFIXES["dcat"] + "distribution"), node
        facts: list[tuple[str, str, Term]] = [
            ("dcat", "accessURL", Iri(f"{base}dump/")),
            ("dcat", "downloadURL", Iri(f"{base}dump/{dump.name}")),
            ("dcat", "byteSize", Literal(str(dump.size), datatype=Iri(XSD + "nonNegativeInteger"))),
            ("dcat", "mediaType", Iri(MEDIA_TYPES + dump.format.media_type)),
            ("dcterms", "format", Iri(f"{EU}file-type/{file_type}")),
            ("adms", "status", Iri(f"{EU}distribution-status/COMPLETED")),
            ("spdx", "checksum", checksum),
            *_texts(dump, name, parts.get(dump.name)),
        ]
        if dump.name.endswith(".gz"):
            facts.append(("dcat", "compressFormat", Iri(MEDIA_TYPES + "application/gzip")))
        if licence is not None:
            facts.append(("dcterms", "license", licence))
        for prefix, term, value in facts:
            yield node, Iri(PREFIXES[prefix] + term), value
        yield checksum, Iri(PREFIXES["spdx"] + "algorithm"), Iri(PREFIXES["spdx"] + "checksumAlgorithm_sha256")
        value = Literal(dump.sha256, datatype=Iri(XSD + "hexBinary"))
        yield checksum, Iri(PREFIXES["spdx"] + "checksumValue"), value
    yield (
        Iri(PREFIXES["spdx"] + "checksumAlgorithm_sha256"),
        RDF_TYPE,
        Iri(PREFIXES["spdx"] + "ChecksumAlgorithm"),
    )


def _texts(dump: Dump, name: str, part: Mapping[str, str] | None) -> Iterator[tuple[str, str, Term]]:
    if part is not None:
        nb, en = (part.get(language) or part.get("") or next(iter(part.values())) for language in ("nb", "en"))
        texts = {
            "title": (f"Graf: {nb} ({name})", f"Graph: {en} ({name})"),
            "description": (
                f"Én av grafene i datasettet, «{nb}», som {name}.",
                f"One of the graphs of the dataset, “{en}”, as {name}.",
            ),
        }
    elif dump.name.startswith("default."):
        texts = {
            "title": (f"Alle fakta i én graf ({name})", f"All facts in one graph ({name})"),
            "description": (
                f"Det spørringer svarer ut fra når de ikke navngir en graf, også det som følger av regler, som {name}.",
                f"What queries answer from when they name no graph, with what follows from rules, as {name}.",
            ),
        }
    else:
        texts = {
            "title": (f"Hele datasettet ({name})", f"The whole dataset ({name})"),
            "description": (
                f"Alle grafene i datasettet, hver for seg, som {name}.",
                f"All graphs of the dataset, each by itself, as {name}.",
            ),
        }
    for term, (nb, en) in texts.items():
        yield "dcterms", term, Literal(nb, "nb")
        yield "dcterms", term, Literal(en, "en")
