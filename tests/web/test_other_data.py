"""Data of others, as it comes: what pages show is what it says, and each thing is found under its name."""

import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from urllib.parse import unquote

import pytest
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st

from app.build.builder import build
from app.config import Settings
from app.content.folders import Content
from app.progress import Progress
from app.terms import Literal, is_absolute_iri, typed
from app.web import create_app, links
from app.web.values import value_text

PEOPLE = {"Accept": "text/html"}
PREFIXES = """
PREFIX e: <https://data.example.org/vocab#>
PREFIX o: <https://data.example.org/ontology#>
PREFIX owl: <http://www.w3.org/2002/07/owl#>
PREFIX rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
PREFIX t: <https://data.example.org/id/thing/>
PREFIX xsd: <http://www.w3.org/2001/XMLSchema#>
BASE <https://data.example.org/id/thing/>
"""
DATASET = """
<https://data.example.org/catalog#dataset> a <http://rdfs.org/ns/void#Dataset> ;
    <http://rdfs.org/ns/void#uriSpace> "https://data.example.org/" ; <http://purl.org/dc/terms/title> "Test"@en .
"""
DATA = """
t:values a e:T ; rdfs:label "Values"@en ;
    e:number 63.79415 , 0.0004 , -0.0005 , 1234567.891234 , "1.0E-7"^^xsd:double , "1_000"^^xsd:decimal ;
    e:open "TRUE"^^xsd:boolean , true ; e:paid "Ja"^^xsd:boolean ;
    e:day "2024-01-01+01:00"^^xsd:date , "20240102"^^xsd:date , "2024-02-30"^^xsd:date , "2024-03-01"^^xsd:date .
t:deep a e:T ; rdfs:label "Deep"@en ; e:authors ( "First author" "Second author" "Third author" ) ;
    e:address [ e:street "Example street 1" ; e:geo [ e:lat 63.8 ; e:height [ e:metres 12 ] ] ] .
t:sequence a rdf:Seq ; rdfs:label "Sequence"@en ; rdf:_1 "one" ; rdf:_2 "two" ; rdf:_10 "ten" .
t:said a e:T ; rdfs:label "Said"@en ; rdfs:comment "In English"@en , "Auf Deutsch"@de ; e:motto "Vor"@de , "Ahead"@en .
t:own a o:T ; rdfs:label "Own"@en ; o:size 3 ; <https://data.example.org/prop/123> "x" .
o:T a owl:Class ; rdfs:label "Type"@en .
t:set a e:T ; rdfs:label "Set"@en ; e:observation <http://cube.example/1> ; rdfs:seeAlso <http://elsewhere.example/> .
<http://cube.example/1> a e:Observation ; e:value 6.1 .
<M%C3%B8re> a e:T ; rdfs:label "Escaped letter"@en .
<Møre%20og%20Romsdal> a e:T ; rdfs:label "Letter and escape"@en .
<å%3Fb> a e:T ; rdfs:label "Letter and sign"@en .
<a%2Fb> a e:T ; rdfs:label "Slash in a name"@en .
<a%3Fb> a e:T ; rdfs:label "Sign in a name"@en .
<50%25> a e:T ; rdfs:label "Per cent"@en .
<50%2541> a e:T ; rdfs:label "Escaped escape"@en .
"""


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> FlaskClient:
    folder = tmp_path_factory.mktemp("others")
    (folder / "data").mkdir()
    (folder / "data" / "dataset.ttl").write_text(DATASET, encoding="utf-8")
    (folder / "data" / "all.ttl").write_text(PREFIXES + DATA, encoding="utf-8")
    settings = Settings.from_environment({"INNHERRED_CONTENT": str(folder), "INNHERRED_STATE": str(folder / "state")})
    build(Content.open(folder), settings, as_of=None, progress=Progress())
    return create_app(settings).test_client()


def shown(client: FlaskClient, path: str) -> str:
    """Give the text of a page, without its marks."""
    answer = client.get(path, headers=PEOPLE)
    assert answer.status_code == 200, path
    main = answer.text[answer.text.index("<main") :]
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", main)))


def test_values_are_those_of_the_data(client: FlaskClient) -> None:
    page = shown(client, "/doc/thing/values")
    numbers = ("63.79415", "0.0004", "-0.0005", "1234567.891234", "0.0000001", "1_000")
    for written in (*numbers, "TRUE", "yes", "Ja"):
        assert f" {written} " in page, written
    for day in ("2024-01-01+01:00", "20240102", "2024-02-30", "1 March 2024"):
        assert f" {day} " in page, day


