"""The questions and rules of a content as RDF: SPARQL executables (SHACL Advanced Features §5.1)."""

from collections.abc import Iterator
from typing import Final

from app.namespaces import CERTAINTY, DCTERMS_DESCRIPTION, PREFIXES, RATIONALE, RDF_TYPE, RDFS_LABEL
from app.query.library import Library
from app.terms import Iri, Literal, Triple

_SH: Final = PREFIXES["sh"]
# DESCRIBE has no executable class of its own and stays a plain one with no text property.
_CLASSES: Final = {
    "SELECT": (Iri(_SH + "SPARQLSelectExecutable"), Iri(_SH + "select")),
    "ASK": (Iri(_SH + "SPARQLAskExecutable"), Iri(_SH + "ask")),
    "CONSTRUCT": (Iri(_SH + "SPARQLConstructExecutable"), Iri(_SH + "construct")),
}


def query_triples(library: Library, base: str) -> Iterator[Triple]:
    """Give the triples that describe each question and rule: class, text, titles, descriptions.

    A question goes before a rule of the same name.
    """
    for name, question in {**library.rules, **library.questions}.items():
        iri = Iri(f"{base}query/{name}")
        yield iri, RDF_TYPE, Iri(_SH + "SPARQLExecutable")
        if question.form in _CLASSES:
            executable, holds_text = _CLASSES[question.form]
            yield iri, RDF_TYPE, executable
            yield iri, holds_text, Literal(question.text)
        said = {RDFS_LABEL: question.title, DCTERMS_DESCRIPTION: question.description, RATIONALE: question.rationale}
        for predicate, texts in said.items():
            for language, text in texts.items():
                yield iri, predicate, Literal(text, language)
        if question.certainty is not None:
            yield iri, CERTAINTY, question.certainty
