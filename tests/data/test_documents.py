"""The documents, the official wording, the passages and the statements (docs/model.md).

The wording stands here a second time on purpose: a slip of the pen in the data must not pass.
"""

import re
from collections import Counter
from pathlib import Path

import pytest
from rdflib import RDF, RDFS, XSD, Graph, Literal, Namespace, URIRef
from rdflib.namespace import DCTERMS, FOAF
from rdflib.term import Node

DATA = Path(__file__).parents[2] / "data"
ID = "https://w3id.org/innherred/id/"
INN = Namespace("https://w3id.org/innherred/ontology#")
OA = Namespace("http://www.w3.org/ns/oa#")

# The files that this test is about; the others are read for ids and labels.
FILES = (
    "strategy/documents.ttl",
    "strategy/passages.ttl",
    "interpretation/statements.ttl",
    "interpretation/translations.ttl",
    "interpretation/documents.ttl",
)
KINDS = {"V": "vision", "G": "goal", "R": "measure", "AR": "area", "NS": "focus", "AIM": "aim"}
# The wording of the strategy, restored; measure 4 without the “og” that is missing in print.
WORDING = {
    "V-0": "Sammen for en konkurransedyktig, attraktiv og bærekraftig bo- og arbeidsmarkedsregion",
    "V-1": (
        "En internasjonalt orientert region. Oppdatert på internasjonale rammer og forutsetninger for regionen,"
        " og kommunenes drift og utvikling."
    ),
    "V-2": (
        "En internasjonalt aktiv region. Henter inspirasjon og kunnskap via internasjonal kontakt, og fremmer"
        " internasjonal aktivitet blant innbyggere og næringsliv."
    ),
    "V-3": (
        "En internasjonalt attraktiv region. Åpen og attraktiv region for næringsliv, arbeidstakere og"
        " samarbeidspartnere, i et internasjonalt perspektiv."
    ),
    "G-1": (
        "Bidra til verdiskaping og bosetting i regionen gjennom å ivareta regionens og den enkelte kommunes"
        " fortrinn og muligheter"
    ),
    "G-2": "Styrke Innherred som et regionalt tyngdepunkt i Trøndelag",
    "G-3": "Gi retning for bærekraftig samfunnsutvikling",
    "R-1": (
        "Rammeverk for organisering av internasjonal aktivitet innarbeides både interkommunalt og i de "
        "enkelte samarbeidskommunene"
    ),
    "R-2": (
        "Samarbeid om internasjonal aktivitet og kontakt skal bidra til å gi regionale "
        "kunnskapsleverandører gode betingelser"
    ),
    "R-3": (
        "Allerede initierte programaktiviteter fortsetter og styrkes gjennom etableringen av et strategisk,"
        " organisert samarbeid"
    ),
    "R-4": (
        "Eventuelle nye programaktiviteter kan iverksettes, forankret i eksisterende planer for drift "
        "utvikling på region- og kommunenivå"
    ),
    "R-5": (
        "Kommunene sørger for å stille ressurser til rådighet for implementering av strategien, oppnevne en"
        " eller flere internasjonale kontakter i hver kommune. Internasjonal samhandling vil kunne tilføre "
        "og frigjøre ressurser på sikt, men det kreves at ledere og ansatte opprettholder en viss "
        "aktivitet."
    ),
    "AR-1": "Samferdsel og transport, Innherredsbyen",
    "AR-2": "Næringsutvikling",
    "AR-3": "Internasjonalisering",
    "AR-4": "Kompetanse, forskning og innovasjon",
    "AR-5": "By- og stedsutvikling",
    "NS-1": "bioøkonomi",
    "NS-2": "opplevelser",
    "NS-3": "teknologi",
    "NS-4": "offentlig sektor",
    "AIM-1": "økt verdiskaping basert på regionale fortrinn",
    "AIM-2": "tilføre ressurser for økt handlekraft",
    "AIM-3": "styrke kommunene som attraktive arbeidsgivere",
    "AIM-4": "fremme internasjonalt, kulturelt mangfold",
}
VISION_NAMES = {
    "V-1": "En internasjonalt orientert region",
    "V-2": "En internasjonalt aktiv region",
    "V-3": "En internasjonalt attraktiv region",
}
DOCUMENTS = {
    "D-001": "strategy/internasjonal-strategi",
    "D-002": "document/internasjonalt-handlingsprogram",
    "D-003": "strategy/innherredsstrategien",
    "D-004": "strategy/innherredsbyen",
    "D-005": "strategy/naeringsstrategi",
    "D-006": "document/kompetanseforum-nettside",
    "D-007": "document/innherred-regionrad-nettsted",
    "D-008": "document/ks-undersokelse",
    "D-009": "document/kommuneplanens-samfunnsdel",
    "D-010": "document/kommunale-handlingsprogram",
    "D-011": "document/fns-baerekraftsmal",
    "D-012": "document/vedlegg-kartlegging",
}
ENTRIES = [f"A-{n:03}" for n in range(1, 65)]
STATEMENTS = [f"S-{n:03}" for n in range(1, 49)]
# How often an entry of the table is printed; the reading of the middle piece rests on these numbers.
REPEATED = {
    "Nordplus Adult – Inclusivate – gjøre flere økonomisk selvhjulpne": 10,
    "Trøndelags Europakontor": 5,
    "Joint Action i Danmark – relasjonell koordinering": 4,
    "Attractive Nordic Towns – by- og stedsutvikling": 3,
    "Naboer AB": 3,
    "VilTel – et samarbeid Midt-Norge og Midt-Sverige på velferdsteknologi": 2,
    "Sunne kommuner": 2,
}
PERIODS = {
    "D-002": ("2020–2023", "2020", "2023"),
    "D-003": ("2021–2023", "2021", "2023"),
    "D-004": ("2021–2040", "2021", "2040"),
    "D-005": ("2022–2025", "2022", "2025"),
}


