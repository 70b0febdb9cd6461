"""What is wrong with a content, told with file and line; the line is a best guess by searching the text for terms."""

import re
from collections.abc import Iterable, Mapping
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
    return Diagnostic(path, message, severity, line, entity=entity, shape=result.shape)


def below(root: Path, path: Path) -> Path:
    """Give a path as problems name it: below the content's root when it is there."""
    return path.relative_to(root) if path.is_relative_to(root) else path


class Locator:
    """Finds lines in the files of a content; keeps texts and prefixes it has read."""

    def __init__(self, content: Content) -> None:
        """Start with nothing read."""
        self._content = content
        self._files: dict[str, tuple[str, Mapping[str, str]]] = {}

    def line(self, file: InputFile, terms: Iterable[Term | None]) -> int | None:
        """Give the line (from 1) of the last of the terms that is found, each after the one before it.

        The first term is looked for at the start of a line; the others within the same block of text.
        """
        text, names = self._text(file)
        place, end = None, len(text)
        for number, term in enumerate(term for term in terms if term is not None):
            pattern = _pattern(term, names)
            found = None
            if number == 0:
                starts = (re.compile(rf"^{space}(?:{pattern})", re.MULTILINE) for space in ("", r"\s*"))
                found = next((match for start in starts if (match := start.search(text))), None)
            found = found or re.compile(pattern).search(text, place or 0, end)
            if found is None:
                break
            place = found.end()
            if number == 0 and (block := text.find("\n\n", place)) >= 0:
                end = block
        return None if place is None else text.count("\n", 0, place) + 1

    def _text(self, file: InputFile) -> tuple[str, Mapping[str, str]]:
        if file.name not in self._files:
            try:
                names = prefixes(file, self._content.base)
            except (SyntaxError, ContentError):
                names = {}
            self._files[file.name] = file.path.read_text(encoding="utf-8", errors="replace"), names
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