@given(st.decimals(allow_nan=False, allow_infinity=False, places=6, min_value=-(10**9), max_value=10**9))
def test_a_number_reads_back(client: FlaskClient, number: object) -> None:
    with client.application.test_request_context("/"):
        client.application.preprocess_request()
        assert type(number)(value_text(typed(format(number, "f"), "decimal"))) == number


@given(st.text(max_size=12), st.sampled_from(["boolean", "date", "gYearMonth", "decimal", "double", "integer"]))
def test_what_is_not_of_its_datatype_stands_as_it_is(client: FlaskClient, text: str, datatype: str) -> None:
    if re.fullmatch(r"[0-9+.eE-]+|true|false", text):
        return
    with client.application.test_request_context("/"):
        client.application.preprocess_request()
        assert value_text(Literal(text, datatype=typed("", datatype).datatype)) == text


def test_lists_and_blank_nodes_are_shown_whole(client: FlaskClient) -> None:
    page = shown(client, "/doc/thing/deep")
    assert "First author" in page
    assert page.index("First author") < page.index("Second author") < page.index("Third author")
    for value in ("Example street 1", "63.8", "12"):
        assert f" {value} " in page, value
    assert "without name" not in page
    counted = shown(client, "/doc/thing/sequence")
    assert counted.index(" one ") < counted.index(" two ") < counted.index(" ten ")


def test_texts_in_languages_without_a_page_are_there_too(client: FlaskClient) -> None:
    page = shown(client, "/doc/thing/said")
    for text in ("In English", "Auf Deutsch", "Vor", "Ahead", "(German)"):
        assert text in page, text


def links_of(client: FlaskClient, path: str) -> Iterator[str]:
    text = client.get(path, headers=PEOPLE).text
    yield from dict.fromkeys(unescape(link) for link in re.findall(r'href="(/[^"#][^"]*)"', text))


def test_every_link_leads_to_a_page(client: FlaskClient) -> None:
    waiting, seen = ["/", "/thing/"], set()
    while waiting:
        path = waiting.pop()
        if path in seen:
            continue
        seen.add(path)
        answer = client.get(path, headers=PEOPLE, follow_redirects=True, buffered=True)
        assert answer.status_code == 200, path
        if path in ("/", "/thing/") or path.startswith(("/doc/", "/describe")):
            waiting += links_of(client, path)
    assert {"/doc/thing/50%25", "/doc/thing/a%2Fb", "/doc/thing/M%C3%B8re%20og%20Romsdal"} <= seen


def test_each_thing_is_named_on_its_page(client: FlaskClient) -> None:
    for line in DATA.splitlines():
        if found := re.match(r'<(?!http)([^>]+)> a e:T ; rdfs:label "([^"]+)"', line):
            answer = client.get("/describe", query_string={"iri": f"https://data.example.org/id/thing/{found[1]}"})
            at = answer.headers.get("Location", answer.request.path + "?" + answer.request.query_string.decode())
            assert f"{found[2]}</bdi>" in client.get(at, headers=PEOPLE).text, line


def test_what_is_not_there_is_not_found(client: FlaskClient) -> None:
    for path in ("/doc/thing/51%25", "/id/thing/%E5", "/id/thing/a%00", "/52%25", "/doc/thing/a%2Fc", "/doc/thing/%20"):
        assert client.get(path, headers=PEOPLE).status_code == 404, path


def test_what_is_described_without_a_name_is_linked_to_here(client: FlaskClient) -> None:
    text = client.get("/doc/thing/set", headers=PEOPLE).text
    assert 'href="/describe?iri=http%3A%2F%2Fcube.example%2F1"' in text
    assert 'href="http://elsewhere.example/"' in text


PARTS = st.sampled_from([*"abå/?'京.~", "%20", "%25", "%2F", "%C3%A5", "%3F", "%41"])


@given(st.lists(PARTS, min_size=1, max_size=6).map("".join))
def test_an_address_means_the_thing_it_was_made_for(client: FlaskClient, name: str) -> None:
    iri = f"https://data.example.org/id/thing/{name}"
    if not is_absolute_iri(iri):
        return
    with client.application.test_request_context("/"):
        client.application.preprocess_request()
        path = links.path_of(iri)
        assert path is None or iri in links.iris_of("id/" + unquote(path).removeprefix("/doc/"))


