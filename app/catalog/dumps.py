"""Files to download, the same bytes for the same dataset: whole, the default graph, each named graph.

all.nq.gz all.trig.gz all.jsonld.gz   the named graphs (canonical N-Quads; TriG; JSON-LD)
default.ttl.gz                        the default graph
graph-<name>.ttl.gz                   each named graph, when there are not too many
SHA256SUMS                            checksums, as sha256sum -c reads them
"""

import gzip
import hashlib
import re
import shutil
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing, contextmanager, nullcontext
from dataclasses import dataclass
from itertools import groupby, islice
from pathlib import Path
from typing import IO, Final, cast

import pyoxigraph as ox

from app.content.canonical import canonical_line
from app.content.sorting import sorted_lines
from app.generation import Generation
from app.mediatypes import DATASET_FORMATS, JSON_LD, N_QUADS, TRIG, TURTLE, Format
from app.query.binding import bind
from app.query.library import engine_query
from app.store import jsonld
from app.store.embedded import EmbeddedStore
from app.store.engine import RDF_FORMATS, quad_from_engine
from app.store.interface import Store
from app.terms import Dataset, Iri, Literal

CHECKSUMS: Final = "SHA256SUMS"
_LINE: Final = re.compile(r"([0-9a-f]{64}) [ *](\S+)")


@dataclass(frozen=True, slots=True)
class Dump:
    """A file to download: name, size in bytes, SHA-256."""

    name: str
    size: int
    sha256: str

    @property
    def of_graph(self) -> bool:
        """Whether it holds one named graph, not the whole."""
        return self.name.startswith("graph-")

    @property
    def plain(self) -> str:
        """The name without the compression: what it is called where gzip is but its coding on the way."""
        return self.name.removesuffix(".gz")

    @property
    def format(self) -> Format:
        """The format inside the compression; raises StopIteration for a name that is none of ours."""
        suffix = self.plain.rpartition(".")[2]
        return next(each for each in (N_QUADS, TRIG, JSON_LD, TURTLE) if each.suffix == suffix)


def read_dumps(folder: Path) -> list[Dump]:
    """Give the dumps of a folder, as its list of checksums names them; none when it has no list."""
    try:
        lines = (folder / CHECKSUMS).read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        return []
    found = (match.groups() for line in lines if (match := _LINE.fullmatch(line)))
    return [Dump(name, (folder / name).stat().st_size, checksum) for checksum, name in found]


MOST_GRAPHS: Final = 200
# So many lines are parsed at once.
_AT_ONCE: Final = 1000


def dump_name(graph: str, base: str) -> str:
    """Give the file name of a named graph's dump."""
    space = f"{base}graph/"
    if graph.startswith(space) and re.fullmatch(r"[A-Za-z0-9._/-]+", graph[len(space) :]):
        return f"graph-{graph[len(space) :].replace('/', '-')}.ttl.gz"
    return f"graph-{hashlib.sha256(graph.encode()).hexdigest()[:12]}.ttl.gz"


def write_dumps(folder: Path, lines: Path, merged: Iterable[Iri], base: str, prefixes: Mapping[str, str]) -> None:
    """Write all dumps of the canonical N-Quads in a file into a new folder.

    ``merged`` are the named graphs whose set merge is the default graph.
    """
    folder.mkdir()
    with lines.open("rb") as source, compressed(folder / "all.nq.gz") as target:
        shutil.copyfileobj(source, target)
    safe = safe_prefixes(read_lines(lines), prefixes)
    for form in (TRIG, JSON_LD):
        with compressed(folder / f"all.{form.suffix}.gz") as target:
            write_dataset(read_lines(lines), target, form, safe if form == JSON_LD else prefixes)
    inside = {f" <{graph}> .\n" for graph in merged}
    with compressed(folder / "default.ttl.gz") as target:
        default = (_triple(line) for line in read_lines(lines) if line[line.rindex(" <") :] in inside)
        write_graph(sorted_lines(default), target, TURTLE, prefixes)
    if len({_graph(line) for line in read_lines(lines)}) <= MOST_GRAPHS:
        for graph, group in groupby(_by_graph(read_lines(lines)), key=_graph):
            with compressed(folder / dump_name(graph, base)) as target:
                write_graph((_triple(line) for line in group), target, TURTLE, prefixes)
    _write_checksums(folder)


def write_dataset(lines: Iterable[str], target: IO[bytes], form: Format, prefixes: Mapping[str, str]) -> None:
    """Write N-Quads lines as N-Quads, TriG or JSON-LD, grouped by graph where the format groups.

    For JSON-LD the prefixes must be safe for the lines (``safe_prefixes``).
    """
    if form == N_QUADS:
        target.writelines(line.encode() for line in lines)
        return
    quads = _quads(_by_graph(lines))
    if form == TRIG:
        _serialize(quads, target, form, prefixes)
    else:
        target.writelines(jsonld.quads(map(quad_from_engine, quads), prefixes))


