"""What the rows of somebody's table may be here: queries of the Reconciliation API answered with scored candidates."""

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal, InvalidOperation
from itertools import product
from typing import Any, Final

from flask_babel import gettext as _

from app.entities.labels import Label, best
from app.namespaces import DCTERMS_DESCRIPTION, PREFIXES
from app.query.binding import bind_rows
from app.query.library import engine_query
from app.search.folding import terms
from app.search.likeness import Alike, alike, likeness, names, things
from app.terms import XSD, Dataset, Iri, Literal, Term, is_absolute_iri, parse_term
from app.web.languages import languages
from app.web.problems import Problem
from app.web.serving import served
from app.web.texts import labels_for

# So many queries at once, candidates for each, properties in each, values of each; so long may a value be.
BATCH: Final = 50
MOST: Final = 50
USUAL: Final = 10
_MOST_CONDITIONS: Final = 10
_MOST_VALUES: Final = 10
_LONGEST: Final = 500
# What a property counts beside the name; a value as like as this agrees.
_PROPERTY: Final = 0.4
_AGREES: Final = 0.95
# What is of none of the classes asked for loses, where it may be found all the same.
_OTHER_CLASS: Final = 0.8
_DESCRIPTIONS: Final = (DCTERMS_DESCRIPTION, Iri(PREFIXES["skos"] + "definition"), Iri(PREFIXES["rdfs"] + "comment"))
_LONGEST_DESCRIPTION: Final = 160
_TYPED: Final = ("integer", "decimal", "date", "gYear", "boolean", "anyURI")
Said = Mapping[tuple[str, str], Sequence[Term]]


@dataclass(frozen=True, slots=True)
class GivenValue:
    """A value to compare with: an IRI, or a text as people write it."""

    text: str
    itself: bool = False


@dataclass(frozen=True, slots=True)
class PropertyCondition:
    """A property with values of which ``any``, ``all`` or ``none`` should be there, or must (``required``)."""

    property: Iri
    values: tuple[GivenValue, ...]
    quantifier: str = "any"
    required: bool = False


@dataclass(frozen=True, slots=True)
class ReconciliationQuery:
    """A name or an IRI, the classes (``strict``: any, all, should), conditions, how many candidates are wanted."""

    texts: tuple[str, ...] = ()
    classes: tuple[str, ...] = ()
    strict: str = "any"
    conditions: tuple[PropertyCondition, ...] = ()
    limit: int = USUAL


@dataclass(frozen=True, slots=True)
class Candidate:
    """A thing that may be meant: how like its name is and each property, from 0 to 1; whether it is certainly meant."""

    thing: Alike
    wanted: bool
    properties: tuple[float, ...] = ()
    named: bool = True
    match: bool = False

    @property
    def score(self) -> float:
        """From 0 to 100: the name counts one, each property two fifths."""
        name, weight = (self.thing.likeness, 1.0) if self.named else (0.0, 0.0)
        whole = weight + _PROPERTY * len(self.properties)
        found = (name + _PROPERTY * sum(self.properties)) / whole if whole else 0.0
        return round(100 * found * (1 if self.wanted else _OTHER_CLASS), 1)

    @property
    def agrees(self) -> bool:
        """Whether it has the very name and what is said of it besides."""
        same = self.thing.same or not self.named
        return same and self.wanted and all(each >= _AGREES for each in self.properties)


def read_json(text: str) -> Any:
    """Read JSON of somebody else; raises Problem (400)."""
    try:
        found = json.loads(text, parse_constant=_no_number)
        json.dumps(found, ensure_ascii=False).encode()  # escapes may hold what is no text
    except (ValueError, RecursionError) as error:
        raise Problem(400, _("What was sent is not JSON: %(error)s", error=str(error)[:200])) from error
    return found


def _no_number(text: str) -> None:
    raise ValueError(text)


def read_queries(document: Any) -> dict[str, ReconciliationQuery]:
    """Read a batch as version 0.2 has it: queries by key; raises Problem."""
    _expect(isinstance(document, dict), _("A batch is an object with a query for each key."))
    _bounded(document)
    return {str(key): _query(each) for key, each in document.items()}


