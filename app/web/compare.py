"""``/compare``: several things side by side: what all have, what only one has; of one, the things most like it."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import Final

from flask import Blueprint, Response, request
from flask_babel import gettext as _

from app.entities.description import Description, Fact, classes_of, describe, is_described, read
from app.entities.labels import Label, Labels
from app.entities.panels import Panel, run_panel, terms
from app.namespaces import DCTERMS_SOURCE, INTERPRETED, STATED, UNCERTAIN
from app.query.binding import bind, bind_rows
from app.query.files import QueryFile
from app.query.library import engine_query, local_name, without_header
from app.search.folding import sort_key
from app.store.interface import Store
from app.terms import Dataset, Iri, Literal, Term, is_absolute_iri
from app.web import negotiation
from app.web.arguments import basis_argument
from app.web.entity import concerning, served_kind
from app.web.languages import languages
from app.web.listed import plural
from app.web.negotiation import HTML
from app.web.problems import Problem, not_found
from app.web.serving import served
from app.web.texts import by_language, humanise, kind_labels, labels_for

blueprint = Blueprint("compare", __name__)
# So many columns a wide screen and a sheet of paper have room for.
MOST: Final = 6
# So many things of a kind a form lists for choosing; of more, the first.
_CHOICES: Final = 200
# So many values of a property a column lists; of more, the first, and how many there are.
_MOST_VALUES: Final = 100
_SUREST: Final[dict[Term | None, int]] = {STATED: 0, INTERPRETED: 1, UNCERTAIN: 2}


@dataclass(frozen=True, slots=True)
class ComparedRow:
    """One predicate: the facts of each entity, in the order of the entities."""

    predicate: Iri
    facts: tuple[tuple[Fact, ...], ...]

    @property
    def differs(self) -> bool:
        """Whether the entities do not all have the same values."""
        return len({frozenset(fact.value for fact in facts) for facts in self.facts}) > 1


@dataclass(slots=True)
class Relation:
    """What things have by one relation: for each value who has it, and how sure that is."""

    title: Label
    description: Label | None = None
    values: dict[Term, dict[Iri, Term | None]] = field(default_factory=dict)

    def add(self, thing: Iri, value: Term, certainty: Term | None = None) -> None:
        """Note a value of a thing; of several certainties the surest stays."""
        if value != thing:
            of = self.values.setdefault(value, {})
            if thing not in of or _SUREST.get(certainty, 3) < _SUREST.get(of[thing], 3):
                of[thing] = certainty

    def of(self, holders: Sequence[Iri]) -> list[Term]:
        """Give the values that these things have, and no others."""
        return [value for value, of in self.values.items() if of.keys() == set(holders)]

    def some(self, chosen: Sequence[Iri]) -> list[Term]:
        """Give the values that several of the things have, but not all."""
        return [value for value, of in self.values.items() if 1 < len(of) < len(chosen)]

    def certainties(self, value: Term) -> list[Term]:
        """Give how sure a value is, each certainty once; empty where nothing is said of it."""
        return list(dict.fromkeys(certainty for certainty in self.values[value].values() if certainty is not None))

    def terms(self) -> Iterator[Term | None]:
        """Give every term for looking up labels."""
        for value, of in self.values.items():
            yield from (value, *of.values())


def alike(store: Store, iri: Iri, kind: str, most: int) -> list[Iri]:
    """Give the things most like one, by how many values of the same property they share.

    ``kind`` is what their IRIs begin with, ``most`` how many there are at most.
    """
    rows = store.select(bind(engine_query("engine/likeness"), {"this": iri, "kind": Iri(kind)})).rows
    return [other for row in rows if isinstance(other := row.get("other"), Iri)][:most]


def relations(chosen: Sequence[Iri], dataset: Dataset | None) -> list[Relation]:
    """Give what things are compared by: the query files of their class, else the facets."""
    now = served()
    classes = now.classes.order(now.classes.narrowest(classes_of(now.store, chosen[0]))) if chosen else ()
    files = next((own for each in classes if (own := now.library.compared.get(local_name(each)))), ())
    related = [_asked(file, chosen, dataset) for file in files] or _by_facets(chosen)
    return [each for each in related if each.values]


def _asked(file: QueryFile, chosen: Sequence[Iri], dataset: Dataset | None) -> Relation:
    relation = _relation(file, file.name)
    query = bind_rows(without_header(file.text), ["thing"], [[each] for each in chosen])
    for row in served().store.select(query, dataset).rows:
        if isinstance(thing := row.get("thing"), Iri) and "value" in row:
            relation.add(thing, row["value"], row.get("certainty"))
    return relation


def _by_facets(chosen: Sequence[Iri]) -> list[Relation]:
    files = served().library.facets
    found = {name: _relation(files.get(name), name) for name in files}
    for thing in chosen:
        for name, values in served().index.values_of(thing).items():
            for each in values:
                if each.value and name in found:
                    value = each.value
                    found[name].add(thing, Iri(value) if is_absolute_iri(value) else Literal(value))
    return list(found.values())


def _relation(file: QueryFile | None, name: str) -> Relation:
    title = by_language(file.title) if file else None
    return Relation(title or Label(humanise(name)), by_language(file.description) if file else None)


def compared_rows(entities: Sequence[Description]) -> list[ComparedRow]:
    """Give a row for each predicate that one of them has, sources left out: they are about the telling."""
    predicates = dict.fromkeys(predicate for each in entities for predicate in each.facts)
    return [
        ComparedRow(predicate, tuple(tuple(each.facts.get(predicate, ())) for each in entities))
        for predicate in predicates
        if predicate != DCTERMS_SOURCE
    ]


def compared_terms(table: Iterable[ComparedRow]) -> Iterator[Term | None]:
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
        names: Mapping[str, Label] = {each: plural(each, label) for each, label in kind_labels().items()}
        return negotiation.answer_page("compare.html", kind=None, kinds=names, counts=served().kinds)
    if len(chosen) == 1:
        chosen += alike(served().store, chosen[0], f"{served().base}id/{kind}/", MOST - 2)
    now, basis = served(), basis_argument()
    found = [describe(read(now.store, iri, now.base), basis, now.notes) for iri in chosen]
    table, related = compared_rows(found), relations(chosen, basis.dataset)
    short = [sentences(each.iri, each.types, basis.dataset) for each in found]
    wanted = chain.from_iterable(each.terms() for each in related)
    labels = labels_for([*chosen, *wanted, *compared_terms(table), *terms(chain.from_iterable(short))])
    return negotiation.answer_page(
        "compare.html",
        kind=kind,
        kind_label=plural(kind, kind_labels()[kind]),
        choices=now.index.things(kind, languages(), limit=_CHOICES).hits,
        chosen=chosen,
        labels=labels,
        sentences=short,
        relations=related,
        by_name=_by_name,
        table=sorted(table, key=lambda row: str(labels[row.predicate]).casefold()),
        missing=[len(concerning(iri)) for iri in chosen],
        basis=basis.name,
        parameters={"basis": basis.argument},
        most=MOST,
        most_values=_MOST_VALUES,
    )


def _by_name(values: Iterable[Term], labels: Labels) -> list[Term]:
    def name(value: Term) -> str:
        label = labels[value] if isinstance(value, Iri) else Label(str(value))
        return sort_key(label.text, label.language)

    return sorted(values, key=name)


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
