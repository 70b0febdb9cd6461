"""The fixpoint: it ends, the firmest premises decide, and a reason holds only what is there."""

import pytest

from app.config import defaults
from app.entailment.fixpoint import forget_steps, infer
from app.entailment.levels import FIRST_LEVEL, INTERPRETED_LEVEL, STATED_LEVEL, UNCERTAIN_LEVEL, Assertions
from app.entailment.rules import read_rule
from app.namespaces import CERTAINTY
from app.query.library import Library
from app.store.loading import StoreWriter
from app.terms import Iri
from tests.entailment.conftest import EX, inn, quads, triple

RULES = [read_rule(file) for file in Library.load([defaults() / "queries"]).rules.values()]
STRATEGY, REGISTER, READING = (Iri(f"{EX}graph/{name}") for name in ("strategy", "register/r", "interpretation"))
SURE = {STRATEGY: inn("stated"), READING: inn("interpreted")}


@pytest.fixture
def run(tmp_path):
    """Give what follows from Turtle texts by graph, and the store it was written to."""
    writer = StoreWriter(tmp_path / "store")

    def run(texts, namespaces=()):
        for graph, text in texts.items():
            writer.add(quads(text, graph))
            writer.add(((each, CERTAINTY, sure), each) for each, sure in SURE.items() if each == graph)
        asserted = Assertions.read(writer.store, [STRATEGY])
        found = infer(writer, RULES, asserted, list(texts), namespaces)
        forget_steps(writer, found, list(texts))
        return found, writer.store

    return run


def has(store, text):
    return store.ask(f"PREFIX ex: <{EX}> PREFIX owl: <http://www.w3.org/2002/07/owl#> ASK {{ {text} }}")


def test_cycles_of_rules_and_of_data_end(run):
    found, store = run(
        {
            STRATEGY: "ex:p a owl:TransitiveProperty , owl:SymmetricProperty ; owl:inverseOf ex:q . "
            "ex:q rdfs:subPropertyOf ex:p . ex:p rdfs:subPropertyOf ex:q . "
            "ex:C rdfs:subClassOf ex:D . ex:D rdfs:subClassOf ex:C . ex:a a ex:C . "
            "ex:a ex:p ex:b . ex:b ex:p ex:c . ex:c ex:p ex:a ."
        }
    )
    assert has(store, "ex:c ex:q ex:b . ex:b ex:p ex:a . ex:a a ex:D")
    for one in found.shown():
        assert one not in list(found.proof(one))[1:], "a reason that goes round in a circle"


def test_nothing_reflexive_nothing_of_the_schema_and_no_literal_as_subject(run):
    found, _ = run(
        {
            STRATEGY: "ex:p a owl:TransitiveProperty . ex:a ex:p ex:b . ex:b ex:p ex:a . "
            "ex:q owl:inverseOf ex:r . ex:a ex:q 'text' . ex:C a owl:Class ; rdfs:subClassOf ex:D . "
            "ex:C a ex:Meta . ex:Meta rdfs:subClassOf ex:More . ex:note a owl:AnnotationProperty . "
            "ex:label rdfs:subPropertyOf ex:note . ex:a ex:label 'A' ; a ex:C . ex:D rdfs:subClassOf owl:Thing ."
        }
    )
    assert set(found.levels) == {triple("ex:a a ex:D")}


