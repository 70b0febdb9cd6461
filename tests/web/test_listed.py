"""Lists and searches to take home: as CSV, XLSX, Parquet and JSON, with the columns that people need."""

import csv
import io
import json
from dataclasses import replace
from urllib.parse import urlencode

import duckdb
import openpyxl
import pytest

from app import mediatypes
from app.mediatypes import PARQUET, XLSX
from app.web import create_app, listed, problems
from tests.web.conftest import Client

TOWN = "http://example.org/havdal/id/town/"
LISTS = ["/town/", "/search?kind=town"]


def rows(answer):
    assert answer.status_code == 200, answer.text
    return list(csv.DictReader(io.StringIO(answer.text, newline="")))


def add(address, **given):
    return f"{address}{'&' if '?' in address else '?'}{urlencode(given)}"


def test_a_list_has_iri_name_what_its_rows_show_and_the_fields_of_its_class(client):
    answer = client.get("/town/?format=csv")
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert answer.headers["Content-Disposition"].startswith("attachment; filename=town-")
    found = {row["iri"]: row for row in rows(answer)}
    town = found[TOWN + "aasvaer"]
    assert list(town)[:4] == ["iri", "name", "twin", "twinLabel"]
    assert town["name"] == "Åsvær"
    assert town["twin"].split(" | ") == ["http://example.com/id/abroad", TOWN + "bekk"]
    assert town["twinLabel"] == "Utby | Bekk"
    assert town["description"] == "En by ved havet."
    assert town["foaf_homepage"] == "http://example.com/aasvaer"
    assert "dcterms_description" not in town


def test_names_and_texts_are_in_the_language_of_the_path(client):
    norwegian, english = (rows(client.get(f"{root}/search?kind=town&format=csv")) for root in ("", "/en"))
    assert {row["kind"] for row in norwegian} == {"By"}
    assert {row["kind"] for row in english} == {"Town"}


@pytest.mark.parametrize("address", LISTS)
def test_a_table_holds_what_the_pages_show_in_their_order(client, settings, address):
    small = create_app(replace(settings, page_size=4))
    small.test_client_class = Client
    client = small.test_client()
    pages = [client.get(add(address, format="json", page=each)).json for each in (1, 2)]
    listed = [hit["iri"] for page in pages for hit in page["results"]]
    assert [row["iri"] for row in rows(client.get(add(address, format="csv")))] == listed
    assert len(listed) == pages[0]["total"] == 6
    assert [row["iri"] for row in rows(client.get(add(address, format="csv", page=2)))] == listed[4:]
    assert client.get(add(address, format="csv", page="x")).status_code == 400


def test_words_facets_and_order_count_as_on_the_page(client):
    for given in ("q=bekk", "twin=bekk", "sort=backwards", "q=by&twin=bekk", "q=zzzz"):
        listed = [hit["iri"] for hit in client.get(f"/town/?format=json&{given}").json["results"]]
        assert [row["iri"] for row in rows(client.get(f"/town/?format=csv&{given}"))] == listed
    assert client.get("/town/?format=csv&sort=none").status_code == 404


def test_a_version_has_its_own_table(client):
    version = client.get("/health").json["version"]
    page = client.get(f"/town/?version={version}", headers={"Accept": "text/html"}).text
    assert f"format=csv&amp;version={version}" in page
    assert client.get(f"/town/?format=csv&version={version}").data == client.get("/town/?format=csv").data


def test_a_search_over_all_has_kind_and_excerpt(client):
    found = rows(client.get("/search?q=havet&format=csv"))
    assert list(found[0]) == ["iri", "name", "kind", "excerpt"]
    assert found[0]["excerpt"] == "En by ved havet."
    assert rows(client.get("/search?format=csv")) == []
    assert "twin" in client.get("/search?q=havet&kind=town&format=csv").text.splitlines()[0].split(",")


@pytest.mark.parametrize("address", LISTS)
def test_accept_chooses_the_format(client, address):
    for media_type in ("text/csv", XLSX.media_type, PARQUET.media_type, "application/json"):
        assert client.get(address, headers={"Accept": media_type}).mimetype == media_type
    assert client.get(address, headers={"Accept": "text/html,*/*;q=0.8"}).mimetype == "text/html"
    first = client.get(add(address, format="csv"))
    again = client.get(add(address, format="csv"), headers={"If-None-Match": first.headers["ETag"]})
    assert again.status_code == 304


def test_what_is_not_on_offer_tells_what_is(client):
    answer = client.get("/town/?format=ods")
    assert answer.status_code == 406
    assert [each["format"] for each in answer.json["formats"]] == ["html", "json", "csv", "xlsx", "parquet"]


