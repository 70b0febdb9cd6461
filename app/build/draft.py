"""A draft: content read into a store, and what follows from it. The build goes on from it, ``check`` looks at it."""

import tempfile
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from shutil import rmtree

from app.build.freshness import Facts, inputs
from app.build.recording import deletions
from app.config import Settings, defaults
from app.content.canonical import ground_parts, merged_lines
from app.content.folders import Content
from app.content.sorting import sorted_parts
from app.entailment.consistency import contradictions
from app.entailment.derivations import Reasons
from app.entailment.fixpoint import Inference, applicable_rules, forget_steps, infer
from app.entailment.levels import CERTAINTIES, Assertions
from app.entailment.rules import Rule, read_rule
from app.errors import ContentError, RuleRefused
from app.namespaces import CERTAINTY, DCTERMS_VALID
from app.progress import Progress
from app.quality.checks import gap_report, query_problems, shape_problems, written_problems
from app.quality.diagnostics import Diagnostic, below, diagnostic, of_error
from app.quality.queries import answer_problems, approve_answers, counting_problems, word_problems
from app.quality.scan import Scan
from app.quality.validation import Report
from app.quality.violations import violations
from app.query.library import Library, engine_query, query_triples
from app.store.loading import StoreWriter
from app.terms import Iri, Quad, Triple, typed


class BuildRefused(Exception):
    """The content has errors; ``problems`` lists them all. The running generation stays."""

    def __init__(self, problems: list[Diagnostic]) -> None:
        super().__init__(f"{len(problems)} errors")
        self.problems = problems


@dataclass(frozen=True, slots=True)
class Entailment:
    """What follows from a draft, from what, by which rules (by name), and the quads of the entailed graphs."""

    inference: Inference
    asserted: Assertions
    rules: dict[str, Rule]
    own: Path
    quads: Sequence[Quad]

    def own_rules(self) -> dict[str, Rule]:
        """Give the rules of the content itself, in its folder ``own``; one named after a rule of OWL 2 RL is that."""
        owl = defaults() / "queries" / "rules"
        return {
            name: rule
            for name, rule in self.rules.items()
            if rule.file.path.is_relative_to(self.own) and not (owl / rule.file.path.name).exists()
        }


