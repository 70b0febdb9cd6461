"""All query files of a content: panels, questions, rules, facets, checks, imports; its own replace the defaults."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from itertools import chain
from pathlib import Path
from typing import Final

from app import config
from app.config import defaults
from app.errors import BindingError, QueryFileError
from app.namespaces import CERTAINTY, DCTERMS_DESCRIPTION, PREFIXES, RATIONALE, RDF_TYPE, RDFS_LABEL
from app.query.binding import bind_rows
from app.query.files import HIDDEN, QueryFile, load
from app.query.tokens import variable_names
from app.terms import Iri, Literal, Triple

GENERIC = "Thing"
# The names of facets are parameters of addresses, beside those that are there already.
_FACET: Final = re.compile(r"facets/(?:\d+-)?([a-z][a-z0-9-]*)\.rq")
_TAKEN: Final = frozenset(("q", "page", "format", "kind", "basis", "sort"))
_ORDER_NAME: Final = re.compile(r"orders/(?:\d+-)?([a-z][a-z0-9-]*)\.rq")
_LAST: Final = "search/last.rq"
_MENU: Final = "menu.rq"
_NAME: Final = re.compile("[a-z][a-z0-9-]*")
# The name of a question stands in IRIs and addresses.
_FILE_NAME: Final = re.compile(r"[\w.-]+")
_HEADINGS: Final = "search/headings.rq"
# What a file must select, by where it stands.
_SELECTED: Final = (
    (re.compile(_MENU), ("path", "label"), f"{_MENU} is a SELECT query of ?path and ?label."),
    (re.compile(_LAST), ("thing",), f"{_LAST} is a SELECT query of ?thing."),
    (re.compile(_HEADINGS), ("tag", "heading"), f"{_HEADINGS} is a SELECT query of ?tag and ?heading."),
    (re.compile(r"lists/[^/]+"), ("thing",), "a list is a SELECT query of ?thing and what its rows show."),
    (_ORDER_NAME, ("thing",), "an order is a SELECT query of ?thing."),
    (re.compile(r"compare/[^/]+/[^/]+"), ("thing", "value"), "a comparison is a SELECT query of ?thing and ?value."),
)
# What the engine itself asks; no content replaces it.
ENGINE: Final = ("engine", "catalog")
# The panels of the front page, and what things are narrowed by: a content has its own, or what is made of its data.
FRONT: Final = "front"
FACETS: Final = "facets"
_SH: Final = PREFIXES["sh"]
# DESCRIBE has no executable class of its own and stays a plain one with no text property.
_EXECUTABLES: Final = {
    "SELECT": (Iri(_SH + "SPARQLSelectExecutable"), Iri(_SH + "select")),
    "ASK": (Iri(_SH + "SPARQLAskExecutable"), Iri(_SH + "ask")),
    "CONSTRUCT": (Iri(_SH + "SPARQLConstructExecutable"), Iri(_SH + "construct")),
}


@dataclass(frozen=True, slots=True)
class Library:
    """``pages``: panels by folder, in order; ``questions`` and ``rules`` by name; ``errors``: files left out.

    ``front`` are the panels of the front page (a folder of the content's takes the place of the defaults),
    ``overviews`` those of pages about no one thing, by name; ``menu``: a SELECT of ?path and ?label in order.
    ``facets`` by name, in order: what things are narrowed by, a SELECT of ?thing and ?value each. ``last``: a SELECT
    of each ?thing that a search gives after all others. ``lists`` by kind: its title names the things together, and
    what it selects of a ?thing stands in the rows of lists and searches.
    ``orders`` by name: a SELECT of each ?thing in an order that lists can have. ``compared`` by class: what a
    comparison sets side by side, a SELECT of ?thing and ?value each. ``headings``: a SELECT of ?tag and ?heading.

    A folder of a page is ``<Class>``, or ``<Class>/<view>`` for a page of its own about the same thing
    (``?view=<view>``). ``checks`` by name: SELECTs of which each row is a violation by ``?this``. ``imports`` by name:
    CONSTRUCTs over the records of a register.
    """

    pages: Mapping[str, tuple[QueryFile, ...]] = field(default_factory=dict)
    questions: Mapping[str, QueryFile] = field(default_factory=dict)
    rules: Mapping[str, QueryFile] = field(default_factory=dict)
    front: tuple[QueryFile, ...] = ()
    overviews: Mapping[str, tuple[QueryFile, ...]] = field(default_factory=dict)
    menu: QueryFile | None = None
    facets: Mapping[str, QueryFile] = field(default_factory=dict)
    last: QueryFile | None = None
    headings: QueryFile | None = None
    lists: Mapping[str, QueryFile] = field(default_factory=dict)
    orders: Mapping[str, QueryFile] = field(default_factory=dict)
    compared: Mapping[str, tuple[QueryFile, ...]] = field(default_factory=dict)
    checks: Mapping[str, QueryFile] = field(default_factory=dict)
    imports: Mapping[str, QueryFile] = field(default_factory=dict)
    errors: tuple[QueryFileError, ...] = ()

    @property
    def foreseen(self) -> dict[str, QueryFile]:
        """Give the panels of overviews that show what open proposals would bring, by the name of their page."""
        found = (
            (name, next((each for each in files if each.proposals), None)) for name, files in self.overviews.items()
        )
        return {name: file for name, file in found if file}

    @classmethod
    def load(cls, folders: Iterable[Path], prefixes: Mapping[str, str] = PREFIXES) -> "Library":
        """Read ``queries`` folders, later ones over earlier ones. Files with errors are left out and told."""
        files: dict[str, QueryFile] = {}
        errors: list[QueryFileError] = []
        for folder in folders:
            if (folder / FRONT).is_dir():  # a front page is one whole: its own panels take the place of all others
                files = {key: file for key, file in files.items() if not key.startswith(f"{FRONT}/")}
            for path in sorted(path for path in folder.rglob("*.rq") if path.is_file()):
                key = path.relative_to(folder).as_posix()
                if not _FILE_NAME.fullmatch(path.stem):
                    errors.append(QueryFileError(path, "the name of a query file has letters, digits, - and _ alone."))
                    continue
                try:
                    files[key] = load(path, prefixes)
                except QueryFileError as error:
                    errors.append(error)
                    continue
                if key.startswith(tuple(f"{name}/" for name in ENGINE)) and folder == defaults() / "queries":
                    del files[key]
                elif message := (_misplaced_import if _imports(key, files[key]) else _misplaced)(key, files[key]):
                    errors.append(QueryFileError(path, message))
                    del files[key]
        questions = {f.name: f for key, f in sorted(files.items()) if key.startswith("questions/")}
        for key in [key for key, file in files.items() if file.link and file.link not in questions]:
            path, link = files[key].path, files.pop(key).link
            errors.append(QueryFileError(path, f"link: there is no question {link!r} in questions/."))
        return cls(
            pages=_folders(files, "pages/"),
            questions={f.name: f for key, f in sorted(files.items()) if key.startswith("questions/")},
            front=tuple(sorted((f for key, f in files.items() if key.startswith(f"{FRONT}/")), key=_order)),
            overviews=_folders(files, "overviews/"),
            menu=files.get(_MENU),
            rules={f.name: f for key, f in sorted(files.items()) if key.startswith("rules/")},
            facets={match[1]: f for key, f in sorted(files.items()) if (match := _FACET.fullmatch(key))},
            last=files.get(_LAST),
            headings=files.get(_HEADINGS),
            lists={f.name: f for key, f in sorted(files.items()) if key.startswith("lists/")},
            orders={match[1]: f for key, f in sorted(files.items()) if (match := _ORDER_NAME.fullmatch(key))},
            compared=_folders(files, "compare/"),
            checks={f.name: f for key, f in sorted(files.items()) if key.startswith("checks/")},
            imports={f.name: f for key, f in sorted(files.items()) if key.startswith("imports/")},
            errors=tuple(errors),
        )

    def with_parts(self) -> "Library":
        """Give it with the parts of every page that it lacks: a generation that an earlier engine built has none."""
        generic = (load(path) for path in sorted((defaults() / "queries" / "pages" / GENERIC).glob("*.rq")))
        return replace(self, pages={**self.pages, GENERIC: _with_parts(self.pages.get(GENERIC, ()), generic)})

    def files(self) -> Iterator[QueryFile]:
        """Give every file."""
        named = (self.questions, self.rules, self.facets, self.checks, self.lists, self.orders, self.imports)
        panels = (*self.pages.values(), self.front, *self.overviews.values(), *self.compared.values())
        return chain(*panels, *(each.values() for each in named), filter(None, (self.last, self.headings, self.menu)))

    def panels(self, classes: Sequence[Iri]) -> tuple[QueryFile, ...]:
        """Give the panels of the first class (nearest first) that has a folder, else the generic ones.

        The parts of every page (facts, what points here …) are with them, but for those that a file of the same name
        takes the place of. What has the view ``none`` is left out.
        """
        generic = self.pages.get(GENERIC, ())
        own = next((found for iri in classes if (found := self.pages.get(local_name(iri)))), generic)
        return tuple(file for file in _with_parts(own, generic) if file.view != HIDDEN)

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


def is_facet(name: str) -> bool:
    """Say whether a file of this name can be a facet."""
    found = _FACET.fullmatch(f"{FACETS}/{name}")
    return found is not None and found[1] not in _TAKEN


def without_header(text: str) -> str:
    """Give a query without the ``#+`` lines of its header, as it is shown and linked."""
    return "\n".join(line for line in text.splitlines() if not line.startswith("#+")) + "\n"


def local_name(iri: str) -> str:
    """Give what stands after the last ``#`` or ``/``, the name of a class's folder."""
    return iri.rstrip("/#").rpartition("#")[2].rpartition("/")[2]


def _with_parts(panels: Sequence[QueryFile], generic: Iterable[QueryFile]) -> tuple[QueryFile, ...]:
    """Give panels in order, with those of the generic ones that are parts of every page and that they lack."""
    names = {file.name for file in panels}
    lacking = (file for file in generic if file.view in config.parts() and file.name not in names)
    return tuple(sorted((*panels, *lacking), key=_order))


def _folders(files: Mapping[str, QueryFile], start: str) -> dict[str, tuple[QueryFile, ...]]:
    """Give the panels of each folder below a path, in order."""
    found: dict[str, list[QueryFile]] = {}
    for key, file in files.items():
        if key.startswith(start):
            found.setdefault(key.removeprefix(start).rpartition("/")[0], []).append(file)
    return {name: tuple(sorted(panels, key=_order)) for name, panels in found.items()}


def _order(file: QueryFile) -> tuple[int, str]:
    return file.order, file.name


def _misplaced(key: str, file: QueryFile) -> str | None:
    """Give what is wrong with a file where it stands, None when nothing is."""
    parts = key.split("/")
    match parts:
        case [folder, *_] if misused := _misused(folder, file):
            right, wanted = False, misused
        case _ if file.view not in config.views() and (parts[0] != "pages" or len(parts) != 3):
            right, wanted = False, f"view {file.view} is for panels in pages/<Class>/ alone."
        case ["pages", _, _] | ["pages", _, _, _]:
            right, wanted = file.form != "CONSTRUCT", "a panel is a SELECT (or ASK) query."
        case ["front", _]:
            right, wanted = file.form == "SELECT", "a panel of the front page is a SELECT query."
        case ["overviews", name, _]:
            right = file.form == "SELECT" and _NAME.fullmatch(name) is not None
            wanted = "a panel of an overview is a SELECT query; its folder has a name of small letters."
        case ["questions", _]:
            right, wanted = True, ""
        case ["rules", _]:
            right, wanted = file.form == "CONSTRUCT", "a rule is a CONSTRUCT query."
        case ["checks", _]:
            right = bool(file.message) and _selects(file, "this")
            wanted = "a check is a SELECT query of ?this with a message."
        case _ if selected := next((each for each in _SELECTED if each[0].fullmatch(key)), None):
            right, wanted = _selects(file, *selected[1]), selected[2]
        case ["facets", _] if facet := _FACET.fullmatch(key):
            right, wanted = _selects(file, "thing", "value"), "a facet is a SELECT query of ?thing and ?value."
            if facet[1] in _TAKEN:
                right, wanted = False, f"a facet cannot be called {facet[1]}: addresses have a parameter of that name."
        case _:
            places = "pages/<Class>/, pages/<Class>/<view>/, front/, overviews/<name>/, questions/, rules/, facets/,"
            places += " lists/, orders/, compare/<Class>/, checks/, imports/"
            right, wanted = False, f"query files stand in {places} or are {_MENU}, {_LAST} or {_HEADINGS}."
    return None if right else wanted


def _misused(folder: str, file: QueryFile) -> str | None:
    """Give what a header says that is for files of another folder."""
    if file.message and folder != "checks":
        return "message and severity are for checks, and those stand in checks/."
    if (file.proposals or file.empty) and folder != "overviews":
        return "proposals and empty are for overviews, and those stand in overviews/<name>/."
    return None


def _selects(file: QueryFile, *names: str) -> bool:
    return file.form == "SELECT" and variable_names(file.text).issuperset(names)


def _imports(key: str, file: QueryFile) -> bool:
    return file.reads is not None or key.startswith("imports/")


def _misplaced_import(key: str, file: QueryFile) -> str | None:
    if not re.fullmatch("imports/[^/]+", key):
        return "reads is for imports, and those stand in imports/."
    names = file.reads.variables() if file.reads else ("this", "number")
    block = f"VALUES ({' '.join(f'?{name}' for name in names)}) {{ ({' '.join(['UNDEF'] * len(names))}) }}"
    try:
        bind_rows(file.text, names, ())
    except BindingError:
        return f"an import has the records that concern us where it says {block}."
    if file.form == "CONSTRUCT" and file.reads is not None:
        return None
    return "an import is a CONSTRUCT query, and its header says what it reads."


def query_triples(library: Library, base: str) -> Iterator[Triple]:
    """Give the triples that describe each question and rule: class, text, titles, descriptions.

    A question goes before a rule of the same name.
    """
    for name, question in {**library.rules, **library.questions}.items():
        iri = Iri(f"{base}query/{name}")
        yield iri, RDF_TYPE, Iri(_SH + "SPARQLExecutable")
        if question.form in _EXECUTABLES:
            executable, holds_text = _EXECUTABLES[question.form]
            yield iri, RDF_TYPE, executable
            yield iri, holds_text, Literal(question.text)
        said = {RDFS_LABEL: question.title, DCTERMS_DESCRIPTION: question.description, RATIONALE: question.rationale}
        for predicate, texts in said.items():
            for language, text in texts.items():
                yield iri, predicate, Literal(text, language)
        if question.certainty is not None:
            yield iri, CERTAINTY, question.certainty
