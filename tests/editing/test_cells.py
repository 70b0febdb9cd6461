"""What people write in a cell as terms, and terms as what stands in it."""

import unicodedata
from datetime import date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.editing.base import Stated
from app.editing.cells import fits, read, same, shown
from app.editing.naming import NewThings
from app.editing.tables import Column
from app.namespaces import DEGREES, INTERPRETED, RDFS_LABEL, UNCERTAIN
from app.terms import RDF_LANG_STRING, XSD_STRING, BlankNode, Literal, typed
from tests.editing.eksempelvik import base_of
from tests.editing.making import iri

EX = "ontology#"
moment = datetime.fromisoformat


def column(kind, **fields):
    return Column(**{"key": kind, "property": iri(f"{EX}{kind}"), "kind": kind, "names": {"nb": kind}, **fields})


LINE = column("line", datatypes=(XSD_STRING,))
LINES = column("line", many=True)
NB = column("line", language="nb", datatypes=(RDF_LANG_STRING,))
TEXT = column("text", language="nb")
NUMBER = column("line", pattern="^[0-9]{4}$")
CERTAINTY = column("choice", choices=DEGREES)
ACTIVITY = column("link", classes=(iri(f"{EX}Activity"),))
TOPICS = column("link", classes=(iri(f"{EX}Topic"),), many=True)
PLACE = column("link", classes=(iri(f"{EX}Municipality"), iri(f"{EX}Document")))
ADDRESS = column("address")
FIGURE = column("decimal", datatypes=(iri("xsd:integer"), iri("xsd:decimal")))


@pytest.fixture(scope="module")
def base(tmp_path_factory):
    return base_of(tmp_path_factory.mktemp("eksempelvik"))


def one(value, column, base, language="nb"):
    """Give the only term of a cell that was read without error."""
    reading = read(value, column, base, language)
    assert reading.ok, reading.findings
    [term] = reading.terms
    return term


def codes(value, column, base, language="nb"):
    """Give the codes of what is wrong with a cell; each finding says in both languages what to do."""
    reading = read(value, column, base, language)
    for each in reading.findings:
        assert set(each.messages) == {"nb", "en"}
        assert all(text.endswith((".", "?", ")")) for text in each.messages.values())
    assert not (reading.terms and not reading.ok and not column.many)
    return [each.code for each in reading.findings]


@pytest.mark.parametrize(
    ("value", "kind", "term"),
    [
        ("2026-03-31", "date", ("2026-03-31", "date")),
        ("31.3.2026", "date", ("2026-03-31", "date")),
        ("31. 03. 2026", "date", ("2026-03-31", "date")),
        ("31. mars 2026", "date", ("2026-03-31", "date")),
        ("31 March 2026", "date", ("2026-03-31", "date")),
        ("March 31, 2026", "date", ("2026-03-31", "date")),
        ("2026-03-31 00:00:00", "date", ("2026-03-31", "date")),
        ("1899-12-31", "date", ("1899-12-31", "date")),
        (date(2026, 3, 31), "date", ("2026-03-31", "date")),
        (moment("2026-03-31T00:00"), "date", ("2026-03-31", "date")),
        ("2018", "period", ("2018", "gYear")),
        (2018, "period", ("2018", "gYear")),
        (2018.0, "period", ("2018", "gYear")),
        ("2018-03", "period", ("2018-03", "gYearMonth")),
        ("2018-3", "period", ("2018-03", "gYearMonth")),
        ("mars 2018", "period", ("2018-03", "gYearMonth")),
        ("Mai 2018", "period", ("2018-05", "gYearMonth")),
        ("Sept. 2018", "period", ("2018-09", "gYearMonth")),
        ("31. des. 2018", "period", ("2018-12-31", "date")),
        (moment("2018-03-02T00:00"), "period", ("2018-03-02", "date")),
        ("2018", "year", ("2018", "gYear")),
        (2018.0, "year", ("2018", "gYear")),
        ("12", "integer", ("12", "integer")),
        (12.0, "integer", ("12", "integer")),
        ("1 234", "integer", ("1234", "integer")),
        ("−5", "integer", ("-5", "integer")),
        ("１２", "integer", ("12", "integer")),
        ("63,75", "decimal", ("63.75", "decimal")),
        (63.75, "decimal", ("63.75", "decimal")),
        (0.1 + 0.2, "decimal", ("0.3", "decimal")),
        ("1.234,5", "decimal", ("1234.5", "decimal")),
        ("1,234", "decimal", ("1.234", "decimal")),
        ("1.5", "decimal", ("1.5", "decimal")),
        ("ja", "boolean", ("true", "boolean")),
        ("Yes", "boolean", ("true", "boolean")),
        ("NEI", "boolean", ("false", "boolean")),
        ("0", "boolean", ("false", "boolean")),
        (1, "boolean", ("true", "boolean")),
        (False, "boolean", ("false", "boolean")),
    ],
)
def test_numbers_dates_and_truth_are_read_as_people_write_them(value, kind, term, base):
    assert one(value, column(kind), base) == typed(*term)


