"""The numbers on the pages: each is what the data files give, and no two pages give different ones for one thing.

The pages are read as a visitor reads them: figures in tables, lists and sentences, with the thing that their row or
column links to. They are held against a count in plain Python that shares no line with the queries.
"""

import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
from flask import Flask

from app.config import Settings
from app.web import create_app
from tests.conftest import SHIPPED
from tests.queries.reading import ID, NORWAY, Count, Reading, short

# What a number counts, of what: ("activities", "municipality/verdal", "topic/helse").
Key = tuple[str, ...]
Found = dict[Key, dict[str, Count]]

FIGURE = re.compile(r"(\d+)(?: \((\d+)–(\d+)\))?")
# In a sentence the range stands behind the noun.
RANGE = re.compile(
    r"(\d+)((?: (?:av|of) \d+)?(?: [^\W\d]+){0,5}) \((?:minst|at least) (\d+), (?:høyst|at most) (\d+)\)"
)
# The words around the numbers of sentences.
WORDS = {
    "activities": r"{n} (?:internasjonale? |international )?(?:aktivitet|activit)|(?:aktiviteter|activities): {n}",
    "programmes": r"under {n} (?:ulike |different )?program|(?:Programmer|Programmes): {n}",
    "beside": r"(?:sammen med|together with) {n} (?:andre|annen|other)",
    "countries": r"(?:fra|from): {n}",
    "municipalities": r"{n}(?: (?:av|of) \d+)? (?:kommuner? i regionen|municipalit(?:y|ies) of the region)",
}


# What the big numbers of an overview are called.
NUMBERS = {"activities": "aktiviteter|activities", "countries": "andre land|other countries"}
NUMBERS["programmes"] = "programmer|programmes"
REGION = "region/innherred"
# What a matrix says where there is nothing to count.
NOTHING = ("–", "ingen", "none")
ADVANCES = "SELECT DISTINCT ?activity ?aim WHERE { ?activity <https://w3id.org/innherred/ontology#advances> ?aim }"
HEADS = {
    "": {"entries": "Oppføringer i vedlegget", "activities": "Antall aktiviteter"},
    "/en": {"entries": "Entries in the appendix", "activities": "Number of activities"},
}
# What the sentence of a goal or measure says when there is nothing to count.
NONE = {"": "Vi kjenner ingen aktivitet", "/en": "We know of no activity"}
HEADS[""] |= {"programmes": "Antall programmer", "countries": "Andre land"}
HEADS["/en"] |= {"programmes": "Number of programmes", "countries": "Other countries"}


@pytest.fixture(scope="module")
def reading(shipped: Flask) -> Reading:
    """Give the data files' own count; what advances what also follows from rules, so a plain query says it."""
    found = Reading()
    for row in shipped.extensions["serving"].get().store.select(ADVANCES).rows:
        found.advancing.setdefault(short(row["activity"]), set()).add(short(row["aim"]))
    return found


def figure(text: str) -> Count:
    """Read ``11 (7–13)``, or ``11`` where the three are one."""
    found = FIGURE.fullmatch(plain(text))
    assert found, text
    read, least, most = found.groups()
    return int(read), int(least or read), int(most or read)


def plain(html: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", "", html).split())


def linked(html: str) -> str | None:
    """Name the thing that the first link is to."""
    found = re.search(r'<a [^>]*href="([^"]+)"', html)
    if not found:
        return None
    address = urlsplit(found[1].replace("&amp;", "&"))
    iri = parse_qs(address.query).get("iri")
    return short(iri[0]) if iri else unquote(re.sub(r"^.*?/(?:doc|profile)/|^.*", "", address.path, count=1))


def rows(html: str) -> list[list[str]]:
    found = re.findall(r"<tr[^>]*>(.*?)</tr>", html, re.DOTALL)
    return [re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row, re.DOTALL) for row in found]


def part(page: str, name: str) -> str:
    """Give a panel of a page, or the answer of a question."""
    mark = "answer" if name == "answer" else f"panel-{name}"
    return page.partition(f'id="{mark}"')[2].partition("</section>")[0]


