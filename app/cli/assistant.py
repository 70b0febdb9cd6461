"""``mcp``: what the site answers, for assistants that speak the Model Context Protocol, over stdin and stdout.

Every tool asks an address of the site, in this process: the same answers, limits and errors as a browser gets.
"""

import json
import sys
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, Final
from urllib.parse import urlencode

from jsonschema import Draft202012Validator
from werkzeug.http import parse_options_header
from werkzeug.test import Client, TestResponse

from app import __version__
from app.cli.options import Misuse
from app.config import Settings
from app.entities.labels import look_up, preferred_languages
from app.errors import QueryError
from app.terms import Iri, is_absolute_iri
from app.web import create_app
from app.web.serving import Served, Serving

try:
    import anyio
    import mcp_types as types
    from mcp.server.lowlevel import Server
    from mcp.server.stdio import stdio_server
except ImportError as error:
    raise Misuse(
        "mcp needs the SDK of the Model Context Protocol, which is not installed: pip install 'innherred[mcp]'"
    ) from error

# So many rows, findings, reasons, values of a property and things found are told; the rest is counted.
_ROWS, _GAPS, _REASONS, _VALUES = 200, 50, 20, 30
_TEXT: Final = {"type": "string", "minLength": 1, "maxLength": 4000}
_IRI: Final = {**_TEXT, "description": "The IRI of a thing, as search gives it, or a prefixed name"}
_QUERY: Final = {"type": "string", "minLength": 1}


@dataclass(frozen=True, slots=True)
class AskedTool:
    """A tool: what it is called and is for, what it takes, the address that answers."""

    name: str
    told: str
    takes: Mapping[str, Mapping[str, Any]]
    required: tuple[str, ...] = ()
    path: str = ""


class AssistantError(Exception):
    """A tool cannot answer; the words are for whoever asked."""


class Site:
    """The site of some settings, asked in this process."""

    def __init__(self, settings: Settings, language: str | None) -> None:
        """Open what is current; ``language`` None is the content's first."""
        app = create_app(settings)
        self._client, self._serving = Client(app), app.extensions["serving"]
        assert isinstance(self._serving, Serving)
        first = self.now.manifest.languages[0]
        self.language = language or first
        self._root = "" if self.language == first else f"/{self.language}"

    @property
    def now(self) -> Served:
        """What is served now."""
        found: Served = self._serving.get()
        return found

    def get(self, path: str, **given: Any) -> Any:
        """Give what an address answers: JSON as it is read, else text; raises AssistantError with its words."""
        answer = self.ask(path, **given)
        return json.loads(answer.text) if "json" in answer.content_type else answer.text

    def ask(self, path: str, **given: Any) -> TestResponse:
        """Ask an address; raises AssistantError with its words."""
        values = urlencode({name: value for name, value in given.items() if value is not None}, doseq=True)
        address = self._root + path
        if path == "/sparql":  # however long
            form = "application/x-www-form-urlencoded"
            answer = self._client.post(address, base_url=self.now.base, data=values, content_type=form)
        else:
            # At the public address: what is cited must lead there.
            answer = self._client.get(address, base_url=self.now.base, query_string=values, follow_redirects=True)
        if answer.status_code >= 400:
            problem = answer.get_json(force=True, silent=True) or {}
            advice = [each["message"] for each in problem.get("advice", ())]
            raise AssistantError(" ".join([problem.get("detail") or answer.status, *advice]))
        return answer

    def names(self, iris: Iterable[str]) -> dict[str, str]:
        """Give the names of what has one."""
        languages = preferred_languages(self.language, tuple(self.now.manifest.languages))
        labels = look_up(self.now.store, map(Iri, iris), languages)
        return {iri: label.text for iri, label in labels.items() if label.found}


