"""``/reconcile``: the Reconciliation Service API of the W3C Entity Reconciliation Community Group, for OpenRefine.

Version 0.2 is at the address itself, the draft of version 1.0 below it; both give the same candidates.
"""

from collections.abc import Callable, Iterable, Sequence
from functools import wraps
from typing import Any, Final, ParamSpec
from weakref import WeakKeyDictionary

from flask import Blueprint, Response, g, request
from flask_babel import gettext as _

from app import __version__
from app.entities.description import OTHER_NAMES
from app.entities.labels import look_up, preferred_languages
from app.mediatypes import JSON
from app.namespaces import PREFIXES, RDF_TYPE
from app.search.likeness import folded, things, with_pages
from app.search.lookup import SearchIndex
from app.terms import Iri
from app.web import candidates, extension, links, negotiation
from app.web.answering import place
from app.web.arguments import iri_argument
from app.web.editor import known_schema
from app.web.languages import languages
from app.web.negotiation import HTML
from app.web.problems import Problem, not_found
from app.web.serving import served
from app.web.texts import basis_name, labels_for, site_title

blueprint = Blueprint("reconciling", __name__)
PATH: Final = "/reconcile"
DRAFT: Final = "/reconcile/1.0-draft"
_WIDTH, _HEIGHT = 400, 280
_DEFAULT_TYPES: Final = 30
# So many are suggested unless asked for others, so many at most; so far one may go on.
_SUGGESTED, _MOST_SUGGESTED, _FARTHEST = 10, 50, 1_000
# Classes that have things with pages, of each open index.
_TYPES: Final[WeakKeyDictionary[SearchIndex, list[str]]] = WeakKeyDictionary()
_P = ParamSpec("_P")


def _admitted(answer: Callable[_P, Response]) -> Callable[_P, Response]:
    """Let a request wait for its turn as a query does; raises QueryError."""

    @wraps(answer)
    def within(*arguments: _P.args, **more: _P.kwargs) -> Response:
        with place():
            return answer(*arguments, **more)

    return within


@blueprint.route(PATH, methods=["GET", "POST"])
def reconcile() -> Response:
    """Answer a batch of queries or of things to extend (0.2 §4.3, §7.3), else tell what the service is."""
    given = request.form if request.method == "POST" else request.args
    if "queries" in given:
        return _match_batch(given["queries"])
    if "extend" in given:
        return _extend_rows(given["extend"])
    if request.method == "POST":
        raise Problem(400, _("The form has neither a field queries nor a field extend."))
    return _json(_manifest())


@blueprint.get(DRAFT)
@blueprint.get(f"{DRAFT}/")
def draft() -> Response:
    """Tell what the service is, as the draft of version 1.0 has it."""
    return _json(_draft_manifest())


@blueprint.post(f"{DRAFT}/match")
@_admitted
def match() -> Response:
    """Answer a batch of queries, as the draft of version 1.0 has them."""
    found = candidates.answers(candidates.read_conditions(candidates.read_json(_body())))
    return _json({"results": [{"candidates": each} for each in found]})


@blueprint.post(f"{DRAFT}/extend")
@_admitted
def extend() -> Response:
    """Give values of properties of things, as the draft of version 1.0 has them."""
    return _json(extension.extended(candidates.read_json(_body()), listed=True))


@_admitted
def _match_batch(text: str) -> Response:
    queries = candidates.read_queries(candidates.read_json(text))
    found = candidates.answers(list(queries.values()))
    return _json({key: {"result": each} for key, each in zip(queries, found, strict=True)})


@_admitted
def _extend_rows(text: str) -> Response:
    return _json(extension.extended(candidates.read_json(text)))


@blueprint.get(f"{PATH}/properties")
@blueprint.get(f"{DRAFT}/extend/propose")
def properties() -> Response:
    """Propose what can be fetched of the things of a class, what most of them have first."""
    known, limit, class_ = known_schema(), _number("limit", _MOST_SUGGESTED), request.args.get("type", "")
    iri = candidates.as_iri(class_) if class_ else None
    having = known.properties_of.get(iri, {}) if iri else known.properties
    chosen = [each for each in having if each != RDF_TYPE][:limit]
    document = {"type": class_, "limit": limit, "properties": _described(chosen)}
    return _json(document)


