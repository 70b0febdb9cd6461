"""One rule: a CONSTRUCT query taken apart into premises and conclusions (SPARQL 1.1 §16.2, §18.2).

A rule must be monotone, so that the fixpoint does not depend on the order of rules, and may name nothing new: its
WHERE holds triple patterns, FILTER, VALUES, UNION and paths; every variable of a conclusion stands in a triple pattern.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import chain
from typing import Any, Final

from rdflib.paths import Path as PropertyPath
from rdflib.plugins.sparql import prepareQuery
from rdflib.term import BNode, URIRef, Variable
from rdflib.term import Literal as RdfLiteral

from app.errors import RuleRefused
from app.query.files import QueryFile
from app.query.tokens import significant
from app.terms import XSD_STRING, Iri, Literal, Term, n3

_FORBIDDEN: Final = {
    "LeftJoin": "OPTIONAL",
    "Minus": "MINUS",
    "Builtin_NOTEXISTS": "NOT EXISTS",
    "Graph": "GRAPH",
    "ServiceGraphPattern": "SERVICE",
    "AggregateJoin": "aggregates",
    "Slice": "LIMIT",
    **{f"Builtin_{name}": name for name in ("EXISTS", "NOW", "RAND", "UUID", "STRUUID", "BNODE")},
}


class Var(str):
    """A variable of a pattern: its name without ``?``."""

    __slots__ = ()


Part = Term | Var
Pattern = tuple[Part, Part, Part]


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule with one conclusion for each triple of its template.

    ``where`` is the text between the braces of WHERE, in which each arm of a UNION binds a variable of its own;
    ``arms`` are the variables that are bound where each premise is one. ``prologue`` is what stands before CONSTRUCT.
    """

    file: QueryFile
    premises: tuple[Pattern, ...]
    arms: tuple[frozenset[str], ...]
    conclusions: tuple[Pattern, ...]
    variables: tuple[str, ...]
    prologue: str
    where: str
    has_paths: bool
    has_unions: bool

    @property
    def name(self) -> str:
        """The name of its file."""
        return self.file.name

    def select(self, conclusion: Pattern) -> str:
        """Give the query for the bindings whose conclusion is not in the graph yet."""
        triple = " ".join(_sparql(part) for part in conclusion)
        names = " ".join(f"?{name}" for name in self.variables)
        # Put together from a query file: the rule's own text, asked for its bindings.
        return (
            f"{self.prologue}\nSELECT DISTINCT {names} WHERE {{ {{ {self.where}\n}} FILTER NOT EXISTS {{ {triple} }} }}"
        )

    def may_use(self, predicates: Iterable[str]) -> bool:
        """Say whether a new triple of one of these predicates can be a premise."""
        used = {predicate for _, predicate, _ in self.premises}
        return self.has_paths or any(isinstance(each, Var) for each in used) or not used.isdisjoint(predicates)


def applicable(rules: Sequence[Rule], occurs: Callable[[Pattern], bool]) -> list[Rule]:
    """Give the rules that can ever apply: each premise occurs, or one of these rules concludes something like it.

    occurs: whether a triple like a pattern is in the data. Of premises in the arms of a UNION one is enough.
    """
    waiting, found = list(rules), list[Rule]()
    concluded: list[Pattern] = []
    is_given = cache(occurs)

    def may_be(premise: Pattern) -> bool:
        like: Pattern = tuple(Var(place) if isinstance(p, Var) else p for p, place in zip(premise, "spo", strict=True))  # type: ignore[assignment]
        return is_given(like) or any(_alike(like, each) for each in concluded)

    while new := [rule for rule in waiting if (any if rule.has_unions else all)(map(may_be, rule.premises))]:
        found += new
        waiting = [rule for rule in waiting if rule not in new]
        concluded += chain.from_iterable(rule.conclusions for rule in new)
    return [rule for rule in rules if rule in found]


def _alike(one: Pattern, other: Pattern) -> bool:
    """Say whether a triple can be like both patterns."""
    return all(isinstance(a, Var) or isinstance(b, Var) or a == b for a, b in zip(one, other, strict=True))


@lru_cache(256)
def _algebra(text: str) -> Any:
    """Parse a query; that takes long, and most rules are the same in every content."""
    return prepareQuery(text).algebra


