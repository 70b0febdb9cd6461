"""Which nodes a shape can find fault with: pySHACL is asked of them alone, for of most nodes there is nothing to say.

pySHACL looks at each node with each constraint by itself, and asks the query of a SPARQL constraint once a node. Here
the constraints of SHACL Core that shapes are made of are compared with the graph at once, and a query is asked of a
thousand nodes together. A node is left out only where it surely conforms; of a shape with anything in it that is not
known here all nodes remain. What is wrong, and how it is told, is pySHACL's to say.
"""

import re
from collections.abc import Callable, Collection, Iterable, Iterator
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any, Final

import rdflib
from rdflib.namespace import RDF, RDFS, SH, XSD

from app.query.tokens import significant

_Test = Callable[[Any, frozenset[Any]], bool]
_Conforms = Callable[[Any], bool]
# What says nothing of the nodes, or whom it is asked of (SHACL §2.1).
_TOLD_ELSEWHERE: Final = frozenset(
    (
        *(SH.targetClass, SH.targetNode, SH.targetSubjectsOf, SH.targetObjectsOf, SH.path),
        *(SH.message, SH.severity, SH.name, SH.description, SH.order, SH.group, SH.defaultValue),
    )
)
# Words of a query that is not the same asked of many nodes together: of its solutions some are counted or left out, or
# it gives something else each time; and what no SPARQL constraint may have (SHACL §5.3.1).
_NOT_TOGETHER: Final = frozenset(
    (
        *("MINUS", "VALUES", "SERVICE", "GROUP", "HAVING", "LIMIT", "OFFSET", "REDUCED"),
        *("COUNT", "SUM", "MIN", "MAX", "AVG", "SAMPLE", "GROUP_CONCAT", "RAND", "NOW", "UUID", "STRUUID", "BNODE"),
    )
)
_TOGETHER: Final = 1000
_SAFE_IRI: Final = re.compile(r'[^<>"{}|^`\\\x00-\x20]+')
_KINDS: Final = {
    SH.IRI: (rdflib.URIRef,),
    SH.Literal: (rdflib.Literal,),
    SH.BlankNode: (rdflib.BNode,),
    SH.BlankNodeOrIRI: (rdflib.BNode, rdflib.URIRef),
    SH.IRIOrLiteral: (rdflib.URIRef, rdflib.Literal),
}
# The datatypes of which pySHACL looks at the value too.
_VALUES: Final[dict[Any, type]] = {
    XSD.string: str,
    XSD.integer: int,
    XSD.boolean: bool,
    XSD.decimal: Decimal,
    XSD.float: float,
    XSD.date: date,
    XSD.dateTime: datetime,
    XSD.time: time,
}


class _Unknown(Exception):
    """A shape has something in it of which nothing is known here."""


