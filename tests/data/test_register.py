"""The register graphs: what outside pages and registers say, each with its source, and nothing unverified.

``links.csv`` is the reading the data was made from. It is not part of the repository, so the tests that
compare with it run where it lies beside the checkout.
"""

import csv
import re
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest
from rdflib import DC, DCAT, DCTERMS, FOAF, RDF, RDFS, SKOS, VOID, XSD, Graph, Literal, URIRef
from rdflib.term import Node

ROOT = Path(__file__).parents[2]
DATA = ROOT / "data"
LINKS = ROOT.parent / "shared" / "source" / "links.csv"
BASE = "https://w3id.org/innherred/"
INN = BASE + "ontology#"
GEO = "http://www.opengis.net/ont/geosparql#"
STEMS = sorted(path.stem for path in (DATA / "register").glob("*.ttl"))

needs_links = pytest.mark.skipif(not LINKS.exists(), reason="links.csv does not lie beside the checkout")


def inn(name: str) -> URIRef:
    return URIRef(INN + name)


def thing(path: str) -> URIRef:
    return URIRef(BASE + "id/" + path)


@cache
def register(stem: str) -> Graph:
    return Graph().parse(DATA / "register" / f"{stem}.ttl")


@cache
def everything() -> Graph:
    merged = Graph()
    for path in DATA.rglob("*.ttl"):
        merged.parse(path)
    return merged


@cache
def rows(*verified: str) -> list[dict[str, str]]:
    with LINKS.open(encoding="utf-8", newline="") as file:
        return [row for row in csv.DictReader(file) if row["verified"] in verified]


def languages(graph: Graph, subject: Node, predicate: URIRef) -> set[str | None]:
    return {value.language for value in graph.objects(subject, predicate) if isinstance(value, Literal)}


# --- the graphs and their sources ---------------------------------------------------------------------------


def test_the_32_sources_of_the_reading_are_each_described_once() -> None:
    found = [
        (str(number), stem)
        for stem in STEMS
        for number in register(stem).objects(None, DCTERMS.identifier)
        if str(number).startswith("E-")
    ]
    assert [row for row in sorted(found) if row[0] <= "E-32"] == [(f"E-{n:02}", f"e-{n:02}") for n in range(1, 33)]


# --- the form of the facts ----------------------------------------------------------------------------------


# --- links.csv ----------------------------------------------------------------------------------------------

# Rows that are seen or verified and yet left out, each with its reason.
LEFT_OUT = {("O-040 FN-sambandet (if meant by FN-samarbeidet)", "website"): "not certain that FN-sambandet is meant"}
# Values marked unverified that the reading of the document gives itself.
READ_IN_THE_DOCUMENT = {("O-015 NIBIO", "name_en")}
# Values marked unverified that have been seen since: the site itself, or named as theirs on another's page.
SEEN_SINCE = {
    ("O-008 Innovasjon Norge", "website"),  # no.m.wikipedia.org/wiki/Norges_Turistråd
    ("O-044 IMDi", "website"),  # www.imdi.no/om-imdi/
    ("O-045 OECD", "website"),  # mfa.bg/en/en-oecd/about-oecd
}

TWIN_TOWNS = {
    "Kramfors": "kramfors",
    "Varde": "varde",
    "Halikko/Salo": "salo",
    "Rangárþing eystra": "rangarthing-eystra",
    "Herceg Novi": "herceg-novi",
}
# The reading's row for a language centre without a name: its guess at the name has a node of its own.
NAMED_OTHERWISE = {"O-052": "organisation/gielem-nastedh", "Trøndelag": "place/trondelag"}
# The page about an activity in the programme, or about what a unit takes part in.
PAGE_OF = {"P-013": "activity/europan-16", "O-056": "organisation/frisklivssentralen-verdal"}
DATES = {
    "P-012": ("2017", "2019"),
    "P-017": ("2018-08", "2021-12"),
    "P-023": ("2016", None),
    "P-024": ("2015", None),
    "P-025": ("2019-01-08", "2022-06-30"),
    "P-026": ("2020", "2023"),
    "P-028": ("2018-09-01", "2021-08-31"),
}
LABELS = (RDFS.label, SKOS.altLabel, SKOS.hiddenLabel)
PAGES = (FOAF.homepage, FOAF.page)

Check = Callable[[Graph, URIRef, str], bool]


def subject_of(row: dict[str, str]) -> URIRef:
    """The thing a row is about: by the reading's id, or by name where it has none."""
    label, number = row["local_label"], row["local_label"].split(maxsplit=1)[0]
    if row["property"] == "iri":
        return URIRef(row["value"])
    if label.startswith("Levanger twin town: "):
        return thing("municipality/" + TWIN_TOWNS[label.removeprefix("Levanger twin town: ")])
    if number in NAMED_OTHERWISE:
        return thing(NAMED_OTHERWISE[number])
    if row["property"] == "website" and number in PAGE_OF:
        return thing(PAGE_OF[number])
    found = list(everything().subjects(DCTERMS.identifier, Literal(number)))
    assert len(found) == 1, f"{label}: {found}"
    return found[0]


