import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.editing import telling, words
from app.editing.conflicts import rebased
from app.editing.literals import literal_text, visible
from app.editing.proposals import Statement
from app.namespaces import RDF_TYPE, RDFS_LABEL
from app.terms import Iri, Literal, typed
from tests.editing.eksempelvik import base_of
from tests.editing.making import IRIS, TERMS, applied, iri, made

ACTIVITIES, MUNICIPALITIES = "data/strategy/activities.ttl", "data/strategy/municipalities.ttl"
CLAIMS, PAGE, NEW = "data/interpretation/claims.ttl", "data/register/page.ttl", "data/register/ny.ttl"
BRIDGES, LIGHT = iri("id/activity/brubygging"), iri("id/activity/fjordlys")
END, COST, TOPIC = iri("ontology#end"), iri("ontology#cost"), iri("ontology#topic")
SCHOOL, CULTURE, CLAIM = iri("id/topic/skole"), iri("id/topic/kultur"), iri("id/claim/1")
CERTAINTY, STATED, UNCERTAIN = iri("inn:certainty"), iri("inn:stated"), iri("inn:uncertain")
SOURCE, GRAPH, TAKES_PART = iri("id/source/ny"), iri("graph/register/ny"), iri("id/participation/ny")


@pytest.fixture(scope="module")
def base(tmp_path_factory):
    return base_of(tmp_path_factory.mktemp("content"))


def statements(file, *triples):
    return tuple(Statement(*triple, file) for triple in triples)


def withdrawing(base, thing):
    about = base.statements[thing].items()
    return tuple(Statement(thing, predicate, *stated) for predicate, values in about for stated in values)


def text(base, proposal, language="nb"):
    return words.as_text(telling.paragraphs(base, proposal, language), language)


CHANGED = made(
    removed=statements(ACTIVITIES, (BRIDGES, END, typed(2023, "gYear"))),
    added=statements(ACTIVITIES, (BRIDGES, END, typed("2024-03-31", "date"))),
)
NEW_RELATION = made(
    added=statements(
        NEW,
        (SOURCE, RDF_TYPE, iri("inn:Source")),
        (SOURCE, RDFS_LABEL, Literal("Siden til Fjordlys", "nb")),
        (SOURCE, iri("foaf:page"), Iri("https://example.org/fjordlys/om")),
        (GRAPH, RDFS_LABEL, Literal("Registergraf: Fjordlys", "nb")),
        (GRAPH, iri("dcterms:source"), SOURCE),
        (GRAPH, CERTAINTY, STATED),
        (TAKES_PART, RDF_TYPE, iri("ontology#Participation")),
        (TAKES_PART, RDFS_LABEL, Literal("Tenkestad kommune i Fjordlys", "nb")),
        (TAKES_PART, iri("ontology#participant"), iri("id/municipality/tenkestad")),
        (TAKES_PART, iri("ontology#inActivity"), LIGHT),
        (TAKES_PART, iri("ontology#role"), iri("id/role/deltaker")),
        (TAKES_PART, CERTAINTY, UNCERTAIN),
    )
)


def test_old_and_new_value_are_told_by_name_with_who_says_it(base):
    (found,) = telling.sentences(base, CHANGED, "nb")
    assert (found.name, found.kind, found.deed, found.property_name) == (
        "Brubygging",
        "aktivitet",
        "changed",
        "sluttdato",
    )
    assert [each.text for each in (*found.before, *found.after)] == ["2023", "31. mars 2024"]
    assert (found.voices, found.certainties) == (("Eksempelstrategien",), ("oppgitt",))
    assert text(base, CHANGED) == (
        "Aktivitet endret: Brubygging\n"
        "  Sier det: Eksempelstrategien. Hvor sikkert: oppgitt.\n"
        "  sluttdato: 2023 → 31. mars 2024"
    )
    english = text(base, CHANGED, "en")
    assert "end date: 2023 → 31 March 2024" in english
    assert "Says so: The Example Strategy. Certainty: stated." in english


