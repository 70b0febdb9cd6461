"""Each rule of OWL 2 RL on a small example: what follows, and what does not."""

import pytest

from app.config import defaults
from app.entailment.fixpoint import applicable_rules, infer
from app.entailment.levels import Assertions
from app.entailment.rules import read_rule
from app.errors import OutOfTime, RuleRefused
from app.namespaces import PREFIXES
from app.query.files import load
from app.query.library import Library
from app.store.loading import StoreWriter
from app.terms import XSD, Iri, Literal
from tests.entailment.conftest import EX, GRAPH, quads, triple

# name: what is there, what follows, what does not.
EXAMPLES = {
    "prp-inv1": ("ex:p owl:inverseOf ex:q . ex:a ex:p ex:b .", "ex:b ex:q ex:a", "ex:a ex:q ex:b"),
    "prp-inv2": ("ex:p owl:inverseOf ex:q . ex:a ex:q ex:b .", "ex:b ex:p ex:a", "ex:a ex:p ex:b"),
    "prp-symp": ("ex:p a owl:SymmetricProperty . ex:a ex:p ex:b ; ex:q ex:c .", "ex:b ex:p ex:a", "ex:c ex:q ex:a"),
    "prp-trp": (
        "ex:p a owl:TransitiveProperty . ex:a ex:p ex:b ; ex:q ex:b . ex:b ex:p ex:c ; ex:q ex:c .",
        "ex:a ex:p ex:c",
        "ex:a ex:q ex:c",
    ),
    "prp-spo1": (
        "ex:p rdfs:subPropertyOf ex:q . ex:a ex:p ex:b . ex:a ex:q ex:c .",
        "ex:a ex:q ex:b",
        "ex:a ex:p ex:c",
    ),
    "prp-spo2": (
        "ex:p owl:propertyChainAxiom (ex:q ex:r) . ex:a ex:q ex:b . ex:b ex:r ex:c ; ex:q ex:d .",
        "ex:a ex:p ex:c",
        "ex:a ex:p ex:d",
    ),
    "prp-spo2-3": (
        "ex:p owl:propertyChainAxiom (ex:q ex:r ex:q) . ex:a ex:q ex:b . ex:b ex:r ex:c . ex:c ex:q ex:d .",
        "ex:a ex:p ex:d",
        "ex:a ex:p ex:c",
    ),
    "prp-eqp1": ("ex:p owl:equivalentProperty ex:q . ex:a ex:p ex:b .", "ex:a ex:q ex:b", "ex:b ex:q ex:a"),
    "prp-eqp2": ("ex:p owl:equivalentProperty ex:q . ex:a ex:q ex:b .", "ex:a ex:p ex:b", "ex:b ex:p ex:a"),
    "prp-fp": (
        "ex:p a owl:FunctionalProperty . ex:a ex:p ex:b , ex:c ; ex:q ex:d , ex:e .",
        "ex:b owl:sameAs ex:c",
        "ex:d owl:sameAs ex:e",
    ),
    "prp-ifp": (
        "ex:p a owl:InverseFunctionalProperty . ex:a ex:p ex:x . ex:b ex:p ex:x . ex:c ex:p ex:y .",
        "ex:a owl:sameAs ex:b",
        "ex:a owl:sameAs ex:c",
    ),
    "eq-sym": ("ex:a owl:sameAs ex:b . ex:c ex:p ex:d .", "ex:b owl:sameAs ex:a", "ex:d owl:sameAs ex:c"),
    "eq-trans": ("ex:a owl:sameAs ex:b . ex:b owl:sameAs ex:c .", "ex:a owl:sameAs ex:c", "ex:a owl:sameAs ex:a"),
    "eq-rep-s": ("ex:a owl:sameAs ex:b ; ex:p ex:c .", "ex:b ex:p ex:c", "ex:c ex:p ex:b"),
    "eq-rep-o": ("ex:a owl:sameAs ex:b . ex:c ex:p ex:a .", "ex:c ex:p ex:b", "ex:a ex:p ex:c"),
    "cls-int1": (
        "ex:C owl:intersectionOf (ex:D ex:E) . ex:a a ex:D , ex:E . ex:b a ex:D .",
        "ex:a a ex:C",
        "ex:b a ex:C",
    ),
    "cls-int1-3": (
        "ex:C owl:intersectionOf (ex:D ex:E ex:F) . ex:a a ex:D , ex:E , ex:F . ex:b a ex:D , ex:E .",
        "ex:a a ex:C",
        "ex:b a ex:C",
    ),
    "cls-int2": ("ex:C owl:intersectionOf (ex:D ex:E) . ex:a a ex:C . ex:b a ex:D .", "ex:a a ex:E", "ex:b a ex:E"),
    "cls-uni": ("ex:C owl:unionOf (ex:D ex:E) . ex:a a ex:E . ex:b a ex:F .", "ex:a a ex:C", "ex:b a ex:C"),
    "cls-svf1": (
        "ex:C owl:someValuesFrom ex:D ; owl:onProperty ex:p . ex:a ex:p ex:x . ex:x a ex:D . ex:b ex:p ex:y .",
        "ex:a a ex:C",
        "ex:b a ex:C",
    ),
    "cls-svf2": (
        "ex:C owl:someValuesFrom owl:Thing ; owl:onProperty ex:p . ex:a ex:p ex:x . ex:b ex:q ex:x .",
        "ex:a a ex:C",
        "ex:b a ex:C",
    ),
    "cls-avf": (
        "ex:C owl:allValuesFrom ex:D ; owl:onProperty ex:p . ex:a a ex:C ; ex:p ex:x ; ex:q ex:y .",
        "ex:x a ex:D",
        "ex:y a ex:D",
    ),
    "cls-hv1": (
        "ex:C owl:hasValue ex:v ; owl:onProperty ex:p . ex:a a ex:C . ex:b a ex:D .",
        "ex:a ex:p ex:v",
        "ex:b ex:p ex:v",
    ),
    "cls-hv2": (
        "ex:C owl:hasValue ex:v ; owl:onProperty ex:p . ex:a ex:p ex:v . ex:b ex:p ex:w .",
        "ex:a a ex:C",
        "ex:b a ex:C",
    ),
    "cls-oo": ("ex:C owl:oneOf (ex:a ex:b) . ex:c a ex:D .", "ex:b a ex:C", "ex:c a ex:C"),
    "cax-sco": ("ex:C rdfs:subClassOf ex:D . ex:a a ex:C . ex:b a ex:D .", "ex:a a ex:D", "ex:b a ex:C"),
    "cax-eqc1": ("ex:C owl:equivalentClass ex:D . ex:a a ex:C .", "ex:a a ex:D", "ex:a a ex:E"),
    "cax-eqc2": ("ex:C owl:equivalentClass ex:D . ex:a a ex:D .", "ex:a a ex:C", "ex:a a ex:E"),
}
RULES = Library.load([defaults() / "queries"]).rules


