"""What the header of an import says of the files that it reads: their form, their columns, which records concern us."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from functools import cache
from typing import Any, Final

import yaml

from app.config import defaults
from app.terms import Iri, is_absolute_iri, parse_term

FORMATS: Final = ("csv", "tsv", "xlsx", "json", "json-stat", "endpoint")
KINDS: Final = ("text", "integer", "decimal", "date", "year", "address")
# The thing of ours that a record was found to be about, and the day on which it was read: no column is called so.
THIS: Final = "this"
TODAY: Final = "today"
# Stands in the name of a column for the number of a repeated group.
NUMBER: Final = "{n}"
# At the end of the name of a column: names that begin so.
BEGINS: Final = "*"
# A column is not padded to more letters.
_MOST: Final = 1000
_NAME: Final = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
_GRAPH: Final = re.compile(r"register/[a-z0-9]+(-[a-z0-9]+)*")


@dataclass(frozen=True, slots=True)
class ReadColumn:
    """A column of a table: its name as the publisher writes it, and the variable that its cells are bound to.

    Of ``match`` (a regular expression for the whole cell) the first group is taken, and ``pad`` fills it with zeros
    to that length. ``optional``: it may be missing in the header; ``filled``: it may not be empty in a record that
    concerns us. ``group``: 0 for a column that belongs to the first row of the repeated groups.
    """

    name: str
    variable: str
    kind: str = "text"
    optional: bool = False
    filled: bool = False
    match: str | None = None
    pad: int = 0
    decimal: str = "."
    date: str = "%Y-%m-%d"
    group: int | None = None

    @property
    def repeated(self) -> bool:
        """Say whether it is one of a repeated group, a row for each."""
        return NUMBER in self.name


@dataclass(frozen=True, slots=True)
class Condition:
    """What a variable must be for a record to concern us.

    ``values``: one of these. ``property``: what a thing of ours has as value of it, which is then ``?this``.
    ``named``: the name of a thing of a class, which is only asked about; ``learned`` is the property by which the
    import's own graph remembers names that were confirmed.
    """

    variable: str
    values: frozenset[str] = frozenset()
    property: Iri | None = None
    named: Iri | None = None
    learned: Iri | None = None


@dataclass(frozen=True, slots=True)
class Join:
    """A second table: its columns, and by which columns of both its records belong to those of the first.

    The first of ``by`` counts whose columns are all filled in.
    """

    columns: tuple[ReadColumn, ...]
    by: tuple[Mapping[str, str], ...]


@dataclass(frozen=True, slots=True)
class Reads:
    """How an import reads its files. ``keep``: a record concerns us when all conditions of one of these hold.

    ``replaces`` are properties by which only the newest is said: a value of theirs takes the place of what other
    registers say of the same thing. ``asks`` are the variables that are told to who is asked whether a record means a
    thing of ours.
    """

    formats: tuple[str, ...]
    graph: str
    columns: tuple[ReadColumn, ...]
    keep: tuple[tuple[Condition, ...], ...]
    page: str = ""
    encoding: str = "utf-8"
    delimiters: tuple[str, ...] = (",",)
    empty: frozenset[str] = frozenset({""})
    records: str = ""
    join: Join | None = None
    endpoint: str | None = None
    query: str = ""
    wanted: str | None = None
    replaces: tuple[Iri, ...] = ()
    asks: tuple[str, ...] = ()

    def variables(self) -> tuple[str, ...]:
        """Give the names of all variables that a record binds, in order."""
        columns = (*self.columns, *(self.join.columns if self.join else ()))
        return tuple(dict.fromkeys((THIS, *(each.variable for each in columns))))


def reads(given: Any, prefixes: Mapping[str, str]) -> Reads:
    """Read the key ``reads`` of a header; ValueError says what to mend."""
    about = _mapping("reads", given)
    known = {*(each.name for each in fields(Reads)), "delimiter", "decimal", "date"} - {"delimiters"}
    _refuse_unknown("reads", about, known)
    formats = _texts("reads: formats", about.get("formats"))
    if not formats or set(formats) - set(FORMATS):
        raise ValueError(f"reads: formats are some of {', '.join(FORMATS)}.")
    graph = str(about.get("graph", ""))
    if not _GRAPH.fullmatch(graph):
        raise ValueError("reads: graph is register/ and a name of small letters, digits and hyphens.")
    encoding = str(about.get("encoding", "utf-8"))
    try:
        "".encode(encoding)
    except (LookupError, ValueError) as error:
        raise ValueError(f"reads: there is no encoding {encoding!r}.") from error
    columns = _columns("columns", about.get("columns"), about)
    join = _join(about["join"], about) if "join" in about else None
    found = Reads(
        formats=formats,
        graph=graph,
        columns=columns,
        keep=_keep(about.get("keep"), prefixes),
        page=str(about.get("page", "")),
        encoding=encoding,
        delimiters=_texts("reads: delimiter", about.get("delimiter", ",")),
        empty=frozenset({"", *(_texts("reads: empty", about["empty"]) if "empty" in about else ())}),
        records=str(about.get("records", "")),
        join=join,
        endpoint=_address(about.get("endpoint")) if "endpoint" in formats else None,
        query=str(about.get("query", "")),
        wanted=str(about["wanted"]) if "wanted" in about else None,
        replaces=tuple(
            _iri("reads: replaces", name, prefixes) for name in _texts("reads: replaces", about.get("replaces", []))
        ),
        asks=_texts("reads: asks", about.get("asks", [])),
    )
    bound = set(found.variables())
    for condition in (each for group in found.keep for each in group):
        if condition.variable not in bound:
            raise ValueError(f"reads: keep: no column gives ?{condition.variable}.")
    for name in found.asks:
        if name not in bound:
            raise ValueError(f"reads: asks: no column gives ?{name}.")
    if any(len(each) > 1 for each in found.delimiters):
        raise ValueError("reads: delimiter is one character, or a list of such.")
    return found


def _columns(key: str, given: Any, form: Mapping[str, Any]) -> tuple[ReadColumn, ...]:
    return tuple(
        _column(str(name), each, form)
        for name, options in _mapping(f"reads: {key}", given).items()
        for each in (options if isinstance(options, list) else [options])
    )


def _column(name: str, given: Any, form: Mapping[str, Any]) -> ReadColumn:
    options = given if isinstance(given, dict) else {"as": given}
    key = f"reads: column {name!r}"
    _refuse_unknown(key, options, {"as", "kind", "optional", "filled", "match", "pad", "decimal", "date", "group"})
    variable, kind = str(options.get("as", "")), str(options.get("kind", "text"))
    if not _NAME.fullmatch(variable) or variable in (THIS, TODAY):
        raise ValueError(f"{key}: say which variable it is: letters and digits, and not {THIS} or {TODAY}.")
    if kind not in KINDS:
        raise ValueError(f"{key}: kind is one of {', '.join(KINDS)}.")
    if is_personal(name) or is_personal(variable):
        raise ValueError(
            f"{key}: it may hold what is about persons (e-mail, telephone, street, contact), which no import takes. "
            "Take the line away."
        )
    match = str(options["match"]) if "match" in options else None
    try:
        if match is not None and re.compile(match).groups != 1:
            raise ValueError(f"{key}: match has one group in brackets, which is what is taken.")
    except (re.error, OverflowError, RecursionError) as error:
        raise ValueError(f"{key}: match is no regular expression: {error}.") from error
    return ReadColumn(
        name=name,
        variable=variable,
        kind=kind,
        optional=bool(options.get("optional")),
        filled=bool(options.get("filled")),
        match=match,
        pad=_number(f"{key}: pad", options.get("pad", 0)),
        decimal=str(options.get("decimal", form.get("decimal", "."))),
        date=str(options.get("date", form.get("date", "%Y-%m-%d"))),
        group=_number(f"{key}: group", options["group"]) if "group" in options else None,
    )


def _number(key: str, value: Any) -> int:
    if not isinstance(value, int) or not 0 <= value < _MOST:
        raise ValueError(f"{key} is a whole number below {_MOST}, not {value!r}.")
    return value


def _keep(given: Any, prefixes: Mapping[str, str]) -> tuple[tuple[Condition, ...], ...]:
    groups = given if isinstance(given, list) else [given]
    found = []
    for group in groups:
        conditions = tuple(
            _condition(str(name), wanted, prefixes) for name, wanted in _mapping("reads: keep", group).items()
        )
        if sum(each.property is not None or each.named is not None for each in conditions) != 1:
            raise ValueError(
                "reads: keep: each group has one variable that finds a thing of ours: by the value of a property "
                "(number: ex:number) or by name (who: {named: ex:Organisation})."
            )
        found.append(conditions)
    return tuple(found)


def _condition(variable: str, wanted: Any, prefixes: Mapping[str, str]) -> Condition:
    key = f"reads: keep: {variable}"
    if isinstance(wanted, list):
        # YAML 1.1 reads a bare NO as false; Norway is meant.
        return Condition(variable, frozenset("NO" if each is False else str(each) for each in wanted))
    if isinstance(wanted, dict):
        _refuse_unknown(key, wanted, {"named", "learned"})
        learned = _iri(key, wanted["learned"], prefixes) if "learned" in wanted else None
        return Condition(variable, named=_iri(key, wanted.get("named"), prefixes), learned=learned)
    return Condition(variable, property=_iri(key, wanted, prefixes))


def _join(given: Any, form: Mapping[str, Any]) -> Join:
    about = _mapping("reads: join", given)
    _refuse_unknown("reads: join", about, {"columns", "by"})
    by = about.get("by")
    pairs = [_mapping("reads: join: by", each) for each in (by if isinstance(by, list) else [by])]
    return Join(
        _columns("join: columns", about.get("columns"), form),
        tuple({str(mine): str(theirs) for mine, theirs in each.items()} for each in pairs),
    )


def _mapping(key: str, value: Any) -> dict[Any, Any]:
    if not isinstance(value, dict) or not value:
        raise ValueError(f"{key} must be 'key: value' pairs, not {value!r}.")
    return value


def _refuse_unknown(key: str, given: Mapping[Any, Any], known: set[str]) -> None:
    if unknown := sorted(set(map(str, given)) - known):
        raise ValueError(f"{key}: unknown key {unknown[0]!r}. Known: {', '.join(sorted(known))}.")


def _texts(key: str, value: Any) -> tuple[str, ...]:
    given = value if isinstance(value, list) else [value]
    if not all(isinstance(each, str) for each in given):
        raise ValueError(f"{key}: write text in quotation marks, or a list of such, not {value!r}.")
    return tuple(given)


def _iri(key: str, value: Any, prefixes: Mapping[str, str]) -> Iri:
    try:
        term = parse_term(str(value), prefixes)
    except ValueError as error:
        raise ValueError(f"{key}: {error}") from error
    if not isinstance(term, Iri):
        raise ValueError(f"{key}: {value!r} is not an IRI or prefixed name.")  # noqa: TRY004 - of the file
    return term


def _address(value: Any) -> str:
    if not isinstance(value, str) or not re.match("https?://[^/]", value) or not is_absolute_iri(value):
        raise ValueError("reads: endpoint is the web address of a SPARQL server.")
    return value


@dataclass(frozen=True, slots=True)
class _Never:
    names: re.Pattern[str]
    but: re.Pattern[str]
    values: re.Pattern[str] = field(repr=False)


@cache
def _never() -> _Never:
    given = yaml.safe_load((defaults() / "never-imported.yaml").read_text(encoding="utf-8"))
    return _Never(*(re.compile("|".join(given[key]), re.IGNORECASE) for key in ("never", "but", "values")))


def is_personal(name: str) -> bool:
    """Say whether a column of this name may hold what is about persons (``app/defaults/never-imported.yaml``)."""
    # "contactForm" and "contact_form" are words as "contact form" is.
    plain = re.sub(r"(?<=[a-zæøå])(?=[A-ZÆØÅ])|_", " ", name)
    return any(_never().names.search(each) and not _never().but.search(each) for each in (name, plain))


def holds_personal(value: str) -> bool:
    """Say whether a text holds an e-mail address or what may be a national identity number."""
    return _never().values.search(value) is not None