def write_graph(lines: Iterable[str], target: IO[bytes], form: Format, prefixes: Mapping[str, str]) -> None:
    """Write N-Triples lines in a graph format."""
    triples = (ox.Triple(quad.subject, quad.predicate, quad.object) for quad in _quads(lines))
    _serialize(triples, target, form, prefixes if form == TURTLE else {})


def write_export(
    generation: Generation,
    target: IO[bytes],
    form: Format,
    store: Store | None = None,
    *,
    graph: Iri | None = None,
    dataset: Dataset | None = None,
    language: str | None = None,
) -> None:
    """Write a generation to a binary stream, the same bytes each time.

    With graph that named graph, with a language its texts in that one alone; with dataset the merge of its default
    graphs; with neither the whole: the named graphs in N-Quads, TriG and JSON-LD, the default graph in other formats.
    ``store`` is another one that holds it, with names of its own for blank nodes. Raises QueryError.
    """
    prefixes = generation.manifest.prefixes
    if graph is None and dataset is None and form in DATASET_FORMATS:
        lines = generation.dumps / "all.nq.gz"
        if form == JSON_LD:
            prefixes = safe_prefixes(read_lines(lines), prefixes)
        write_dataset(read_lines(lines), target, form, prefixes)
        return
    with nullcontext(store) if store else closing(EmbeddedStore.open(generation.store)) as asked:
        if graph is not None and language is not None:
            query = bind(engine_query("engine/one-language"), {"graph": graph, "language": Literal(language)})
            triples = asked.construct(query)
        else:
            chosen = Dataset(default=(graph,)) if graph is not None else dataset
            triples = asked.construct(engine_query("engine/triples"), chosen)
        write_graph(sorted_lines(canonical_line(triple, None) for triple in triples), target, form, prefixes)


@contextmanager
def compressed(path: Path) -> Iterator[IO[bytes]]:
    """Open a file for writing with gzip: no name and no time inside, so that equal data are equal bytes."""
    with path.open("wb") as file, gzip.GzipFile("", "wb", compresslevel=6, fileobj=file, mtime=0) as stream:
        yield cast("IO[bytes]", stream)


def read_lines(path: Path) -> Iterator[str]:
    """Give the lines of a text file, which may be compressed (``.gz``)."""
    opened = gzip.open if path.suffix == ".gz" else open
    with opened(path, "rt", encoding="utf-8", newline="\n") as file:
        yield from file


def safe_prefixes(lines: Iterable[str], prefixes: Mapping[str, str]) -> dict[str, str]:
    """Give the prefixes that JSON-LD can use for N-Quads lines: those that are no scheme in them."""
    named = "|".join(re.escape(prefix) for prefix in prefixes if prefix)
    pattern = re.compile(f"<({named}):(?!//)")
    return jsonld.safe(prefixes, (f"{scheme}:" for line in lines for scheme in pattern.findall(line)))


def _graph(line: str) -> str:
    """Give the graph of an N-Quads line: what stands after the last `` <``, which no IRI can hold."""
    return line[line.rindex(" <") + 2 : -4]


def _triple(line: str) -> str:
    """Give the N-Triples line of an N-Quads line in a named graph."""
    return line[: line.rindex(" <")] + " .\n"


def _by_graph(lines: Iterable[str]) -> Iterator[str]:
    """Sort by graph, then by line."""
    return (text.partition(" ")[2] for text in sorted_lines(f"{_graph(line)} {line}" for line in lines))


def _quads(lines: Iterable[str]) -> Iterator[ox.Quad]:
    waiting = iter(lines)
    while part := "".join(islice(waiting, _AT_ONCE)):
        yield from ox.parse(part, format=ox.RdfFormat.N_QUADS)


class _OrderedPrefixes:
    """A binary file that sorts the prefix lines: the serialiser writes them in another order in each process."""

    def __init__(self, target: IO[bytes], prefixes: Mapping[str, str]) -> None:
        self._target = target
        self._head = "".join(sorted(f"@prefix {name}: <{space}> .\n" for name, space in prefixes.items())).encode()
        self._skip = len(self._head)

    def write(self, data: bytes) -> int:
        """Take bytes; in place of the serialiser's first ones, its prefix lines, stand the sorted lines."""
        self._target.write(self._head + data[self._skip :])
        self._head, self._skip = b"", max(0, self._skip - len(data))
        return len(data)

    def flush(self) -> None:
        """Nothing to do: the target flushes itself."""


def _serialize(
    items: Iterable[ox.Quad] | Iterable[ox.Triple], target: IO[bytes], form: Format, prefixes: Mapping[str, str]
) -> None:
    ordered = cast("IO[bytes]", _OrderedPrefixes(target, prefixes))
    ox.serialize(items, ordered, RDF_FORMATS[form], prefixes=dict(prefixes))


def _write_checksums(folder: Path) -> None:
    lines = []
    for path in sorted(folder.iterdir()):
        with path.open("rb") as file:
            lines.append(f"{hashlib.file_digest(file, 'sha256').hexdigest()}  {path.name}\n")
    (folder / CHECKSUMS).write_text("".join(lines), encoding="utf-8")
