"""A problem of a content: where it is, what it is about, what to do."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal as OneOf

import yaml

from app.graph.content import Content
from app.graph.reading import ContentError
from app.namespaces import VIOLATION, WARNING
from app.paths import defaults
from app.terms import Iri

if TYPE_CHECKING:
    from app.quality.validation import Result

Severity = OneOf["error", "warning", "info"]
_ORDER: Final = {"error": 0, "warning": 1, "info": 2}


@dataclass(frozen=True, slots=True)
class Problem:
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


def problem(
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
) -> Problem:
    """Give a problem of a file with a message of ``app/defaults/problems.yaml`` and the values in it."""
    path = None if where is None else below(content.root, content.root / where)
    texts = {language: text.format_map(values) for language, text in _messages()[message].items()}
    return Problem(path, texts, severity, line, column, entity)


def of_error(error: ContentError) -> Problem:
    """Give a reading error as a problem."""
    return Problem(Path(error.path), error.messages, "error", error.line, error.column)


def of_result(result: "Result", path: Path | None, line: int | None) -> Problem:
    """Give a validation result as a problem."""
    severity: Severity = {VIOLATION: "error", WARNING: "warning"}.get(result.severity, "info")  # type: ignore[assignment]
    message = {language or "en": text for language, text in result.messages.items()}
    entity = result.focus if isinstance(result.focus, Iri) else None
    return Problem(path, message, severity, line, entity=entity, shape=result.shape)


def below(root: Path, path: Path) -> Path:
    """Give a path as problems name it: below the content's root when it is there."""
    return path.relative_to(root) if path.is_relative_to(root) else path