class Draft:
    """The steps from the files of a content to its default graph: read, load, violations, entail, gaps."""

    def __init__(self, content: Content, lines: Path) -> None:
        """Read nothing yet; the canonical N-Quads will be in the file ``lines``."""
        self.content = content
        self.lines = lines
        self.scan = Scan(content)
        self._runs = lines.with_suffix(".runs")
        self._blank: list[str] = []
        self.queries = Library.load([defaults() / "queries", content.root / "queries"], content.prefixes)

    def read(self, writer: StoreWriter) -> None:
        """Read all files into canonical N-Quads; what cannot be read is in ``scan.problems()``.

        Of many the named graphs are loaded meanwhile.
        """

        def quads() -> Iterator[Quad | list[str]]:
            yield from self.scan.lines()
            yield from self.scan.provenance()
            graph = self.content.graph("queries")
            yield from ((triple, graph) for triple in query_triples(self.queries, self.content.base))

        self._runs.mkdir()
        parts = ground_parts(quads(), self._blank)
        with self.lines.open("w", encoding="utf-8", newline="\n") as file:
            file.writelines(sorted_parts(parts, self._runs, writer.load_beside, self._blank))
        if self.content.imposed and self.scan.complete and not self._has_own_things():
            self.scan.refuse_base()

    def _has_own_things(self) -> bool:
        """Say whether anything that the files describe has a name below the base; graphs do, whatever the base is."""
        base = self.content.base
        made = f" <{self.content.graph('queries')}> .\n"
        with self.lines.open(encoding="utf-8") as file:
            return any(
                line.startswith(f"<{base}") and not line.startswith(f"<{base}graph/") and not line.endswith(made)
                for line in file
            )

    @property
    def in_runs(self) -> bool:
        """Say, once it is read, whether the content is so much that its named graphs are being loaded."""
        return any(self._runs.iterdir())

    def load(self, writer: StoreWriter) -> None:
        """Write the named graphs, or what is left to write of them."""
        if self.in_runs:
            writer.load_lines(self._blank)
            writer.settle()
        else:
            writer.load(self.lines)
        rmtree(self._runs)

    def violations(
        self, writer: StoreWriter, without: Collection[Path] = (), *, lines: bool = True
    ) -> list[Diagnostic]:
        """Find what breaks the checks, in what is written; ``without`` are files of checks that are broken.

        What the dataset says of itself is in ``graph/catalog`` meanwhile, where the build will write it.
        """
        checks = [check for check in self.queries.checks.values() if check.path not in without]
        catalog = self.content.graph("catalog")
        writer.add((triple, catalog) for triple in self.scan.described)
        graphs = sorted({*self.scan.merged, self.content.graph("shapes"), catalog})
        try:
            return violations(self.content, checks, *writer.beside(graphs), lines=lines)
        finally:
            writer.remove_graph(catalog)

    def note_day(self, writer: StoreWriter, as_of: date) -> None:
        """Say in ``graph/catalog`` what day the data is as of, so that queries can compare with it."""
        told = (self.content.dataset.iri, DCTERMS_VALID, typed(as_of.isoformat(), "date"))
        writer.add([(told, self.content.graph("catalog"))])

    def rules(self, writer: StoreWriter) -> list[Rule]:
        """Give the rules that can apply. With none ``lines`` stays as it is. Raises BuildRefused."""
        rules, problems = [], []
        for file in self.queries.rules.values():
            try:
                rules.append(read_rule(file))
            except RuleRefused as error:
                problems.append(_of_refusal(error, self.content))
        if problems:
            raise BuildRefused(problems)
        try:
            return applicable_rules(writer, rules)
        except RuleRefused as error:
            raise BuildRefused([_of_refusal(error, self.content)]) from error

    def entail(self, writer: StoreWriter, rules: list[Rule]) -> Entailment:
        """Write the default graph (the merge and what follows) and the entailed graphs. Raises BuildRefused."""
        content, data = self.content, frozenset(self.scan.merged)
        view, own = content.entailing_view(), content.root / "queries"
        firm = view.chosen(data) if view else frozenset()
        if rules:
            asserted = Assertions.read(writer.store, firm)
            try:
                found = infer(writer, rules, asserted, data, content.namespaces)
            except RuleRefused as error:
                raise BuildRefused([_of_refusal(error, content)]) from error
        else:  # nothing follows, so the order in which the graphs are merged is of no matter
            asserted, found = Assertions(firm), Inference()
            writer.load_default(self.lines, data)
            writer.settle()
        by_name = {rule.name: rule for rule in rules}
        if refused := contradictions(writer.store, found, by_name, own, content.prefixes):
            raise BuildRefused([_of_refusal(each, content) for each in refused])
        forget_steps(writer, found, data)
        quads = self._entailed(found)
        writer.add([*quads, *((triple, None) for triple, graph in quads if triple[0] == graph)])
        self.scan.merged |= {graph for _, graph in quads}
        return Entailment(found, asserted, by_name, own, quads)

    def _entailed(self, found: Inference) -> list[tuple[Triple, Iri]]:
        """Give what the entailed graphs hold: what follows, and how sure each of them is."""
        # By level: from what the graphs of a view state, from what any source states, from our reading, from doubt.
        view = self.content.entailing_view()
        by_level = (view.name if view else "stated", "stated", "interpreted", "uncertain")
        names = [self.content.graph(f"entailed/{name}") for name in by_level]
        quads = [(triple, names[found.levels[triple]]) for triple in found.shown()]
        made = {graph for _, graph in quads}
        certainties = zip(names, CERTAINTIES, strict=True)
        sure = [((graph, CERTAINTY, each), graph) for graph, each in certainties if graph in made]
        return [*dict.fromkeys((*quads, *sure))]

    def explain(self, writer: StoreWriter, entailment: Entailment) -> None:
        """Write why what is entailed is there, and all that is entailed into ``lines``."""
        content = self.content
        told = Reasons(writer, entailment.inference, entailment.asserted, entailment.rules, content.base).triples()
        writer.add([(triple, content.graph("reasons")) for triple in told])
        if entailment.quads:
            merged_lines(self.lines, entailment.quads)

    def gaps(self, writer: StoreWriter, as_of: date) -> Report:
        """Validate the default graph against the shapes that warn and inform. Raises BuildRefused."""
        try:
            return gap_report(self.content, _default_graph(writer), as_of)
        except ContentError as error:
            raise BuildRefused([of_error(error)]) from error

    def newest(self, files: dict[str, Facts]) -> date:
        """Give the day the content speaks of: its newest ``dcterms:modified``, else that of the newest file."""
        if self.scan.modified:
            return self.scan.modified
        newest = max(facts[1] for name, facts in files.items() if not name.startswith("defaults/"))
        return datetime.fromtimestamp(newest / 1e9, UTC).date()


def _default_graph(writer: StoreWriter) -> Iterator[Triple]:
    """Give the triples of the default graph, read when the first is asked for."""
    yield from writer.store.construct(engine_query("engine/triples"))


