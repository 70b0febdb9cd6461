"""``/queries/`` and ``/queries/<name>``: the questions, each a form and its answer; JSON, CSV and RDF too."""

import re
from dataclasses import dataclass
from datetime import date
from difflib import get_close_matches
from typing import Final

from flask import Blueprint, Response, g, request
from flask_babel import gettext as _

from app.entities.labels import Label, Labels, best, label_of
from app.mediatypes import CITATION_FORMATS, PARQUET, TABLE_FORMATS, XLSX, Format
from app.query.files import Parameter, QueryFile
from app.query.library import local_name, without_header
from app.query.tokens import is_repeatable
from app.search.lookup import Hit
from app.terms import XSD, BlankNode, Iri, Literal, Term, parse_term
from app.web import links, negotiation, openapi, sparql, spreadsheets
from app.web.answering import run_query
from app.web.arguments import basis_argument
from app.web.beside import respond_with_names
from app.web.documents import respond_with_document
from app.web.downloads import in_context
from app.web.graphml import GRAPHML, formats_of, respond_with_network
from app.web.languages import languages
from app.web.negotiation import HTML
from app.web.problems import Problem, not_found, wants_page
from app.web.representations import citation, cited_part
from app.web.serving import served
from app.web.snippets import of_question
from app.web.texts import by_language, labels_for

blueprint = Blueprint("questions", __name__)

# A class with more things than this is not a list to choose from: the form takes an IRI.
MOST_CHOICES: Final = 500
_LONGEST: Final = 80


@dataclass(frozen=True, slots=True)
class Input:
    """A parameter as a form shows it: label, kind of field, value, what to choose from, what is wrong with it."""

    parameter: Parameter
    label: Label
    kind: str
    value: str
    choices: tuple[Hit, ...] = ()
    error: str | None = None


@blueprint.get("/queries/")
def question_list() -> Response:
    """List the questions; the description of all of them for programs is linked (RFC 8631)."""
    negotiation.choose_format((HTML,))
    described = links.page_link(openapi.PATH)
    response = negotiation.answer_page("questions.html", groups=_under_headings(), described=described)
    response.headers.add("Link", f'<{described}>; rel="service-desc"; type="{openapi.OPENAPI.media_type}"')
    return response


def _under_headings() -> list[tuple[Label | None, list[QueryFile]]]:
    """Put the questions under the headings that the content has for their tags; those without come last."""
    now = served()
    texts: dict[str, list[Literal]] = {}
    for row in now.store.select(now.library.headings.text).rows if now.library.headings else ():
        if isinstance(tag := row.get("tag"), Literal) and isinstance(heading := row.get("heading"), Literal):
            texts.setdefault(tag.value, []).append(heading)
    found: dict[str, list[QueryFile]] = {tag: [] for tag in (*texts, "")}
    for file in sorted(now.library.questions.values(), key=lambda each: each.order):
        found[next((tag for tag in file.tags if tag in texts), "")].append(file)
    return [(best(texts.get(tag, []), languages()), files) for tag, files in found.items() if files]


@blueprint.get("/queries/<name>")
def question(name: str) -> Response:
    """Ask a question: its form and, once all it needs is given, the answer."""
    questions = served().library.questions
    file, stem, suffix = questions.get(name), name, None
    if file is None:
        stem, suffix = negotiation.split_suffix(name, (*TABLE_FORMATS, PARQUET, GRAPHML, *negotiation.DESCRIBED))
        file = questions.get(stem)
    if file is None and (rule := next((each for each in (name, stem) if each in served().library.rules), None)):
        return respond_with_document(Iri(f"{served().base}query/{rule}"), suffix if rule != name else None)
    if file is None:
        raise not_found(f"/queries/{name}")
    formats = formats_of(file)
    g.repeatable = is_repeatable(file.text)
    found = negotiation.choose_format((HTML, *formats, *CITATION_FORMATS), suffix)
    values, errors = parameter_values(file)
    given = {name: value for name, value in request.args.items() if name != "format"}
    cite = links.absolute(links.page_link(f"/queries/{file.name}", {**given, "version": served().manifest.version}))
    if found in CITATION_FORMATS:
        title = by_language(file.title) or Label(file.name)
        return citation(cited_part(title, cite), found)
    missing = [each.name for each in file.parameters if each.required and each.name not in values]
    if found != HTML:
        if errors or missing:
            lacking = [_("The address lacks %(name)s=<a value>.", name=each) for each in missing]
            raise Problem(400, " ".join([*errors.values(), *lacking]))
        return _data(file, values, found)
    basis = basis_argument()
    query = without_header(file.bound(values))
    shown = None if errors or missing else sparql.show(query, basis.dataset)
    table_terms = shown.table.terms() if shown and shown.table else ()
    labels = labels_for([*table_terms, *(values.values() if given else ())])
    return negotiation.answer_page(
        "question.html",
        file=file,
        inputs=[_input(each, values, errors) for each in file.parameters],
        query=query,
        shown=shown,
        rows=sparql.ROWS,
        asked=bool(given),
        missing=missing,
        basis=basis.name,
        given_title=_given(file, values, labels) if given else "",
        labels=labels,
        downloads={each: links.page_link(f"/queries/{file.name}.{each.name}", given) for each in formats},
        cite=cite,
        snippets=of_question(file.name, file.form, given, str(by_language(file.title)), cite) if shown else (),
        named=sparql.named_link(f"/queries/{file.name}.csv", file.form, given),
        receipt=sparql.receipt_link(query, {"basis": basis.argument}) if shown else None,
        cited={each.name: links.page_link(f"/queries/{file.name}.{each.suffix}", given) for each in CITATION_FORMATS},
        status=400 if errors and wants_page() else 200,
    )


