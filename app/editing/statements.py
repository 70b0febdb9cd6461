"""Statements as proposals keep them, and questions that more of them hang on: what of ours a register means.

All is read from JSON without trust; terms are N-Triples text. What is wrong is a ValueError that says so.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

from app.terms import BlankNode, Iri, Literal, Term, is_absolute_iri, n3, parse_term

# A file of the data, below it whatever happens.
_FILE: Final = re.compile(r"data(/(?!\.)[^/\\\x00-\x1f]+)+")
TIME: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?(Z|\+00:00)")
# So many questions a proposal has at most, so many things of ours each is about; what a register says of it, so many
# values of each kind, so many letters of each.
MOST_QUESTIONS: Final = 200
MOST_CANDIDATES: Final = 12
_MOST_EVIDENCE: Final = 20
MOST_VALUES: Final = 5
LONGEST_VALUE: Final = 200
_NAME: Final = re.compile(r"[0-9a-f]{12}")


class Statement(NamedTuple):
    """A statement, and the name below the content's root of the file that it stands in, or is to be written into."""

    subject: Iri
    predicate: Iri
    value: Term
    file: str


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a register says of what it names: the name of that by language, values, and by what property we say it."""

    labels: Mapping[str, str]
    values: tuple[str, ...]
    property: Iri | None = None


@dataclass(frozen=True, slots=True)
class MeantThing:
    """A thing of ours that may be meant, and the statements that hold if it is: to take out, to put in, and bases."""

    thing: Iri
    removed: tuple[Statement, ...] = ()
    added: tuple[Statement, ...] = ()
    bases: Mapping[tuple[Iri, Iri], tuple[Term, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class IdentityQuestion:
    """Which thing of ours a register means by what it calls ``written``, if any of the candidates.

    ``name`` is a digest of what is asked: the same in another import. ``records`` are the first of ``count`` records
    of ``table`` that say it. ``named``: it is asked because of a name; else several things of ours have one number.
    ``time`` and ``role`` are of the answer, "" while there is none; ``chosen`` is the answer, None for none of them.
    """

    name: str
    written: str
    table: str
    records: tuple[int, ...]
    count: int
    candidates: tuple[MeantThing, ...]
    evidence: tuple[Evidence, ...] = ()
    named: bool = True
    time: str = ""
    role: str = ""
    chosen: Iri | None = None

    @property
    def choice(self) -> MeantThing | None:
        """Give the candidate that was chosen."""
        return next((each for each in self.candidates if self.time and each.thing == self.chosen), None)


def question_json(question: IdentityQuestion) -> dict[str, Any]:
    """Write a question."""
    return {
        "name": question.name,
        "written": question.written,
        "named": question.named,
        "table": question.table,
        "records": list(question.records),
        "count": question.count,
        "evidence": [
            {"labels": dict(each.labels), "values": list(each.values), "property": written(each.property)}
            for each in question.evidence
        ],
        "candidates": [
            {
                "thing": written(each.thing),
                "removed": [statement_json(one) for one in each.removed],
                "added": [statement_json(one) for one in each.added],
                "bases": bases_json(each.bases),
            }
            for each in question.candidates
        ],
        "time": question.time,
        "role": question.role,
        "chosen": written(question.chosen),
    }


def to_questions(value: object) -> tuple[IdentityQuestion, ...]:
    """Read questions."""
    found = tuple(_to_question(each) for each in list_of(value, most=MOST_QUESTIONS))
    if len({each.name for each in found}) != len(found):
        raise ValueError("two questions of one name")
    return found


def _to_question(value: object) -> IdentityQuestion:
    keys = "name written named table records count evidence candidates time role chosen"
    about = object_of(value, keys)
    if not _NAME.fullmatch(text_of(about["name"])):
        raise ValueError(f"no name of a question: {about['name']!r}"[:200])
    if about["time"] and not TIME.fullmatch(text_of(about["time"])):
        raise ValueError(f"no time in UTC: {about['time']!r}"[:200])
    if not isinstance(about["named"], bool):
        raise ValueError("named is true or false")  # noqa: TRY004 - of a file, no argument
    found = IdentityQuestion(
        name=about["name"],
        written=_short(about["written"]),
        named=about["named"],
        table=_short(about["table"]),
        records=tuple(_number(each) for each in list_of(about["records"], most=MOST_VALUES)),
        count=_number(about["count"]),
        evidence=tuple(_to_evidence(each) for each in list_of(about["evidence"], most=_MOST_EVIDENCE)),
        candidates=tuple(_to_candidate(each) for each in list_of(about["candidates"], most=MOST_CANDIDATES)),
        time=text_of(about["time"]),
        role=_short(about["role"]),
        chosen=None if about["chosen"] is None else iri(about["chosen"]),
    )
    things = [each.thing for each in found.candidates]
    if not things or len(set(things)) != len(things):
        raise ValueError("a question is about one thing or several")
    if found.chosen is not None and found.choice is None:
        raise ValueError(f"what is chosen is none of the candidates: {found.chosen}"[:200])
    return found


def _to_evidence(value: object) -> Evidence:
    about = object_of(value, "labels values property")
    if not isinstance(about["labels"], dict):
        raise ValueError("labels are no object")  # noqa: TRY004 - of a file, no argument
    labels = {tag: _short(each) for tag, each in about["labels"].items()}
    values = tuple(_short(each) for each in list_of(about["values"], most=MOST_VALUES))
    return Evidence(labels, values, None if about["property"] is None else iri(about["property"]))


def _to_candidate(value: object) -> MeantThing:
    about = object_of(value, "thing removed added bases")
    return MeantThing(
        iri(about["thing"]),
        tuple(to_statement(each) for each in list_of(about["removed"])),
        tuple(to_statement(each) for each in list_of(about["added"])),
        dict(to_base(each) for each in list_of(about["bases"])),
    )


def _short(value: object) -> str:
    if len(found := text_of(value)) > LONGEST_VALUE:
        raise ValueError(f"too long: {found[:100]!r}")
    return found


def _number(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise ValueError(f"no number: {value!r}"[:200])
    return value


def bases_json(bases: Mapping[tuple[Iri, Iri], Sequence[Term]]) -> list[list[Any]]:
    """Write what the sender had seen."""
    return [[written(s), written(p), [written(each) for each in values]] for (s, p), values in bases.items()]


def written(term: Term | None) -> str | None:
    """Write a term, or nothing. Raises ValueError for a relative IRI."""
    if term is None:
        return None
    for iri in (term, getattr(term, "datatype", None)):
        if isinstance(iri, Iri) and not is_absolute_iri(iri):
            raise ValueError(f"not an absolute IRI: {str(iri)!r}")
    return n3(term)


def statement_json(statement: Statement) -> list[str | None]:
    """Write a statement."""
    if not _FILE.fullmatch(statement.file):
        raise ValueError(f"no file of the data: {statement.file!r}")
    return [*(written(each) for each in statement[:3]), statement.file]


def term(value: object) -> Term:
    """Read a term as ``written`` gave it."""
    text = text_of(value)
    if text.startswith("_:"):
        return BlankNode(text[2:])
    if not text.startswith(("<", '"')):
        raise ValueError(f"no term of N-Triples: {text[:100]!r}")
    found = parse_term(text)
    # Read as a person types it the tag is in small letters; here it is as it was.
    exact = Literal(found.value, text.rpartition("@")[2]) if isinstance(found, Literal) and found.language else found
    if n3(exact) != text:
        raise ValueError(f"no term of N-Triples in its plain form: {text[:100]!r}")
    return exact


def iri(value: object) -> Iri:
    """Read an IRI."""
    found = term(value)
    if not isinstance(found, Iri):
        raise ValueError(f"no IRI: {value!r}"[:200])  # noqa: TRY004 - of a file, no argument
    return found


def to_statement(value: object) -> Statement:
    """Read a statement."""
    subject, predicate, value, file = list_of(value, 4)
    if not _FILE.fullmatch(text_of(file)):
        raise ValueError(f"no file of the data: {file!r}")
    return Statement(iri(subject), iri(predicate), term(value), text_of(file))


def to_base(value: object) -> tuple[tuple[Iri, Iri], tuple[Term, ...]]:
    """Read what the sender had seen of a property of a thing."""
    subject, predicate, values = list_of(value, 3)
    return (iri(subject), iri(predicate)), tuple(term(each) for each in list_of(values))


def object_of(value: object, keys: str = "") -> Mapping[str, Any]:
    """Give an object, with exactly these keys where some are said."""
    if not isinstance(value, dict) or (keys and set(value) != set(keys.split())):
        raise ValueError(f"not an object with {keys}")
    return value


def list_of(value: object, length: int | None = None, *, most: int | None = None) -> list[Any]:
    """Give a list, of a length or of so many at most where that is said."""
    if not isinstance(value, list) or length not in (None, len(value)):
        raise ValueError(f"not a list of {length if length is not None else 'any length'}")
    if most is not None and len(value) > most:
        raise ValueError(f"a list of more than {most}")
    return value


def text_of(value: object) -> str:
    """Give a text."""
    if not isinstance(value, str):
        raise ValueError(f"no text: {value!r}"[:200])  # noqa: TRY004 - of a file, no argument
    return value


def maybe_text(value: object) -> str | None:
    """Give a text or nothing."""
    return None if value is None else text_of(value)