def big(html: str) -> Iterator[tuple[str, str, Count]]:
    """Give the big numbers of a part of a page: the item, its text, and the count with what it can be."""
    items = html.partition('class="numbers"')[2].partition("</ul>")[0]
    for item in re.findall(r"<li>(.*?)</li>", items, re.DOTALL):
        text = plain(item.replace("<span", " <span"))
        ends = re.search(r"(?:minst|at least) (\d+), (?:høyst|at most) (\d+)", text)
        number = text.partition(" ")[0]
        split = re.findall(r"(?:oppgitt|tolket|usikre|stated|interpreted|uncertain) (\d+)", text)
        assert sum(map(int, split)) in ((int(number),) if split else (0,)), text
        yield item, text, figure(f"{number} ({ends[1]}–{ends[2]})" if ends else number)


def linked_all(html: str) -> list[str]:
    """Name the things that the first link is to: several where it compares them."""
    found = re.search(r'<a [^>]*href="([^"]+)"', html)
    several = parse_qs(urlsplit(found[1].replace("&amp;", "&")).query).get("iri", []) if found else []
    return sorted(map(short, several)) or [linked(html) or ""]


class Pages:
    """The numbers of all pages, by what they count and where they stand."""

    def __init__(self, app: Flask, language: str) -> None:
        self.client = app.test_client()
        self.language = language
        self.found: Found = {}

    def get(self, path: str) -> str:
        answer = self.client.get(self.language + path, headers={"Accept": "text/html"})
        assert answer.status_code == 200, path
        return answer.text

    def add(self, where: str, key: Key, count: Count) -> None:
        held = self.found.setdefault(key, {})
        assert held.setdefault(where, count) == count, f"{where} says two things of {key}"

    def column(self, where: str, html: str, place: int, *key: str) -> None:
        """Read one column of a table, of the thing that its row links to first."""
        for cells in rows(html)[1:]:
            self.add(where, (key[0], linked(cells[0]) or "", *key[1:]), figure(cells[place]))

    def matrix(self, where: str, html: str, what: str) -> None:
        head, *lines = rows(html)
        for cells in lines:
            for over, cell in zip(head[1:], cells[1:], strict=True):
                one, other = linked(cells[0]), linked(over)
                if one and other and plain(cell):
                    count = figure("0" if plain(cell) in NOTHING else cell)
                    self.add(where, (what, *sorted((one, other))), count)
                elif (one or other) and plain(cell):
                    # A sum is of what we read.
                    self.add(where, ("sum", one or other or ""), figure(cell))

    def listed(self, where: str, html: str, what: str, *of: str) -> None:
        # The first list is the panel's own; its menu comes after.
        for item in re.findall(r"<li>(.*?)</li>", html.partition("</ul>")[0], re.DOTALL):
            self.add(where, (what, *sorted((linked(item) or "", *of))), figure(item.rpartition("·")[2]))

    def listing(self, where: str, html: str, of: str) -> None:
        """Count the activities that a table lists."""
        self.add(where, ("activities", of), alike(len({linked(cells[0]) for cells in rows(html)[1:]})))

    def numbers(self, where: str, html: str, of: str) -> None:
        """Read big numbers, each with what it can be."""
        for _item, text, count in big(html):
            if what := next((what for what, words in NUMBERS.items() if re.match(rf"\d+ (?:{words})\b", text)), None):
                self.add(where, (what, of), count)

    def each(self, where: str, html: str, what: str) -> None:
        """Read big numbers, each of the things that it leads to."""
        for item, _, count in big(html):
            self.add(where, (what, *linked_all(item)), count)

    def sentences(self, where: str, html: str, of: str) -> None:
        """Read the numbers of sentences by the words around them."""
        number = r"(\d+(?: \(\d+–\d+\))?)"
        for sentence in re.findall(r'lead">(.*?)</p>', html, re.DOTALL):
            text = RANGE.sub(r"\1 (\3–\4)\2", plain(sentence))
            for what, words in WORDS.items():
                if match := re.search(words.replace("{n}", number), text):
                    self.add(where, (what, of), figure(next(filter(None, match.groups()))))


def read_front(pages: Pages, _: Reading) -> None:
    front = pages.get("/")
    pages.numbers("front", part(front, "05-numbers"), REGION)
    pages.column("front countries", part(front, "10-countries"), 1, "activities")
    pages.column("front municipalities", part(front, "15-municipalities"), -1, "activities")
    pages.matrix("front board", part(front, "20-board"), "activities")


