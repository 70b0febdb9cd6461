"""The workbook on the web: taken out, filled in, handed in, its faults shown at their cells, sent once."""

import io
import os
import re
from collections.abc import Callable

import pytest
from flask import Flask
from openpyxl import Workbook, load_workbook

from app.config import Settings
from app.editing.drawer import Drawer
from app.web.editing.sending import KEPT, SentFiles
from tests.web.conftest import Client
from tests.web.edited import BASE, EX, HOST, Page, application, built, logged_in, opened, see


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return built(tmp_path_factory.mktemp("uploads"))


@pytest.fixture(scope="module")
def edited(settings: Settings) -> Flask:
    return application(settings)


@pytest.fixture(scope="module")
def person(edited: Flask) -> Client:
    return logged_in(edited)


def filled(client: Client, change: Callable[[Workbook], None], address: str = "/edit/workbook.xlsx") -> bytes:
    """Take the workbook out and change it."""
    book = load_workbook(io.BytesIO(client.get(address, base_url=HOST).data))
    change(book)
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def write(sheet: str, thing: str, **values: object) -> Callable[[Workbook], None]:
    """Write into the row of a thing, by the end of the keys of its columns."""

    def change(book: Workbook) -> None:
        page = book[sheet]
        row = next(row for row in range(4, page.max_row + 1) if page.cell(row, 1).value == thing)
        for name, value in values.items():
            column = next(n for n in range(2, page.max_column + 1) if str(page.cell(1, n).value).endswith(name))
            page.cell(row, column).value = value

    return change


def hand_in(client: Client, data: bytes, name: str = "arket.xlsx") -> Page:
    token = dict(see(client, "/edit/workbook").values)["form_token"]
    given = {"form_token": token, "file": (io.BytesIO(data), name)}
    return opened(client.post("/edit/workbook", base_url=HOST, data=given))


def test_a_workbook_that_came_back_as_it_was_changes_nothing(person):
    page = hand_in(person, filled(person, lambda _book: None))
    assert page.status == 200
    assert "Arbeidsboken endrer ingenting" in page.text


def test_one_changed_cell_is_told_in_words_and_sent_once(person, settings):
    change = write("aktivitet", "fjordlys", cost=1300, voice="Strategien")
    page = hand_in(person, filled(person, change, "/edit/workbook.xlsx?class=activity"), "Ark fra kontoret.xlsx")
    assert page.status == 200, page.text
    assert "1300" in page.text
    token = dict(page.values)["form_token"]
    sent = [person.post(page.action, base_url=HOST, data={"form_token": token, "note": "Nytt tall"}) for _ in range(2)]
    assert {each.status_code for each in sent} == {303}
    assert len({each.headers["Location"] for each in sent}) == 1
    found = Drawer(settings.state).get(sent[0].headers["Location"].rpartition("/")[2])
    assert [(each.predicate, str(each.value)) for each in found.added] == [(EX + "cost", "1300")]
    assert (found.door, found.title, found.note) == ("workbook", "Arbeidsbok: Ark fra kontoret.xlsx", "Nytt tall")
    assert {each.subject for each in found.added} == {BASE + "id/activity/fjordlys"}


def test_faults_are_listed_by_cell_and_shown_in_a_marked_copy(person, settings):
    before = len(Drawer(settings.state).heads())
    change = write("aktivitet", "fjordlys", end="i fjor", topic="finnes ikke", voice="Strategien")
    page = hand_in(person, filled(person, change))
    assert page.status == 422
    cells = set(re.findall(r"aktivitet!([A-Z]+\d+)", page.text))
    assert len(cells) == 2
    address = next(given["href"] for tag, given in page.tags if tag == "a" and given.get("href", "").endswith(".xlsx"))
    copy = person.get(address, base_url=HOST)
    book = load_workbook(io.BytesIO(copy.data))
    assert all(book["aktivitet"][cell].comment for cell in cells)
    assert not [tag for tag, given in page.tags if tag == "form" and given.get("action") == address[:-5]]
    token = dict(see(person, "/edit/workbook").values)["form_token"]
    assert person.post(address[:-5], base_url=HOST, data={"form_token": token}).status_code == 422
    assert len(Drawer(settings.state).heads()) == before


