"""The build: content to generation, in steps; published by one switch or not at all."""

import shutil
import signal
import threading
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from types import FrameType
from typing import Final, TypeVar

from app import __version__
from app.build.draft import BuildRefused, Draft
from app.build.freshness import Facts, fresh, inputs
from app.build.publishing import catalog_triples
from app.build.recording import record_changes
from app.build.releasing import remember
from app.catalog.dcat import Version
from app.catalog.dumps import write_dumps
from app.catalog.statistics import Statistics, count, size
from app.changes.log import confirm
from app.config import Settings, defaults
from app.content.canonical import described, digest, distinct_subjects
from app.content.folders import APPROVED, Content
from app.entities.labels import preferred_languages, standard_names
from app.errors import ContentError
from app.generation import Generation, Manifest, build_lock, current, files_of, make_current, staging
from app.mediatypes import TURTLE
from app.namespaces import DCTERMS_ABSTRACT, DCTERMS_DESCRIPTION, RDFS_COMMENT, RDFS_LABEL
from app.progress import Progress
from app.quality.checks import integrity_report, places, query_problems, shape_problems, view_problems
from app.quality.diagnostics import Diagnostic, of_error
from app.quality.measurement import measurements
from app.quality.validation import Report
from app.query.library import ENGINE, FACETS, FRONT, Library
from app.search.index import FacetRows, build_index, facet_rows, guessed_facets, last_things, orders, rows
from app.search.lookup import SearchIndex
from app.store.engine import serialize
from app.store.loading import StoreWriter
from app.terms import Iri, Literal

__all__ = ["BuildRefused", "build", "build_alone", "terminable"]
Item = TypeVar("Item")
# Of more quads it would take too long to see which properties divide things well.
_MOST_DIVIDED: Final = 4_000_000


def build(content: Content, settings: Settings, *, as_of: date | None, progress: Progress) -> Generation:
    """Build a generation and make it the current one.

    Without as_of the newest ``dcterms:modified`` counts, else the date of the newest file. A build that had
    to wait for another one returns that one's generation when it is of the same content. Raises BuildRefused.
    """
    state = settings.state
    with build_lock(state) as waited, terminable():
        done = current(state) if waited else None
        same_day = done and (as_of is None or done.manifest.as_of == as_of.isoformat())
        if done and same_day and fresh(content, done, settings.publisher):
            progress.say(f"  another build has just made version {done.manifest.version}")
            return done
        return build_alone(content, settings, as_of=as_of, progress=progress)


def build_alone(
    content: Content,
    settings: Settings,
    *,
    as_of: date | None,
    progress: Progress,
    before_switch: Callable[[], object] | None = None,
) -> Generation:
    """Build as ``build`` does, for who holds the lock of builds.

    ``before_switch`` is called when the generation is whole, and nothing tells of it yet; an error that it raises
    leaves everything as it was.
    """
    with staging(settings.state) as folder:
        _Build(content, settings, folder, progress).run(as_of)
        if before_switch:
            before_switch()
        record_changes(settings.state, folder, progress)
        remember(settings.state, Manifest.read(folder), content.root)
        generation = make_current(settings.state, folder, settings.keep)
    confirm(settings.state, generation.manifest)
    return generation


class IndexStopped(Exception):
    """The index is not wanted: a step failed, or something follows from what it was written of."""