@pytest.mark.parametrize(
    ("value", "kind", "language", "code"),
    [
        ("1.234", "decimal", "nb", "two-numbers"),
        ("1.234", "integer", "nb", "two-numbers"),
        ("1.234.567", "integer", "nb", "two-numbers"),
        ("63,75", "decimal", "en", "two-numbers"),
        ("1,234", "decimal", "en", "two-numbers"),
        ("12 stk", "integer", "nb", "no-number"),
        ("1e3", "decimal", "nb", "no-number"),
        ("٣", "integer", "nb", "no-number"),
        ("1,5", "integer", "nb", "not-integral"),
        (1.5, "integer", "nb", "not-integral"),
        (float("nan"), "decimal", "nb", "not-finite"),
        (float("inf"), "integer", "nb", "not-finite"),
        (1234567890123456, "integer", "nb", "too-many-digits"),
        (True, "integer", "nb", "boolean-cell"),
        (date(2026, 1, 3), "decimal", "nb", "date-cell"),
        ("3/4/2026", "date", "en", "two-dates"),
        ("31.3.26", "date", "nb", "two-dates"),
        ("31.2.2026", "date", "nb", "no-date"),
        ("2026-13-01", "date", "nb", "no-date"),
        ("0000", "period", "nb", "no-date"),
        ("13. foo 2026", "date", "nb", "no-date"),
        ("i fjor", "period", "nb", "no-date"),
        ("2018", "date", "nb", "precision"),
        ("mars 2018", "year", "nb", "precision"),
        (46348, "date", "nb", "number-cell"),
        (46348, "period", "nb", "number-cell"),
        (moment("1900-02-28T00:00"), "date", "nb", "early-date"),
        (moment("2026-03-31T12:30"), "date", "nb", "time-of-day"),
        ("kanskje", "boolean", "nb", "no-boolean"),
        (2, "boolean", "nb", "number-cell"),
        ("1\n2", "integer", "nb", "one-value"),
    ],
)
def test_what_can_mean_two_things_is_asked_about(value, kind, language, code, base):
    found = codes(value, column(kind), base, language)
    assert found == [code]


def test_the_first_of_a_month_from_a_date_cell_may_have_been_the_month(base):
    reading = read(moment("2018-03-01T00:00"), column("period"), base, "nb")
    assert reading.terms == (typed("2018-03-01", "date"),)
    assert [each.severity for each in reading.findings] == ["warning"]


def test_a_decimal_with_a_comma_is_told(base):
    assert codes("63,75", column("decimal"), base) == ["number-read"]
    assert codes("63.75", column("decimal"), base, "en") == []


def test_whole_and_other_figures_have_their_own_datatypes(base):
    assert one("12", FIGURE, base) == typed(12, "integer")
    assert one("12,5", FIGURE, base) == typed("12.5", "decimal")
    assert one(12, column("decimal", datatypes=(iri("xsd:decimal"),)), base) == typed("12", "decimal")
    assert one(12, column("integer", datatypes=(iri("xsd:nonNegativeInteger"),)), base).datatype.endswith("Integer")


