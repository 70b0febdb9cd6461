"""Verdicts of checks, kept in the state folder by all that they depend on: what is the same is not checked again."""

import hashlib
import json
import os
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, cast

from app import __version__
from app.build.draft import QueryProblems
from app.build.freshness import inputs
from app.config import Settings
from app.content.folders import APPROVED, Content
from app.generation import current
from app.quality.diagnostics import Diagnostic, Severity
from app.terms import Iri, n3, parse_term

# So many verdicts are kept.
_KEPT: Final = 8
_FORMAT: Final = 2
# What a check depends on besides the files.
_SETTINGS: Final = ("query_length", "query_nesting")


@dataclass(frozen=True, slots=True)
class CheckVerdict:
    """What a check says of some files: problems, those that tell of deleted things apart, and answers by file name.

    Whether the approved answers are those is not among the problems. ``of_queries`` is what is wrong with the query
    files, which hold for all data with the same ``house``: query files, shapes and model.
    """

    digest: str
    problems: tuple[Diagnostic, ...]
    deleted: tuple[Diagnostic, ...]
    answers: Mapping[str, str]
    house: str
    of_queries: QueryProblems


def digests(settings: Settings, content: Content) -> tuple[str, str]:
    """Give a digest of all that a check depends on: files, settings, this program, and what is published.

    The second is of what query files are checked by: all but the data, and what these say of the dataset.
    """
    published = current(settings.state)
    files = sorted((name, facts[2]) for name, facts in inputs(content).items())
    common = [_FORMAT, __version__, content.base, content.unread, [getattr(settings, name) for name in _SETTINGS]]
    every = [*common, (content.root / APPROVED).is_dir(), published.manifest.digest if published else None, files]
    house = [
        *common,
        sorted(content.dataset.title),
        list(content.namespaces),
        sorted(content.prefixes.items()),
        [each for each in files if not each[0].startswith(("data/", f"{APPROVED}/"))],
    ]
    whole, part = (hashlib.sha256(json.dumps(about).encode()).hexdigest()[:32] for about in (every, house))
    return whole, part


def _folder(state: Path) -> Path:
    return state / "verdicts"


def kept(state: Path, digest: str) -> CheckVerdict | None:
    """Give a verdict that is kept; one that cannot be read is none."""
    path = _folder(state) / f"{digest}.json"
    try:
        told: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        problems, deleted, syntax, of_words = (
            tuple(_read(each) for each in told[name]) for name in ("problems", "deleted", "syntax", "words")
        )
        answers = {str(name): str(text) for name, text in told["answers"].items()}
        verdict = CheckVerdict(digest, problems, deleted, answers, str(told["house"]), QueryProblems(syntax, of_words))
        path.touch()
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None
    return verdict


def keep(state: Path, verdict: CheckVerdict) -> None:
    """Keep a verdict, and only the newest; without space for it, it will be found again."""
    folder = _folder(state)
    of_queries = verdict.of_queries
    lists = {"problems": verdict.problems, "deleted": verdict.deleted}
    lists |= {"syntax": of_queries.syntax, "words": of_queries.words}
    told: dict[str, Any] = {"answers": dict(verdict.answers), "house": verdict.house}
    told |= {name: [_written(each) for each in found] for name, found in lists.items()}
    with suppress(OSError):
        folder.mkdir(parents=True, exist_ok=True)
        unfinished = folder / f".{verdict.digest}-{os.getpid()}"
        try:
            unfinished.write_text(json.dumps(told, ensure_ascii=False), encoding="utf-8")
            unfinished.replace(folder / f"{verdict.digest}.json")
        finally:
            unfinished.unlink(missing_ok=True)
        by_age = sorted(folder.glob("*.json"), key=lambda path: path.stat().st_mtime, reverse=True)
        for old in by_age[_KEPT:]:
            old.unlink(missing_ok=True)


def _written(problem: Diagnostic) -> dict[str, Any]:
    terms = {name: getattr(problem, name) for name in ("entity", "shape", "predicate")}
    return {
        "path": None if problem.path is None else problem.path.as_posix(),
        "message": dict(problem.message),
        "severity": problem.severity,
        "value": None if problem.value is None else n3(problem.value),
        **terms,
    }


def _read(told: Mapping[str, Any]) -> Diagnostic:
    entity, shape, predicate = (
        None if told[name] is None else Iri(told[name]) for name in ("entity", "shape", "predicate")
    )
    return Diagnostic(
        path=None if told["path"] is None else Path(told["path"]),
        message={str(language): str(text) for language, text in told["message"].items()},
        severity=cast("Severity", told["severity"]),
        entity=entity,
        shape=shape,
        predicate=predicate,
        value=None if told["value"] is None or told["value"].startswith("_:") else parse_term(told["value"]),
    )
