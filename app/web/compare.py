"""``/compare``: things of a kind side by side."""

from typing import Final

from flask import Blueprint, Response, render_template, request
from flask_babel import gettext as _

from app.entities import comparison
from app.entities.description import describe, is_described, read
from app.terms import Iri, is_absolute_iri
from app.web import negotiation
from app.web.arguments import basis_argument
from app.web.entity import concerning, kind_of
from app.web.languages import languages
from app.web.negotiation import HTML
from app.web.problems import Problem, not_found
from app.web.serving import served
from app.web.texts import kind_labels, labels_for

blueprint = Blueprint("compare", __name__)

# So many columns a wide screen and a sheet of paper have room for.
MOST: Final = 6
# So many things of a kind a form lists for choosing; of more, the first.
_CHOICES: Final = 200


@blueprint.get("/compare")
def compare() -> Response:
    """Compare the things given by ``iri``; one alone with those most like it. ``kind`` alone gives the choice."""
    negotiation.choose((HTML,))
    chosen, kind = _chosen(), request.args.get("kind", "")
    if not kind and chosen:
        kind = kind_of(chosen[0]) or ""
    if kind not in served().kinds:
        if kind or chosen:
            raise not_found(request.full_path)
        page = render_template("compare.html", kind=None, kinds=kind_labels(), counts=served().kinds)
        return negotiation.answer(page, HTML)
    if len(chosen) == 1:
        chosen += comparison.alike(served().store, chosen[0], f"{served().base}id/{kind}/", MOST - 2)
    return negotiation.answer(_page(kind, chosen), HTML)


def _page(kind: str, chosen: list[Iri]) -> str:
    now, basis = served(), basis_argument()
    found = [describe(read(now.store, iri, now.base), basis, now.notes) for iri in chosen]
    table = comparison.rows(found)
    labels = labels_for([*chosen, *comparison.terms(table)])
    return render_template(
        "compare.html",
        kind=kind,
        kind_label=kind_labels()[kind],
        choices=now.index.things(kind, languages(), limit=_CHOICES).hits,
        chosen=chosen,
        labels=labels,
        table=sorted(table, key=lambda row: str(labels[row.predicate]).casefold()),
        missing=[len(concerning(iri)) for iri in chosen],
        basis=basis.name,
        parameters={"basis": basis.argument},
        most=MOST,
    )


def _chosen() -> list[Iri]:
    """Read the things to compare, each once; raises Problem."""
    given = dict.fromkeys(text.strip() for text in request.args.getlist("iri") if text.strip())
    if len(given) > MOST:
        raise Problem(400, _("At most %(most)s things have room side by side.", most=MOST))
    for text in given:
        if not is_absolute_iri(text):
            raise Problem(400, _("%(text)s is not an IRI.", text=text))
        if not is_described(served().store, Iri(text)):
            raise not_found(text)
    return [Iri(text) for text in given]