def test_texts_are_cleaned_of_what_programs_put_in_them(base):
    assert one("  Blå\u00a0fjell \r\n", NB, base) == Literal("Blå fjell", "nb")
    assert one(unicodedata.normalize("NFD", "Blåfjell"), NB, base) == Literal("Blåfjell", "nb")
    assert one("første_x000D_\nandre\r\ntredje\rfjerde", TEXT, base) == Literal("første\nandre\ntredje\nfjerde", "nb")
    assert one("2021–2023", LINE, base) == Literal("2021–2023")
    assert read("a\n\nb\na", LINES, base, "nb").terms == (Literal("a"), Literal("b"))
    assert read(" \u00a0\n", LINES, base, "nb").terms == ()
    assert read(None, LINE, base, "nb").terms == ()
    assert codes("en\nto", LINE, base) == ["lines-joined"]


@pytest.mark.parametrize("unseen", ["\x00", "\x07", "\u202e", "\u2066", "\ufeff", "\u200f", "\uffff", "\x9b"])
def test_what_cannot_be_seen_goes_and_is_told(unseen, base):
    assert codes(f"trygg{unseen}tekst", LINE, base) == ["unseen-characters"]
    assert one(f"trygg{unseen}tekst", LINE, base) == Literal("tryggtekst")


@pytest.mark.parametrize(
    ("value", "code"),
    [
        ("x\ud800y", "broken-text"),
        ("#N/A", "formula-error"),
        ("#navn?", "formula-error"),
        ("x" * 32_768, "too-long"),
        (date(2026, 9, 1), "date-cell"),
        (True, "boolean-cell"),
        (1.5, "number-in-text"),
        (float("nan"), "number-in-text"),
        (10**15, "too-many-digits"),
    ],
)
def test_what_a_text_cell_cannot_hold(value, code, base):
    assert codes(value, LINE, base) == [code]


def test_a_number_in_a_text_column_must_be_how_it_was_written(base):
    assert one(2018.0, LINE, base) == Literal("2018")
    assert one(5031, NUMBER, base) == Literal("5031")
    assert codes(301, NUMBER, base) == ["number-in-text"]  # 0301 before a program took it for a number
    [finding] = read(1.5, LINE, base, "nb").findings
    assert "1,5 eller 1.5" in finding.messages["nb"]


@pytest.mark.parametrize("text", ["https://example.org/å?x=1#y", "HTTP://example.org"])
def test_addresses_are_web_addresses(text, base):
    assert one(text, ADDRESS, base) == text


@pytest.mark.parametrize(
    "text",
    [
        "www.example.org",
        "mailto:noen@example.org",
        "javascript:alert(1)",
        "https://",
        "https://en to.example.org",
        "https://navn:ord@example.org/",
        'https://example.org/">',
        "https://[::1",
        "http:example.org",
    ],
)
def test_what_is_no_web_address_is_refused(text, base):
    assert codes(text, ADDRESS, base) == ["no-address"]


def test_choices_are_named_in_any_language_or_by_id(base):
    for text in ("usikker", "Uncertain", "uncertain", str(UNCERTAIN)):
        assert one(text, CERTAINTY, base) == UNCERTAIN
    assert shown([INTERPRETED], CERTAINTY, base, "nb") == "tolket"
    assert codes("ganske", CERTAINTY, base) == ["no-choice"]
    sizes = column("choice", choices=(Literal("liten", "nb"), Literal("stor", "nb")))
    assert one("STOR", sizes, base) == Literal("stor", "nb")


def test_links_are_named_in_any_way_that_names_one_thing(base):
    there = iri("id/activity/fjordlys")
    for text in ("Fjordlys", "fjord light", "fjordlys", "activity/fjordlys", str(there), "Fjordlys (fjordlys)"):
        assert one(text, ACTIVITY, base) == there, text
    assert one("Eksempelstrategien", PLACE, base) == iri("id/document/strategy")
    assert set(read("skole\nculture", TOPICS, base, "nb").terms) == {iri("id/topic/skole"), iri("id/topic/kultur")}
    assert one("a‑1 og b", column("link"), _with(base, "x", "A-1 og B")) == iri("id/activity/x")


