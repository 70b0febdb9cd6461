"""What people read of editing and importing: every message in both languages, of the same parts, and asked for."""

import ast
import re
from string import Formatter

import pytest
import yaml

from app.config import defaults
from app.editing.messages import by_language, either, finding, quoted, text
from tests.packaging.tree import ROOT

MESSAGES = yaml.safe_load((defaults() / "messages.yaml").read_text(encoding="utf-8"))
EVERY = [(name, texts) for section in MESSAGES.values() for name, texts in section.items()]
# Names that are put together: "told new", "state open".
MADE = re.compile(r"(told|state|only) |datatype-|.*-help$")


def test_no_text_has_the_name_of_a_finding():
    assert set(MESSAGES["texts"]).isdisjoint(MESSAGES["findings"])


@pytest.mark.parametrize(("name", "texts"), EVERY, ids=[name for name, _ in EVERY])
def test_a_message_says_the_same_in_both_languages(name, texts):
    parts = {
        tag: sorted({field for _, field, *_ in Formatter().parse(said) if field is not None})
        for tag, said in texts.items()
    }
    assert set(parts) == {"nb", "en"}
    assert parts["nb"] == parts["en"]


def test_every_message_is_asked_for():
    modules = [
        path for folder in ("editing", "imports", "web", "cli") for path in (ROOT / "app" / folder).rglob("*.py")
    ]
    nodes = (node for path in modules for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))))
    written = {node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str)}
    assert [name for name, _ in EVERY if name not in written and not MADE.match(name)] == []


CALLS = {
    "finding",
    "error",
    "warning",
    "info",
    "refused",
    "by_language",
    "text",
    "DrawerError",
    "NoProposal",
    "Damaged",
}
ABOUT = {"place", "subject", "predicate", "value"}


def test_who_asks_for_a_message_fills_all_of_it():
    wrong, seen = [], 0
    messages = dict(EVERY)
    for path in sorted((ROOT / "app" / "editing").glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            named = isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in CALLS
            names = [each.value for each in node.args[:2] if isinstance(each, ast.Constant)] if named else []
            found = next((each for each in reversed(names) if each in messages), None)
            if found is None or any(each.arg is None for each in node.keywords):
                continue
            fields = {field for _, field, *_ in Formatter().parse(messages[found]["nb"]) if field is not None}
            given = {each.arg for each in node.keywords} - ABOUT
            seen += 1
            if fields != given:
                wrong.append((path.name, node.lineno, found, sorted(fields ^ given)))
    assert wrong == []
    assert seen > 80


def test_words_of_a_message_may_differ_by_language():
    assert either(["a", "b", {"nb": "ø", "en": "o"}]) == {"nb": "a, b eller ø", "en": "a, b or o"}
    assert either([quoted("a")]) == {"nb": "«a»", "en": "“a”"}
    found = finding("error", "no-choice", "Ark!A1", text="{x}", choices=either(["a", "b"]))
    assert (found.messages["nb"], found.place) == ("Velg a eller b, ikke «{x}».", "Ark!A1")


def test_a_language_that_has_no_message_gets_its_neighbour():
    assert [text("yes", tag) for tag in ("nb", "nn", "en-GB", "de")] == ["ja", "ja", "yes", "yes"]
    assert by_language("yes") == {"nb": "ja", "en": "yes"}