class Suspects:
    """The nodes that may not conform to shapes of a pySHACL shapes graph, in a data graph that may change."""

    def __init__(self, data: rdflib.Graph, shapes: Any) -> None:
        """Look at nothing yet; ``shapes`` is a ``pyshacl.shapes_graph.ShapesGraph`` that was read."""
        self._data, self._shapes = data, shapes
        self._tests: dict[Any, _Conforms | None] = {}
        self._subclasses: dict[Any, set[Any]] = {}

    def of(self, shape: Any, nodes: Collection[Any]) -> set[Any]:
        """Give those of a shape's focus nodes that may not conform, in the data as they are now."""
        self._subclasses.clear()
        try:
            test = self._test(shape, ())
            asked = set().union(*(self._answered(query, nodes) for query in self._queries(shape, nodes)))
        except _Unknown:
            return set(nodes)
        return asked | {node for node in nodes if not test(node)}

    # ---- constraints of SHACL Core (§4)

    def _test(self, shape: Any, above: tuple[Any, ...]) -> _Conforms:
        """Give what tells of a focus node whether it surely conforms; raises _Unknown."""
        if shape in above or shape.deactivated or self._shapes.custom_constraints:
            raise _Unknown
        if shape not in self._tests:
            try:
                self._tests[shape] = self._made(shape, (*above, shape))
            except _Unknown:
                self._tests[shape] = None
        if (test := self._tests[shape]) is None:
            raise _Unknown
        return test

    def _made(self, shape: Any, within: tuple[Any, ...]) -> _Conforms:
        given: dict[Any, list[Any]] = {}
        for predicate, value in self._shapes.graph.predicate_objects(shape.node):
            if predicate.startswith(str(SH)) and predicate not in _TOLD_ELSEWHERE:
                given.setdefault(predicate, []).append(value)
        if SH.sparql in given and len(within) > 1:
            raise _Unknown
        given.pop(SH.sparql, None)
        tests = [self._constraint(shape, parameter, values, within) for parameter, values in given.items()]
        values, whole = self._reader(shape), _all(tests)
        return lambda node: whole(node, values(node))

    def _constraint(self, shape: Any, parameter: Any, given: list[Any], within: tuple[Any, ...]) -> _Test:
        several = {SH["class"]: self._class, SH.property: self._property, SH["or"]: self._or, SH.node: self._node}
        if parameter in several:
            return _all([several[parameter](each, within) for each in given])
        pair = {SH.disjoint: frozenset.isdisjoint, SH.equals: frozenset.__eq__}
        if parameter in pair and all(isinstance(each, rdflib.URIRef) for each in given):
            holds = pair[parameter]
            return lambda focus, values: all(holds(values, self._objects(focus, each)) for each in given)
        if parameter == SH.hasValue:
            return lambda _focus, values: all(each in values for each in given)
        if parameter == SH.pattern and all(isinstance(each, rdflib.Literal) for each in given):
            return _each(_matches([str(each) for each in given]))
        if len(given) == 1 and (shape.is_property_shape or parameter not in _OF_PROPERTIES):
            return self._single(parameter, given[0])
        raise _Unknown

    def _single(self, parameter: Any, given: Any) -> _Test:
        """Give the test of a constraint that a shape has once."""
        if not isinstance(given, rdflib.Literal):
            return _each(self._value_test(parameter, given))
        if parameter == SH.uniqueLang and isinstance(given.value, bool):
            return lambda _focus, values: not given.value or _differ(values)
        number = given.value if given.datatype == XSD.integer else None
        if parameter not in _NUMBERS or not isinstance(number, int) or number < 0:
            raise _Unknown
        return _NUMBERS[parameter](number)

    def _value_test(self, parameter: Any, given: Any) -> _Conforms:
        """Give what tells of a single value whether it surely conforms."""
        if parameter == SH.nodeKind and given in _KINDS:
            return lambda value: isinstance(value, _KINDS[given])
        if parameter == SH.datatype and isinstance(given, rdflib.URIRef):
            return lambda value: isinstance(value, rdflib.Literal) and _is_surely(value, given)
        if parameter == SH.languageIn and all(map(_is_text, self._list(given))):
            return _speaks([str(each).lower() for each in self._list(given)])
        if parameter == SH["in"]:
            return frozenset(self._list(given)).__contains__
        raise _Unknown

    def _class(self, given: Any, _within: tuple[Any, ...]) -> _Test:
        def is_one(value: Any) -> bool:
            if given not in self._subclasses:
                self._subclasses[given] = set(self._data.transitive_subjects(RDFS.subClassOf, given))
            return not self._subclasses[given].isdisjoint(self._objects(value, RDF.type))

        return _each(lambda value: not isinstance(value, rdflib.Literal) and is_one(value))

    def _property(self, given: Any, within: tuple[Any, ...]) -> _Test:
        if not self._other(within[-1], given).is_property_shape:
            raise _Unknown
        return self._node(given, within)

    def _node(self, given: Any, within: tuple[Any, ...]) -> _Test:
        return _each(self._test(self._other(within[-1], given), within))

    def _or(self, given: Any, within: tuple[Any, ...]) -> _Test:
        tests = [self._test(self._other(within[-1], each), within) for each in self._list(given)]
        return _each(lambda value: any(test(value) for test in tests))

    def _other(self, shape: Any, node: Any) -> Any:
        if (found := shape.get_other_shape(node)) is None:
            raise _Unknown
        return found

    def _list(self, head: Any) -> list[Any]:
        if items := list(self._shapes.graph.items(head)):
            return items
        raise _Unknown

    def _reader(self, shape: Any) -> Callable[[Any], frozenset[Any]]:
        """Give what reads the value nodes of a focus node (SHACL §2.1.3.3), by a path of one step; raises _Unknown."""
        path = shape.path()
        if path is None:
            return lambda node: frozenset((node,))
        if isinstance(path, rdflib.URIRef):
            return lambda node: self._objects(node, path)
        steps = list(self._shapes.graph.predicate_objects(path))
        if len(steps) == 1 and steps[0][0] == SH.inversePath and isinstance(step := steps[0][1], rdflib.URIRef):
            return lambda node: frozenset(self._data.subjects(step, node))
        raise _Unknown

    def _objects(self, node: Any, predicate: Any) -> frozenset[Any]:
        return frozenset(self._data.objects(node, predicate))

    # ---- constraints by SPARQL (§5)

    def _queries(self, shape: Any, nodes: Collection[Any]) -> Iterator[list[str]]:
        """Give the queries of a shape, each as the pieces between which the nodes are written; raises _Unknown."""
        from pyshacl.errors import ReportableRuntimeError  # noqa: PLC0415 - as in validation
        from pyshacl.helper.sparql_query_helper import SPARQLQueryHelper  # noqa: PLC0415

        kind: Any = SPARQLQueryHelper  # it has no types
        graph = self._shapes.graph
        for constraint in set(graph.objects(shape.node, SH.sparql)) if nodes else ():
            texts, messages = list(graph.objects(constraint, SH.select)), graph.objects(constraint, SH.message)
            if len(texts) != 1 or not all(map(_is_text, (*texts, *messages))):
                raise _Unknown
            if any(True for _ in graph.objects(constraint, SH.deactivated)):
                raise _Unknown
            helper = kind(shape, constraint, texts[0].value)
            try:
                helper.collect_prefixes()
                bound, text = helper.pre_bind_variables(next(iter(nodes)))
            except (ReportableRuntimeError, NotImplementedError) as error:
                raise _Unknown from error
            if list(bound) != ["this"]:
                raise _Unknown
            yield pieces(helper.apply_prefixes(text))

    def _answered(self, pieces: list[str], nodes: Collection[Any]) -> set[Any]:
        """Give the nodes of which a query has a row, and those of which it cannot be asked together."""
        asked = [node for node in nodes if isinstance(node, rdflib.URIRef) and _SAFE_IRI.fullmatch(node)]
        found = set(nodes).difference(asked)
        for start in range(0, len(asked), _TOGETHER):
            some = " ".join(f"<{node}>" for node in asked[start : start + _TOGETHER])
            chosen = f" VALUES ?this {{ {some} }} "
            try:
                answer = self._data.query(chosen.join(pieces))
                if "this" not in map(str, answer.vars or ()):
                    raise _Unknown
                found.update(each for row in answer.bindings if (each := row.get(rdflib.Variable("this"))) is not None)
            except (SyntaxError, OSError, RuntimeError, ValueError) as error:
                raise _Unknown from error
        return found


