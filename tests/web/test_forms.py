"""Forms: what they show, what becomes of what was typed, what is sent, and what hostile input meets."""

import re
from collections import Counter
from pathlib import Path

import pytest
from flask import Flask

from app.config import Settings
from app.editing.drawer import Drawer, now
from app.editing.proposals import Event, Proposal, Statement
from app.terms import Iri, Literal
from tests.web.conftest import Client
from tests.web.edited import BASE, EX, HOST, LABEL, application, built, logged_in, opened, press, see

NAME, NAME_EN, END, COST = f"cell.0.{LABEL}@nb", f"cell.0.{LABEL}@en", f"cell.0.{EX}end", f"cell.0.{EX}cost"
TOPIC, PAGE, BIG, TEXT = f"cell.0.{EX}topic", f"cell.0.{EX}page", f"cell.0.{EX}big", f"cell.0.{EX}text@nb"
WHO, ROLE = f"cell.1.{EX}participant", f"cell.1.{EX}role"
STRATEGY = BASE + "graph/strategy"
THING = Iri(BASE + "id/activity/brubygging")


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return built(tmp_path_factory.mktemp("forms"))


@pytest.fixture(scope="module")
def edited(settings: Settings) -> Flask:
    return application(settings)


@pytest.fixture(scope="module")
def person(edited: Flask) -> Client:
    return logged_in(edited)


def proposal_of(settings: Settings, answer) -> Proposal:
    """Give the proposal that an answer leads to."""
    assert answer.status_code == 303, opened(answer).text
    return Drawer(settings.state).get(answer.headers["Location"].rpartition("/")[2])


def sent(settings: Settings, client: Client, path: str, changed: dict[str, str | list[str]]) -> Proposal:
    """Fill in the form of a path, look at what will change, send it, and give what is kept."""
    seen = opened(press(client, see(client, path), "check", changed))
    assert seen.status == 200, errors(seen)
    return proposal_of(settings, press(client, seen, "send"))


def errors(page) -> list[str]:
    summary = re.search(r'<div class="ds-error-summary".*?</div>', page.text, re.DOTALL)
    return re.findall(r"<li>(?:<a[^>]*>)?\s*(.*?)\s*(?:</a>)?</li>", summary[0], re.DOTALL) if summary else []


def said(proposal: Proposal) -> tuple[set, set]:
    """Give what a proposal removes and adds, without files."""
    return {each[:3] for each in proposal.removed}, {each[:3] for each in proposal.added}


def test_the_form_of_a_thing_shows_what_the_files_say(person):
    page = see(person, "/edit/activity/brubygging")
    assert (page.value(NAME), page.value(END), sorted(page.value(TOPIC))) == (
        ["Brubygging"],
        ["2023"],
        ["kultur", "skole"],
    )
    assert page.value(WHO) == ["Eksempelvik kommune"]
    assert "Kilde nå: Eksempelstrategien" in page.text
    assert "Når den ble avsluttet." in page.text


def test_a_form_that_is_sent_as_it_came_changes_nothing(person, settings):
    before = len(Drawer(settings.state).heads())
    for path in ("/edit/activity/brubygging", "/en/edit/activity/fjordlys", "/edit/participation/a-1"):
        answer = opened(press(person, see(person, path), "send"))
        assert answer.status == 200, errors(answer)
        assert ("Ingenting er endret ennå" in answer.text) or ("Nothing has been changed yet" in answer.text)
    assert len(Drawer(settings.state).heads()) == before


def test_one_change_is_one_statement_in_the_file_of_who_says_it(person, settings):
    found = sent(settings, person, "/edit/activity/brubygging", {END: "2024-03", "voice": STRATEGY})
    file = "data/strategy/activities.ttl"
    end, xsd = Iri(EX + "end"), "http://www.w3.org/2001/XMLSchema#"
    assert found.removed == (Statement(THING, end, Literal("2023", datatype=Iri(xsd + "gYear")), file),)
    assert found.added == (Statement(THING, end, Literal("2024-03", datatype=Iri(xsd + "gYearMonth")), file),)
    assert (found.door, found.title, found.state, found.history[0].role) == ("form", "Brubygging", "open", "reviewer")


