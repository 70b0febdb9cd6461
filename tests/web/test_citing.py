"""Citations: what reference managers read; and which version an answer says it is of."""

import json
import re
import warnings
from io import StringIO

import pytest
import yaml
from pybtex.database import parse_string

from app.catalog.citation import Agent, Reference
from app.web import create_app
from tests.changes.conftest import BASE, Place
from tests.web.conftest import Client

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # of its own use of other libraries
    from citeproc.source.json import CiteProcJSON

CSL, BIBTEX, HTML = "application/vnd.citationstyles.csl+json", "application/x-bibtex", {"Accept": "text/html"}
CITED = ["/doc/town/bekk", "/en/doc/town/bekk", f"/describe?iri={BASE}id/town/bekk", "/queries/said", "/catalog"]
ANSWERS = [
    *(*CITED, "/", "/en/", "/town/", "/doc/town/bekk.ttl", "/doc/town/bekk.jsonld", "/doc/town/bekk.json", "/ontology"),
    *("/queries/said.csv", "/queries/said.json", "/queries/said.xlsx", "/search?q=bekk", "/dump/all.nq.gz", "/gaps"),
    *("/sparql?query=ASK {}", "/sparql?query=ASK {}&basis=all", "/sparql", "/.well-known/void", "/api/openapi.json"),
]


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """Give a content that says who it is by."""
    place = Place(tmp_path_factory.mktemp("citing"))
    text = (place.root / "data" / "dataset.ttl").read_text(encoding="utf-8")
    said = """
<http://example.org/havdal/catalog#dataset>
  <http://purl.org/dc/terms/creator> <http://example.org/havdal/id/person/ada> ;
  <http://purl.org/dc/terms/publisher> "Kåfjord & Sønner {50%}"@nb ;
  <http://purl.org/dc/terms/identifier> "https://doi.org/10.5555/havdal.1" .
<http://example.org/havdal/id/person/ada> a <http://xmlns.com/foaf/0.1/Person> ;
  <http://www.w3.org/2000/01/rdf-schema#label> "Ada Ånesen"@nb ;
  <http://xmlns.com/foaf/0.1/familyName> "Ånesen" ; <http://xmlns.com/foaf/0.1/givenName> "Ada" .
"""
    (place.root / "data" / "dataset.ttl").write_text(text + said, encoding="utf-8")
    place.version = place.build().manifest.version
    return place


@pytest.fixture(scope="module")
def client(place):
    app = create_app(place.settings)
    app.testing = False
    app.test_client_class = Client
    return app.test_client()


@pytest.mark.parametrize("path", [*CITED, "/version/"])
def test_citation_is_read_by_reference_managers(client, place, path):
    path += place.version if path == "/version/" else ""
    answer = client.get(path, headers={"Accept": BIBTEX}, follow_redirects=True)
    assert answer.mimetype == BIBTEX
    ((key, entry),) = parse_string(answer.text, "bibtex").entries.items()
    assert place.version in key
    assert re.fullmatch("[a-z0-9-]+", key)
    assert [str(each) for each in entry.persons["author"]] == ["{Ånesen}, {Ada}"]
    assert place.version in entry.fields["url"]
    answer = client.get(path, headers={"Accept": CSL}, follow_redirects=True)
    (item,) = json.loads(answer.text)
    assert item["author"] == [{"family": "Ånesen", "given": "Ada"}]
    assert (item["version"], item["publisher"]) == (place.version, "Kåfjord & Sønner {50%}")
    assert item["URL"] == entry.fields["url"]
    assert item["issued"]["date-parts"][0][0] == int(entry.fields["year"])
    assert ("DOI" in item) is (item["type"] == "dataset")
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # it warns of what is no CSL
        assert list(CiteProcJSON([item])) == [item["id"]]


def test_page_leads_to_its_citation(client, place):
    for path in (*CITED, f"/version/{place.version}"):
        page = client.get(path, headers=HTML, follow_redirects=True).text
        found = re.findall(r'href="([^"]+)">(?:BibTeX|CSL JSON)<', page)
        assert len(found) == 2, path
        for address in found:
            answer = client.get(address.replace("&amp;", "&"))
            assert (answer.status_code, answer.mimetype in (CSL, BIBTEX)) == (200, True)


