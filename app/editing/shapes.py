"""What the shapes say of the properties of a class: SHACL (§2.1.3 targets, §4 constraints, §2.3.2 names) and DASH."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from app.editing.base import Base
from app.namespaces import RDF_FIRST, RDF_REST, RDF_TYPE, VIOLATION, iris
from app.terms import BlankNode, Iri, Literal, Subject, Term

_NODE_SHAPE, _TARGET_CLASS, _PROPERTY, _PATH = iris("sh:NodeShape sh:targetClass sh:property sh:path")
_NODE, _AND, _OR, _XONE, _DEACTIVATED, _SEVERITY = iris("sh:node sh:and sh:or sh:xone sh:deactivated sh:severity")
_CLASS, _DATATYPE, _MAX_COUNT, _MIN_COUNT = iris("sh:class sh:datatype sh:maxCount sh:minCount")
_APPLICABLE, _HIDDEN = iris("dash:applicableToClass dash:hidden")
_CLASSES: Final = iris("owl:Class rdfs:Class")
# What every class is below (RDF Schema, §2.1).
(_RESOURCE,) = iris("rdfs:Resource")


@dataclass(frozen=True, slots=True)
class Said:
    """What all shapes together say of one property for things of a class; ``by`` has them, the narrowest first.

    All of them hold (SHACL §3.4.1): of several counts the stricter one counts; of what has one value, such as a name,
    that of the narrowest shape. ``strict`` are those that every thing of the class must conform to.
    """

    shapes: "Shapes"
    by: tuple[Subject, ...]
    strict: frozenset[Subject] = frozenset()

    def all(self, predicate: Iri) -> list[Term]:
        """Give the values of the first shape that has any."""
        return next((found for each in self.by if (found := self.shapes.values(each, predicate))), [])

    def one(self, predicate: Iri) -> Term | None:
        """Give the value of the first shape that has one."""
        return next(iter(self.all(predicate)), None)

    def texts(self, predicate: Iri) -> dict[str, str]:
        """Give the texts of the first shape that has any, by language; "" is none."""
        return by_language(each for each in self.all(predicate) if isinstance(each, Literal))

    def members(self, predicate: Iri) -> list[Term]:
        """Give the members of a list, of the first shape that has one."""
        head = self.one(predicate)
        return list(self.shapes.members(head)) if isinstance(head, Iri | BlankNode) else []

    def holds(self, predicate: Iri) -> bool:
        """Say whether one of the shapes says "true"."""
        return any(_is_true(value) for each in self.by for value in self.shapes.values(each, predicate))

    @property
    def least(self) -> int:
        """How many values there must be; a shape that only warns or notes, or only serves the class, demands none."""
        return max(self._counts(self.strict, _MIN_COUNT), default=0)

    @property
    def most(self) -> int | None:
        """How many values there may be; None is any number."""
        return min(self._counts(self.by, _MAX_COUNT), default=None)

    def _counts(self, by: Iterable[Subject], predicate: Iri) -> list[int]:
        found = (str(value) for each in by for value in self.shapes.values(each, predicate))
        return [int(text) for text in found if text.isascii() and text.isdigit()]

    def alternatives(self, predicate: Iri) -> list[Iri]:
        """Give what ``sh:class`` or ``sh:datatype`` says, itself or in each of the alternatives of ``sh:or``.

        Of alternatives that do not all say it there is nothing to give: a value may be something else too.
        """
        if found := [each for each in self.all(predicate) if isinstance(each, Iri)]:
            return found
        for shape in self.by:
            for head in (*self.shapes.values(shape, _OR), *self.shapes.values(shape, _XONE)):
                each = [self.shapes.values(one, predicate) for one in self.shapes.members(head)]
                if each and all(each):
                    return list(dict.fromkeys(value for some in each for value in some if isinstance(value, Iri)))
        return []


class Shapes:
    """The shapes of a content that are not switched off (``sh:deactivated``)."""

    def __init__(self, base: Base) -> None:
        """Read the shapes of the base."""
        self._base = base
        self._about: dict[Term, dict[Iri, list[Term]]] = defaultdict(lambda: defaultdict(list))
        for subject, predicate, value in base.shapes:
            self._about[subject][predicate].append(value)
        # By class the shapes that are for it: those that check its things, and those that serve it besides.
        self._targets: dict[Iri, list[Subject]] = defaultdict(list)
        self._serving: dict[Iri, list[Subject]] = defaultdict(list)
        for shape in sorted(self._about, key=str):
            if isinstance(shape, Literal) or _NODE_SHAPE not in self.values(shape, RDF_TYPE) or self._is_off(shape):
                continue
            for value in self.values(shape, _TARGET_CLASS):
                self._targets[Iri(str(value))].append(shape)
            if isinstance(shape, Iri) and any(each in self.values(shape, RDF_TYPE) for each in _CLASSES):
                self._targets[shape].append(shape)
            for value in self.values(shape, _APPLICABLE):
                self._serving[Iri(str(value))].append(shape)

    def values(self, subject: Term, predicate: Iri) -> list[Term]:
        """Give the values of a property of a shape."""
        return self._about[subject][predicate] if subject in self._about else []

    def members(self, head: Term) -> Iterator[Term]:
        """Give the members of an RDF list; one that goes in a circle ends where it began."""
        seen: set[Term] = set()
        while head not in seen and (first := self.values(head, RDF_FIRST)):
            seen.add(head)
            yield first[0]
            head = next(iter(self.values(head, RDF_REST)), head)

    def severity(self, shape: Subject) -> Term:
        """Give how bad it is not to conform to a shape (SHACL §2.1.4)."""
        return next(iter(self.values(shape, _SEVERITY)), VIOLATION)

    def classes(self) -> list[Iri]:
        """Give the classes whose things may have properties by a shape of their own, in order.

        That is none with a shape that is ``dash:hidden``.
        """
        return sorted(
            cls
            for cls, shapes in self._targets.items()
            if not any(_is_true(value) for shape in shapes for value in self.values(shape, _HIDDEN))
            and any(
                path != RDF_TYPE and Said(self, (part,)).most != 0
                for shape in shapes
                for path, part in self._properties(shape, set())
            )
        )

    def properties(self, cls: Iri) -> dict[Iri, Said]:
        """Give by property what the shapes of a class and of all above it say; without those that it must not have.

        Properties that are ``dash:hidden``, and paths that are more than a property, are left out.
        """
        by: dict[Iri, dict[Subject, None]] = defaultdict(dict)
        strict: set[Subject] = set()
        # What is below another class has all above that one above it too, and itself.
        wider = sorted(self._base.superclasses(cls), key=lambda each: (-len(self._base.superclasses(each)), each))
        for each in (*wider, _RESOURCE):
            targets = self._targets.get(each, [])
            for shape in (*targets, *self._serving.get(each, ())):
                for path, part in self._properties(shape, set()):
                    by[path][part] = None
                    if shape in targets and self.severity(part) == VIOLATION:
                        strict.add(part)
        said = ((path, Said(self, tuple(parts), frozenset(strict.intersection(parts)))) for path, parts in by.items())
        return {path: each for path, each in said if path != RDF_TYPE and each.most != 0 and not each.holds(_HIDDEN)}

    def _properties(self, shape: Term, seen: set[Term]) -> Iterator[tuple[Iri, Subject]]:
        """Give the property shapes of a shape, also of those that it takes in by ``sh:node`` and ``sh:and``."""
        if shape in seen or self._is_off(shape):
            return
        seen.add(shape)
        for part in sorted(self.values(shape, _PROPERTY), key=str):
            paths = self.values(part, _PATH)
            if isinstance(part, Literal) or self._is_off(part):
                continue
            if len(paths) == 1 and isinstance(paths[0], Iri):
                yield paths[0], part
        inside = [*self.values(shape, _NODE), *(one for head in self.values(shape, _AND) for one in self.members(head))]
        for each in inside:
            yield from self._properties(each, seen)

    def _is_off(self, shape: Term) -> bool:
        return any(_is_true(value) for value in self.values(shape, _DEACTIVATED))


def _is_true(term: Term) -> bool:
    return isinstance(term, Literal) and term.value in ("true", "1")


def by_language(literals: Iterable[Literal]) -> dict[str, str]:
    """Give texts by language, "" for none; of several in a language the last in the order of letters."""
    return dict(sorted((each.language or "", each.value) for each in literals))
