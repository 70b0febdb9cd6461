"""A second opinion on what follows: Pellet's verdict on a default graph, beside ours.

First an OWL 2 reader, owlready2, takes the ontology: what is written so that it is no class expression or property
chain Pellet passes over without a word, and its verdict would say nothing about it.
"""

import contextlib
import importlib
import io
import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, cast

from app.entailment.fixpoint import LOGIC, Inference
from app.entailment.pellet import Pellet, Realization
from app.errors import ReasonerFailed
from app.mediatypes import N_TRIPLES
from app.namespaces import RDF_TYPE, iris
from app.store.engine import serialize
from app.terms import BlankNode, Iri, Literal, Term, Triple

_WARNING: Final = re.compile(r"WARNING: (.*?)(?:; I'm trying to fix it\.*)?$", re.MULTILINE)
_IRI: Final = re.compile(r"\bhttps?://[^\s,;\]]+")
# Only a name for what is read; nothing is fetched.
_NAME: Final = "http://example.invalid/read"
_SAME_AS, _CLASS, _DATATYPE = iris("owl:sameAs owl:Class rdfs:Datatype")
# Described things that are no facts: statements about statements, and headers.
_UNREAD: Final = frozenset(iris("inn:Claim owl:Axiom rdf:Statement owl:Ontology"))
_ANNOTATIONS: Final = frozenset(
    iris("rdfs:label rdfs:comment rdfs:seeAlso rdfs:isDefinedBy owl:versionInfo owl:deprecated owl:imports")
)
_OBJECT, _DATA, _ANNOTATION = iris("owl:ObjectProperty owl:DatatypeProperty owl:AnnotationProperty")
_OBJECT_KINDS: Final = frozenset(
    iris("owl:ObjectProperty owl:TransitiveProperty owl:SymmetricProperty owl:AsymmetricProperty")
    + iris("owl:ReflexiveProperty owl:IrreflexiveProperty owl:InverseFunctionalProperty")
)
_FACTS: Final = frozenset(iris("rdf:type owl:sameAs owl:differentFrom"))
_BLANK: Final = "urn:x-blank:"
_PROBE: Final = "urn:x-probe:"
_EXPECTED: Final = frozenset(
    (Iri(_PROBE + s), p, Iri(_PROBE + o))
    for s, p, o in (("a", RDF_TYPE, "Other"), ("b", Iri(_PROBE + "q"), "a"), ("a", Iri(_PROBE + "r"), "c"))
)


@dataclass(frozen=True, slots=True)
class Reading:
    """How many named classes, properties, individuals; what could not be read, a line each, IRIs as ``<IRI>``."""

    classes: int
    properties: int
    individuals: int
    problems: tuple[str, ...]


def read_ontology(triples: Iterable[Triple]) -> Reading:
    """Read triples as an OWL 2 ontology. Needs owlready2 (extra ``dl``)."""
    owl: Any = importlib.import_module("owlready2")
    said = io.StringIO()
    world = owl.World()
    try:
        with contextlib.redirect_stderr(said), contextlib.redirect_stdout(said):
            content = io.BytesIO(serialize(triples, N_TRIPLES))
            ontology = world.get_ontology(_NAME).load(fileobj=content, format="ntriples")
            classes, properties = list(ontology.classes()), list(ontology.properties())
            individuals = sum(1 for _ in ontology.individuals())
            problems = [problem for term in classes for problem in _expressions(owl, term)]
            problems += [problem for term in properties for problem in _chains(term)]
    finally:
        world.close()
    problems += [_IRI.sub(lambda match: f"<{match[0]}>", text) for text in _WARNING.findall(said.getvalue())]
    return Reading(len(classes), len(properties), individuals, tuple(dict.fromkeys(problems)))


def _expressions(owl: Any, term: Any) -> Iterator[str]:
    """Read every expression that a class is said to be a kind of, or the same as."""
    for name, words in (("is_a", "a kind of"), ("equivalent_to", "the same as")):
        try:
            whole = all(_is_read(owl, each) for each in getattr(term, name))
        except Exception:  # noqa: BLE001  whatever the reader stumbles over, it is not OWL
            whole = False
        if not whole:
            yield f"<{term.iri}> is said to be {words} something that is no class expression of OWL 2"