def read_conditions(document: Any) -> list[ReconciliationQuery]:
    """Read a batch as the draft of version 1.0 has it: a list of queries of conditions; raises Problem."""
    given = document.get("queries") if isinstance(document, dict) else None
    _expect(isinstance(given, list), _("A batch is an object with a list “queries”."))
    assert isinstance(given, list)
    _bounded(given)
    return [_drafted(each) for each in given]


def _expect(holds: object, told: str) -> None:
    if not holds:
        raise Problem(400, told)


def _bounded(batch: Sequence[Any] | Mapping[Any, Any]) -> None:
    if len(batch) > BATCH:
        raise Problem(413, _("At most %(most)d queries are answered at once.", most=BATCH))


def _query(given: Any) -> ReconciliationQuery:
    _expect(isinstance(given, dict), _("A query is an object."))
    text, classes, strict = given.get("query"), given.get("type") or (), given.get("type_strict") or "any"
    properties = given.get("properties") or ()
    _expect(text is None or isinstance(text, str), _("“query” is a text."))
    _expect(strict in ("any", "all", "should"), _("“type_strict” is any, all or should."))
    _expect(isinstance(properties, list | tuple), _("“properties” is a list."))
    _expect(text or properties, _("A query has “query” or “properties”."))
    conditions = [_condition(each, "pid", "v") for each in _few(properties, _MOST_CONDITIONS, "properties")]
    return ReconciliationQuery(
        (text[:_LONGEST],) if text else (), _types(classes), strict, tuple(conditions), _limit(given)
    )


def _drafted(given: Any) -> ReconciliationQuery:
    _expect(isinstance(given, dict), _("A query is an object."))
    parts = given.get("conditions")
    _expect(isinstance(parts, list) and parts, _("A query has a list “conditions”."))
    texts, conditions = list[str](), list[PropertyCondition]()
    for each in _few(parts, _MOST_CONDITIONS, "conditions"):
        _expect(isinstance(each, dict), _("A condition is an object."))
        kind = each.get("matchType")
        _expect(kind in ("name", "id", "property"), _("“matchType” is name, id or property."))
        if kind == "property":
            conditions.append(_condition(each, "propertyId", "propertyValue"))
        else:
            texts += [value.text for value in _values(each.get("propertyValue"))]
    return ReconciliationQuery(tuple(texts), _types(given.get("type") or ()), "any", tuple(conditions), _limit(given))


def _few(given: Any, most: int, what: str) -> Any:
    _expect(len(given) <= most, _("“%(what)s” has at most %(most)d parts.", what=what, most=most))
    return given


def _types(given: Any) -> tuple[str, ...]:
    found = []
    for each in _few(given if isinstance(given, list | tuple) else [given], MOST, "type"):
        name = each.get("id") if isinstance(each, dict) else each
        _expect(isinstance(name, str), _("“type” is the identifier of a class, or a list of such."))
        found.append(as_iri(str(name)) or str(name))
    return tuple(dict.fromkeys(found))


def _limit(given: Mapping[str, Any]) -> int:
    limit = given.get("limit")
    if limit is None:
        return USUAL
    whole = isinstance(limit, int | float) and not isinstance(limit, bool) and limit >= 1
    _expect(whole, _("“limit” is a whole number from 1."))
    return int(min(limit, MOST))


def _condition(given: Any, name: str, value: str) -> PropertyCondition:
    _expect(isinstance(given, dict), _("A property is an object."))
    property_, quantifier = given.get(name), given.get("matchQuantifier") or "any"
    _expect(isinstance(property_, str) and property_, _("“%(what)s” is the identifier of a property.", what=name))
    _expect(value in given, _("A property has “%(what)s”.", what=value))
    _expect(quantifier in ("any", "all", "none"), _("“matchQuantifier” is any, all or none."))
    iri = as_iri(property_) or Iri(served().base + "none")  # nothing has a property that is none
    return PropertyCondition(iri, _values(given[value]), quantifier, given.get("required") is True)


