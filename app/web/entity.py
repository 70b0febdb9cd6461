"""The page about an entity, and the further pages (views) there are of it."""

import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from itertools import chain
from typing import Any, Final

from flask import g, render_template, request
from flask_babel import gettext as _

from app import config
from app.entities import incoming, panels
from app.entities.basis import ALL, Basis
from app.entities.description import Description, Fact, Statements, describe, is_in_data, read
from app.entities.labels import Label, Labels, best
from app.mediatypes import CITATION_FORMATS
from app.namespaces import DCTERMS_SOURCE, PREFIXES, shrink
from app.quality.findings import ValidationResult
from app.query.library import local_name
from app.terms import Dataset, Iri, Literal, Term, n3
from app.web import links
from app.web.arguments import page_argument, pages_of
from app.web.languages import alternatives, languages
from app.web.problems import Problem, not_found
from app.web.representations import embedded, representations, schema_org, signposts
from app.web.serving import served
from app.web.texts import by_language, in_best_language, kind_labels, labels_for, short

# So many values of a predicate a page shows; its data has all of them.
_MOST_VALUES: Final = 200
# Panels from this order on stand folded, at the end of the page.
_DETAILS: Final = 900
# So many of the parts of a document, <iri#…>, are on a page of it.
PARTS: Final = 200
# So many of the things with the name of one are looked at to tell them apart.
_ALIKE: Final = 5
# Of a thing with more entailed facts the reasons stand on a page of their own, so many on each of its pages.
_MOST_REASONS: Final = 40
_REASONS: Final = 50


def statements(iri: Iri) -> Statements:
    """Read what is said of an IRI, once for a request: whether there is a page rests on it, and then the page."""
    kept: dict[Iri, Statements] = g.setdefault("statements", {})
    if iri not in kept:
        kept[iri] = read(served().store, iri, served().base)
    return kept[iri]


def scope(iri: Iri, basis: Basis, *, known: bool) -> Dataset | None:
    """Give the dataset to ask about an IRI: what is only known beside the data (a shape, a query) is asked there.

    ``known`` says that the default graph has been seen to say something of it.
    """
    if basis.name == ALL and not known and not is_in_data(served().store, iri):
        return Dataset(default=tuple(served().graphs))
    return basis.dataset


def entity_page(iri: Iri, basis: Basis) -> str:
    """Give the page about an IRI."""
    now = served()
    found = describe(statements(iri), basis, now.notes)
    dataset = scope(iri, basis, known=statements(iri).is_in_data)
    found.types = now.classes.narrowest(found.types)
    classes = now.classes.order(found.types)
    views = now.library.views(classes)
    if name := request.args.get("view"):
        if name not in views:
            raise Problem(404, _("This thing has no view %(name)s.", name=name))
        return view_page(
            iri, basis, [panels.run_panel(now.store, file, iri, dataset, now.panels) for file in views[name]]
        )
    shown = [
        panels.unasked(file)
        if file.view in config.parts()
        else panels.run_panel(now.store, file, iri, dataset, now.panels)
        for file in now.library.panels(classes)
    ]
    parts = {panel.file.view: panel for panel in shown if panel.file.view in config.parts()}
    pointing: list[incoming.IncomingGroup] = []
    if "pointing" in parts:
        pointing = incoming.mentions(now.store, iri, dataset, now.classes, parts["pointing"].query, now.pointing)
    more, said = _shorten(found), best(found.texts, languages())
    missing = concerning(iri) if "gaps" in parts else None
    number = page_argument()
    inside, total = _inside(found, number) if "parts" in parts else ([], 0)
    if number > max(1, pages_of(total, PARTS)):
        raise not_found(request.full_path)
    terms = [*found.terms(), *panels.terms(shown), *_terms(missing or ()), *inside]
    terms += (term for group in pointing for term in group.terms())
    named = names(iri, basis, terms)
    labels: Labels = named["labels"]
    return render_template(
        "entity.html",
        **named,
        name=_told_apart(found, labels),
        entity=found,
        texts=[text for text in found.texts if text.language == said.language] if said else [],
        elsewhere=_in_other_languages(found),
        facts=_order(found, labels, entailed=False),
        entailed=_order(found, labels, entailed=True),
        more=more,
        entailed_count=sum(fact.entailed for facts in found.facts.values() for fact in facts),
        sources=[fact.value for fact in sorted(found.facts.get(DCTERMS_SOURCE, ()), key=lambda f: _name(f, labels))],
        sentences=[panel for panel in shown if panel.file.view == "sentence" and panel.table.rows],
        shown=[panel for panel in shown if panel.file.view != "sentence"],
        panels=any(panel.table.rows for panel in shown if panel.file.order < _DETAILS),
        details=_DETAILS,
        parts=parts,
        incoming=pointing,
        missing=missing,
        inside=inside,
        inside_total=total,
        number=number,
        pages=pages_of(total, PARTS),
        path=links.here(),
        views={name: files[0].title for name, files in views.items()},
        bases=now.bases,
        formats=representations(iri, basis),
        cite=links.cited(iri),
        cited=representations(iri, basis, CITATION_FORMATS),
        signposts=signposts(iri, basis, classes),
        script=embedded(schema_org(found, labels[iri], classes)),
        most_reasons=_MOST_REASONS,
    )


