"""The editor at ``/sparql``, used as a visitor does: by keyboard and mouse, with scripts and without."""

import re
from urllib.parse import quote

import pytest
from playwright.sync_api import expect

from tests.browser.browsing import Visit
from tests.browser.conftest import Open

CLASSES = "SELECT ?class WHERE { ?class a <http://www.w3.org/2002/07/owl#Class> } ORDER BY ?class LIMIT 3"


def text(visit: Visit) -> str:
    found: str = visit.page.evaluate("document.querySelector('.CodeMirror').CodeMirror.getValue()")
    return found


def write(visit: Visit, query: str) -> None:
    visit.page.locator("#query-editor").focus()
    visit.page.keyboard.press("Control+a")
    visit.page.keyboard.insert_text(query)


def pick(visit: Visit, typed: str, name: str) -> None:
    """Type the beginning of a label and take the name that fits."""
    visit.page.keyboard.type(typed)
    wanted = visit.page.locator(".CodeMirror-hint").filter(has_text=re.compile(rf"^{re.escape(name)} "))
    wanted.first.click()
    expect(visit.page.locator("#query-editor")).to_be_focused()  # a click takes the focus for a moment


@pytest.mark.parametrize(
    ("path", "class_", "property_"),
    [
        ("/sparql", ("kommu", "Kommune"), ("har del", "har deltaker")),
        ("/en/sparql", ("munic", "Municipality"), ("has", "has participant")),
    ],
)
def test_names_are_completed_by_their_label(open_page: Open, path, class_, property_) -> None:
    found = open_page(path)
    write(found, "SELECT * WHERE { ?x a ")
    pick(found, *class_)
    found.page.keyboard.insert_text(" . ?activity ")
    pick(found, property_[0].split()[-1], property_[1])
    found.page.keyboard.insert_text(" ?x . ?x ?y ")
    pick(found, "MEDSA", "MEDSAM")
    found.page.keyboard.insert_text(" }")
    assert text(found) == (
        "PREFIX inn: <https://w3id.org/innherred/ontology#>\n"
        "SELECT * WHERE { ?x a inn:Municipality . ?activity inn:hasParticipant ?x . "
        "?x ?y <https://w3id.org/innherred/id/activity/medsam> }"
    )
    assert found.outside() == []
    assert found.errors == []


def test_names_are_offered_and_taken_by_keyboard(open_page: Open) -> None:
    found = open_page("/sparql")
    write(found, "SELECT * WHERE { ?mål a ?class ; rdfs:lab")
    found.page.keyboard.press("Control+Space")
    expect(found.page.get_by_role("listbox", name="Navn som passer")).to_be_visible()
    assert found.axe() == []
    found.page.keyboard.press("Enter")
    expect(found.page.get_by_role("listbox")).to_have_count(0)
    assert text(found).startswith("PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>\nSELECT")
    assert text(found).endswith("rdfs:label")


def test_a_prefix_is_declared_when_it_is_used(open_page: Open) -> None:
    found = open_page("/sparql")
    write(found, "ASK { ?x ")
    found.page.keyboard.type("skos:")
    expect(found.page.get_by_role("listbox")).to_be_visible()
    found.page.keyboard.press("Escape")
    found.page.keyboard.type('prefLabel "A: b" }')
    assert text(found) == 'PREFIX skos: <http://www.w3.org/2004/02/skos/core#>\nASK { ?x skos:prefLabel "A: b" }'


def test_variables_of_the_query_are_offered(open_page: Open) -> None:
    found = open_page("/sparql")
    write(found, "SELECT * WHERE { ?activity a ?class . ?act")
    found.page.keyboard.press("Control+Space")
    found.page.keyboard.press("Enter")
    expect(found.page.locator(".CodeMirror-hints")).to_have_count(0)
    assert text(found).endswith(". ?activity")