def test_a_relation_is_one_sentence_and_a_source_too(base):
    assert text(base, NEW_RELATION) == (
        "Deltakelse lagt til: Tenkestad kommune i Fjordlys (deltaker)\n"
        "  Sier det: Siden til Fjordlys. Hvor sikkert: usikker.\n"
        "Kilde lagt til: Siden til Fjordlys (nettside: https://example.org/fjordlys/om)\n"
        "  Sier det: Siden til Fjordlys. Hvor sikkert: oppgitt.\n"
        "Samling lagt til: Registergraf: Fjordlys (kilde: Siden til Fjordlys)\n"
        "  Sier det: Siden til Fjordlys. Hvor sikkert: oppgitt."
    )


def test_a_relation_says_what_its_name_does_not(base):
    """A name may be another's: what is really related is told."""
    wrong = tuple(
        each._replace(value=iri("id/municipality/eksempelvik"))
        if each.predicate == iri("ontology#participant")
        else each
        for each in NEW_RELATION.added
    )
    assert "Tenkestad kommune i Fjordlys (deltaker, Eksempelvik kommune)" in text(base, made(added=wrong)) or (
        "Tenkestad kommune i Fjordlys (Eksempelvik kommune, deltaker)" in text(base, made(added=wrong))
    )


def test_what_is_withdrawn_is_told_with_its_successor(base):
    proposal = made(
        removed=withdrawing(base, LIGHT), added=statements(ACTIVITIES, (LIGHT, iri("dcterms:isReplacedBy"), BRIDGES))
    )
    told = telling.paragraphs(base, proposal, "nb")
    assert [each.text for each in told] == ["Aktivitet trukket tilbake: Fjordlys"]
    assert "kostnad: 1200" in text(base, proposal)
    assert "erstattet av: Brubygging" in text(base, proposal)
    assert words.headline(told, "nb") == "1 trukket tilbake"


def test_the_headline_counts_things(base):
    other = made(
        removed=(*CHANGED.removed, *withdrawing(base, iri("id/participation/a-1"))),
        added=(*CHANGED.added, *NEW_RELATION.added),
    )
    told = telling.paragraphs(base, other, "nb")
    assert words.headline(told, "nb") == "1 endret, 2 nye, 1 trukket tilbake"
    assert words.headline(told, "en") == "1 changed, 2 new, 1 withdrawn"
    assert words.headline([], "nb") == "Ingen endringer"
    assert text(base, made()) == ""


def test_a_claim_is_told_with_its_statement(base):
    claim = iri("id/claim/ny")
    proposal = made(
        added=statements(
            CLAIMS,
            (LIGHT, TOPIC, CULTURE),
            (claim, RDF_TYPE, iri("inn:Claim")),
            (claim, RDFS_LABEL, Literal("Påstand", "nb")),
            (claim, iri("rdf:subject"), LIGHT),
            (claim, iri("rdf:predicate"), TOPIC),
            (claim, iri("rdf:object"), CULTURE),
            (claim, CERTAINTY, UNCERTAIN),
            (claim, iri("inn:rationale"), Literal("Navnet tyder på det.", "nb")),
            (claim, iri("inn:rationale"), Literal("The name suggests it.", "en")),
            (claim, iri("inn:alternative"), SCHOOL),
        )
    )
    assert text(base, proposal) == (
        "Aktivitet endret: Fjordlys\n"
        "  Sier det: Vår tolkning. Hvor sikkert: usikker.\n"
        "  tema: lagt til kultur\n"
        "    Begrunnelse: Navnet tyder på det.\n"
        "    Kan også være: skole"
    )
    assert "Rationale: The name suggests it." in text(base, proposal, "en")


def test_a_claim_that_changes_alone_is_told(base):
    proposal = made(
        removed=statements(CLAIMS, (CLAIM, CERTAINTY, UNCERTAIN)), added=statements(CLAIMS, (CLAIM, CERTAINTY, STATED))
    )
    (found,) = telling.sentences(base, proposal, "nb")
    assert (found.thing, found.predicate) == (BRIDGES, TOPIC)
    assert "tema: kultur – hvor sikkert: usikker → oppgitt" in text(base, proposal)
    gone = made(removed=withdrawing(base, CLAIM))
    assert "tema: kultur – hvor sikkert: fjernet usikker" in text(base, gone)
    assert "Påstand" not in text(base, gone)