def thing(path: str) -> URIRef:
    """Give the IRI of a thing from its kind and slug."""
    return URIRef(ID + path)


def node(identifier: str) -> URIRef:
    """Give the IRI of a row of this part from its id."""
    if identifier in DOCUMENTS:
        return thing(DOCUMENTS[identifier])
    return thing(f"{KINDS[identifier.rsplit('-', 1)[0]]}/{identifier.lower()}")


def passage(identifier: str) -> URIRef:
    """Give the IRI of the passage of a row."""
    return thing(f"passage/{identifier.lower()}")


def texts(graph: Graph, subject: Node, predicate: URIRef, language: str) -> list[str]:
    """Give the texts of a property in one language."""
    return [
        str(text)
        for text in graph.objects(subject, predicate)
        if isinstance(text, Literal) and text.language == language
    ]


@pytest.fixture(scope="module")
def files() -> dict[str, Graph]:
    """Give every Turtle file of data/, by its path there."""
    return {str(path.relative_to(DATA).as_posix()): Graph().parse(path) for path in sorted(DATA.rglob("*.ttl"))}


@pytest.fixture(scope="module")
def data(files: dict[str, Graph]) -> Graph:
    """Give all of data/ as one graph."""
    merged = Graph()
    for graph in files.values():
        merged += graph
    return merged


@pytest.mark.parametrize("identifier", [*DOCUMENTS, *WORDING])
def test_an_id_stands_once_on_its_node(files: dict[str, Graph], identifier: str) -> None:
    found = [s for graph in files.values() for s in graph.subjects(DCTERMS.identifier, Literal(identifier))]
    assert found == [node(identifier)]


def test_the_sustainable_development_goals_are_one_node_with_both_ids(files: dict[str, Graph]) -> None:
    found = [s for graph in files.values() for s in graph.subjects(DCTERMS.identifier, Literal("P-020"))]
    assert found == [node("D-011")]
    assert set(files[FILES[0]].objects(node("D-011"), RDF.type)) == {INN.Document}


def test_four_documents_are_strategies(data: Graph) -> None:
    strategies = {i for i in DOCUMENTS if (node(i), RDF.type, INN.Strategy) in data}
    assert strategies == {"D-001", "D-003", "D-004", "D-005"}
    assert all((node(i), RDF.type, INN.Document) in data for i in DOCUMENTS if i not in strategies)


@pytest.mark.parametrize("identifier", WORDING)
def test_official_wording_is_exact(data: Graph, identifier: str) -> None:
    wording = Literal(WORDING[identifier], lang="nb")
    assert list(data.objects(node(identifier), INN.officialText)) == [wording]
    quote = URIRef(passage(identifier) + "#quote")
    assert list(data.objects(quote, OA.exact)) == [wording]