class Tools:
    """What an assistant may ask the site."""

    def __init__(self, site: Site) -> None:
        """Read the questions, with what each takes, from the description of the interface."""
        self._site = site
        self._answers = {
            "search": self._search,
            "describe": self._describe,
            "why": self._why,
            "gaps": self._gaps,
            "sparql": self._sparql,
        }
        self.all = {each.name: each for each in (*self._fixed(), *self._questions())}

    def _fixed(self) -> Iterable[AskedTool]:
        basis = {"type": "string", "enum": list(self._site.now.bases), "description": "What the answer rests on"}
        yield AskedTool(
            "search",
            "Find things by words in their names and texts, best first; slips and missing letters are seen to.",
            {"words": {**_TEXT, "maxLength": 200}, "kind": _TEXT, "page": {"type": "integer", "minimum": 1}},
            ("words",),
        )
        yield AskedTool(
            "describe",
            "Tell all that is said of a thing: each fact with its source and how sure it is, and what names it has.",
            {"iri": _IRI, "basis": basis},
            ("iri",),
        )
        yield AskedTool(
            "why",
            "Tell why what follows about a thing is there: the rules and the facts they rest on, down to the sources.",
            {"iri": _IRI, "property": {**_TEXT, "description": "Only of this property (IRI)"}, "basis": basis},
            ("iri",),
        )
        yield AskedTool(
            "gaps", "Tell what is missing or to be followed up: all of it, or of one thing.", {"thing": _IRI}
        )
        yield AskedTool(
            "sparql",
            "Ask any question in SPARQL 1.1, read only, within the limits of the site. Write LIMIT.",
            {"query": _QUERY, "basis": basis},
            ("query",),
        )

    def _questions(self) -> Iterable[AskedTool]:
        document = self._site.get("/api/openapi.json")
        for path, methods in document["paths"].items():
            name = path.removeprefix("/queries/")
            if name == path or not name:
                continue
            asked = methods["get"]
            takes, required = {}, []
            for each in asked["parameters"]:
                given = document["components"]["parameters"]["basis"] if "$ref" in each else each
                if given["name"] != "format":
                    takes[given["name"]] = {**given["schema"], "description": given.get("description", "")}
                    required += [given["name"]] * bool(given.get("required"))
            told = " ".join(filter(None, (asked["summary"], asked.get("description"))))
            yield AskedTool(f"ask-{name}", told, takes, tuple(required), path)

    def listed(self) -> list[types.Tool]:
        """Describe the tools."""
        kind = types.ToolAnnotations(read_only_hint=True, destructive_hint=False, open_world_hint=False)
        return [
            types.Tool(name=each.name, description=each.told, input_schema=_schema(each), annotations=kind)
            for each in self.all.values()
        ]

    def call(self, name: str, given: Mapping[str, Any]) -> dict[str, Any]:
        """Answer with version, certainty and what to cite; raises AssistantError."""
        tool = self.all.get(name)
        if tool is None:
            raise AssistantError(f"There is no tool {name!r}. There are: {', '.join(self.all)}.")
        wrong = next(Draft202012Validator(_schema(tool)).iter_errors(dict(given)), None)
        if wrong is not None:
            where = ".".join(map(str, wrong.path))
            raise AssistantError(f"{where}: {wrong.message}"[:500] if where else wrong.message[:500])
        now = self._site.now
        try:
            answer = self._answers[name](given) if name in self._answers else self._asked(tool, given)
        except QueryError as error:
            raise AssistantError(str(error)) from error
        version = f"{now.base}version/{now.manifest.version}"
        basis = now.bases[given.get("basis", "all")]
        return {
            **answer,
            "restsOn": basis.label.get(self._site.language, basis.name),
            "version": now.manifest.version,
            "asOf": str(now.manifest.as_of),
            "cite": [*answer.get("cite", ()), version],
        }

    def _search(self, given: Mapping[str, Any]) -> dict[str, Any]:
        found = self._site.get(
            "/search", q=given["words"], kind=given.get("kind"), page=given.get("page"), format="json"
        )
        things = [{key: each[key] for key in ("iri", "label", "kind", "excerpt")} for each in found["results"]]
        told = {key: found[key] for key in ("total", "meant", "corrected")}
        return {**told, "things": things, "howSure": "Names only: describe tells how sure each fact of a thing is."}

    def _describe(self, given: Mapping[str, Any]) -> dict[str, Any]:
        found = self._site.get("/describe", iri=given["iri"], basis=given.get("basis"), format="json")
        sure = Counter[str]()
        for each in found["properties"]:
            values = each["values"]
            sure.update(str(value.get("certainty") or "not told") for value in values)
            if len(values) > _VALUES:
                each |= {"values": values[:_VALUES], "more": len(values) - _VALUES}
        return {"thing": found, "howSure": dict(sure), "cite": [found["id"]]}

    def _why(self, given: Mapping[str, Any]) -> dict[str, Any]:
        found = self._site.get("/describe", iri=given["iri"], basis=given.get("basis"), why=1, format="json")
        wanted = f"<{given['property']}>" if "property" in given else None
        reasons = [each for each in found["reasons"] if wanted in (None, each["predicate"])]
        sure = Counter(str(each["certainty"]).rpartition("#")[2] for each in reasons)
        told = {
            "reasons": reasons[:_REASONS],
            "total": len(reasons),
            "names": self._site.names(_iris(reasons[:_REASONS])),
        }
        return {**told, "howSure": dict(sure), "cite": [found["iri"]]}

    def _gaps(self, given: Mapping[str, Any]) -> dict[str, Any]:
        found = self._site.get("/gaps", thing=given.get("thing"), format="json")
        told = "What checks find in the data: a gap is no fact about the world."
        return {"gaps": found[:_GAPS], "total": len(found), "howSure": told}

    def _sparql(self, given: Mapping[str, Any]) -> dict[str, Any]:
        if _makes_graph(given["query"]):
            return self._rows(self._site.get("/sparql", **given, format="turtle"))
        answer = self._site.ask("/sparql", **given, format="json")
        links = [parse_options_header(each)[1] for each in answer.headers.getlist("Link")]
        advice = [each["title"] for each in links if each.get("rel") == "help" and "title" in each]
        return {**self._rows(json.loads(answer.text)), **({"advice": advice} if advice else {})}

    def _asked(self, tool: AskedTool, given: Mapping[str, Any]) -> dict[str, Any]:
        makes = _makes_graph(self._site.now.library.questions[tool.path.rpartition("/")[2]].text)
        values = {name: str(value) for name, value in given.items()}
        found = self._rows(self._site.get(tool.path, **values, format="turtle" if makes else "json"))
        return {**found, "cite": [f"{self._site.now.base}query/{tool.path.rpartition('/')[2]}"]}

    def _rows(self, found: Any) -> dict[str, Any]:
        """Give results as rows of values, IRIs with their names beside."""
        if isinstance(found, str):
            return {"turtle": found, "howSure": "Not told by a graph: describe tells it of each fact."}
        if "boolean" in found:
            return {"truth": found["boolean"], "howSure": "Not told by a yes or no."}
        rows = [{name: term["value"] for name, term in row.items()} for row in found["results"]["bindings"]]
        told = rows[:_ROWS]
        sure = Counter(
            v.rpartition("#")[2] for row in rows for name, v in row.items() if name.lower().endswith("certainty")
        )
        return {
            "rows": told,
            "total": len(rows),
            "names": self._site.names({value for row in told for value in row.values() if is_absolute_iri(value)}),
            "howSure": dict(sure) or "Not told by these columns: describe tells it of each fact.",
        }