def read_overviews(pages: Pages, _: Reading) -> None:
    municipalities = pages.get("/overview/municipalities")
    pages.each("overview numbers", municipalities.partition("<section")[0], "activities")
    pages.column("overview states", part(municipalities, "20-states"), -1, "countries")
    pages.each("overview pairs", part(municipalities, "25-together"), "activities")
    pages.column("overview map", part(municipalities, "30-map"), 2, "entries")
    pages.matrix("overview matrix", part(municipalities, "40-appendix"), "entries")
    goals = pages.get("/overview/goals")
    pages.matrix("goals board", goals.partition("<section")[0], "activities")
    pages.column("goals aims", part(goals, "20-aims"), 1, "activities")
    partners = pages.get("/overview/partners")
    pages.column("partners countries", partners.partition("<section")[0], 1, "activities")
    pages.column("partners table", part(partners, "20-partners"), 2, "activities")


def read_aims(pages: Pages, _: Reading) -> None:
    wanted = part(pages.get("/profile/region/innherred"), "30-wanted")
    pages.column("region aims", wanted, -2, "activities")
    for aim in [linked(cells[0]) or "" for cells in rows(wanted)[1:]]:
        page = pages.get(f"/doc/{aim}")
        pages.sentences("aim", page.partition("<h2")[0].replace(NONE[pages.language], "0 aktiviteter"), aim)
        pages.listing("aim table", part(page, "20-activities"), aim)
        if network := part(page, "30-network"):
            drawn = set(re.findall(r'href="[^"]*/doc/(activity/[^"?]+)"', network))
            pages.add("aim network", ("activities", aim), alike(len(drawn)))


def read_organisations(pages: Pages, reading: Reading) -> None:
    programmes = {each for activity in reading.activities for each in reading.all_programmes(activity)}
    for who in sorted({each.participant for each in reading.participations} - programmes):
        if who.startswith("organisation/"):
            pages.sentences("organisation", pages.get(f"/doc/{who}").partition("<h2")[0], who)


def read_municipalities(pages: Pages, reading: Reading) -> None:
    for who in sorted(reading.municipalities):
        pages.sentences("municipality", pages.get(f"/doc/{who}").partition("<h2")[0], who)
        profile = pages.get(f"/profile/{who}")
        pages.numbers("profile", profile, who)
        pages.listed("profile aims", part(profile, "30-wanted"), "activities", who)
        for cells in rows(part(profile, "10-countries"))[1:]:
            pages.add("profile countries", ("activities", *sorted((linked(cells[0]) or "", who))), figure(cells[1]))
    several = "&".join(f"iri={ID}{who}" for who in sorted(reading.municipalities))
    compared = pages.get(f"/compare?{several}").partition('<dl class="compared">')[2].partition("</dl>")[0]
    for who, cell in re.findall(r"<dt>(.*?)</dt>\s*<dd>(.*?)</dd>", compared, re.DOTALL):
        pages.sentences("compare", f'lead">{cell}</p>', linked(who) or "")


def read_region(pages: Pages, _: Reading) -> None:
    region = pages.get("/doc/region/innherred")
    pages.column("region map", part(region, "05-map"), 2, "entries")
    pages.column("region table", part(region, "10-municipalities"), 1, "entries")
    pages.column("region table", part(region, "10-municipalities"), 2, "activities")
    region = pages.get("/profile/region/innherred")
    pages.numbers("region numbers", region, REGION)
    for place, what in enumerate(("activities", "programmes", "topics"), 1):
        pages.column("region profile", part(region, "10-work"), place, what)
    pages.column("region programmes", part(region, "20-programmes"), 1, "activities")
    pages.column("region countries", part(region, "08-countries"), 1, "activities")


def read_programmes(pages: Pages, reading: Reading) -> None:
    under = {each for activity in reading.activities for each in reading.all_programmes(activity)}
    for programme in sorted(each for each in under if each.startswith("programme/")):
        page = pages.get(f"/doc/{programme}")
        pages.sentences("programme", page.partition("<h2")[0], programme)
        pages.listing("programme table", part(page, "10-activities"), programme)
        topics = part(pages.get(f"/profile/{programme}"), "20-topics")
        pages.listed("programme topics", topics, "activities", programme)


