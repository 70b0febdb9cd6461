"""``/sparql``: queries by the SPARQL 1.1 Protocol, the page to write them on, the Service Description."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote, unquote_to_bytes

from babel.numbers import format_decimal
from flask import Blueprint, Response, g, redirect, render_template, request
from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response as BaseResponse

from app.entities.panels import PanelTable, table_of
from app.errors import QueryError
from app.mediatypes import GRAPH_FORMATS, PARQUET, RESULTS_CSV, RESULTS_JSON, TURTLE, XLSX, of_form
from app.namespaces import PREFIXES, RDF_TYPE, RDFS_COMMENT
from app.query.library import engine_query
from app.query.tokens import form, is_repeatable
from app.store.results import is_empty, parse_results
from app.terms import XSD, BlankNode, Dataset, Iri, Literal, Subject, Term, Triple, is_absolute_iri
from app.web import links, negotiation, spreadsheets
from app.web.answering import run_query
from app.web.arguments import basis_argument
from app.web.beside import ARGUMENT, respond_with_names
from app.web.downloads import in_context
from app.web.headers import LONGEST
from app.web.languages import interface_language, languages, words_count
from app.web.negotiation import HTML, NotAcceptable
from app.web.problems import Advice, Problem, after_answer, query_problem, wants_page
from app.web.serving import served
from app.web.snippets import of_query
from app.web.texts import labels_for
from app.web.values import reading_locale

_SD: Final = PREFIXES["sd"]
_VOID: Final = PREFIXES["void"]
# Names of formats at http://www.w3.org/ns/formats/, as a service description gives them.
_FORMATS: Final = (
    *("SPARQL_Results_JSON", "SPARQL_Results_XML", "SPARQL_Results_CSV", "SPARQL_Results_TSV"),
    *("Turtle", "JSON-LD", "N-Triples", "RDF_XML"),
)
blueprint = Blueprint("sparql", __name__)
# So many rows a page shows; the other formats hold all of them.
ROWS: Final = 1000
_ADVICE: Final = 3
# The code of a byte that is no ASCII.
_NOT_ASCII: Final = re.compile(rb"%[89A-Fa-f]")


def service_description(endpoint: str) -> list[Triple]:
    """Describe the service at an endpoint.

    It has none of the features of sd:Feature: it asks no other server, takes no graphs from the web, has no empty
    graphs, needs no dataset in a query, and its default graph leaves some named graphs out. Patterns are matched by
    simple entailment; what follows from the data is in the default graph as triples.
    """
    service, dataset = Iri(endpoint), BlankNode("dataset")
    result: list[tuple[Subject, str, Term]] = [
        (service, RDF_TYPE, Iri(_SD + "Service")),
        (service, _SD + "endpoint", service),
        (service, _SD + "supportedLanguage", Iri(_SD + "SPARQL11Query")),
        (service, _SD + "defaultEntailmentRegime", Iri("http://www.w3.org/ns/entailment/Simple")),
        (service, RDFS_COMMENT, Literal(engine_differences(), interface_language())),
        (service, _SD + "defaultDataset", dataset),
        (dataset, RDF_TYPE, Iri(_SD + "Dataset")),
        *((service, _SD + "resultFormat", Iri("http://www.w3.org/ns/formats/" + name)) for name in _FORMATS),
    ]
    result += _graph(dataset, _SD + "defaultGraph", "default", served().manifest.triples)
    for number, (graph, triples) in enumerate(sorted(served().graphs.items())):
        named = BlankNode(f"named{number}")
        result += [
            (dataset, _SD + "namedGraph", named),
            (named, RDF_TYPE, Iri(_SD + "NamedGraph")),
            (named, _SD + "name", graph),
            *_graph(named, _SD + "graph", f"graph{number}", triples),
        ]
    return [(subject, Iri(predicate), value) for subject, predicate, value in result]


def engine_differences() -> str:
    """Tell where answers differ from SPARQL 1.1, in the language of the request (docs/decisions/0033)."""
    told: str = _(
        "Differences from SPARQL 1.1: a path p* or p? from a term that is not in the data gives no row; $1c in the "
        "replacement of REPLACE means the group named 1c (write ${1}c); a query over several graphs (FROM, "
        "default-graph-uri) counts a triple once for each graph that holds it (use DISTINCT)."
    )
    return told


def _graph(subject: Subject, predicate: str, name: str, triples: int) -> Iterator[tuple[Subject, str, Term]]:
    graph = BlankNode(name)
    yield subject, predicate, graph
    yield graph, RDF_TYPE, Iri(_SD + "Graph")
    yield graph, RDF_TYPE, Iri(_VOID + "Dataset")
    yield graph, _VOID + "triples", Literal(str(triples), datatype=Iri(XSD + "integer"))


@dataclass(frozen=True, slots=True)
class ShownResult:
    """An answer as a page shows it: a table, a yes or no, or a graph as Turtle."""

    table: PanelTable | None = None
    total: int = 0
    truth: bool | None = None
    turtle: str | None = None
    elapsed: float = 0.0

    @property
    def empty(self) -> bool:
        """Say whether nothing was found."""
        return not (self.total or self.truth or self.turtle)


@blueprint.route("/sparql", methods=["GET", "POST"])
def sparql() -> Response:
    """Answer a query (GET, form POST, direct POST); without one give the form, or the service description."""
    query, parameters = _request()
    if query is None:
        words_count()
        # Who takes anything is a program: the description, as SPARQL 1.1 Service Description §2 has it.
        found = negotiation.choose_format(negotiation.GRAPH if wants_page() else (*GRAPH_FORMATS, HTML))
        if found == HTML:
            return negotiation.answer(query_page(engine_query("engine/example").strip()), HTML)
        return negotiation.answer_graph(service_description(request.base_url), found)
    dataset = dataset_argument(parameters)
    try:
        return respond_with_answer(query, dataset)
    except QueryError as error:
        problem = query_problem(error, query)
        if not wants_page():
            raise problem from error
        g.content_type = None
        return Response(query_page(query, error=problem), problem.status, headers=problem.headers, mimetype="text/html")


@blueprint.route("/sparql/", methods=["GET", "POST"])
def slash() -> BaseResponse:
    """Send a query on to the address without the slash (308: with its body)."""
    return redirect(links.page_link("/sparql", request.args.to_dict(flat=False)), 308)


def respond_with_answer(query: str, dataset: Dataset | None) -> Response:
    """Answer a query in a format that fits its form; raises QueryError."""
    formats = of_form(form(query))
    g.repeatable = is_repeatable(query)
    if negotiation.expected((*formats, HTML)) == XLSX:
        words_count()
    try:
        found = negotiation.choose_format((*formats, HTML))
    except NotAcceptable:
        if form(query) is None:  # no query at all: that is what is wrong
            run_query(query, dataset, RESULTS_JSON)
        raise
    if found == XLSX:
        return spreadsheets.respond_with_workbook(query, dataset)
    if found == PARQUET:
        return spreadsheets.respond_with_parquet(query, dataset)
    if found != HTML:
        if (named := respond_with_names(query, dataset, found)) is not None:
            return named
        answer = run_query(query, dataset, found)
        response = negotiation.answer(in_context(answer.body, found), found)
        if found.kind == "results" and is_empty(answer.body):
            _advise(response, query, dataset)
        return response
    shown = show(query, dataset)
    advice = after_answer(query, dataset, empty=shown.empty)
    return negotiation.answer(query_page(query, shown=shown, advice=advice), HTML)


def _advise(response: Response, query: str, dataset: Dataset | None) -> None:
    """Say to a program that found nothing what was likely not meant: links to help, with words (RFC 8288 §3.4.1)."""
    g.worded = True
    page = links.page_link("/sparql", {"query": query})
    page = page if len(page) <= LONGEST else links.page_link("/sparql")
    for each in after_answer(query, dataset, empty=True)[:_ADVICE]:
        words = f"UTF-8'{interface_language()}'{quote(each.message, safe='')}"
        response.headers.add("Link", f'<{page}>; rel="help"; title*={words}')


def show(query: str, dataset: Dataset | None) -> ShownResult:
    """Run a query and give its answer for a page."""
    if form(query) in ("CONSTRUCT", "DESCRIBE"):
        answer = run_query(query, dataset, TURTLE)
        return ShownResult(turtle=answer.body.decode("utf-8"), elapsed=answer.elapsed)
    answer = run_query(query, dataset, RESULTS_JSON)
    found = parse_results(answer.body)
    if isinstance(found, bool):
        return ShownResult(truth=found, elapsed=answer.elapsed)
    table = table_of(found.variables, found.rows[:ROWS], distinct=False)
    questions = served().library.questions.values()
    g.alike = next(
        (each for each in questions if found.variables and each.columns.keys() >= set(found.variables)), None
    )
    return ShownResult(table=table, total=len(found.rows), elapsed=answer.elapsed)


def receipt_link(query: str, parameters: Mapping[str, str | None]) -> str | None:
    """Give the address of the receipt for the answer to a query of this version; None where there can be none."""
    if not is_repeatable(query):
        return None
    return links.page_link("/receipt", {"query": query, **parameters, "version": served().manifest.version})


def named_link(path: str, form: str | None, given: Mapping[str, str | None]) -> str | None:
    """Give the address of a table with names beside the things; None for what is no table."""
    return links.page_link(path, {**given, ARGUMENT: languages()[0]}) if form == "SELECT" else None


def query_page(
    query: str, *, shown: ShownResult | None = None, error: Problem | None = None, advice: Sequence[Advice] = ()
) -> str:
    """Give the page with the form, and the answer or the error if there is one, and advice."""
    labels = labels_for(shown.table.terms() if shown and shown.table else ())
    graphs = labels_for(served().graphs)
    given = {name: request.values.get(name) for name in ("default-graph-uri", "basis")}
    formats = of_form(form(query))
    downloads = {each: links.page_link("/sparql", {"query": query, "format": each.name, **given}) for each in formats}
    return render_template(
        "sparql.html",
        query=query,
        shown=shown,
        error=error,
        advice=error.members.get("advice", ()) if error else advice,
        labels=labels,
        graphs=graphs,
        downloads=downloads,
        rows=ROWS,
        asked=given,
        questions=served().library.questions.values(),
        share=links.page_link("/sparql", {"query": query, **given}),
        receipt=receipt_link(query, given),
        snippets=of_query(query, given) if shown else (),
        named=named_link("/sparql", form(query), {"query": query, "format": RESULTS_CSV.name, **given}),
        words=editor_words(),
        elapsed=format_decimal(shown.elapsed, format="0.00", locale=reading_locale()) if shown else None,
    )


@blueprint.app_template_global()
def certainty_query() -> str | None:
    """Give the query for how sure each fact is and where it comes from, None where no graph says so."""
    told = any(each.certainty for each in served().notes.values())
    return engine_query("engine/certainty").strip() if told else None


def editor_words() -> dict[str, str]:
    """Give the words that the editor's script shows, in the language of the page."""
    return {
        "keys": _("Ctrl+Space completes names by their label, Ctrl+Enter runs the query. Tab leaves the field."),
        "running": _("Running the query …"),
        "unreachable": _("The server did not answer. Try again."),
        "copy": _("Copy the link"),
        "copied": _("The link is copied."),
        "names": _("Names that fit"),
        "class": _("Class"),
        "property": _("Property"),
        "thing": _("Thing"),
        "insert": _(
            "Put a name into the query by choosing it. The numbers are those of the whole data; for a property, "
            "how many of the first {sample} things of the class have it."
        ),
        "inserted": _("Put into the query: {name}"),
    }