def _schema(tool: AskedTool) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": dict(tool.takes),
        "required": list(tool.required),
        "additionalProperties": False,
    }


def _makes_graph(query: str) -> bool:
    from app.query.tokens import form

    return form(query) in ("CONSTRUCT", "DESCRIBE")


def _iris(value: Any) -> set[str]:
    """Give every IRI in JSON values, with or without its brackets."""
    if isinstance(value, dict | list):
        return {iri for each in (value.values() if isinstance(value, dict) else value) for iri in _iris(each)}
    text = value.removeprefix("<").removesuffix(">") if isinstance(value, str) else ""
    return {text} if is_absolute_iri(text) else set()


def serve_assistants(settings: Settings, language: str | None) -> None:
    """Serve over stdin and stdout until the other end closes."""
    site = Site(settings, language)
    if site.language not in (*site.now.manifest.languages, "en"):
        raise Misuse(f"--language: {', '.join(site.now.manifest.languages)}, not {site.language}.")
    tools = Tools(site)

    async def listing(_context: Any, _params: Any) -> types.ListToolsResult:
        return types.ListToolsResult(tools=tools.listed())

    async def calling(_context: Any, params: types.CallToolRequestParams) -> types.CallToolResult:
        try:
            asking = partial(tools.call, params.name, params.arguments or {})
            answer = await anyio.to_thread.run_sync(asking)
        except AssistantError as error:
            return types.CallToolResult(content=[types.TextContent(type="text", text=str(error))], is_error=True)
        text = json.dumps(answer, ensure_ascii=False)
        return types.CallToolResult(content=[types.TextContent(type="text", text=text)], structured_content=answer)

    server = Server(
        "innherred",
        version=__version__,
        instructions=site.get("/llms.txt"),
        on_list_tools=listing,
        on_call_tool=calling,
    )

    async def run() -> None:
        async with stdio_server() as (incoming, outgoing):
            await server.run(incoming, outgoing, server.create_initialization_options())

    print("Answering an assistant on standard input and output.", file=sys.stderr)  # noqa: T201
    anyio.run(run)