def test_a_correction_stays_with_its_source(person, settings):
    found = sent(settings, person, "/edit/activity/fjordlys", {NAME: "Fjordlyset", "voice": "correction"})
    assert [each.file for each in (*found.removed, *found.added)] == ["data/strategy/activities.ttl"] * 2


def test_a_new_thing_with_a_part_and_a_new_source(person, settings):
    page = see(person, "/edit/new/activity")
    page = opened(press(person, page, "part|0"))
    given = {
        NAME: "Havbrua", NAME_EN: "The Sea Bridge", END: "2027", BIG: "ja", TOPIC: ["", "skole"],
        WHO: "Tenkestad kommune", ROLE: "deltaker", "voice": "new", "note": "Vi begynte i går.",
        f"cell.s.{LABEL}@nb": "Siden om Havbrua", f"cell.s.{LABEL}@en": "The page of the Sea Bridge",
        f"cell.s.{EX}page": "https://example.org/havbrua",
    }  # fmt: skip
    seen = opened(press(person, page, "check", given))
    assert seen.status == 200, errors(seen)
    found = proposal_of(settings, press(person, seen, "send"))
    thing = Iri(BASE + "id/activity/havbrua")
    _removed, added = said(found)
    assert (thing, Iri(EX + "topic"), Iri(BASE + "id/topic/skole")) in added
    assert {each.file for each in found.added if each.subject == thing} == {"data/register/siden-om-havbrua.ttl"}
    joined = {each.subject for each in found.added if each.predicate == EX + "inActivity" and each.value == thing}
    assert len(joined) == 1
    assert found.note == "Vi begynte i går."
    assert found.title == "Ny: Havbrua"


def test_a_part_is_taken_out_and_another_added(person, settings):
    page = opened(press(person, see(person, "/edit/activity/brubygging"), "part|0", {"voice": STRATEGY}))
    changed = {"gone.1": "1", f"cell.2.{EX}participant": "Tenkestad kommune", f"cell.2.{EX}role": "deltaker"}
    seen = opened(press(person, page, "check", changed))
    assert seen.status == 200, errors(seen)
    found = proposal_of(settings, press(person, seen, "send"))
    old = Iri(BASE + "id/participation/a-1")
    assert {each.subject for each in found.removed} == {old}
    new = {each.subject for each in found.added} - {old}
    assert len(new) == 1
    assert (next(iter(new)), Iri(EX + "inActivity"), THING) in said(found)[1]


def test_without_a_source_it_is_asked_who_says_it_and_all_that_was_typed_is_there(person):
    page = opened(press(person, see(person, "/edit/activity/brubygging"), "check", {END: "2025", "note": "<b>hei</b>"}))
    assert page.status == 422
    assert [each for each in errors(page) if each.startswith("Hvem sier dette?")]
    assert (page.value(END), page.value("note")) == (["2025"], ["<b>hei</b>"])
    assert "<b>hei" not in page.text
    voice = page.attributes("voice")
    assert voice["aria-invalid"] == "true"
    assert "voice-found" in voice["aria-describedby"]
    assert 'href="#voice"' in page.text
    assert "<title>Feil:" in page.text


@pytest.mark.parametrize(
    ("field", "text", "told"),
    [
        (END, "i fjor", "i fjor"),
        (COST, "mange", "mange"),
        (COST, "2000000", "En aktivitet koster høyst en million."),
        (TOPIC, "finnes ikke", "finnes ikke"),
        (PAGE, "javascript:alert(1)", "nettadresse"),
        (NAME, "", "Fyll inn"),
        (TEXT, "x" * 32_768, "for lang"),
    ],
)
def test_a_message_stands_at_its_field_and_what_was_typed_stays(person, field, text, told):
    page = opened(press(person, see(person, "/edit/activity/fjordlys"), "check", {field: text, "voice": STRATEGY}))
    assert page.status == 422
    name = page.ids[field]
    assert page.attributes(name)["aria-invalid"] == "true"
    group = name.rpartition("-")[0] if field == TOPIC else name
    assert f"{group}-found" in page.attributes(group)["aria-describedby"].split()
    assert page.attributes(f"{group}-found")
    assert any(told in each for each in errors(page)), errors(page)
    assert page.value(field) == ([text[:32_767]] if text else [])


