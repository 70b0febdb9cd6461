"""Pictures: where things are put, what is counted instead of drawn, and that no content breaks them."""

import json
import re
from dataclasses import replace
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from flask import Flask, g, render_template_string
from hypothesis import given
from hypothesis import strategies as st

from app import config
from app.config import views
from app.entities.labels import Label, Labels
from app.entities.panels import Cell, PanelTable, bounded
from app.errors import QueryFileError
from app.query.files import QueryFile, load
from app.terms import XSD, Iri, Literal
from app.web.languages import set_languages
from app.web.pictures import coast
from app.web.pictures.coast import frame_of, is_position, project, unproject
from app.web.pictures.countries import country_code, shades
from app.web.pictures.countries import lay_out as country_map
from app.web.pictures.lettering import NARROW, WIDE, Sheet, number, plain
from app.web.pictures.matrix import lay_out as matrix
from app.web.pictures.network import GAP, MOST
from app.web.pictures.network import lay_out as network
from app.web.pictures.points import WKT, position
from app.web.pictures.points import lay_out as point_map
from app.web.pictures.timeline import lay_out as timeline
from app.web.pictures.timeline import when
from app.web.serving import Serving

EX = "http://example.org/"
AUTHORITY = "http://publications.europa.eu/resource/authority/country/"
HOSTILE = "<script>alert(1)</script>\u202e\u2066\x07 \"'&" + "W" * 60
needs_maps = pytest.mark.skipif(coast.index() is None, reason="the base maps have not been built (hatch_build.py)")


@pytest.fixture(autouse=True)
def request_of_a_page(app: Flask, settings: Any) -> Any:
    with app.test_request_context("/"):
        g.served = app.extensions.setdefault("test.serving", Serving(settings)).get()
        set_languages(("nb", "en"))
        yield


def iri(name: str) -> Cell:
    return Cell(Iri(EX + name), Literal(name, "nb"))


def wkt(text: str) -> Cell:
    return Cell(Literal(text, datatype=Iri(WKT)))


def point(longitude: float, latitude: float) -> Cell:
    return wkt(f"POINT({longitude} {latitude})")


def typed(text: str, name: str = "integer") -> Cell:
    return Cell(Literal(text, datatype=Iri(XSD + name)))


def nothing() -> Cell:
    return Cell(None)


def draw(view: str, table: PanelTable, file: QueryFile | None = None, iri: Iri | None = None) -> str:
    template = '{% import "_terms.html" as terms with context %}{% include "views/" ~ view ~ ".html" %}'
    given = {"view": view, "table": table, "file": file, "iri": iri, "labels": Labels(), "caption": "Bilde"}
    return render_template_string(template, language="nb", **given)


def with_header(folder: Path, header: str) -> QueryFile:
    (folder / "panel.rq").write_text(f"#+ title: {{en: Panel}}\n{header}\nSELECT * WHERE {{ ?a ?b ?c }}\n")
    return load(folder / "panel.rq")


# Projection


@needs_maps
def test_python_projects_as_d3_does() -> None:
    known = coast.index()
    assert known is not None
    assert len(known["samples"]) > 5
    for longitude, latitude, x, y in known["samples"]:
        assert project((longitude, latitude)) == pytest.approx((x, y), abs=1e-9)


@given(st.floats(-180, 180), st.floats(-85, 85))
def test_unprojected_again_a_position_is_the_same(longitude: float, latitude: float) -> None:
    assert unproject(*project((longitude, latitude))) == pytest.approx((longitude, latitude), abs=1e-6)


@given(st.lists(st.tuples(st.floats(-30, 50), st.floats(30, 80)), min_size=1, max_size=20))
def test_a_frame_holds_its_positions_with_room_around_them(positions: list[tuple[float, float]]) -> None:
    frame = frame_of(positions, 1000, 750)
    for position_ in positions:
        x, y = frame.place(position_)
        assert 50 < x < 950
        assert 37 < y < 713


