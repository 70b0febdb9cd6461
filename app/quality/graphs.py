"""The graphs that pySHACL walks: the data in memory and in Oxigraph, and shapes of which what was read is kept."""

import re
from collections import defaultdict
from collections.abc import Iterable
from itertools import pairwise
from typing import Any, Final

import rdflib
from rdflib.namespace import OWL, SH

from app.content.turtle import to_rdflib
from app.errors import BindingError
from app.namespaces import iris
from app.query.binding import bind
from app.query.tokens import significant
from app.terms import XSD_STRING, BlankNode, Iri, Literal, Term, Triple

_Index = dict[Any, dict[Any, set[Any]]]
_EVERYTHING: Final = re.compile(r"\bSELECT\s+(?:DISTINCT\s+|REDUCED\s+)?\*", re.IGNORECASE)
# The graph, and property, by which a query finds a blank node that it cannot name.
_NAMED: Final = rdflib.URIRef("urn:x-name-of-blank-node")
_NOT_VALIDATING: Final = frozenset(iris("sh:name sh:description sh:order sh:group sh:defaultValue"))


def rdflib_triple(triple: Triple) -> tuple[Any, Any, Any]:
    """Turn a triple into rdflib's."""
    subject, predicate, value = triple
    return to_rdflib(subject), rdflib.URIRef(predicate), to_rdflib(value)


def from_rdflib(node: Any) -> Term:
    """Turn a term of rdflib's into ours."""
    if isinstance(node, rdflib.URIRef):
        return Iri(node)
    if isinstance(node, rdflib.BNode):
        return BlankNode(node)
    return Literal(str(node), node.language or None, Iri(node.datatype or XSD_STRING))


class WalkedGraph(rdflib.Graph):
    """Triples in memory, where they are walked, and in Oxigraph, which answers SPARQL: each where it is quick."""

    def __init__(self, triples: Iterable[Triple] = ()) -> None:
        super().__init__("Memory", bind_namespaces="none")
        self.engine = rdflib.Graph("Oxigraph", bind_namespaces="none")
        self._values: _Index = defaultdict(lambda: defaultdict(set))  # by subject and predicate
        self._subjects: _Index = defaultdict(lambda: defaultdict(set))  # by value and predicate
        self._pairs: dict[Any, set[tuple[Any, Any]]] = defaultdict(set)  # subject and value by predicate
        terms = _Made()
        every = [(terms[subject], terms[predicate], terms[value]) for subject, predicate, value in triples]
        self.engine.addN((*triple, self.engine) for triple in every)
        for triple in every:
            self._enter(*triple)

    def _enter(self, subject: Any, predicate: Any, value: Any) -> None:
        self._values[subject][predicate].add(value)
        self._subjects[value][predicate].add(subject)
        self._pairs[predicate].add((subject, value))

    def add(self, triple: Any) -> Any:
        """Put a triple into both."""
        self.engine.add(triple)
        self._enter(*triple)
        return self

    def remove(self, triple: Any) -> Any:
        """Take a triple out of both."""
        self.engine.remove(triple)
        subject, predicate, value = triple
        self._values[subject][predicate].discard(value)
        self._subjects[value][predicate].discard(subject)
        self._pairs[predicate].discard((subject, value))
        return self

    def triples(self, triple: Any) -> Any:
        """Give the triples of a pattern, None for anything."""
        subject, predicate, value = triple
        if subject is not None:
            of_subject = self._values.get(subject, {})
            for each in of_subject if predicate is None else (predicate,):
                values = of_subject.get(each, ())
                if value is None:
                    yield from ((subject, each, found) for found in tuple(values))
                elif value in values:
                    yield subject, each, value
        elif value is not None:
            of_value = self._subjects.get(value, {})
            for each in of_value if predicate is None else (predicate,):
                yield from ((found, each, value) for found in tuple(of_value.get(each, ())))
        else:
            for each in self._pairs if predicate is None else (predicate,):
                yield from ((found, each, other) for found, other in tuple(self._pairs.get(each, ())))

    def __len__(self) -> int:
        """Give the number of triples."""
        return sum(map(len, self._pairs.values()))

    def query(
        self,
        query_object: Any,
        processor: Any = "sparql",
        result: Any = "sparql",
        initNs: Any = None,  # noqa: N803 - the name of rdflib's parameter
        initBindings: Any = None,  # noqa: N803 - the same
        use_store_provided: bool = True,
        **kwargs: Any,
    ) -> rdflib.query.Result:
        """Answer by the engine that answers all other queries. Raises SyntaxError where a bound variable is assigned.

        What is bound beforehand stands for its variable everywhere, in nested groups and BIND too (SHACL §5.3.1), and
        is among the columns of ``SELECT *``. The engine's own substitution does neither.
        """
        given = {str(name).lstrip("?$"): term for name, term in (initBindings or {}).items()}
        terms = {name: from_rdflib(term) for name, term in given.items()}
        named = {name: term for name, term in terms.items() if not isinstance(term, BlankNode)}
        try:
            text = bind(str(query_object), named)
        except BindingError as error:
            raise SyntaxError(str(error)) from error
        for name in terms.keys() - named.keys():
            text = _in_each_group(text, f' GRAPH <{_NAMED}> {{ ?{name} <{_NAMED}> "{given[name]}" }} ')
            self.engine.store.add((given[name], _NAMED, rdflib.Literal(given[name])), rdflib.Graph(identifier=_NAMED))
        answer = self.engine.query(text, processor, result, initNs, {}, use_store_provided, **kwargs)
        if not _EVERYTHING.search(text):
            return answer
        whole = rdflib.query.Result("SELECT")
        bound = {rdflib.Variable(name): term for name, term in given.items()}
        whole.vars = [*dict.fromkeys((*(answer.vars or ()), *bound))]
        whole.bindings = [{**row, **bound} for row in answer.bindings]
        return whole


