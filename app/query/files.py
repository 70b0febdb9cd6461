"""One query file: SPARQL that runs as it stands, with a header of ``#+`` lines in YAML."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any, Final

import yaml

from app import config
from app.errors import QueryFileError
from app.namespaces import PREFIXES
from app.query.binding import bind
from app.query.reads import Reads, reads
from app.query.tokens import form, variable_names
from app.terms import Iri, Literal, Term, parse_term

# The view of a panel that is not shown: a file that takes the place of another and drops it.
HIDDEN: Final = "none"
SEVERITIES: Final = ("error", "warning", "info")
# A variable of a row in the message of a check.
PLACE: Final = re.compile(r"\{(\w+)\}")
_KINDS: Final = ("class", "datatype", "shape")
_TAG: Final = re.compile("[A-Za-z]{1,8}(-[A-Za-z0-9]{1,8})*")
# What a message about a header begins with: the key that it is about.
_ABOUT: Final = re.compile(r"(?:unknown key '|unknown |parameter |reads: )?(\w+)")


# libyaml where PyYAML was built with it: ten times as fast, and every start reads all headers.
class _Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """Reads a header; of a value that is none of its type, and a key that is there twice, it tells the place."""

    def construct_object(self, node: Any, deep: bool = False) -> Any:
        try:
            return super().construct_object(node, deep)
        except (ValueError, TypeError, KeyError, AttributeError, OverflowError) as error:
            raise yaml.MarkedYAMLError(
                problem="a value that is none of its type", problem_mark=node.start_mark
            ) from error

    def construct_mapping(self, node: Any, deep: bool = False) -> Any:
        seen = set()
        for key, _ in node.value:
            is_text = isinstance(key.value, str)
            if not is_text or key.value in seen:
                told = f"{key.value} is there twice" if is_text else "a key that is no text"
                raise yaml.MarkedYAMLError(problem=told, problem_mark=key.start_mark)
            seen.add(key.value)
        return super().construct_mapping(node, deep)


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
class Ask:
    """A question that each row asks of its reader: the column that asks it, the one it is about, answers by name."""

    column: str
    about: str
    answers: Mapping[str, Mapping[str, str]]


@dataclass(frozen=True, slots=True)
class QueryFile:
    """A query with its header. ``title``, ``description``, ``columns`` and ``rationale`` are by language.

    A rule that reads in more than a definition says carries ``certainty`` and ``rationale``. ``link`` names the
    question that a figure leads to, with the columns of its row as parameters; ``sums``: the figures may be added up;
    ``zeros`` (``highlight``): what has nothing is to be seen first;
    ``home``: the country that a map is seen from, as in ISO 3166; ``colour``: the column that colours a network.
    ``sorted``: people read the rows by the names in the last of these columns, in groups by those before it.
    ``plain``: columns whose things are named without a link, where a row would have too many.
    ``severity`` and ``message`` (by language, with ``{variable}`` of a row) are those of a check. ``reads`` is what an
    import says of the files of a register. ``ask`` is what each row asks of its reader, where people can answer.
    ``proposals``: what open proposals of imports would add to its rows is shown to who edits; ``empty`` (by language)
    is said where an overview has no rows.
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
    zeros: str | None = None
    home: str | None = None
    colour: str | None = None
    sorted: tuple[str, ...] = ()
    plain: tuple[str, ...] = ()
    severity: str | None = None
    message: Mapping[str, str] = field(default_factory=dict)
    reads: Reads | None = None
    ask: Ask | None = None
    proposals: bool = False
    empty: Mapping[str, str] = field(default_factory=dict)

    def bound(self, values: Mapping[str, Term]) -> str:
        """Give the query text with values, and the defaults of parameters without one, put in (BindingError)."""
        defaults = {p.name: p.default for p in self.parameters if p.default is not None}
        return bind(self.text, {**defaults, **values})


# What a header may say: all of a query file but what the file itself settles.
_KEYS: Final = {each.name.rstrip("_") for each in fields(QueryFile)} - {"name", "path", "text", "form"}


# Query files that were read, by name, text and prefixes.
_known: dict[tuple[str, str, tuple[tuple[str, str], ...]], QueryFile] = {}
_MOST_KNOWN: Final = 2000


