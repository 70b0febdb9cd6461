"""What is wrong with a content, told with file and line; the line is a best guess by searching the text for terms."""

import re
from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from typing import Literal as OneOf

import yaml

from app.config import defaults
from app.content.folders import Content
from app.content.reading import InputFile, prefixes
from app.errors import ContentError
from app.namespaces import RDF_TYPE, VIOLATION, WARNING
from app.terms import RDF_LANG_STRING, XSD_STRING, Iri, Literal, Term, n3

if TYPE_CHECKING:
    from app.quality.validation import Result

Severity = OneOf["error", "warning", "info"]
# A name in Turtle, RDF/XML or JSON-LD: an IRI between signs, a prefixed name, a blank node.
_NAME: Final = re.compile(
    r"""<([^<>"'\s]+)> | ["']([^"'<>\s]+)["'] | (?<![\w:.<"'/-])([\w.-]*:(?:[\w:%-]|\.(?=\w))*)""", re.VERBOSE
)
# What is said of a thing stands within so many letters of its name.
_BLOCK: Final = 20_000
_ORDER: Final = {"error": 0, "warning": 1, "info": 2}


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One thing that is wrong. The path is below the content's root; line and column count from 1."""

    path: Path | None
    message: Mapping[str, str]
    severity: Severity
    line: int | None = None
    column: int | None = None
    entity: Iri | None = None
    shape: Iri | None = None
    predicate: Iri | None = None
    value: Term | None = None

    @property
    def key(self) -> tuple[int, str, int, str]:
        """What problems are sorted by: severity, file, line, entity."""
        return _ORDER[self.severity], str(self.path or "~"), self.line or 0, self.entity or ""


@cache
def _messages() -> dict[str, dict[str, str]]:
    return yaml.safe_load((defaults() / "problems.yaml").read_text(encoding="utf-8"))  # type: ignore[no-any-return]


def diagnostic(
    content: Content,
    where: Path | str | None,
    message: str,
    /,
    severity: Severity = "error",
    line: int | None = None,
    column: int | None = None,
    *,
    entity: Iri | None = None,
    **values: Any,
) -> Diagnostic:
    """Give a problem of a file with a message of ``app/defaults/problems.yaml`` and the values in it."""
    path = None if where is None else below(content.root, content.root / where)
    texts = {language: text.format_map(values) for language, text in _messages()[message].items()}
    return Diagnostic(path, texts, severity, line, column, entity)


def of_error(error: ContentError) -> Diagnostic:
    """Give a reading error as a problem."""
    return Diagnostic(Path(error.path), error.messages, "error", error.line, error.column)


def of_result(result: "Result", path: Path | None, line: int | None) -> Diagnostic:
    """Give a validation result as a problem."""
    severity: Severity = {VIOLATION: "error", WARNING: "warning"}.get(result.severity, "info")  # type: ignore[assignment]
    message = {language or "en": text for language, text in result.messages.items()}
    entity = result.focus if isinstance(result.focus, Iri) else None
    return Diagnostic(path, message, severity, line, None, entity, result.shape, result.path, result.value)


def below(root: Path, path: Path) -> Path:
    """Give a path as problems name it: below the content's root when it is there."""
    return path.relative_to(root) if path.is_relative_to(root) else path


@dataclass(frozen=True, slots=True)
class _Places:
    """A file's text and prefixes, where each line ends, and where each name ends that stands first.

    That is first of those at the start of a line, of those after its spaces, of all.
    """

    text: str
    names: Mapping[str, str]
    ends: Sequence[int]
    first_of: Sequence[Mapping[str, int]]

    @classmethod
    def of(cls, text: str, names: Mapping[str, str]) -> "_Places":
        """Go through a text once, however many names are looked for in it."""
        starting: dict[str, int] = {}
        indented: dict[str, int] = {}
        anywhere: dict[str, int] = {}
        for found in _NAME.finditer(text):
            name, start = found[found.lastindex or 0], found.start()
            anywhere.setdefault(name, found.end())
            before = text[text.rfind("\n", 0, start) + 1 : start]
            if not before:
                starting.setdefault(name, found.end())
            elif before.isspace():
                indented.setdefault(name, found.end())
        return cls(text, names, [found.start() for found in re.finditer("\n", text)], (starting, indented, anywhere))

    def end_of(self, term: Term) -> int | None:
        """Give where the name of a term ends that stands first."""
        if isinstance(term, Literal):
            found = re.compile(_pattern(term, self.names)).search(self.text)
            return found and found.end()
        forms = [f"_:{term}"]
        if isinstance(term, Iri):
            spaces = [(prefix, name) for prefix, name in self.names.items() if term.startswith(name)]
            forms = [str(term), *(f"{prefix}:{term.removeprefix(name)}" for prefix, name in spaces)]
        for places in self.first_of:
            if found_at := [places[each] for each in forms if each in places]:
                return min(found_at)
        return None


class Locator:
    """Finds lines in the files of a content; keeps texts and prefixes it has read."""

    def __init__(self, content: Content) -> None:
        """Start with nothing read."""
        self._content = content
        self._files: dict[str, _Places] = {}

    def line(self, file: InputFile, terms: Iterable[Term | None]) -> int | None:
        """Give the line (from 1) of the last of the terms that is found, each after the one before it.

        The first term is looked for at the start of a line; the others within the same block of text.
        """
        places = self._places(file)
        sought = [term for term in terms if term is not None]
        place = places.end_of(sought[0]) if sought else None
        if place is None:
            return None
        block = places.text.find("\n\n", place, place + _BLOCK)
        end = block if block >= 0 else place + _BLOCK
        for term in sought[1:]:
            found = re.compile(_pattern(term, places.names)).search(places.text, place, end)
            if found is None:
                break
            place = found.end()
        return bisect_left(places.ends, place) + 1

    def _places(self, file: InputFile) -> _Places:
        if file.name not in self._files:
            try:
                names = prefixes(file, self._content.base)
            except (SyntaxError, ContentError):
                names = {}
            with file.open() as stream:
                text = stream.read().decode(errors="replace")
            self._files[file.name] = _Places.of(text, names)
        return self._files[file.name]


def _pattern(term: Term, names: Mapping[str, str]) -> str:
    """Give a pattern for the ways in which a file can write a term."""
    if isinstance(term, Literal):
        first, more, _ = term.value.partition("\n")
        text = re.escape(n3(Literal(first))[1:-1])
        if term.datatype not in (XSD_STRING, RDF_LANG_STRING):
            return text
        # A text stands in quotes (in RDF/XML between tags): "en" is not to be found in "@en" or in a word.
        return rf"(?<=[\"'>]){text}" + ("" if more else r"(?=[\"'<])")
    if not isinstance(term, Iri):
        return rf"_:{re.escape(term)}\b"
    forms = [rf"[<\"']{re.escape(term)}[>\"']"]
    short = (f"{prefix}:{term.removeprefix(name)}" for prefix, name in names.items() if term.startswith(name))
    forms += [rf"(?<![\w:.-]){re.escape(name)}(?![\w:-]|\.\w)" for name in short]
    if term == RDF_TYPE:
        forms.append(r"(?<=\s)a(?=\s)")
    return "|".join(forms)