def test_what_is_looked_up_is_found_picked_and_stays(person):
    page = see(person, "/edit/participation/a-1")
    field = f"cell.0.{EX}inActivity"
    assert page.value(field) == ["Brubygging"]
    page = opened(press(person, see(person, "/edit/activity/brubygging"), f"find|{PAGE}|0", {NAME: "Noe annet"}))
    assert (page.status, page.value(NAME)) == (200, ["Noe annet"]), "a field that has no names is left alone"


def test_sending_twice_is_one_proposal_and_another_change_is_another(person, settings):
    seen = opened(press(person, see(person, "/edit/activity/brubygging"), "check", {COST: "7", "voice": STRATEGY}))
    first, second = (
        proposal_of(settings, press(person, seen, "send")),
        proposal_of(settings, press(person, seen, "send")),
    )
    assert first.name == second.name
    third = proposal_of(settings, press(person, seen, "send", {COST: "8"}))
    assert third.name != first.name
    assert Drawer(settings.state).get(first.name).added == first.added


def test_a_name_of_somebody_elses_choosing_overwrites_nothing(person, settings):
    drawer = Drawer(settings.state)
    theirs = Proposal(
        drawer.new_name(), "suggestion", "Et ord", note="Noe mangler", history=(Event(now(), "open", ""),)
    )
    drawer.put(theirs)
    page = opened(press(person, see(person, "/edit/activity/brubygging"), "check", {COST: "9", "voice": STRATEGY}))
    for name in (theirs.name, "../../etc/passwd", "", "x" * 500):
        found = proposal_of(settings, press(person, page, "send", {"name": name}))
        assert found.name != theirs.name
    assert drawer.get(theirs.name) == theirs


def test_going_back_loses_nothing(person):
    given = {COST: "11", "voice": STRATEGY, "note": "Linje 1\r\nLinje 2", TEXT: "\n\nEn tekst\nmed linjer "}
    seen = opened(press(person, see(person, "/edit/activity/brubygging"), "check", given))
    back = opened(press(person, seen, "back"))
    assert (back.value(COST), back.value("voice")) == (["11"], [STRATEGY])
    assert back.value("note")[0].replace("\r\n", "\n") == "Linje 1\nLinje 2"
    assert back.value(TEXT)[0].replace("\r\n", "\n") == "\n\nEn tekst\nmed linjer "
    assert Counter(back.values)[("row.0.id", THING)] == 1


def test_a_suggestion_stands_beside_the_form_and_is_answered(person, settings):
    drawer = Drawer(settings.state)
    name = drawer.new_name()
    words = "<script>alert(1)</script> Brubygging ble ferdig i 2026 \u202e"
    drawer.put(Proposal(name, "suggestion", "Brubygging", note=words, history=(Event(now(), "open", ""),)))
    page = see(person, f"/edit/activity/brubygging?from={name}")
    assert "Brubygging ble ferdig i 2026" in page.text
    assert "<script>alert" not in page.text
    seen = opened(press(person, page, "check", {END: "2026", "voice": STRATEGY}))
    assert proposal_of(settings, press(person, seen, "send")).answers == name
    assert see(person, "/edit/activity/brubygging?from=nonsense").status == 200


@pytest.mark.parametrize(
    ("language", "order"), [("", ["aktivitet", "kilde", "kommune"]), ("/en", ["activity", "source"])]
)
def test_the_first_page_has_kinds_in_the_order_of_their_names(person, language, order):
    text = see(person, f"{language}/edit/").text
    listed = re.findall(r'/edit/new/[a-z]+"><span class="unseen">[^<]*</span>(?:<[^>]*>)*([^<]+)', text)
    names = [each.strip() for each in listed]
    assert [each for each in names if each in order] == order
    assert names == sorted(names, key=str.casefold)


def test_the_first_page_tells_what_became_of_ones_own(person, settings):
    name = sent(settings, person, "/edit/activity/fjordlys", {COST: "99", "voice": STRATEGY}).name
    text = see(person, "/edit/").text
    assert text.index('id="open"') < text.index('id="own"') < text.index('id="forms"')
    assert re.search(rf'/edit/proposals/{name}"><bdi>[^<]*</bdi></a>:\s+Venter på svar', text[text.index('id="own"') :])


