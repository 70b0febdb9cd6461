"""Input files to triples: Turtle, TriG, N-Triples, N-Quads, JSON-LD, RDF/XML, with the place of an error."""

import codecs
import hashlib
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import IO, Final, cast

import pyoxigraph as ox

from app.content.packed import inner_suffix, is_gzip, open_packed
from app.errors import ContentError
from app.mediatypes import JSON_LD, N_QUADS, N_TRIPLES, RDF_XML, TRIG, TURTLE, Format
from app.namespaces import PREFIXES
from app.progress import note
from app.store.engine import RDF_FORMATS
from app.terms import BlankNode, Iri, Literal, Quad, Term

READABLE: Final[dict[str, Format]] = {
    **{f".{kind.suffix}": kind for kind in (TURTLE, TRIG, N_TRIPLES, N_QUADS, JSON_LD, RDF_XML)},
    # As editors of ontologies save RDF/XML.
    ".owl": RDF_XML,
    ".xml": RDF_XML,
}
_PLACE: Final = re.compile(r"^Parser error (?:at|between) line \d+ .*?: ", re.DOTALL)
_CHUNK: Final = 1 << 20
# So many quads are looked at together.
_BLOCK: Final = 1000
# In lines of quads: perhaps a blank node, a triple term, a text direction; with a backslash, an escape by number.
_ODD: Final = ("_:", "<<", "--")


@dataclass(frozen=True, slots=True)
class InputFile:
    """One file of a content: where it is, its name below the content's root, its graph, its top folder.

    ``graph`` is None for ``data/dataset.ttl`` and query files, which are no graph of their own. ``member`` is the name
    of a file in the archive at ``path``.
    """

    path: Path
    name: str
    graph: Iri | None
    folder: str
    member: str = ""

    @property
    def format(self) -> Format | None:
        """The RDF format by the file's suffix, in letters of any case, or None."""
        return READABLE.get(inner_suffix(self.name if self.member else self.path.name))

    @property
    def packed(self) -> bool:
        """Whether the file is compressed, or in an archive: it can be read, and is never written."""
        return bool(self.member) or is_gzip(self.path.name)

    @property
    def editable(self) -> bool:
        """Whether we write the file: what is compressed, and other formats than Turtle, stay as they are."""
        return self.format == TURTLE and not self.packed

    def open(self) -> IO[bytes]:
        """Open the file for reading, unpacked. Raises ContentError, also while it is read, and OSError."""
        return open_packed(self.path, self.member, self.name) if self.packed else self.path.open("rb")


def read(file: InputFile, base: str) -> Iterator[Quad]:
    """Give the triples of a file with the graph each is in: the one named inside, else the file's.

    Blank nodes are renamed by file and order, so that files never share one and a build can be repeated.
    Raises ContentError.
    """
    return cast("Iterator[Quad]", lines(file, base, None))


def lines(file: InputFile, base: str, watched: Iterable[str] | None) -> Iterator[Quad | list[str]]:
    """Give what ``read`` gives, but plain triples as lists of canonical N-Quads lines: in a fifth of the time.

    Not plain are those with blank nodes, the first of each graph, and those with a predicate that is watched and a
    value without language; all, where nothing is said to be watched.
    """
    note(file=file.name)
    _check_encoding(file)
    with _past_mark(file) as stream:
        yield from _parse(stream, file, base, watched)


def _past_mark(file: InputFile) -> IO[bytes]:
    """Open a file where its text begins: after a byte order mark, where it has one."""
    stream = file.open()
    if stream.read(3) != codecs.BOM_UTF8:
        stream.seek(0)
    return stream


def parse(stream: IO[bytes], file: InputFile, base: str) -> Iterator[Quad]:
    """Give the triples of a stream, read as the file would be. Raises ContentError."""
    return cast("Iterator[Quad]", _parse(stream, file, base, None))


def _parse(stream: IO[bytes], file: InputFile, base: str, watched: Iterable[str] | None) -> Iterator[Quad | list[str]]:
    form = file.format
    if form is None:
        kinds = " ".join(READABLE)
        raise ContentError(
            file.name,
            f"this kind of file is not read; use one of {kinds}",
            f"denne filtypen leses ikke; bruk en av {kinds}",
        )
    terms = _Terms(file)
    try:
        quads = ox.parse(stream, format=RDF_FORMATS[form], base_iri=base)
        if watched is None or file.graph is None:
            yield from map(terms.quad, quads)
            return
        plain = _PlainLines(file.graph, watched)
        for block in _blocks(quads):
            if found := plain.lines(block):
                yield found
                continue
            for quad in block:
                yield plain.lines([quad]) or terms.quad(quad)
                plain.seen.add(quad.graph_name)
    except SyntaxError as error:
        raise _explained(file, error) from error
    except MemoryError as error:  # the engine's parsers hold a token of so many bytes at most
        size = re.search(r"\d+", str(error))
        if size is None:
            raise
        en = f"a single literal or IRI has more than {size[0]} bytes; keep such data elsewhere and link to it"
        nb = f"én literal eller IRI har mer enn {size[0]} byte; legg slike data et annet sted, og lenk dit"
        raise ContentError(file.name, en, nb) from error


def _blocks(quads: Iterator[ox.Quad]) -> Iterator[list[ox.Quad]]:
    """Give quads together. What stands before an error of syntax is given before it is raised."""
    while True:
        block: list[ox.Quad] = []
        try:
            block.extend(islice(quads, _BLOCK))
        except SyntaxError:
            yield block
            raise
        if not block:
            return
        yield block


