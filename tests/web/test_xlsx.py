"""XLSX of questions, of /sparql and of gaps: what is asked for, in the language of the address, within the limits."""

import io
from dataclasses import replace

import openpyxl
import pytest

from app.entities import workbook
from app.mediatypes import XLSX
from app.web import create_app
from tests.web.conftest import BASE, Client

TOWNS = f"SELECT ?town ?area WHERE {{ ?town a <{BASE}ontology#Town> OPTIONAL {{ ?town <{BASE}ontology#area> ?area }} }}"


def book(answer, status=200):
    assert answer.status_code == status, answer.text
    assert answer.content_type == XLSX.media_type
    return openpyxl.load_workbook(io.BytesIO(answer.data))


def facts(found):
    return dict(each[:2] for each in found.worksheets[1].values)


@pytest.mark.parametrize(
    ("address", "headers"),
    [
        ("/queries/large.xlsx", {}),
        ("/queries/large?format=xlsx", {"Accept": "text/html"}),
        ("/queries/large", {"Accept": XLSX.media_type}),
        ("/queries/large", {"Accept": f"text/csv;q=0.5, {XLSX.media_type}"}),
    ],
)
def test_a_question_in_xlsx_by_suffix_parameter_and_accept(client, address, headers):
    answer = client.get(address, headers=headers)
    assert [each.title for each in book(answer).worksheets] == ["Svar", "Om svaret"]
    assert "Accept" in answer.headers["Vary"]
    assert answer.headers["Content-Disposition"].startswith("attachment; filename=large-")


def test_headings_labels_and_facts_are_in_the_language_of_the_address(client):
    norwegian, english = (book(client.get(f"{root}/queries/said.xlsx")) for root in ("", "/en"))
    assert [next(each.worksheets[0].values)[1] for each in (norwegian, english)] == ["Hvor sikkert", "How certain"]
    assert facts(norwegian)["Tittel"] == "Hva heter byene?"
    assert facts(english)["Title"] == "What are the towns called?"
    sheet = english.worksheets[0]
    town = sheet["A2"]
    assert sheet["C2"].value.startswith("http://example.")
    assert town.value != sheet["C2"].value
    assert town.hyperlink.target.startswith("http://localhost/en/")
    assert facts(english)["Rows"] == sheet.max_row - 1


def test_the_second_sheet_tells_query_values_version_date_and_licence(client, settings):
    answer = client.get("/en/queries/large.xlsx?least=5&basis=asserted")
    told = facts(book(answer))
    assert told["Title"] == "Which towns are larger than this?"
    assert told["Least area"] == "5"
    assert '"5"^^' in told["Query"]
    assert "#+" not in told["Query"]
    assert told["Address"] == "http://localhost/en/queries/large?basis=asserted&least=5"
    assert told["Version of the data"] in (settings.state / "current").resolve().name
    assert told["Data as of"].year > 2000
    assert "Licence" in told
    trips = facts(book(client.get("/en/queries/trips.xlsx", query_string={"town": f"{BASE}id/town/havdal"})))
    assert f"<{BASE}id/town/havdal>" in trips["Town"]


def test_a_query_of_ones_own_in_xlsx(client):
    answer = client.post("/sparql", data={"query": TOWNS, "format": "xlsx"}, headers={"Accept": XLSX.media_type})
    sheet = book(answer).worksheets[0]
    assert next(sheet.values) == ("Town", "Area", "Town (IRI)")
    assert any(isinstance(row[1], int | float) for row in list(sheet.values)[1:])
    asked = {"query": TOWNS, "format": "xlsx"}
    assert facts(book(client.get("/en/sparql", query_string={**asked, "basis": "strategy"})))["Basis"]
    graph = BASE + "graph/strategy"
    assert facts(book(client.get("/en/sparql", query_string={**asked, "default-graph-uri": graph})))["Graphs"] == graph


def test_only_a_table_is_a_workbook(client):
    for query in ("ASK {}", "DESCRIBE <http://example.org/x>"):
        answer = client.get("/sparql", query_string={"query": query, "format": "xlsx"})
        assert answer.status_code == 406
        assert "xlsx" not in {each["format"] for each in answer.json["formats"]}
    assert client.get("/queries/graph.xlsx").status_code in (404, 406)
    assert client.get("/queries/trips.xlsx").status_code == 400  # needs a town


def test_pages_offer_it(client):
    assert "/queries/large.xlsx" in client.get("/queries/large", headers={"Accept": "text/html"}).text
    page = client.get("/sparql", query_string={"query": TOWNS}, headers={"Accept": "text/html"})
    assert "format=xlsx" in page.text


def test_the_same_bytes_and_one_tag_until_something_else_is_served(client):
    first, second = (client.get("/queries/large.xlsx") for _ in range(2))
    assert first.data == second.data
    again = client.get("/queries/large.xlsx", headers={"If-None-Match": first.headers["ETag"]})
    assert again.status_code == 304
    assert client.get("/en/queries/large.xlsx").headers["ETag"] != first.headers["ETag"]


def test_hostile_values_of_a_query_stay_text(client):
    query = """SELECT * { VALUES ?x { "=cmd|' /C calc'!A0" "\\u0001\\u0008" "@SUM(1)" } }"""
    sheet = book(client.get("/sparql", query_string={"query": query, "format": "xlsx"})).worksheets[0]
    cells = [row[0] for row in sheet.iter_rows(min_row=2)]
    assert {each.value for each in cells} == {"=cmd|' /C calc'!A0", "\ufffd\ufffd", "@SUM(1)"}
    assert {each.data_type for each in cells} == {"s"}


def test_more_cells_than_the_setting_allows_are_refused_with_advice(settings):
    app = create_app(replace(settings, spreadsheet_cells=3))
    app.test_client_class = Client
    asked = {"query": TOWNS, "format": "xlsx"}
    answer = app.test_client().get("/en/sparql", query_string=asked)
    assert answer.status_code == 422
    assert answer.json["limit"] == "INNHERRED_SPREADSHEET_CELLS"
    assert answer.json["value"] == 3
    assert "CSV" in answer.json["advice"][0]["message"]
    assert app.test_client().get("/queries/large.xlsx").status_code == 422
    few = {"query": TOWNS + " LIMIT 1", "format": "xlsx"}
    assert app.test_client().get("/sparql", query_string=few).status_code == 200


def test_more_rows_than_a_sheet_has_are_refused_in_both_languages(client, monkeypatch):
    monkeypatch.setattr(workbook, "ROWS", 2)
    for root, word in (("", "ark i Excel"), ("/en", "a sheet of Excel")):
        answer = client.get(root + "/sparql", query_string={"query": TOWNS, "format": "xlsx"})
        assert answer.status_code == 422
        assert word in answer.json["detail"]
        assert "limit" not in answer.json


def test_a_wrong_query_is_told_as_in_every_format(client):
    answer = client.get("/sparql", query_string={"query": "SELECT ?x {", "format": "xlsx"})
    assert (answer.status_code, answer.content_type) == (400, "application/problem+json")


def test_gaps_in_xlsx(client):
    answer = client.get("/en/gaps.xlsx")
    found = book(answer)
    rows = list(found.worksheets[0].values)
    assert rows[0][0] == "Severity"
    assert len(rows) - 1 == len(client.get("/gaps.json").json) > 0
    assert facts(found)["Title"]
    assert "/gaps.xlsx" in client.get("/gaps", headers={"Accept": "text/html"}).text