def test_data_without_kinds_is_browsed_by_its_classes(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "a.ttl").write_text(
        "PREFIX c: <http://cube.example/> c:a a c:Set . c:b a c:Set . c:c a c:Other .", encoding="utf-8"
    )
    settings = Settings.from_environment({"INNHERRED_CONTENT": str(tmp_path), "INNHERRED_STATE": str(tmp_path / "s")})
    build(Content.open(tmp_path), settings, as_of=None, progress=Progress(quiet=True))
    client = create_app(settings).test_client()
    front = client.get("/", headers=PEOPLE).text
    link = "/describe?iri=http%3A%2F%2Fcube.example%2FSet"
    assert re.search(rf'href="{re.escape(link)}">[^<]*Set</a> \(2\)', front)
    page = client.get(link, headers=PEOPLE).text
    assert "/describe?iri=http%3A%2F%2Fcube.example%2Fa" in page


FRAGMENTS = """
<https://data.example.org/words> a owl:Ontology ; rdfs:label "The vocabulary"@en .
<https://data.example.org/words#Place> a owl:Class ; rdfs:label "Place"@en ; rdfs:subClassOf [ owl:onProperty e:p ] .
<https://data.example.org/words#dose> a owl:DatatypeProperty .
<https://data.example.org/words#linked> rdfs:subClassOf <https://data.example.org/words#Place> .
<https://data.example.org/words2#Other> a owl:Class .
<https://data.example.org/person/example#me> a e:Person ; rdfs:label "Example person"@en .
<http://far.example/terms#X> a owl:Class ; rdfs:label "Far term"@en .
t:a a e:T ; rdfs:label "A"@en . <https://data.example.org/id/thing/a#part> a e:Part ; rdfs:label "Part of A"@en .
"""


@pytest.fixture(scope="module")
def fragments(tmp_path_factory: pytest.TempPathFactory) -> FlaskClient:
    many = "".join(f"<https://data.example.org/many#n{n:04}> a e:N .\n" for n in range(450))
    return served_from(tmp_path_factory.mktemp("fragments"), PREFIXES + FRAGMENTS + many)


def served_from(folder: Path, data: str) -> FlaskClient:
    (folder / "data").mkdir()
    (folder / "data" / "dataset.ttl").write_text(DATASET, encoding="utf-8")
    (folder / "data" / "all.ttl").write_text(data, encoding="utf-8")
    settings = Settings(content=folder, state=folder / "state")
    build(Content.open(folder), settings, as_of=None, progress=Progress(quiet=True))
    return create_app(settings).test_client()


@pytest.mark.parametrize(
    ("path", "names", "triples"),
    [
        ("/words", ("Place", "dose", "linked"), ("words#Place> a", "words#dose> a", "onProperty")),
        ("/person/example", ("Example person",), ("person/example#me> a",)),
        ("/doc/thing/a", ("Part of A",), ("thing/a#part> a",)),
        ("/describe?iri=http://far.example/terms", ("Far term",), ("far.example/terms#X> a",)),
    ],
)
def test_a_document_has_what_its_fragments_name(
    fragments: FlaskClient, path: str, names: tuple[str, ...], triples: tuple[str, ...]
) -> None:
    page = shown(fragments, path)
    assert f"In this document ({len(names)}) " in page
    assert [name for name in names if f"{name} " not in page] == []
    answer = fragments.get(path, headers={"Accept": "text/turtle"})
    assert answer.status_code == 200
    assert [each for each in triples if each not in answer.text] == []
    assert "words2" not in answer.text
    for link in links_of(fragments, path):
        assert fragments.get(link, headers=PEOPLE, follow_redirects=True, buffered=True).status_code == 200, link


def test_a_document_with_many_fragments_has_pages(fragments: FlaskClient) -> None:
    first, last = shown(fragments, "/many"), shown(fragments, "/many?page=3")
    assert "In this document (450)" in first
    assert ("n0000" in first, "n0200" in first, "n0449" in last, "Page 3 of 3" in last) == (True, False, True, True)
    assert 'href="/many?page=2"' in fragments.get("/many", headers=PEOPLE).text
    assert fragments.get("/many?page=4", headers=PEOPLE).status_code == 404
    turtle = {"Accept": "text/turtle"}
    pages = [fragments.get("/many", query_string={"page": n}, headers=turtle) for n in range(1, 5)]
    assert [page.status_code for page in pages] == [200, 200, 200, 404]
    assert sum(page.text.count("many#n") for page in pages) == 450
    assert 'rel="next"' in ", ".join(pages[0].headers.getlist("Link"))
    assert 'rel="next"' not in ", ".join(pages[2].headers.getlist("Link"))
    for none in ("/man", "/many2", "/words%23", "/%25", "/describe?iri=http://far.example/term"):
        assert fragments.get(none, headers=PEOPLE).status_code == 404, none