def test_a_claim_that_turns_to_another_statement_is_not_hidden(base):
    proposal = made(
        removed=statements(CLAIMS, (CLAIM, iri("rdf:object"), CULTURE), (CLAIM, CERTAINTY, UNCERTAIN)),
        added=statements(CLAIMS, (CLAIM, iri("rdf:object"), SCHOOL), (CLAIM, CERTAINTY, STATED)),
    )
    assert "tema: skole – objekt: kultur (usikker) → skole (oppgitt)" in text(base, proposal)


def test_who_says_it_now_is_told_when_only_that_changes(base):
    proposal = made(
        removed=statements(ACTIVITIES, (BRIDGES, END, typed(2023, "gYear"))),
        added=statements(PAGE, (BRIDGES, END, typed(2023, "gYear"))),
    )
    (found,) = telling.sentences(base, proposal, "nb")
    assert [each.voice for each in found.before] == ["Eksempelstrategien"]
    assert [each.voice for each in found.after] == ["Siden til Tenkestad kommune"]
    assert "2023 (Eksempelstrategien) → 2023 (Siden til Tenkestad kommune)" in text(base, proposal)


def test_how_sure_it_was_is_told_where_that_changes(base):
    proposal = made(
        removed=(*statements(CLAIMS, (BRIDGES, TOPIC, CULTURE)), *withdrawing(base, CLAIM)),
        added=statements(CLAIMS, (BRIDGES, TOPIC, SCHOOL)),
    )
    assert "tema: kultur (usikker) → skole (tolket)" in text(base, proposal)


def test_a_withdrawn_relation_that_is_changed_too_hides_nothing(base):
    relation = iri("id/participation/a-1")
    participant = iri("ontology#participant")
    proposal = made(
        removed=withdrawing(base, relation),
        added=statements(
            MUNICIPALITIES,
            (relation, participant, iri("id/municipality/tenkestad")),
            (relation, iri("dcterms:isReplacedBy"), LIGHT),
        ),
    )
    told = text(base, proposal)
    assert "deltaker: Eksempelvik kommune → Tenkestad kommune" in told
    assert "erstattet av: Fjordlys" in told


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (Literal("1.50", datatype=iri("xsd:decimal")), Literal("1.50")),
        (Literal("Bru"), Literal("Bru\u00ad")),
        (Literal("Bru vei"), Literal("Bru\u00a0vei")),
        (Literal("ab"), Literal("a\u202eb")),
        (typed("1.5", "decimal"), typed("1.50", "decimal")),
        (Iri("https://example.org/a"), Iri("https://example.com/a")),
        (SCHOOL, iri("id/topic/skole-2")),
        (typed("2024-02-31", "date"), typed("2024-02-30", "date")),
    ],
)
def test_what_differs_never_looks_alike(base, before, after):
    proposal = made(
        removed=statements(ACTIVITIES, (LIGHT, COST, before)),
        added=statements(
            ACTIVITIES, (LIGHT, COST, after), (iri("id/topic/skole-2"), RDFS_LABEL, Literal("skole", "nb"))
        ),
    )
    (found,) = [each for each in telling.sentences(base, proposal, "nb") if each.predicate == COST]
    assert found.before[0].text != found.after[0].text
    assert not any(sign in text(base, proposal) for sign in "\u00ad\u202e\x1b")


def test_literals_are_written_in_the_form_of_the_language():
    forms = {
        typed("2026-11-29", "date"): ("29. november 2026", "29 November 2026"),
        typed("2026-11", "gYearMonth"): ("november 2026", "November 2026"),
        typed("2026", "gYear"): ("2026", "2026"),
        typed("63.750", "decimal"): ("63,750", "63.750"),
        typed("-12", "integer"): ("-12", "-12"),
        typed("true", "boolean"): ("ja", "yes"),
        typed("2026-13-45", "date"): ("2026-13-45", "2026-13-45"),
        Literal("a\nb"): ("a\nb", "a\nb"),
        Literal("\x1b[31m"): ("⟨U+001B⟩[31m", "⟨U+001B⟩[31m"),
    }
    assert {each: tuple(literal_text(each, tag) for tag in ("nb", "en")) for each in forms} == forms
    assert literal_text(typed("2026-11-29", "date"), "tlh") == "29 November 2026"
    assert visible("blåbær") == "blåbær"