def read_facets(pages: Pages, reading: Reading) -> None:
    """Count the activities that a list can be narrowed to; by municipality those that are read as its own."""
    now = pages.client.application.extensions["serving"].get()
    for name in ("programme", "topic", "country"):
        found: dict[str, set[str]] = {}
        for row in now.store.select(now.library.facets[name].text).rows:
            found.setdefault(short(row["value"]), set()).add(short(row["thing"]))
        for value in found.keys() - {NORWAY}:
            if things := found[value] & reading.activities:
                pages.add(f"facet {name}", ("activities", value), alike(len(things)))
    rows = now.store.select(now.library.facets["municipality"].text).rows
    for who in reading.municipalities:
        read = {short(row["thing"]) for row in rows if short(row["value"]) == who} & reading.activities
        assert len(read) == reading.of(who, lambda each: {each.activity})[0], who


def read_places(pages: Pages, reading: Reading) -> None:
    countries = {each for activity in reading.activities for each in reading.countries(activity)}
    for country in sorted(countries):
        page = pages.get(f"/describe?iri=http://publications.europa.eu/resource/authority/{country}")
        pages.sentences("country", page.partition("<h2")[0], country)
        pages.listing("country table", part(page, "10-activities"), country)


def read_concepts(pages: Pages, reading: Reading) -> None:
    for sector in sorted({each.sector for each in reading.participations if each.sector}):
        pages.sentences("sector profile", pages.get(f"/profile/{sector}"), sector)
    for topic in sorted({each for activity in reading.activities for each in reading.topics(activity)}):
        pages.sentences("topic profile", pages.get(f"/profile/{topic}"), topic)
        page = pages.get(f"/doc/{topic}")
        pages.sentences("topic", page.partition("<h2")[0], topic)
        pages.listing("topic table", part(page, "20-activities"), topic)


def read_activities(pages: Pages, reading: Reading) -> None:
    for activity in sorted(reading.activities):
        pages.sentences("activity", pages.get(f"/doc/{activity}").partition("<h2")[0], activity)


def read_questions(pages: Pages, _: Reading) -> None:
    answer = part(pages.get("/queries/compare-municipalities"), "answer")
    for what in ("entries", "activities", "programmes", "countries"):
        place = [plain(head) for head in rows(answer)[0]].index(HEADS[pages.language][what])
        pages.column("compare-municipalities", answer, place, what)
    pages.matrix("track-record", part(pages.get("/queries/track-record"), "answer"), "activities")
    pages.matrix("appendix-matrix", part(pages.get("/queries/appendix-matrix"), "answer"), "entries")
    for name in ("programmes-and-municipalities", "topics-and-municipalities"):
        pages.matrix(name, part(pages.get(f"/queries/{name}"), "answer"), "activities")
    answer = part(pages.get("/queries/countries"), "answer").partition("<details")[2]
    pages.column("countries", answer, 1, "activities")
    pages.column("countries", answer, 2, "municipalities")
    pages.column("shared-activities", part(pages.get("/queries/shared-activities"), "answer"), 1, "municipalities")


# What a list is narrowed by, and the pages of countries, count the same things once more.
READ_TWICE = (read_facets, read_places)
WITH_SENTENCES = (read_front, read_overviews, read_municipalities, read_region, read_programmes, read_questions)


def expected(key: Key, reading: Reading) -> Count:
    """Count anew what a number on a page counts."""
    what, *of = key
    who = next((each for each in of if each in reading.municipalities), None)
    others = [each for each in of if each != who]
    other = others[0] if others else ""
    if what == "sum":
        here = [each for each in reading.participations if of[0] in (each.participant, each.sector)]
        return alike(sum(bool(each.entry) for each in here))
    if other == REGION:
        return of_region(what, reading)
    if who:
        return reading.together(*of) if other in reading.municipalities else of_municipality(what, who, other, reading)
    named = {"activities": lambda each: {each}, "programmes": reading.programmes}
    if other.startswith("sector/"):
        return reading.under(other, named[what])
    there = [each for each in reading.activities if set(others) <= about(each, reading)]
    if other.startswith(("organisation/", "municipality/")) and len(others) == 1:
        there = [each.activity for each in reading.participations if each.participant == other]
    if what == "municipalities":
        return reading.reached(there)
    return alike(len({thing for each in there for thing in named[what](each)}))


