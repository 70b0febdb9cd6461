"""Data extension of the Reconciliation API: columns of a table filled from the properties of the things in it."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final

from flask_babel import gettext as _

from app.entities.labels import Labels, best
from app.search.likeness import Alike, things
from app.terms import XSD, Iri, Literal, Term
from app.web import candidates
from app.web.arguments import basis_argument
from app.web.languages import languages
from app.web.problems import Problem
from app.web.serving import served
from app.web.texts import by_label, labels_for

# So many things and properties are extended at once; so many values a cell may have.
MOST_IDS, MOST_PROPERTIES, _MOST_VALUES = 200, 20, 1_000
_INTEGERS: Final = frozenset(XSD + name for name in ("integer", "int", "long", "short", "nonNegativeInteger"))
_FRACTIONS: Final = frozenset(XSD + name for name in ("decimal", "double", "float"))
_DATE: Final = re.compile(r"\d{4}-\d\d-\d\d")
_TIME: Final = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?)(Z|[+-]\d\d:\d\d)?")
# A larger number would lose its last figures in most programs.
_LARGEST: Final = 2**53


@dataclass(frozen=True, slots=True)
class Fetched:
    """A property that is fetched: its name as it was sent, how many values, as what, over which dataset."""

    name: str
    iri: Iri
    limit: int
    whole: bool
    basis: str


def extended(given: Any, *, listed: bool = False) -> dict[str, Any]:
    """Give values of properties of things: rows by thing, or as a list of them as the draft has it."""
    ids, wanted = _read(given)
    iris = {each: candidates.as_iri(each) or Iri(each) for each in ids}
    said: list[dict[tuple[str, str], list[Term]]] = [
        candidates.values_of(iris.values(), [each.iri], basis_argument(each.basis).dataset) for each in wanted
    ]
    values = {term for of in said for terms in of.values() for term in terms if isinstance(term, Iri)}
    paged = {each.hit.iri: each for each in things(served().index, values, languages())}
    labels = labels_for([*values, *(each.iri for each in wanted)])
    rows = {
        each: {
            of.name: [_value(term, of, paged, labels) for term in _chosen(found.get((iri, of.iri), []), of, labels)]
            for of, found in zip(wanted, said, strict=True)
        }
        for each, iri in iris.items()
    }
    meta = [_meta(of, found, paged, labels) for of, found in zip(wanted, said, strict=True)]
    if listed:
        cells = {id_: [{"id": of, "values": cell} for of, cell in row.items()] for id_, row in rows.items()}
        return {"meta": meta, "rows": [{"id": id_, "properties": row} for id_, row in cells.items()]}
    return {"meta": meta, "rows": rows}


def _read(given: Any) -> tuple[list[str], list[Fetched]]:
    """Read what is to be fetched; raises Problem."""
    ids, wanted = (given.get("ids"), given.get("properties")) if isinstance(given, dict) else (None, None)
    if not isinstance(ids, list) or not all(isinstance(each, str) for each in ids):
        raise Problem(400, _("“ids” is a list of identifiers."))
    if not isinstance(wanted, list) or not all(isinstance(e, dict) and isinstance(e.get("id"), str) for e in wanted):
        raise Problem(400, _("“properties” is a list of objects with “id”."))
    if len(ids) > MOST_IDS or len(wanted) > MOST_PROPERTIES:
        most = {"ids": MOST_IDS, "properties": MOST_PROPERTIES}
        raise Problem(413, _("At most %(ids)d things with %(properties)d properties are extended at once.", **most))
    return list(dict.fromkeys(ids)), [_fetched(each) for each in wanted]


def _fetched(given: Mapping[str, Any]) -> Fetched:
    settings = given.get("settings") or {}
    if not isinstance(settings, dict):
        raise Problem(400, _("“settings” is an object."))
    limit = str(settings.get("limit") or 0).removesuffix(".0")
    if not (limit.isascii() and limit.isdigit() and len(limit) < 10):
        raise Problem(400, _("%(name)s is a whole number from %(least)d.", name="limit", least=0))
    basis = basis_argument(str(settings.get("basis") or "all"))
    iri = candidates.as_iri(given["id"]) or Iri(given["id"])
    return Fetched(given["id"], iri, int(limit) or _MOST_VALUES, settings.get("content") == "id", basis.name)


def _chosen(terms: Sequence[Term], of: Fetched, labels: Labels) -> list[Term]:
    """Put values in order; of texts in several languages those of the best one."""
    tagged = best([each for each in terms if isinstance(each, Literal) and each.language], languages())
    language = tagged.language if tagged else None
    texts = [each for each in terms if isinstance(each, Literal) and each.language in (None, language)]
    linked = by_label([each for each in terms if isinstance(each, Iri)], labels)
    ordered: list[Term] = [*linked, *sorted(texts, key=str)]
    return ordered[: min(of.limit, _MOST_VALUES)]


def _value(term: Term, of: Fetched, paged: Mapping[str, Alike], labels: Labels) -> dict[str, Any]:
    if isinstance(term, Iri):
        if of.whole:
            return {"str": term}
        return {"id": term, "name": paged[term].hit.label} if term in paged else {"str": labels[term].text}
    return _literal(term) if isinstance(term, Literal) else {"str": str(term)}


def _literal(value: Literal) -> dict[str, Any]:
    text, datatype = value.value, value.datatype
    found: dict[str, Any] = {"str": text}
    with suppress(ValueError):  # not what its datatype says
        if datatype in _INTEGERS and abs(number := int(text)) < _LARGEST:
            found = {"int": number}
        elif datatype in _FRACTIONS and abs(fraction := float(text)) < float("inf"):
            found = {"float": fraction}
    if datatype == XSD + "date" and _DATE.fullmatch(text):
        return {"date": f"{text}T00:00:00Z"}
    if datatype == XSD + "dateTime" and (moment := _TIME.fullmatch(text)):
        return {"date": moment[1] + (moment[2] or "Z")}
    return found


def _meta(
    of: Fetched, said: Mapping[tuple[str, str], Sequence[Term]], paged: Mapping[str, Alike], labels: Labels
) -> dict[str, Any]:
    """Describe a column: its name, and the class that most of its things are of."""
    values = {term for terms in said.values() for term in terms if isinstance(term, Iri) and term in paged}
    classes = Counter(each for term in values for each in served().classes.narrowest(map(Iri, paged[term].classes)))
    found: dict[str, Any] = {"id": of.name, "name": str(labels[of.iri])}
    if classes and not of.whole:
        commonest = min(classes, key=lambda each: (-classes[each], each))
        found["type"] = {"id": commonest, "name": str(labels_for([commonest])[commonest])}
    return found
