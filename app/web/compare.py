"""``/compare``: several things side by side, their facts by predicate; of one, the things most like it."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Final

from flask import Blueprint, Response, request
from flask_babel import gettext as _

from app.entities.description import Description, Fact, describe, is_described, read
from app.entities.panels import Panel, run_panel, terms
from app.namespaces import DCTERMS_SOURCE
from app.query.binding import bind
from app.query.library import engine_query
from app.store.interface import Store
from app.terms import Dataset, Iri, Term, is_absolute_iri
from app.web import negotiation
from app.web.arguments import basis_argument
from app.web.entity import concerning, served_kind
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


@dataclass(frozen=True, slots=True)
class Row:
    """One predicate: the facts of each entity, in the order of the entities."""

    predicate: Iri
    facts: tuple[tuple[Fact, ...], ...]

    @property
    def differs(self) -> bool:
        """Whether the entities do not all have the same values."""
        return len({frozenset(fact.value for fact in facts) for facts in self.facts}) > 1


def alike(store: Store, iri: Iri, kind: str, most: int) -> list[Iri]:
    """Give the things most like one, by how many values of the same property they share.

    ``kind`` is what their IRIs begin with, ``most`` how many there are at most.
    """
    rows = store.select(bind(engine_query("engine/likeness"), {"this": iri, "kind": Iri(kind)})).rows
    return [other for row in rows if isinstance(other := row.get("other"), Iri)][:most]


def compared_rows(entities: Sequence[Description]) -> list[Row]:
    """Give a row for each predicate that one of them has, sources left out: they are about the telling."""
    predicates = dict.fromkeys(predicate for each in entities for predicate in each.facts)
    return [
        Row(predicate, tuple(tuple(each.facts.get(predicate, ())) for each in entities))
        for predicate in predicates
        if predicate != DCTERMS_SOURCE
    ]


def compared_terms(table: Iterable[Row]) -> Iterator[Term | None]:
    """Give every term of a comparison, for looking up labels."""
    for row in table:
        yield row.predicate
        for fact in (fact for facts in row.facts for fact in facts):
            yield fact.value
            for nested in fact.nested:
                yield from (nested.predicate, nested.value)


def sentences(iri: Iri, types: Iterable[Iri], dataset: Dataset | None) -> list[Panel]:
    """Give what a thing's own page says of it in a sentence."""
    files = served().library.panels(served().classes.order(types))
    return [run_panel(served().store, file, iri, dataset) for file in files if file.view == "sentence"]


@blueprint.get("/compare")
def comparison_page() -> Response:
    """Compare the things given by ``iri``; one alone with those most like it. ``kind`` alone gives the choice."""
    negotiation.choose_format((HTML,))
    chosen, kind = _chosen(), request.args.get("kind", "")
    if not kind and chosen:
        kind = served_kind(chosen[0]) or ""
    if kind not in served().kinds:
        if kind or chosen:
            raise not_found(request.full_path)
        return negotiation.answer_page("compare.html", kind=None, kinds=kind_labels(), counts=served().kinds)
    if len(chosen) == 1:
        chosen += alike(served().store, chosen[0], f"{served().base}id/{kind}/", MOST - 2)
    now, basis = served(), basis_argument()
    found = [describe(read(now.store, iri, now.base), basis, now.notes) for iri in chosen]
    table = compared_rows(found)
    short = [sentences(each.iri, each.types, basis.dataset) for each in found]
    labels = labels_for([*chosen, *compared_terms(table), *terms(chain.from_iterable(short))])
    return negotiation.answer_page(
        "compare.html",
        kind=kind,
        kind_label=kind_labels()[kind],
        choices=now.index.things(kind, languages(), limit=_CHOICES).hits,
        chosen=chosen,
        labels=labels,
        sentences=short,
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