@blueprint.get(f"{PATH}/suggest/entity")
@blueprint.get(f"{DRAFT}/suggest/entity")
@_admitted
def suggest_entity() -> Response:
    """Suggest things whose names go on as what is typed; an IRI means the thing."""
    prefix, limit, start = _typed()
    found = things(served().index, [candidates.as_iri(prefix) or prefix], languages())
    if not found:
        hits = served().index.suggest(prefix, languages(), limit=min(start + limit, _FARTHEST))
        by_iri = {each.hit.iri: each for each in things(served().index, [hit.iri for hit in hits], languages())}
        found = [by_iri[hit.iri] for hit in hits if hit.iri in by_iri]
    found = found[start : start + limit]
    labels, told = candidates.class_labels(found), candidates.descriptions([each.hit.iri for each in found])
    return _json(
        {"result": [{**candidates.identified(e, told), "notable": candidates.types_of(e, labels)} for e in found]}
    )


@blueprint.get(f"{PATH}/suggest/type")
@blueprint.get(f"{DRAFT}/suggest/type")
def suggest_type() -> Response:
    """Suggest classes whose things have pages; all of them while nothing is typed."""
    return _json({"result": _types(_suggested(_classes()))})


@blueprint.get(f"{PATH}/suggest/property")
@blueprint.get(f"{DRAFT}/suggest/property")
def suggest_property() -> Response:
    """Suggest properties that occur in the data; all of them while nothing is typed."""
    return _json({"result": _described(_suggested([each for each in known_schema().properties if each != RDF_TYPE]))})


@blueprint.get(f"{PATH}/preview")
@blueprint.get(f"{DRAFT}/preview")
def preview() -> Response:
    """Show a thing in the few lines that fit into a frame on another site's page; raises Problem (404)."""
    g.embedded = True  # what is in the browser already stays so too
    negotiation.choose_format((HTML,))
    iri = iri_argument("id")
    found = things(served().index, [iri], languages())
    if not found:
        raise not_found(iri)
    called = {str(each) for each in candidates.values_of([iri], OTHER_NAMES).get((iri, OTHER_NAMES[0]), ())}
    return negotiation.answer_page(
        "preview.html",
        thing=candidates.identified(found[0], candidates.descriptions([iri])),
        classes=candidates.types_of(found[0], candidates.class_labels(found))[:1],
        others=sorted(called - {found[0].hit.label}),
        address=links.absolute(links.describe_link(iri)),
    )


def _json(document: Any) -> Response:
    return negotiation.answer_json(document, negotiation.choose_format((JSON,)))


def _body() -> str:
    if request.mimetype != "application/json":
        raise Problem(415, _("Send the queries as application/json."))
    return request.get_data().decode("utf-8", "replace")


def _address(path: str, argument: str = "") -> str:
    """Give the whole address of a path, in the language and version of this one."""
    found = links.absolute(links.page_link(path))
    return found + ("&" if "?" in found else "?") + argument if argument else found


def _manifest() -> dict[str, Any]:
    """Give the manifest of version 0.2 (§3.1)."""
    found = _about("0.2", "{{id}}")
    found |= {
        "identifierSpace": served().base + "id/",
        "schemaSpace": PREFIXES["rdfs"] + "Resource",
        "preview": {"url": _address(f"{PATH}/preview", "id={{id}}"), "width": _WIDTH, "height": _HEIGHT},
        "suggest": {each: _service(f"/suggest/{each}") for each in ("entity", "type", "property")},
        "extend": {"propose_properties": _service("/properties"), "property_settings": _settings("name", "label")},
    }
    return found


def _service(path: str) -> dict[str, str]:
    """Give an address in the two parts that version 0.2 has it in."""
    service = links.absolute(request.script_root or "/").rstrip("/")
    return {"service_url": service, "service_path": _address(PATH + path).removeprefix(service)}


def _draft_manifest() -> dict[str, Any]:
    """Give the manifest of the draft of version 1.0: paths are given by the version."""
    return {
        **_about("1.0-draft", "{id}"),
        "lang": languages()[0],
        "standardizedScore": True,
        "preview": {"width": _WIDTH, "height": _HEIGHT},
        "suggest": dict.fromkeys(("entity", "type", "property"), True),
        "extend": {"proposeProperties": True, "propertySettings": _settings("id", "name")},
    }