def _request() -> tuple[str | None, MultiDict[str, str]]:
    """Give the query and the other parameters of a request (Protocol §2.1); raises Problem."""
    _refuse_other_bytes(request.query_string)
    _refuse_update(there="update" in request.args)
    if request.headers.get("Content-Encoding", "identity").lower() != "identity":
        raise Problem(415, _("Send the query without Content-Encoding."))
    if request.method != "POST":
        return _one(request.args.getlist("query")), request.args
    _refuse_update(there=request.mimetype == "application/sparql-update")
    if request.mimetype not in ("application/x-www-form-urlencoded", "application/sparql-query"):
        raise Problem(
            415,
            _("Send a query as application/sparql-query, or as the field query of application/x-www-form-urlencoded."),
        )
    if request.mimetype_params.get("charset", "utf-8").strip('"').lower() not in ("utf-8", "utf8"):
        raise Problem(415, _("The query is not UTF-8."))
    # Read before the form is: that would replace what is not UTF-8.
    body = request.get_data()
    if request.mimetype == "application/sparql-query":
        try:
            return _one([*request.args.getlist("query"), body.decode("utf-8")]), request.args
        except UnicodeDecodeError as error:
            raise Problem(400, _("The query is not UTF-8.")) from error
    _refuse_other_bytes(body)
    return _form(), request.form