def _of_refusal(error: RuleRefused, content: Content) -> Diagnostic:
    return Diagnostic(below(content.root, error.path) if error.path else None, error.messages, "error")


@dataclass(frozen=True, slots=True)
class QueryProblems:
    """What is wrong with the query files of a content whatever its data say: with their syntax, and their words."""

    syntax: tuple[Diagnostic, ...] = ()
    words: tuple[Diagnostic, ...] = ()


@dataclass(slots=True)
class Checked:
    """What was found, errors first; the draft with its open store and what follows, None when it cannot be made.

    ``deleted`` are those of the problems that tell of things that were published and are gone. ``answers`` are the
    present answers of the questions, as they would be approved, by the names of their files. ``of_queries`` are those
    of the problems that do not depend on the data.
    """

    draft: Draft
    problems: list[Diagnostic] = field(default_factory=list)
    deleted: list[Diagnostic] = field(default_factory=list)
    answers: dict[str, str] = field(default_factory=dict)
    of_queries: QueryProblems = field(default_factory=QueryProblems)
    writer: StoreWriter | None = None
    entailment: Entailment | None = None


@contextmanager
def checked(
    content: Content,
    settings: Settings,
    progress: Progress,
    *,
    texts: bool = True,
    of_queries: QueryProblems | None = None,
) -> Iterator[Checked]:
    """Find all that is wrong with a content, errors first; its store stays open until the end of the ``with`` block.

    Without ``texts`` it is not asked whether the files are in canonical form, nor in which lines results are.
    ``of_queries`` is what is wrong with the query files, where they were checked with the same model before.
    """
    files = inputs(content)
    with tempfile.TemporaryDirectory(prefix="innherred-check-") as folder:
        draft = Draft(content, Path(folder) / "all.nq")
        found = Checked(draft)
        with StoreWriter(Path(folder) / "store") as writer:
            with progress.step("read content"):
                draft.read(writer)
            own = Library.load([content.root / "queries"], content.prefixes)
            with progress.step("query files"):
                found.of_queries = of_queries or QueryProblems(
                    tuple(query_problems(content, settings, draft.scan.defined, own)),
                    tuple(word_problems(content, own)),
                )
            problems = [*written_problems(content, draft.scan, progress, texts=texts), *found.of_queries.syntax]
            broken = [content.root / p.path for p in problems if p.path and p.severity == "error"]
            problems += found.of_queries.words
            if draft.scan.complete:
                found.deleted = deletions(content, settings.state, draft.lines, draft.scan.merged)
                problems += found.deleted
                try:
                    draft.load(writer)
                    with progress.step("checks"):
                        # A term that is not defined is told once, not also by the checks of definitions.
                        unknown = draft.scan.undefined()
                        broke = draft.violations(writer, broken, lines=texts)
                        problems += [each for each in broke if each.entity not in unknown]
                    day = draft.newest(files)
                    draft.note_day(writer, day)
                    with progress.step("entail"):
                        found.entailment = draft.entail(writer, draft.rules(writer))
                    with progress.step("what is missing"):
                        problems += shape_problems(content, draft.gaps(writer, day), lines=texts)
                    with progress.step("answers"):
                        problems += answer_problems(content, own, writer.store, found.answers)
                        problems += counting_problems(content, own, draft.scan.merged)
                    found.writer = writer
                except BuildRefused as error:
                    # What is wrong with a rule is told once, by who told it first.
                    told = {each.path for each in problems if each.severity == "error"} - {None}
                    problems += [each for each in error.problems if each not in problems and each.path not in told]
                    problems.append(diagnostic(content, None, "waits-for-rules", "info"))
            found.problems = sorted(problems, key=lambda problem: problem.key)
            yield found


def approve(content: Content, settings: Settings, progress: Progress, names: Iterable[str] = ()) -> list[str]:
    """Write the present answers of questions, of all without names, as the approved ones; give the files that changed.

    Raises BuildRefused when the content cannot be read or its rules cannot be applied, KeyError for a name of no
    question.
    """
    own = Library.load([content.root / "queries"], content.prefixes)
    with tempfile.TemporaryDirectory(prefix="innherred-approve-") as folder:
        draft = Draft(content, Path(folder) / "all.nq")
        with StoreWriter(Path(folder) / "store") as writer:
            with progress.step("read content"):
                draft.read(writer)
            refused = [*draft.scan.problems(), *query_problems(content, settings, draft.scan.defined)]
            if errors := [problem for problem in refused if problem.severity == "error"]:
                raise BuildRefused(errors)
            with progress.step("entail"):
                draft.load(writer)
                draft.note_day(writer, draft.newest(inputs(content)))
                draft.entail(writer, draft.rules(writer))
            return approve_answers(content, own, writer.store, names)