def _in_each_group(query: str, pattern: str) -> str:
    """Write a pattern at the beginning of each group of a query that is no subselect."""
    begun = (
        token.start + 1
        for token, after in pairwise(significant(query))
        if token.kind == "mark" and token.text == "{" and not after.is_word("SELECT")
    )
    return pattern.join(query[start:end] for start, end in pairwise((0, *begun, len(query))))


class _Made(dict[Term, Any]):
    """The terms of rdflib by ours, each made once."""

    def __missing__(self, term: Term) -> Any:
        made = self[term] = to_rdflib(term)
        return made


class ShapesGraph(rdflib.Graph):
    """Shapes in memory. pySHACL reads a shape anew for each focus node: what it has found is kept.

    What validates nothing (SHACL §2.3.2) is left out, for each triple of a shape is compared with all parameters.
    """

    def __init__(self, triples: Iterable[Triple]) -> None:
        super().__init__("Memory", bind_namespaces="none")
        self._found: dict[Any, list[Any]] = {}
        for triple in triples:
            if triple[1] not in _NOT_VALIDATING:
                self.add(rdflib_triple(triple))
        # Declared too is what is declared by what is imported, however far away (SHACL §5.2.1).
        for constraint, declaring in list(self.subject_objects(SH.prefixes)):
            for imported in list(self.transitive_objects(declaring, OWL.imports)):
                self.add((constraint, SH.prefixes, imported))

    def add(self, triple: Any) -> Any:
        """Put a triple in."""
        self._found.clear()
        return super().add(triple)

    def remove(self, triple: Any) -> Any:
        """Take a triple out."""
        self._found.clear()
        return super().remove(triple)

    def triples(self, triple: Any) -> Any:
        """Give the triples of a pattern."""
        if triple not in self._found:
            self._found[triple] = list(super().triples(triple))
        return iter(self._found[triple])
