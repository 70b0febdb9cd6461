"""A table of a class, derived from the shapes: its columns with names, help, order and kind, and its parts.

One derivation for the workbook, the form, the download of a list and CSVW. Read are SHACL's ``sh:name sh:description
sh:order sh:group sh:in sh:class sh:or sh:datatype sh:nodeKind sh:minCount sh:maxCount sh:pattern sh:languageIn
sh:uniqueLang sh:defaultValue``, and DASH's ``dash:applicableToClass`` (a shape by subjects of a property serves these
classes too), ``dash:editor``, ``dash:singleLine`` and ``dash:hidden`` (docs/model.md, "Shapes: order, groups").
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Final
from typing import Literal as OneOf

from babel import Locale, UnknownLocaleError

from app.editing.base import Base
from app.editing.shapes import Said, Shapes, by_language
from app.entities.labels import from_iri, standard_names
from app.namespaces import (
    CERTAINTY,
    DCTERMS_SOURCE,
    LABEL_PROPERTIES,
    RDF_TYPE,
    RDFS_COMMENT,
    RDFS_RANGE,
    SH_ORDER,
    SKOS_DEFINITION,
    iris,
)
from app.terms import RDF_LANG_STRING, Iri, Literal, Term

_NAME, _DESCRIPTION, _GROUP, _PATTERN, _DEFAULT = iris("sh:name sh:description sh:group sh:pattern sh:defaultValue")
_LANGUAGE_IN, _UNIQUE_LANG, _DATATYPE, _CLASS, _IN = iris("sh:languageIn sh:uniqueLang sh:datatype sh:class sh:in")
_NODE_KIND, _SH_IRI, _SINGLE_LINE, _EDITOR = iris("sh:nodeKind sh:IRI dash:singleLine dash:editor")
_AREAS: Final = iris("dash:TextAreaEditor dash:TextAreaWithLangEditor dash:RichTextEditor")
(_URI_EDITOR,) = iris("dash:URIEditor")
(_OBJECT_PROPERTY,) = iris("owl:ObjectProperty")
_LAST: Final = float("inf")

# What a cell holds: a line of text; text of several lines; an integer; a decimal number; a date; a date of any
# precision (xsd:gYear, xsd:gYearMonth or xsd:date); a year; yes or no; one of some terms; a thing by name; an address.
Kind = OneOf["line", "text", "integer", "decimal", "date", "period", "year", "boolean", "choice", "link", "address"]


@dataclass(frozen=True, slots=True)
class Group:
    """A group of columns (``sh:PropertyGroup``): names by language and place."""

    iri: Iri
    names: Mapping[str, str]
    order: float = float("inf")


@dataclass(frozen=True, slots=True)
class Column:
    """A column: one property, in one language when its values have languages (then there is a column for each).

    ``key`` names it for ever, whatever it is called and wherever it stands: the property's IRI, with ``@nb`` after it
    for a language. ``choices`` are the terms of ``sh:in``; ``classes`` those whose things a link may lead to (any of
    them; none given: any thing); ``datatypes`` what literals may have, the most precise last. ``many``: more than one
    value is allowed.
    """

    key: str
    property: Iri
    kind: Kind
    names: Mapping[str, str]
    help: Mapping[str, str] = field(default_factory=dict)
    language: str | None = None
    required: bool = False
    many: bool = False
    choices: tuple[Term, ...] = ()
    classes: tuple[Iri, ...] = ()
    datatypes: tuple[Iri, ...] = ()
    pattern: str | None = None
    default: Term | None = None
    group: Group | None = None
    order: float = float("inf")
    shape: Iri | None = None

    def heading(self, language: str) -> str:
        """Give the name in a language, else in another; with the language of the values when they have one."""
        name = self.names.get(language) or next(iter(self.names.values()))
        return f"{name} ({_language_name(self.language, language)})" if self.language else name


@dataclass(frozen=True, slots=True)
class Part:
    """A table whose rows belong to a thing of this one: they point at it by a column (a participation)."""

    table: Iri
    column: str


@dataclass(frozen=True, slots=True)
class Table:
    """The table of a class: names and help by language, columns in order, parts, the kind in the IRIs of its things.

    ``sourced``: its things say their own source and certainty (they have columns for both), so that what is added
    needs no other.
    """

    cls: Iri
    kind: str
    names: Mapping[str, str]
    help: Mapping[str, str]
    columns: tuple[Column, ...]
    parts: tuple[Part, ...] = ()
    sourced: bool = False

    def column(self, key: str) -> Column | None:
        """Give a column by its key."""
        return next((each for each in self.columns if each.key == key), None)


def tables(base: Base) -> dict[Iri, Table]:
    """Give the tables of a content by class, those with most things first.

    A class has a table when a shape with a property of its own is for it (``sh:targetClass``) and none that is for it
    is ``dash:hidden``. It has the columns of all classes above it too.
    """
    shapes = Shapes(base)
    model = _Model(base)
    found = {cls: _table(cls, shapes.properties(cls), base, model) for cls in shapes.classes()}
    counts = Counter(cls for thing in base.statements if (cls := _narrowest(base, found, thing)))
    order = sorted(found, key=lambda cls: (-counts[cls], cls))
    return {cls: replace(found[cls], parts=tuple(_parts(base, found, cls))) for cls in order}


def table_of(base: Base, tables: Mapping[Iri, Table], thing: Iri) -> Table | None:
    """Give the table that a thing is in: that of its narrowest class with one. Each thing is in one table."""
    cls = _narrowest(base, tables, thing)
    return tables[cls] if cls else None


def things(base: Base, tables: Mapping[Iri, Table], table: Table) -> list[Iri]:
    """Give the things of a table, in order of IRI: not those of a narrower one."""
    return sorted(thing for thing in base.things(table.cls) if _narrowest(base, tables, thing) == table.cls)


def targets(base: Base, column: Column) -> list[Iri]:
    """Give the things that a link may lead to, in order of IRI: of its classes, with an IRI of its pattern.

    A pattern that Python does not read (SHACL has those of XPath) is left to the check of the shapes.
    """
    classes = frozenset(column.classes)
    pattern = re.compile("")
    with suppress(re.error):
        pattern = re.compile(column.pattern or "")
    return sorted(
        thing
        for thing in base.statements
        if pattern.search(thing) and (found := base.classes(thing)) and (not classes or found & classes)
    )


def _narrowest(base: Base, tables: Mapping[Iri, Table], thing: Iri) -> Iri | None:
    """Give the narrowest class of a thing that has a table: the one with most above it."""
    return min(
        (cls for cls in base.classes(thing) if cls in tables),
        key=lambda cls: (-len(base.superclasses(cls)), cls),
        default=None,
    )


class _Model:
    """What the ontology says that shapes leave open: names, definitions, what a property leads to."""

    def __init__(self, base: Base) -> None:
        """Read the ontology and the shapes of the base once, and what things have in which language."""
        self.prefixes = base.content.prefixes
        titled = [each for each in base.content.dataset.title if each]
        named = base.content.dataset.languages
        self.titled = tuple(sorted(titled, key=lambda each: named.index(each) if each in named else len(named)))
        self.languages = tuple(dict.fromkeys((*self.titled, *named)))
        self._about: dict[Term, list[tuple[Iri, Term]]] = {}
        for subject, predicate, value in (*base.model, *base.shapes):
            self._about.setdefault(subject, []).append((predicate, value))

    def texts(self, term: Iri, *predicates: Iri) -> dict[str, str]:
        """Give the texts of a term by language, by the first property that it has."""
        for predicate in predicates:
            if found := by_language(self.literals(term, predicate)):
                return found
        return {}

    def names(self, term: Iri) -> dict[str, str]:
        """Give the names of a term by language: its own, those of a standard, else one made from its IRI."""
        return (
            self.texts(term, *LABEL_PROPERTIES)
            or by_language(standard_names().get(term, ()))
            or {"": from_iri(term, self.prefixes).text}
        )

    def literals(self, term: Iri, predicate: Iri) -> list[Literal]:
        """Give the literals that a term has by a property."""
        return [v for each, v in self._about.get(term, ()) if each == predicate and isinstance(v, Literal)]

    def values(self, term: Iri, predicate: Iri) -> list[Iri]:
        """Give the terms that a term has by a property."""
        return [v for each, v in self._about.get(term, ()) if each == predicate and isinstance(v, Iri)]


def _table(cls: Iri, properties: Mapping[Iri, Said], base: Base, model: _Model) -> Table:
    languages: dict[Iri, set[str]] = {}
    for thing in base.things(cls):
        for path, stated in base.statements[thing].items():
            tags = (each.value.language or "" for each in stated if isinstance(each.value, Literal))
            languages.setdefault(path, set()).update(tags)
    columns = [
        column
        for path, said in properties.items()
        for column in _columns(path, said, model, sorted(languages.get(path, ())))
    ]
    has = {each.property for each in columns}
    return Table(
        cls=cls,
        kind=base.kind(cls) or "",
        names=model.names(cls),
        help=model.texts(cls, SKOS_DEFINITION, RDFS_COMMENT),
        columns=tuple(sorted(columns, key=_place)),
        sourced={DCTERMS_SOURCE, CERTAINTY} <= has,
    )


def _place(column: Column) -> tuple[float, str, float, str, str]:
    group = column.group
    name = column.names.get("en") or next(iter(column.names.values()))
    # The languages of a text stand together, in the order in which they were made.
    return (group.order if group else _LAST, group.iri if group else "", column.order, name, column.property)


def _columns(path: Iri, said: Said, model: _Model, used: list[str]) -> Iterable[Column]:
    """Give the column of a property, or one for each language."""
    shape = next((each for each in said.by if isinstance(each, Iri)), None)
    choices = tuple(said.members(_IN))
    kind, classes, datatypes = _kind(path, said, model)
    pattern = said.one(_PATTERN)
    order = said.one(SH_ORDER)
    column = Column(
        key=path,
        property=path,
        kind="choice" if choices else kind,
        names=said.texts(_NAME) or model.names(path),
        help=said.texts(_DESCRIPTION),
        required=said.least > 0,
        many=said.most is None or said.most > 1,
        choices=choices,
        classes=() if choices else classes,
        datatypes=datatypes,
        pattern=str(pattern) if pattern else None,
        default=said.one(_DEFAULT),
        group=_group(said, model),
        order=_number(order) if order else _LAST,
        shape=shape,
    )
    only = [str(each) for each in said.members(_LANGUAGE_IN)]
    unique = said.holds(_UNIQUE_LANG)
    there = [tag for tag in used if tag]
    if not only and not unique and datatypes != (RDF_LANG_STRING,):
        if datatypes or not there or column.kind not in ("line", "text"):
            return [column]
        # Of a text whose shape leaves it open there is a column for each way in which it is written.
        ways = [replace(column, required=False)] if "" in used else []
        return [*ways, *(_in_language(column, tag, required=False) for tag in there)]
    name = path in LABEL_PROPERTIES
    # A name in every language of the dataset, since people ask for a thing by it; other texts in those that it is
    # made in, and in those that are there already.
    tags = only or list(dict.fromkeys((*(model.languages if name else model.titled), *there)))
    asked = only if len(only) <= max(said.least, 1) else ()
    needed = model.titled if name or (said.least and not only) else asked if said.least else ()
    column = replace(column, many=column.many and not unique and said.most != len(only))
    return [_in_language(column, tag, required=tag in needed) for tag in tags]


def _in_language(column: Column, tag: str, *, required: bool) -> Column:
    key = f"{column.property}@{tag}"
    return replace(column, key=key, language=tag, required=required, datatypes=(RDF_LANG_STRING,))


def _kind(path: Iri, said: Said, model: _Model) -> tuple[Kind, tuple[Iri, ...], tuple[Iri, ...]]:
    """Give the kind of cell, the classes that a link leads to, and the datatypes of literals."""
    editor = said.one(_EDITOR)
    if classes := tuple(said.alternatives(_CLASS)):
        return "link", classes, ()
    datatypes = tuple(sorted(said.alternatives(_DATATYPE), key=_precision))
    range_ = tuple(model.values(path, RDFS_RANGE))
    object_property = _OBJECT_PROPERTY in model.values(path, RDF_TYPE)
    if said.one(_NODE_KIND) == _SH_IRI or (not datatypes and object_property and not said.one(_NODE_KIND)):
        web = editor == _URI_EDITOR or str(said.one(_PATTERN) or "").startswith("^http")
        classes = tuple(each for each in range_ if model.values(each, RDF_TYPE))
        return ("link", classes, ()) if classes or not web else ("address", (), ())
    if not datatypes:
        datatypes = tuple(each for each in range_ if each in _KINDS)
    kinds = {_KINDS.get(each, "line") for each in datatypes}
    if len(kinds) == 1:
        kind: Kind = kinds.pop()
    elif kinds and kinds <= {"year", "period", "date"}:
        kind = "period"
    elif kinds and kinds <= {"integer", "decimal"}:
        kind = "decimal"
    else:
        kind = "line"
    single = said.one(_SINGLE_LINE)
    if kind == "line" and (editor in _AREAS or (single and str(single) in ("false", "0"))):
        kind = "text"
    return kind, (), datatypes


_KINDS: Final[dict[Iri, Kind]] = {
    **dict.fromkeys(
        iris("xsd:integer xsd:int xsd:long xsd:short xsd:nonNegativeInteger xsd:positiveInteger"), "integer"
    ),
    **dict.fromkeys(iris("xsd:decimal xsd:double xsd:float"), "decimal"),
    **dict.fromkeys(iris("xsd:string rdf:langString"), "line"),
    **dict(zip(iris("xsd:gYear xsd:gYearMonth xsd:date"), ("year", "period", "date"), strict=True)),
    **dict(zip(iris("xsd:boolean xsd:anyURI"), ("boolean", "address"), strict=True)),
}
_PRECISE: Final = list(_KINDS)


def _precision(datatype: Iri) -> tuple[int, str]:
    return (_PRECISE.index(datatype) if datatype in _KINDS else len(_PRECISE), datatype)


def _group(said: Said, model: _Model) -> Group | None:
    iri = said.one(_GROUP)
    if not isinstance(iri, Iri):
        return None
    order = next((each for each in model.literals(iri, SH_ORDER)), None)
    return Group(iri, model.names(iri), _number(order) if order else _LAST)


def _number(term: Term) -> float:
    try:
        return float(str(term))
    except ValueError:
        return _LAST


def _parts(base: Base, found: Mapping[Iri, Table], cls: Iri) -> Iterable[Part]:
    """Give the tables whose rows belong to a thing of a class: they must point at one such thing, and no more.

    These are tables of relations: what is in them says its own source and certainty. A link with a pattern chooses
    from a list, and makes the row no part of the list.
    """
    above = base.superclasses(cls)
    for table in sorted(found.values(), key=lambda each: each.cls):
        for column in table.columns if table.sourced else ():
            if column.required and not column.many and not column.pattern and above.intersection(column.classes):
                yield Part(table.cls, column.key)


def _language_name(tag: str, language: str) -> str:
    """Give the name of a language in another; of one that is not known its tag."""
    try:
        return Locale.parse(tag, sep="-").get_display_name(language) or tag
    except (ValueError, UnknownLocaleError):
        return tag
