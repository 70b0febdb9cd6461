"""The verdict on a small and on a large proposal for the shipped content: processor time of each step.

    python bench/judging.py [ROWS]

The rows (default 1,000) are what a list of projects brings: made-up activities, each with three participations, all
well formed, in the graph of one register.
"""

import itertools
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from app.config import Settings
from app.content.folders import Content
from app.editing.base import Base, kind_of
from app.editing.judging import judge_quickly, judgement
from app.editing.proposals import Proposal, Statement
from app.namespaces import CERTAINTY, DCTERMS_DESCRIPTION, DCTERMS_SOURCE, INN, PREFIXES, RDF_TYPE, RDFS_LABEL
from app.progress import Progress
from app.terms import Iri, Literal, Term, typed

FILE = "data/register/e-15.ttl"
KINDS = ("programme", "municipality", "organisation")


class Timed(Progress):
    """Progress that prints the processor time of each step."""

    @contextmanager
    def step(self, message: str) -> Iterator[None]:
        """Time a step."""
        begun = time.process_time()
        yield
        print(f"  {message:20} {time.process_time() - begun:6.2f} s", flush=True)


def rows(base: Base, number: int) -> Iterator[Statement]:
    """Give the statements of so many rows, whose programmes and participants are the present ones in turn."""
    place = f"{base.content.base}id/"
    things = {kind: [each for each in base.statements if kind_of(each, base.content.base) == kind] for kind in KINDS}
    turn = {kind: itertools.cycle(sorted(each)) for kind, each in things.items()}
    common = {DCTERMS_SOURCE: [Iri(f"{place}source/e-15")]}
    for row in range(number):
        first = row - row % 4
        activity = Iri(f"{place}activity/eksempel-{first}")
        if row == first:
            told: dict[Iri, Sequence[Term]] = {
                RDF_TYPE: [term("Activity")],
                RDFS_LABEL: [Literal(f"Eksempel {first}", "nb"), Literal(f"Example {first}", "en")],
                DCTERMS_DESCRIPTION: [Literal(f"Om eksempel {first}.", "nb"), Literal(f"About example {first}.", "en")],
                term("startDate"): [typed(str(2010 + first % 15), "gYear")],
                term("underProgramme"): [next(turn["programme"])],
            }
            yield from stated(activity, told | common)
            continue
        participant = next(turn["municipality" if row == first + 1 else "organisation"])
        nb, en = (base.label(participant, [language]) for language in ("nb", "en"))
        told = {
            RDF_TYPE: [term("Participation")],
            RDFS_LABEL: [Literal(f"{nb} i Eksempel {first}", "nb"), Literal(f"{en} in Example {first}", "en")],
            term("inActivity"): [activity],
            term("participant"): [participant],
            term("role"): [Iri(f"{place}role/partner")],
            CERTAINTY: [term("stated")],
        }
        who = participant.rpartition("/")[2]
        yield from stated(Iri(f"{place}participation/eksempel-{first}-{who}"), told | common)


def term(name: str) -> Iri:
    """Give a term of the ontology by the end of its IRI."""
    return Iri(INN + name)


def stated(thing: Iri, told: Mapping[Iri, Sequence[Term]]) -> Iterator[Statement]:
    """Give what is told of a thing as statements."""
    yield from (Statement(thing, predicate, value, FILE) for predicate, values in told.items() for value in values)


def main() -> None:
    """Run it."""
    number = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(content=Path(), state=Path(folder))
        content = Content.open(settings.content, settings.base)
        base = Base.read(content)
        print("the present files", flush=True)
        judgement(settings, content, [], Timed())
        for one in range(2):
            thing = next(each for each in sorted(base.statements) if kind_of(each, base.content.base) == KINDS[2])
            more = Statement(thing, Iri(f"{PREFIXES['skos']}editorialNote"), Literal(f"Note {one}.", "en"), FILE)
            print("one statement", flush=True)
            begun = time.process_time()
            judgement(settings, content, [Proposal("bench", "form", "bench", added=(more,))], Timed())
            print(f"verdict: processor {time.process_time() - begun:.1f} s")
        proposal = Proposal("bench", "workbook", "bench", added=tuple(rows(base, number)))
        print(f"{number:,} rows, {len(proposal.added):,} statements", flush=True)
        begun = time.process_time()
        judged = judgement(settings, content, [proposal], Timed())
        used = time.process_time() - begun
        print(f"verdict: processor {used:.1f} s, {len(judged.findings)} findings, {len(judged.errors)} errors")
        judge_quickly(base, Proposal("bench", "form", "bench"))
        begun = time.process_time()
        judge_quickly(base, Proposal("bench", "form", "bench", added=(more,)))
        print(f"quick verdict on one statement: processor {time.process_time() - begun:.2f} s")
        begun = time.process_time()
        found = judge_quickly(base, proposal)
        print(f"quick verdict: processor {time.process_time() - begun:.1f} s, {len(found)} findings")


if __name__ == "__main__":
    main()