def test_a_workbook_has_names_with_links_and_no_formulas(client):
    answer = client.get("/town/?format=xlsx")
    assert answer.mimetype == XLSX.media_type
    book = openpyxl.load_workbook(io.BytesIO(answer.data))
    sheet, about = book.worksheets
    heads = [each.value for each in sheet[1]]
    assert heads[0] == "Navn"
    assert {"Vennskapsby", "Vennskapsby (IRI)", "Navn (IRI)"} <= set(heads)
    row = next(each for each in sheet.iter_rows(min_row=2) if each[0].value == "Åsvær")
    assert row[0].hyperlink.target.endswith("/doc/town/aasvaer")
    assert row[heads.index("Vennskapsby")].value == "Utby | Bekk"
    assert not any(cell.data_type == "f" for each in sheet.iter_rows() for cell in each)
    told = dict(each[:2] for each in about.values)
    assert told["Tittel"] == "Byer"
    assert told["Adresse"] == "http://localhost/town/"


def test_json_has_the_values_beside_the_names(client):
    town = next(each for each in client.get("/town/?format=json").json["results"] if each["iri"] == TOWN + "aasvaer")
    assert {"iri": TOWN + "bekk", "label": "Bekk", "language": "nb"} in town["values"]["twin"]
    assert town["values"]["description"] == [{"value": "En by ved havet.", "language": "nb"}]


def test_the_page_links_to_its_files(client):
    page = client.get("/en/town/?q=bekk&page=1", headers={"Accept": "text/html"}).text
    assert '<a class="ds-link" rel="nofollow" href="/en/town/?format=csv&amp;q=bekk">CSV</a>' in page
    assert 'href="/en/search?format=xlsx&amp;q=bekk"' in client.get("/en/search?q=bekk").text
    assert "format=csv" not in client.get("/en/search?q=zzzz").text


def test_a_table_is_bounded(settings):
    small = create_app(replace(settings, spreadsheet_cells=11))
    small.test_client_class = Client
    client = small.test_client()
    for address in LISTS:
        for format_ in ("csv", "xlsx", "parquet"):
            answer = client.get(add(address, format=format_))
            assert answer.status_code == 422
            assert "INNHERRED_SPREADSHEET_CELLS" in answer.json["detail"]
    assert client.get("/town/?format=csv&q=zzzz").status_code == 200


def test_a_search_that_did_not_look_at_everything_is_no_table(client, monkeypatch):
    monkeypatch.setattr("app.search.ranking.MOST", 1)
    monkeypatch.setattr("app.search.ranking._MOST_BEGINNINGS", 1)
    assert client.get("/search?q=by&format=json").json["complete"] is False
    answer = client.get("/search?q=by&format=csv")
    assert answer.status_code == 422


@pytest.mark.parametrize(
    "address",
    [
        "/town/?format=parquet",
        "/search?kind=town&format=parquet",
        "/table/town.parquet",
        "/queries/said.parquet?labels=nb",
    ],
)
def test_duckdb_reads_parquet(client, tmp_path, address):
    answer = client.get(address)
    assert answer.mimetype == PARQUET.media_type, answer.text
    (tmp_path / "rows.parquet").write_bytes(answer.data)
    table = duckdb.sql(f"SELECT * FROM '{tmp_path / 'rows.parquet'}'")
    other = rows(client.get(address.replace("parquet", "csv")))
    assert table.columns == list(other[0])
    assert len(table.fetchall()) == len(other)


def test_parquet_is_typed(client, tmp_path):
    query = "SELECT (1 AS ?n) ('x' AS ?t) (true AS ?b) (xsd:date('2026-11-30') AS ?d) ?none {}"
    prefix = "PREFIX xsd: <http://www.w3.org/2001/XMLSchema#> "
    answer = client.get("/sparql", query_string={"query": prefix + query, "format": "parquet"})
    (tmp_path / "rows.parquet").write_bytes(answer.data)
    table = duckdb.sql(f"SELECT * FROM '{tmp_path / 'rows.parquet'}'")
    assert [str(each) for each in table.types] == ["BIGINT", "VARCHAR", "BOOLEAN", "DATE", "VARCHAR"]


def test_without_the_extra_who_asks_for_parquet_is_told(client, monkeypatch):
    for module in (mediatypes, problems):
        monkeypatch.setattr(module, "FILE_FORMATS", (XLSX,))
    monkeypatch.setattr(mediatypes, "TABLE_FORMATS", (*mediatypes.RESULT_FORMATS, XLSX))
    for answer in (client.get("/queries/said.parquet"), client.get("/queries/said?format=parquet")):
        assert answer.status_code == 406
        assert "innherred[parquet]" in answer.json["detail"]
    assert "parquet" not in json.dumps(client.get("/queries/said?format=ods").json)


def test_more_than_is_asked_for_at_once_is_whole(client, monkeypatch):
    whole = client.get("/town/?format=csv").data
    monkeypatch.setattr(listed, "_AT_ONCE", 2)
    assert client.get("/town/?format=csv", headers={"Cache-Control": "no-cache"}).data == whole
