"""What the editor at ``/sparql`` asks for: the schema for completion and overview, and the questions as examples."""

from typing import Any, Final
from weakref import WeakKeyDictionary

from flask import Blueprint, Response, redirect, request
from werkzeug.wrappers import Response as BaseResponse

from app.catalog.statistics import SAMPLE, Schema, read_schema
from app.entities.labels import Labels, look_up, preferred_languages
from app.mediatypes import JSON
from app.namespaces import shrink
from app.query.library import without_header
from app.store.interface import Store
from app.terms import Iri
from app.web import links, negotiation
from app.web.languages import languages
from app.web.problems import not_found
from app.web.serving import served

blueprint = Blueprint("editor", __name__)

# Of each open store, read when it is first asked for.
_SCHEMAS: Final[WeakKeyDictionary[Store, Schema]] = WeakKeyDictionary()


@blueprint.get("/sparql/schema.json")
def schema() -> Response:
    """Give prefixes, classes and properties with labels and numbers, the most used first.

    A class has ``properties``: pairs of a place in the list of properties and of how many of the first ``sample``
    things of the class have that property.
    """
    found = negotiation.choose_format((JSON,))
    store, prefixes, known = served().store, served().manifest.prefixes, known_schema()
    terms = {*known.classes, *known.properties}
    labels = look_up(store, terms, languages())
    others = [look_up(store, terms, preferred_languages(each, ())) for each in served().manifest.languages]
    places = {iri: place for place, iri in enumerate(known.properties)}
    classes = [
        _term(iri, number, labels, others)
        | {"properties": [[places[each], n] for each, n in known.properties_of.get(iri, {}).items() if each in places]}
        for iri, number in known.classes.items()
    ]
    properties = [_term(iri, number, labels, others) for iri, number in known.properties.items()]
    document = {"prefixes": dict(prefixes), "sample": SAMPLE, "classes": classes, "properties": properties}
    return negotiation.answer_json(document, found, separators=(",", ":"))


@blueprint.get("/sparql/example")
def example() -> BaseResponse:
    """Send a browser to a question's query in the editor, with its parameters' defaults; else to the editor."""
    name = request.args.get("name", "")
    if not name:
        return redirect(links.page_link("/sparql"), 303)
    file = served().library.questions.get(name)
    if file is None:
        raise not_found(f"/queries/{name}")
    return redirect(links.page_link("/sparql", {"query": without_header(file.bound({}))}), 303)


def known_schema() -> Schema:
    """Give the classes and properties of what is served; raises QueryError."""
    store = served().store
    return _SCHEMAS.get(store) or _SCHEMAS.setdefault(store, read_schema(store, served().base))


def _term(iri: Iri, number: int, labels: Labels, others: list[Labels]) -> dict[str, Any]:
    label = labels[iri]
    also = dict.fromkeys(each[iri].text for each in others if each[iri].found and each[iri].text != label.text)
    return {
        "iri": iri,
        "name": shrink(iri, served().manifest.prefixes),
        "label": label.text,
        "language": label.language,
        "also": list(also),
        "count": number,
    }