def test_a_conflict_is_told_with_three_values(tmp_path):
    base = base_of(tmp_path)
    mine = rebased(base, CHANGED)
    theirs = made(removed=CHANGED.removed, added=statements(ACTIVITIES, (BRIDGES, END, typed(2025, "gYear"))))
    assert telling.disputes(base, mine, "nb") == []
    applied(base, theirs)
    (found,) = telling.disputes(base, mine, "nb")
    assert words.dispute_text(found, "nb") == (
        "Brubygging er endret av andre siden forslaget ble skrevet.\n"
        "  sluttdato\n"
        "    Da forslaget ble skrevet: 2023\n"
        "    Nå: 2025\n"
        "    Etter forslaget: 31. mars 2024"
    )
    applied(base, made(removed=withdrawing(base, BRIDGES)))
    (found,) = telling.disputes(base, mine, "en")
    assert words.dispute_text(found, "en") == "brubygging has been withdrawn since the proposal was written."


def test_an_accepted_proposal_is_told_as_it_was(tmp_path):
    base = base_of(tmp_path)
    proposal = rebased(base, made(removed=withdrawing(base, LIGHT), added=NEW_RELATION.added))
    before = text(base, proposal)
    applied(base, proposal)
    assert text(base, proposal) == before


def test_the_difference_in_files_is_turtle_without_prefixes(base):
    both = made(removed=CHANGED.removed, added=(*CHANGED.added, *NEW_RELATION.added[:2]))
    found = words.turtle_difference(base, both)
    assert [each.file for each in found] == [NEW, ACTIVITIES]
    assert found[1].lines == (
        ("-", '<http://example.org/eksempelvik/id/activity/brubygging> ex:end "2023"^^xsd:gYear .'),
        ("+", '<http://example.org/eksempelvik/id/activity/brubygging> ex:end "2024-03-31"^^xsd:date .'),
    )
    assert found[0].lines[0][1].endswith(" rdf:type inn:Source .")
    hostile = made(added=statements(NEW, (Iri("no iri> ."), END, Literal("\u202e"))))
    assert "\u202e" not in words.turtle_difference(base, hostile)[0].lines[0][1]


KNOWN = [BRIDGES, LIGHT, CLAIM, SCHOOL, TAKES_PART, GRAPH, iri("id/activity/brubygging#geometry")]
PREDICATES = [RDF_TYPE, RDFS_LABEL, END, TOPIC, CERTAINTY, *map(iri, ("rdf:subject", "rdf:predicate", "rdf:object"))]
VALUES = [BRIDGES, SCHOOL, CULTURE, STATED, TOPIC, iri("inn:Claim"), iri("ontology#Participation"), Literal("x", "nb")]
ANY = st.lists(
    st.builds(
        Statement,
        st.sampled_from(KNOWN) | IRIS,
        st.sampled_from(PREDICATES) | IRIS,
        st.sampled_from(VALUES) | TERMS,
        st.sampled_from([ACTIVITIES, CLAIMS, PAGE, NEW, "data/catalog/x.ttl"]),
    ),
    max_size=8,
).map(tuple)


@given(ANY, ANY, st.sampled_from(["nb", "en", "nn", "sma"]))
def test_nothing_of_any_proposal_is_left_out(base, removed, added, language):
    proposal = made(removed=removed, added=added)
    told = telling.paragraphs(base, proposal, language)
    covered = [each for paragraph in told for each in paragraph.statements]
    assert sorted(map(str, covered)) == sorted(map(str, {*removed, *added}))
    assert {each for paragraph in told for own in paragraph.sentences for each in own.statements} <= set(covered)
    assert all(each.text.strip() for each in told)
    assert words.as_text(told, language) or not covered
    assert sum(len(each.lines) for each in words.turtle_difference(base, proposal)) == len(removed) + len(added)
