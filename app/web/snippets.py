"""Use this in …: an answer from the programs of others, as ``app/defaults/snippets.yaml`` has it for each of them."""

import json
import re
import shlex
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

import yaml

from app.config import defaults
from app.entities.labels import Label
from app.mediatypes import RESULTS_CSV, RESULTS_JSON, TURTLE, Format
from app.query.tokens import form
from app.web import links
from app.web.beside import ARGUMENT
from app.web.languages import languages
from app.web.serving import served
from app.web.texts import by_language

_PLACE: Final = re.compile(r"<<(\w+)>>")
_KINDS: Final = {"SELECT": "table", "CONSTRUCT": "graph", "DESCRIBE": "graph", "ASK": "truth"}
_FORMATS: Final = {"table": RESULTS_CSV, "graph": TURTLE, "truth": RESULTS_JSON}


@dataclass(frozen=True, slots=True)
class Snippet:
    """A few lines for one program: its name, what to do with them, the lines."""

    name: str
    label: Label
    told: Label
    text: str


def of_question(name: str, form: str, given: Mapping[str, str], title: str, cite: str) -> list[Snippet]:
    """Give the snippets for a question as it was asked, of the version that answered."""
    pinned = {**given, **_pinned(form)}

    def address(found: Format) -> str:
        return links.absolute(links.page_link(f"/queries/{name}.{found.name}", pinned))

    return list(_snippets("question", form, address, title, name=name, cite=cite))


def of_query(query: str, given: Mapping[str, str | None]) -> list[Snippet]:
    """Give the snippets for any query, its text sent to the address for queries; ``given`` is its dataset."""
    asked = form(query) or ""
    pinned = {**{key: value for key, value in given.items() if value}, **_pinned(asked)}

    def address(found: Format) -> str:
        return links.absolute(links.page_link("/sparql", {**pinned, "format": found.name}))

    title = by_language(served().manifest.name) or Label("SPARQL")
    more: dict[str, Any] = {
        "query": query,
        "endpoint": links.absolute(links.page_link("/sparql")).partition("?")[0],
        "pinned": pinned,
    }
    return list(_snippets("query", asked, address, title.text, name="answer", **more))


def _pinned(form: str) -> dict[str, str]:
    """Give the parameters that every snippet has: the version, and names beside the things of a table."""
    named = {ARGUMENT: languages()[0]} if form == "SELECT" and languages()[0] in served().manifest.languages else {}
    return {**named, "version": served().manifest.version}


def _snippets(
    asked: str, form: str, address: Callable[[Format], str], title: str, name: str, cite: str = "", **more: Any
) -> Iterator[Snippet]:
    kind = _KINDS.get(form)
    if kind is None:
        return
    found = _FORMATS[kind]
    plain = {
        "title": title,
        "version": served().manifest.version,
        "cite": cite,
        "file": f"{name}.{found.suffix if found != RESULTS_JSON else 'json'}",
    }
    quoted = {
        "address": address(found),
        "json": address(RESULTS_JSON),
        "query": more.get("query"),
        "endpoint": more.get("endpoint"),
        "parameters": more.get("pinned"),
    }
    for each in _known():
        if (text := each[asked].get(kind)) is None:
            continue
        quote = _QUOTES[each["quote"]]
        told = {key: " ".join(str(value).split()) for key, value in plain.items()}
        told |= {key: quote(value) for key, value in quoted.items() if value is not None}
        lines = _filled(text, told)
        label, says = by_language(each["label"]), by_language(each["told"])
        yield Snippet(each["name"], label or Label(each["name"]), says or Label(""), lines.rstrip())


def _filled(text: str, told: Mapping[str, str]) -> str:
    return _PLACE.sub(lambda place: told[place[1]], text)


@cache
def _known() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = yaml.safe_load((defaults() / "snippets.yaml").read_text(encoding="utf-8"))
    return found


def _python(value: Any) -> str:
    """Write a text of several lines as it is read, where that is the same text."""
    text = json.dumps(value, ensure_ascii=False)
    if not isinstance(value, str) or "\n" not in value:
        return text
    plain = "'''" not in value and "\\" not in value and not value.endswith("'") and "\r" not in value
    return f"'''{value}'''" if plain else text


def _json(value: Any) -> str:
    # These end a line in some languages, within a string too.
    text = json.dumps(value, ensure_ascii=False)
    return text.replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")


def _m(value: Any) -> str:
    """Write a text of the language of Power Query: quotation marks twice, ``#(`` begins an escape."""
    text = str(value).replace("#(", "#(#)(").replace('"', '""')
    return '"' + text.replace("\r", "#(cr)").replace("\n", "#(lf)") + '"'


def _shell(value: Any) -> str:
    return shlex.quote(str(value))


_QUOTES: Final[Mapping[str, Callable[[Any], str]]] = {"shell": _shell, "python": _python, "json": _json, "m": _m}