def test_a_gap_leads_to_its_field(person):
    start = see(person, "/edit/")
    assert "Aktivitet uten nettside" in start.text
    address = next(given["href"] for tag, given in start.tags if tag == "a" and "field=" in given.get("href", ""))
    page = see(person, address)
    focused = [given for _tag, given in page.tags if "autofocus" in given]
    assert [given["name"] for given in focused] == [PAGE]
    assert "fyll inn" in person.get("/gaps", base_url=HOST).text


def test_what_follows_from_rules_or_has_no_field_is_shown_and_not_editable(person):
    page = see(person, "/edit/topic/skole")
    assert page.status == 404, "a class without shapes of its own has no form"
    assert see(person, "/edit/activity/nowhere").status == 404
    assert see(person, "/edit/new/nowhere").status == 404
    assert see(person, "/edit/claim/1").status == 404


def test_unknown_and_repeated_fields_get_a_message(person):
    page = see(person, "/edit/activity/brubygging")
    page = opened(
        press(person, page, "check", {"cell.0.http://nowhere/x": "1", "sur prise": "2", END: ["2020", "2021"]})
    )
    assert page.status == 422
    told = errors(page)
    assert [each for each in told if "http://nowhere/x" in each]
    assert [each for each in told if "sur prise" in each]
    assert [each for each in told if "det kom 2" in each]