def states(*predicates: URIRef, as_: Callable[[str], Node] = Literal) -> Check:
    """Whether a triple with one of the predicates has the value."""
    return lambda graph, subject, value: any((subject, p, as_(value)) in graph for p in predicates)


def named(language: str) -> Check:
    return states(*LABELS, as_=lambda value: Literal(value, lang=language))


def day(value: str) -> Literal:
    """A date as exact as it is written: a day, a month or a year."""
    return Literal(value, datatype={4: XSD.gYear, 7: XSD.gYearMonth}.get(len(value), XSD.date))


def told(part: Callable[[str], str]) -> Check:
    """Whether a statement about the thing has a part of the value in its text."""

    def check(graph: Graph, subject: URIRef, value: str) -> bool:
        statements = graph.subjects(inn("about"), subject)
        return any(part(value) in text for one in statements for text in graph.objects(one, inn("statementText")))

    return check


def point(graph: Graph, subject: Node, value: str) -> bool:
    latitude, longitude = (round(float(part), 5) for part in value.split(","))
    texts = {
        str(text)
        for geometry in graph.objects(subject, URIRef(GEO + "hasGeometry"))
        for text in graph.objects(geometry, URIRef(GEO + "asWKT"))
    }
    return f"POINT({longitude} {latitude})" in texts


def centre(graph: Graph, subject: URIRef, value: str) -> bool:
    place = graph.value(subject, inn("administrativeCentre"))
    return (place, RDFS.label, Literal(value, lang="nb")) in graph


def twinned(graph: Graph, subject: URIRef, value: str) -> bool:
    bonds = [*graph.subjects(inn("participant"), subject)] or [thing("activity/herceg-novi")]
    return any((bond, inn("startDate"), day(value)) in graph for bond in bonds)


def population(graph: Graph, subject: URIRef, value: str) -> bool:
    figure, year = value.removesuffix(")").split(" (")
    return any(
        (one, inn("figure"), Literal(int(figure))) in graph
        and (one, inn("year"), Literal(year, datatype=XSD.gYear)) in graph
        for one in graph.subjects(inn("about"), subject)
    )


def founded(graph: Graph, subject: URIRef, value: str) -> bool:
    return any(value.startswith(str(date)) for date in graph.objects(subject, inn("founded")))


def runs(graph: Graph, subject: URIRef, value: str) -> bool:
    identifiers = everything().objects(subject, DCTERMS.identifier)
    start, end = next(DATES[str(number)] for number in identifiers if str(number) in DATES)
    printed = " ".join(map(str, graph.objects(subject, inn("printedPeriod"))))
    return (
        all(year in printed for year in re.findall(r"\d{4}", value))
        and states(inn("startDate"), as_=day)(graph, subject, start)
        and (end is None or states(inn("endDate"), as_=day)(graph, subject, end))
    )


def situated(graph: Graph, subject: URIRef, value: str) -> bool:
    places = graph.objects(subject, inn("locatedIn"))
    known = {str(text) for place in places for text in everything().objects(place, RDFS.label)}
    known.update(map(str, graph.objects(URIRef(subject + "#address"), None)))
    return bool(known & {value, re.split(r"[;,] ", value)[0]})


READINGS: dict[str, Check] = {
    "iri": lambda graph, subject, _: languages(graph, subject, RDFS.label) == {"nb", "en"},
    "kommunenr": states(inn("municipalityNumber")),
    "orgnr": states(inn("organisationNumber")),
    "fylkesnr": states(SKOS.notation),
    "county": states(inn("inCounty"), as_=lambda _: thing("place/trondelag")),
    "nuts": lambda graph, _, value: (thing("place/trondelag"), inn("nutsCode"), Literal(value)) in graph,
    "nuts2": told(str),
    "nuts3": states(inn("nutsCode")),
    "nuts_iri": states(RDFS.seeAlso, as_=URIRef),
    "name_nb": named("nb"),
    "name_register": named("nb"),
    "name_en": named("en"),
    "name_sv": named("sv"),
    "name_sma": named("sma"),
    "name_sma_municipality": states(RDFS.label, as_=lambda value: Literal(value, lang="sma")),
    "name_full": lambda *row: named("nb")(*row) or named("en")(*row),
    "note_name_sma": lambda graph, subject, _: languages(graph, subject, SKOS.editorialNote) == {"nb", "en"},
    "title": states(DCTERMS.title, as_=lambda value: Literal(value.removesuffix(" (NIBR for KS)"), lang="nb")),
    "wikidata": states(RDFS.seeAlso, as_=lambda value: URIRef("http://www.wikidata.org/entity/" + value)),
    "osm_relation": states(RDFS.seeAlso, as_=URIRef),
    "ror": states(inn("ror"), as_=URIRef),
    "website": states(*PAGES, as_=URIRef),
    "website_no": states(*PAGES, as_=URIRef),
    "website_eu": states(*PAGES, as_=URIRef),
    "url": states(*PAGES, as_=URIRef),
    "cristin": states(*PAGES, as_=lambda value: URIRef("https://app.cristin.no/projects/show.jsf?id=" + value)),
    "project_code": states(inn("projectCode"), as_=lambda value: Literal(value.split()[0])),
    "country": states(inn("locatedIn"), inn("partOfPlace"), DCTERMS.spatial, as_=URIRef),
    "admin_centre": centre,
    "coordinates_admin_centre": lambda graph, subject, value: point(
        graph, everything().value(subject, inn("administrativeCentre")), value
    ),
    "coordinates_point_in_area": point,
    "population": population,
    "founded": founded,
    "adopted": states(DCTERMS.dateAccepted, as_=day),
    "twinned_since": twinned,
    "period": runs,
    "started": runs,
    "place": situated,
    "host": told(lambda value: value.split(" (")[0]),
    "area": told(lambda value: value.removesuffix(" countries")),
    "winner": lambda graph, _, value: told(lambda text: text.split(" (")[0])(
        graph, thing("activity/europan-16"), value
    ),
    "first_held": told(str),
    "samisk_forvaltningsomrade": told(lambda value: value.partition("since ")[2][:4]),
}