def _values(given: Any) -> tuple[GivenValue, ...]:
    found = []
    for each in _few(given if isinstance(given, list) else [given], _MOST_VALUES, "v"):
        if isinstance(each, dict):
            _expect(
                isinstance(each.get("id"), str), _("A value is a text, a number, true, false or an object with “id”.")
            )
            found.append(GivenValue(as_iri(each["id"]) or each["id"], itself=True))
        else:
            _expect(
                isinstance(each, str | int | float),
                _("A value is a text, a number, true, false or an object with “id”."),
            )
            found.append(GivenValue(json.dumps(each) if isinstance(each, bool) else str(each)[:_LONGEST]))
    return tuple(each for each in found if each.text.strip())


def as_iri(text: str) -> Iri | None:
    """Give what somebody calls a class, a property or a thing by as an IRI: whole or a prefixed name."""
    try:
        term = parse_term(text, dict(served().manifest.prefixes))
    except ValueError:
        return None
    return term if isinstance(term, Iri) else None


def answers(queries: Sequence[ReconciliationQuery]) -> list[list[dict[str, Any]]]:
    """Give the candidates of each query as both versions of the interface have them, best first."""
    found = [_candidates(each) for each in queries]
    return _written(found)


def _candidates(query: ReconciliationQuery) -> list[Candidate]:
    given = _found(query)
    said = values_of([each.hit.iri for each in given], [each.property for each in query.conditions])
    called = names(served().index, {str(v) for values in said.values() for v in values if isinstance(v, Iri)})
    found = []
    for thing in given:
        agree = [_agreement(each, said.get((thing.hit.iri, each.property), ()), called) for each in query.conditions]
        if all(like >= _AGREES for each, like in zip(query.conditions, agree, strict=True) if each.required):
            wanted = _is_wanted(thing, query)
            found.append(Candidate(thing, wanted, tuple(agree), named=bool(query.texts)))
    certain = [each for each in found if each.agrees]
    if len(certain) == 1:
        found = [replace(each, match=each is certain[0]) for each in found]
    return sorted(found, key=lambda each: -each.score)[: query.limit]


def _is_wanted(thing: Alike, query: ReconciliationQuery) -> bool:
    of = set(query.classes).intersection(thing.classes)
    return not query.classes or (len(of) == len(query.classes) if query.strict == "all" else bool(of))


def _found(query: ReconciliationQuery) -> list[Alike]:
    """Find the things that a query may mean; the likest of its names counts."""
    index, strict = served().index, query.strict != "should"
    least = len(query.classes) if query.strict == "all" else 1
    found: dict[str, Alike] = {}
    for text in query.texts:
        meant = as_iri(text)
        classes = query.classes if strict else ()
        # The very name comes first; what is said besides may move others.
        most = {} if query.conditions or not strict else {"limit": query.limit + 1}
        for each in alike(index, meant or text, languages(), classes=classes, least=least, **most):
            known = found.get(each.hit.iri)
            if known is None or known.likeness < each.likeness:
                found[each.hit.iri] = each
    if query.texts:
        return sorted(found.values(), key=lambda each: -each.likeness)
    pairs = [(each.property, term) for each in query.conditions for value in each.values for term in _terms(value)]
    rows = served().store.select(bind_rows(engine_query("engine/things-with"), ("property", "value"), pairs)).rows
    having = things(index, [str(row["thing"]) for row in rows], languages())
    return [each for each in having if not strict or _is_wanted(each, query)]


def _terms(given: GivenValue) -> list[Term]:
    """Give the terms that a value may be written as in the data."""
    if given.itself:
        return [Iri(given.text)]
    text = given.text.strip()
    found: list[Term] = [Literal(text), *(Literal(text, each) for each in served().manifest.languages)]
    found += [Literal(text, datatype=Iri(XSD + each)) for each in _TYPED]
    if is_absolute_iri(text):
        found.append(Iri(text))
    return found + [Iri(each.hit.iri) for each in alike(served().index, text, languages()) if each.same]