def load(path: Path, prefixes: Mapping[str, str] = PREFIXES) -> QueryFile:
    """Read a query file; raises QueryFileError when header or form are wrong (the engine checks the rest)."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise QueryFileError(path, f"not UTF-8 (byte {error.start}). Save the file as UTF-8.") from error
    # The same files are read several times in a run, from a content and from copies of it.
    key = path.stem, text, tuple(prefixes.items())
    if (known := _known.get(key)) is not None:
        return replace(known, path=path)
    header = _header(path, text)
    try:
        file = _file(path, text, header, prefixes)
        _check_parameters(file)
    except ValueError as error:
        raise QueryFileError(path, str(error), _line_of(text, str(error))) from error
    if len(_known) >= _MOST_KNOWN:
        _known.clear()
    _known[key] = file
    return file


def _line_of(text: str, message: str) -> int | None:
    """Give the line of the header that has the key which a message begins with."""
    about = _ABOUT.match(message)
    key = re.compile(rf"#\+.*?(?<!\w){about[1]}['\"]?:(?:\s|$)") if about else None
    return next((n for n, line in enumerate(text.splitlines(), 1) if key and key.match(line)), None)


def _file(path: Path, text: str, header: Mapping[str, Any], prefixes: Mapping[str, str]) -> QueryFile:
    if unknown := sorted(map(str, set(header) - _KEYS)):
        raise ValueError(f"unknown key {unknown[0]!r} in the header. Known: {', '.join(sorted(_KEYS))}.")
    query_form = form(text)
    if query_form is None:
        raise ValueError("no SELECT, ASK, CONSTRUCT or DESCRIBE after the prologue.")
    view = header.get("view", "table")
    if str(view) not in (known := {*config.views(), *config.parts(), HIDDEN}):
        raise ValueError(f"unknown view {view!r}. Known: {', '.join(sorted(known))}.")
    order = header.get("order", 100)
    if not isinstance(order, int):
        raise ValueError(f"order is a whole number, not {order!r}.")  # noqa: TRY004 - of the file
    columns = _mapping("columns", header.get("columns") or {})
    return QueryFile(
        name=path.stem,
        path=path,
        text=text,
        form=query_form,
        title=_by_language("title", header.get("title"), required=True),
        description=_by_language("description", header.get("description")),
        view=str(view),
        order=order,
        class_=_iri("class", header["class"], prefixes) if "class" in header else None,
        tags=_names("tags", header),
        parameters=_parameters(header.get("parameters") or {}, prefixes),
        columns={str(name): _by_language(f"columns: {name}", labels) for name, labels in columns.items()},
        certainty=_iri("certainty", header["certainty"], prefixes) if "certainty" in header else None,
        rationale=_by_language("rationale", header.get("rationale"), required="certainty" in header),
        link=str(header["link"]) if "link" in header else None,
        sums=bool(header.get("sums")),
        zeros=_zeros(header.get("zeros")),
        home=_home(header),
        colour=str(header["colour"]) if "colour" in header else None,
        sorted=_names("sorted", header),
        plain=_names("plain", header),
        severity=_severity(header),
        message=_by_language("message", header.get("message"), required="severity" in header),
        reads=reads(header["reads"], prefixes) if "reads" in header else None,
        ask=_ask(header["ask"]) if "ask" in header else None,
        proposals=bool(header.get("proposals")),
        empty=_by_language("empty", header.get("empty")),
    )


def _header(path: Path, text: str) -> dict[str, Any]:
    lines = [(n, line) for n, line in enumerate(text.splitlines(), 1) if line.startswith("#+")]
    if not lines:
        raise QueryFileError(path, "no header. Start the file with lines '#+ title: {nb: …, en: …}'.", 1)
    # One space after "#+" belongs to the mark; the rest is YAML with its own indentation.
    source = "\n".join(line[2:].removeprefix(" ") for _, line in lines)
    try:
        header = yaml.load(source, _Loader)  # noqa: S506 - a safe one
    except (yaml.YAMLError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        line = lines[min(mark.line, len(lines) - 1)][0] if mark else lines[0][0]
        raise QueryFileError(path, f"the header is not YAML: {getattr(error, 'problem', error)}.", line) from error
    if not isinstance(header, dict):
        raise QueryFileError(path, f"the header must be 'key: value' pairs, not {header!r}.")
    return header


def _mapping(what: str, value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise ValueError(f"{what} must be 'key: value' pairs, not {value!r}.")  # noqa: TRY004 - of the file
    return value


def _names(key: str, header: Mapping[str, Any]) -> tuple[str, ...]:
    """Give a list of names; YAML reads some of them as something else than text."""
    given = header.get(key) or []
    if not isinstance(given, list) or any(isinstance(each, list | dict) for each in given):
        raise ValueError(f"{key} is a list of names: [one, another].")
    return tuple(map(str, given))


def _by_language(key: str, value: Any, *, required: bool = False) -> dict[str, str]:
    if value is None and not required:
        return {}
    if not isinstance(value, dict) or not value or not all(isinstance(v, str) and v.strip() for v in value.values()):
        raise ValueError(f"{key} must be given by language: {key}: {{nb: …, en: …}}.")
    # YAML 1.1 reads a bare `no` as false; Norwegian is meant.
    texts = {"no" if language is False else str(language): text.strip() for language, text in value.items()}
    if wrong := next((language for language in texts if not _TAG.fullmatch(language)), None):
        raise ValueError(f"{key}: {wrong!r} is no tag of a language, such as nb or en.")
    return texts


def _iri(key: str, value: Any, prefixes: Mapping[str, str]) -> Iri:
    try:
        term = parse_term(str(value), prefixes)
    except ValueError as error:
        raise ValueError(f"{key}: {error}") from error
    if not isinstance(term, Iri):
        raise ValueError(f"{key}: {value!r} is not an IRI or prefixed name.")  # noqa: TRY004 - as above
    return term


def _zeros(given: Any) -> str | None:
    if given not in (None, "highlight"):
        raise ValueError(f"zeros can only be 'highlight', not {given!r}.")
    return None if given is None else str(given)


def _home(header: Mapping[str, Any]) -> str | None:
    given = header.get("home")
    if given is False:  # YAML 1.1 reads a bare NO so; Norway is meant.
        return "NO"
    if given is not None and not re.fullmatch("[A-Z]{2,3}", str(given)):
        raise ValueError(f"home is the code of a country, as in ISO 3166, not {given!r}.")
    return None if given is None else str(given)


def _severity(header: Mapping[str, Any]) -> str | None:
    given = header.get("severity", "error" if "message" in header else None)
    if given is not None and given not in SEVERITIES:
        raise ValueError(f"severity is one of {', '.join(SEVERITIES)}, not {given!r}.")
    return None if given is None else str(given)


def _ask(value: Any) -> Ask:
    given = _mapping("ask", value)
    if set(given) != {"column", "about", "answers"}:
        raise ValueError("ask has column, about and answers.")
    answers = _mapping("ask: answers", given["answers"])
    if not all(isinstance(name, str) for name in answers):
        raise ValueError('ask: answers: write "yes" and "no" in quotation marks, else YAML reads true and false.')
    texts = {name: _by_language(f"ask: answers: {name}", text, required=True) for name, text in answers.items()}
    return Ask(str(given["column"]), str(given["about"]), texts)


def _parameters(value: Any, prefixes: Mapping[str, str]) -> tuple[Parameter, ...]:
    result = []
    for name, given in _mapping("parameters", value).items():
        key = f"parameter {name}"
        options = _mapping(key, given)
        kinds = [kind for kind in _KINDS if kind in options]
        if len(kinds) != 1:
            raise ValueError(f"{key}: give one of class, datatype or shape.")
        if unknown := sorted(set(options) - {*_KINDS, "label", "default", "required"}):
            raise ValueError(f"{key}: unknown key {unknown[0]!r}.")
        target = _iri(key, options[kinds[0]], prefixes)
        default: Term | None = None
        if (text := options.get("default")) is not None:
            is_literal = kinds[0] == "datatype"
            default = Literal(str(text), datatype=target) if is_literal else _iri(key, text, prefixes)
        label = _by_language(f"{key}: label", options.get("label"), required=True)
        required = bool(options.get("required", default is None))
        result.append(Parameter(str(name), kinds[0], target, label, default, required))
    return tuple(result)


def _check_parameters(file: QueryFile) -> None:
    variables = variable_names(file.text)
    for name in sorted(set(file.plain) - variables):
        raise ValueError(f"plain: the query has no ?{name}.")
    if file.colour and file.colour not in variables:
        raise ValueError(f"colour: the query has no ?{file.colour}.")
    for name in sorted(set(file.sorted) - variables):
        raise ValueError(f"sorted: the query has no ?{name}.")
    for name in (file.ask.column, file.ask.about) if file.ask else ():
        if name not in variables or name not in file.columns:
            raise ValueError(f"ask: the query has no column ?{name} with a label.")
    for name in sorted({name for text in file.message.values() for name in PLACE.findall(text)} - variables):
        raise ValueError(f"message: the query has no ?{name}.")
    for parameter in file.parameters:
        if parameter.name not in variables:
            raise ValueError(f"parameter {parameter.name}: the query has no ?{parameter.name}.")
    bind(file.text, {p.name: p.default or Iri("https://example.org/x") for p in file.parameters})
