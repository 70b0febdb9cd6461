"""Content made to exhaust whoever reads it: the build ends and says where, and the generation that is served stays.

Each case runs the command as a user does. A deadline ends what would not end, the cap of memory what would take all.
"""

import os
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from app.generation import current
from tests.waiting import is_running, until

BASE = "http://example.org/bounds/"
SH = "PREFIX sh: <http://www.w3.org/ns/shacl#>\n"
XML = '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:e="http://e/">{}</rdf:RDF>'
SHAPE = f"{SH}<{BASE}S> a sh:NodeShape ; sh:targetClass <{BASE}C> ; {{}} .\n"
LATE, FULL = "INNHERRED_BUILD_DEADLINE", "INNHERRED_BUILD_MEMORY"
ENDLESS = (LATE, f"check the shape <{BASE}")


def entities() -> str:
    """Give entities of entities: a text of 10 TB in less than a kilobyte."""
    named = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 13))
    body = XML.format('<rdf:Description rdf:about="http://e/s"><e:p>&e12;</e:p></rdf:Description>')
    return f'<!DOCTYPE r [<!ENTITY e0 "xxxxxxxxxx">{named}]>{body}'


def nested(opening: str, closing: str, number: int) -> str:
    return f"<http://e/s> <http://e/p> {opening * number} 1 {closing * number} ."


# By file: what is in it, and what the message says besides the name of the file.
HOSTILE = {
    "data/entities.rdf": (entities, FULL),
    "data/deep.rdf": (lambda: XML.format("<e:T><e:p>" * 60_000 + "</e:p></e:T>" * 60_000), LATE),
    "data/brackets.ttl": (lambda: nested("[ <http://e/p> ", "]", 200_000), LATE),
    "data/lists.ttl": (lambda: nested("( ", ")", 200_000), LATE),
    "data/clique.nt": (
        lambda: "".join(f"_:a{i} <http://e/p> _:a{j} .\n" for i in range(40) for j in range(40) if i != j),
        FULL,
    ),
    "data/large.ttl": (lambda: f'<http://e/s> <http://e/p> "{"x" * 100_000_000}" .', "more than 16777216 bytes"),
    "shapes/pattern.ttl": (
        lambda: (
            SHAPE.format(f"sh:property <{BASE}P>")
            + f'<{BASE}P> sh:path <{BASE}p> ; sh:pattern "^(a+)+$" ; sh:message "m"@en .'
        ),
        ENDLESS[1],
    ),
    "queries/checks/endless.rq": (
        lambda: (
            '#+ title: {en: Endless}\n#+ message: {en: "{this}"}\n'
            "SELECT ?this (COUNT(*) AS ?n) { ?this ?p ?o "
            + "".join(f". ?a{number} ?b{number} ?c{number} " for number in range(16))
            + "} GROUP BY ?this"
        ),
        LATE,
    ),
    "shapes/service.ttl": (
        lambda: (
            SHAPE.format(f"sh:sparql <{BASE}Q>")
            + f'<{BASE}Q> a sh:SPARQLConstraint ; sh:message "m"@en ;'
            + ' sh:select "SELECT $this { SERVICE <http://127.0.0.1:9/> { $this ?p ?o } }" .'
        ),
        "SERVICE is not allowed",
    ),
    "shapes/script.ttl": (
        lambda: SHAPE.format(f"sh:js <{BASE}J>") + f'<{BASE}J> sh:jsFunctionName "f" .',
        "sh:jsFunctionName (SHACL-JS), which is not run",
    ),
}


class Place:
    """A content that builds, and its state."""

    def __init__(self, folder: Path) -> None:
        self.content, self.state = folder / "content", folder / "state"
        (self.content / "data").mkdir(parents=True)
        (self.content / "shapes").mkdir()
        (self.content / "data" / "dataset.ttl").write_text(
            f'<{BASE}> a <http://rdfs.org/ns/void#Dataset> ; <http://rdfs.org/ns/void#uriSpace> "{BASE}" ;'
            ' <http://purl.org/dc/terms/title> "Bounds"@en .'
        )
        (self.content / "data" / "a.ttl").write_text(f'<{BASE}id/c/1> a <{BASE}C> ; <{BASE}p> "{"a" * 60}b" .')

    def command(self, name: str = "build") -> list[str]:
        return [sys.executable, "-P", "-m", "app.cli", name, "--content", str(self.content), "--state", str(self.state)]

    def run(self, name: str = "build", **settings: str) -> subprocess.CompletedProcess[str]:
        environment = {**os.environ, **settings, "LANG": "C"}
        return subprocess.run(self.command(name), env=environment, capture_output=True, text=True, check=False)

    def served(self) -> Path:
        found = current(self.state)
        assert found is not None
        return found.path


@pytest.fixture(scope="module")
def place(tmp_path_factory) -> Place:
    found = Place(tmp_path_factory.mktemp("bounds"))
    assert found.run().returncode == 0
    return found


def with_file(folder: Path, name: str, text: str) -> Place:
    """Give a place of its own with a generation and then a hostile file."""
    found = Place(folder)
    assert found.run().returncode == 0
    (found.content / name).parent.mkdir(parents=True, exist_ok=True)
    (found.content / name).write_text(text)
    return found