class _Build:
    """One build into a staging folder."""

    def __init__(self, content: Content, settings: Settings, folder: Path, progress: Progress) -> None:
        self.content = content
        self.settings = settings
        self.folder = folder
        self.progress = progress
        self.lines = folder / "all.nq"
        self.draft = Draft(content, self.lines)
        self.scan = self.draft.scan
        self.built = datetime.now(UTC).isoformat(timespec="milliseconds")
        self.publisher: str | None = None
        # The default graph is in the store; the index is not wanted.
        self.loaded, self.stopped = threading.Event(), threading.Event()

    def run(self, as_of: date | None) -> None:
        """Take all steps; the staging folder then holds a whole generation."""
        step = self.progress.step
        # Taken before reading: a file that changes meanwhile makes the generation stale, not wrong.
        files = inputs(self.content)
        with StoreWriter(self.folder / "store") as writer, self._beside() as beside:
            with step("read content"):
                self.draft.read(writer)
            with step("check content"):
                self._refuse(self.scan.problems())
                self._refuse(query_problems(self.content, self.settings, self.scan.defined))
            with step("check shapes"):
                try:
                    report = integrity_report(self.content)
                except ContentError as error:
                    raise BuildRefused([of_error(error)]) from error
                self._refuse(shape_problems(self.content, report))
                self._refuse(view_problems(self.content, self.scan.described, self.scan.merged))
            day = as_of or self.draft.newest(files)
            # The engine loads and counts without holding Python's lock: the index of much is written meanwhile.
            index = beside.submit(self._index, writer) if self.draft.in_runs else None
            with step("load store"):
                self.draft.load(writer)
                self._refuse(self.draft.violations(writer))
                self.draft.note_day(writer, day)
                rules = self.draft.rules(writer)
            if index and rules:  # what follows has to be in it
                self._stop(index)
                index = None
            with step("entail" if rules else "default graph"):
                self.draft.explain(writer, self.draft.entail(writer, rules))
            self.loaded.set()
            index = index or beside.submit(self._index, writer)
            with step("optimise store"):  # what is in order is counted faster
                writer.optimize()
            with step("what is missing"):
                report += self.draft.gaps(writer, day)
            with step("report"):
                sizes = self._report(writer, report)
            with step("dumps"):
                prefixes = self.content.prefixes
                write_dumps(self.folder / "dumps", self.lines, self.scan.merged, self.content.base, prefixes)
            with step("catalog"):
                version = digest(day, self.lines)
                statistics, graphs = self._catalog(writer, day, version, sizes)
            with step("search index"):
                index.result()
        with step("query files"):
            self._copy_queries()
        with step("manifest"):
            self.lines.unlink()
            self._manifest(day, version, statistics, graphs, files)

    @contextmanager
    def _beside(self) -> Iterator[ThreadPoolExecutor]:
        """Give a thread for the search index, which ends early when a step fails."""
        with ThreadPoolExecutor(1) as thread:
            try:
                yield thread
            except BaseException:
                self.stopped.set()
                self.loaded.set()
                raise

    def _stop(self, index: Future[None]) -> None:
        """End the writing of an index, so that another can be written."""
        self.stopped.set()
        self.loaded.set()
        wait([index])
        self.stopped.clear()
        self.loaded.clear()
        (self.folder / "search.sqlite").unlink(missing_ok=True)

    def _index(self, writer: StoreWriter) -> None:
        """Write the search index from the lines of the default graph; what queries say comes from the store."""
        queries, spoken = self.draft.queries, self.content.dataset.languages
        found = rows(described(self.lines, frozenset(self.scan.merged)), self.content.base)

        def facets() -> Iterator[FacetRows]:
            self.loaded.wait()
            yield from facet_rows(writer.store, self._with_facets(writer, queries))

        wanted = [preferred_languages(each, spoken) for each in dict.fromkeys((*(spoken[:1] or ("nb",)), "en"))]
        path, last = self.folder / "search.sqlite", last_things(writer.store, queries)
        ordered = orders(writer.store, queries)
        build_index(path, self._unless_stopped(found), self._unless_stopped(facets()), wanted, last, ordered)

    def _with_facets(self, writer: StoreWriter, queries: Library) -> Library:
        """Give the query files with facets made of the data, and write these, where the content has none of its own."""
        if (self.content.root / "queries" / FACETS).is_dir() or len(writer.store.engine) > _MOST_DIVIDED:
            return queries
        folder, language = self.folder / "queries" / FACETS, (*self.content.dataset.languages, "en")[0]
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in guessed_facets(writer.store, queries, standard_names(), language).items():
            (folder / name).write_text(text, encoding="utf-8")
        made = Library.load((folder.parent,), self.content.prefixes)
        for error in made.errors:  # a name that a header cannot hold
            error.path.unlink()
        return replace(queries, facets={**queries.facets, **made.facets})

    def _unless_stopped(self, items: Iterable[Item]) -> Iterator[Item]:
        for item in items:
            if self.stopped.is_set():
                raise IndexStopped
            yield item

    def _copy_queries(self) -> None:
        """Keep the query files with what they ask, so that a generation answers the same as long as it lives.

        But for approved answers, and what the engine itself asks: that is the engine's that serves it.
        """
        left = {*(defaults() / "queries" / name for name in ENGINE), self.content.root / APPROVED}

        def other(folder: str, names: list[str]) -> list[str]:
            paths = (Path(folder, name) for name in names)
            return [path.name for path in paths if path in left or (path.is_file() and path.suffix != ".rq")]

        for folder in (defaults() / "queries", self.content.root / "queries"):
            if (folder / FRONT).is_dir():
                shutil.rmtree(self.folder / "queries" / FRONT, ignore_errors=True)
            if folder.is_dir():
                shutil.copytree(folder, self.folder / "queries", dirs_exist_ok=True, ignore=other)

    def _refuse(self, problems: list[Diagnostic]) -> None:
        if errors := [problem for problem in problems if problem.severity == "error"]:
            raise BuildRefused(sorted(errors, key=lambda problem: problem.key))

    def _report(self, writer: StoreWriter, report: Report) -> dict[Iri, int]:
        """Write the report and the measurements, and give the sizes of the named graphs."""
        files = {key: file.name for key, file in places(self.content, report.results).items()}
        sizes = writer.store.graphs()
        del sizes[self.content.graph("catalog")]  # written last
        triples = [*report.triples(self.content.base, files)]
        triples += measurements(writer.store, report, self.content, self.scan, sizes)
        graph = self.content.graph("quality")
        writer.add((triple, graph) for triple in triples)
        (self.folder / "report.ttl").write_bytes(serialize(triples, TURTLE, self.content.prefixes))
        return {**sizes, graph: size(writer.store, graph)}

    def _catalog(
        self, writer: StoreWriter, as_of: date, found: str, sizes: dict[Iri, int]
    ) -> tuple[Statistics, dict[Iri, int]]:
        """Count, write the catalog, and give the counts with those of all graphs."""
        statistics = count(writer.store, *distinct_subjects(self.lines, self.scan.merged), sizes)
        graph = self.content.graph("catalog")
        self.publisher, triples = catalog_triples(
            self.content,
            self.settings,
            self.scan.described,
            writer.store,
            self.folder / "dumps",
            Version(found[:12], as_of.isoformat(), self.built),
            statistics.graphs,
        )
        counts = statistics.triples(self.content.dataset.iri, self.content.base)
        writer.add((triple, graph) for triple in dict.fromkeys((*triples, *counts)))
        return statistics, {**statistics.graphs, graph: size(writer.store, graph)}

    def _manifest(
        self, as_of: date, found: str, statistics: Statistics, graphs: dict[Iri, int], files: dict[str, Facts]
    ) -> None:
        about = self.content.dataset
        said: dict[Iri, dict[str, str]] = defaultdict(dict)
        for subject, predicate, value in self.scan.described:
            if subject == about.iri and isinstance(value, Literal):
                said[predicate][value.language or ""] = value.value
        Manifest(
            digest=found,
            as_of=as_of.isoformat(),
            built=self.built,
            software=__version__,
            base=self.content.base,
            title=about.title,
            description=said[DCTERMS_DESCRIPTION],
            languages=about.languages,
            prefixes=self.content.prefixes,
            graphs={str(graph): number for graph, number in graphs.items()},
            triples=statistics.totals["triples"],
            classes={str(term): number for term, number in statistics.classes.items()},
            views=self.content.views(self.scan.merged),
            licence=about.licence,
            dataset=str(about.iri),
            publisher=self.publisher,
            publisher_setting=self.settings.publisher,
            content=str(self.content.root.resolve()),
            inputs=files,
            kinds=SearchIndex(self.folder / "search.sqlite").kinds(),
            files=files_of(self.folder),
            site={"name": said[RDFS_LABEL], "tagline": said[RDFS_COMMENT], "lead": said[DCTERMS_ABSTRACT]},
        ).write(self.folder)


@contextmanager
def terminable() -> Iterator[None]:
    """Let SIGTERM end the build as an exception does, so that the staging folder is removed."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def stop(number: int, _frame: FrameType | None) -> None:
        raise SystemExit(128 + number)

    before = signal.signal(signal.SIGTERM, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
