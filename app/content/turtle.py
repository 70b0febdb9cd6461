"""Canonical Turtle: one text for one graph, and the files of a content in it."""

import io
import logging
import re
import shutil
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any, Final

import rdflib
from rdflib.plugins.serializers.longturtle import LongTurtleSerializer

from app.content.canonical import canonical_lines, parse_quads
from app.content.folders import Content
from app.content.reading import InputFile, parse, prefixes, read
from app.errors import ContentError
from app.terms import XSD, XSD_STRING, BlankNode, Iri, Literal, Term, Triple, n3

# What a literal or a shape has wrong is told by checks, with its place: these would tell it as a trace.
for _library in ("rdflib", "pyshacl"):
    logging.getLogger(_library).setLevel(logging.CRITICAL)
# rdflib rewrites typed literals it understands ("01"^^xsd:integer becomes 1); under this mark it keeps them.
_MARK: Final = "urn:x-lexical:"
_PLAIN: Final = {
    XSD + "integer": re.compile(r"-?[1-9][0-9]*\Z|0\Z"),
    XSD + "decimal": re.compile(r"-?[1-9][0-9]*\.([0-9]*[1-9]|0)\Z|-?0\.[0-9]*[1-9]\Z|0\.0\Z"),
    XSD + "boolean": re.compile(r"true\Z|false\Z"),
}
# The part of PN_LOCAL (Turtle §6.5) that needs no escapes.
_LETTER: Final = "A-Za-z0-9_\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u02ff\u0370-\u037d\u037f-\u1fff"
_LOCAL: Final = re.compile(rf"[{_LETTER}]([{_LETTER}.-]*[{_LETTER}-])?\Z")
# rdflib's names of blank nodes take the square of their number; more get those of RDFC-1.0, of which it takes little.
_MANY: Final = 300
_TOKEN: Final = re.compile(
    r'"""(?:[^"\\]|\\.|"(?!""))*"""|\'\'\'(?:[^\'\\]|\\.|\'(?!\'\'))*\'\'\''
    r'|"(?:[^"\\\n]|\\.)*"|\'(?:[^\'\\\n]|\\.)*\'|<[^<>\s]*>|(?P<comment>#[^\n]*)',
    re.DOTALL,
)


def canonical_turtle(file: InputFile, base: str, known: Mapping[str, str]) -> str:
    """Give the canonical text of a Turtle file: sorted, only used prefixes, known ones rather than its own.

    The text depends on the triples and the prefixes only. Raises ContentError, also when the text would not
    say exactly what the file says.
    """
    triples = [triple for triple, _ in read(file, base)]
    taken = set(known.values())
    own = {p: n for p, n in prefixes(file, base).items() if p not in known and n not in taken}
    text = turtle(triples, {**known, **own})
    again = [triple for triple, _ in parse(io.BytesIO(text.encode()), replace(file, graph=None), base)]
    if _canonical_set(triples) != _canonical_set(again):
        raise ContentError(
            file.name,
            "canonical Turtle would change what this file says; give its blank nodes IRIs",
            "kanonisk Turtle ville endre hva filen sier; gi de blanke nodene IRI-er",
        )
    return text


def turtle(triples: Iterable[Triple], known: Mapping[str, str]) -> str:
    """Write a graph as canonical Turtle: rdflib's longturtle, canonical blank nodes, literals as they are."""
    graph, given = rdflib.Graph(bind_namespaces="none"), list(triples)
    blank = {term for triple in given for term in (triple[0], triple[2]) if isinstance(term, BlankNode)}
    if len(blank) > _MANY:
        given = [triple for triple, _ in parse_quads("".join(canonical_lines((triple, None) for triple in given)))]
    for subject, predicate, value in sorted(given, key=lambda triple: tuple(map(n3, triple))):
        graph.add((_node(subject), rdflib.URIRef(predicate), _node(value)))
    if not len(graph):
        return ""
    stream = io.BytesIO()
    serializer = _Serializer(graph, known, 0 < len(blank) <= _MANY)
    serializer.serialize(stream, canon=True)
    header = "".join(f"PREFIX {prefix}: <{name}>\n" for prefix, name in sorted(serializer.namespaces.items()))
    return (header + stream.getvalue().decode()).strip("\n") + "\n"


def comments(text: str) -> list[int]:
    """Give the lines (from 1) of the comments in a Turtle text; no graph holds them, no writer keeps them."""
    found = (match.start() for match in _TOKEN.finditer(text) if match.group("comment"))
    return [text.count("\n", 0, start) + 1 for start in found]


