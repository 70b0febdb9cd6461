"""The search page, its facets and suggestions; lists narrowed by the same facets."""

import pytest
from flask.testing import FlaskClient

PEOPLE = {"Accept": "text/html"}
BEKK = "http://example.org/havdal/id/town/bekk"


def values(document: dict[str, list[dict[str, object]]], name: str) -> dict[object, object]:
    [facet] = [each for each in document["facets"] if each["name"] == name]
    return {each["value"]: each["count"] for each in facet["values"]}  # type: ignore[attr-defined]


def test_facets_are_the_kinds_then_the_query_files_in_order(client: FlaskClient) -> None:
    found = client.get("/search?format=json").json
    assert [each["name"] for each in found["facets"]] == ["kind", "twin", "name", "certainty"]
    assert [each["title"] for each in found["facets"]] == ["Type", "Vennskapsby", "Første bokstav", "Hvor sikkert"]
    assert values(found, "certainty") == {"uncertain": 2}


@pytest.mark.parametrize("value", ["bekk", BEKK])
def test_results_are_narrowed_by_a_value_or_its_iri(client: FlaskClient, value: str) -> None:
    found = client.get("/search", query_string={"twin": value, "format": "json"}).json
    assert [each["label"] for each in found["results"]] == ["Åsvær"]
    [twins] = [each for each in found["facets"] if each["name"] == "twin"]
    assert {"value": "bekk", "iri": BEKK, "label": "Bekk", "language": "nb", "count": 1, "chosen": True} in twins[
        "values"
    ]


def test_the_page_has_chips_and_links_that_robots_do_not_follow(client: FlaskClient) -> None:
    page = client.get("/search?q=by&twin=bekk", headers=PEOPLE).text
    assert '<input type="hidden" name="twin" value="bekk">' in page
    assert 'rel="nofollow" href="/search?q=by"><span class="unseen">Fjern </span>' in page
    assert 'aria-current="true"' in page
    assert "<mark>by</mark>" in page


def test_words_are_escaped_where_they_are_marked(client: FlaskClient) -> None:
    page = client.get("/search", query_string={"q": "<script>alert", "name": "<b>"}, headers=PEOPLE).text
    assert "<script>alert" not in page
    assert "<b>" not in page
    assert "&lt;b&gt;" in page


def test_a_mistyped_word_is_told(client: FlaskClient) -> None:
    page = client.get("/search?q=asvvaer", headers=PEOPLE).text
    assert "Ingen treff på «asvvaer». Her er treffene på «Åsvær»." in page
    found = client.get("/search?q=asvvaer&format=json").json
    assert (found["meant"], found["corrected"]) == ("Åsvær", True)


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("", "Begynnelsen av et ord er nok."),
        ("q=qqqqqqqq", "Sjekk stavemåten"),
        ("q=åsvær&name=B", "Søk etter «åsvær» i alt"),
        ("name=9", "Fjern et av valgene ovenfor."),
    ],
)
def test_a_page_without_results_helps_on(client: FlaskClient, query: str, words: str) -> None:
    assert words in client.get("/search?" + query, headers=PEOPLE).text


def test_a_page_after_the_last_one_is_not_there(client: FlaskClient) -> None:
    assert client.get("/search?q=bekk&page=2").status_code == 404


def test_long_text_and_many_choices_are_cut(client: FlaskClient) -> None:
    given = {"q": "ord " * 2_000, "name": [f"v{number}" for number in range(60)], "format": "json"}
    found = client.get("/search", query_string=given).json
    assert len(found["query"]) == 200
    assert len([key for key in values(found, "name") if str(key).startswith("v")]) == 50


def test_a_list_has_the_facets_of_its_things(client: FlaskClient) -> None:
    found = client.get("/town/?name=B&format=json").json
    assert [each["label"] for each in found["results"]] == ["Bekk", "Bø"]
    assert "kind" not in [each["name"] for each in found["facets"]]
    assert values(found, "name")["B"] == 2
    page = client.get("/en/town/?name=B", headers=PEOPLE).text
    assert 'href="/en/town/"><span class="unseen">Take away </span>' in page
    assert "First letter" in page