def test_the_three_visions_carry_their_printed_names(data: Graph) -> None:
    assert {i: texts(data, node(i), RDFS.label, "nb") for i in VISION_NAMES} == {
        i: [n] for i, n in VISION_NAMES.items()
    }


@pytest.mark.parametrize("identifier", [*DOCUMENTS, *WORDING])
def test_a_thing_is_described_in_both_languages_and_cites_its_passage(files: dict[str, Graph], identifier: str) -> None:
    translations = files["interpretation/translations.ttl"]
    for language in ("nb", "en"):
        assert len(texts(translations, node(identifier), DCTERMS.description, language)) == 1
    assert passage(identifier) in set(files[FILES[0]].objects(node(identifier), DCTERMS.source))


@pytest.mark.parametrize("identifier", [*DOCUMENTS, *WORDING, *ENTRIES, *STATEMENTS])
def test_a_row_has_its_passage(data: Graph, identifier: str) -> None:
    it = passage(identifier)
    assert (it, RDF.type, INN.Passage) in data
    assert len(texts(data, it, INN.locator, "nb")) == 1
    source = node("D-012") if identifier in ENTRIES else node("D-001")
    assert list(data.objects(it, OA.hasSource)) == [source]
    label = texts(data, it, RDFS.label, "nb") + texts(data, it, RDFS.label, "en")
    assert [text.split(":")[0] for text in label] == [f"Avsnitt {identifier}", f"Passage {identifier}"]


def test_the_stated_purpose_is_in_its_passage(data: Graph) -> None:
    purpose = thing("purpose/internasjonal-strategi")
    assert list(data.objects(node("D-001"), INN.hasPurpose)) == [purpose]
    assert list(data.objects(purpose, DCTERMS.source)) == [passage("S-011")]
    (wording,) = texts(data, purpose, INN.officialText, "nb")
    assert texts(data, URIRef(passage("S-011") + "#quote"), OA.exact, "nb")[0].startswith(wording)


@pytest.mark.parametrize("identifier", [*DOCUMENTS, *WORDING, *ENTRIES, *STATEMENTS])
def test_a_passage_has_one_quote(data: Graph, identifier: str) -> None:
    quote = URIRef(passage(identifier) + "#quote")
    assert list(data.objects(passage(identifier), OA.hasSelector)) == [quote]
    assert (quote, RDF.type, OA.TextQuoteSelector) in data
    exact = texts(data, quote, OA.exact, "nb")
    assert len(exact) == 1
    assert exact[0] == " ".join(exact[0].split())


def test_repeated_entries_are_quoted_as_often_as_they_are_printed(data: Graph) -> None:
    quotes = Counter(text for i in ENTRIES for text in texts(data, URIRef(passage(i) + "#quote"), OA.exact, "nb"))
    assert {text: count for text, count in quotes.items() if count > 1} == REPEATED


def test_every_entry_of_the_table_has_a_place_of_its_own(data: Graph) -> None:
    places = Counter(text for i in ENTRIES for text in texts(data, passage(i), INN.locator, "nb"))
    assert set(places.values()) == {1}
    pieces = Counter(re.sub(r"( nr\.)? \d+$", "", place) for place in places)
    assert pieces == {"Vedlegg, SNÅSA": 9, "Vedlegg, midtre tabelldel": 29, "Vedlegg, LEVANGER": 26}


@pytest.mark.parametrize("identifier", STATEMENTS)
def test_a_statement_is_drawn_from_its_passage(files: dict[str, Graph], identifier: str) -> None:
    statement = thing(f"statement/{identifier.lower()}")
    graph = files["interpretation/statements.ttl"]
    assert (statement, RDF.type, INN.Statement) in graph
    assert passage(identifier) in set(graph.objects(statement, DCTERMS.source))
    assert list(graph.objects(statement, INN.about))
    for language in ("nb", "en"):
        assert len(texts(graph, statement, INN.statementText, language)) == 1
    holders = [s for g in files.values() for s in g.subjects(DCTERMS.identifier, Literal(identifier))]
    assert holders == [passage(identifier)]


def test_the_share_of_council_cases_is_a_typed_figure(data: Graph) -> None:
    statement = thing("statement/s-003")
    assert list(data.objects(statement, INN.figure)) == [Literal(50, datatype=XSD.integer)]
    assert set(data.objects(statement, INN.unit)) == {Literal("prosent", lang="nb"), Literal("per cent", lang="en")}