def pieces(query: str) -> list[str]:
    """Take a query apart where ``VALUES ?this`` belongs, so that each group is asked of the nodes; raises _Unknown.

    A group that is evaluated by itself (SPARQL 1.1 §18.6) would not see what is bound outside. In EXISTS it is
    substituted.
    """
    found, begun = [], 0
    inside: list[bool] = []
    tokens = significant(query)
    selects = sum(token.is_word("SELECT") for token in tokens)
    if selects != 1 or any(token.is_word(*_NOT_TOGETHER) for token in tokens):
        raise _Unknown
    for number, token in enumerate(tokens):
        if token.kind == "mark" and token.text == "{":
            in_exists = (inside[-1] if inside else False) or tokens[number - 1].is_word("EXISTS")
            inside.append(in_exists)
            if not in_exists:
                found.append(query[begun : token.start + 1])
                begun = token.start + 1
        elif token.kind == "mark" and token.text == "}" and inside:
            inside.pop()
    return [*found, query[begun:]]


def _each(test: _Conforms) -> _Test:
    return lambda _focus, values: all(map(test, values))


def _all(tests: Iterable[_Test]) -> _Test:
    given = list(tests)
    return lambda focus, values: all(test(focus, values) for test in given)


def _matches(patterns: Iterable[str]) -> _Conforms:
    try:
        compiled = [re.compile(pattern) for pattern in patterns]
    except re.error as error:
        raise _Unknown from error
    return lambda value: not isinstance(value, rdflib.BNode) and all(each.search(str(value)) for each in compiled)


def _speaks(languages: list[str]) -> _Conforms:
    def test(value: Any) -> bool:
        language = (value.language or "").lower() if isinstance(value, rdflib.Literal) else ""
        return bool(language) and (language in languages or language.partition("-")[0] in languages)

    return test


def _differ(values: Iterable[Any]) -> bool:
    tags = [each.language.lower() for each in values if isinstance(each, rdflib.Literal) and each.language]
    return len(tags) == len(set(tags))


def _is_surely(value: rdflib.Literal, datatype: rdflib.URIRef) -> bool:
    if value.language:
        return datatype == RDF.langString and isinstance(value.value, str)
    if value.datatype != datatype or value.ill_typed:
        return False
    return isinstance(value.value, _VALUES.get(datatype, object))


def _at_least(number: int) -> _Test:
    return lambda _focus, values: len(values) >= number


def _at_most(number: int) -> _Test:
    return lambda _focus, values: len(values) <= number


def _not_shorter(number: int) -> _Test:
    return _each(lambda value: not isinstance(value, rdflib.BNode) and len(str(value)) >= number)


def _not_longer(number: int) -> _Test:
    return _each(lambda value: not isinstance(value, rdflib.BNode) and len(str(value)) <= number)


def _is_text(term: Any) -> bool:
    return isinstance(term, rdflib.Literal) and isinstance(term.value, str)


_OF_PROPERTIES: Final = (SH.minCount, SH.maxCount, SH.uniqueLang)
_NUMBERS: Final[dict[Any, Callable[[int], _Test]]] = {
    SH.minCount: _at_least,
    SH.maxCount: _at_most,
    SH.minLength: _not_shorter,
    SH.maxLength: _not_longer,
}