def _about(version: str, place_: str) -> dict[str, Any]:
    default = [each for each in served().kind_names.values() if each in set(_classes())][:_DEFAULT_TYPES]
    return {
        "versions": [version],
        "name": site_title().text,
        "documentation": _address("/data"),
        "serviceVersion": f"{__version__}+{served().manifest.version}",
        "view": {"url": _address("/describe", f"iri={place_}")},
        "defaultTypes": [{"id": each["id"], "name": each["name"]} for each in _types(dict.fromkeys(default))],
        "batchSize": candidates.BATCH,
    }


def _settings(name: str, title: str) -> list[dict[str, Any]]:
    """Give what may be chosen for each property that is fetched, with the two names that a version has for names."""
    bases = [{"value": each, "name": str(basis_name(each))} for each in served().bases]
    help_ = "help_text" if name == "name" else "helpText"
    contents = [{"value": "name", "name": _("Names, linked")}, {"value": "id", "name": _("Web addresses (IRI)")}]
    return [
        {name: "limit", title: _("How many values"), "type": "number", "default": 0, help_: _("0: all of them")},
        {name: "content", title: _("Things as"), "type": "select", "default": "name", "choices": contents},
        {name: "basis", title: _("What it rests on"), "type": "select", "default": "all", "choices": bases},
    ]


def _classes() -> list[Iri]:
    """Give the classes whose things have pages, those with most things first."""
    index = served().index
    if index not in _TYPES:
        _TYPES[index] = with_pages(index, known_schema().classes)
    return [Iri(each) for each in _TYPES[index]]


def _types(classes: Iterable[Iri]) -> list[dict[str, Any]]:
    """Describe classes, each with those right above it."""
    given = list(classes)
    known = set(_classes())
    above = {each: served().classes.narrowest(served().classes.above(each) & known - {each}) for each in given}
    labels = labels_for([*given, *(wide for each in above.values() for wide in each)])
    return [
        {**each, "broader": [{"id": wide, "name": str(labels[wide])} for wide in above[iri]]}
        for iri, each in zip(given, _described(given), strict=True)
    ]


def _described(terms: Sequence[Iri]) -> list[dict[str, Any]]:
    """Give terms with their names and, where there are any, definitions."""
    labels, told = labels_for(terms), candidates.descriptions(terms)
    return [{"id": e, "name": str(labels[e]), **({"description": told[e]} if e in told else {})} for e in terms]


def _typed() -> tuple[str, int, int]:
    """Read what is typed, how many suggestions are wanted and how many are passed over."""
    start = _number("offset" if "offset" in request.args else "cursor", 0, least=0, most=_FARTHEST)
    return request.args.get("prefix", "").strip()[:200], _number("limit", _SUGGESTED), start


def _number(name: str, usual: int, *, least: int = 1, most: int = _MOST_SUGGESTED) -> int:
    text = request.args.get(name) or str(usual)
    if not (text.isascii() and text.isdigit() and len(text) < 10 and int(text) >= least):
        raise Problem(400, _("%(name)s is a whole number from %(least)d.", name=name, least=least))
    return min(int(text), most)


def _suggested(terms: Sequence[Iri]) -> list[Iri]:
    """Choose those of the terms that what is typed may mean: by name in any language of the content, or IRI."""
    prefix, limit, start = _typed()
    given, meant = folded(prefix), candidates.as_iri(prefix)
    if meant in terms:
        return [meant] if meant and not start else []
    called = [look_up(served().store, terms, preferred_languages(each, ())) for each in served().manifest.languages]
    ranks = {each: min((_rank(given, folded(labels[each].text)) for labels in called), default=3) for each in terms}
    found = sorted((each for each in terms if ranks[each] < 3), key=ranks.__getitem__)
    return found[start : start + limit]


def _rank(given: Sequence[str], name: Sequence[str]) -> int:
    """Say how well a name fits: 0 the very name, 1 begins so, 2 has words that begin so, 3 not at all."""
    if list(given) == list(name):
        return 0
    if " ".join(name).startswith(" ".join(given)):
        return 1
    return 2 if all(any(word.startswith(each) for word in name) for each in given) else 3