def test_a_frame_needs_a_position() -> None:
    with pytest.raises(ValueError, match="no position"):
        frame_of([], 4, 3)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("POINT(11.3 63.7)", (11.3, 63.7)),
        ("point z ( 11.3 63.7 5 )", (11.3, 63.7)),
        ("<http://www.opengis.net/def/crs/OGC/1.3/CRS84> POINT(11.3 63.7)", (11.3, 63.7)),
        ("<http://www.opengis.net/def/crs/EPSG/0/4326> POINT(63.7 11.3)", (11.3, 63.7)),
        ("<http://www.opengis.net/def/crs/EPSG/0/25833> POINT(300000 7000000)", None),
        ("POINT(NaN NaN)", None),
        ("POINT(1e400 0)", None),
        ("POINT(11.3 91)", None),
        ("POINT(1)", None),
        ("POINT(1-2 --)", None),
        ("POLYGON((0 0, 1 1, 1 0, 0 0))", None),
        ("POINT(" + " " * 1_000_000 + ")", None),
    ],
)
def test_points_in_wkt(text: str, expected: tuple[float, float] | None) -> None:
    assert position(Literal(text, datatype=Iri(WKT))) == expected


def test_not_a_number_is_no_position() -> None:
    assert not is_position(float("nan"), 10)
    assert not is_position(10, float("inf"))


# The map of a region


@needs_maps
def test_the_fjord_is_on_the_map_and_the_paths_are_small() -> None:
    found = point_map(
        PanelTable(("what", "where"), ((iri("a"), point(11.09, 63.85)), (iri("b"), point(12.62, 64.19)))), Labels()
    )
    assert found is not None
    assert found.land.startswith("M")
    assert found.borders
    assert len(found.land) < 20_000
    assert re.fullmatch(r"[Mlz\d .-]+", found.land)


@needs_maps
def test_all_of_europe_as_a_region_is_bounded() -> None:
    rows = ((iri("a"), point(-20, 35)), (iri("b"), point(45, 71)))
    found = point_map(PanelTable(("what", "where"), rows), Labels())
    assert found is not None
    assert 5_000 < len(found.land) < 120_000


@needs_maps
def test_a_place_beyond_the_base_map_is_listed() -> None:
    found = point_map(PanelTable(("what", "where"), ((iri("a"), point(11, 63)), (iri("b"), point(-120, 10)))), Labels())
    assert found is not None
    assert [each.cell for each in found.points] == [iri("a")]
    assert found.nowhere == (iri("b"),)


