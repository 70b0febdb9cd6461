"""What the files of a content say, as editing needs it: each statement with the file that it stands in."""

import hashlib
import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Final, NamedTuple

from app.content.folders import Content
from app.content.reading import read
from app.entities.labels import Label, best, from_iri
from app.namespaces import CERTAINTY, DCTERMS_SOURCE, LABEL_PROPERTIES, RDF_TYPE, RDFS_SUBCLASS_OF, iris
from app.query.library import local_name
from app.search.folding import fold
from app.terms import Iri, Literal, Term, Triple

_OTHER_NAMES: Final = iris("skos:altLabel skos:hiddenLabel dcterms:identifier")
# Programs for texts make other hyphens and dashes of what people type.
_HYPHENS: Final = str.maketrans(dict.fromkeys("\u00ad", "") | dict.fromkeys("‐‑‒–—―−", "-"))
# Letters that are not a letter with a mark (docs/iris.md, rule 4).
_LETTERS: Final = str.maketrans({"ø": "o", "æ": "ae", "đ": "d", "ŋ": "n", "ŧ": "t", "ß": "ss", "ð": "d", "þ": "th"})


class Stated(NamedTuple):
    """A value that a file states of a thing, and the name of the file below the content's root."""

    value: Term
    file: str


@dataclass(frozen=True, slots=True)
class Voice:
    """Who says something: a graph of the data, with its source and certainty; where new statements are written."""

    graph: Iri
    names: tuple[Literal, ...]
    source: Iri | None
    certainty: Iri | None
    files: tuple[str, ...]