def says(graph: Graph, row: dict[str, str]) -> bool:
    """Whether a graph says what a row says, in the terms of the model."""
    return READINGS[row["property"]](graph, subject_of(row), row["value"])


@cache
def stems_by_page() -> dict[str, str]:
    return {str(page): stem for stem in STEMS for page in register(stem).objects(thing(f"source/{stem}"), FOAF.page)}


@needs_links
def test_what_was_verified_stands_in_the_graph_of_its_source() -> None:
    missing = [
        (row["local_label"], row["property"], row["value"])
        for row in rows("yes")
        if (row["local_label"], row["property"]) not in LEFT_OUT
        and not says(register(stems_by_page()[row["source_url"]]), row)
    ]
    assert missing == []


@needs_links
def test_what_was_seen_stands_in_some_register_graph() -> None:
    missing = [
        (row["local_label"], row["property"], row["value"])
        for row in rows("seen")
        if (row["local_label"], row["property"]) not in LEFT_OUT
        and not any(says(register(stem), row) for stem in ("identifiers", *STEMS))
    ]
    assert missing == []


@needs_links
def test_rows_left_out_are_left_out() -> None:
    known = {(row["local_label"], row["property"]): row for row in rows("yes", "seen")}
    for key in LEFT_OUT:
        assert not any(says(register(stem), known[key]) for stem in STEMS), key


@needs_links
def test_nothing_unverified_is_published() -> None:
    verified = {row["value"] for row in rows("yes", "seen")}
    terms = {str(term) for triple in everything() for term in triple}
    texts = "\n".join(terms)
    for row in rows("no"):
        value = row["value"].split(" (")[0]
        printed = row["source_url"] == "the strategy document"
        if not value or printed or row["value"] in verified:
            continue
        if (row["local_label"], row["property"]) in READ_IN_THE_DOCUMENT | SEEN_SINCE:
            continue
        if row["property"].startswith("coordinates"):
            latitude, longitude = map(float, value.split(","))
            assert f"POINT({longitude} {latitude})" not in terms, row
        elif value.startswith("http"):
            assert not {value, value.rstrip("/")} & terms, row
        else:
            assert value not in texts, row


# --- the dataset --------------------------------------------------------------------------------------------


def test_the_dataset_says_what_it_is() -> None:
    graph, dataset = Graph().parse(DATA / "dataset.ttl"), URIRef(BASE + "catalog#dataset")
    assert set(graph.objects(dataset, RDF.type)) == {VOID.Dataset, DCAT.Dataset}
    assert list(graph.objects(dataset, VOID.uriSpace)) == [Literal(BASE)]
    assert languages(graph, dataset, DCTERMS.title) == {"nb", "en"}
    assert languages(graph, dataset, DCTERMS.description) == {"nb", "en"}
    assert list(graph.objects(dataset, DC.language)) == [Literal("nb, en, sma")]
    assert graph.value(dataset, DCTERMS.license) == URIRef("https://data.norge.no/nlod/no/2.0")
    assert graph.value(dataset, DCTERMS.publisher) == thing("organisation/innherred-regionrad")


@pytest.mark.parametrize(
    ("name", "certainty"),
    [("strategy", "stated"), ("interpretation", "interpreted"), ("ontology", ""), ("shapes", ""), ("queries", "")],
)
def test_the_fixed_graphs_are_described(name: str, certainty: str) -> None:
    graph, iri = Graph().parse(DATA / "dataset.ttl"), URIRef(f"{BASE}graph/{name}")
    assert languages(graph, iri, RDFS.label) == {"nb", "en"}
    assert languages(graph, iri, DCTERMS.description) == {"nb", "en"}
    assert list(graph.objects(iri, inn("certainty"))) == ([inn(certainty)] if certainty else [])