def of_municipality(what: str, who: str, other: str, reading: Reading) -> Count:
    if what == "beside":
        return reading.beside(who)
    if what == "entries":
        return reading.in_sector(who, other) if other else reading.of(who, lambda each: {each.entry} - {None})
    counted = {
        "programmes": reading.whole_programmes,
        "topics": reading.topics,
        "countries": reading.countries,
        "activities": lambda each: {each} if not other or other in about(each, reading) else set(),
    }[what]
    return reading.of(who, lambda each: counted(each.activity))


def of_region(what: str, reading: Reading) -> Count:
    """Count for all municipalities together: an entry that may be another's is of the region all the same."""
    there = {each.activity for each in reading.participations if each.participant in reading.municipalities}
    counted = {
        "activities": lambda each: {each},
        "countries": reading.countries,
        "programmes": reading.whole_programmes,
    }[what]
    return alike(len({thing for each in there for thing in counted(each)}))


def alike(number: int) -> Count:
    return number, number, number


def about(activity: str, reading: Reading) -> set[str]:
    """Name all that an activity is counted for."""
    found = reading.topics(activity) | reading.all_programmes(activity) | reading.countries(activity)
    return {activity} | found | reading.advancing.get(activity, set())


def differences(found: Found, reading: Reading) -> Iterator[tuple[str, Key, Count, Count]]:
    for key, held in found.items():
        for where, count in held.items():
            if count != (right := expected(key, reading)):
                yield where, key, count, right


def test_every_number_is_what_the_data_gives_and_no_two_pages_differ(shipped: Flask, reading: Reading) -> None:
    pages = Pages(shipped, "")
    for read in (*WITH_SENTENCES, read_aims, read_concepts, read_activities, read_organisations, *READ_TWICE):
        read(pages, reading)
    assert list(differences(pages.found, reading)) == []
    # What is read is really read: each page, and one number on several.
    where = {page for held in pages.found.values() for page in held}
    assert len(where) == 49, sorted(where)
    for who in reading.municipalities:
        assert len(pages.found["activities", who]) == 8
        assert len(pages.found["entries", who]) == 4
        assert pages.found["beside", who].keys() == {"municipality", "compare"}


def test_the_english_pages_have_the_same_numbers(shipped: Flask, reading: Reading) -> None:
    pages = Pages(shipped, "/en")
    for read in WITH_SENTENCES:
        read(pages, reading)
    assert list(differences(pages.found, reading)) == []
    assert len(pages.found) > 150


CHANGES = {
    "overviews/municipalities/30-map.rq": (
        "inn:participant|inn:alternative ?municipality",
        "inn:participant ?municipality",
        "overview map",
    ),
    "overviews/municipalities/25-together.rq": (
        "inn:participant|inn:alternative ?two",
        "inn:participant ?two",
        "overview pairs",
    ),
    "front/15-municipalities.rq": ("BIND(!BOUND(?other) AS ?sure)", "BIND(true AS ?sure)", "front municipalities"),
    "pages/Municipality/profile/05-numbers.rq": ("IF(BOUND(?other), 1, 0)", "IF(BOUND(?other), 0, 0)", "profile"),
    "pages/Programme/01-sentence.rq": ("inn:partOfProgramme* ?this", "inn:partOfProgramme+ ?this", "programme"),
}


def test_a_page_whose_query_counts_otherwise_is_found(shipped_state: Path, reading: Reading, tmp_path: Path) -> None:
    shutil.copytree(shipped_state, tmp_path / "state", symlinks=True)
    for name, (before, after, _) in CHANGES.items():
        (path,) = (tmp_path / "state").glob(f"generations/*/queries/{name}")
        text = path.read_text(encoding="utf-8")
        assert before in text
        path.write_text(text.replace(before, after), encoding="utf-8")
    pages = Pages(create_app(Settings(content=SHIPPED, state=tmp_path / "state")), "")
    for read in (read_front, read_overviews, read_municipalities, read_programmes):
        read(pages, reading)
    assert {where for where, *_ in differences(pages.found, reading)} == {where for *_, where in CHANGES.values()}
