"""Makes the pictures of the README and the how-tos anew, from the real pages: ``python -m tests.browser.pictures``.

Forms and review are of the shipped content (nothing of it is changed: a copy is served), the import of a made-up
region, whose register is a made-up sample. A picture is as wide as a page is read, in few colours, so that it is small.
"""

import base64
import io
import re
import shutil
import struct
import sys
import tempfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from click.testing import CliRunner
from openpyxl import load_workbook
from playwright.sync_api import Browser, Locator, Page, expect, sync_playwright

from app.cli.main import main
from app.editing import entrance
from tests.browser.browsing import FLAGS
from tests.conftest import started
from tests.imports.conftest import SAMPLES, SHIPPED, made_up

PICTURES: Final = SHIPPED / "docs" / "pictures"
WIDTH, HEIGHT, COLOURS = 1000, 720, 48
# The commonest colours of a picture, and for each point the nearest of them.
_FEW: Final = """async ([png, most]) => {
  const bytes = Uint8Array.from(atob(png), (each) => each.charCodeAt(0));
  const image = await createImageBitmap(new Blob([bytes]));
  const { width, height } = image;
  const canvas = new OffscreenCanvas(width, height);
  canvas.getContext("2d").drawImage(image, 0, 0);
  const points = new Uint32Array(canvas.getContext("2d").getImageData(0, 0, width, height).data.buffer);
  const counts = new Map();
  for (const each of points) counts.set(each, (counts.get(each) || 0) + 1);
  const few = [...counts].sort((a, b) => b[1] - a[1] || a[0] - b[0]).slice(0, most).map(([each]) => each);
  const parts = (each) => [each & 255, (each >> 8) & 255, (each >> 16) & 255];
  const far = (a, b) => parts(a).reduce((sum, each, place) => sum + (each - parts(b)[place]) ** 2, 0);
  const nearest = new Map(few.map((each, place) => [each, place]));
  const place = (each) => {
    const nearer = (best, other, number) => far(each, other) < far(each, few[best]) ? number : best;
    if (!nearest.has(each)) nearest.set(each, few.reduce(nearer, 0));
    return nearest.get(each);
  };
  let text = "";
  for (const each of points) text += String.fromCharCode(place(each));
  return [width, height, few.flatMap(parts), btoa(text)];
}"""


def take(page: Page, name: str, *, top: Locator | None = None, height: int = HEIGHT) -> None:
    """Keep what is seen of a page from an element on, or from its top."""
    page.evaluate("() => document.activeElement && document.activeElement.blur()")
    box = top.bounding_box() if top else None
    begin = max(0, (box["y"] if box else 0) + page.evaluate("() => scrollY") - (16 if box else 0))
    whole = page.evaluate("() => document.documentElement.scrollHeight")
    clip: Any = {"x": 0, "y": begin, "width": WIDTH, "height": min(height, whole - begin)}
    taken = page.screenshot(full_page=True, clip=clip, animations="disabled")
    blank = page.context.new_page()
    width, tall, colours, points = blank.evaluate(_FEW, [base64.b64encode(taken).decode(), COLOURS])
    blank.close()
    (PICTURES / f"{name}.png").write_bytes(indexed(width, tall, bytes(colours), base64.b64decode(points)))