def test_suggestions_are_small_and_tagged(client: FlaskClient) -> None:
    answer = client.get("/search/suggest?q=asv")
    assert answer.json == {
        "query": "asv",
        "results": [
            {
                "iri": "http://example.org/havdal/id/town/aasvaer",
                "label": "Åsvær",
                "language": "nb",
                "kind": "town",
                "page": "/doc/town/aasvaer",
                "kind_label": "By",
            }
        ],
    }
    again = client.get("/search/suggest?q=asv", headers={"If-None-Match": answer.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    assert client.get("/en/search/suggest?q=asv").json["results"][0]["label"] == "Aasvaer"
    assert client.get("/search/suggest").json == {"query": "", "results": []}


def test_every_page_has_a_field_that_suggests(client: FlaskClient) -> None:
    page = client.get("/en/queries/", headers=PEOPLE).text
    assert 'data-suggest="/en/search/suggest"' in page
    assert 'data-suggestions="{count} suggestions. Arrow keys choose."' in page


def test_a_value_of_a_facet_links_to_the_list_of_what_has_it(client: FlaskClient) -> None:
    page = client.get("/doc/town/bekk", headers=PEOPLE).text
    assert '<a class="ds-link" rel="nofollow" href="/search?twin=bekk">Alt om Bekk (1)</a>' in page


def test_a_search_offers_the_question_it_may_mean_with_the_thing_filled_in(client: FlaskClient) -> None:
    page = client.get("/search?q=hvilke turer bekk", headers=PEOPLE).text
    assert 'href="/queries/trips?town=http%3A%2F%2Fexample.org%2Fhavdal%2Fid%2Ftown%2Fbekk"' in page
    assert "Hvilke turer går til en by? – Bekk" in page
    assert "Sjekk stavemåten" not in page
    assert "/queries/trips" not in client.get("/search?q=bekk", headers=PEOPLE).text.partition("<main")[2]
    assert "/en/queries/trips" in client.get("/en/search?q=which trips go", headers=PEOPLE).text


def test_rows_say_what_the_list_of_their_kind_says(client: FlaskClient) -> None:
    for path in ("/en/search?q=aasvaer", "/en/town/"):
        row = client.get(path, headers=PEOPLE).text.partition('href="/en/doc/town/aasvaer"')[2].partition("</li>")[0]
        assert "Twin town" in row
        assert 'href="/en/doc/town/bekk"' in row
    assert "A town by the sea." in client.get("/en/town/", headers=PEOPLE).text
    assert "En by ved havet." not in client.get("/en/town/", headers=PEOPLE).text


def test_a_list_counts_and_is_called_in_the_plural(client: FlaskClient) -> None:
    page = client.get("/en/town/", headers=PEOPLE).text
    assert ">Towns</h1>" in page
    total = client.get("/en/town/?format=json").json["total"]
    assert f">{total} towns</p>" in page
    assert ">1 town</p>" in client.get("/en/town/?q=aasvaer", headers=PEOPLE).text
    assert ">1 hit for “aasvaer”</p>" in client.get("/en/search?q=aasvaer", headers=PEOPLE).text


def test_a_list_is_sorted_by_the_orders_of_the_content(client: FlaskClient) -> None:
    plain = [each["iri"] for each in client.get("/town/?format=json").json["results"]]
    turned = [each["iri"] for each in client.get("/town/?sort=backwards&format=json").json["results"]]
    assert turned == sorted(turned, reverse=True)
    assert set(turned) == set(plain) != turned
    page = client.get("/town/?sort=backwards&name=B", headers=PEOPLE).text
    assert 'href="/town/?name=B" aria-current' not in page
    assert 'href="/town/?name=B&amp;sort=backwards" aria-current="true"' in page
    assert '<input type="hidden" name="sort" value="backwards">' in page
    assert client.get("/town/?sort=none").status_code == 404


def test_questions_stand_under_the_headings_of_their_tags(client: FlaskClient) -> None:
    page = client.get("/en/queries/", headers=PEOPLE).text
    assert ">Trips</h2>" in page
    assert page.index(">Trips</h2>") < page.index("/en/queries/trips") < page.index(">Other questions</h2>")
