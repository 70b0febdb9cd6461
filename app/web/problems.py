"""Errors as answers: a page, or a problem document (RFC 9457), with what mends a query."""

import json
import math
from contextlib import suppress
from dataclasses import asdict, dataclass
from http import HTTPStatus
from typing import Any, Final

from flask import Flask, Response, current_app, g, render_template, request
from flask_babel import gettext as _
from werkzeug.exceptions import HTTPException, MethodNotAllowed

from app.errors import BindingError, QueryError, QuerySyntaxError, StoreBroken, Unreadable
from app.mediatypes import FILE_FORMATS, PARQUET, Format
from app.query.coach import refused, remarks
from app.query.mistakes import Remark
from app.terms import Dataset
from app.web.doorway import LONGEST_QUERY_STRING
from app.web.headers import NotModified
from app.web.languages import interface_language
from app.web.negotiation import HTML, NotAcceptable, negotiate
from app.web.serving import NothingServed, served, settings

# After these errors it helps to know what makes a query large.
_TOO_MUCH: Final = ("bytes", "deadline", "memory", "stack")
PROBLEM_JSON: Final = Format("problem", "application/problem+json", "json", "table", ("application/json",))
# Longest message of the engine that is passed on.
_MESSAGE: Final = 200
# The status of what a query met, by the code of the error; the codes of what was not tried.
_STATUS: Final = {
    "refused": 400,
    "client": 429,
    **dict.fromkeys(("bytes", "memory", "stack"), 422),
    **dict.fromkeys(("deadline", "busy", "unavailable"), 503),
}
_NOT_TRIED: Final = ("busy", "unavailable", "client")


@dataclass(frozen=True, slots=True)
class Advice:
    """One thing to mend or to look at: its code, and words in the language of the request."""

    code: str
    message: str


def after_error(error: QueryError, query: str | None = None) -> list[Advice]:
    """Give what mends the error, and what in the query (if it is known) may have led to it."""
    found: list[Remark] = []
    if query and error.code == "syntax":
        found = refused(query, served().vocabulary)
    elif query and error.code in _TOO_MUCH:
        found = [each for each in remarks(query, None) if each.code in ("cross_product", "no_limit")]
    result = list(map(_advice, found))
    if error.mend:
        result.insert(0, Advice(error.code, _(error.mend, **error.values)))
    return result


def after_answer(query: str, dataset: Dataset | None, *, empty: bool) -> list[Advice]:
    """Give what is likely not meant in a query that was answered: more where nothing was found.

    Terms are looked up only where the statistics tell of them: in the default graph or a part of it (``?basis=``).
    """
    known = dataset is None or served().basis_of(dataset) is not None
    found = remarks(query, served().vocabulary if known else None)
    return [
        _advice(each)
        for each in found
        if each.code == "cross_product"
        or (each.code in ("unknown_class", "unknown_property") and (empty or "suggestion" in each.values))
        or (each.code == "untagged_name" and empty)
    ]


def _advice(remark: Remark) -> Advice:
    told: str = _(remark.words, language=interface_language(), **remark.values)
    if "suggestion" in remark.values:
        told += " " + _("Did you mean %(suggestion)s?", **remark.values)
    return Advice(remark.code, told)


class Problem(Exception):
    """An error with its answer: status, explanation for the person who asked, further members of the document."""

    def __init__(self, status: int, detail: str, **members: Any) -> None:
        """Keep what the answer says."""
        super().__init__(detail)
        self.status, self.detail, self.members = status, detail, members
        self.headers: dict[str, str] = {}


def not_found(what: str) -> Problem:
    """Make the problem that something is not there."""
    return Problem(404, _("There is nothing about %(what)s here.", what=what))


def wants_page() -> bool:
    """Say whether the client is a browser: it names HTML, and asked for no other format."""
    if request.args.get("format", "html") not in ("html", "text/html"):
        return False
    try:
        return negotiate(request.headers.get("Accept"), (PROBLEM_JSON, HTML)) == HTML
    except NotAcceptable:
        return False


def problem_response(status: int, detail: str, **members: Any) -> Response:
    """Make the answer to an error."""
    g.content_type = None
    g.negotiated = True
    title = HTTPStatus(status).phrase
    document = {"type": "about:blank", "title": title, "status": status, "detail": detail, **members}
    language = {"Content-Language": interface_language()}
    if wants_page() and "served" in g:
        words = {
            400: (_("The address or the query is not right"), _("Check what you wrote, or begin at the front page.")),
            403: (_("You may not do this"), _("Read what the server says, below, or begin at the front page.")),
            404: (_("We cannot find the page"), _("It may have moved, or the address has a slip in it.")),
            405: (_("Not possible here"), _("This address cannot be used in this way.")),
            406: (_("Not in this format"), _("The page has other formats than the one you ask for.")),
            409: (_("Not possible just now"), _("Something has changed meanwhile. Go back and look at it again.")),
            429: (_("Too much at once"), _("Wait a little, and try again.")),
            503: (_("Not just now"), _("Wait a little, and try again.")),
        }
        usual = _("Something went wrong"), _("The fault is ours. Try again, or begin at the front page.")
        heading, said = words.get(status, usual)
        with suppress(OSError, QueryError):  # what cannot be read may be needed for the page too
            page = render_template(
                "problem.html", heading=heading, said=said, problem=document, formats=members.get("formats")
            )
            return Response(page, status, language, mimetype="text/html")
    if wants_page():  # nothing is open: a page without what needs it
        bare = render_template(
            "bare.html", language=interface_language(), problem=document, advice=members.get("advice", ())
        )
        return Response(bare, status, language, mimetype="text/html")
    text = json.dumps(document, ensure_ascii=False)
    return Response(text, status, language, content_type=PROBLEM_JSON.media_type)