def test_every_rule_has_an_example_and_none_is_for_domain_or_range():
    assert set(RULES) == set(EXAMPLES)
    assert not {"prp-dom", "prp-rng"} & set(RULES)


@pytest.mark.parametrize("name", sorted(EXAMPLES))
def test_rule_entails_what_it_should_and_no_more(name, tmp_path):
    there, follows, does_not = EXAMPLES[name]
    with StoreWriter(tmp_path / "store") as writer:
        writer.add(quads(there))
        found = infer(writer, [read_rule(RULES[name])], Assertions.read(writer.store, ()), [GRAPH])
    assert triple(follows) in found.levels
    assert triple(does_not) not in found.levels
    assert [reason.rules for reason in found.reasons(triple(follows))] == [(name,)]


@pytest.mark.parametrize("name", sorted(RULES))
def test_rule_says_in_two_languages_what_it_does(name):
    assert set(RULES[name].title) == set(RULES[name].description) == {"nb", "en"}


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("CONSTRUCT { ?a a ex:C } WHERE { ?a a ex:D FILTER NOT EXISTS { ?a ex:p ?b } }", "NOT EXISTS"),
        ("CONSTRUCT { ?a a ex:C } WHERE { ?a a ex:D OPTIONAL { ?a ex:p ?b } }", "OPTIONAL"),
        ("CONSTRUCT { ?a a ex:C } WHERE { ?a a ex:D MINUS { ?a ex:p ?b } }", "MINUS"),
        ("CONSTRUCT { ?a ex:p _:b } WHERE { ?a a ex:D }", "blank node"),
        ('CONSTRUCT { ?n a ex:C } WHERE { ?a a ex:D BIND(IRI(CONCAT(STR(?a), "#x")) AS ?n) }', "mints new nodes: ?n"),
        ("CONSTRUCT { ?a a ex:C } WHERE { ?a a ex:D . GRAPH ?g { ?a ex:p ?b } }", "GRAPH"),
        ("CONSTRUCT WHERE { ?a a ex:D }", "CONSTRUCT { … } WHERE"),
        ("CONSTRUCT { ?a a ex:C } WHERE { ?a a }", "not valid SPARQL"),
        ("CONSTRUCT { ?a a ex:C } WHERE { ?a a ex:D FILTER(RAND() < 0.5) }", "RAND"),
    ],
)
def test_rule_that_cannot_be_trusted_is_refused_by_name(query, message, tmp_path):
    path = tmp_path / "odd.rq"
    path.write_text(f"#+ title: {{en: Odd}}\nPREFIX ex: <{EX}>\n{query}\n", encoding="utf-8")
    with pytest.raises(RuleRefused) as refused:
        read_rule(load(path))
    assert "the rule odd" in refused.value.messages["en"]
    assert "regelen odd" in refused.value.messages["nb"]
    assert message in refused.value.messages["en"]