def _inside(found: Description, number: int) -> tuple[list[Iri], int]:
    """Give a page of the parts of a document, and how many there are; few that stand among its facts are left out.

    Without an index there are none.
    """
    inside, total = list[Iri](), 0
    with suppress(OSError):
        inside, total = served().index.parts(found.iri, PARTS, (number - 1) * PARTS)
    if total <= PARTS:
        values = {fact.value for facts in found.facts.values() for fact in facts}
        inside = [part for part in inside if part not in values]
        total = len(inside)
    return inside, total


def names(iri: Iri, basis: Basis, terms: Iterable[Term | None]) -> dict[str, Any]:
    """Give what the template of any page about an IRI needs: names of it and all else there, basis, parameters."""
    # The names of the kinds too, which the page's own kind is named by: one look-up.
    labels = labels_for([iri, *terms, *served().kind_names.values()])
    kind = served_kind(iri)
    return {
        "iri": iri,
        "label": labels[iri],
        "labels": labels,
        "kind": kind,
        "kind_label": kind_labels()[kind] if kind else None,
        "basis": basis.name,
        "parameters": {"iri": iri, "basis": basis.argument},
    }


def _terms(found: Iterable[ValidationResult]) -> Iterator[Term | None]:
    return (term for each in found for term in (each.focus, each.shape, *chain.from_iterable(each.said)))


def reasons_page(iri: Iri, basis: Basis, number: int) -> str:
    """Give the page with the reasons of all that is entailed about an IRI, in pages; raises Problem (404)."""
    found = describe(statements(iri), basis, served().notes)
    first = [found.reasons[triple][0] for triple in sorted(found.reasons, key=lambda triple: [*map(n3, triple)])]
    shown = first[(number - 1) * _REASONS : number * _REASONS]
    if not shown and number > 1:
        raise not_found(request.full_path)
    named = names(iri, basis, (term for reason in shown for term in reason.terms()))
    if not request.path.endswith("/describe"):
        del named["parameters"]["iri"]
    named["parameters"]["why"] = 1
    return render_template(
        "why.html",
        **named,
        reasons=shown,
        total=len(first),
        number=number,
        pages=pages_of(len(first), _REASONS),
        path=links.here(),
        formats={name: address for name, address in representations(iri, basis).items() if name != "json"},
    )


def view_page(iri: Iri, basis: Basis, shown: list[panels.Panel]) -> str:
    """Give a further page about an IRI, named by its first panel, with what is missing of all its rows are about."""
    about = dict.fromkeys([iri, *panels.things(shown)])
    missing = [each for thing in about for each in served().findings if each.focus == thing]
    return render_template(
        "view.html",
        **names(iri, basis, [*panels.terms(shown), *_terms(missing)]),
        title=by_language(shown[0].file.title),
        panels=shown,
        missing=missing,
    )


def concerning(thing: Iri) -> list[ValidationResult]:
    """Give what the checks find about a thing, or of what it is the value."""
    return [each for each in served().findings if each.concerns(thing)]


