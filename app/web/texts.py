"""What templates write: labels, values, names and headings in the language of the page, as there is room for them."""

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from functools import lru_cache
from typing import Any, Final
from urllib.parse import quote, urlencode

from babel import Locale, UnknownLocaleError
from flask import Flask, g, request
from flask_babel import get_locale, get_translations
from flask_babel import gettext as _
from markupsafe import Markup, escape

from app import __version__
from app.entities.basis import ALL
from app.entities.description import Fact
from app.entities.labels import NAME_LETTERS, Label, Labels, best, label_of, look_up
from app.mediatypes import GRAPH_FORMATS, JSON
from app.namespaces import INFO, INTERPRETED, RDF_TYPE, STATED, UNCERTAIN, VIOLATION, WARNING, shrink
from app.query.files import QueryFile
from app.query.library import local_name
from app.search.facets import MOST_VALUES
from app.search.folding import sort_key
from app.terms import BlankNode, Iri, Literal, Term
from app.web import links
from app.web.languages import alternatives, interface_language, languages, root
from app.web.serving import served, settings
from app.web.values import day, figure, value_text

# A text that is read, not a name: a quote, a description. All of them together, on one page.
_TEXT: Final = 4_000
_PAGE: Final = 60_000
# What HTML does not allow in text: control characters but tab and line ends, noncharacters, lone surrogates.
_FORBIDDEN: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufdd0-\ufdef\ufffe\uffff\ud800-\udfff]")
# Letters written from right to left, and characters that turn the direction.
_TURNS: Final = re.compile(
    "[\u0590-\u08ff\u200e\u200f\u202a-\u202e\u2066-\u2069\ufb1d-\ufdff\ufe70-\ufefc\U00010800-\U00010fff]"
)
# So many values of a facet are shown at once; the others are folded.
_FILTER_VALUES: Final = 8
# So many values of a thing a row of a list shows in each column.
_ROW_VALUES: Final = 5
_SEVERITY_COLOURS: Final = {VIOLATION: "danger", WARNING: "warning", INFO: "info"}
_COLOURS: Final = {STATED: "success", INTERPRETED: "info", UNCERTAIN: "warning"}


# How a name of a property goes on from its subject: as a verb ("takes part in"), after "is" ("member of", "in county").
_PHRASES: Final = {
    ("nb", "verb"): re.compile(r"(?!under )\w*(r|es) "),
    ("nb", "place"): re.compile(r"(i|under|innenfor) |.* (i|av|til|for|fra)$"),
    ("nn", "verb"): re.compile(r"(?!under )\w*(r|gg|ld|nn) "),
    ("nn", "place"): re.compile(r"(i|under|innanfor) |.* (i|av|til|for|frå)$"),
    ("en", "verb"): re.compile(r"(\w*[^s])?s "),
    ("en", "place"): re.compile(r"(in|under|within) |.* (in|of|by|to|for|from)$"),
}


def brief(text: str, most: int | None = None) -> str:
    """Give as much of a text as there is room for, what HTML forbids replaced.

    Any literal may be a million letters long. ``most`` letters; without it a text that is read, which may take what the
    page's other long texts have left.
    """
    if len(text) > (most or NAME_LETTERS):
        if most is None:
            room: int = g.setdefault("room", _PAGE)
            most = max(NAME_LETTERS, min(_TEXT, room))
            g.room = room - min(most, len(text))
        text = text if len(text) <= most else text[: most - 1].rstrip() + "…"
    return _FORBIDDEN.sub("\ufffd", text)


def turns(text: str) -> bool:
    """Say whether a text may change the direction of what stands beside it, so that it has to be isolated (bdi)."""
    return not text.isascii() and bool(_TURNS.search(text))


def severity_names() -> dict[Iri, str]:
    """Name the severities of findings in the language of the page."""
    return {VIOLATION: _("Violations"), WARNING: _("Gaps"), INFO: _("Worth a look")}


def labels_for(terms: Iterable[Term | None]) -> Labels:
    """Look up the labels of all terms of a page, in one go; those of the degrees of certainty any page may show."""
    now = served()
    every = (*terms, STATED, INTERPRETED, UNCERTAIN)
    return look_up(now.store, every, languages(), now.labels if now.keeps_answers else None)


def phrase(name: Label) -> str:
    """Say how the name of a property is read in a sentence: ``verb``, ``place`` (after *is*), or ``noun``."""
    fits = (form for (tag, form), sign in _PHRASES.items() if tag == name.language and sign.match(name.text))
    return next(fits, "noun")


def degree_anchor(certainty: Iri) -> str | None:
    """Give where on the page it says what a degree of certainty means, and note that it has to; None: nowhere."""
    if certainty not in served().meanings:
        return None
    g.setdefault("degrees", set()).add(certainty)
    return "#means-" + local_name(certainty)


def degrees_shown(every: bool = False) -> list[Iri]:
    """Give the degrees of certainty that this page speaks of, or every one, those that are defined, surest first."""
    return [degree for degree in served().meanings if every or degree in g.get("degrees", ())]