def test_a_question_is_shown_and_run(open_page: Open) -> None:
    found = open_page("/en/sparql")
    found.page.get_by_label("Start from a question").select_option("what-municipality-does")
    found.page.get_by_role("button", name="Show and run").click()
    expect(found.page.get_by_role("heading", name="Answer")).to_be_visible()
    assert "inn:participant" in text(found)
    assert "#+" not in text(found)
    assert found.page.locator("#outcome tbody tr").count() > 3
    expect(found.page.locator("#told")).to_have_text(re.compile(r"\d+ rows"))


def test_the_link_shows_the_same_again(open_page: Open) -> None:
    first = open_page("/sparql")
    write(first, CLASSES)
    first.page.keyboard.press("Control+Enter")
    expect(first.page.get_by_role("heading", name="Svar")).to_be_visible()
    link = first.page.get_by_role("link", name="Lenke til denne spørringen").get_attribute("href")
    assert link
    assert first.page.url == first.host + link.removeprefix("/")
    again = open_page(link, scripts=False)
    table = "#outcome table"
    assert again.page.locator(table).inner_html() == first.page.locator(table).inner_html()
    assert open_page(link).page.locator("#query").input_value() == CLASSES


def test_results_show_labels_and_are_saved_in_all_formats(open_page: Open) -> None:
    found = open_page("/sparql")
    write(found, "SELECT ?m WHERE { VALUES ?m { <https://w3id.org/innherred/id/municipality/snasa> } ?m a ?c } LIMIT 1")
    found.page.get_by_role("button", name="Kjør spørringen").click()
    expect(found.page.locator("#outcome").get_by_role("link", name="Snåsa", exact=False)).to_be_visible()
    for name, kind in (("JSON", "json"), ("CSV", "csv"), ("TSV", "tab-separated"), ("XML", "xml")):
        address = found.page.get_by_role("link", name=name, exact=True).get_attribute("href")
        assert kind in found.page.request.get(found.host + str(address).removeprefix("/")).headers["content-type"]
    write(found, "CONSTRUCT WHERE { <https://w3id.org/innherred/id/municipality/snasa> a ?c }")
    found.page.keyboard.press("Control+Enter")
    for name in ("Turtle", "JSON-LD", "N-Triples", "RDF/XML"):
        expect(found.page.get_by_role("link", name=name, exact=True)).to_be_visible()


def test_an_error_is_told_with_its_place(open_page: Open) -> None:
    found = open_page("/en/sparql")
    write(found, "SELECT ?x\nWHERE { ?x a a a }")
    found.page.keyboard.press("Control+Enter")
    error = found.page.locator("#query-error")
    expect(error).to_contain_text(re.compile(r"from line 2, column \d+"))
    expect(found.page.get_by_role("alert")).to_contain_text("Error in the query")
    field = found.page.locator("#query-editor")
    expect(field).to_be_focused()
    expect(field).to_have_accessible_description(re.compile("from line 2, column"))
    cursor = found.page.evaluate("document.querySelector('.CodeMirror').CodeMirror.getCursor().line")
    assert cursor == 1
    assert found.axe() == []
    write(found, CLASSES)
    found.page.keyboard.press("Control+Enter")
    expect(error).to_have_count(0)


@pytest.mark.parametrize(
    "query", [CLASSES, "SELECT", "SELECT ?x WHERE { ?x a <http://example.org/Nothing> }", "ASK {}"]
)
def test_whatever_the_server_tells_is_shown(open_page: Open, query: str) -> None:
    plain = open_page("/sparql?query=" + quote(query), scripts=False)
    found = open_page("/sparql")
    write(found, query)
    found.page.keyboard.press("Control+Enter")
    expect(found.page.locator("#outcome > *").first).to_be_visible()
    for each in plain.page.locator("#outcome :is(p, li, td, h2):not(#summary, #share)").all_inner_texts():
        expect(found.page.locator("#outcome")).to_contain_text(each.strip())


