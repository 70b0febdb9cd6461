"""Input files to triples: Turtle, TriG, N-Triples, N-Quads, JSON-LD, RDF/XML, with the place of an error."""

import codecs
import hashlib
import re
from collections.abc import Container, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final, cast

import pyoxigraph as ox

from app.mediatypes import JSON_LD, N_QUADS, N_TRIPLES, RDF_XML, TRIG, TURTLE, Format
from app.namespaces import PREFIXES
from app.terms import BlankNode, Iri, Literal, Subject, Term, Triple

READABLE: Final[dict[str, Format]] = {
    f".{kind.suffix}": kind for kind in (TURTLE, TRIG, N_TRIPLES, N_QUADS, JSON_LD, RDF_XML)
}
_ENGINE_FORMAT: Final = {
    TURTLE: ox.RdfFormat.TURTLE,
    TRIG: ox.RdfFormat.TRIG,
    N_TRIPLES: ox.RdfFormat.N_TRIPLES,
    N_QUADS: ox.RdfFormat.N_QUADS,
    JSON_LD: ox.RdfFormat.JSON_LD,
    RDF_XML: ox.RdfFormat.RDF_XML,
}
_PLACE: Final = re.compile(r"^Parser error (?:at|between) line \d+ .*?: ", re.DOTALL)
_CHUNK: Final = 1 << 20


@dataclass(frozen=True, slots=True)
class InputFile:
    """One file of a content: where it is, its name below the content's root, its graph, its top folder.

    ``graph`` is None for ``data/dataset.ttl`` and query files, which are no graph of their own.
    """

    path: Path
    name: str
    graph: Iri | None
    folder: str

    @property
    def format(self) -> Format | None:
        """The RDF format by the file's suffix, or None."""
        return READABLE.get(self.path.suffix)


class ContentError(Exception):
    """What cannot be read in a content: file below the root, line, column (from 1), messages by language."""

    def __init__(
        self,
        path: str,
        message: str,
        nb: str | None = None,
        line: int | None = None,
        column: int | None = None,
    ) -> None:
        """Keep the parts; ``nb`` is the message in Norwegian, where there is one."""
        place = ":".join(str(part) for part in (path, line, column) if part is not None)
        super().__init__(f"{place}: {message}")
        self.path = path
        self.line = line
        self.column = column
        self.message = message
        self.messages = {"en": message} | ({"nb": nb} if nb else {})

    def text(self, language: str) -> str:
        """Give place and message in a language, else in English."""
        return str(self).removesuffix(self.message) + self.messages.get(language, self.message)


def read(file: InputFile, base: str) -> Iterator[tuple[Triple, Iri | None]]:
    """Give the triples of a file with the graph each is in: the one named inside, else the file's.

    Blank nodes are renamed by file and order, so that files never share one and a build can be repeated.
    Raises ContentError.
    """
    return cast("Iterator[tuple[Triple, Iri | None]]", _read(file, base, None))


def lines(file: InputFile, base: str, watched: Container[str]) -> Iterator[tuple[Triple, Iri | None] | str]:
    """Give what ``read`` gives, but plain triples as canonical N-Quads lines, which takes a third of the time.

    Not plain are those with blank nodes, the first of each graph, and those with a predicate that is watched and a
    value without language.
    """
    yield from _read(file, base, watched)


def _read(file: InputFile, base: str, watched: Container[str] | None) -> Iterator[tuple[Triple, Iri | None] | str]:
    _check_encoding(file)
    with file.path.open("rb") as stream:
        if stream.read(3) != codecs.BOM_UTF8:
            stream.seek(0)
        yield from _parse(stream, file, base, watched)


def parse(stream: IO[bytes], file: InputFile, base: str) -> Iterator[tuple[Triple, Iri | None]]:
    """Give the triples of a stream, read as the file would be. Raises ContentError."""
    return cast("Iterator[tuple[Triple, Iri | None]]", _parse(stream, file, base, None))


def _parse(
    stream: IO[bytes], file: InputFile, base: str, watched: Container[str] | None
) -> Iterator[tuple[Triple, Iri | None] | str]:
    form = file.format
    if form is None:
        kinds = " ".join(READABLE)
        raise ContentError(
            file.name,
            f"this kind of file is not read; use one of {kinds}",
            f"denne filtypen leses ikke; bruk en av {kinds}",
        )
    marker = hashlib.sha256(file.name.encode()).hexdigest()[:8]
    blank: dict[str, BlankNode] = {}

    def term(value: ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple) -> Term:
        if isinstance(value, ox.NamedNode):
            return Iri(value.value)
        if isinstance(value, ox.BlankNode):
            return blank.setdefault(value.value, BlankNode(f"f{marker}n{len(blank)}"))
        if isinstance(value, ox.Literal) and value.direction is None:
            return Literal(value.value, value.language, Iri(value.datatype.value))
        raise ContentError(
            file.name,
            f"triple terms and text direction (RDF 1.2) are not supported: {value}",
            f"trippelledd og skriveretning (RDF 1.2) støttes ikke: {value}",
        )

    def subject(value: ox.NamedNode | ox.BlankNode | ox.Triple) -> Subject:
        found = term(value)
        assert not isinstance(found, Literal)
        return found

    plain = _Plain(file, watched) if watched is not None and file.graph is not None else None
    try:
        for quad in ox.parse(stream, format=_ENGINE_FORMAT[form], base_iri=base):
            if plain and (text := plain.line(quad)):
                yield text
                continue
            triple = subject(quad.subject), Iri(quad.predicate.value), term(quad.object)
            name = quad.graph_name
            if isinstance(name, ox.NamedNode):
                yield triple, Iri(name.value)
            elif isinstance(name, ox.BlankNode):
                raise ContentError(
                    file.name,
                    f"graph _:{name.value} has no IRI; give the graph a name",
                    f"grafen _:{name.value} har ingen IRI; gi grafen et navn",
                )
            else:
                yield triple, file.graph
    except SyntaxError as error:
        raise _explained(file, error) from error


class _Plain:
    """The lines of the plain triples of a file."""

    def __init__(self, file: InputFile, watched: Container[str]) -> None:
        self._default, self._watched = f" <{file.graph}> .\n", watched
        # How a line ends, for the graphs that have been seen.
        self._ends: dict[object, str] = {}

    def line(self, quad: ox.Quad) -> str | None:
        """Give the canonical line of a quad, None when it is not plain."""
        graph = quad.graph_name
        if (end := self._ends.get(graph)) is None:
            self._ends[graph] = " .\n" if isinstance(graph, ox.NamedNode) else self._default
            return None
        text = str(quad)
        # Perhaps a blank node, a triple term, a text direction, an escape by number.
        if text[0] != "<" or " _:" in text or "<<" in text or "--" in text or "\\u" in text:
            return None
        if quad.predicate.value in self._watched and not text[text.rfind('"') + 1 :].startswith("@"):
            return None
        return text + end


def prefixes(file: InputFile, base: str) -> dict[str, str]:
    """Give the prefixes that a readable Turtle or TriG file declares itself."""
    form = file.format
    if form not in (TURTLE, TRIG):
        return {}
    with file.path.open("rb") as stream:
        parser = ox.parse(stream, format=_ENGINE_FORMAT[form], base_iri=base)
        for _ in parser:
            pass
        return dict(parser.prefixes)


def _check_encoding(file: InputFile) -> None:
    decoder = codecs.getincrementaldecoder("utf-8")()
    done, lines = 0, 0
    with file.path.open("rb") as stream:
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
