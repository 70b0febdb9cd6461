"""A site of data that nobody wrote a query for: what the front page shows, what a list is narrowed by."""

import re
from html import unescape
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from app.build.builder import build
from app.config import Settings
from app.content.folders import Content
from app.progress import Progress
from app.web import create_app

PREFIXES = """
PREFIX dcterms: <http://purl.org/dc/terms/>
PREFIX geo: <http://www.opengis.net/ont/geosparql#>
PREFIX s: <https://schema.org/>
PREFIX v: <https://data.example.org/vocab#>
BASE <https://data.example.org/id/>
"""
ABOUT = """
<https://data.example.org/catalog#d> a <http://rdfs.org/ns/void#Dataset> ;
    <http://rdfs.org/ns/void#uriSpace> "https://data.example.org/" ; dcterms:title "Test"@en ;
    <http://purl.org/dc/elements/1.1/language> "nb, en" .
"""
PLACES = """
<area/north> a v:Area ; s:name "The north"@en . <area/south> a v:Area ; s:name "The south"@en .
v:colour <http://www.w3.org/2000/01/rdf-schema#label> "colour"@en , "farge"@nb .
""" + "".join(
    f"""
<place/p{n}> a v:Place ; s:name "Place {n}"@en ; dcterms:isPartOf <area/{"north" if n % 3 else "south"}> ;
    v:colour <colour/{"red" if n % 2 else "blue"}> ; v:neighbour <place/p{(n + 1) % 1200}> ;
    s:startDate "{2000 + n % 20}-05-01"^^<http://www.w3.org/2001/XMLSchema#date> ;
    geo:hasGeometry <point/p{n}> . <point/p{n}> geo:asWKT "POINT(11.{n % 9} 64.{n % 7})"^^geo:wktLiteral .
"""
    for n in range(1200)
)
SCHEMA = """
<https://data.example.org/p> a s:Place ; s:name "Square"@en ; s:geo [ s:latitude 64.01 ; s:longitude 11.49 ] .
"""


def site(folder: Path, **files: str) -> FlaskClient:
    """Build and serve a content of one file of data, and more files by their paths (``__`` is a slash)."""
    for name, text in files.items():
        path = folder / f"{name.replace('__', '/')}"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    settings = Settings(content=folder, state=folder / "state")
    build(Content.open(folder), settings, as_of=None, progress=Progress(quiet=True))
    return create_app(settings).test_client()


def told(client: FlaskClient, path: str) -> str:
    """Give a page in English."""
    answer = client.get(f"/en{path}", headers={"Accept": "text/html"}, follow_redirects=True)
    assert answer.status_code == 200
    return unescape(answer.text)


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> FlaskClient:
    folder = tmp_path_factory.mktemp("unconfigured")
    return site(folder, **{"data__dataset.ttl": PREFIXES + ABOUT, "data__places.ttl": PREFIXES + PLACES})


def test_the_front_page_has_a_map_a_timeline_and_what_links_the_kinds(client: FlaskClient) -> None:
    page = told(client, "/")
    assert len(re.findall(r'<circle class="point', page)) in range(1, 41)
    assert "At most 40 of the things that have a point in coordinates." in page
    assert page.count('<span class="when">') == 40
    links = page[page.index('id="panel-30-links"') :]
    for name in ("is part of", "neighbour", "Area"):
        assert name in links


def test_the_front_page_has_some_of_each_kind(client: FlaskClient) -> None:
    page = told(client, "/")
    kinds = page[page.index('id="kinds"') :]
    line = re.search(r'<a class="ds-link" href="/en/place/">.*?</li>', kinds, re.DOTALL)
    assert line is not None
    assert "(1,200)" in line[0]
    assert len(re.findall(r'href="/en/doc/place/p\d+">Place \d+</a>', line[0])) == 3


def test_lists_are_narrowed_by_properties_that_divide_well(client: FlaskClient) -> None:
    found = client.get("/place/?format=json").json
    facets = {each["name"]: {value["value"]: value["count"] for value in each["values"]} for each in found["facets"]}
    assert facets["is-part-of"] == {"north": 800, "south": 400}
    assert len(facets["colour"]) == 2
    # Each place has another neighbour and another geometry: that divides nothing.
    assert not {"neighbour", "has-geometry"} & facets.keys()
    assert "<h2" in told(client, "/place/")
    assert "Is part of" in told(client, "/place/")
    assert "Farge" in client.get("/place/", headers={"Accept": "text/html"}).text


def test_hits_are_counted_as_a_reader_writes_numbers(client: FlaskClient) -> None:
    assert "1,200 hits" in told(client, "/place/")
    assert "1,200 hits for" in told(client, "/search?q=place")


def test_what_has_no_facts_shows_first_what_points_to_it(client: FlaskClient) -> None:
    page = told(client, "/doc/area/north")
    assert re.search(r"<details class=\"ds-details\" open>\s*<summary id=\"incoming\">", page)
    assert "Nothing more is said" not in page


def test_a_name_that_nobody_gave_stands_as_it_is(tmp_path: Path) -> None:
    client = site(tmp_path, **{"data__dataset.ttl": PREFIXES + ABOUT, "data__p.ttl": PREFIXES + SCHEMA})
    page = told(client, "/describe?iri=https://data.example.org/p")
    assert re.search(r'<dt class="code"><a [^>]*>schema:geo</a></dt>', page)
    assert '<dt class="code">schema:latitude</dt>' in page
    assert len(re.findall(r'<circle class="point', told(client, "/"))) == 1


@pytest.mark.parametrize(
    ("name", "stays"),
    [(r"x\u2028SELECT ?thing ?value { ?thing ?value 1 }\n\u0085}\"}# {nb: x}", True), (r"colour \uFFFE", False)],
)
def test_a_name_breaks_no_facet(tmp_path: Path, name: str, stays: bool) -> None:
    """What no header can hold is left out; what would end one is held."""
    places = PLACES.replace('"colour"@en', f'"{name}"@en')
    client = site(tmp_path, **{"data__dataset.ttl": PREFIXES + ABOUT, "data__places.ttl": PREFIXES + places})
    facets = {each["name"]: each for each in client.get("/place/?format=json").json["facets"]}
    assert facets.keys() == {"is-part-of", *(["colour"] if stays else [])}
    assert told(client, "/place/").count("SELECT ?thing") == stays


@pytest.mark.parametrize("own", [True, False])
def test_a_front_page_and_facets_of_ones_own_take_the_place_of_those(tmp_path: Path, own: bool) -> None:
    query = '#+ title: {en: "All places"}\nSELECT ?place { ?place a <https://data.example.org/vocab#Place> } LIMIT 5\n'
    facet = '#+ title: {en: "Part"}\nSELECT ?thing ?value { ?thing <http://purl.org/dc/terms/isPartOf> ?value }\n'
    files = {"queries__front__10-all.rq": query, "queries__facets__10-part.rq": facet} if own else {}
    data = {"data__dataset.ttl": PREFIXES + ABOUT, "data__places.ttl": PREFIXES + PLACES}
    client = site(tmp_path, **data, **files)
    page = told(client, "/")
    assert ("All places" in page, "How it hangs together" in page) == (own, not own)
    names = {each["name"] for each in client.get("/place/?format=json").json["facets"]}
    assert ("part" in names, "is-part-of" in names) == (own, not own)
