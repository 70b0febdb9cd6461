"""RDF terms as plain values (RDF 1.1 Concepts, §3), so that no engine object travels through the program."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

XSD: Final = "http://www.w3.org/2001/XMLSchema#"
RDF: Final = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"


class Iri(str):
    """An absolute IRI."""

    __slots__ = ()


class BlankNode(str):
    """A blank node: its label, without ``_:``."""

    __slots__ = ()


XSD_STRING: Final = Iri(XSD + "string")
RDF_LANG_STRING: Final = Iri(RDF + "langString")


@dataclass(frozen=True, slots=True)
class Literal:
    """A literal: lexical form, language tag or None, datatype IRI."""

    value: str
    language: str | None = None
    datatype: Iri = XSD_STRING

    def __post_init__(self) -> None:
        """Keep the datatype of language-tagged strings what RDF 1.1 says it is."""
        if self.language is not None:
            object.__setattr__(self, "datatype", RDF_LANG_STRING)

    def __str__(self) -> str:
        """Give the lexical form."""
        return self.value


Term = Iri | BlankNode | Literal
Subject = Iri | BlankNode
Triple = tuple[Subject, Iri, Term]
# A triple in a graph; None is the default graph.
Quad = tuple[Triple, Iri | None]


def typed(value: object, name: str) -> Literal:
    """Give a literal of a datatype of XML Schema, by its local name; the value as it is written."""
    return Literal(str(value), datatype=Iri(XSD + name))


def triple_of(subject: Term | None, predicate: Term | None, value: Term | None) -> Triple | None:
    """Give terms as a triple; None when one is missing or cannot stand there."""
    if subject is None or isinstance(subject, Literal) or not isinstance(predicate, Iri) or value is None:
        return None
    return subject, predicate, value


_ESCAPES: Final = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t", "\b": "\\b", "\f": "\\f"}
_ESCAPED: Final = re.compile(r'[\\"\x00-\x1f\x7f\ud800-\udfff]')
# Characters that IRIREF forbids (SPARQL 1.1 §19.8, rule 139).
_FORBIDDEN: Final = re.compile(r'[\x00-\x20<>"{}|^`\\\ud800-\udfff]')
_ABSOLUTE: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:\S*\Z")
_LANGUAGE: Final = re.compile(r"[A-Za-z]{1,8}(-[A-Za-z0-9]{1,8})*\Z")
_LITERAL: Final = re.compile(r'"((?:[^"\\]|\\.)*)"(?:@([A-Za-z][A-Za-z0-9-]*)|\^\^(\S+))?\Z', re.DOTALL)
_UNESCAPE: Final = re.compile(r'\\(u[0-9A-Fa-f]{4}|U[0-9A-Fa-f]{8}|[tnrbf"\'\\])')
_PLAIN: Final = {"t": "\t", "n": "\n", "r": "\r", "b": "\b", "f": "\f", '"': '"', "'": "'", "\\": "\\"}
# Literals that are written as they are, by datatype.
_BARE: Final = {"integer": r"[+-]?\d+\Z", "decimal": r"[+-]?\d*\.\d+\Z", "boolean": r"true\Z|false\Z"}


def is_absolute_iri(text: str) -> bool:
    """Say whether text can stand between ``<`` and ``>`` as an absolute IRI."""
    return bool(_ABSOLUTE.match(text)) and not _FORBIDDEN.search(text)


def iri(text: str) -> Iri:
    """Give text as an IRI; ValueError when it is not an absolute one."""
    if not is_absolute_iri(text):
        raise ValueError(f"not an absolute IRI: {text!r}")
    return Iri(text)


def _escape(match: re.Match[str]) -> str:
    character = match.group()
    if "\ud800" <= character <= "\udfff":
        raise ValueError("a lone surrogate is no Unicode character")
    return _ESCAPES.get(character) or f"\\u{ord(character):04X}"


def n3(term: Term) -> str:
    """Serialise a term as N-Triples do; ValueError for what no RDF term can hold."""
    if isinstance(term, Iri):
        if _FORBIDDEN.search(term):
            raise ValueError(f"not an IRI: {str(term)!r}")
        return f"<{term}>"
    if isinstance(term, BlankNode):
        return f"_:{term}"
    quoted = '"' + _ESCAPED.sub(_escape, term.value) + '"'
    if term.language is not None:
        if not _LANGUAGE.match(term.language):
            raise ValueError(f"not a language tag: {term.language!r}")
        return f"{quoted}@{term.language}"
    return quoted if term.datatype == XSD_STRING else f"{quoted}^^{n3(term.datatype)}"


def unescape(text: str) -> str:
    """Read the escapes of a string in N-Triples, Turtle and SPARQL."""

    def plain(match: re.Match[str]) -> str:
        code = match.group(1)
        return chr(int(code[1:], 16)) if code[0] in "uU" else _PLAIN[code]

    return _UNESCAPE.sub(plain, text)


def parse_term(text: str, prefixes: Mapping[str, str] | None = None) -> Term:
    """Read a term as a person types it: ``<iri>``, ``prefix:name``, a bare IRI, ``"text"@nb``, a number or true/false.

    ValueError says what was not understood.
    """
    text = text.strip()
    known = prefixes or {}
    if text.startswith("<") and text.endswith(">"):
        return iri(text[1:-1])
    if match := _LITERAL.match(text):
        value, language, datatype = match.groups()
        if datatype:
            kind = parse_term(datatype, known)
            if not isinstance(kind, Iri):
                raise ValueError(f"not a datatype: {datatype}")
            return Literal(unescape(value), datatype=kind)
        return Literal(unescape(value), language.lower() if language else None)
    prefix, colon, name = text.partition(":")
    if colon and prefix in known and not name.startswith("//"):
        return iri(known[prefix] + name)
    if is_absolute_iri(text):
        return Iri(text)
    for name, pattern in _BARE.items():
        if re.match(pattern, text):
            return typed(text, name)
    raise ValueError(f'not an RDF term: {text!r} (write <iri>, prefix:name or "text"@language)')


@dataclass(frozen=True, slots=True)
class Dataset:
    """The dataset of a query (SPARQL 1.1 Protocol §2.1.4): its default and named graphs; None for the store's own."""

    default: tuple[Iri, ...] | None = None
    named: tuple[Iri, ...] | None = None