def by_language(texts: Mapping[str, str]) -> Label | None:
    """Choose from texts by language (a title of a query file, of the dataset)."""
    return best([Literal(text, language or None) for language, text in texts.items()], languages())


def part_title(file: QueryFile) -> str:
    """Give the title of a part of a page, in the language of the interface's own words where it has it."""
    titles = [Literal(text, language) for language, text in file.title.items()]
    return str(best(titles, (interface_language(), *languages())))


def site_title() -> Label:
    """Give the name of the site."""
    return by_language(served().manifest.name) or Label(_("Linked data"), interface_language())


def in_best_language(facts: Iterable[Fact]) -> list[Fact]:
    """Leave out texts of which there is a better language by the same predicate; all other values stay."""
    tagged: dict[Iri, list[Literal]] = defaultdict(list)
    given = list(facts)
    for fact in given:
        if isinstance(fact.value, Literal) and fact.value.language:
            tagged[fact.predicate].append(fact.value)
    chosen = {predicate: best(values, languages()) for predicate, values in tagged.items()}
    return [
        fact
        for fact in given
        if not (isinstance(fact.value, Literal) and fact.value.language)
        or ((label := chosen[fact.predicate]) and label.language == fact.value.language)
    ]


def humanise(name: str) -> str:
    """Make a heading from the name of a variable: ``numberOfActivities`` becomes “Number of activities”."""
    spaced = "".join(f" {c.lower()}" if c.isupper() else c for c in name.replace("_", " ")).strip()
    return spaced[:1].upper() + spaced[1:]


def kind_labels() -> dict[str, Label]:
    """Name the kinds in the language of the page; where two would have the same name, the kind is added."""
    now = served()
    labels = labels_for(now.kind_names.values())
    found = {
        kind: labels[now.kind_names[kind]] if kind in now.kind_names else Label(humanise(kind)) for kind in now.kinds
    }
    often = Counter(label.text for label in found.values())
    return {
        kind: replace(label, text=f"{label.text} ({kind})") if often[label.text] > 1 else label
        for kind, label in found.items()
    }


def link_text(iri: Iri, labels: Labels) -> Label:
    """Give the text of a link: the label; without one the prefixed name, or the address of what is elsewhere."""
    label = labels[iri]
    if label.found or links.path_of(iri) or shrink(iri, served().manifest.prefixes):
        return label
    return Label(str(iri), found=False)


def short(iri: str) -> str:
    """Give the shortest unambiguous name of an IRI, for titles: its path under the base, else all of it."""
    base = served().base
    name = iri.removeprefix(base).removeprefix("id/") if iri.startswith(base) and iri != base else iri
    return brief(name, NAME_LETTERS)


def language_name(tag: str | None) -> str:
    """Name a language in the language of the page; Babel does not know all of them."""
    return _language_name(tag, str(get_locale())) if tag else ""


@lru_cache(maxsize=1024)
def _language_name(tag: str, _locale: str) -> str:
    own = {"sma": _("Southern Sámi"), "smj": _("Lule Sámi"), "sme": _("Northern Sámi"), "nb": _("Norwegian")}
    try:
        return own.get(tag) or Locale.parse(tag, sep="-").get_display_name(get_locale()) or tag
    except (UnknownLocaleError, ValueError):
        return tag


def own_language_name(tag: str) -> str:
    """Name a language in that language, as its speakers look for it."""
    try:
        name = Locale.parse(tag, sep="-").get_language_name(tag) or tag
    except (UnknownLocaleError, ValueError):
        return tag
    return name[:1].upper() + name[1:]


def basis_name(name: str) -> Label:
    """Name a position of the switch of what a page rests on."""
    own = Label(_("Everything"), interface_language()) if name == ALL else Label(name)
    return by_language(served().bases[name].label) or own


def lang(name: Label | str) -> Markup:
    """Give the attribute with the language of a name, where it is not that of the page (WCAG 2.2, 3.1.2)."""
    tag = name.language if isinstance(name, Label) else None
    return Markup(' lang="{}"').format(tag) if tag and tag != interface_language() else Markup()


def marked(name: Label) -> Markup:
    """Give a name as it stands in a sentence: its language is marked, where it is not that of the page."""
    attribute = lang(name)
    return Markup("<span{}>{}</span>").format(attribute, str(name)) if attribute else escape(str(name))


def column(file: QueryFile | None, name: str) -> Label:
    """Give the heading of a column: what the query's header says, else the name of the variable.

    A query from outside has those of a question of ours: one with all its columns (``g.alike``), else what all
    questions with such a column call it.
    """
    header = file or g.get("alike")
    files = (header,) if header else served().library.questions.values()
    called = [each.columns[name] for each in files if name in each.columns]
    given = called[0] if called and all(each == called[0] for each in called) else None
    if given and (label := by_language(given)):
        return label
    known = {"certainty": _("How certain"), "source": _("Source")}
    return Label(known.get(name) or humanise(name))


