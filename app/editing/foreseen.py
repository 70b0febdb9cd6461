"""The rows of a panel, as the files give them and as open proposals of imports would: what would come, and by which.

A row is known again by the things in it: that a date in it changes is no new row.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Final
from typing import Literal as OneOf

from app.editing.base import Base
from app.editing.literals import literal_text, visible
from app.editing.proposals import Proposal
from app.editing.statements import Statement
from app.entities.labels import best, preferred_languages
from app.entities.panels import Cell, folded, table_of
from app.namespaces import LABEL_PROPERTIES
from app.query.files import QueryFile
from app.store.embedded import EmbeddedStore
from app.terms import Dataset, Iri, Literal, Quad, Term

# Graphs of the store that this is asked of: what all say, and one for each part that a proposal adds or takes out.
_FILES: Final = Iri("urn:x-foreseen:files")
_PART: Final = "urn:x-foreseen:part-"

Standing = OneOf["accepted", "proposed", "asked"]
_Key = frozenset[tuple[str, Term]]


@dataclass(frozen=True, slots=True)
class ForeseenCell:
    """A value in words, and the thing that it is, when the files know it."""

    text: str
    language: str | None = None
    thing: Iri | None = None


@dataclass(frozen=True, slots=True)
class ForeseenRow:
    """A row in words: is it in the data, proposed, or does it wait for an answer; by which proposal."""

    cells: tuple[tuple[ForeseenCell, ...], ...]
    standing: Standing
    proposal: Proposal | None = None


class Foresight:
    """A panel over the files, and over what proposals would add to them."""

    def __init__(self, base: Base, file: QueryFile, proposals: Sequence[Proposal], language: str) -> None:
        """Put files and proposals into a store, each part in a graph of its own."""
        self._base, self._file, self._proposals, self._language = base, file, proposals, language
        self._languages = preferred_languages(language, base.content.dataset.languages)
        self._labels: dict[Iri, list[Literal]] = {}
        for each in proposals:
            for subject, predicate, value, _file in chain(each.added, _perhaps(each)):
                if predicate in LABEL_PROPERTIES and isinstance(value, Literal):
                    self._labels.setdefault(subject, []).append(value)
        # What some proposal takes out stands apart, so that it can be left out for that one.
        going = dict.fromkeys(s for each in proposals for s in (*each.removed, *_perhaps(each, added=False)))
        self._going = {each: Iri(f"{_PART}{number}") for number, each in enumerate(going)}
        self._store = EmbeddedStore.in_memory(self._quads())
        self._names: tuple[str, ...] = ()

    @property
    def columns(self) -> tuple[str, ...]:
        """Give the columns of the rows, once those have been asked for."""
        return table_of(self._names, []).columns

    def rows(self) -> list[ForeseenRow]:
        """Give the rows: those that wait for an answer, those that are proposed, those of the files."""
        accepted = self._asked([_FILES, *self._going.values()])
        known = accepted.keys()
        found = self._told(accepted.values(), "accepted")
        for number, each in enumerate(self._proposals):
            whole = self._with(number, each, perhaps=True)
            if whole.keys() <= known:
                continue
            sure = self._with(number, each, perhaps=False) if each.unanswered else whole
            found += self._told((row for key, row in sure.items() if key not in known), "proposed", each)
            asked = (row for key, row in whole.items() if key not in known and key not in sure)
            found += self._told(asked, "asked", each)
        order = ("asked", "proposed", "accepted")
        return sorted(found, key=lambda each: order.index(each.standing))

    def _quads(self) -> Iterator[Quad]:
        for subject, said in self._base.statements.items():
            for predicate, values in said.items():
                for value, file in values:
                    graph = self._going.get(Statement(subject, predicate, value, file), _FILES)
                    yield (subject, predicate, value), graph
        for number, each in enumerate(self._proposals):
            for name, statements in ((_new(number), each.added), (_new(number, "perhaps"), _perhaps(each))):
                yield from ((statement[:3], name) for statement in statements)

    def _with(self, number: int, proposal: Proposal, *, perhaps: bool) -> dict[_Key, dict[str, Term]]:
        removed = {*proposal.removed, *(_perhaps(proposal, added=False) if perhaps else ())}
        graphs = [_FILES, *(graph for each, graph in self._going.items() if each not in removed), _new(number)]
        return self._asked([*graphs, _new(number, "perhaps")] if perhaps else graphs)

    def _asked(self, graphs: Sequence[Iri]) -> dict[_Key, dict[str, Term]]:
        solutions = self._store.select(self._file.bound({}), Dataset(default=tuple(graphs)))
        self._names = solutions.variables
        found: dict[_Key, dict[str, Term]] = {}
        for row in solutions.rows:
            found.setdefault(frozenset(each for each in row.items() if isinstance(each[1], Iri)), row)
        return found

    def _told(
        self, rows: Iterable[dict[str, Term]], standing: Standing, proposal: Proposal | None = None
    ) -> list[ForeseenRow]:
        """Put rows into words; those that differ in one column are one, as on other pages."""
        table = folded(table_of(self._names, list(rows)), empty=True)
        return [
            ForeseenRow(tuple(tuple(map(self._cell, cells)) for cells in row), standing, proposal) for row in table.rows
        ]

    def _cell(self, cell: Cell) -> ForeseenCell:
        term = cell.text or cell.value
        if term is None:
            return ForeseenCell("")
        if isinstance(term, Literal):
            return ForeseenCell(literal_text(term, self._language), term.language)
        iri = Iri(term)
        if iri in self._base.statements:
            found = self._base.label(iri, self._languages)
            return ForeseenCell(visible(found.text), found.language, iri)
        named = best(self._labels.get(iri, ()), self._languages) or self._base.label(iri, self._languages)
        return ForeseenCell(visible(named.text), named.language)


def _perhaps(proposal: Proposal, *, added: bool = True) -> Iterable[Statement]:
    """Give what the candidates of questions without an answer would add, or take out."""
    asked = (each for each in proposal.questions if not each.time)
    return (s for each in asked for one in each.candidates for s in (one.added if added else one.removed))


def _new(number: int, kind: str = "new") -> Iri:
    return Iri(f"urn:x-foreseen:{kind}-{number}")
