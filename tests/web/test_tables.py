"""``/table/``: the tables of a content as CSV on the Web."""

import codecs
import csv
import io
from dataclasses import replace

import pytest
from flask.testing import FlaskClient

from app.config import Settings
from app.web import create_app

PEOPLE = {"Accept": "text/html,*/*;q=0.8"}
TOWN = "http://example.org/havdal/id/town/aasvaer"


def test_the_tables_are_listed_for_people_in_their_language(client: FlaskClient) -> None:
    page = client.get("/table/", headers=PEOPLE).text
    assert '<a class="ds-link" href="/table/town.csv" download>By</a> (CSV)' in page
    assert 'href="/table/csv-metadata.json"' in page
    assert 'href="/en/table/town.csv"' in client.get("/en/table/", headers=PEOPLE).text
    assert 'href="/table/"' in client.get("/data", headers=PEOPLE).text


def test_a_table_has_the_things_of_a_class_and_says_where_it_is_described(client: FlaskClient) -> None:
    answer = client.get("/table/town.csv", headers=PEOPLE)
    assert (answer.status_code, answer.mimetype) == (200, "text/csv")
    assert '<csv-metadata.json>; rel="describedby"; type="application/csvm+json"' in answer.headers.getlist("Link")
    rows = {row["id"]: row for row in csv.DictReader(io.StringIO(answer.text))}
    assert rows[TOWN]["rdfs_label_nb"] == "Åsvær"
    again = client.get("/table/town.csv", headers={**PEOPLE, "If-None-Match": answer.headers["ETag"]})
    assert again.status_code == 304


@pytest.mark.parametrize("path", ["/table/csv-metadata.json", "/table/"])
def test_the_description_is_csv_on_the_web(client: FlaskClient, path: str) -> None:
    answer = client.get(path, headers={"Accept": "application/csvm+json"})
    assert answer.mimetype == "application/csvm+json"
    assert answer.json["@context"] == "http://www.w3.org/ns/csvw"
    (town,) = (each for each in answer.json["tables"] if each["url"] == "town.csv")
    (label,) = (each for each in town["tableSchema"]["columns"] if each["name"] == "rdfs_label_nb")
    assert label["propertyUrl"] == "http://www.w3.org/2000/01/rdf-schema#label"
    assert label["lang"] == "nb"


def test_excel_is_given_a_byte_order_mark_where_it_is_asked_for(client: FlaskClient) -> None:
    plain, marked = (client.get("/table/town.csv" + query, headers=PEOPLE) for query in ("", "?bom=1"))
    assert marked.data == codecs.BOM_UTF8 + plain.data
    assert marked.headers["ETag"] != plain.headers["ETag"]
    assert 'href="/table/town.csv?bom=1"' in client.get("/table/", headers=PEOPLE).text
    assert client.get("/table/town.csv?bom=<b>").status_code == 400


def test_who_asks_for_a_version_finds_the_tables_of_that_version(client: FlaskClient) -> None:
    version = client.get("/health").json["version"]
    query = f"?version={version}"
    answer = client.get(f"/table/csv-metadata.json{query}")
    (town,) = (each for each in answer.json["tables"] if each["url"].startswith("town"))
    assert town["url"] == f"town.csv{query}"
    assert answer.json["@id"] == f"csv-metadata.json{query}"
    assert answer.json == client.get(f"/table/{query}", headers={"Accept": "application/csvm+json"}).json
    table = client.get(f"/table/{town['url']}")
    assert table.status_code == 200
    assert f'<csv-metadata.json{query}>; rel="describedby"' in table.headers["Link"]
    keys = [key for each in answer.json["tables"] for key in each["tableSchema"].get("foreignKeys", ())]
    assert all(key["reference"]["resource"].endswith(query) for key in keys)


@pytest.mark.parametrize("path", ["/table/none.csv", "/table/town", "/table/..%2Ftown.csv"])
def test_there_is_no_other_table(client: FlaskClient, path: str) -> None:
    assert client.get(path).status_code == 404


def test_too_much_data_is_no_table(settings: Settings) -> None:
    answer = create_app(replace(settings, spreadsheet_cells=5)).test_client().get("/table/town.csv")
    assert answer.status_code >= 400
    assert "INNHERRED_SPREADSHEET_CELLS" in answer.text
