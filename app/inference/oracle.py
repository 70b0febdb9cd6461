"""Our entailment against that of a description-logic reasoner: consistency, empty classes, what only one of them finds.

Pellet reads what the content asserts, but for claims, annotations of axioms and annotations. The content's own rules
are no OWL: their conclusions are given to Pellet as facts, so that what OWL makes of them is compared as well.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from app.inference.fixpoint import Inference
from app.inference.pellet import Pellet, Realization, ReasonerFailed
from app.inference.reading import Reading
from app.inference.reading import read as read_as_owl
from app.namespaces import CLAIM, PREFIXES, RDF_TYPE
from app.terms import BlankNode, Iri, Literal, Term, Triple

_OWL: Final = PREFIXES["owl"]
_RDFS: Final = PREFIXES["rdfs"]
_RDF: Final = PREFIXES["rdf"]
_LOGIC: Final = (_OWL, _RDFS, _RDF)
_SAME_AS: Final = Iri(_OWL + "sameAs")
# Described things that are no facts: statements about statements, and headers.
_UNREAD: Final = frozenset({CLAIM, Iri(_OWL + "Axiom"), Iri(_RDF + "Statement"), Iri(_OWL + "Ontology")})
_ANNOTATIONS: Final = frozenset(
    [Iri(_RDFS + name) for name in ("label", "comment", "seeAlso", "isDefinedBy")]
    + [Iri(_OWL + name) for name in ("versionInfo", "deprecated", "imports")]
)
_OBJECT, _DATA = Iri(_OWL + "ObjectProperty"), Iri(_OWL + "DatatypeProperty")
_ANNOTATION: Final = Iri(_OWL + "AnnotationProperty")
_CLASS: Final = Iri(_OWL + "Class")
_OBJECT_KINDS: Final = frozenset(
    [_OBJECT]
    + [
        Iri(f"{_OWL}{kind}Property")
        for kind in ("Transitive", "Symmetric", "Asymmetric", "Reflexive", "Irreflexive", "InverseFunctional")
    ]
)
_FACTS: Final = frozenset({RDF_TYPE, _SAME_AS, Iri(_OWL + "differentFrom")})
_BLANK: Final = "urn:x-blank:"
_PROBE: Final = "urn:x-probe:"


@dataclass(slots=True)
class Verdict:
    """What came of it. ``given`` counts the conclusions of the content's own rules that were given as facts.

    ``over`` is entailed by us and not by Pellet, ``beyond`` by Pellet and not by us (in the own namespaces), ``apart``
    counts what cannot be compared (``owl:sameAs``); ``contradictions`` and ``empty`` explain, a line an axiom.
    """

    read: int
    given: dict[str, int]
    consistent: bool = True
    contradictions: list[list[str]] = field(default_factory=list)
    empty: dict[Iri, list[list[str]]] = field(default_factory=dict)
    reading: Reading | None = None
    ignored: tuple[str, ...] = ()
    compared: int = 0
    apart: int = 0
    over: list[Triple] = field(default_factory=list)
    beyond: list[Triple] = field(default_factory=list)

    @property
    def agrees(self) -> bool:
        """Say whether all is as it must be; what Pellet finds beyond ours is no fault."""
        unread = self.reading.problems if self.reading else ()
        return self.consistent and not (self.empty or self.over or self.ignored or unread)


def compare(
    triples: Iterable[Triple],
    inference: Inference,
    outside: Collection[str],
    namespaces: Sequence[str],
    *,
    seconds: float,
) -> Verdict:
    """Ask Pellet about a default graph, of which ``inference`` says what is entailed.

    ``outside`` are the names of the rules that are not of OWL. Raises ReasonerMissing and ReasonerFailed.
    """
    whole = set(triples)
    given = {triple: name for triple in inference.levels if (name := _rule(inference, triple)) in outside}
    read = _knowledge((whole - inference.levels.keys()) | given.keys())
    result = Verdict(read=len(read), given=dict(sorted(Counter(given.values()).items())))
    result.reading = read_as_owl(read)
    with Pellet([*read, *_probe()], seconds=seconds) as pellet:
        found = pellet.realize()
        result.consistent, result.ignored = found.consistent, found.ignored
        if not found.consistent:
            result.contradictions = pellet.explain_inconsistency()
            return result
        _refuse_silence(found)
        result.empty = {term: pellet.explain_unsatisfiable(term) for term in found.unsatisfiable}
    mine = {_skolem(triple) for triple in inference.shown() if triple not in given}
    comparable = {triple for triple in mine if triple[1] != _SAME_AS}
    result.apart, result.compared = len(mine) - len(comparable), len(comparable)
    result.over = sorted((_nameless(t) for t in comparable - found.triples), key=str)
    known = {_skolem(triple) for triple in whole}
    result.beyond = sorted((_nameless(t) for t in found.triples - known if _tells(t, tuple(namespaces))), key=str)
    return result


def _rule(inference: Inference, triple: Triple) -> str:
    return inference.derivations[triple][0].rules[0]


def _knowledge(triples: Collection[Triple]) -> list[Triple]:
    """Give what the reasoner reads, every property and class of it declared, individuals without name named."""
    types: defaultdict[Term, set[Term]] = defaultdict(set)
    for subject, predicate, value in triples:
        if predicate == RDF_TYPE:
            types[subject].add(value)
    annotations = {term for term, kinds in types.items() if _ANNOTATION in kinds} | _ANNOTATIONS
    syntax = {s for s, p, o in triples if isinstance(s, BlankNode) and _is_schema(p, o)}
    read = [
        _skolem(triple, syntax)
        for triple in triples
        if triple[1] not in annotations and triple[0] not in annotations and types[triple[0]].isdisjoint(_UNREAD)
    ]
    return [*read, *_declarations(read, types)]


def _is_schema(predicate: Iri, value: Term) -> bool:
    """Say whether a triple makes its blank subject a part of an axiom."""
    if predicate == RDF_TYPE:
        return isinstance(value, Iri) and value.startswith(_LOGIC)
    return predicate.startswith(_LOGIC) and predicate not in _FACTS and predicate not in _ANNOTATIONS


def _skolem(triple: Triple, but: Collection[Term] = ()) -> Triple:
    """Give names to blank nodes: Pellet says of a nameless individual only that there is one."""
    subject, predicate, value = triple
    if isinstance(subject, BlankNode) and subject not in but:
        subject = Iri(_BLANK + subject)
    if isinstance(value, BlankNode) and value not in but:
        value = Iri(_BLANK + value)
    return subject, predicate, value


def _nameless(triple: Triple) -> Triple:
    """Take the names of ``_skolem`` away again."""
    subject, predicate, value = triple
    if subject.startswith(_BLANK):
        subject = BlankNode(subject.removeprefix(_BLANK))
    if isinstance(value, Iri) and value.startswith(_BLANK):
        value = BlankNode(value.removeprefix(_BLANK))
    return subject, predicate, value


def _declarations(triples: Iterable[Triple], types: dict[Term, set[Term]]) -> Iterator[Triple]:
    """Declare the classes and properties that nothing declares, properties by the values that they have."""
    values: dict[Iri, set[bool]] = defaultdict(set)
    for _, predicate, value in triples:
        if predicate == RDF_TYPE and isinstance(value, Iri) and not value.startswith(_LOGIC):
            if types[value].isdisjoint({_CLASS, Iri(_RDFS + "Datatype")}):
                types[value].add(_CLASS)
                yield value, RDF_TYPE, _CLASS
        elif not predicate.startswith(_LOGIC):
            values[predicate].add(isinstance(value, Literal))
    for term, literal in sorted(values.items()):
        if _OBJECT not in types[term] and _DATA not in types[term]:
            yield term, RDF_TYPE, _DATA if literal == {True} and types[term].isdisjoint(_OBJECT_KINDS) else _OBJECT


def _probe() -> Iterator[Triple]:
    """Give a small knowledge base of its own, from which ``_EXPECTED`` follows."""
    a, b, c, p, q, r, one, other = (Iri(_PROBE + name) for name in ("a", "b", "c", "p", "q", "r", "One", "Other"))
    first, second = BlankNode("probe-1"), BlankNode("probe-2")
    yield from ((term, RDF_TYPE, _CLASS) for term in (one, other))
    yield from ((term, RDF_TYPE, _OBJECT) for term in (p, q, r))
    yield one, Iri(_RDFS + "subClassOf"), other
    yield p, Iri(_OWL + "inverseOf"), q
    yield r, Iri(_OWL + "propertyChainAxiom"), first
    yield first, Iri(_RDF + "first"), p
    yield first, Iri(_RDF + "rest"), second
    yield second, Iri(_RDF + "first"), p
    yield second, Iri(_RDF + "rest"), Iri(_RDF + "nil")
    yield from ((a, RDF_TYPE, one), (a, p, b), (b, p, c))


_EXPECTED: Final = frozenset(
    (Iri(_PROBE + s), p, Iri(_PROBE + o))
    for s, p, o in (("a", RDF_TYPE, "Other"), ("b", Iri(_PROBE + "q"), "a"), ("a", Iri(_PROBE + "r"), "c"))
)


def _refuse_silence(found: Realization) -> None:
    """Refuse an answer without what must follow: some axioms outside OWL 2 DL make Pellet conclude nothing."""
    if not found.triples >= _EXPECTED:
        passed = "".join(f"\n  it passed over: {each}" for each in found.ignored)
        raise ReasonerFailed(
            "Pellet does not conclude even what follows from the check's own probe, so its answer says nothing" + passed
        )


def _tells(triple: Triple, namespaces: tuple[str, ...]) -> bool:
    """Say whether Pellet's triple is of the own terms (of any, without own namespaces), and no triviality."""
    subject, predicate, value = triple
    term = str(value if predicate == RDF_TYPE else predicate)
    if subject == value or str(subject).startswith(_PROBE) or term.startswith(_LOGIC):
        return False
    return term.startswith(namespaces) if namespaces else True
