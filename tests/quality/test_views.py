"""What is wrong with the views of the data that a content declares."""

import io
from pathlib import Path

import pytest

from app.build.builder import BuildRefused, build
from app.build.draft import checked
from app.config import Settings
from app.content.folders import Content
from app.namespaces import INN, PREFIXES
from app.progress import Progress

BASE = "http://example.org/plans/"
HEAD = f"""
BASE <{BASE}>
PREFIX inn: <{INN}>
PREFIX rdfs: <{PREFIXES["rdfs"]}>
PREFIX skos: <{PREFIXES["skos"]}>
PREFIX void: <{PREFIXES["void"]}>
<catalog#dataset> a void:Dataset ; void:uriSpace "{BASE}" .
"""
PLAN = '<catalog#plan> a inn:View ; skos:notation "plan" ; rdfs:label "Planen"@nb ; inn:includesGraph <graph/plan> .\n'


def content(folder: Path, views: str, base: str | None = None) -> Content:
    """Make a content of two graphs, plan and register/map, with views."""
    texts = {"dataset": HEAD + views, "plan/a": "<urn:a> <urn:p> 1 .", "register/map": "<urn:a> <urn:p> 2 ."}
    for name, text in texts.items():
        path = folder / f"data/{name}.ttl"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return Content.open(folder, base)


def errors(found: Content, state: Path) -> list[str]:
    """Give the errors of check, which the build refuses too."""
    settings = Settings(content=found.root, state=state)
    with checked(found, settings, Progress(quiet=True, stream=io.StringIO())) as done:
        problems = done.problems
    told = [f"{each.path}:{each.line} {each.message['en']}" for each in problems if each.severity == "error"]
    if told:
        with pytest.raises(BuildRefused):
            build(found, settings, as_of=None, progress=Progress(quiet=True, stream=io.StringIO()))
    return told


@pytest.mark.parametrize(
    ("views", "message"),
    [
        (PLAN.replace("graph/plan", "graph/plann"), f"No graph of the data is called {BASE}graph/plann"),
        (PLAN.replace("includesGraph", "excludesGraph").replace("graph/plan", "graph/reg"), "No graph of the data"),
        (PLAN.replace("graph/plan", "graph/entailed/other"), "No graph of the data"),
        (PLAN.replace("<graph/plan>", '"plan"'), "The graph must be an IRI."),
        (PLAN.replace('"plan"', '"Plan B"'), "one name for addresses"),
        (PLAN.replace('skos:notation "plan" ; ', ""), "one name for addresses"),
        (PLAN.replace('"plan"', '"all"'), "The name all is taken"),
        (PLAN.replace('rdfs:label "Planen"@nb ; ', ""), "The view must have a label"),
        (PLAN.replace("@nb", ""), "The view must have a label"),
        (PLAN.replace("@nb", '@nb , "Plan"@nb'), "The view must have a label, one for each language"),
        (PLAN + PLAN.replace("#plan", "#again"), "Another view is called plan too"),
        (
            PLAN.replace("<graph/plan>", "<graph/entailed/plan>")
            + PLAN.replace("#plan", "#b").replace('"plan"', '"b"').replace("<graph/plan>", "<graph/entailed/b>"),
            "Only one view can name a graph/entailed/ of its own.",
        ),
    ],
)
def test_a_view_that_cannot_be_served_is_refused_with_its_line(tmp_path: Path, views: str, message: str) -> None:
    told = errors(content(tmp_path / "content", views), tmp_path / "state")
    assert [each for each in told if message in each and each.startswith("data/dataset.ttl:")], told


@pytest.mark.parametrize(
    "graphs",
    [
        "inn:includesGraph <graph/plan>",
        "inn:includesGraph <graph/register>",
        "inn:includesGraph <graph/register/>",
        "inn:includesGraph <graph/plan> , <graph/entailed/plan>",
        "inn:excludesGraph <graph/entailed>",
        "inn:excludesGraph <graph/register/map>",
    ],
)
def test_a_view_names_graphs_and_what_is_below_a_name(tmp_path: Path, graphs: str) -> None:
    views = PLAN.replace("inn:includesGraph <graph/plan>", graphs)
    assert errors(content(tmp_path / "content", views), tmp_path / "state") == []


def test_a_view_goes_with_the_content_to_another_base(tmp_path: Path) -> None:
    views = PLAN.replace("<graph/plan>", f"<{BASE}graph/plan>")
    found = content(tmp_path / "content", views, "http://example.com/")
    (told,) = errors(found, tmp_path / "state")  # of the base alone, which no name here begins with
    assert "INNHERRED_BASE is http://example.com/" in told
    (view,) = found.views([found.graph("plan"), found.graph("register/map")])
    assert view == {"name": "plan", "label": {"nb": "Planen"}, "graphs": ["http://example.com/graph/plan"]}


def test_a_new_register_file_is_in_a_view_that_names_none(tmp_path: Path) -> None:
    views = PLAN.replace("inn:includesGraph <graph/plan>", "inn:excludesGraph <graph/entailed>")
    found = content(tmp_path / "content", views)
    names = ("plan", "register/map", "register/new", "entailed/stated")
    (view,) = found.views(found.graph(name) for name in names)
    assert view["graphs"] == [f"{BASE}graph/{name}" for name in names[:3]]


def test_views_stand_in_the_order_they_say(tmp_path: Path) -> None:
    views = [f'<catalog#{name}> a inn:View ; skos:notation "{name}"' for name in ("a", "b", "c")]
    order = f"PREFIX sh: <{PREFIXES['sh']}>\n{views[0]} ; sh:order 2 . {views[1]} ; sh:order 1.5 . {views[2]} ."
    found = content(tmp_path / "content", order)
    assert [view.name for view in found.dataset.views] == ["c", "b", "a"]