@pytest.mark.parametrize(
    "text", ["", "}", "{{{", "\\", "a}, title = {b", "@misc{x,}", "100 % # _ ~ ^ $ &", '"', "\n\t\x00x", "å" * 9_000]
)
def test_no_text_breaks_out_of_an_entry(text):
    about = Reference(
        text, f"http://example.org/{text}", "0" * 12, "2026-01-01", "2026-01-02", "", text, (Agent(text or "x"),)
    )
    ((_, entry),) = parse_string(about.bibtex.replace("\x00", ""), "bibtex").entries.items()
    assert set(entry.fields) <= {"title", "howpublished", "year", "date", "version", "url", "note"}
    assert yaml.safe_load(StringIO(Reference("x", "y", "v", "2026-01-01", "2026-01-02").cff))["authors"] == [
        {"name": "x"}
    ]


@pytest.mark.parametrize("path", ANSWERS)
def test_every_answer_says_its_version(client, place, path):
    answer = client.get(path, headers=HTML if path in ("/", "/en/") else {}, follow_redirects=True)
    assert answer.status_code == 200
    assert answer.headers["Dataset-Version"] == place.version
    (cited,) = re.findall(r'<([^>]+)>; rel="cite-as"', ", ".join(answer.headers.getlist("Link")))
    again = client.get(cited.removeprefix(BASE.rstrip("/")), headers={"Accept": answer.mimetype}, follow_redirects=True)
    assert again.status_code == 200
    assert again.headers["Dataset-Version"] == place.version
    assert (
        answer.headers["Access-Control-Expose-Headers"].count("Dataset-Version") if "html" not in answer.mimetype else 1
    )


def test_what_is_asked_of_a_version_is_a_memento(client, place):
    answer = client.get(f"/sparql?query=ASK {{}}&version={place.version}&format=json")
    assert answer.headers["Memento-Datetime"].endswith(" GMT")
    links = ", ".join(answer.headers.getlist("Link"))
    assert '</sparql?query=ASK%20%7B%7D&format=json>; rel="original latest-version"' in links
    assert "Memento-Datetime" not in client.get("/doc/town/bekk.ttl").headers


def test_posted_query_says_its_version_and_a_long_address_is_not_repeated(client, place):
    posted = client.post("/sparql", data={"query": "ASK {}"})
    assert posted.headers["Dataset-Version"] == place.version
    long = client.get("/sparql", query_string={"query": "ASK {}" + " " * 3000, "format": "json"})
    assert (long.status_code, long.headers["Dataset-Version"]) == (200, place.version)
    assert "cite-as" not in ", ".join(long.headers.getlist("Link"))


@pytest.mark.parametrize("query", ['"><script>', "%0d%0aX: y", ">; rel=evil", "æøå", "\u2028"])
def test_nothing_in_an_address_breaks_out_of_a_header(client, query):
    answer = client.get("/search", query_string=f"q={query}".encode().decode("latin-1"), headers=HTML)
    (link,) = [each for each in answer.headers.getlist("Link") if "cite-as" in each]
    assert re.fullmatch(r'<[!#-;=?-~]+>; rel="cite-as"', link)
    assert "X" not in answer.headers


def test_version_leads_to_all_it_has(place):
    from app.build.releasing import release

    release(place.state, "one")
    app = create_app(place.settings)
    app.test_client_class = Client
    answer = app.test_client().get(f"/version/{place.version}", headers=HTML)
    found = re.findall(
        r'<([^>]+)>; rel="(item|describedby|license|cite-as)"', ", ".join(answer.headers.getlist("Link"))
    )
    assert {rel for _, rel in found} >= {"item", "describedby", "cite-as"}
    assert sum(len(each) for each in answer.headers.getlist("Link")) < 4_000
    for address, rel in found:
        if rel in ("item", "describedby"):
            assert app.test_client().get(address).status_code == 200, address
    assert f"/version/{place.version}/crate.zip" in [address for address, _ in found]
    assert "The same in the newest" not in app.test_client().get(f"/en/version/{place.version}", headers=HTML).text
