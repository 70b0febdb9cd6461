"""The hostile content with what is large in it, written into a folder."""

import shutil
from collections.abc import Iterator
from pathlib import Path

CONTENT = Path(__file__).parent / "contents" / "hostile"
BASE = "http://example.org/hostile/"
MANY = 10_000
LONG = 1_000_000
_EX = BASE + "ontology#"
_THING = BASE + "id/thing/"
_A = "<http://www.w3.org/1999/02/22-rdf-syntax-ns#type>"
_LABEL = "<http://www.w3.org/2000/01/rdf-schema#label>"
_DESCRIPTION = "<http://purl.org/dc/terms/description>"
_ALTERNATIVE = "<http://www.w3.org/2004/02/skos/core#altLabel>"
_IDENTIFIER = "<http://purl.org/dc/terms/identifier>"


def written(folder: Path) -> Path:
    """Write the content into a folder and give it: the small files of ``tests/content/hostile``, and the large ones."""
    target = folder / "hostile"
    shutil.copytree(CONTENT, target)
    (target / "data" / "large.nt").write_text("\n".join(_lines()) + "\n", encoding="utf-8")
    return target


def _lines() -> Iterator[str]:
    """Give statements: texts of a million letters, and things with ten thousand links or thousands of types."""
    prose, word = "long <b>words</b> " * (LONG // 18), "w" * LONG
    for name, text in (("prose", prose), ("word", word)):
        subject = f"<{_THING}{name}>"
        yield f"{subject} {_A} <{_EX}Thing> ."
        yield f'{subject} {_LABEL} "{text}"@nb .'
        yield f'{subject} {_LABEL} "{name} in English"@en .' if name == "word" else ""
        yield f'{subject} {_ALTERNATIVE} "{text}"@en .'
        yield f'{subject} {_IDENTIFIER} "{text}" .'
        yield f'{subject} {_DESCRIPTION} "{text}"@nb .'
        yield f'{subject} <{_EX}text> "{text}"@nb .'
        yield f'{subject} <{_EX}text> "{text}" .'
        address = "https://example.org/" + "a" * 100_000
        yield f'{subject} <{_EX}text> "{address}"^^<http://www.w3.org/2001/XMLSchema#anyURI> .'
        yield f"{subject} <{_EX}to> <{_THING}{'x' * 5000}> ."
    hub, source = f"<{_THING}hub>", f"<{_THING}source>"
    yield f"{hub} {_A} <{_EX}Thing> ."
    yield f'{hub} {_LABEL} "Hub"@en .'
    yield f"{source} {_A} <{_EX}Thing> ."
    yield f'{source} {_LABEL} "Source"@en .'
    for number in range(MANY):
        other = f"<{BASE}id/spoke/s{number}>"
        yield f"{other} {_A} <{_EX}Spoke> ."
        yield f'{other} {_LABEL} "Spoke {number}"@nb .'
        yield f"{other} <{_EX}to> {hub} ."
        yield f"{source} <{_EX}to> {other} ."
        yield f'{source} <{_EX}note> "{number} {"text " * 20}"@nb .'
    for number in range(300):
        yield f'{source} <{_EX}text> "text {number}"@nb .'
    for number in range(3000):
        yield f"<{_THING}classed> {_A} <{_EX}Class{number}> ."