def test_where_any_thing_may_stand_an_iri_of_others_may(base):
    anything = column("link")
    assert one("http://www.wikidata.org/entity/Q1", anything, base) == "http://www.wikidata.org/entity/Q1"
    assert one(str(UNCERTAIN), anything, base) == UNCERTAIN
    assert one(shown([UNCERTAIN], anything, base, "nb"), anything, base) == UNCERTAIN
    assert codes(str(iri("id/activity/skrivefeil")), anything, base) == ["unknown-name"]
    assert codes("javascript:alert(1)", anything, base) == ["unknown-name"]
    assert codes("http://www.wikidata.org/entity/Q1", ACTIVITY, base) == ["unknown-name"]


def _with(base, slug, label, cls="Activity"):
    """Give the base with another thing; it is taken out again by nobody, since its name is its own."""
    base.add(iri(f"id/activity/{slug}"), iri("rdf:type"), Stated(iri(f"{EX}{cls}"), "data/strategy/activities.ttl"))
    base.add(iri(f"id/activity/{slug}"), RDFS_LABEL, Stated(Literal(label, "nb"), "data/strategy/activities.ttl"))
    return base


def test_names_of_two_things_are_never_guessed(base):
    _with(base, "tvilling-a", "Tvilling")
    _with(base, "tvilling-b", "Tvilling")
    [finding] = read("tvilling", ACTIVITY, base, "nb").findings
    assert finding.code == "ambiguous-name"
    assert all(f"Tvilling (tvilling-{each})" in finding.messages["en"] for each in "ab")
    for each in ("tvilling-a", "tvilling-b"):
        text = shown([iri(f"id/activity/{each}")], ACTIVITY, base, "nb")
        assert text == f"Tvilling ({each})"
        assert one(text, ACTIVITY, base) == iri(f"id/activity/{each}")


def test_a_name_as_it_is_spelt_wins_over_one_that_is_nearly_so(base):
    _with(base, "vaga", "Vaga")
    _with(base, "vaaga", "Våga")
    assert one("Våga", ACTIVITY, base) == iri("id/activity/vaaga")
    assert one("Vaga", ACTIVITY, base) == iri("id/activity/vaga")
    assert codes("VAGA", ACTIVITY, base) == ["ambiguous-name"]


def test_an_unknown_name_gets_the_nearest(base):
    [finding] = read("Fjordlyset", ACTIVITY, base, "nb").findings
    assert finding.code == "unknown-name"
    assert "«Fjordlys»" in finding.messages["nb"]
    assert codes("Noe helt annet", ACTIVITY, base) == ["unknown-name"]
    assert codes("http://example.org/eksempelvik/id/activity/finnes-ikke", ACTIVITY, base) == ["unknown-name"]


def test_a_thing_of_another_class_is_told_as_that(base):
    [finding] = read("Tenkestad kommune", ACTIVITY, base, "nb").findings
    assert finding.code == "wrong-class"
    assert "kommune" in finding.messages["nb"]
    assert "aktivitet" in finding.messages["nb"]
    assert codes(str(iri("id/topic/skole")), ACTIVITY, base) == ["wrong-class"]


def test_a_pattern_bounds_what_a_link_leads_to(base):
    narrow = column("link", classes=(iri(f"{EX}Topic"),), pattern="/topic/s")
    assert one("skole", narrow, base) == iri("id/topic/skole")
    assert codes("kultur", narrow, base) == ["wrong-class"]


def test_new_things_of_the_proposal_can_be_named(base):
    new = NewThings()
    new.add(iri("id/activity/ny"), frozenset({iri(f"{EX}Activity")}), ["Nytt prosjekt", "nytt prosjekt"])
    assert read("nytt  Prosjekt", ACTIVITY, base, "nb", new).terms == (iri("id/activity/ny"),)
    assert read("Nytt prosjekt (ny)", ACTIVITY, base, "nb", new).terms == (iri("id/activity/ny"),)
    assert "nytt prosjekt" in read("Nytt prosjektet", ACTIVITY, base, "nb", new).findings[0].messages["nb"]
    assert not read("Nytt prosjekt", TOPICS, base, "nb", new).ok
    new.add(iri("id/activity/ny-2"), frozenset({iri(f"{EX}Activity")}), ["Nytt prosjekt"])
    assert [each.code for each in read("Nytt prosjekt", ACTIVITY, base, "nb", new).findings] == ["ambiguous-name"]