HOSTILE = [
    "\u202e\u0000\x07<script>",
    "{{7*7}}",
    "'\"><img src=x onerror=alert(1)>",
    "=1+1",
    "\ufeff\u2067",
    "a\tb\r\nc",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_in_any_field_meets_a_page(person, text):
    page = see(person, "/edit/activity/brubygging")
    names = [name for name, _ in page.values if name != "form_token"]
    for names_at_once in (
        names,
        *[[name] for name in (NAME, END, TOPIC, "voice", "certainty", "row.1.id", "name", "from")],
    ):
        answer = press(person, page, "check", dict.fromkeys(names_at_once, text))
        assert answer.status_code in (200, 422), names_at_once
        assert not re.search(r"<script>(?!\s*$)|<img src=x|>49<", answer.text)
    for action in (text, f"find|{text}|0", f"pick|{NAME}|0|{text}", f"more|{text}", f"part|{text}", "find|x|99999"):
        assert press(person, page, action).status_code in (200, 422)


def test_a_form_that_is_too_large_is_refused(person):
    page = see(person, "/edit/new/activity")
    assert press(person, page, "check", {"note": "x" * 1_600_000}).status_code == 413
    many = {f"cell.{number}.{EX}participant": "x" for number in range(1, 900)}
    many |= {f"row.{number}.table": EX + "Participation" for number in range(1, 900)}
    assert press(person, page, "check", many).status_code in (422, 413)


def test_no_form_is_taken_without_its_token_or_a_login(person, edited, settings):
    page = see(person, "/edit/activity/brubygging")
    before = len(Drawer(settings.state).heads())
    given = {COST: "13", "voice": STRATEGY}
    assert press(person, page, "send", {**given, "form_token": "x"}).status_code == 403
    stranger = edited.test_client()
    answer = press(stranger, page, "send", given)
    assert answer.status_code == 401
    assert "13" in opened(answer).value(COST), "what was typed is there to be sent once more"
    assert stranger.get("/edit/activity/brubygging", base_url=HOST).status_code == 302
    assert len(Drawer(settings.state).heads()) == before


def test_a_page_of_editing_is_kept_nowhere_and_found_nowhere(person):
    answer = person.get("/edit/activity/brubygging", base_url=HOST)
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["X-Robots-Tag"] == "noindex"
    assert answer.headers.getlist("Referrer-Policy") == ["same-origin"]
    assert "script-src 'self'" in answer.headers["Content-Security-Policy"]
    assert "/edit" not in person.get("/sitemap-1.xml", base_url=HOST).text


def test_a_page_of_a_thing_leads_to_its_form_and_only_when_editing_is_on(person, settings):
    assert 'href="/edit/activity/brubygging"' in person.get("/doc/activity/brubygging", base_url=HOST).text
    assert 'href="/en/edit/activity/brubygging"' in person.get("/en/doc/activity/brubygging", base_url=HOST).text
    assert 'href="/edit/topic' not in person.get("/doc/topic/skole", base_url=HOST).text


def test_files_that_change_are_read_again(person, settings):
    path = Path(settings.content) / "data/strategy/activities.ttl"
    kept = path.read_text(encoding="utf-8")
    try:
        path.write_text(kept.replace('"Fjordlys"@nb', '"Fjordlysene"@nb'), encoding="utf-8")
        assert see(person, "/edit/activity/fjordlys").value(NAME) == ["Fjordlysene"]
        path.write_text(kept + "this is no Turtle", encoding="utf-8")
        answer = person.get("/edit/activity/fjordlys", base_url=HOST)
        assert (answer.status_code, "activities.ttl" in answer.text) == (503, True)
        assert person.get("/doc/activity/fjordlys", base_url=HOST).status_code == 200
    finally:
        path.write_text(kept, encoding="utf-8")
    assert see(person, "/edit/activity/fjordlys").value(NAME) == ["Fjordlys"]


def test_a_proposal_is_taken_over_into_its_form_and_mended(person, settings):
    page = opened(press(person, see(person, "/edit/activity/brubygging"), "part|0", {"voice": STRATEGY}))
    changed = {COST: "70", "gone.1": "1", f"cell.2.{EX}role": "deltaker"}
    seen = opened(press(person, page, "check", {**changed, f"cell.2.{EX}participant": "Tenkestad kommune"}))
    first = proposal_of(settings, press(person, seen, "send"))
    page = see(person, f"/edit/activity/brubygging?from={first.name}")
    assert (page.value(COST), page.value(f"was.0.{EX}cost"), page.value("voice")) == (["70"], [], [STRATEGY])
    assert ["Tenkestad kommune"] in [page.value(f"cell.{row}.{EX}participant") for row in range(1, 4)]
    assert len([name for name, _ in page.values if name.startswith("gone.")]) == 1
    seen = opened(press(person, page, "check", {COST: "71"}))
    assert seen.status == 200, errors(seen)
    second = proposal_of(settings, press(person, seen, "send"))
    assert second.answers == first.name
    cost = Iri(EX + "cost")
    assert said(second)[0] == said(first)[0]
    assert {each for each in said(second)[1] if each[1] != cost} == {each for each in said(first)[1] if each[1] != cost}


def test_a_proposed_new_thing_with_its_new_source_is_taken_over(person, settings):
    given = {
        NAME: "Nattbrua", NAME_EN: "The Night Bridge", END: "2028", "voice": "new", "note": "Se siden.",
        f"cell.s.{LABEL}@nb": "Siden om Nattbrua", f"cell.s.{LABEL}@en": "The page of the Night Bridge",
    }  # fmt: skip
    first = sent(settings, person, "/edit/new/activity", given)
    page = see(person, f"/edit/new/activity?from={first.name}")
    assert (page.value(NAME), page.value("voice"), page.value("note")) == (["Nattbrua"], ["new"], ["Se siden."])
    assert page.value(f"cell.s.{LABEL}@nb") == ["Siden om Nattbrua"]
    seen = opened(press(person, page, "check"))
    assert seen.status == 200, errors(seen)
    second = proposal_of(settings, press(person, seen, "send"))
    assert (said(second), second.answers) == (said(first), first.name)


def test_a_proposal_leads_to_the_form_that_holds_it(person, settings):
    page = see(person, "/edit/activity/fjordlys")
    seen = opened(press(person, page, "check", {COST: "81", "voice": STRATEGY}))
    known = proposal_of(settings, press(person, seen, "send"))
    new = sent(settings, person, "/edit/new/municipality", {NAME: "Nyvik", NAME_EN: "Newbay", "voice": STRATEGY})
    for found, form in ((known, "/edit/activity/fjordlys"), (new, "/edit/new/municipality")):
        assert f'href="{form}?from={found.name}"' in person.get(f"/edit/proposals/{found.name}", base_url=HOST).text