def test_what_the_integrity_shapes_say_is_told_at_its_cell_before_anything_is_sent(person, settings):
    before = len(Drawer(settings.state).heads())
    page = hand_in(person, filled(person, write("aktivitet", "fjordlys", cost=2_000_000, voice="Strategien")))
    assert page.status == 422
    assert "En aktivitet koster høyst en million" in page.text
    (cell,) = set(re.findall(r"aktivitet!([A-Z]+\d+)", page.text))
    address = next(given["href"] for tag, given in page.tags if tag == "a" and given.get("href", "").endswith(".xlsx"))
    copy = load_workbook(io.BytesIO(person.get(address, base_url=HOST).data))["aktivitet"]
    assert "høyst en million" in copy[cell].comment.text
    assert str(copy[cell].value) == "2000000"
    assert len(Drawer(settings.state).heads()) == before


@pytest.mark.parametrize(
    "data", [b"", b"not a workbook", b"PK\x03\x04" + b"\x00" * 200, b"\xd0\xcf\x11\xe0" + b"\x00" * 600, b"a;b\n1;2\n"]
)
def test_what_is_no_workbook_is_told_in_words(person, data):
    page = hand_in(person, data)
    assert page.status == 422
    assert "ds-error-summary" in page.text
    assert "Internal" not in page.text


def test_markup_in_a_workbook_is_text(person):
    change = write("aktivitet", "fjordlys", **{"label@en": "<script>alert(1)</script>", "voice": "Strategien"})
    page = hand_in(person, filled(person, change), "<img src=x onerror=alert(1)>.xlsx")
    assert "&lt;script&gt;alert(1)" in page.text
    assert "<script>alert" not in page.text


def test_too_large_a_file_is_refused_and_none_is_taken_without_a_login(person, edited):
    token = dict(see(person, "/edit/workbook").values)["form_token"]
    head = f'--x\r\nContent-Disposition: form-data; name="form_token"\r\n\r\n{token}\r\n'
    head += '--x\r\nContent-Disposition: form-data; name="file"; filename="a.xlsx"\r\n\r\n'
    body = head.encode() + b"PK" * 10_600_000 + b"\r\n--x--\r\n"
    answer = person.post("/edit/workbook", base_url=HOST, data=body, content_type="multipart/form-data; boundary=x")
    assert answer.status_code == 413
    stranger = edited.test_client()
    for path in ("/edit/workbook.xlsx", "/edit/workbook", "/edit/workbook/" + "a" * 22 + ".xlsx"):
        assert stranger.get(path, base_url=HOST).status_code == 302
    assert stranger.post("/edit/workbook", base_url=HOST, data={"file": (io.BytesIO(b"x"), "x")}).status_code == 401


def test_only_known_kinds_and_languages_are_taken_out(person):
    assert person.get("/edit/workbook.xlsx?class=nowhere", base_url=HOST).status_code == 404
    assert person.get("/edit/workbook.xlsx?language=xx", base_url=HOST).status_code == 400
    english = load_workbook(io.BytesIO(person.get("/en/edit/workbook.xlsx", base_url=HOST).data))
    assert "activity" in english.sheetnames


def test_what_is_not_sent_is_kept_for_an_hour_and_read_by_nobody_else(person, settings):
    change = write("aktivitet", "fjordlys", cost=5, voice="Strategien")
    page = hand_in(person, filled(person, change))
    name = page.action.rpartition("/")[2]
    path = settings.state / "uploads" / f"{name}.json"
    assert path.stat().st_mode & 0o077 == 0
    assert path.parent.stat().st_mode & 0o077 == 0
    old = path.stat().st_mtime - KEPT - 1
    os.utime(path, (old, old))
    token = dict(page.values)["form_token"]
    assert person.post(page.action, base_url=HOST, data={"form_token": token}).status_code == 404
    kept = SentFiles(settings.state)
    for hostile in ("../../etc/passwd", "..", "", "x" * 300, "a/b"):
        assert kept.proposal(hostile) is None
        assert kept.marked(hostile) is None