def by_label(iris: Iterable[Iri], labels: Labels) -> list[Iri]:
    """Sort by label."""
    return sorted(iris, key=lambda each: sort_key(labels[each].text, labels[each].language))


def written_once(macro: Callable[..., Markup], *usual: int) -> Callable[..., Markup]:
    """Give a macro that remembers what it wrote of a label or an IRI; ``usual`` is its second value unless given.

    A long text is written anew each time: all of a page share the room for them.
    """
    known: dict[object, Markup] = {}

    def write(what: Any, *others: Any) -> Markup:
        given = others or usual
        if given == (None,) or not isinstance(what, Label | Iri):
            return macro(what, *given)
        key = (what, *map(id, given))
        if (found := known.get(key)) is None:
            found = known[key] = macro(what, *given)
        return found

    return write


def format_name(name: str) -> str:
    """Name a format as people write it."""
    names = {"turtle": "Turtle", "ntriples": "N-Triples", "jsonld": "JSON-LD", "rdfxml": "RDF/XML"}
    names |= {"bibtex": "BibTeX", "csl": "CSL JSON", "graphml": "GraphML", "parquet": "Parquet"}
    return names.get(name, name.upper())


def media_type(name: str) -> str:
    """Give the media type of a data format by its name."""
    return next(each.media_type for each in (*GRAPH_FORMATS, JSON) if each.name == name)


def report_link(address: str, about: Label | None = None, gap: str | None = None) -> str:
    """Make a link of the address for reports: a web address as it is, else a mail that names what it is about.

    Where people edit, a path: it gets the page that the link stands on, and the check (``gap``) that it is about.
    """
    if address.startswith("/"):
        return links.page_link(address, {"about": request.script_root + links.here(), "gap": gap, "version": None})
    if links.is_web(address):
        return address
    subject = _("Error in the data: %(about)s", about=about.text if about else site_title().text)
    given = urlencode({"subject": subject, "body": request.url}, quote_via=quote)
    return "mailto:" + address.removeprefix("mailto:") + "?" + given


# Where readers tell what should be changed, where people edit.
_SUGGEST: Final = "/edit/suggest"


def register_texts(app: Flask) -> None:
    """Make these known to the templates."""

    @app.context_processor
    def names() -> dict[str, Any]:
        if "served" not in g:
            return {}
        query = request.query_string.decode("latin-1")
        path = links.here() + (f"?{query}" if query else "")
        return {
            "site": site_title(),
            "manifest": served().manifest,
            "meanings": served().meanings,
            "language": interface_language(),
            "alternatives": alternatives(path) if request.method == "GET" else [],
            "content_language": g.language,
            "report_address": _SUGGEST if settings().edit else settings().report_address,
            "editing": bool(settings().edit),
            "accessibility_statement": settings().accessibility_statement,
            "software_version": __version__,
            "old_version": g.get("version"),
        }

    app.jinja_env.globals.update(
        page=links.page_link,
        describe=links.describe_link,
        document=links.document_link,
        profile=links.profile_link,
        is_web=links.is_web,
        static=lambda name: f"{root()}/static/{name}",  # the same in every language
        label_of=lambda value: label_of(value, languages()),
        best_of=lambda values: best(values, languages()),
        hit_label=lambda hit: label_of(Literal(hit.label, hit.language), languages()),
        newest_address=links.newest,
        has_graph=lambda name: served().base + "graph/" + name in served().graphs,
        endpoint=lambda: request.host_url.rstrip("/") + root() + "/sparql",
        colours=_COLOURS,
        name_letters=NAME_LETTERS,
        rdf_type=RDF_TYPE,
        severity_colours=_SEVERITY_COLOURS,
        filter_values=_FILTER_VALUES,
        filter_most=MOST_VALUES,
        row_values=_ROW_VALUES,
    )
    by_name: tuple[Callable[..., Any], ...] = (
        *(basis_name, by_label, by_language, column, day, degree_anchor, degrees_shown, figure, format_name),
        *(in_best_language, labels_for, language_name, media_type, own_language_name, part_title, report_link),
        *(severity_names, short, value_text, written_once),
    )
    app.jinja_env.globals.update({function.__name__: function for function in by_name})

    # Looking up which catalog is the request's takes longer than looking up a word in it: once for a request.
    def catalog() -> Any:
        if "catalog" not in g:
            g.catalog = get_translations()
        return g.catalog

    app.jinja_env.install_gettext_callables(  # type: ignore[attr-defined]
        lambda text: catalog().ugettext(text),
        lambda one, many, number: catalog().ungettext(one, many, number),
        newstyle=True,
    )
    # What is asked of nearly every name is a filter or a test: Jinja calls them straight, functions by a detour.
    shown = (brief, lang, link_text, marked, phrase)
    app.jinja_env.filters.update({each.__name__: each for each in shown}, href=links.href)
    app.jinja_env.tests.update(
        outside=lambda address: not address.startswith("/"),
        turning=turns,
        iri=lambda value: isinstance(value, Iri),
        literal=lambda value: isinstance(value, Literal),
        blank=lambda value: isinstance(value, BlankNode),
    )