def indexed(width: int, height: int, colours: bytes, points: bytes) -> bytes:
    """Give a PNG (ISO/IEC 15948) with a palette: every point is the number of its colour."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    lines = b"".join(b"\0" + points[row * width : (row + 1) * width] for row in range(height))
    head = struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0)
    parts = (b"IHDR", head), (b"PLTE", colours), (b"IDAT", zlib.compress(lines, 9)), (b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunk(kind, data) for kind, data in parts)


@contextmanager
def site(browser: Browser, content: Path, folder: Path) -> Iterator[tuple[str, Page]]:
    """Give the address of a server where people edit a content, and a page of somebody who may all."""
    state = folder / "state"
    with started(content, folder, state, edit="1") as host:
        page = browser.new_context(viewport={"width": WIDTH, "height": HEIGHT}, locale="nb").new_page()
        page.goto(f"{host}edit/login?token={entrance.new_link(state)}")
        if content.name == "shipped":
            take(page, "login", height=300)
        page.locator("main").get_by_role("button", name="Logg inn").click()
        expect(page.get_by_text("Du er logget inn som godkjenner.")).to_be_visible()
        yield host, page
        page.context.close()


def of_the_pages(host: str, page: Page) -> None:
    """The front page, and why a fact is there."""
    page.goto(f"{host}en/")
    take(page, "front", height=760)
    page.goto(f"{host}en/doc/municipality/verdal")
    take(page, "municipality", height=760)


def of_the_form(host: str, page: Page) -> None:
    """The first page, a form, what is wrong in it, what will change."""
    page.goto(f"{host}edit/")
    take(page, "start", height=620)
    page.goto(f"{host}edit/activity/valtel")
    take(page, "form")
    take(page, "form-folded", top=page.locator("details.folded-group").first, height=480)
    end = page.get_by_label("Sluttdato").first
    end.fill("i fjor")
    _check(page)
    take(page, "form-wrong", height=420)
    page.get_by_label("Sluttdato").first.fill("2020")
    page.locator("#voice").select_option(page.locator("#voice optgroup option").first.get_attribute("value"))
    _check(page)
    take(page, "form-changes", height=560)
    page.get_by_role("button", name="Send forslaget").click()
    expect(page).to_have_url(re.compile(r"/edit/proposals/\d"))


def _check(page: Page) -> None:
    with page.expect_navigation():
        page.locator('main button[value="check"]').last.click()


def of_the_workbook(host: str, page: Page) -> None:
    """What is told of a workbook with two faults."""
    book = load_workbook(io.BytesIO(page.request.get(f"{host}edit/workbook.xlsx?class=activity").body()))
    sheet = book["Aktivitet"]
    keys = {str(cell.value).rpartition("#")[2]: cell.column for cell in sheet[1]}
    sheet.cell(4, keys["endDate"]).value = "i fjor"
    sheet.cell(5, keys["underProgramme"]).value = "Erasmus pluss"
    written = io.BytesIO()
    book.save(written)
    page.goto(f"{host}edit/workbook")
    file: Any = {"name": "aktiviteter.xlsx", "mimeType": "application/octet-stream", "buffer": written.getvalue()}
    page.locator("#workbook-file").set_input_files([file])
    with page.expect_navigation():
        page.locator("form[enctype] button").click()
    take(page, "workbook-wrong", height=620)


def of_the_review(host: str, page: Page) -> None:
    """The list of proposals, one of them with what the checks say, and the log once it was refused."""
    page.goto(f"{host}edit/proposals/")
    take(page, "proposals", height=520)
    page.locator(".hits a").first.click()
    expect(page.locator("main")).not_to_contain_text("Kontrollen pågår", timeout=180_000)
    expect(page.locator("#checks")).to_be_visible()
    take(page, "proposal", height=820)
    page.get_by_label("Hvorfor det avslås").fill("Kilden sier 2019.")
    with page.expect_navigation():
        page.get_by_role("button", name="Avslå").click()
    page.goto(f"{host}edit/log")
    take(page, "log", height=420)


def make() -> None:
    """Make all pictures."""
    PICTURES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as place, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
        shipped, region = Path(place, "shipped"), Path(place, "region")
        for name in ("data", "ontology", "shapes", "queries"):
            shutil.copytree(SHIPPED / name, shipped / name)
        with site(browser, shipped, Path(place)) as (host, page):
            of_the_pages(host, page)
            of_the_form(host, page)
            of_the_workbook(host, page)
            of_the_review(host, page)
        made_up(region)
        for name in ("ontology", "shapes", "queries/imports"):
            shutil.copytree(SHIPPED / name, region / name)
        told = Path(place, "told")
        told.mkdir()
        read = ["import", "enhetsregisteret", str(SAMPLES / "enheter.csv"), "--read-on", "2026-11-28"]
        done = CliRunner().invoke(main, [*read, "--content", str(region), "--state", str(told / "state")])
        assert done.exit_code == 0, done.output
        with site(browser, region, told) as (host, page):
            page.goto(f"{host}edit/proposals/")
            page.locator(".hits a").first.click()
            take(page, "import", height=640)
        browser.close()


if __name__ == "__main__":
    sys.exit(make())
