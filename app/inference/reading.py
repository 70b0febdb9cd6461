"""How an OWL 2 reader, owlready2, takes an ontology: what is written so that it is no class expression or property.

Pellet passes over such triples without a word, so its verdict would say nothing about them.
"""

import contextlib
import importlib
import io
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Final

from app.mediatypes import N_TRIPLES
from app.store.engine import serialize
from app.terms import Triple

_WARNING: Final = re.compile(r"WARNING: (.*?)(?:; I'm trying to fix it\.*)?$", re.MULTILINE)
_IRI: Final = re.compile(r"\bhttps?://[^\s,;\]]+")
# Only a name for what is read; nothing is fetched.
_NAME: Final = "http://example.invalid/read"


@dataclass(frozen=True, slots=True)
class Reading:
    """How many named classes, properties, individuals; what could not be read, a line each, IRIs as ``<IRI>``."""

    classes: int
    properties: int
    individuals: int
    problems: tuple[str, ...]


def read(triples: Iterable[Triple]) -> Reading:
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
