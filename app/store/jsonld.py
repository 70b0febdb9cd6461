"""JSON-LD 1.1 with its context inside, so that a client without a network reads it; written as it comes.

IRIs are compacted by prefixes alone: what one client writes in full another writes short, and both mean the same.
The published context has ``terms`` too, for clients that compact.
"""

import json
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from itertools import groupby
from typing import Any, Final

from app.namespaces import PREFIXES, RDF_TYPE
from app.terms import RDF_LANG_STRING, XSD_STRING, BlankNode, Iri, Quad, Term, Triple

# A local name that no processor takes for a path, a keyword or a scheme.
_LOCAL: Final = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*\Z")
# A name of a term: no keyword, no short name.
_TERM: Final = re.compile(r"[A-Za-z][A-Za-z0-9_-]*\Z")
_SPACE: Final = re.compile(r".*[/#:]", re.DOTALL)
_THINGS: Final = PREFIXES["owl"] + "Thing"
_SCHEME: Final = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*):(?!//)")


def context(prefixes: Mapping[str, str]) -> dict[str, Any]:
    """Give the context of prefixes (JSON-LD 1.1 §4.1.5); one that ends in no delimiter has to say that it is one."""
    return {
        prefix: namespace if namespace.endswith(("/", "#", ":", "?")) else {"@id": namespace, "@prefix": True}
        for prefix, namespace in sorted(prefixes.items())
    }


def terms(values: Mapping[str, Collection[str]], prefixes: Mapping[str, str], own: str) -> dict[str, Any]:
    """Give terms for people and programs to read by (JSON-LD 1.1 §4.1): the last part of each IRI, and what it takes.

    ``values``: by class and property the datatypes of its values, owl:Thing for things. Of those with one name the one
    that begins with ``own`` has it, or none. What a term does not fit is written by its prefix: nothing is lost.
    """
    named: dict[str, list[str]] = {}
    for iri in values:
        named.setdefault(_SPACE.sub("", iri), []).append(iri)
    found: dict[str, Any] = {}
    for name, iris in sorted(named.items()):
        chosen = iris if len(iris) == 1 else [iri for iri in iris if iri.startswith(own)]
        if len(chosen) == 1 and _TERM.match(name) and name not in prefixes:
            found[name] = {"@id": chosen[0], **_taken(values[chosen[0]])}
    return found


def _taken(values: Collection[str]) -> dict[str, str]:
    """Give how the values of a property are written (§4.2.3, §4.6.2), where they are of one kind."""
    (kind,) = values if len(values) == 1 else (XSD_STRING,)
    if kind == RDF_LANG_STRING:
        return {"@container": "@language"}
    return {} if kind == XSD_STRING else {"@type": "@id" if kind == _THINGS else kind}


def safe(prefixes: Mapping[str, str], iris: Iterable[str]) -> dict[str, str]:
    """Leave out prefixes that are a scheme of one of the IRIs: ``urn:x`` would be read as a short name."""
    schemes = {match.group(1) for iri in iris if (match := _SCHEME.match(iri))}
    return {prefix: namespace for prefix, namespace in prefixes.items() if prefix not in schemes}


def json_ld(triples: Iterable[Triple], prefixes: Mapping[str, str]) -> bytes:
    """Write triples as one document; each prefix that is used stands in its context."""
    given = list(dict.fromkeys(triples))
    iris = {str(term) for triple in given for term in triple if isinstance(term, Iri)}
    iris |= {str(triple[2].datatype) for triple in given if not isinstance(triple[2], Iri | BlankNode)}
    shrinker = _Shrinker(safe(prefixes, iris))
    by_subject: dict[Term, list[Triple]] = {}
    for triple in given:
        by_subject.setdefault(triple[0], []).append(triple)
    nodes = [_node(subject, each, shrinker) for subject, each in by_subject.items()]
    used = {prefix: prefixes[prefix] for prefix in sorted(shrinker.used)}
    return json.dumps({"@context": context(used), "@graph": nodes}, ensure_ascii=False, indent=1).encode()


def quads(found: Iterable[Quad], prefixes: Mapping[str, str]) -> Iterator[bytes]:
    """Write quads that come by graph and subject, a node at a time. The prefixes must be ``safe`` for them."""
    shrinker = _Shrinker(prefixes)
    yield b'{"@context":' + _compact(context(prefixes)) + b',"@graph":['
    for place, (graph, members) in enumerate(groupby(found, key=lambda quad: quad[1])):
        yield (b",\n" if place else b"\n") + b'{"@id":' + _compact(shrinker(graph or "")) + b',"@graph":['
        nodes = groupby((triple for triple, _ in members), key=lambda triple: triple[0])
        for number, (subject, triples) in enumerate(nodes):
            yield (b",\n" if number else b"\n") + _compact(_node(subject, triples, shrinker))
        yield b"]}"
    yield b"\n]}\n"


def with_context(expanded: bytes, prefixes: Mapping[str, str]) -> bytes:
    """Put a context around an answer that the engine wrote expanded; its IRIs stay as they are."""
    return b'{"@context":' + _compact(context(prefixes)) + b',"@graph":' + expanded.strip() + b"}\n"


class _Shrinker:
    """Writes IRIs as short names where a prefix fits; ``used`` are the prefixes it took."""

    def __init__(self, prefixes: Mapping[str, str]) -> None:
        self._spaces = {namespace: prefix for prefix, namespace in sorted(prefixes.items(), reverse=True)}
        self.used: set[str] = set()

    def __call__(self, iri: str) -> str:
        cut = max(iri.rfind("#"), iri.rfind("/")) + 1
        prefix = self._spaces.get(iri[:cut])
        if prefix is None or not _LOCAL.match(iri[cut:]):
            return iri
        self.used.add(prefix)
        return f"{prefix}:{iri[cut:]}"


def _node(subject: Term, triples: Iterable[Triple], shrink: _Shrinker) -> dict[str, Any]:
    node: dict[str, Any] = {"@id": _name(subject, shrink)}
    for _, predicate, value in triples:
        if predicate == RDF_TYPE and isinstance(value, Iri | BlankNode):
            node.setdefault("@type", []).append(_name(value, shrink))
        else:
            node.setdefault(shrink(predicate), []).append(_value(value, shrink))
    return {key: each[0] if isinstance(each, list) and len(each) == 1 else each for key, each in node.items()}


def _value(value: Term, shrink: _Shrinker) -> str | dict[str, str]:
    if isinstance(value, Iri | BlankNode):
        return {"@id": _name(value, shrink)}
    if value.language is not None:
        return {"@value": value.value, "@language": value.language}
    if value.datatype == XSD_STRING:
        return value.value
    return {"@value": value.value, "@type": shrink(value.datatype)}


def _name(term: Term, shrink: _Shrinker) -> str:
    return f"_:{term}" if isinstance(term, BlankNode) else shrink(str(term))


def _compact(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