def _is_read(owl: Any, expression: Any) -> bool:
    """Say whether an expression was read whole: a blank node that is none stays a number."""
    if isinstance(expression, owl.LogicalClassConstruct):
        return len(expression.Classes) > 0 and all(_is_read(owl, each) for each in expression.Classes)
    if isinstance(expression, owl.Not):
        return _is_read(owl, expression.Class)
    return isinstance(expression, owl.ThingClass | owl.Construct)


def _chains(term: Any) -> Iterator[str]:
    try:
        chains = term.get_property_chain() if hasattr(term, "get_property_chain") else ()
        whole = all(len(chain.properties) > 1 for chain in chains)
    except Exception:  # noqa: BLE001  as above
        whole = False
    if not whole:
        yield f"<{term.iri}> has a property chain that is no list of two or more properties"


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


def compare_with_reasoner(
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
    rule = {triple: inference.derivations[triple][0].rules[0] for triple in inference.levels}
    given = {triple: name for triple, name in rule.items() if name in outside}
    read = _knowledge((whole - inference.levels.keys()) | given.keys())
    result = Verdict(read=len(read), given=dict(sorted(Counter(given.values()).items())))
    result.reading = read_ontology(read)
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
        return isinstance(value, Iri) and value.startswith(LOGIC)
    return predicate.startswith(LOGIC) and predicate not in _FACTS and predicate not in _ANNOTATIONS


def _skolem(triple: Triple, but: Collection[Term] = ()) -> Triple:
    """Give names to blank nodes: Pellet says of a nameless individual only that there is one."""
    named = (Iri(_BLANK + t) if isinstance(t, BlankNode) and t not in but else t for t in triple)
    return cast("Triple", tuple(named))


def _nameless(triple: Triple) -> Triple:
    """Take the names of ``_skolem`` away again."""
    blank = (BlankNode(t.removeprefix(_BLANK)) if isinstance(t, Iri) and t.startswith(_BLANK) else t for t in triple)
    return cast("Triple", tuple(blank))


def _declarations(triples: Iterable[Triple], types: dict[Term, set[Term]]) -> Iterator[Triple]:
    """Declare the classes and properties that nothing declares, properties by the values that they have."""
    values: dict[Iri, set[bool]] = defaultdict(set)
    for _, predicate, value in triples:
        if predicate == RDF_TYPE and isinstance(value, Iri) and not value.startswith(LOGIC):
            if types[value].isdisjoint({_CLASS, _DATATYPE}):
                types[value].add(_CLASS)
                yield value, RDF_TYPE, _CLASS
        elif not predicate.startswith(LOGIC):
            values[predicate].add(isinstance(value, Literal))
    for term, literal in sorted(values.items()):
        if _OBJECT not in types[term] and _DATA not in types[term]:
            yield term, RDF_TYPE, _DATA if literal == {True} and types[term].isdisjoint(_OBJECT_KINDS) else _OBJECT


def _probe() -> Iterator[Triple]:
    """Give a small knowledge base of its own, from which ``_EXPECTED`` follows."""
    a, b, c, p, q, r, one, other = (Iri(_PROBE + name) for name in ("a", "b", "c", "p", "q", "r", "One", "Other"))
    is_a, inverse, chain = iris("rdfs:subClassOf owl:inverseOf owl:propertyChainAxiom")
    first, rest, nil = iris("rdf:first rdf:rest rdf:nil")
    whole, tail = BlankNode("probe-1"), BlankNode("probe-2")
    yield from ((term, RDF_TYPE, _CLASS) for term in (one, other))
    yield from ((term, RDF_TYPE, _OBJECT) for term in (p, q, r))
    yield from ((one, is_a, other), (p, inverse, q), (r, chain, whole))
    yield from ((whole, first, p), (whole, rest, tail), (tail, first, p), (tail, rest, nil))
    yield from ((a, RDF_TYPE, one), (a, p, b), (b, p, c))


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
    if subject == value or str(subject).startswith(_PROBE) or term.startswith(LOGIC):
        return False
    return not namespaces or term.startswith(namespaces)