def _data(file: QueryFile, values: dict[str, Term], found: Format) -> Response:
    query, dataset = file.bound(values), basis_argument().dataset
    if found == XLSX:
        return spreadsheets.respond_with_workbook(query, dataset, file, values)
    if found == PARQUET:
        return spreadsheets.respond_with_parquet(query, dataset)
    if found == GRAPHML:
        return respond_with_network(query, dataset, file)
    if (named := respond_with_names(query, dataset, found)) is not None:
        return named
    return negotiation.answer(in_context(run_query(query, dataset, found).body, found), found)


def _given(file: QueryFile, values: dict[str, Term], labels: Labels) -> str:
    """Name what is chosen, for the title: each question with each choice has a title of its own."""
    chosen = [values[each.name] for each in file.parameters if each.name in values and each.name in request.args]
    names = [
        str(labels[each]) if isinstance(each, Iri) else str(label_of(each, languages()))
        for each in chosen
        if not isinstance(each, BlankNode)
    ]
    return ": " + ", ".join(names) if names else ""


def parameter_values(file: QueryFile) -> tuple[dict[str, Term], dict[str, str]]:
    """Read the values of a question's parameters from the query string; also what is wrong, by name."""
    values: dict[str, Term] = {}
    errors: dict[str, str] = {}
    for parameter in file.parameters:
        name, text = parameter.name, request.args.get(parameter.name, "").strip()
        try:
            if text:
                values[name] = parameter_value(parameter, text)
            elif parameter.name == "language":
                values[name] = Literal(languages()[0], datatype=parameter.target)
            elif parameter.default is not None:
                values[name] = parameter.default
        except ValueError:
            label = by_language(parameter.label)
            errors[name] = _("%(label)s: %(text)s is not a value for this.", label=label, text=text)
            if works := _works(parameter, text):
                errors[name] += " " + _("Write an IRI, such as %(works)s", works=works)
    return values, errors


def _works(parameter: Parameter, text: str) -> str:
    """Give the IRI of the thing that was probably meant, else of any that works; nothing where we do not know one."""
    if parameter.kind != "class":
        return ""
    choices = served().index.members(parameter.target, languages(), limit=MOST_CHOICES)
    by_name = {local_name(Iri(each.iri)).casefold(): each.iri for each in reversed(choices)}
    by_name |= {each.label.casefold(): each.iri for each in reversed(choices)}
    near = get_close_matches(text[:_LONGEST].casefold(), by_name, n=1)
    return by_name[near[0]] if near else choices[0].iri if choices else ""


def parameter_value(parameter: Parameter, text: str) -> Term:
    """Turn what was typed into a term: an IRI (whole, or ``prefix:name``) or a literal; ValueError."""
    if parameter.kind != "datatype":
        term = parse_term(text, dict(served().manifest.prefixes))
        if not isinstance(term, Iri):
            raise ValueError(text)
        return term
    # The lexical forms of XSD 1.1 Part 2; a datatype that we do not know takes anything.
    pattern = openapi.datatypes().get(parameter.target, {}).get("lexical")
    if pattern is not None and not re.fullmatch(pattern, text, re.ASCII):
        raise ValueError(text)
    if parameter.target == XSD + "date":
        date.fromisoformat(text)
    return Literal(text, datatype=parameter.target)


def _input(parameter: Parameter, values: dict[str, Term], errors: dict[str, str]) -> Input:
    typed = request.args.get(parameter.name, "").strip()
    text = typed or str(values.get(parameter.name, ""))
    choices: tuple[Hit, ...] = ()
    if parameter.kind == "class":
        choices = served().index.members(parameter.target, languages(), limit=MOST_CHOICES + 1)
        choices = () if len(choices) > MOST_CHOICES else choices
    kind = "choice" if choices else openapi.datatypes().get(parameter.target, {}).get("field", "text")
    label = by_language(parameter.label) or Label(parameter.name)
    return Input(parameter, label, kind, text, choices, errors.get(parameter.name))
