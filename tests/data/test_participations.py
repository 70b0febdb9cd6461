"""Organisations, memberships, activities, participations, vocabularies and links (docs/model.md)."""

from collections import Counter
from pathlib import Path

import pytest
from rdflib import RDF, RDFS, XSD, Graph, Literal, Namespace, URIRef
from rdflib.namespace import DCTERMS, ORG, SKOS
from rdflib.term import Node

DATA = Path(__file__).parents[2] / "data"
ID = "https://w3id.org/innherred/id/"
INN = Namespace("https://w3id.org/innherred/ontology#")

# The files that this test is about; the others are read for ids and labels.
FILES = (
    "strategy/organisations.ttl",
    "strategy/memberships.ttl",
    "strategy/activities.ttl",
    "interpretation/participations.ttl",
    "interpretation/vocabularies.ttl",
    "interpretation/classification.ttl",
    "interpretation/organisations.ttl",
    "interpretation/claims.ttl",
    "interpretation/links.ttl",
)
ENTRIES = [f"A-{number:03}" for number in range(1, 65)]
STATED = [*ENTRIES[:9], *ENTRIES[38:]]
UNCERTAIN = ["A-011", "A-012", "A-014", "A-015", "A-023", "A-027", "A-028", "A-029", "A-037", "A-038"]
# The reading of the table: how many entries each municipality has.
SHARE = {"snasa": 9, "steinkjer": 11, "inderoy": 5, "verdal": 13, "levanger": 26}
# One thing that the reading lists as a body and as a programme, or as a document and as a framework.
TWO_IDS = {
    "organisation/naboer-ab": {"O-028", "P-018"},
    "organisation/grenseredningsradet": {"O-059", "P-030"},
    "organisation/sunne-kommuner": {"O-064", "P-016"},
    "organisation/friby": {"O-065", "P-015"},
    "document/fns-baerekraftsmal": {"D-011", "P-020"},
}
# The projects of table entries that the reading lists among the programmes.
PROJECTS = {
    "attractive-nordic-towns": "P-012",
    "sea-eu": "P-014",
    "primore": "P-017",
    "nordisk-vennskapsbysamarbeid": "P-019",
    "inclusivate": "P-022",
    "valtel": "P-023",
    "atlantbib": "P-024",
    "medsam": "P-025",
    "healthy-lifestyle": "P-026",
    "vekst-torget": "P-027",
    "tradisjonelt-handverk": "P-028",
    "valgfag-internasjonalt-samarbeid": "P-029",
    "utviklingshemming-og-seksualitet": "P-031",
    "nordisk-musikkfestival": "P-033",
}
# Activities that consist in a body, a method, a festival or a competition.
FRAMEWORKS = {
    "friby": "organisation/friby",
    "grenseredningsradet": "organisation/grenseredningsradet",
    "naboer-ab": "organisation/naboer-ab",
    "sunne-kommuner": "organisation/sunne-kommuner",
    "trondelags-europakontor": "organisation/trondelags-europakontor",
    "joint-action": "programme/joint-action-relasjonell-koordinering",
    "tjaktjen-tjaanghkoe": "programme/tjaktjen-tjaanghkoe",
    "europan-16": "programme/europan-16",
}
UNITS = {
    "organisation/levart": "municipality/levanger",
    "organisation/spraksenter": "municipality/snasa",
    "organisation/gielem-nastedh": "municipality/snasa",
    "organisation/aarjel-saemiej-skuvle": "municipality/snasa",
    "organisation/frisklivssentralen-verdal": "municipality/verdal",
    "organisation/usht": "municipality/verdal",
}
# Whom the table itself names beside the municipality, read by hand.
PRINTED_PARTNERS = {
    "municipality/herceg-novi",
    "organisation/den-norske-skolen-i-brussel",
    "organisation/foreningen-norden",
    "organisation/hagelstamska-skolan",
    "organisation/kun",
    "organisation/pre-school-ssb-brussel",
    "organisation/saemien-sijte",
    "organisation/trondelag-fylkeskommune",
}
# Members of the Europe office as of March 2023 (S-041).
MARCH_2023 = {
    "organisation/trondelag-fylkeskommune",
    "municipality/trondheim",
    "organisation/nord-universitet",
    "organisation/sparebank-1-smn",
    "organisation/nibio",
    "organisation/sintef",
    "organisation/tronderenergi",
    "organisation/statsforvalteren-i-trondelag",
    "organisation/ruralis",
    "organisation/trondheim-havn",
    "organisation/falstadsenteret",
    "organisation/namdal-regionrad",
    "organisation/ntnu",
}
MEMBERSHIPS = {
    "region/innherred": 5,
    "organisation/kompetanseforum-innherred": 10,
    "organisation/universitetsregionen-innherred": 6,
    "organisation/trondelags-europakontor": 16,
    "organisation/naboer-ab": 3,
    "organisation/sunne-kommuner": 2,
}


