"""Contradictions with disjoint classes (OWL 2 RL, cax-dw and cax-adc), told by the rules and facts behind them."""

from collections.abc import Iterator, Mapping
from itertools import islice
from pathlib import Path
from typing import Final

from app.entailment.fixpoint import Inference
from app.entailment.rules import Rule
from app.errors import RuleRefused
from app.namespaces import RDF_TYPE, shown
from app.query.library import engine_query
from app.store.interface import Store
from app.terms import Iri, Literal, Subject, Term, Triple, n3

# So many are told at most.
_MOST: Final = 20


def contradictions(
    store: Store, inference: Inference, rules: Mapping[str, Rule], own: Path, prefixes: Mapping[str, str]
) -> list[RuleRefused]:
    """Give what is in two classes that exclude each other: the rule to blame, or none when the data alone says it.

    Of the rules behind it the content's own (in the folder ``own``) are named first, for OWL's are not to be changed.
    ``store`` still holds the steps between (membership of nameless classes).
    """
    refusals = []
    for thing, *classes in islice(_clashes(store), _MOST):
        types: list[Triple] = [(thing, RDF_TYPE, each) for each in classes]
        names = list(dict.fromkeys(name for triple in types for name in _rules(inference, triple)))
        blamed = next((rules[name] for name in names if rules[name].file.path.is_relative_to(own)), None)
        what, (one, other) = shown(thing, prefixes), (_named(inference, triple, prefixes) for triple in types)
        if blamed:
            en = f"the rule {blamed.name} makes {what} both {one} and {other}, which exclude each other"
            nb = f"regelen {blamed.name} gjør {what} til både {one} og {other}, som utelukker hverandre"
        else:
            by = ", ".join(names)
            en = f"{what} is both {one} and {other}, which exclude each other" + (f" (rules: {by})" if by else "")
            nb = f"{what} er både {one} og {other}, som utelukker hverandre" + (f" (regler: {by})" if by else "")
        refusals.append(RuleRefused(blamed.file.path if blamed else None, en, nb))
    return refusals


def _clashes(store: Store) -> Iterator[tuple[Subject, Term, Term]]:
    """Give each thing that is in two disjoint classes, with the first two of them."""
    classes: dict[tuple[Term, Subject], list[Term]] = {}
    for row in store.select(engine_query("engine/disjoint-classes")).rows:
        if not isinstance(thing := row["thing"], Literal):
            classes.setdefault((row["axiom"], thing), []).append(row["class"])
    for (_, thing), found in classes.items():
        if len(found) > 1:
            one, other = sorted(found, key=n3)[:2]
            yield thing, one, other
    for row in store.select(engine_query("engine/disjoint-pairs")).rows:
        if not isinstance(thing := row["thing"], Literal):
            yield thing, row["one"], row["other"]


def _rules(inference: Inference, triple: Triple) -> Iterator[str]:
    for each in inference.proof(triple):
        for derivation in inference.derivations.get(each, ())[:1]:
            yield from derivation.rules


def _named(inference: Inference, triple: Triple, prefixes: Mapping[str, str]) -> str:
    """Give the class in question; of a nameless one the named class it was concluded from."""
    types = (each[2] for each in inference.proof(triple) if each[1] == RDF_TYPE and each[0] == triple[0])
    return next((shown(value, prefixes) for value in types if isinstance(value, Iri)), "owl:Class")