def test_the_form_works_without_scripts(open_page: Open) -> None:
    found = open_page("/sparql", scripts=False)
    found.page.get_by_role("textbox", name="Spørring").fill(CLASSES)
    found.follow(found.page.get_by_role("button", name="Kjør spørringen"))
    assert found.page.locator("#outcome tbody tr").count() == 3
    found.page.get_by_label("Start med et spørsmål").select_option("countries")
    found.follow(found.page.get_by_role("button", name="Vis og kjør"))
    assert found.page.locator("#outcome tbody tr").count() > 3
    assert found.page.get_by_role("textbox", name="Spørring").input_value() != CLASSES


def test_tab_leaves_the_editor_and_goes_through_all_controls(open_page: Open) -> None:
    found = open_page("/en/sparql")
    found.page.get_by_label("Start from a question").focus()
    seen = []
    for _ in range(6):
        seen.append(found.page.evaluate("document.activeElement.id || document.activeElement.textContent.trim()"))
        found.page.keyboard.press("Tab")
    assert seen == [
        "example",
        "Show and run",
        "query-editor",
        "graph",
        "Run the query",
        "Classes and properties in the data",
    ]
    found.page.locator("#query-editor").focus()
    found.page.keyboard.press("Shift+Tab")
    assert found.page.evaluate("document.activeElement.textContent.trim()") == "Show and run"


@pytest.mark.parametrize(("width", "scheme"), [("wide", "light"), ("narrow", "dark")])
def test_the_overview_puts_names_into_the_query(open_page: Open, width: str, scheme: str) -> None:
    found = open_page("/en/sparql", width=width, scheme=scheme)
    write(found, "SELECT * WHERE { ?x a ")
    found.page.get_by_text("Classes and properties in the data").click()
    # By key: what is being completed in the field may move the page between the press and the release of a button.
    found.page.locator(".schema summary").filter(has_text=re.compile(r"^Activity \d+$")).press("Enter")
    found.page.get_by_role("button", name="inn:Activity", exact=True).press("Enter")
    assert text(found).endswith("{ ?x a inn:Activity")
    expect(found.page.locator("#told")).to_have_text("Put into the query: inn:Activity")
    expect(found.page.get_by_role("button", name="inn:underProgramme", exact=True)).to_be_visible()
    assert found.axe() == []
    assert found.overflow() <= 0


def test_going_back_shows_the_query_before(open_page: Open) -> None:
    found = open_page("/sparql?query=" + quote(CLASSES))
    write(found, "ASK { ?s ?p ?o }")
    found.page.keyboard.press("Control+Enter")
    expect(found.page.locator("#outcome strong")).to_have_text("Ja")
    found.page.go_back()
    expect(found.page.locator("#outcome table")).to_be_visible()
    assert text(found) == CLASSES


def test_a_long_query_is_posted(open_page: Open) -> None:
    found = open_page("/sparql")
    write(found, "ASK { ?s ?p ?o }\n# " + "long " * 2000)
    found.page.keyboard.press("Control+Enter")
    expect(found.page.locator("#outcome strong")).to_have_text("Ja")
    assert found.page.url == found.host + "sparql"


def test_nothing_is_kept_on_the_visitors_machine(open_page: Open) -> None:
    found = open_page("/sparql")
    write(found, CLASSES)
    found.page.keyboard.press("Control+Enter")
    expect(found.page.get_by_role("heading", name="Svar")).to_be_visible()
    found.page.keyboard.press("Tab")
    assert found.page.evaluate("[localStorage.length, sessionStorage.length, document.cookie]") == [0, 0, ""]
    assert found.outside() == []
    assert found.errors == []


def test_markup_in_literals_and_queries_is_text(open_page: Open) -> None:
    found = open_page("/sparql")
    write(found, 'SELECT ("<img src=x onerror=alert(1)>" AS ?x) ("</textarea><script>alert(2)</script>" AS ?y) {}')
    found.page.keyboard.press("Control+Enter")
    expect(found.page.locator("#outcome td").first).to_have_text("<img src=x onerror=alert(1)>")
    found.page.reload()
    assert found.page.locator("#outcome img, main script").count() == 0
    assert "</textarea><script>" in text(found)
    assert found.errors == []
