"""``/receipt``: the receipt for an answer. Its address holds all of it: query, version, hash; nothing is kept."""

import re
import shlex
from typing import Any, Final

from flask import Blueprint, g, redirect, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response as BaseResponse

from app.errors import QueryError
from app.query.tokens import is_repeatable
from app.store.results import RECIPE, answer_hash, format_of_receipt
from app.terms import Dataset
from app.web import links, negotiation, sparql
from app.web.answering import run_query
from app.web.negotiation import HTML, PAGE_OR_JSON
from app.web.problems import Problem, query_problem
from app.web.serving import served

blueprint = Blueprint("receipts", __name__)
PATH: Final = "/receipt"
_HASH: Final = re.compile(r"[0-9a-f]{64}\Z")
# The lines of a larger answer (bytes) are not sorted in the server.
_LARGEST: Final = 16 << 20
_GRAPHS: Final = ("default-graph-uri", "named-graph-uri")


@blueprint.get(PATH)
def receipt() -> BaseResponse:
    """Ask a query of a version, and say what it answers, by its hash; and whether that is what the address says."""
    queries, known = request.args.getlist("query"), request.args.get("sha256")
    if len(queries) != 1 or not queries[0].strip():
        raise Problem(400, _("The address lacks %(name)s=<a value>.", name="query"))
    if known is not None and not _HASH.match(known):
        raise Problem(400, _("sha256 is 64 hexadecimal digits."))
    query = queries[0]
    if not is_repeatable(query):
        raise Problem(422, _("This query has another answer each time: there is no receipt for it."))
    dataset = sparql.dataset_argument(request.args)
    found = negotiation.choose_format(PAGE_OR_JSON)
    if "version" not in g:  # a receipt is of a version
        response = redirect(_address(query, known), 302)
        response.headers["Cache-Control"] = "no-store"
        return response
    try:
        body = run_query(query, dataset, format_of_receipt(query)).body
    except QueryError as error:
        raise query_problem(error, query) from error
    if len(body) > _LARGEST:
        raise Problem(422, _("The answer is too large for a receipt (%(size)d bytes). Ask for less.", size=len(body)))
    hashed = answer_hash(body)
    said = _document(query, dataset, hashed, body.count(b"\n"))
    same = None if known is None else known == hashed
    if found != HTML:
        return negotiation.answer_json(said | ({} if same is None else {"same": same}), found, indent=1)
    return negotiation.answer_page(
        "receipt.html", said=said, same=same, known=known, data=_address(query, hashed, "json")
    )


def _address(query: str, hashed: str | None, data: str | None = None) -> str:
    given = {name: request.args.getlist(name) for name in (*_GRAPHS, "basis")}
    version = served().manifest.version
    return links.page_link(PATH, {"query": query, **given, "sha256": hashed, "version": version, "format": data})


def _document(query: str, dataset: Dataset | None, hashed: str, lines: int) -> dict[str, Any]:
    """Give what the receipt says, as JSON has it. docs/how-to/cite.md tells of its members."""
    manifest, asked = served().manifest, format_of_receipt(query)
    graphs = {name: request.args.getlist(name) for name in (*_GRAPHS, "basis")}
    place = {"query": query, **graphs, "format": asked.name, "version": manifest.version}
    answer = links.absolute(links.page_link("/sparql", place))
    own = links.absolute(_address(query, hashed))
    return {
        "receipt": own,
        "dataset": manifest.dataset,
        "version": manifest.version,
        "digest": manifest.digest,
        "asOf": manifest.as_of,
        "built": manifest.built,
        "query": query,
        "defaultGraphs": list(dataset.default or ()) if dataset else [],
        "namedGraphs": list(dataset.named or ()) if dataset else [],
        "answer": {"mediaType": asked.media_type, "lines": lines, "sha256": hashed},
        "again": {
            "address": answer,
            "shell": f"curl -s {shlex.quote(answer)} | {RECIPE}",
            "command": f"innherred verify --receipt {shlex.quote(own)}",
        },
    }