def test_without_base_maps_the_points_are_drawn(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(config, "static", lambda: tmp_path)
    coast.index.cache_clear()
    coast.drawn.cache_clear()
    try:
        found = point_map(PanelTable(("what", "where"), ((iri("a"), point(-120, 10)),)), Labels())
    finally:
        coast.index.cache_clear()
        coast.drawn.cache_clear()
    assert found is not None
    assert (found.land, len(found.points)) == ("", 1)


def test_two_columns_of_numbers_are_a_place_too() -> None:
    table = PanelTable(
        ("what", "lat", "long"),
        ((iri("a"), typed("63.7", "float"), typed("11.3", "float")), (iri("b"), typed("NaN", "float"), typed("x"))),
    )
    found = point_map(table, Labels())
    assert found is not None
    assert [each.cell for each in found.points] == [iri("a")]
    assert found.nowhere == (iri("b"),)


def test_names_do_not_overlap_and_points_at_the_same_place_say_what_has_no_room() -> None:
    rows = tuple((iri(f"Et nokså langt navn {i}"), point(11.3, 63.7), typed(str(i))) for i in range(20))
    found = point_map(PanelTable(("what", "where", "count"), rows), Labels())
    assert found is not None
    (without_room,) = found.keyed
    assert len(without_room) > 10
    places = [each.place for each in found.points if each.place]
    assert len(set(places)) == len(places) > 1
    page = draw("map", PanelTable(("what", "where", "count"), rows))
    assert page.count('class="key"') == 1
    listed = page.partition('aria-label="Tallene på kartet"')[2].partition("</ol>")[0]
    assert listed.count("Et nokså langt navn") == len(without_room), "each has its name under the map"


@given(st.lists(st.tuples(st.floats(0, 1), st.floats(0, 1), st.text("abcW", min_size=1, max_size=12)), max_size=25))
def test_text_stays_on_the_sheet_and_off_other_text(marks: list[tuple[float, float, str]]) -> None:
    sheet = Sheet(0.75)
    for x, y, text in marks:
        sheet.find(x, y, text)
    for size in (NARROW, WIDE):
        boxes = sheet._taken[size]
        for i, (left, top, right, bottom) in enumerate(boxes):
            assert 0 < left < right < size
            assert 0 < top < bottom < size * 0.75
            assert all(right <= a or left >= c or bottom <= b or top >= d for a, b, c, d in boxes[:i])


def test_the_thing_of_the_page_is_marked_and_every_point_is_a_link() -> None:
    table = PanelTable(("what", "where"), ((iri("a"), point(11, 63)), (iri("b"), point(12, 63))))
    page = draw("map", table, iri=Iri(EX + "a"))
    assert page.count('class="point self"') == 1
    assert page.count("<a href=") == 2
    assert "<title>a" in page


# The map of Europe


def test_country_codes() -> None:
    given = [
        Iri(AUTHORITY + "NOR"),
        Literal("NO"),
        Literal("578"),
        Iri(AUTHORITY + "XKX"),
        Literal("QQQ"),
        Literal("x" * 9),
        None,
    ]
    assert [country_code(each) for each in given] == ["NO", "NO", "NO", "XK", None, None, None]


def test_shades_go_from_the_lowest_to_the_highest() -> None:
    numbers = [Decimal(n) for n in (1, 1, 2, 3, 5, 8, 13)]
    assert [shade for shade, _, _ in shades(numbers)] == [1, 2, 3, 4]
    assert shades(numbers)[-1][2] == 13
    assert shades([Decimal(7)]) == [(4, Decimal(7), Decimal(7))]
    assert shades([]) == []


@needs_maps
def test_countries_are_shaded_with_their_number_and_others_stand_beside() -> None:
    rows = (
        (Cell(Iri(AUTHORITY + "NOR")), typed("11")),
        (Cell(Iri(AUTHORITY + "MLT")), typed("1")),
        (Cell(Iri(AUTHORITY + "USA")), typed("4")),
        (iri("Ruritania"), typed("2")),
    )
    found = country_map(PanelTable(("country", "count"), rows), Labels())
    assert found is not None
    assert [(each.text, each.small) for each in found.countries] == [("11", False), ("1", True)]
    assert [cell.value for cell, _ in found.beside] == [Iri(AUTHORITY + "USA"), Iri(EX + "Ruritania")]
    page = draw("map", PanelTable(("country", "count"), rows))
    assert "Ruritania" in page
    assert 'class="country shade-4"' in page
    assert len(page) < 60_000


def test_shades_part_what_is_far_from_each_other() -> None:
    found = shades([Decimal(each) for each in (1, 1, 1, 2, 2, 3, 4, 5, 11)])
    assert [(int(low), int(high)) for _, low, high in found] == [(1, 1), (2, 3), (4, 5), (11, 11)]
    assert [shade for shade, _, _ in found] == [1, 2, 3, 4]


@needs_maps
def test_home_is_marked_and_in_no_shade(tmp_path: Path) -> None:
    rows = ((Cell(Iri(AUTHORITY + "NOR")), typed("40")), (Cell(Iri(AUTHORITY + "SWE")), typed("2")))
    found = country_map(PanelTable(("country", "count"), rows), Labels(), "NO")
    assert found is not None
    assert [each.shade for each in found.countries] == [0, 4]
    assert found.legend == ((4, "2", "2"),)
    file = with_header(tmp_path, "#+ view: map\n#+ home: NO")
    assert file.home == "NO", "not the `no` of YAML 1.1"
    page = draw("map", PanelTable(("country", "count"), rows[1:]), file)
    assert "<title>Norge</title>" in page
    assert "Norge (her hjemme)" in page
    assert "hjemme" not in draw("map", PanelTable(("country", "count"), rows))
    with pytest.raises(QueryFileError, match="home is the code"):
        with_header(tmp_path, "#+ home: Norway")


@needs_maps
def test_crimea_is_drawn_with_ukraine() -> None:
    base = json.loads((config.static() / "maps" / "europe.json").read_text())
    heights = {each["id"]: each for each in base["countries"]}
    assert heights["804"]["path"].count("M") >= 2


def test_countries_without_numbers_are_drawn_and_without_maps_listed(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    from app.web.pictures import countries

    table = PanelTable(("country", "name"), ((Cell(Iri(AUTHORITY + "NOR")), Cell(Literal("x"))),))
    found = country_map(table, Labels())
    assert found is not None
    assert found.legend == ()
    monkeypatch.setattr(config, "static", lambda: tmp_path)
    countries._base.cache_clear()
    try:
        found = country_map(table, Labels())
    finally:
        countries._base.cache_clear()
    assert found is not None
    assert (found.countries, len(found.beside)) == ((), 1)


# Network


def test_a_network_draws_what_belongs_together() -> None:
    rows = (
        (iri("p"), iri("a"), iri("x")),
        (iri("p"), iri("b"), nothing()),
        (nothing(), iri("c"), iri("x")),
        (iri("q"), nothing(), nothing()),
    )
    found = network(PanelTable(("one", "two", "three"), rows), Labels())
    assert found is not None
    assert found.shown == found.totals == (2, 3, 1), "q leads nowhere, and is there to be seen"
    assert [len(gap[0]) for gap in found.gaps] == [2, 2]
    page = draw("network", PanelTable(("one", "two", "three"), rows))
    assert page.count("<foreignObject") == 6
    assert "Resten står i listen" not in page


def test_a_network_is_coloured_by_a_column_with_letters_and_has_a_list(tmp_path: Path) -> None:
    names = ("Sira", "Sula", "Voss")
    rows = (*((iri("p"), iri("a"), iri(name)) for name in names), (nothing(), iri("b"), iri("Voss")))
    table = PanelTable(("one", "two", "three"), rows)
    found = network(table, Labels(), "three")
    assert found is not None
    assert [(group.letters, group.colour) for group in found.groups.values()] == [("Si", 1), ("Su", 2), ("V", 3)]
    assert [[*gap] for gap in found.gaps] == [[0], [1, 2, 3]], "lines have the colour of what they lead to"
    assert [[group.letters for group in node.groups] for node in found.columns[1]] == [["Si", "Su", "V"], ["V"]]
    assert found.entries[iri("b")] == {2: (iri("Voss"),)}
    with pytest.raises(QueryFileError, match="colour: the query has no"):
        with_header(tmp_path, "#+ view: network\n#+ colour: three")
    file = replace(with_header(tmp_path, "#+ view: network"), colour="three")
    page = draw("network", table, file)
    assert page.count('<b class="badge group-3"') == 1 + 3 + 2, "in the legend, in boxes, in the list"
    assert 'class="badge' not in draw("network", table)


def test_of_many_groups_the_first_have_colours() -> None:
    rows = tuple((iri("a"), iri(f"kommune {i:02}")) for i in range(30))
    found = network(PanelTable(("one", "two"), rows), Labels(), "two")
    assert found is not None
    assert [group.letters for group in found.groups.values()] == [*"12345678"]


def test_a_network_of_two_columns_and_of_one() -> None:
    found = network(PanelTable(("one", "two"), ((iri("a"), iri("b")),)), Labels())
    assert found is not None
    assert [len(gap[0]) for gap in found.gaps] == [1]
    assert "<foreignObject" in draw("network", PanelTable(("one", "two"), ((iri("a"), iri("b")),)))
    assert network(PanelTable(("one",), ((iri("a"),),)), Labels()) is None
    assert "<table" in draw("network", PanelTable(("one",), ((iri("a"),),)))


@given(st.lists(st.tuples(*[st.sampled_from([*"abcdefghij", ""])] * 3), min_size=1, max_size=40))
def test_boxes_do_not_overlap_and_stay_within(names: list[tuple[str, str, str]]) -> None:
    rows = tuple(tuple(iri(name) if name else nothing() for name in row) for row in names)
    found = network(PanelTable(("one", "two", "three"), rows), Labels())
    assert found is not None
    for column in found.columns:
        assert all(b.top >= a.top + a.height + GAP for a, b in pairwise(column))
        assert all(0 <= node.top <= found.height - node.height for node in column)


def test_a_large_network_says_how_much_it_shows() -> None:
    rows = tuple((iri(f"p{i % 60}"), iri(f"a{i}"), iri(f"x{i % 90}")) for i in range(10_000))
    page = draw("network", PanelTable(("one", "two", "three"), rows))
    assert f"Two {MOST} av 10000" in page
    assert page.count("<foreignObject") <= 3 * MOST
    assert "De første 200 av 10000 rader." in page
    assert len(page) < 150_000


# Timeline


def test_dates_are_read_by_datatype() -> None:
    assert when(typed("2018-07-01", "date").value) == (2018.5, 2018)
    assert when(typed("2019", "gYear").value) == (2019, 2019)
    assert when(typed("2019-07", "gYearMonth").value) == (2019.5, 2019)
    assert when(typed("2019", "gYear").value, last=True) == when(typed("2019-12-31", "date").value)
    assert when(typed("2019-07", "gYearMonth").value, last=True) == when(typed("2019-07-31", "date").value)
    assert when(typed("2019-07-01", "date").value, last=True) == (2019.5, 2019)
    assert when(typed("2019-02-03T10:00:00Z", "dateTime").value) is not None
    for text in ("2019-13-01", "0", "12345-01-01", "2019-01-01" + "x" * 100, "-2019-01-01"):
        assert when(typed(text, "date").value) is None
    assert when(Literal("2019")) is None


def test_a_timeline_has_bars_points_and_what_has_no_date() -> None:
    rows = (
        (iri("period"), typed("2018-01-01", "date"), typed("2021-12-31", "date")),
        (iri("open"), typed("1948-01-01", "date"), nothing()),
        (iri("ended"), nothing(), typed("2020-06-01", "date")),
        (iri("backwards"), typed("2020-01-01", "date"), typed("2010-01-01", "date")),
        (iri("unknown"), nothing(), nothing()),
        (iri("period"), nothing(), nothing()),
    )
    found = timeline(PanelTable(("what", "start", "end"), rows))
    assert found is not None
    assert [(bar.cell.text.value, bar.years) for bar in found.bars if bar.cell.text] == [
        ("open", "fra 1948"),
        ("period", "2018–2021"),
        ("backwards", "2020–2010"),
        ("ended", "til 2020"),
    ]
    assert (found.bars[0].end, found.bars[0].earlier, found.bars[0].start) == (None, True, 0)
    assert found.years[0][0] == 2018, "what began long ago does not press the rest together"
    assert found.undated == (iri("unknown"),)
    assert all(0 <= bar.start <= (bar.end or 100) <= 100 for bar in found.bars)
    page = draw("timeline", PanelTable(("what", "start", "end"), rows))
    assert "Stiplet linje" in page
    assert "Pil i kanten" in page
    assert page.count(">?</text>") == 2, "an end and a start that are not known"
    assert "i dag</text>" in page
    assert "Uten kjent dato (1)" in re.sub(r"\s+", " ", page)


def test_a_timeline_of_long_ago_is_whole_and_has_no_today() -> None:
    rows = tuple((iri(str(year)), typed(str(year), "gYear"), typed(str(year + 9), "gYear")) for year in (1130, 1250))
    found = timeline(PanelTable(("what", "start", "end"), rows))
    assert found is not None
    assert found.today is None
    assert not any(bar.earlier for bar in found.bars)


def test_a_timeline_of_single_dates() -> None:
    found = timeline(
        PanelTable(("what", "when"), ((iri("a"), typed("2018", "gYear")), (iri("b"), typed("2018", "gYear"))))
    )
    assert found is not None
    assert not found.periods
    assert [bar.years for bar in found.bars] == ["2018", "2018"]
    assert "Stiplet" not in draw("timeline", PanelTable(("what", "when"), ((iri("a"), typed("2018", "gYear")),)))


@given(st.lists(st.integers(0, 9999), min_size=1, max_size=10))
def test_an_axis_has_few_marks_within_the_picture(years: list[int]) -> None:
    found = timeline(
        PanelTable(("what", "when"), tuple((iri(str(i)), typed(f"{year:04}", "gYear")) for i, year in enumerate(years)))
    )
    assert found is not None
    assert 1 <= len(found.years) <= 6
    assert all(0 <= x <= 100 for _, x in found.years)
    assert all(0 <= bar.start <= 100 for bar in found.bars)


def test_many_dates_are_counted() -> None:
    rows = tuple((iri(str(i)), typed(f"{1000 + i % 900}", "gYear") if i % 2 else nothing()) for i in range(10_000))
    page = draw("timeline", PanelTable(("what", "when"), rows))
    assert "Vist: 120 av 5000" in page
    assert len(page) < 250_000


# Matrix


def test_sums_are_there_where_the_query_file_says_so() -> None:
    rows = ((iri("r"), iri("k"), typed("2")), (iri("r"), iri("l"), typed("3")), (iri("s"), iri("k"), typed("0")))
    table = PanelTable(("row", "column", "count"), rows)
    found = matrix(table, sums=True)
    assert found is not None
    assert (found.total, found.row_sums[iri("r")], found.column_sums[iri("k")]) == (5, 5, 2)
    without = matrix(table, sums=False)
    assert without is not None
    assert without.total is None
    mixed = matrix(PanelTable(table.columns, (*rows, (iri("s"), iri("l"), Cell(Literal("mange"))))), sums=True)
    assert mixed is not None
    assert mixed.total is None


def ranged(count: str, least: str, most: str) -> Cell:
    return replace(typed(count), text=Literal(f"{count} ({least}–{most})"), range=(least, most))


def test_a_figure_that_is_a_range_is_written_as_one_and_leads_on_even_from_nothing(tmp_path: Path) -> None:
    (tmp_path / "matrix.rq").write_text(
        "#+ title: {en: Matrix}\n#+ view: matrix\n#+ sums: true\nSELECT * WHERE { ?a ?b ?c }\n"
    )
    question = next(iter(g.served.library.questions))
    file = replace(load(tmp_path / "matrix.rq"), link=question)
    rows = (
        (iri("r"), iri("k"), ranged("0", "0", "2")),
        (iri("r"), iri("l"), typed("0")),
        (iri("s"), iri("k"), typed("4")),
    )
    table = PanelTable(("row", "column", "count"), rows)
    page = draw("matrix", table, file)
    assert [*re.findall(rf'href="/queries/{question}[^"]*">([^<]+)<', page)] == ["0 (0–2)", "4"]
    assert page.count("Sum, slik vi leser") == 2
    assert '<td class="sum">4</td>' in page
    legend = render_template_string('{% include "_range.html" %}', table=table)
    assert legend.strip() == '<p class="note">0 (0–2): 0 slik vi leser kildene, minst 0, høyst 2.</p>'


def test_a_figure_on_a_map_that_is_a_range_stands_behind_a_colon() -> None:
    table = PanelTable(("what", "where", "count"), ((iri("a"), point(11, 63), ranged("5", "5", "15")),))
    page = draw("map", table)
    assert ">a: 5 (5–15)</text>" in page
    assert "<title>a: 5 (5–15)</title>" in page


def test_cells_without_anything_are_marked_in_words_where_that_is_wanted(tmp_path: Path) -> None:
    rows = (
        (iri("r"), iri("k"), typed("0")),
        (iri("r"), iri("l"), ranged("0", "0", "2")),
        (iri("s"), iri("k"), typed("4")),
    )
    table = PanelTable(("row", "column", "count"), rows)
    page = draw("matrix", table, with_header(tmp_path, "#+ view: matrix\n#+ zeros: highlight"))
    cells = [" ".join(text.split()) for text in re.findall(r'<td class="nothing">(.*?)</td>', page, re.DOTALL)]
    assert cells == ["ingen", "0 (0–2)", "ingen"]
    assert "nothing" not in draw("matrix", table, with_header(tmp_path, "#+ view: matrix"))
    with pytest.raises(QueryFileError, match="zeros can only be"):
        with_header(tmp_path, "#+ zeros: red")


# Numbers


def test_big_numbers_have_a_name_what_they_can_be_and_a_link(tmp_path: Path) -> None:
    file = with_header(
        tmp_path, "#+ view: numbers\n#+ columns: {sure: {nb: sikre, en: certain}, read: {nb: tolket, en: read}}"
    )
    rows = (
        (
            Cell(Literal("aktiviteter", "nb")),
            ranged("5", "1", "15"),
            typed("1"),
            typed("4"),
            Cell(Literal("/gaps?a=b")),
        ),
        (Cell(Literal("activities", "en")), ranged("5", "1", "15"), typed("1"), typed("4"), Cell(Literal("/gaps?a=b"))),
        (Cell(Literal("land", "nb")), typed("5"), typed("5"), typed("0"), nothing()),
        (Cell(Literal("bøker", "nb")), typed("0"), nothing(), nothing(), Cell(Literal("//elsewhere.example/"))),
    )
    table = PanelTable(("label", "n", "sure", "read", "link"), rows)
    page = draw("numbers", table, file)
    text = " ".join(re.sub("<[^>]+>", " ", page).split())
    assert text == "5 aktiviteter minst 1, høyst 15 sikre 1 · tolket 4 5 land sikre 5 0 bøker"
    assert re.findall('href="([^"]+)"', page) == ["/gaps?a=b"]
    said = render_template_string('{% include "_range.html" %}', table=table, file=file)
    assert said.strip() == "", "each number says it itself"


def test_rows_without_a_count_are_a_table() -> None:
    assert "<table" in draw("numbers", PanelTable(("label", "many"), ((iri("a"), typed("1")),)))


def test_a_table_too_large_for_a_matrix_is_a_table() -> None:
    rows = tuple((iri(f"r{i}"), iri(f"k{i}"), typed("1")) for i in range(10_000))
    assert matrix(PanelTable(("row", "column", "count"), rows), sums=True) is None
    page = draw("matrix", PanelTable(("row", "column", "count"), rows))
    assert "De første 200 av 10000 rader." in page
    assert matrix(PanelTable(("row",), ((iri("r"),),)), sums=True) is None


def test_of_many_values_in_one_cell_the_first_are_shown() -> None:
    rows = tuple((iri("r"), iri("k"), typed(str(i))) for i in range(5_000))
    page = draw("matrix", PanelTable(("row", "column", "count"), rows))
    assert "… (5000)" in page
    assert len(page) < 5_000


# All


@pytest.mark.parametrize("view", sorted(views()))
def test_every_view_draws_hostile_rows(view: str) -> None:
    rows = (
        (
            Cell(Iri("javascript:alert(1)"), Literal(HOSTILE, "nb")),
            point(11, 63),
            typed("1"),
            typed("2018-01-01", "date"),
        ),
        (Cell(Literal("x" * 1_000_000)), wkt("POINT(NaN 1)"), typed("2"), typed("99999-01-01", "date")),
        (Cell(Literal("x" * 1_000_000)), point(11, 63), nothing(), nothing()),
        (nothing(), nothing(), nothing(), nothing()),
    )
    page = draw(view, PanelTable(("what", "where", "count", "day"), rows))
    assert "<script" not in page
    assert 'href="javascript:' not in page
    assert "style=" not in page
    if view in ("map", "network", "timeline"):
        assert len(page) < 60_000
        assert "Det samme som" in page, "its twin"
        shown = re.sub(r"<details.*?</details>", "", page, flags=re.DOTALL)
        assert "\u202e" not in shown


@pytest.mark.parametrize("view", ["map", "timeline"])
def test_what_cannot_be_drawn_is_said_in_words(view: str) -> None:
    page = draw(view, PanelTable(("what", "where"), ((iri("a"), Cell(Literal("somewhere"))),)))
    assert "Ingen av disse" in page
    assert "somewhere" in page
    lost = draw("map", PanelTable(("what", "where"), ((iri("a"), wkt("POINT(500 500)")),)))
    assert "Ingen av disse" in lost


def test_text_in_pictures_is_plain_and_short() -> None:
    assert plain("a\u202eb\n c", 10) == "a b c"
    assert plain("x" * 1_000_000, 10) == "x" * 9 + "…"
    assert plain("kort", 10) == "kort"


def test_numbers_are_finite() -> None:
    assert number(Literal("12.50")) == Decimal("12.50")
    for text in ("NaN", "INF", "1e9999", "1" * 50, "en", ""):
        assert number(Literal(text)) is None
    assert number(Iri(EX)) is None


def test_a_twin_holds_the_first_rows_with_texts_cut() -> None:
    table = PanelTable(("a",), tuple((Cell(Iri(EX), Literal("x" * 99, "nb")),) for _ in range(9)))
    found = bounded(table, 2, 10)
    assert found.rows == ((Cell(Iri(EX), Literal("x" * 9 + "…", "nb")),),) * 2


def test_a_figure_leads_to_the_question_with_the_things_of_its_row(app: Flask, tmp_path: Path) -> None:
    from app.web.pictures.views import follow

    path = tmp_path / "matrix.rq"
    path.write_text(
        "#+ title: {en: Matrix}\n#+ view: matrix\n#+ link: by-kind\n#+ sums: true\nSELECT * WHERE { ?a ?b ?c }\n"
    )
    file = load(path)
    assert (file.link, file.sums) == ("by-kind", True)
    assert follow(file, {"kind": iri("a")}) is None, "there is no such question here"
    name, question = next((n, q) for n, q in g.served.library.questions.items() if q.parameters)
    parameter = question.parameters[0].name
    found = follow(replace(file, link=name), {parameter: iri("a"), "other": iri("b"), "third": typed("1")})
    assert found == f"/queries/{name}?{parameter}=http%3A%2F%2Fexample.org%2Fa"


def test_a_label_of_a_thing_without_text_is_looked_up() -> None:
    labels = Labels({EX + "a": Label("Navnet", "nb")})
    found = point_map(PanelTable(("what", "where"), ((Cell(Iri(EX + "a")), point(11, 63)),)), labels)
    assert found is not None
    assert found.points[0].text == "Navnet"


@needs_maps
def test_the_open_sea_is_no_land():
    """Eurasia crosses the 180th meridian: a line back around the world would make land of the Norwegian Sea."""
    assert [0, 66] not in coast.index()["blocks"]
    assert [10, 62] in coast.index()["blocks"]