def read_rule(file: QueryFile) -> Rule:
    """Take a rule apart; raises RuleRefused."""
    try:
        algebra = _algebra(file.text)
    except MemoryError:  # says nothing of the rule
        raise
    except Exception as error:  # pyparsing and rdflib raise many kinds
        raise refused(file, f"is not valid SPARQL: {error}", f"er ikke gyldig SPARQL: {error}") from error
    prologue, where = _cut(file)
    nodes = list(_nodes(algebra))
    has_unions = any(node.name == "Union" for node in nodes)
    for node in nodes:
        if word := _FORBIDDEN.get(node.name):
            en = f"uses {word}; a rule holds only triple patterns, FILTER, VALUES and UNION"
            nb = f"bruker {word}; en regel består bare av trippelmønstre, FILTER, VALUES og UNION"
            raise refused(file, en, nb)
    triples = [triple for node in nodes if node.name == "BGP" for triple in node.triples or ()]
    premises = [triple for triple in triples if not isinstance(triple[1], PropertyPath)]
    if any(isinstance(part, BNode) for triple in [*premises, *algebra.template] for part in triple):
        en = "holds a blank node; write a variable in its place, and make no new nodes"
        raise refused(file, en, "har en blank node; skriv en variabel i stedet, og lag ingen nye noder")
    bound = {part for triple in triples for part in triple if isinstance(part, Variable)}
    for triple in algebra.template:
        if free := [part for part in triple if isinstance(part, Variable) and part not in bound]:
            en = f"mints new nodes: ?{free[0]} stands in no triple pattern of WHERE"
            raise refused(file, en, f"lager nye noder: ?{free[0]} står ikke i noe trippelmønster i WHERE")
    if not premises:
        raise refused(file, "has no triple pattern in WHERE", "har ikke noe trippelmønster i WHERE")
    told = [(triple, frozenset[str]()) for triple in premises]
    if has_unions:
        where = _with_arms(where)
        told = list(_by_arm(_algebra(f"{prologue}\nSELECT * WHERE {{ {where}\n}}").p))
    told = _as_written(told, where)
    return Rule(
        file=file,
        premises=tuple(_pattern(triple) for triple, _ in told),
        arms=tuple(arms for _, arms in told),
        conclusions=tuple(_pattern(triple) for triple in algebra.template),
        variables=tuple(sorted({*map(str, bound), *chain.from_iterable(arms for _, arms in told)})),
        prologue=prologue,
        where=where,
        has_paths=len(premises) < len(triples),
        has_unions=has_unions,
    )


def _nodes(node: Any) -> Iterator[Any]:
    """Give the nodes of rdflib's algebra that have a name, depth first."""
    if hasattr(node, "name") and isinstance(node, dict):
        yield node
    children = node.values() if isinstance(node, dict) else node if isinstance(node, list | tuple) else ()
    for child in children:
        yield from _nodes(child)


def _with_arms(where: str) -> str:
    """Let each arm of a UNION bind a variable of its own: a solution then says of which arms it is one."""
    found, opened, closing = significant(where), list[int](), dict[int, int]()
    for place, token in enumerate(found):
        if token.text == "{":
            opened.append(place)
        elif token.text == "}":
            closing[opened.pop()] = place
    opening = {last: first for first, last in closing.items()}
    unions = [place for place, token in enumerate(found) if token.is_word("UNION")]
    name = "arm"
    while name in where:
        name += "_"
    added = []
    for number, first in enumerate(sorted({each for place in unions for each in (opening[place - 1], place + 1)})):
        added.append((found[first].start, True, f"{{ VALUES ?{name}{number} {{ 0 }} "))
        added.append((found[closing[first]].start + 1, False, " }"))
    for place, _, text in sorted(added, reverse=True):
        where = where[:place] + text + where[place:]
    return where


def _by_arm(node: Any, arms: frozenset[str] = frozenset()) -> Iterator[tuple[Any, frozenset[str]]]:
    """Give the premises below a node, each with the variables that are bound where it is one."""
    if getattr(node, "name", None) == "BGP":
        yield from ((triple, arms) for triple in node.triples if not isinstance(triple[1], PropertyPath))
    elif getattr(node, "name", None) == "Union":
        for arm in (node.p1, node.p2):
            # An arm with its variable is a join; what else stands here is the union of the arms before.
            own = {str(name) for name in arm.p1.p.res[0]} if arm.name == "Join" else set()
            yield from _by_arm(arm, arms | own)
    else:
        for child in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
            yield from _by_arm(child, arms)


def _as_written(told: list[tuple[Any, frozenset[str]]], where: str) -> list[tuple[Any, frozenset[str]]]:
    """Order patterns as the file has them, by where their variables come first: rdflib sorts them its own way."""
    first: dict[str, int] = {}
    for token in significant(where):
        if token.kind == "variable":
            first.setdefault(token.text[1:], token.start)
    return sorted(told, key=lambda each: [first.get(str(each[0][part]), 0) for part in (0, 2, 1)])


def _cut(file: QueryFile) -> tuple[str, str]:
    """Give the prologue and the text inside the braces of WHERE."""
    found = significant(file.text)
    start = next(i for i, token in enumerate(found) if token.is_word("CONSTRUCT"))
    if any(token.is_word("FROM") for token in found) or found[start + 1].text != "{":
        raise refused(file, "is not CONSTRUCT { … } WHERE { … }", "er ikke på formen CONSTRUCT { … } WHERE { … }")
    template = next(i for i, token in enumerate(found) if i > start and token.text == "}")
    opening = next(token for token in found[template:] if token.text == "{")
    closing = [token for token in found if token.kind == "mark" and token.text == "}"][-1]
    return file.text[: found[start].start], file.text[opening.start + 1 : closing.start]


def refused(file: QueryFile, en: str, nb: str) -> RuleRefused:
    """Give the refusal of a rule, of which the texts say what is wrong: they go on after its name."""
    return RuleRefused(file.path, f"the rule {file.name} {en}", f"regelen {file.name} {nb}")


def _pattern(triple: Any) -> Pattern:
    subject, predicate, value = (_part(part) for part in triple)
    return subject, predicate, value


def _part(part: Any) -> Part:
    if isinstance(part, Variable):
        return Var(part)
    if isinstance(part, URIRef):
        return Iri(part)
    assert isinstance(part, RdfLiteral)
    return Literal(str(part), part.language, Iri(part.datatype or XSD_STRING))


def _sparql(part: Part) -> str:
    """Write a part of a pattern as SPARQL does."""
    return f"?{part}" if isinstance(part, Var) else n3(part)