def thing(path: str) -> URIRef:
    return URIRef(ID + path)


def path(node: Node | None) -> str:
    return str(node).removeprefix(ID)


def languages(graph: Graph, subject: Node, predicate: URIRef) -> list[str | None]:
    return sorted(str(text.language) for text in graph.objects(subject, predicate) if isinstance(text, Literal))


@pytest.fixture(scope="module")
def files() -> dict[str, Graph]:
    return {str(file.relative_to(DATA)): Graph().parse(file) for file in sorted(DATA.rglob("*.ttl"))}


@pytest.fixture(scope="module")
def data(files: dict[str, Graph]) -> Graph:
    whole = Graph()
    for graph in files.values():
        whole += graph
    return whole


@pytest.mark.parametrize("entry", ENTRIES)
def test_an_entry_is_one_participation_in_the_right_graph(files: dict[str, Graph], entry: str) -> None:
    node = thing("participation/" + entry.lower())
    home = "strategy/activities.ttl" if entry in STATED else "interpretation/participations.ttl"
    carriers = [(name, s) for name, graph in files.items() for s in graph.subjects(DCTERMS.identifier, Literal(entry))]
    assert carriers == [(home, node)]
    graph = files[home]
    assert thing("passage/" + entry.lower()) in set(graph.objects(node, DCTERMS.source))
    assert graph.value(node, INN.role, any=False) == thing("role/deltaker")
    assert path(graph.value(node, INN.participant, any=False)).startswith("municipality/")
    assert path(graph.value(node, INN.inActivity, any=False)).startswith("activity/")


def test_certainty_of_the_entries(data: Graph) -> None:
    certainty = {
        entry: data.value(thing("participation/" + entry.lower()), INN.certainty, any=False) for entry in ENTRIES
    }
    assert [entry for entry in ENTRIES if certainty[entry] == INN.stated] == STATED
    assert [entry for entry in ENTRIES if certainty[entry] == INN.uncertain] == UNCERTAIN
    assert Counter(certainty.values()) == {INN.stated: 35, INN.interpreted: 19, INN.uncertain: 10}


def test_each_municipality_has_its_share(data: Graph) -> None:
    participants = (data.value(thing("participation/" + entry.lower()), INN.participant) for entry in ENTRIES)
    assert Counter(path(node).removeprefix("municipality/") for node in participants) == SHARE


def test_inclusivate_has_two_entries_of_each_municipality(data: Graph) -> None:
    entries = [node for node in data.subjects(INN.inActivity, thing("activity/inclusivate")) if "/a-" in str(node)]
    assert Counter(path(data.value(node, INN.participant)) for node in entries) == {
        "municipality/" + name: 2 for name in SHARE
    }
    sectors = Counter((data.value(node, INN.participant), data.value(node, INN.sector)) for node in entries)
    assert len(sectors) == 10


def test_sectors_are_our_reading(files: dict[str, Graph]) -> None:
    graph = files["interpretation/participations.ttl"]
    for entry in ENTRIES:
        assert path(graph.value(thing("participation/" + entry.lower()), INN.sector, any=False)).startswith("sector/")
    double = {path(node)[-5:].upper() for node in graph.subjects(INN.alternativeSector)} & set(ENTRIES)
    assert double == {"A-009", "A-017", "A-025", "A-036", "A-046", "A-053", "A-054"}


def test_the_projects_of_the_table_have_their_ids(files: dict[str, Graph]) -> None:
    graph = files["strategy/activities.ttl"]
    ids = {name: str(graph.value(thing(f"activity/{name}"), DCTERMS.identifier, any=False)) for name in PROJECTS}
    assert ids == PROJECTS


@pytest.mark.parametrize(("prefix", "last"), [("O", 66), ("P", 33), ("SEK", 6)])
def test_an_id_stands_on_one_node(data: Graph, prefix: str, last: int) -> None:
    for number in range(1, last + 1):
        identifier = f"{prefix}-{number}" if prefix == "SEK" else f"{prefix}-{number:03}"
        assert len(set(data.subjects(DCTERMS.identifier, Literal(identifier)))) == 1, identifier


@pytest.mark.parametrize("node", TWO_IDS)
def test_one_thing_carries_all_its_ids(data: Graph, node: str) -> None:
    assert {str(identifier) for identifier in data.objects(thing(node), DCTERMS.identifier)} == TWO_IDS[node]
    assert (thing(node), RDF.type, INN.Programme) not in data


def test_a_method_and_a_firm_stay_two(data: Graph) -> None:
    assert data.value(predicate=DCTERMS.identifier, object=Literal("P-021")) != data.value(
        predicate=DCTERMS.identifier, object=Literal("O-062")
    )


