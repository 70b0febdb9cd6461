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
    assert (
        '<a class="ds-link" rel="nofollow" href="/search?twin=bekk">Alt som har dette som «Vennskapsby» (1)</a>' in page
    )