class _PlainLines:
    """The lines of the plain triples of a file, whose graphs' names are in ``seen``."""

    def __init__(self, graph: Iri, watched: Iterable[str]) -> None:
        self.seen: set[object] = set()
        self._end = f" <{graph}> .\n"
        predicates = "|".join(map(re.escape, watched))
        # The last quotation mark of the line has no language after it.
        self._watched = re.compile(f'> <(?:{predicates})> (?!.*"@[^"\n]*$)', re.MULTILINE)

    def lines(self, quads: list[ox.Quad]) -> list[str] | None:
        """Give the canonical lines of quads in one graph, None when not all are plain."""
        graphs = {quad.graph_name for quad in quads}
        if len(graphs) > 1 or not graphs <= self.seen:
            return None
        found = [str(quad) for quad in quads]
        text = "\n" + "\n".join(found)
        escaped = "\\" in text and "\\u" in text  # to look for one character first takes next to no time
        if escaped or any(sign in text for sign in _ODD) or self._watched.search(text):
            return None
        end = self._end if ox.DefaultGraph() in graphs else " .\n"
        return [line + end for line in found]


class _Terms:
    """The engine's quads of a file as plain values."""

    def __init__(self, file: InputFile) -> None:
        self._file = file
        self._marker = hashlib.sha256(file.name.encode()).hexdigest()[:8]
        self._blank: dict[str, BlankNode] = {}

    def quad(self, quad: ox.Quad) -> Quad:
        """Give a triple and its graph. Raises ContentError."""
        subject, predicate, value = self._term(quad.subject), Iri(quad.predicate.value), self._term(quad.object)
        assert not isinstance(subject, Literal)
        name = quad.graph_name
        if isinstance(name, ox.BlankNode):
            raise ContentError(
                self._file.name,
                f"graph _:{name.value} has no IRI; give the graph a name",
                f"grafen _:{name.value} har ingen IRI; gi grafen et navn",
            )
        return (subject, predicate, value), Iri(name.value) if isinstance(name, ox.NamedNode) else self._file.graph

    def _term(self, value: ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple) -> Term:
        if isinstance(value, ox.NamedNode):
            return Iri(value.value)
        if isinstance(value, ox.BlankNode):
            return self._blank.setdefault(value.value, BlankNode(f"f{self._marker}n{len(self._blank)}"))
        if isinstance(value, ox.Literal) and value.direction is None:
            return Literal(value.value, value.language, Iri(value.datatype.value))
        raise ContentError(
            self._file.name,
            f"triple terms and text direction (RDF 1.2) are not supported: {value}",
            f"trippelledd og skriveretning (RDF 1.2) støttes ikke: {value}",
        )


def prefixes(file: InputFile, base: str) -> dict[str, str]:
    """Give the prefixes that a readable Turtle or TriG file declares itself."""
    form = file.format
    if form not in (TURTLE, TRIG):
        return {}
    with _past_mark(file) as stream:
        parser = ox.parse(stream, format=RDF_FORMATS[form], base_iri=base)
        for _ in parser:
            pass
        return dict(parser.prefixes)


def _check_encoding(file: InputFile) -> None:
    decoder = codecs.getincrementaldecoder("utf-8")()
    done, lines = 0, 0
    with file.open() as stream:
        while True:
            chunk = stream.read(_CHUNK)
            kept = len(decoder.getstate()[0])
            try:
                decoder.decode(chunk, final=not chunk)
            except UnicodeDecodeError as error:
                start = done - kept + error.start
                line = lines + 1 + error.object[: error.start].count(b"\n")
                wrong = f"0x{error.object[error.start]:02x}"
                raise ContentError(
                    file.name,
                    f"is not UTF-8: byte {wrong} at offset {start}; save the file as UTF-8",
                    f"er ikke UTF-8: byte {wrong} på plass {start}; lagre filen som UTF-8",
                    line,
                ) from error
            if not chunk:
                return
            done += len(chunk)
            lines += chunk.count(b"\n")


def _explained(file: InputFile, error: SyntaxError) -> ContentError:
    """Say in plain words what the parser did not understand."""
    text = _PLACE.sub("", error.msg)
    nb = f"kan ikke leses: {text}"
    if match := re.search(r"(?:prefix (\S*:) has not been declared|Unknown prefix (\S*:))", text):
        prefix = match.group(1) or match.group(2)
        known = PREFIXES.get(prefix[:-1], "…")
        if file.format in (TURTLE, TRIG):
            text = f"prefix {prefix} is not declared; write: PREFIX {prefix} <{known}>"
            nb = f"prefikset {prefix} er ikke erklært; skriv: PREFIX {prefix} <{known}>"
        else:
            text, nb = f"prefix {prefix} is not declared", f"prefikset {prefix} er ikke erklært"
    elif "No scheme found in an absolute IRI" in text:
        text = "relative IRI; write the whole IRI"
        nb = "relativ IRI; skriv hele IRI-en"
    elif "LoadDocumentCallback" in text:
        text = "a remote @context is not fetched; write the context into the file"
        nb = "en @context på nettet blir ikke hentet; skriv konteksten i filen"
    elif "Unexpected end" in text:
        text = f"the file ends in the middle of a statement ({text.lower()})"
        nb = "filen slutter midt i en setning"
    return ContentError(file.name, text, nb, error.lineno, error.offset)