def test_terms_are_shown_as_people_read_them(base):
    assert shown([typed("63.75", "decimal")], column("decimal"), base, "nb") == "63,75"
    assert shown([typed("63.75", "decimal")], column("decimal"), base, "en") == "63.75"
    assert shown([typed("true", "boolean")], column("boolean"), base, "nb") == "ja"
    assert shown([typed("0", "boolean")], column("boolean"), base, "en") == "no"
    assert shown([iri("id/topic/skole"), iri("id/topic/kultur")], TOPICS, base, "nb") == "kultur\nskole"
    assert shown([], TOPICS, base, "nb") == ""


def test_what_a_cell_cannot_show_does_not_fit_it():
    assert fits(Literal("x", "nb"), NB)
    assert not fits(Literal("x", "en"), NB)
    assert not fits(Literal("x"), NB)
    assert not fits(Literal("x", "nb"), LINE)
    assert not fits(BlankNode("b"), ACTIVITY)
    assert not fits(Literal("x"), ACTIVITY)
    assert not fits(typed("2018", "gYear"), column("date"))
    assert fits(typed("2018", "gYear"), column("period"))
    assert not fits(Literal("to\nlinjer"), LINES)
    assert fits(Literal("to\nlinjer"), column("text"))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (None, ""),
        ("a\r\nb", "a\nb"),
        ("a_x000D_\nb", "a\nb "),
        ("Bla\u030a", "Blå"),
        ("a\u00a0b", " a b"),
        ("a\nb", "b\na"),
        ("12", 12.0),
        ("63,75", 63.75),
        ("1.50", 1.5),
        ("2026-03-31", moment("2026-03-31T00:00")),
        ("2026-03-31", date(2026, 3, 31)),
        ("ja", True),
        ("no", False),
    ],
)
def test_what_programs_change_is_the_same(one, other):
    assert same(one, other)
    assert same(other, one)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("", False),
        ("", 0),
        (None, False),
        ("007", 7),
        ("a", "b"),
        ("a", "A"),
        ("2026-03", date(2026, 3, 1)),
        ("x", float("nan")),
        ("2018", moment("2018-01-01T12:00")),
    ],
)
def test_what_people_change_is_not_the_same(one, other):
    assert not same(one, other)
    assert not same(other, one)


@given(st.text(max_size=30))
def test_any_text_is_read_or_refused_and_comes_back_as_it_is_shown(base, text):
    for each in (LINE, NB, TEXT, LINES):
        reading = read(text, each, base, "nb")
        if reading.ok:
            again = read(shown(reading.terms, each, base, "nb"), each, base, "nb")
            assert set(again.terms) == set(reading.terms)
            assert not [found for found in again.findings if found.code == "unseen-characters"]


@given(
    st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
    | st.integers()
    | st.floats()
    | st.dates()
    | st.booleans()
)
def test_any_value_in_any_column_gives_terms_or_says_what_to_do(base, value):
    kinds = ("integer", "decimal", "date", "period", "year", "boolean")
    for each in (*map(column, kinds), LINE, CERTAINTY, ACTIVITY, TOPICS, ADDRESS):
        reading = read(value, each, base, "nb")
        assert reading.terms or reading.findings or not str(value).strip() or not shown_text(value)
        assert same(value, value) or isinstance(value, float)


def shown_text(value):
    """Give what is left of a value when all is gone that no reader sees."""
    return "".join(each for each in str(value) if each.isprintable()).strip()


@given(st.dates(min_value=date(1900, 3, 1)))
def test_dates_come_back(base, value):
    for each in (value, value.isoformat(), f"{value.day}.{value.month}.{value:%Y}"):
        assert one(each, column("date"), base) == typed(value.isoformat(), "date")
    assert same(value, shown([typed(value.isoformat(), "date")], column("date"), base, "nb"))


@given(st.decimals(-9999, 9999, places=2), st.sampled_from(["nb", "en"]))
def test_decimals_come_back_in_either_language(base, value, language):
    term = typed(f"{value:f}", "decimal")
    assert one(shown([term], column("decimal"), base, language), column("decimal"), base, language) == term
    assert same(shown([term], column("decimal"), base, language), float(value))