class _Serializer(LongTurtleSerializer):
    """longturtle that makes up no prefixes and keeps every literal's lexical form."""

    def __init__(self, graph: rdflib.Graph, known: Mapping[str, str], unnamed: bool) -> None:
        self._unnamed = unnamed
        self._known = sorted(known.items(), key=lambda item: (-len(item[1]), item[0]))
        super().__init__(graph)  # type: ignore[no-untyped-call]  # rdflib's serialisers are untyped

    def canonize(self) -> None:
        """Name blank nodes canonically, which reads the graph anew: where there are such without canonical names."""
        if self._unnamed:
            super().canonize()  # type: ignore[no-untyped-call]

    def startDocument(self) -> None:  # noqa: N802
        """Write no prefixes yet: which are used is known at the end."""

    def preprocessTriple(self, triple: Any) -> None:  # noqa: N802
        """Count references only; the parent would also declare prefixes that are not written."""
        super(LongTurtleSerializer, self).preprocessTriple(triple)

    def get_pname(self, uri: Any, gen_prefix: bool = True) -> str | None:  # noqa: ARG002
        if not isinstance(uri, rdflib.URIRef):
            return None
        iri = str(uri).removeprefix(_MARK)
        for prefix, namespace in self._known:
            if iri.startswith(namespace):
                local = iri[len(namespace) :]
                if not _LOCAL.match(local):
                    return None
                self.addNamespace(prefix, namespace)  # type: ignore[no-untyped-call]
                return f"{prefix}:{local}"
        return None

    def label(self, node: Any, position: int) -> str:
        if not isinstance(node, rdflib.Literal):
            return str(super().label(node, position))  # type: ignore[no-untyped-call]
        value, datatype = str(node), str(node.datatype or "").removeprefix(_MARK)
        if (plain := _PLAIN.get(datatype)) and plain.match(value):
            return value
        text = f'"""{_long(value)}"""' if "\n" in value else n3(Literal(value))
        if node.language:
            return f"{text}@{node.language}"
        return f"{text}^^{self.get_pname(rdflib.URIRef(datatype)) or f'<{datatype}>'}" if datatype else text


def _long(value: str) -> str:
    """Escape for a long string, where only line ends stay as they are."""
    return "\n".join(n3(Literal(line))[1:-1] for line in value.split("\n"))


def to_rdflib(term: Term) -> Any:
    """Turn a term into rdflib's, its lexical form as it is."""
    if isinstance(term, Iri):
        return rdflib.URIRef(term)
    if isinstance(term, BlankNode):
        return rdflib.BNode(term)
    if term.language is not None:
        return rdflib.Literal(term.value, lang=term.language)
    return rdflib.Literal(term.value, datatype=rdflib.URIRef(term.datatype), normalize=False)


def _node(term: Term) -> Any:
    """Turn a term into what the serialiser writes as it is."""
    if not isinstance(term, Literal) or term.language is not None:
        return to_rdflib(term)
    if term.datatype == XSD_STRING:
        return rdflib.Literal(term.value)
    if (plain := _PLAIN.get(term.datatype)) and plain.match(term.value):
        return rdflib.Literal(term.value, datatype=rdflib.URIRef(term.datatype))
    return rdflib.Literal(term.value, datatype=rdflib.URIRef(_MARK + term.datatype))


def _canonical_set(triples: Iterable[Triple]) -> list[str]:
    return list(canonical_lines((triple, None) for triple in triples))


@dataclass(frozen=True, slots=True)
class Formatting:
    """What formatting found: names of files that differ, unreadable files, lines of lost comments by file."""

    changed: tuple[str, ...]
    errors: tuple[ContentError, ...]
    comments: dict[str, list[int]]


def format_content(content: Content, only: Iterable[Path] | None = None, *, check: bool = False) -> Formatting:
    """Rewrite the Turtle files of a content that are not canonical.

    With only these files and those in these folders, also outside the content; with check nothing is written.
    A file with an error stays as it is.
    """
    changed: list[str] = []
    errors: list[ContentError] = []
    lost: dict[str, list[int]] = {}
    for file in content.rdf() if only is None else _chosen(content, only):
        if not file.editable:
            continue
        try:
            text = canonical_turtle(file, content.base, content.prefixes)
        except ContentError as error:
            errors.append(error)
            continue
        before = file.path.read_bytes()
        if before == text.encode():
            continue
        changed.append(file.name)
        if lines := comments(before.decode("utf-8-sig")):
            lost[file.name] = lines
        if not check:
            _replace(file, text)
    return Formatting(tuple(changed), tuple(errors), lost)


def _chosen(content: Content, only: Iterable[Path]) -> Iterator[InputFile]:
    """Give the named files and those in named folders: as the content has them, else as files of no graph."""
    known = {file.path.resolve(): file for file in content.rdf()}
    for path in only:
        for found in sorted(path.rglob("*.ttl")) if path.is_dir() else [path]:
            yield known.get(found.resolve()) or InputFile(found, str(found), None, "data")


def _replace(file: InputFile, text: str) -> None:
    """Write beside the file, then switch, so that an interrupted run leaves the old text or the new one."""
    with NamedTemporaryFile(
        "w", encoding="utf-8", newline="\n", dir=file.path.parent, prefix=".", suffix=".tmp", delete=False
    ) as new:
        try:
            new.write(text)
            new.close()
            shutil.copymode(file.path, new.name)
            Path(new.name).replace(file.path)
        except BaseException:
            Path(new.name).unlink(missing_ok=True)
            raise