@pytest.mark.parametrize("name", [name for name, (_, told) in HOSTILE.items() if told not in ENDLESS])
def test_a_hostile_file_ends_the_build_with_its_name(place, name):
    make, told = HOSTILE[name]
    before, file = place.served(), place.content / name
    file.write_text(make())
    try:
        done = place.run(**{FULL: "700000000"})
    finally:
        file.unlink()
    refused(place, before, done, name, told)


def test_a_file_that_is_never_done_ends_at_the_deadline(tmp_path):
    """All at once; where a busy machine did not come as far as to the file, it gets more time."""
    cases = [(name, make(), told) for name, (make, told) in HOSTILE.items() if told in ENDLESS]
    with ThreadPoolExecutor() as threads:
        places = list(threads.map(lambda case: with_file(tmp_path / case[0], case[0], case[1]), cases))
        before = [place.served() for place in places]
        ended = list(threads.map(lambda place, case: ended_at(place, case[0]), places, cases))
    for (name, _, told), place, served, done in zip(cases, places, before, ended, strict=True):
        refused(place, served, done, name, told)
        assert LATE in done.stderr


def ended_at(place: Place, name: str) -> "subprocess.CompletedProcess[str]":
    """Build with ever later deadlines, until one is after the file was come to."""
    seconds = 5
    while name not in (done := place.run(**{LATE: str(seconds)})).stderr and seconds < 600:
        seconds *= 2
    return done


def refused(place: Place, before: Path, done: "subprocess.CompletedProcess[str]", name: str, told: str) -> None:
    """Check that a build ended with the name of the file and in words, and that what was served is."""
    assert done.returncode == 1, done.stderr
    assert name in done.stderr
    assert told in done.stderr
    assert "Traceback" not in done.stderr
    assert place.served() == before
    # What a killed build leaves, the next one removes.
    left = [path.name for path in (place.state / "generations").iterdir() if not path.name.startswith(".")]
    assert left == [before.name]


def test_check_is_held_as_well(place):
    file = place.content / "data" / "clique.nt"
    file.write_text(HOSTILE["data/clique.nt"][0]())
    try:
        done = place.run("check", **{FULL: "700000000"})
    finally:
        file.unlink()
    assert done.returncode == 1
    assert FULL in done.stderr
    assert "data/clique.nt" in done.stderr


def test_a_server_with_hostile_content_serves_what_it_has(place):
    file = place.content / "shapes" / "clique.ttl"
    # The server looks into shapes and ontology before it builds: for prefixes.
    file.write_text(entities())
    bomb = file.rename(file.with_suffix(".rdf"))
    try:
        with subprocess.Popen(
            [*place.command("serve"), "--port", "0", "--workers", "1"],
            env={**os.environ, FULL: "700000000", "PYTHONUNBUFFERED": "1"},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        ) as server:
            line = next((text for text in server.stdout if text.startswith("Serving at ")), "")
            server.terminate()
            told = server.stderr.read()
    finally:
        bomb.unlink()
    assert line
    assert "shapes/clique.rdf" in told
    assert f"Serving version {place.served().name}, built earlier." in told


def test_a_link_out_of_the_content_is_not_followed(place):
    secret = place.content.parent / "secret.ttl"
    secret.write_text("secret words")
    for name in ("data/link.ttl", "queries"):
        link = place.content / name
        link.symlink_to(secret if link.suffix else place.content.parent)
        try:
            done = place.run()
        finally:
            link.unlink()
        assert done.returncode == 1
        assert f"{name}: is a link out of the folder of the content" in done.stderr
        assert "secret words" not in done.stdout + done.stderr


def test_a_link_within_the_content_is_followed(place):
    (place.content / "data" / "link.ttl").symlink_to(place.content / "data" / "a.ttl")
    try:
        assert place.run("check").returncode == 0
    finally:
        (place.content / "data" / "link.ttl").unlink()


def test_a_file_whose_name_is_no_text_is_named(place):
    path = Path(os.fsdecode(os.fsencode(place.content / "data") + b"/\xff.ttl"))
    path.touch()
    try:
        done = place.run()
    finally:
        path.unlink()
    assert (done.returncode, done.stderr.strip()) == (
        1,
        "Error: data/\\xff.ttl: the name of this file is not UTF-8; give it another one",
    )


@pytest.mark.parametrize("space", ["javascript:alert(1)/", "ftp://example.org/", "urn:x:/", "https:///x/"])
def test_the_base_is_a_web_address(place, space):
    file = place.content / "data" / "dataset.ttl"
    text = file.read_text()
    file.write_text(text.replace(f'"{BASE}"', f'"{space}"'))
    try:
        done = place.run()
    finally:
        file.write_text(text)
    assert done.returncode == 1
    assert done.stderr.startswith("Error: data/dataset.ttl: void:uriSpace")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_a_build_ends_with_the_process_that_was_started(place, number):
    file = place.content / "data" / "deep.rdf"
    file.write_text(HOSTILE["data/deep.rdf"][0]())
    try:
        with subprocess.Popen(place.command(), stderr=subprocess.PIPE) as process:
            children = Path(f"/proc/{process.pid}/task/{process.pid}/children")
            until(lambda: children.read_text().split())
            child = int(children.read_text().split()[0])
            process.send_signal(number)
            assert process.wait() != 0
            until(lambda: not is_running(child))
            process.stderr.close()
    finally:
        file.unlink()