def _form() -> str:
    """Give the query of a form; its dataset is in the form too, ?format= and ?basis= may stand in either."""
    _refuse_update(there="update" in request.form)
    query = _one([*request.args.getlist("query"), *request.form.getlist("query")])
    if query is None or "query" not in request.form:
        raise Problem(400, _("The form has no field query."))
    return query


def _refuse_update(*, there: bool) -> None:
    if there:
        raise Problem(400, _("This endpoint takes queries only, no updates."))


def _refuse_other_bytes(encoded: bytes) -> None:
    """Refuse form-encoded bytes that are not UTF-8."""
    if encoded.isascii() and not _NOT_ASCII.search(encoded):
        return
    try:
        unquote_to_bytes(encoded).decode("utf-8")
    except UnicodeDecodeError as error:
        raise Problem(400, _("The query is not UTF-8.")) from error


def _one(queries: list[str]) -> str | None:
    """Give the one query there is. An empty one is what a browser sends from an empty form; else it is malformed."""
    if len(queries) > 1:
        raise Problem(400, _("Give one query, not %(number)s.", number=len(queries)))
    if not queries or (not queries[0].strip() and wants_page()):
        return None
    return queries[0]


def dataset_argument(parameters: MultiDict[str, str]) -> Dataset | None:
    """Give the dataset of the protocol's parameters, else that of the basis; raises Problem."""
    chosen = []
    for name in ("default-graph-uri", "named-graph-uri"):
        values = [value for value in parameters.getlist(name) if value]
        for value in values:
            if not is_absolute_iri(value):
                raise Problem(400, _("%(name)s=%(text)s is not an absolute IRI.", name=name, text=value))
        chosen.append(tuple(map(Iri, values)) or None)
    if any(chosen):
        return Dataset(*chosen)
    return basis_argument(parameters.get("basis")).dataset
