"""The frame of the site: name, menu, overviews, what a head says, the page about data, addresses that lead nowhere."""

import re
import shutil
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from tests.web.conftest import CONTENT, client_of

PEOPLE = {"Accept": "text/html,*/*;q=0.8"}
MENU = """#+ title: {nb: Menyen, en: The menu}
SELECT ?path ?label WHERE {
  VALUES (?order ?path ?label) {
    (1 "/overview/towns" "Byene"@nb) (1 "/overview/towns" "The towns"@en) (2 "/data" "Data"@nb)
    (3 "https://elsewhere.example/" "Borte"@nb) (4 "//elsewhere.example/" "Borte"@nb)
  }
} ORDER BY ?order ?label
"""
TOWNS = """#+ title: {nb: Alle byene, en: All the towns}
#+ description: {nb: "De som finnes.", en: "Those there are."}
#+ view: list
PREFIX hd: <http://example.org/havdal/ontology#>
SELECT ?town WHERE { ?town a hd:Town } ORDER BY ?town
"""
SAID = """
<http://example.org/havdal/catalog#dataset> rdfs:label "Havdal ute"@nb , "Havdal abroad"@en ;
    rdfs:comment "Hva byene gjør"@nb , "What the towns do"@en ; dcterms:abstract "Her ser du det."@nb .
"""


@pytest.fixture(scope="module")
def framed(tmp_path_factory: pytest.TempPathFactory) -> FlaskClient:
    """Serve a content with a name, a menu and an overview of its own."""
    content = tmp_path_factory.mktemp("framed") / "content"
    shutil.copytree(CONTENT, content)
    with (content / "data" / "dataset.ttl").open("a", encoding="utf-8") as file:
        file.write(SAID)
    (content / "queries" / "menu.rq").write_text(MENU, encoding="utf-8")
    (content / "queries" / "overviews" / "towns").mkdir(parents=True)
    (content / "queries" / "overviews" / "towns" / "10-all.rq").write_text(TOWNS, encoding="utf-8")
    return client_of(content, tmp_path_factory.mktemp("state"))


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> FlaskClient:
    """Serve a content that says nothing of menus and has no queries at all."""
    return client_of(Path(__file__).parents[1] / "contents" / "nordfjella", tmp_path_factory.mktemp("state"))


def menu_of(page: str) -> list[tuple[str, str]]:
    menu = page.partition('<nav class="menu wide"')[2].partition("</nav>")[0]
    return re.findall(r'href="([^"]+)"[^>]*>([^<]+)<', menu)


def head_of(page: str) -> dict[str, str]:
    return dict(re.findall(r'<meta (?:name|property)="([^"]+)" content="([^"]*)">', page))


def test_the_site_has_the_name_that_the_content_gives_it(framed: FlaskClient, client: FlaskClient) -> None:
    page = framed.get("/", headers=PEOPLE).text
    assert "<title>Hva byene gjør – Havdal ute</title>" in page
    assert "Her ser du det." in page
    assert "What the towns do" in framed.get("/en/", headers=PEOPLE).text
    assert 'dcterms:title "Havdal"@nb' not in page
    assert '"Havdal"@nb' in framed.get("/catalog.ttl").text
    # Without one it is that of the dataset.
    assert "– Havdal</title>" in client.get("/data", headers=PEOPLE).text


def test_the_menu_is_the_content_s_and_leads_nowhere_else(framed: FlaskClient) -> None:
    page = framed.get("/data", headers=PEOPLE).text
    assert menu_of(page) == [("/overview/towns", "Byene"), ("/data", "Data")]
    assert page.count('href="/data" aria-current="page"') == 2  # in a row, and folded on a narrow screen
    assert "elsewhere.example" not in page
    assert menu_of(framed.get("/en/data", headers=PEOPLE).text)[0] == ("/en/overview/towns", "The towns")


def test_a_content_without_a_menu_has_one_of_its_kinds(plain: FlaskClient) -> None:
    page = plain.get("/", headers=PEOPLE).text
    paths = [path for path, _label in menu_of(page)]
    assert paths[0] == "/office/"
    assert paths[-1] == "/data"
    assert 'id="kinds"' in page
    assert len(paths) <= 8
    for path in paths:
        assert plain.get(path, headers=PEOPLE).status_code == 200


def test_an_overview_is_a_folder_of_queries(framed: FlaskClient) -> None:
    page = framed.get("/overview/towns", headers=PEOPLE).text
    assert '<h1 class="ds-heading">Alle byene</h1>' in page
    assert "De som finnes." in page
    assert page.count("/doc/town/") >= 6
    assert "/overview/towns" in framed.get("/sitemap-1.xml").text
    assert framed.get("/overview/none", headers=PEOPLE).status_code == 404


def test_a_head_says_what_the_page_is(framed: FlaskClient) -> None:
    head = head_of(framed.get("/overview/towns", headers=PEOPLE).text)
    assert head["description"] == head["og:description"] == "Hva byene gjør"
    assert (head["og:title"], head["og:site_name"], head["og:locale"]) == ("Alle byene", "Havdal ute", "nb_NO")
    assert head["og:url"].endswith("/overview/towns")
    page = framed.get("/en/doc/town/aasvaer", headers=PEOPLE).text
    assert (head_of(page)["og:type"], head_of(page)["og:locale"]) == ("article", "en_GB")
    icon = re.search(r'<link rel="icon" type="image/svg\+xml" href="([^"]+)">', page)
    assert icon
    answer = framed.get(icon[1])
    assert (answer.status_code, answer.mimetype) == (200, "image/svg+xml")


def test_the_page_about_data_leads_to_all_of_it(client: FlaskClient) -> None:
    page = client.get("/data", headers=PEOPLE).text
    for path in (
        "/dump/",
        "/sparql",
        "/catalog",
        "/ontology",
        "/shapes",
        "/quality",
        "/version/",
        "/changes",
        "/privacy",
    ):
        assert f'<dt><a class="ds-link" href="{path}">' in page
        assert client.get(path, headers=PEOPLE).status_code == 200


def test_an_address_that_leads_nowhere_proposes_what_was_meant(client: FlaskClient) -> None:
    answer = client.get("/doc/town/aasver", headers=PEOPLE)
    assert answer.status_code == 404
    main = answer.text.partition("<main")[2].partition("</main>")[0]
    assert 'Mente du <a class="ds-link" href="/doc/town/aasvaer">Åsvær</a>' in main
    assert "http://" not in main
    assert 'name="q"' in main
    assert "aasver" in client.get("/doc/town/aasver.json").json["detail"]  # a program is told the address


def test_what_an_address_says_is_not_on_its_page(client: FlaskClient) -> None:
    page = client.get('/nothing/<script>alert(1)</script>"><img src=x>', headers=PEOPLE)
    assert page.status_code == 404
    assert "<script>alert" not in page.text
    assert "<img" not in page.text
    assert client.get("/" + "x" * 5000, headers=PEOPLE).status_code == 404


def test_an_error_is_told_in_plain_words_and_the_server_s_are_folded(client: FlaskClient) -> None:
    main = client.get("/town/?page=none", headers=PEOPLE).text.partition("<h1")[2].partition("</main>")[0]
    before, _, folded = main.partition("<details")
    assert "Adressen eller spørringen er ikke riktig" in before
    assert "heltall" not in before
    assert "heltall" in folded