def query_problem(error: QueryError, query: str | None = None) -> Problem:
    """Turn an error of a query into a problem, with advice; what in the query led to it is told when it is given.

    400 is for what is no query we take (Protocol §2.1.6). What a query needs too much of whenever it is asked (bytes,
    memory, stack) is 422: understood, but not processed, and not different next time. Time is 503, as other SPARQL
    servers have it: how long a query takes depends on what else runs. 408 would be about a request that did not
    arrive (RFC 9110 §15.5.9). Retry-After goes only with what was not tried, 429 and 503 for a full queue: the same
    query sent again at once after its deadline would only meet it again.
    """
    if isinstance(error, StoreBroken) and "served" in g:
        current_app.logger.warning("%s", error)
        g.serving.distrust(g.served)
    members: dict[str, Any] = {}
    if advice := after_error(error, query):
        members["advice"] = [asdict(each) for each in advice]
    if isinstance(error, QuerySyntaxError):
        message = _shortened(error.message)
        if error.line is None:
            return Problem(400, _("The query is not SPARQL. %(message)s", message=message), **members)
        where = {"line": error.line, "column": error.column}
        told = _("The query is not SPARQL. Line %(line)s, column %(column)s: %(message)s", message=message, **where)
        return Problem(400, told, **members, **where)
    # Another server may have met a limit of its own.
    if "limit" in error.values and (setting := error.values.get("setting", error.setting)):
        members |= {"limit": setting, "value": error.values["limit"]}
    status = _STATUS.get(error.code, 500)
    problem = Problem(status, _(error.what, **error.values), **members)
    if error.code in _NOT_TRIED:
        # By then every query that runs now has ended, one way or another.
        problem.headers["Retry-After"] = str(math.ceil(settings().query_deadline))
    if status == HTTPStatus.INTERNAL_SERVER_ERROR:
        current_app.logger.warning("query failed: %s", error)
    return problem


def _shortened(message: str) -> str:
    """Cut a message that lists everything the grammar allows at a place."""
    return message if len(message) <= _MESSAGE else message[:_MESSAGE].rsplit(",", 1)[0] + " …"


def register_problems(app: Flask) -> None:
    """Let the application answer all errors this way."""

    @app.errorhandler(Problem)
    def problem(error: Problem) -> Response:
        response = problem_response(error.status, error.detail, **error.members)
        response.headers.update(error.headers)
        return response

    app.register_error_handler(QueryError, lambda error: problem(query_problem(error)))
    app.register_error_handler(BindingError, lambda error: problem_response(400, str(error)))

    @app.errorhandler(NothingServed)
    def nothing(_error: NothingServed) -> Response:
        if settings().follow is None:
            return problem_response(503, _("There is nothing to serve yet. Run “innherred build” first."))
        return problem_response(503, _("There is nothing to serve yet: this copy is taking its first version."))

    @app.errorhandler(OSError)
    def unreadable(error: OSError) -> Response:
        current_app.logger.warning("a file cannot be read: %s", error)
        told = {
            "search": _("The search index cannot be read just now. Pages of things and queries go on."),
            "changes": _("The log of changes cannot be read just now. Everything else goes on."),
        }
        part = error.part if isinstance(error, Unreadable) else ""
        return problem_response(503, told.get(part, _("A file of this server cannot be read just now.")))

    app.register_error_handler(NotModified, lambda _error: Response(status=304))

    @app.errorhandler(NotAcceptable)
    def not_acceptable(error: NotAcceptable) -> Response:
        formats = [{"format": each.name, "mediaType": each.media_type} for each in error.offered]
        told = _("This is not on offer in the format you ask for.")
        asked = (request.args.get("format", ""), request.headers.get("Accept", ""), request.path)
        if PARQUET not in FILE_FORMATS and any(PARQUET.name in each for each in asked):
            told += " " + _("Who runs this server can add Parquet: pip install innherred[parquet].")
        return problem_response(406, told, formats=formats)

    @app.errorhandler(HTTPException)
    def http(error: HTTPException) -> Response:
        if error.code is None or error.code < 400:
            return Response(error.get_response(request.environ).get_data(), error.code, error.get_headers())
        details = {
            404: _("There is no page with this address."),
            405: _("This address does not take %(method)s requests.", method=request.method),
            413: _(
                "More was sent than is read here. A query has at most %(limit)d bytes (INNHERRED_QUERY_LENGTH).",
                limit=settings().query_length,
            ),
            414: _(
                "The address is too long (%(limit)d bytes at most after “?”). Send the query by POST.",
                limit=LONGEST_QUERY_STRING,
            ),
        }
        response = problem_response(error.code, details.get(error.code, error.description or ""))
        if isinstance(error, MethodNotAllowed) and error.valid_methods:
            response.headers["Allow"] = ", ".join(sorted(error.valid_methods))
        return response

    @app.errorhandler(Exception)
    def unexpected(error: Exception) -> Response:
        current_app.logger.error("unexpected error", exc_info=error)
        return problem_response(500, _("An error of ours. It has been noted."))