@dataclass(slots=True)
class Base:
    """The statements of ``data/``, each with its file; those of ``ontology/`` and ``shapes/`` beside them.

    ``data/dataset.ttl`` describes the dataset and its graphs; nobody edits it by these doors.
    """

    content: Content
    statements: dict[Iri, dict[Iri, list[Stated]]] = field(default_factory=dict)
    model: tuple[Triple, ...] = ()
    shapes: tuple[Triple, ...] = ()
    described: tuple[Triple, ...] = ()
    _model_labels: dict[Term, dict[Iri, list[Literal]]] = field(default_factory=dict)
    _said: set[tuple[Iri, Iri, Stated]] = field(default_factory=set)
    _pointing: dict[Term, set[tuple[Iri, Iri]]] = field(default_factory=dict)
    _wider: dict[Iri, frozenset[Iri]] = field(default_factory=dict)
    # What was found out of the statements; forgotten when these change.
    _classes: dict[Iri, frozenset[Iri]] = field(default_factory=dict)
    _voices: list[Voice] = field(default_factory=list)
    _names: dict[str, set[Iri]] = field(default_factory=dict)

    @classmethod
    def read(cls, content: Content) -> "Base":
        """Read all files. Raises ContentError for one that cannot be read."""
        base = cls(content)
        for file in content.rdf("data"):
            if file.graph is None:
                base.described = tuple(triple for triple, _ in read(file, content.base))
                continue
            for (subject, predicate, value), _graph in read(file, content.base):
                if isinstance(subject, Iri):
                    base.add(subject, predicate, Stated(value, file.name))
        base.model = tuple(_triples(content, "ontology"))
        base.shapes = tuple(_triples(content, "shapes"))
        for subject, predicate, value in (*base.model, *base.shapes, *base.described):
            if predicate in LABEL_PROPERTIES and isinstance(value, Literal):
                base._model_labels.setdefault(subject, {}).setdefault(predicate, []).append(value)
        return base

    def add(self, subject: Iri, predicate: Iri, stated: Stated) -> None:
        """Note one more statement; one that is there already in the same file changes nothing."""
        values = self.statements.setdefault(subject, {}).setdefault(predicate, [])
        if not self.says(subject, predicate, stated):
            values.append(stated)
            self._said.add((subject, predicate, stated))
            self._forget(subject)
            self._pointing.setdefault(stated.value, set()).add((subject, predicate))
            if isinstance(stated.value, Literal) and predicate in (*LABEL_PROPERTIES, *_OTHER_NAMES):
                self._names.setdefault(folded(stated.value.value), set()).add(subject)

    def remove(self, subject: Iri, predicate: Iri, stated: Stated) -> None:
        """Forget a statement; one that is not there changes nothing."""
        values = self.statements.get(subject, {}).get(predicate, [])
        if self.says(subject, predicate, stated):
            values.remove(stated)
            self._said.discard((subject, predicate, stated))
            self._forget(subject)

    def _forget(self, subject: Iri) -> None:
        self._classes.pop(subject, None)
        self._voices.clear()

    def says(self, subject: Iri, predicate: Iri, stated: Stated) -> bool:
        """Say whether a file states this; at once, also of a thing with many values."""
        return (subject, predicate, stated) in self._said

    def values(self, subject: Iri, predicate: Iri) -> list[Stated]:
        """Give what the files state of a thing by a property, in the order of the files."""
        return list(self.statements.get(subject, {}).get(predicate, ()))

    def pointing(self, thing: Term, predicate: Iri | None = None) -> list[tuple[Iri, Iri]]:
        """Give the statements (subject, property) whose value is a thing, in order."""
        found = self._pointing.get(thing, ())
        chosen = (
            (s, p) for s, p in found if predicate in (None, p) and any(v.value == thing for v in self.values(s, p))
        )
        return sorted(chosen)

    def superclasses(self, cls: Iri) -> frozenset[Iri]:
        """Give a class and all above it, by the ``rdfs:subClassOf`` of the ontology."""
        if cls not in self._wider:
            self._wider[cls] = frozenset({cls})  # a circle ends here
            above = (o for s, p, o in self.model if s == cls and p == RDFS_SUBCLASS_OF and isinstance(o, Iri))
            self._wider[cls] = frozenset({cls}).union(*(self.superclasses(each) for each in above))
        return self._wider[cls]

    def classes(self, thing: Iri) -> frozenset[Iri]:
        """Give the classes of a thing with all above them."""
        if thing not in self._classes:
            stated = (each.value for each in self.values(thing, RDF_TYPE))
            found = (self.superclasses(each) for each in stated if isinstance(each, Iri))
            self._classes[thing] = frozenset().union(*found)
        return self._classes[thing]

    def things(self, cls: Iri) -> list[Iri]:
        """Give the things of a class and of those below it, in order of IRI."""
        return sorted(thing for thing in self.statements if cls in self.classes(thing))

    def label(self, term: Term, languages: Sequence[str]) -> Label:
        """Give the name of a term in the most wanted language, else one made from its IRI; of a literal its text."""
        if not isinstance(term, Iri):
            return Label(str(term))
        for predicate in LABEL_PROPERTIES:
            if found := best(self.labels(term, predicate), languages):
                return found
        return from_iri(term, self.content.prefixes)

    def labels(self, term: Iri, predicate: Iri | None = None) -> list[Literal]:
        """Give what names a thing or a term of the model in all languages, by one property or the strongest first."""
        found: list[Literal] = []
        for each in LABEL_PROPERTIES if predicate is None else (predicate,):
            found += [stated.value for stated in self.values(term, each) if isinstance(stated.value, Literal)]
            found += self._model_labels.get(term, {}).get(each, ())
        return found

    def named(self, text: str, classes: Collection[Iri] = ()) -> list[Iri]:
        """Give the things that have a text as name, other name or id (any case, spaces and marks), in order.

        With classes only things of one of them.
        """
        found = self._names.get(folded(text), ())
        return sorted(each for each in found if not classes or self.classes(each) & frozenset(classes))

    def names(self, things: Collection[Iri]) -> list[str]:
        """Give the names, other names and ids of things as they are compared (``folded``), in order."""
        return sorted(name for name, named in self._names.items() if not named.isdisjoint(things))

    def voices(self) -> list[Voice]:
        """Give the graphs of the data that statements can be added to: the one with most files first, then by IRI."""
        if not self._voices:
            self._voices += sorted(self._read_voices(), key=lambda each: (-len(each.files), each.graph))
        return list(self._voices)

    def _read_voices(self) -> Iterator[Voice]:
        files: dict[Iri, list[str]] = defaultdict(list)
        for file in self.content.rdf("data"):
            if file.graph is not None and file.editable:
                files[file.graph].append(file.name)
        about: dict[Iri, list[Triple]] = defaultdict(list)
        for triple in self.described:
            if triple[0] in files:
                about[Iri(triple[0])].append(triple)
        for graph, names in files.items():
            own = [(graph, p, each.value) for p, values in self.statements.get(graph, {}).items() for each in values]
            told = [*about[graph], *own]

            def one(predicate: Iri, told: Sequence[Triple] = told) -> Iri | None:
                return next((o for _, p, o in told if p == predicate and isinstance(o, Iri)), None)

            labels = tuple(o for _, p, o in told if p in LABEL_PROPERTIES and isinstance(o, Literal))
            yield Voice(graph, labels, one(DCTERMS_SOURCE), one(CERTAINTY), tuple(sorted(names)))

    def graph_of(self, file: str) -> Iri | None:
        """Give the graph of a file of the data, by its name."""
        return next((each.graph for each in self.content.rdf("data") if each.name == file), None)

    def file_for(self, graph: Iri, subject: Iri, cls: Iri | None = None) -> str:
        """Give the file of a graph where a statement about a thing belongs.

        That is where most is said of it already, else where most things of its class are, else a file that is named
        after its kind; a graph of ``register/`` is one file.
        """
        here = [each for each in self.voices() if each.graph == graph]
        files = here[0].files if here else ()
        if len(files) == 1:
            return files[0]
        said = Counter(
            each.file for values in self.statements.get(subject, {}).values() for each in values if each.file in files
        )
        if not said and cls:
            alike = (each for thing in self.things(cls) for each in self.values(thing, RDF_TYPE))
            said = Counter(each.file for each in alike if each.file in files)
        if said:
            return min(said, key=lambda name: (-said[name], name))
        place = graph.removeprefix(f"{self.content.base}graph/")
        folder = PurePosixPath("data") / place
        return f"{folder}.ttl" if place.startswith("register/") else f"{folder / (self.kind(cls) or 'added')}.ttl"

    def kind(self, cls: Iri | None) -> str | None:
        """Give the kind that things of a class have in their IRIs (``id/<kind>/<slug>``): the commonest one.

        Of a class without things it is the class's own name in small letters.
        """
        if cls is None:
            return None
        kinds = Counter(kind for thing in self.things(cls) if (kind := kind_of(thing, self.content.base)))
        if kinds:
            return min(kinds, key=lambda each: (-kinds[each], each))
        return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "-", local_name(cls)).lower()

    def mint(self, kind: str, name: str, taken: Collection[Iri] = ()) -> Iri:
        """Make a new IRI ``id/<kind>/<slug>`` of a name; a number goes after a slug that is taken (docs/iris.md)."""
        stem = f"{self.content.base}id/{kind}/{slug(name)}"
        for number in range(1, 100_000):
            found = Iri(stem if number == 1 else f"{stem}-{number}")
            if found not in self.statements and found not in taken and not self.pointing(found):
                return found
        raise ValueError(f"no free name for {name!r}")


def kind_of(iri: str, base: str) -> str | None:
    """Give the kind of a thing of the base, None for any other IRI and for parts of things."""
    kind, _, name = iri.removeprefix(f"{base}id/").partition("/")
    return kind if iri.startswith(f"{base}id/") and name and "#" not in name else None


def slug(name: str) -> str:
    """Make a slug (docs/iris.md, rule 4): small ASCII letters, digits and hyphens; ``x`` where nothing is left."""
    plain = unicodedata.normalize("NFKD", name.lower().translate(_LETTERS)).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:80].rstrip("-") or "x"


def folded(text: str) -> str:
    """Give a text as names are compared: without case, marks, kinds of hyphens, and with single plain spaces."""
    return " ".join(fold(unicodedata.normalize("NFC", text).translate(_HYPHENS)).split())


def digest(values: Iterable[Term]) -> str:
    """Give 12 hex digits that are the same for the same set of values."""
    lines = sorted(f"{type(each).__name__} {each!r}" for each in set(values))
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()[:12]


def _triples(content: Content, folder: str) -> Iterator[Triple]:
    for file in content.rdf(folder):
        yield from (triple for triple, _ in read(file, content.base))