def test_the_weakest_premise_decides_and_the_best_derivation_counts(run):
    chain = "ex:p owl:propertyChainAxiom (ex:q ex:r) ."
    found, _ = run(
        {
            STRATEGY: f"{chain} ex:a ex:q ex:b . ex:b ex:r ex:c . ex:d ex:q ex:e .",
            REGISTER: "ex:b ex:r ex:f . ex:g ex:q ex:h .",
            READING: "ex:b ex:r ex:i . ex:g ex:q ex:e . ex:e ex:r ex:c . ex:h ex:r ex:c . "
            "ex:unsure inn:certainty inn:uncertain ; ex:q ex:b . "
            "ex:claim a inn:Claim ; rdf:subject ex:e ; rdf:predicate ex:r ; rdf:object ex:j ; "
            "inn:certainty inn:stated . ex:e ex:r ex:j . ex:sure inn:certainty inn:stated ; ex:q ex:b .",
        }
    )
    levels = {
        "ex:a ex:p ex:c": FIRST_LEVEL,
        "ex:a ex:p ex:f": STATED_LEVEL,
        "ex:a ex:p ex:i": INTERPRETED_LEVEL,
        "ex:d ex:p ex:c": INTERPRETED_LEVEL,
        "ex:d ex:p ex:j": STATED_LEVEL,
        "ex:unsure ex:p ex:c": UNCERTAIN_LEVEL,
        "ex:sure ex:p ex:c": STATED_LEVEL,
        "ex:g ex:p ex:c": INTERPRETED_LEVEL,
    }
    for text, level in levels.items():
        assert found.levels[triple(text)] == level, text


def test_an_axiom_that_reads_in_more_counts_as_a_premise(run):
    found, _ = run(
        {
            STRATEGY: "ex:C rdfs:subClassOf ex:D , ex:E . ex:a a ex:C . "
            "[] a owl:Axiom ; owl:annotatedSource ex:C ; owl:annotatedProperty rdfs:subClassOf ; "
            "owl:annotatedTarget ex:D ; inn:certainty inn:interpreted ; inn:rationale 'So we read it.'@en ."
        }
    )
    assert found.levels[triple("ex:a a ex:D")] == INTERPRETED_LEVEL
    assert found.levels[triple("ex:a a ex:E")] == FIRST_LEVEL
    assert triple("ex:C rdfs:subClassOf ex:D") in found.reasons(triple("ex:a a ex:D"))[0].premises


def test_steps_by_nameless_classes_are_told_as_rules_and_are_not_in_the_graph(run):
    found, store = run(
        {
            STRATEGY: "ex:C owl:equivalentClass [ owl:intersectionOf (ex:D [ owl:onProperty ex:p ; "
            "owl:someValuesFrom ex:E ]) ] . ex:a a ex:D ; ex:p ex:b . ex:b a ex:E ."
        }
    )
    (reason,) = found.reasons(triple("ex:a a ex:C"))
    assert reason.rules == ("cax-eqc2", "cls-int1", "cls-svf1")
    data = {one for one in reason.premises if one[0] in (EX + "a", EX + "b")}
    assert data == {triple("ex:a a ex:D"), triple("ex:a ex:p ex:b"), triple("ex:b a ex:E")}
    assert not has(store, "?x a ?class FILTER(isBlank(?class))")
    assert set(found.shown()) == {triple("ex:a a ex:C")}


def test_only_own_terms_are_entailed_but_foreign_ones_are_steps(run):
    own = f"{EX}own#"
    found, store = run(
        {
            STRATEGY: f"@prefix own: <{own}> . own:C rdfs:subClassOf ex:Foreign . ex:Foreign rdfs:subClassOf own:D . "
            "ex:Foreign rdfs:subClassOf ex:Other . ex:a a own:C .",
            REGISTER: "ex:a a ex:Other .",
        },
        [own],
    )
    assert set(found.shown()) == {(Iri(EX + "a"), triple("ex:a a ex:b")[1], Iri(own + "D"))}
    assert not has(store, "ex:a a ex:Foreign")
    assert has(store, "ex:a a ex:Other"), "what a graph asserts stays"


def test_every_premise_is_in_the_graph(run):
    found, store = run(
        {
            STRATEGY: "ex:p a owl:TransitiveProperty ; owl:inverseOf ex:q . ex:a ex:p ex:b . ex:b ex:p ex:c . "
            "ex:c ex:p ex:d . ex:C owl:unionOf (ex:D ex:E) ; rdfs:subClassOf ex:F . ex:a a ex:E ."
        }
    )
    asserted = {tuple(row[name] for name in "spo") for row in store.select("SELECT ?s ?p ?o { ?s ?p ?o }").rows}
    premises = [premise for one in found.shown() for reason in found.reasons(one) for premise in reason.premises]
    assert premises
    assert set(premises) <= asserted
    assert len(found.reasons(triple("ex:a ex:p ex:d"))) == 2
