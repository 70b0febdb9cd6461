"""``check --dl``: what Pellet says of the content, in words."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import islice
from pathlib import Path
from typing import Final

import click

from app.build.builder import terminable
from app.build.draft import Checked
from app.cli.options import Failure, Misuse, failing, language
from app.entailment.oracle import Verdict, compare_with_reasoner
from app.entailment.pellet import installed
from app.entities.labels import look_up, preferred_languages
from app.errors import ReasonerFailed, ReasonerMissing
from app.mediatypes import N_TRIPLES
from app.namespaces import RDF_TYPE, shrink
from app.progress import Progress
from app.query.library import engine_query
from app.store.engine import serialize
from app.terms import BlankNode, Iri, Term, Triple, n3

_EXAMPLES: Final = 3
_NAMED: Final = re.compile(r"<([^<>\s]+)>")


def refuse_without_reasoner() -> None:
    """Refuse when the extra ``dl`` is not installed, before any work is done."""
    try:
        installed()
    except ReasonerMissing as error:
        raise Misuse(
            "--dl needs the reasoner Pellet and a Java for it, which are not installed: pip install 'innherred[dl]' "
            "(in a checkout: pip install -c constraints.txt -e '.[dl]')."
        ) from error


def check_logic(found: Checked, progress: Progress, *, seconds: float, beyond: Path | None) -> bool:
    """Print Pellet's verdict and the comparison with our entailment; say whether they agree.

    What only Pellet finds goes into the file ``beyond`` as N-Triples.
    """
    content, writer, entailment = found.draft.content, found.writer, found.entailment
    if writer is None or entailment is None:
        raise Failure("The description-logic check waits until all files can be read and the rules applied.")
    own = entailment.own_rules()
    told = failing(ReasonerFailed, before="No verdict: ")
    with told, progress.step("description logic (Pellet)"), terminable():
        triples = writer.store.construct(engine_query("engine/triples"))
        result = compare_with_reasoner(triples, entailment.inference, own, content.namespaces, seconds=seconds)
    languages = preferred_languages(language(), content.dataset.languages)

    def name(text: str) -> str:
        labels = look_up(writer.store, [Iri(iri) for iri in _NAMED.findall(text)], languages)
        return _NAMED.sub(lambda match: _name(match[1], str(labels[match[1]]), content.prefixes), text)

    certainties = {rule: each.file.certainty for rule, each in own.items()}
    for line in _told(result, certainties, name):
        click.echo(line)
    if beyond is not None:
        beyond.write_bytes(serialize(result.beyond, N_TRIPLES))
    return result.agrees


def _name(iri: str, label: str, prefixes: Mapping[str, str]) -> str:
    short = shrink(iri, prefixes)
    return label if short == label else f"{label} ({short or f'<{iri}>'})"


def _told(result: Verdict, certainties: dict[str, Iri | None], name: Callable[[str], str]) -> Iterator[str]:
    yield f"Pellet read {result.read} statements."
    for rule, number in result.given.items():
        sure = f", certainty {name(f'<{certainty}>')}" if (certainty := certainties[rule]) else ""
        yield f"  {number} of them are conclusions of the content's own rule {rule}{sure}: outside OWL, not compared"
    if result.reading:
        counts = f"{result.reading.classes} classes, {result.reading.properties} properties"
        yield f"As OWL 2 (owlready2): {counts}, {result.reading.individuals} individuals."
        for problem in result.reading.problems:
            yield f"  Not OWL 2: {name(problem)}"
    for each in result.ignored:
        yield f"Outside OWL 2 DL, passed over by Pellet: {name(each)}"
    if not result.consistent:
        yield "Inconsistent: the content contradicts itself. These statements cannot all be true:"
        yield from _sets(result.contradictions, name)
        return
    yield "Consistent."
    yield f"Unsatisfiable classes: {len(result.empty) or 'none'}."
    for term, reasons in result.empty.items():
        yield f"  Nothing can be {name(f'<{term}>')}, because:"
        yield from _sets(reasons, name)
    yield f"Entailed by us, of OWL: {result.compared} statements; {len(result.over)} of them not by Pellet."
    yield from _grouped(result.over, name, most=None)
    if result.apart:
        yield f"  {result.apart} of owl:sameAs are not compared: Pellet does not tell them."
    yield f"Entailed by Pellet beyond ours: {len(result.beyond)} statements."
    yield from _grouped(result.beyond, name, most=_EXAMPLES)


def _sets(explanations: Iterable[list[str]], name: Callable[[str], str]) -> Iterator[str]:
    for number, axioms in enumerate(explanations, 1):
        for place, axiom in enumerate(axioms):
            yield f"  {f'{number}.' if place == 0 else '  '} {name(axiom)}"


def _grouped(triples: Iterable[Triple], name: Callable[[str], str], *, most: int | None) -> Iterator[str]:
    """Give the statements by what they say, the commonest first, with the first few of each."""
    groups: dict[str, list[Triple]] = {}
    for triple in triples:
        about = f"is a {_written(triple[2])}" if triple[1] == RDF_TYPE else _written(triple[1])
        groups.setdefault(about, []).append(triple)
    for about, found in sorted(groups.items(), key=lambda item: (-len(item[1]), item[0])):
        yield f"  {len(found)} × {name(about)}"
        for subject, predicate, value in islice(found, most):
            what = "" if predicate == RDF_TYPE else f" → {name(_written(value))}"
            yield f"      {name(_written(subject))}{what}"


def _written(term: Term) -> str:
    return "something without a name" if isinstance(term, BlankNode) else n3(term)