def one(tmp_path, query):
    path = tmp_path / "one.rq"
    path.write_text(f"#+ title: {{en: One}}\nPREFIX ex: <{EX}>\n{query}\n", encoding="utf-8")
    return load(path)


@pytest.mark.parametrize("error", [OutOfTime, MemoryError])
def test_the_end_of_time_or_memory_is_nothing_that_a_rule_has_wrong(error, tmp_path, monkeypatch):
    def ends(_text):
        raise error

    monkeypatch.setattr("app.entailment.rules.prepareQuery", ends)
    with pytest.raises(error):
        read_rule(one(tmp_path, "CONSTRUCT { ?a a ex:C } WHERE { ?a a ex:D }"))


def test_a_rule_that_the_engine_does_not_take_is_refused_by_name(tmp_path):
    """The reader of rules knows prefixes that nobody declared; the engine does not."""
    rule = read_rule(one(tmp_path, "CONSTRUCT { ?a ex:p ?b } WHERE { ?a ex:q ?b ; rdfs:label ?c }"))
    with StoreWriter(tmp_path / "store") as writer:
        writer.add(quads("ex:a ex:q ex:b ; ex:p ex:b ; rdfs:label 'A' ."))
        with pytest.raises(RuleRefused, match=r"the rule one cannot be applied: .*Prefix not found"):
            infer(writer, [rule], Assertions.read(writer.store, ()), [GRAPH])


def test_rule_whose_conclusion_names_what_is_nowhere_is_refused(tmp_path):
    path = tmp_path / "new.rq"
    path.write_text(f"#+ title: {{en: New}}\nPREFIX ex: <{EX}>\nCONSTRUCT {{ ?a a ex:New }} WHERE {{ ?a a ex:D }}\n")
    with StoreWriter(tmp_path / "store") as writer:
        writer.add(quads("ex:a a ex:D ."))
        with pytest.raises(RuleRefused, match=r"new mints a new node: <http://example.org/New>"):
            applicable_rules(writer, [read_rule(load(path))])


def test_literals_and_union_and_values_are_allowed_and_only_what_matched_is_a_premise(tmp_path):
    path = tmp_path / "either.rq"
    path.write_text(
        f"#+ title: {{en: Either}}\nPREFIX ex: <{EX}>\nCONSTRUCT {{ ?a a ex:C }}\n"
        "WHERE { { ?a ex:p 5 } UNION { VALUES ?b { ex:x } ?a ex:q ?b . ?b a ex:D } }\n"
    )
    with StoreWriter(tmp_path / "store") as writer:
        writer.add(quads("ex:C a owl:Class . ex:a ex:p 5 . ex:b ex:q ex:x . ex:x a ex:D . ex:c ex:q ex:y ."))
        found = infer(writer, [read_rule(load(path))], Assertions.read(writer.store, ()), [GRAPH])
        assert set(found.levels) == {triple("ex:a a ex:C"), triple("ex:b a ex:C")}
        five = (Iri(EX + "a"), Iri(EX + "p"), Literal("5", datatype=Iri(XSD + "integer")))
        assert found.reasons(triple("ex:a a ex:C"))[0].premises == (five,)
        assert PREFIXES["owl"] not in str(found.reasons(triple("ex:b a ex:C"))[0].premises)


