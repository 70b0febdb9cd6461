"""One query file: SPARQL that runs as it stands, with a header of ``#+`` lines in YAML."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import yaml

from app import paths
from app.namespaces import PREFIXES
from app.query.binding import BindingError, bind
from app.query.tokens import form, significant
from app.terms import Iri, Literal, Term, parse_term

# The view of a panel that is not shown: a file that takes the place of another and drops it.
HIDDEN: Final = "none"
_KEYS: Final = {
    "title",
    "description",
    "view",
    "order",
    "class",
    "tags",
    "parameters",
    "columns",
    "certainty",
    "rationale",
    "link",
    "sums",
    "severity",
    "message",
}
SEVERITIES: Final = ("error", "warning", "info")
_PLACE: Final = re.compile(r"\{(\w+)\}")
_KINDS: Final = ("class", "datatype", "shape")
# libyaml where PyYAML was built with it: ten times as fast, and every start reads all headers.
_LOADER: Final = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class QueryFileError(ValueError):
    """A query file that cannot be used: ``path``, ``line`` (or None) and a message that says what to mend."""

    def __init__(self, path: Path, message: str, line: int | None = None) -> None:
        """Keep where it is."""
        super().__init__(f"{path}:{line}: {message}" if line else f"{path}: {message}")
        self.path, self.message, self.line = path, message, line


@dataclass(frozen=True, slots=True)
class Parameter:
    """One value a question takes: what it is, how it is labelled, its default as a term."""

    name: str
    kind: str
    target: Iri
    label: Mapping[str, str]
    default: Term | None
    required: bool


@dataclass(frozen=True, slots=True)
class QueryFile:
    """A query with its header. ``title``, ``description``, ``columns`` and ``rationale`` are by language.

    A rule that reads in more than a definition says carries ``certainty`` and ``rationale``. ``link`` names the
    question that a figure leads to, with the columns of its row as parameters; ``sums``: the figures may be added up.
    ``severity`` and ``message`` (by language, with ``{variable}`` of a row) are those of a check.
    """

    name: str
    path: Path
    text: str
    form: str
    title: Mapping[str, str]
    description: Mapping[str, str]
    view: str
    order: int
    class_: Iri | None
    tags: tuple[str, ...]
    parameters: tuple[Parameter, ...]
    columns: Mapping[str, Mapping[str, str]]
    certainty: Iri | None
    rationale: Mapping[str, str]
    link: str | None = None
    sums: bool = False
    severity: str | None = None
    message: Mapping[str, str] = field(default_factory=dict)

    def bound(self, values: Mapping[str, Term]) -> str:
        """Give the query text with values, and the defaults of parameters without one, put in (BindingError)."""
        defaults = {p.name: p.default for p in self.parameters if p.default is not None}
        return bind(self.text, {**defaults, **values})


def load(path: Path, prefixes: Mapping[str, str] = PREFIXES) -> QueryFile:
    """Read a query file; raises QueryFileError when header or form are wrong (the engine checks the rest)."""
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise QueryFileError(path, f"not UTF-8 (byte {error.start}). Save the file as UTF-8.") from error
    header = _header(path, text)
    if unknown := sorted(set(header) - _KEYS):
        raise QueryFileError(path, f"unknown key {unknown[0]!r} in the header. Known: {', '.join(sorted(_KEYS))}.")
    query_form = form(text)
    if query_form is None:
        raise QueryFileError(path, "no SELECT, ASK, CONSTRUCT or DESCRIBE after the prologue.")
    view = header.get("view", "table")
    if view not in (known := {*paths.views(), *paths.parts(), HIDDEN}):
        raise QueryFileError(path, f"unknown view {view!r}. Known: {', '.join(sorted(known))}.")
    order = header.get("order", 100)
    if not isinstance(order, int):
        raise QueryFileError(path, f"order is a whole number, not {order!r}.")
    file = QueryFile(
        name=path.stem,
        path=path,
        text=text,
        form=query_form,
        title=_by_language(path, "title", header.get("title"), required=True),
        description=_by_language(path, "description", header.get("description")),
        view=view,
        order=order,
        class_=_iri(path, "class", header["class"], prefixes) if "class" in header else None,
        tags=tuple(str(tag) for tag in header.get("tags") or ()),
        parameters=_parameters(path, header.get("parameters") or {}, prefixes),
        columns={
            str(name): _by_language(path, f"columns: {name}", labels)
            for name, labels in _mapping(path, "columns", header.get("columns") or {}).items()
        },
        certainty=_iri(path, "certainty", header["certainty"], prefixes) if "certainty" in header else None,
        rationale=_by_language(path, "rationale", header.get("rationale"), required="certainty" in header),
        link=str(header["link"]) if "link" in header else None,
        sums=bool(header.get("sums")),
        severity=_severity(path, header),
        message=_by_language(path, "message", header.get("message"), required="severity" in header),
    )
    _check_parameters(file)
    return file


def _header(path: Path, text: str) -> dict[str, Any]:
    lines = [(n, line) for n, line in enumerate(text.splitlines(), 1) if line.startswith("#+")]
    if not lines:
        raise QueryFileError(path, "no header. Start the file with lines '#+ title: {nb: …, en: …}'.", 1)
    # One space after "#+" belongs to the mark; the rest is YAML with its own indentation.
    source = "\n".join(line[2:].removeprefix(" ") for _, line in lines)
    try:
        header = yaml.load(source, _LOADER)  # noqa: S506 - safe, both of them
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = lines[min(mark.line, len(lines) - 1)][0] if mark else lines[0][0]
        raise QueryFileError(path, f"the header is not YAML: {getattr(error, 'problem', error)}.", line) from error
    return _mapping(path, "the header", header)


def _mapping(path: Path, what: str, value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise QueryFileError(path, f"{what} must be 'key: value' pairs, not {value!r}.")
    return value


def _by_language(path: Path, key: str, value: Any, *, required: bool = False) -> dict[str, str]:
    if value is None and not required:
        return {}
    if not isinstance(value, dict) or not value or not all(isinstance(v, str) and v.strip() for v in value.values()):
        raise QueryFileError(path, f"{key} must be given by language: {key}: {{nb: …, en: …}}.")
    # YAML 1.1 reads a bare `no` as false; Norwegian is meant.
    return {"no" if language is False else str(language): text.strip() for language, text in value.items()}


def _iri(path: Path, key: str, value: Any, prefixes: Mapping[str, str]) -> Iri:
    try:
        term = parse_term(str(value), prefixes)
    except ValueError as error:
        raise QueryFileError(path, f"{key}: {error}") from error
    if not isinstance(term, Iri):
        raise QueryFileError(path, f"{key}: {value!r} is not an IRI or prefixed name.")
    return term


def _severity(path: Path, header: Mapping[str, Any]) -> str | None:
    given = header.get("severity", "error" if "message" in header else None)
    if given is not None and given not in SEVERITIES:
        raise QueryFileError(path, f"severity is one of {', '.join(SEVERITIES)}, not {given!r}.")
    return None if given is None else str(given)


def _parameters(path: Path, value: Any, prefixes: Mapping[str, str]) -> tuple[Parameter, ...]:
    result = []
    for name, given in _mapping(path, "parameters", value).items():
        options = _mapping(path, f"parameter {name}", given)
        kinds = [kind for kind in _KINDS if kind in options]
        if len(kinds) != 1:
            raise QueryFileError(path, f"parameter {name}: give one of class, datatype or shape.")
        if unknown := sorted(set(options) - {*_KINDS, "label", "default", "required"}):
            raise QueryFileError(path, f"parameter {name}: unknown key {unknown[0]!r}.")
        target = _iri(path, f"parameter {name}", options[kinds[0]], prefixes)
        default = None if options.get("default") is None else _value(path, name, kinds[0], target, options, prefixes)
        label = _by_language(path, f"parameter {name}: label", options.get("label"), required=True)
        required = bool(options.get("required", default is None))
        result.append(Parameter(str(name), kinds[0], target, label, default, required))
    return tuple(result)


def _value(
    path: Path, name: str, kind: str, target: Iri, options: Mapping[str, Any], prefixes: Mapping[str, str]
) -> Term:
    text = str(options["default"])
    return Literal(text, datatype=target) if kind == "datatype" else _iri(path, f"parameter {name}", text, prefixes)


def _check_parameters(file: QueryFile) -> None:
    variables = {token.text[1:] for token in significant(file.text) if token.kind == "variable"}
    for name in sorted({name for text in file.message.values() for name in _PLACE.findall(text)} - variables):
        raise QueryFileError(file.path, f"message: the query has no ?{name}.")
    for parameter in file.parameters:
        if parameter.name not in variables:
            raise QueryFileError(file.path, f"parameter {parameter.name}: the query has no ?{parameter.name}.")
    try:
        bind(file.text, {p.name: p.default or Iri("https://example.org/x") for p in file.parameters})
    except BindingError as error:
        raise QueryFileError(file.path, str(error)) from error
