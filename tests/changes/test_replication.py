"""The real npm ldes-client replicates the stream of a started server, then follows a change."""

import os
import subprocess
import sys
import threading
import urllib.request
from contextlib import contextmanager
from pathlib import Path

import pytest
import rdflib
from rdflib import RDF, URIRef

from app.build.recording import entity_states
from app.changes.feed import SIZE, TIME, VERSION_OF
from tests.changes.conftest import BASE, Place
from tests.npm import packages, tools
from tests.waiting import until

CLIENT = Path(__file__).parent / "client"
DELETE = URIRef("https://www.w3.org/ns/activitystreams#Delete")
# More than fill two pages.
TRIPS = 2 * SIZE


@pytest.fixture(scope="session")
def command():
    """Give the command of ldes-client."""
    return [tools()[0], str(packages(CLIENT) / "ldes-client" / "dist" / "bin" / "cli.js")]


@contextmanager
def serving(place):
    """Start a server of what is built, and give its address."""
    arguments = ["serve", "--port", "0", "--workers", "1", "--content", str(place.root), "--state", str(place.state)]
    with (place.root.parent / "log").open("w") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "app.cli", *arguments],
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
            env={**os.environ, "PYTHONUNBUFFERED": "1"},
        )
        try:
            line = next((text for text in process.stdout if text.startswith("Serving at ")), "")
            assert line, (place.root.parent / "log").read_text()
            address = line.split()[2]
            until(lambda: answers(address))
            yield address
        finally:
            process.terminate()
            process.communicate(timeout=120)


def answers(address):
    try:
        with urllib.request.urlopen(f"{address}health", timeout=60):
            return True
    except OSError:
        return False


class Consumer:
    """Applies the members that a client tells, one block of Turtle each, in the order they come."""

    def __init__(self):
        self.entities = {}
        self.members = 0
        self._block = []

    def read(self, lines):
        for line in lines:
            if line.startswith(("<", "_:")):
                self._block.append(line)
            elif self._block:
                self._apply("".join(self._block))
                self._block = []

    def _apply(self, text):
        graph = rdflib.Graph().parse(data=text, format="turtle")
        ((version, entity),) = graph.subject_objects(URIRef(VERSION_OF))
        if (version, RDF.type, DELETE) in graph:
            del self.entities[str(entity)]
        else:
            said = ((p, o) for p, o in graph.predicate_objects(version) if str(p) not in (VERSION_OF, TIME))
            self.entities[str(entity)] = {(str(p), o.n3()) for p, o in said if not isinstance(o, rdflib.BNode)}
        self.members += 1


def current(generation):
    """Give what a generation says of its entities, in the same form."""
    found = {}
    for each in entity_states(generation.path, generation.manifest):
        if not each.is_farewell:
            dataset = rdflib.Dataset()
            dataset.parse(data=each.text, format="nquads")
            said = ((p, o) for s, p, o, _ in dataset.quads() if s == URIRef(each.entity))
            found[each.entity] = {(str(p), o.n3()) for p, o in said if not isinstance(o, rdflib.BNode)}
    return found


def test_client_replicates_the_stream_and_follows_a_change(tmp_path, command):
    place = Place(tmp_path)
    trips = "".join(
        f'<{BASE}id/trip/x{n}> a <{BASE}ontology#Trip> ; <{rdflib.RDFS.label}> "Tur {n}"@nb .\n' for n in range(TRIPS)
    )
    place.write("data/register/more.ttl", trips)
    first = place.build()
    total = place.changes(first).last
    assert total > 2 * SIZE
    consumer = Consumer()
    with serving(place) as address:
        client = subprocess.Popen(
            [*command, f"{address}ldes", "--follow", "--poll-interval", "200", "--ordered", "ascending"],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        reader = threading.Thread(target=consumer.read, args=(client.stdout,))
        reader.start()
        try:
            until(lambda: consumer.members >= total)
            assert consumer.entities == current(first)
            place.change()
            second = place.build()
            until(lambda: consumer.members >= place.changes(second).last)
            assert consumer.entities == current(second)
            assert consumer.members == place.changes(second).last == total + 4
        finally:
            client.terminate()
            reader.join()
            client.wait()
            client.stdout.close()