@pytest.mark.parametrize(
    ("where", "premises"),
    [
        ("{ ?a ex:p ?b } UNION { ?b ex:q ?a }", [["ex:b ex:q ex:a"]]),
        ("{ ?a ex:q ?b } UNION { ?b ex:q ?a }", [["ex:a ex:q ex:b"], ["ex:b ex:q ex:a"]]),
        # That both hold is not enough: only what an arm said is a premise.
        ("{ ?a ex:q ?b FILTER(?b = ex:z) } UNION { ?b ex:q ?a }", [["ex:b ex:q ex:a"]]),
        ("{ ?a ex:p ?b } UNION { ?b ex:p ?a } UNION { ?a ex:q ?b . ?b a ex:D }", [["ex:a ex:q ex:b", "ex:b a ex:D"]]),
        (
            """?b a ex:D . { { ?a ex:p ?b } UNION { ?a ex:q ?b { ?b a ex:E } UNION { ?b ex:r ?arm } } }
            { ?a ex:none ?b } UNION { ?a ex:q ?b }{ ?b ex:q ?a } UNION { SELECT ?a { ?a ex:p ?b } }""",
            [["ex:b a ex:D", "ex:a ex:q ex:b", "ex:b ex:r 1", "ex:b ex:q ex:a"]],
        ),
    ],
)
def test_only_the_arm_of_a_union_that_matched_is_a_premise(tmp_path, where, premises):
    path = tmp_path / "either.rq"
    text = f"#+ title: {{en: Either}}\nPREFIX ex: <{EX}>\nCONSTRUCT {{ ?a a ex:C }}\nWHERE {{ {where} }}\n"
    path.write_text(text, encoding="utf-8")
    said = "ex:C a owl:Class . ex:a ex:q ex:b . ex:b ex:q ex:a ; a ex:D ; ex:r 1 ."
    rule = read_rule(load(path))
    with StoreWriter(tmp_path / "store") as writer:
        writer.add(quads(said))
        assert applicable_rules(writer, [rule]) == [rule]
        found = infer(writer, [rule], Assertions.read(writer.store, ()), [GRAPH])
        told = {frozenset(each.premises) for each in found.reasons(triple("ex:a a ex:C"))}
    assert told == {frozenset(map(triple, each)) for each in premises}


def test_rules_whose_premises_nothing_can_meet_are_left_out(tmp_path):
    def rule(name, text):
        path = tmp_path / f"{name}.rq"
        path.write_text(f"#+ title: {{en: {name}}}\nPREFIX ex: <{EX}>\n{text}\n", encoding="utf-8")
        return read_rule(load(path))

    rules = [
        rule("second", "CONSTRUCT { ?a a ex:E } WHERE { ?a a ex:D }"),
        rule("first", "CONSTRUCT { ?a a ex:D } WHERE { ?a a ex:C ; ex:p ?b }"),
        rule("never", "CONSTRUCT { ?a a ex:C } WHERE { ?a a ex:C ; ex:q ?b }"),
        rule("either", "CONSTRUCT { ?a a ex:C } WHERE { { ?a ex:q ?b } UNION { ?a ex:p ?b } }"),
        rule("value", 'CONSTRUCT { ?a a ex:C } WHERE { ?a ex:p "other" }'),
    ]
    with StoreWriter(tmp_path / "store") as writer:
        writer.add(quads('ex:a a ex:C ; ex:p "x" . ex:D a ex:X . ex:E a ex:X .'))
        assert [each.name for each in applicable_rules(writer, rules)] == ["second", "first", "either"]
        assert set(infer(writer, rules, Assertions.read(writer.store, ()), [GRAPH]).levels) == {
            triple("ex:a a ex:D"),
            triple("ex:a a ex:E"),
        }