def test_the_strategies_have_their_parts(data: Graph) -> None:
    def parts(subject: str, predicate: URIRef) -> set[Node]:
        return set(data.objects(node(subject), predicate))

    assert parts("D-001", INN.hasVision) >= {node(f"V-{n}") for n in (1, 2, 3)}
    assert parts("D-001", INN.hasGoal) & parts("D-003", INN.hasGoal) >= {node(f"G-{n}") for n in (1, 2, 3)}
    assert parts("D-001", INN.hasMeasure) >= {node(f"R-{n}") for n in range(1, 6)}
    assert parts("D-001", INN.hasAim) >= {node(f"AIM-{n}") for n in range(1, 5)}
    assert parts("D-003", INN.hasStrategicArea) >= {node(f"AR-{n}") for n in range(1, 6)}
    assert parts("D-005", INN.hasFocusArea) >= {node(f"NS-{n}") for n in range(1, 5)}
    assert parts("D-001", INN.buildsOn) >= {node("D-011"), node("D-009")}
    council = thing("organisation/innherred-regionrad")
    assert node("V-0") in set(data.objects(council, INN.hasVision))
    assert council in set(data.objects(node("D-001"), INN.ownedBy))
    assert set(data.subject_objects(INN.meansTo)) >= {(node(f"AIM-{n}"), node("AIM-1")) for n in (2, 3, 4)}


def test_every_partner_of_the_list_is_named(files: dict[str, Graph]) -> None:
    named = set(files["strategy/documents.ttl"].objects(node("D-001"), INN.namesPartner))
    assert len(named) >= 38
    # Innovasjon Norge stands on the list only as maker of the action programme: our reading, not a statement.
    innovation = thing("organisation/innovasjon-norge")
    assert innovation not in named
    assert (node("D-001"), INN.namesPartner, innovation) in files["interpretation/documents.ttl"]


@pytest.mark.parametrize("identifier", PERIODS)
def test_printed_years_are_years(data: Graph, identifier: str) -> None:
    printed, start, end = PERIODS[identifier]
    assert list(data.objects(node(identifier), INN.printedPeriod)) == [Literal(printed)]
    assert list(data.objects(node(identifier), INN.startDate)) == [Literal(start, datatype=XSD.gYear)]
    assert list(data.objects(node(identifier), INN.endDate)) == [Literal(end, datatype=XSD.gYear)]


def test_links_and_file_names_are_as_printed(files: dict[str, Graph]) -> None:
    documents = files["strategy/documents.ttl"]
    assert {(str(s), str(o)) for s, o in documents.subject_objects(FOAF.page)} >= {
        (
            str(node("D-002")),
            "https://www.trondelagfylke.no/globalassets/dokumenter/naring/internasjonalt-handlingsprogram-2020-2023.pdf",
        ),
        (str(node("D-006")), "https://www.innherredregionrad.no/kompetanseforum-innherred.577841.no.html"),
        (str(node("D-007")), "https://www.innherredregionrad.no/"),
    }
    assert {(str(s), str(o)) for s, o in documents.subject_objects(INN.printedFileName)} >= {
        (str(node("D-004")), "Felles-areal-og-transportstrategi-Innherredsbyen-ver210521 (9).pdf"),
        (str(node("D-005")), "Strategi+for+n%C3%A6ring+p%C3%A5+Innherred+nov+22+endelig (7).pdf"),
    }


def test_our_reading_of_documents_is_claimed(files: dict[str, Graph]) -> None:
    graph = files["interpretation/documents.ttl"]
    claims = set(graph.subjects(RDF.type, INN.Claim))
    claimed = {(graph.value(c, RDF.subject), graph.value(c, RDF.predicate), graph.value(c, RDF.object)) for c in claims}
    assert (node("D-001"), INN.belongsToArea, node("AR-3")) in claimed
    assert (node("D-003"), DCTERMS.creator, thing("organisation/innherred-regionrad")) in claimed
    assert (node("D-001"), INN.issuedNotBefore, Literal("2023", datatype=XSD.gYear)) in claimed
    assert {graph.value(c, INN.certainty) for c in claims} == {INN.interpreted}
