"""The words of the query coach, in the language of the request: for the page and for the problem document."""

from dataclasses import dataclass
from typing import Final

from flask_babel import gettext as _

from app.query.coach import Remark, remarks
from app.store.interface import Dataset, QueryError
from app.web.serving import served

# After these errors it helps to know what makes a query large.
_TOO_MUCH: Final = ("bytes", "deadline", "memory", "stack")


@dataclass(frozen=True, slots=True)
class Advice:
    """One thing to mend or to look at: its code, and words in the language of the request."""

    code: str
    message: str


def after_error(error: QueryError, query: str | None = None) -> list[Advice]:
    """Give what mends the error, and what in the query (if it is known) may have led to it."""
    wanted: tuple[str, ...] = ()
    if error.code == "syntax":
        wanted = ("undeclared_prefix",)
    elif error.code in _TOO_MUCH:
        wanted = ("cross_product", "no_limit")
    found = remarks(query, served().vocabulary) if query and wanted else []
    result = [Advice(each.code, _words(each)) for each in found if each.code in wanted]
    if error.mend:
        result.insert(0, Advice(error.code, _(error.mend, **error.values)))
    return result


def after_answer(query: str, dataset: Dataset | None, *, empty: bool) -> list[Advice]:
    """Give what is likely not meant in a query that was answered: more where nothing was found.

    Terms are looked up only where the statistics tell of them: in the default graph or a part of it (``?basis=``).
    """
    known = dataset is None or served().basis_of(dataset) is not None
    found = remarks(query, served().vocabulary if known else None)
    return [
        Advice(each.code, _words(each))
        for each in found
        if each.code == "cross_product"
        or (each.code in ("unknown_class", "unknown_property") and (empty or "suggestion" in each.values))
    ]


def _words(remark: Remark) -> str:
    values = remark.values
    told: str
    if remark.code == "cross_product":
        told = _(
            "What matches %(left)s and what matches %(right)s share no variable: each match of the one is combined "
            "with each match of the other. Join them by a variable, or ask in two queries.",
            **values,
        )
    elif remark.code == "no_limit":
        told = _("Write LIMIT 100 at the end to get a part of the answer.")
    elif remark.code == "undeclared_prefix" and "namespace" in values:
        told = _("The prefix %(prefix)s is not declared. Write first: PREFIX %(prefix)s <%(namespace)s>", **values)
    elif remark.code == "undeclared_prefix":
        told = _("The prefix %(prefix)s is not declared.", **values)
    elif remark.code == "unknown_class":
        told = _("Nothing in the data has the class %(term)s.", **values)
    else:
        told = _("Nothing in the data has the property %(term)s.", **values)
    if "suggestion" in values:
        told += " " + _("Did you mean %(suggestion)s?", **values)
    return told
