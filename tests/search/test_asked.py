"""Which questions a text may mean."""

from pathlib import Path

import pytest

from app.namespaces import PREFIXES
from app.query.files import QueryFile, load
from app.search.asked import MOST, asked
from app.search.lookup import Hit

VERDAL = Hit("http://example.org/verdal", "town", "Verdal", "nb")


def question(folder: Path, name: str, nb: str, en: str, parameter: str = "") -> QueryFile:
    path = folder / f"{name}.rq"
    header = f'#+ title: {{nb: "{nb}", en: "{en}"}}\n#+ description: {{nb: x, en: x}}\n#+ view: table\n{parameter}'
    variable = "?town" if parameter else "?o"
    path.write_text(f"{header}SELECT ?s WHERE {{ ?s ?p {variable} }} ORDER BY ?s\n", encoding="utf-8")
    return load(path, PREFIXES)


@pytest.fixture
def files(tmp_path: Path) -> list[QueryFile]:
    town = "#+ parameters: {town: {class: 'http://example.org/Town', label: {nb: By, en: Town}}}\n"
    return [
        question(tmp_path, "does", "Hva gjør en by internasjonalt?", "What does a town do abroad?", town),
        question(tmp_path, "members", "Hvem er medlem av kontoret?", "Who are the members of the office?"),
    ]


def named(class_: str, words: str) -> Hit | None:
    return VERDAL if (class_, words) == ("http://example.org/Town", "verdal") else None


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("hva gjør verdal", [("does", VERDAL)]),
        ("hvem er medlem", [("members", None)]),
        ("medlemmer", [("members", None)]),
        ("Who are members", [("members", None)]),
        ("members abroad", []),
        ("verdal", []),
        ("hva", []),
        ("hva gjør nowhere", []),
        ("", []),
    ],
)
def test_all_words_are_of_the_question_or_name_a_thing(
    files: list[QueryFile], text: str, found: list[tuple[str, Hit | None]]
) -> None:
    assert [(each.file.name, each.thing) for each in asked(text, files, named)] == found


def test_few_are_offered(tmp_path: Path) -> None:
    many = [question(tmp_path, f"q{n}", f"Hvem er medlem nummer {n}?", f"Who is member {n}?") for n in range(9)]
    assert len(asked("hvem er medlem", many, named)) == MOST