def served_kind(iri: Iri) -> str | None:
    """Give the kind of a thing of the base."""
    rest = iri.removeprefix(served().base + "id/")
    kind = rest.partition("/")[0]
    return kind if rest != iri and kind in served().kinds else None


def _told_apart(found: Description, labels: Labels) -> str:
    """Give the name for the title of the page; of several things of one name with the class, if that is no help an IRI.

    Looked up by what begins with the name, best first, as suggestions are. What is of no kind (a class, a rule) is not
    among those: it has both. All of it is written as titles are: short, with nothing that turns the direction.
    """
    label, kind = labels[found.iri], served_kind(found.iri)
    help_ = [str(labels[each]) for each in found.types[:1]]
    if kind is None:
        ours = found.iri.startswith(served().base)
        known = None if ours else shrink(found.iri, {**PREFIXES, **served().manifest.prefixes})
        help_.append(str(Label(known or local_name(found.iri) or found.iri)))
        more = [each for each in help_ if each != str(label)]
        return f"{label} ({', '.join(more)})" if more else str(label)
    alike = []
    with suppress(OSError):  # the page goes on without
        alike = list(served().index.suggest(label.text, languages(), limit=_ALIKE))
    others = [hit for hit in alike if hit.iri != found.iri and hit.label == label.text]
    if not others:
        return str(label)
    if not help_ or any(hit.kind == kind for hit in others):
        help_.append(str(Label(found.identifiers[0].value if found.identifiers else short(found.iri))))
    return f"{label} ({', '.join(help_)})"


def _in_other_languages(found: Description) -> list[tuple[Iri | None, Literal]]:
    """Give the texts that the page leaves out for a better language, and no other page of the site is in theirs.

    Each with its property; without one where it tells what the thing is.
    """
    pages = {tag for tag, _path in alternatives("/")}
    groups: list[tuple[Iri | None, list[Literal]]] = [(None, found.texts)]
    for predicate, facts in found.facts.items():
        groups.append((predicate, [fact.value for fact in facts if isinstance(fact.value, Literal)]))
    left_out: list[tuple[Iri | None, Literal]] = []
    for said_by, values in groups:
        tagged = [value for value in values if value.language]
        chosen = best(tagged, languages())
        left_out += [
            (said_by, value)
            for value in tagged
            if chosen and value.language != chosen.language and str(value.language).partition("-")[0] not in pages
        ]
    return left_out


def _shorten(found: Description) -> dict[Iri, int]:
    """Leave as many values of each predicate as a page has room for; give the number of those that have more."""
    counts = {predicate: len(facts) for predicate, facts in found.facts.items() if len(facts) > _MOST_VALUES}
    for predicate in counts:
        found.facts[predicate] = found.facts[predicate][:_MOST_VALUES]
    return counts


def _order(found: Description, labels: Labels, *, entailed: bool) -> list[tuple[Iri, list[list[Fact]]]]:
    """Give the facts that somebody states, or those that only follow, by predicate, alphabetically.

    In a predicate together what is equally sure for equal reasons. Of texts in several languages those of the best one.
    The sources of the thing itself stand by themselves.
    """
    rows = []
    for predicate, facts in found.facts.items():
        if predicate == DCTERMS_SOURCE:
            continue
        alike: dict[object, list[Fact]] = {}
        for fact in in_best_language(each for each in facts if each.entailed == entailed):
            rules = frozenset(rule for reason in fact.reasons for rule in reason.rules)
            alike.setdefault((fact.certainty, fact.sources, fact.claims, rules), []).append(fact)
        if alike:
            rows.append((predicate, [sorted(each, key=lambda f: _name(f, labels)) for each in alike.values()]))
    return sorted(rows, key=lambda row: _counting(str(labels[row[0]])))


def _counting(name: str) -> list[tuple[int, str]]:
    """Give a key by which the tenth comes after the second: letters and numbers in turn."""
    parts = re.split(r"([0-9]{1,9})", name.casefold())
    return [(int(part), "") if place % 2 else (0, part) for place, part in enumerate(parts)]


def _name(fact: Fact, labels: Labels) -> str:
    return str(labels[fact.value] if isinstance(fact.value, Iri) else fact.value).casefold()