def values_of(
    iris: Iterable[str], properties: Iterable[Iri], dataset: Dataset | None = None
) -> dict[tuple[str, str], list[Term]]:
    """Give the values of properties of things, by thing and property."""
    pairs = [(Iri(each), of) for each, of in product(iris, dict.fromkeys(properties)) if is_absolute_iri(each)]
    found: dict[tuple[str, str], list[Term]] = defaultdict(list)
    if pairs:
        query = bind_rows(engine_query("engine/values-of"), ("thing", "property"), pairs)
        for row in served().store.select(query, dataset).rows:
            found[str(row["thing"]), str(row["property"])].append(row["value"])
    return found


def _agreement(condition: PropertyCondition, said: Sequence[Term], called: Mapping[str, list[list[str]]]) -> float:
    each = [max((_like(given, term, called) for term in said), default=0.0) for given in condition.values]
    if condition.quantifier == "none":
        return 1 - max(each, default=0.0)
    return (min if condition.quantifier == "all" else max)(each, default=0.0)


def _like(given: GivenValue, term: Term, called: Mapping[str, list[list[str]]]) -> float:
    if given.itself or given.text == str(term):
        return float(given.text == str(term))
    words = terms(given.text)
    if not isinstance(term, Literal):
        return max((likeness(words, name) for name in called.get(str(term), ())), default=0.0)
    if term.datatype.startswith(XSD) and term.value[:1].isdigit():
        try:
            return float(Decimal(given.text.replace(",", ".")) == Decimal(term.value))
        except InvalidOperation:  # a date, of which the year or the month may be known
            return _AGREES if term.value.startswith(given.text.strip() + "-") else likeness(words, terms(term.value))
    return likeness(words, terms(term.value))


def _written(found: Sequence[Sequence[Candidate]]) -> list[list[dict[str, Any]]]:
    every = [each.thing for candidates in found for each in candidates]
    labels, described = class_labels(every), descriptions([each.hit.iri for each in every])
    return [
        [
            {
                **identified(each.thing, described),
                "type": types_of(each.thing, labels),
                "score": each.score,
                "match": each.match,
                "features": _features(each),
            }
            for each in candidates
        ]
        for candidates in found
    ]


def _features(candidate: Candidate) -> list[dict[str, Any]]:
    found: list[tuple[str, str, float | bool]] = [("type", _("Of the class asked for"), candidate.wanted)]
    if candidate.named:
        found.append(("name", _("How like the name is"), round(100 * candidate.thing.likeness, 1)))
        found.append(("same_name", _("The very name"), candidate.thing.same))
    if candidate.properties:
        mean = sum(candidate.properties) / len(candidate.properties)
        found.append(("properties", _("How like the properties are"), round(100 * mean, 1)))
    return [{"id": name, "name": title, "value": value} for name, title, value in found]


def class_labels(given: Iterable[Alike]) -> Mapping[str, Label]:
    """Give the labels of the classes of things."""
    return labels_for(Iri(class_) for each in given for class_ in each.classes)


def identified(thing: Alike, described: Mapping[str, str]) -> dict[str, Any]:
    """Give IRI, name and, where there is one, description of a thing."""
    told = described.get(thing.hit.iri)
    return {"id": thing.hit.iri, "name": thing.hit.label or thing.hit.iri, **({"description": told} if told else {})}


def types_of(thing: Alike, labels: Mapping[str, Label]) -> list[dict[str, str]]:
    """Give the classes of a thing, narrowest first, with their names."""
    ordered = served().classes.order(map(Iri, thing.classes))
    return [{"id": each, "name": str(labels[each])} for each in ordered if each in thing.classes]


def descriptions(iris: Sequence[str]) -> dict[str, str]:
    """Give short descriptions of things in the language of the address, of those that have one."""
    said = values_of(dict.fromkeys(iris), _DESCRIPTIONS)
    found = {}
    for iri in iris:
        texts = next((said[iri, each] for each in _DESCRIPTIONS if (iri, each) in said), [])
        label = best([each for each in texts if isinstance(each, Literal)], languages())
        if label and label.text.strip():
            text = " ".join(label.text.split())
            short = text[:_LONGEST_DESCRIPTION].rsplit(" ", 1)[0] + " …"
            found[iri] = text if len(text) <= _LONGEST_DESCRIPTION else short
    return found
