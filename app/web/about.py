"""``/about``: what this is and is not, how sure it is, who answers; in the words of the content, where it has them."""

from typing import Final

from flask import Blueprint, Response, redirect
from werkzeug.wrappers import Response as BaseResponse

from app.entities.labels import Label, label_of
from app.query.binding import bind
from app.query.library import engine_query
from app.terms import Dataset, Iri, Literal, Term
from app.web import links, negotiation
from app.web.languages import in_wanted_language, languages
from app.web.negotiation import HTML
from app.web.serving import served
from app.web.texts import by_language, labels_for

blueprint = Blueprint("about", __name__)
PATH: Final = "/about"


@blueprint.get(PATH)
def about() -> Response:
    """Tell who comes here for the first time, or doubts, what this is."""
    negotiation.choose_format((HTML,))
    now = served()
    found = _said()
    publishers = [each for each in dict.fromkeys(row["value"] for row in found["publisher"]) if isinstance(each, Iri)]
    return negotiation.answer_page(
        "about.html",
        lead=by_language(now.manifest.site.get("lead", {})),
        description=by_language(now.manifest.description),
        limits=_in_one_language([row["value"] for row in found["limit"]]),
        publishers=publishers,
        contacts=_contacts(found["contact"]),
        labels=labels_for(publishers),
        question_count=len(now.library.questions),
    )


@blueprint.get("/help")
def help_() -> BaseResponse:
    """Lead on: this address is typed, and so it is in the language that the browser asks for."""
    response = redirect(in_wanted_language(PATH), 302)
    response.headers["Cache-Control"] = "no-cache"
    response.vary.add("Accept-Language")
    return response


def _said() -> dict[str, list[dict[str, Term]]]:
    """Give what the dataset says of itself, by part."""
    now = served()
    found: dict[str, list[dict[str, Term]]] = {"limit": [], "publisher": [], "contact": []}
    if now.manifest.dataset:
        query = bind(engine_query("engine/about"), {"dataset": Iri(now.manifest.dataset)})
        for row in now.store.select(query, Dataset(default=(Iri(f"{now.base}graph/catalog"),))).rows:
            found[str(getattr(row["part"], "value", ""))].append(dict(row))
    return found


def _in_one_language(values: list[Term]) -> list[Label]:
    """Give the texts of the language that is best of those there are; those without a language too."""
    texts = [each for each in dict.fromkeys(values) if isinstance(each, Literal)]
    there = {each.language for each in texts if each.language}
    best = next((each for each in (*languages(), *sorted(there)) if each in there), None)
    return [label_of(each, languages()) for each in texts if each.language in (None, best)]


def _contacts(rows: list[dict[str, Term]]) -> list[tuple[Label | None, str | None]]:
    """Give name and address of each who answers; an address that is none of the web or of mail is left out."""
    found = []
    for contact in dict.fromkeys(row["value"] for row in rows):
        own = [row for row in rows if row["value"] == contact]
        names = _in_one_language([row["name"] for row in own if "name" in row])
        addresses = [str(row["address"]) for row in own if isinstance(row.get("address"), Iri)]
        safe = (each for each in addresses if links.is_web(each) or each.startswith("mailto:"))
        found.append((names[0] if names else None, next(safe, None)))
    return [each for each in found if any(each)]
