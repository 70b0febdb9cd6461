"""All query files of a content: panels, questions, rules, facets; the content's replace the defaults by name."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from itertools import chain
from pathlib import Path
from typing import Final

from app.namespaces import PREFIXES
from app.paths import defaults
from app.query.files import QueryFile, QueryFileError, load
from app.query.tokens import significant
from app.terms import Iri

GENERIC = "Thing"
# The names of facets are parameters of addresses, beside those that are there already.
_FACET: Final = re.compile(r"facets/(?:\d+-)?([a-z][a-z0-9-]*)\.rq")
_TAKEN: Final = frozenset(("q", "page", "format", "kind", "basis"))
_LAST: Final = "search/last.rq"
# What the engine itself asks; no content replaces it.
_ENGINE: Final = ("engine", "catalog")


@dataclass(frozen=True, slots=True)
class Library:
    """``pages``: panels by folder, in order; ``questions`` and ``rules`` by name; ``errors``: files left out.

    ``front`` are the panels of the front page. ``facets`` by name, in order: what things are narrowed by, a SELECT of
    ?thing and ?value each. ``last``: a SELECT of each ?thing that a search gives after all others.

    A folder of a page is ``<Class>``, or ``<Class>/<view>`` for a page of its own about the same thing
    (``?view=<view>``).
    """

    pages: Mapping[str, tuple[QueryFile, ...]] = field(default_factory=dict)
    questions: Mapping[str, QueryFile] = field(default_factory=dict)
    rules: Mapping[str, QueryFile] = field(default_factory=dict)
    front: tuple[QueryFile, ...] = ()
    facets: Mapping[str, QueryFile] = field(default_factory=dict)
    last: QueryFile | None = None
    errors: tuple[QueryFileError, ...] = ()

    @classmethod
    def load(cls, folders: Iterable[Path], prefixes: Mapping[str, str] = PREFIXES) -> "Library":
        """Read ``queries`` folders, later ones over earlier ones. Files with errors are left out and told."""
        files: dict[str, QueryFile] = {}
        errors: list[QueryFileError] = []
        for folder in folders:
            for path in sorted(folder.rglob("*.rq")):
                key = path.relative_to(folder).as_posix()
                try:
                    files[key] = load(path, prefixes)
                except QueryFileError as error:
                    errors.append(error)
                    continue
                if key.startswith(tuple(f"{name}/" for name in _ENGINE)) and folder == defaults() / "queries":
                    del files[key]
                elif message := _misplaced(key, files[key]):
                    errors.append(QueryFileError(path, message))
                    del files[key]
        questions = {f.name: f for key, f in sorted(files.items()) if key.startswith("questions/")}
        for key in [key for key, file in files.items() if file.link and file.link not in questions]:
            path, link = files[key].path, files.pop(key).link
            errors.append(QueryFileError(path, f"link: there is no question {link!r} in questions/."))
        pages: dict[str, list[QueryFile]] = {}
        for key, file in files.items():
            if key.startswith("pages/"):
                pages.setdefault(key.removeprefix("pages/").rpartition("/")[0], []).append(file)
        return cls(
            pages={name: tuple(sorted(panels, key=_order)) for name, panels in pages.items()},
            questions={f.name: f for key, f in sorted(files.items()) if key.startswith("questions/")},
            front=tuple(sorted((f for key, f in files.items() if key.startswith("front/")), key=_order)),
            rules={f.name: f for key, f in sorted(files.items()) if key.startswith("rules/")},
            facets={match[1]: f for key, f in sorted(files.items()) if (match := _FACET.fullmatch(key))},
            last=files.get(_LAST),
            errors=tuple(errors),
        )

    def files(self) -> Iterator[QueryFile]:
        """Give every file."""
        named = (self.questions.values(), self.rules.values(), self.facets.values())
        return chain(*self.pages.values(), *named, [self.last] if self.last else [])

    def panels(self, classes: Sequence[Iri]) -> tuple[QueryFile, ...]:
        """Give the panels of the first class (nearest first) that has a folder, else the generic ones."""
        for iri in classes:
            if found := self.pages.get(local_name(iri)):
                return found
        return self.pages.get(GENERIC, ())

    def views(self, classes: Sequence[Iri]) -> dict[str, tuple[QueryFile, ...]]:
        """Give the further views of the first class (nearest first) that has any: their panels by name."""
        for name in (*map(local_name, classes), GENERIC):
            if found := {key.partition("/")[2]: self.pages[key] for key in self.pages if key.startswith(name + "/")}:
                return found
        return {}


@cache
def engine_query(name: str) -> str:
    """Give a query that the engine itself asks, by its path below ``app/defaults/queries`` without the suffix.

    It is read once, without its header; values go in by ``app.query.binding``. Raises FileNotFoundError.
    """
    return without_header((defaults() / "queries" / f"{name}.rq").read_text(encoding="utf-8"))


def without_header(text: str) -> str:
    """Give a query without the ``#+`` lines of its header, as it is shown and linked."""
    return "\n".join(line for line in text.splitlines() if not line.startswith("#+")) + "\n"


def local_name(iri: str) -> str:
    """Give what stands after the last ``#`` or ``/``, the name of a class's folder."""
    return iri.rstrip("/#").rpartition("#")[2].rpartition("/")[2]


def _order(file: QueryFile) -> tuple[int, str]:
    return file.order, file.name


def _misplaced(key: str, file: QueryFile) -> str | None:
    """Give what is wrong with a file where it stands, None when nothing is."""
    match key.split("/"):
        case ["pages", _, _] | ["pages", _, _, _]:
            right, wanted = file.form != "CONSTRUCT", "a panel is a SELECT (or ASK) query."
        case ["front", _]:
            right, wanted = file.form == "SELECT", "a panel of the front page is a SELECT query."
        case ["questions", _]:
            right, wanted = True, ""
        case ["rules", _]:
            right, wanted = file.form == "CONSTRUCT", "a rule is a CONSTRUCT query."
        case ["search", "last.rq"]:
            right, wanted = _selects(file, "thing"), "search/last.rq is a SELECT query of ?thing."
        case ["facets", _] if facet := _FACET.fullmatch(key):
            right, wanted = _selects(file, "thing", "value"), "a facet is a SELECT query of ?thing and ?value."
            if facet[1] in _TAKEN:
                right, wanted = False, f"a facet cannot be called {facet[1]}: addresses have a parameter of that name."
        case _:
            places = "pages/<Class>/, pages/<Class>/<view>/, front/, questions/, rules/, facets/ or in search/last.rq"
            right, wanted = False, f"query files stand in {places}."
    return None if right else wanted


def _selects(file: QueryFile, *names: str) -> bool:
    variables = {token.text[1:] for token in significant(file.text) if token.kind == "variable"}
    return file.form == "SELECT" and variables.issuperset(names)