def test_printed_partners_are_participations_without_id(files: dict[str, Graph]) -> None:
    graph = files["strategy/activities.ttl"]
    partners = set(graph.subjects(INN.role, thing("role/partner")))
    assert {path(graph.value(node, INN.participant)) for node in partners} == PRINTED_PARTNERS
    assert not {node for node in partners if (node, DCTERMS.identifier, None) in graph}


@pytest.mark.parametrize("activity", FRAMEWORKS)
def test_a_body_is_the_framework_of_its_activity_and_no_participant(data: Graph, activity: str) -> None:
    node, framework = thing("activity/" + activity), thing(FRAMEWORKS[activity])
    assert (node, INN.withinFramework, framework) in data
    assert (node, INN.underProgramme, None) not in data
    participants = {data.value(each, INN.participant) for each in data.subjects(INN.inActivity, node)}
    assert framework not in participants


def test_own_units_carry_out_and_are_no_partners(data: Graph) -> None:
    units = {path(unit): path(owner) for unit, owner in data.subject_objects(ORG.unitOf)}
    assert units == UNITS
    for unit in UNITS:
        roles = {path(data.value(each, INN.role)) for each in data.subjects(INN.participant, thing(unit))}
        assert roles == {"role/utforende-enhet"}


def test_a_reasoned_municipality_leaves_the_printed_activity_stated(files: dict[str, Graph]) -> None:
    activity = thing("activity/helseprosjekt-med-kun")
    strategy = files["strategy/activities.ttl"]
    czechia = URIRef("http://publications.europa.eu/resource/authority/country/CZE")
    assert (activity, DCTERMS.spatial, czechia) in strategy
    assert (thing("participation/helseprosjekt-med-kun-kun"), INN.inActivity, activity) in strategy
    assert (thing("participation/a-015"), None, None) not in strategy


def test_the_memberships_of_each_body(data: Graph) -> None:
    bodies = Counter(path(data.value(node, ORG.organization)) for node in data.subjects(RDF.type, ORG.Membership))
    assert all(bodies[body] >= number for body, number in MEMBERSHIPS.items())


def test_members_of_the_europe_office_are_those_of_march_2023(files: dict[str, Graph]) -> None:
    graph = files["strategy/memberships.ttl"]
    office = set(graph.subjects(ORG.organization, thing("organisation/trondelags-europakontor")))
    dated = {node for node in office if (node, INN.asOf, None) in graph}
    march = {node for node in dated if graph.value(node, INN.asOf) == Literal("2023-03", datatype=XSD.gYearMonth)}
    assert {path(graph.value(node, ORG.member)) for node in march} == MARCH_2023
    council = set(graph.subjects(ORG.member, thing("organisation/innherred-regionrad"))) & office - dated
    roles = {path(graph.value(node, ORG.role)) for node in council}
    assert roles == {"role/medlem", "role/styremedlem", "role/ressursgruppemedlem"}


def test_an_alternative_sector_makes_the_sector_uncertain_alone(files: dict[str, Graph]) -> None:
    graph = files["interpretation/participations.ttl"]
    for node, other in graph.subject_objects(INN.alternativeSector):
        claims = [each for each in graph.subjects(RDF.subject, node) if (each, RDF.predicate, INN.sector) in graph]
        assert len(claims) == 1, node
        assert graph.value(claims[0], INN.certainty) == INN.uncertain
        assert graph.value(claims[0], INN.alternative) == other
    assert (thing("participation/a-017"), INN.certainty, INN.interpreted) in graph


def test_verdals_part_in_sunne_kommuner_is_reasoned(data: Graph, files: dict[str, Graph]) -> None:
    verdal = thing("membership/sunne-kommuner-verdal")
    assert (verdal, INN.certainty, INN.stated) not in data
    assert languages(files["interpretation/participations.ttl"], verdal, INN.rationale) == ["en", "nb"]


def test_the_region_consists_of_five_municipalities_and_has_its_council(files: dict[str, Graph]) -> None:
    region = thing("region/innherred")
    members = files["strategy/memberships.ttl"]
    assert {path(members.value(node, ORG.member)) for node in members.subjects(ORG.organization, region)} >= {
        "municipality/" + name for name in SHARE
    }
    council = files["strategy/organisations.ttl"].value(region, INN.hasCouncil, any=False)
    assert council == thing("organisation/innherred-regionrad")


def test_doubtful_names_are_printed_first(files: dict[str, Graph], data: Graph) -> None:
    claims, strategy = files["interpretation/claims.ttl"], files["strategy/activities.ttl"]
    valtel = thing("activity/valtel")
    assert (valtel, SKOS.altLabel, Literal("VilTel", lang="nb")) in strategy
    assert (valtel, RDFS.label, Literal("VälTel", lang="nb")) in claims
    assert (thing("organisation/fn-samarbeidet"), RDFS.label, Literal("FN-samarbeidet", lang="nb")) in data
    assert (thing("organisation/fn-samarbeidet"), SKOS.altLabel, Literal("FN-sambandet", lang="nb")) in claims
