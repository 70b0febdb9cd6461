"""``/search``: things by words, what is meant while typing, and the facets beside found things and lists."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

from flask import Blueprint, Response, request
from flask_babel import gettext as _

from app.entities.labels import Label
from app.mediatypes import JSON, LIST_FORMATS, Format
from app.search.asked import AskedQuestion, asked
from app.search.facets import KIND, MOST_VALUES, Count
from app.search.folding import sort_key
from app.search.lookup import Hit, Page
from app.terms import Iri, is_absolute_iri
from app.web import links, negotiation
from app.web.arguments import page_argument, pages_of
from app.web.languages import languages
from app.web.listed import most, plural, respond_with_table, row_terms, rows_of
from app.web.negotiation import HTML, LISTED, PAGE_OR_JSON
from app.web.problems import not_found
from app.web.serving import served, settings
from app.web.texts import by_language, humanise, kind_labels, labels_for

_MOST_CHOSEN: Final = 50
# The words that a facet's values are found by are an argument named after it: "topic.q".
_VALUES: Final = ".q"
_LONGEST_TEXT: Final = 200
_LONGEST_VALUE: Final = 500

Chosen = dict[str, tuple[str, ...]]
blueprint = Blueprint("search", __name__)
SUGGESTIONS: Final = 8


@dataclass(frozen=True, slots=True)
class FacetChoice:
    """A value to choose or to take away again: its label, how many things have it, where the link goes."""

    count: Count
    label: Label
    address: str


@dataclass(frozen=True, slots=True)
class Facet:
    """A facet of a page: name, title, its values; whether there are more of them, the words they are found by."""

    name: str
    title: Label
    choices: tuple[FacetChoice, ...]
    more: bool = False
    words: str = ""

    @property
    def argument(self) -> str:
        """The name of the argument with the words."""
        return self.name + _VALUES


def text_argument() -> str:
    """Read ``?q=``: what is longer than anybody types is cut."""
    return request.args.get("q", "").strip()[:_LONGEST_TEXT]


def chosen_arguments() -> Chosen:
    """Read what is chosen of each facet: ``?topic=boats&topic=nets``, or the IRI instead."""
    facets = served().index.facets
    return facets.chosen(
        {name: [each[:_LONGEST_VALUE] for each in request.args.getlist(name)[:_MOST_CHOSEN]] for name in facets.values}
    )


def words_of_values() -> dict[str, str]:
    """Read the words that values of facets are found by: ``?topic.q=boat``."""
    given = {
        name: request.args.get(name + _VALUES, "").strip()[:_LONGEST_TEXT] for name in served().index.facets.values
    }
    return {name: text for name, text in given.items() if text}


def listing(
    path: str, text: str, chosen: Chosen, result: Page, number: int, *, without: str | None = None, order: str = ""
) -> dict[str, Any]:
    """Give what a template of found things needs: a page of them, the facets beside them; raises Problem (404)."""
    if number > 1 and not result.hits:
        raise not_found(request.full_path)
    rows = rows_of(result.hits) if negotiation.expected(PAGE_OR_JSON) == HTML else {}
    page = number if number > 1 else None
    return {
        "rows": rows,
        "labels": labels_for(row_terms(rows)),
        "path": path,
        "text": text,
        "chosen": chosen,
        "result": result,
        "facets": shown_facets(path, text, chosen, result, without=without, order=order),
        "number": number,
        "pages": pages_of(result.total, settings().page_size),
        "parameters": (given := {**facet_parameters(text, chosen), "sort": order or None}),
        "downloads": {
            each.name: links.page_link(path, {**given, "format": each.name, "page": page if each == JSON else None})
            for each in LIST_FORMATS
        },
    }


def place(found: Format, number: int) -> dict[str, int]:
    """Give which of what is found is wanted (``limit``, ``offset``): a page; as a table all, or the page asked for."""
    if found in PAGE_OR_JSON or "page" in request.args:
        size = settings().page_size
        return {"limit": size, "offset": (number - 1) * size}
    return {"limit": most(), "offset": 0}


def orders_of(kind: str) -> dict[str, Label]:
    """Give the orders that a list can have beside the alphabetical: those that order some of its things."""
    now = served()
    things = now.index.facets.values[KIND][kind].things
    found = {name: file for name, file in now.library.orders.items() if now.index.orders.get(name, 0) & things}
    return {name: by_language(file.title) or Label(humanise(name)) for name, file in found.items()}


def shown_facets(
    path: str, text: str, chosen: Chosen, result: Page, *, without: str | None = None, order: str = ""
) -> list[Facet]:
    """Give the facets that have something to choose, each value with the address that chooses it or takes it away."""
    words = words_of_values()
    counts = {
        # The most common come first; what is chosen is always there to be taken away.
        name: [*each[:MOST_VALUES], *(count for count in each[MOST_VALUES:] if count.chosen)]
        for name, each in result.counts.items()
        if (each or name in words) and name != without
    }
    iris = (_iri(each) for values in counts.values() for each in values)
    labels, kinds = labels_for(iris), kind_labels()

    def label(name: str, each: Count) -> Label:
        if name == KIND:
            return plural(each.key, kinds.get(each.key, Label(each.key)))
        iri = _iri(each)
        return labels[iri] if iri else Label(each.value or each.key)

    found = []
    for name, values in counts.items():
        choices = [
            FacetChoice(each, label(name, each), _toggled(path, text, chosen, name, each, order)) for each in values
        ]
        choices.sort(key=lambda each: (-each.count.things, sort_key(each.label.text, each.label.language)))
        more = len(result.counts[name]) > MOST_VALUES
        found.append(Facet(name, _title(name), tuple(choices), more, words.get(name, "")))
    return found


def facet_parameters(text: str, chosen: Chosen) -> dict[str, str | int | Sequence[str] | None]:
    """Give the parameters of an address with this text and these choices."""
    return {"q": text or None, **chosen}


def facets_json(found: Sequence[Facet]) -> list[dict[str, Any]]:
    """Give facets as JSON."""
    return [
        {
            "name": facet.name,
            "title": facet.title.text,
            "values": [
                {
                    "value": each.count.key,
                    "iri": _iri(each.count),
                    "label": each.label.text,
                    "language": each.label.language,
                    "count": each.count.things,
                    "chosen": each.count.chosen,
                }
                for each in facet.choices
            ],
        }
        for facet in found
    ]


def meant_questions(text: str) -> list[tuple[AskedQuestion, str]]:
    """Give the questions that a text may mean, each with its address, the thing that it names filled in."""

    @cache
    def named(class_: str, words: str) -> Hit | None:
        return served().index.named(class_, words, languages())

    found = asked(text, served().library.questions.values(), named)
    given = [{each.parameter: each.thing.iri} if each.parameter and each.thing else {} for each in found]
    return [(each, links.page_link(f"/queries/{each.file.name}", of)) for each, of in zip(found, given, strict=True)]


@blueprint.app_template_global()
def lists_of(iri: Iri) -> list[tuple[Label, int, str]]:
    """Give, for a thing that is a value of facets, their titles, how many things have it, the address of their list."""
    with suppress(OSError):  # the page of the thing goes on without
        return [
            (_title(name), len(value), links.page_link("/search", {name: value.key}))
            for name, value in served().index.facets.named(iri)
        ]
    return []


def _iri(count: Count) -> Iri | None:
    return Iri(count.value) if count.value and is_absolute_iri(count.value) else None


def _title(name: str) -> Label:
    if name == KIND:
        return Label(_("Kind"))
    file = served().library.facets.get(name)
    return (by_language(file.title) if file else None) or Label(humanise(name))


def _toggled(path: str, text: str, chosen: Chosen, name: str, each: Count, order: str) -> str:
    keys = chosen.get(name, ())
    changed = tuple(key for key in keys if key != each.key) if each.chosen else (*keys, each.key)
    return links.page_link(path, {**facet_parameters(text, {**chosen, name: changed}), "sort": order or None})


@blueprint.get("/search")
def search() -> Response:
    """Find things by words and by what is chosen of the facets, best first; all of them as CSV, XLSX, Parquet.

    JSON: ``total``, a list ``results``, and ``facets`` with counts; ``complete`` is false when there are more.
    """
    found = negotiation.choose_format(LISTED)
    text, number = text_argument(), page_argument()
    chosen = chosen_arguments()
    result = served().index.search(text, languages(), chosen=chosen, values=words_of_values(), **place(found, number))
    if found not in PAGE_OR_JSON:
        kinds = chosen.get(KIND, ())
        return respond_with_table(result, found, "search", kinds[0] if len(kinds) == 1 else None, _("Search"))
    shown = listing("/search", text, chosen, result, number)
    if found != HTML:
        document = {
            "query": text,
            "total": result.total,
            "complete": result.complete,
            "meant": result.meant,
            "corrected": result.corrected,
            "results": [{**_named(hit), "excerpt": hit.excerpt} for hit in result.hits],
            "facets": facets_json(shown["facets"]),
        }
        return negotiation.answer_json(document, found)
    return negotiation.answer_page("search.html", **shown, kinds=kind_labels(), questions=meant_questions(text))


@blueprint.get("/search/suggest")
def suggest() -> Response:
    """Give the few things whose names go on as what is typed, best first, as JSON."""
    found = negotiation.choose_format((JSON,))
    text = text_argument()
    hits = served().index.suggest(text, languages(), limit=SUGGESTIONS)
    kinds = kind_labels()
    results = [{**_named(hit), "kind_label": kinds[hit.kind].text if hit.kind in kinds else None} for hit in hits]
    return negotiation.answer_json({"query": text, "results": results}, found)


def _named(hit: Hit) -> dict[str, Any]:
    return {
        "iri": hit.iri,
        "label": hit.label,
        "language": hit.language,
        "kind": hit.kind,
        "page": links.describe_link(hit.iri),
    }
