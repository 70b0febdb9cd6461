"""The log over real builds: what is created, updated and deleted; once for each generation, come what may."""

import shutil
import signal
import sqlite3
import subprocess
import sys
import threading
from collections import Counter
from contextlib import closing

import pytest

from app.build import builder
from app.build.recording import entity_states
from app.changes.log import NAME
from tests.changes.conftest import BASE

TRIP, TOWN = f"{BASE}id/trip/", f"{BASE}id/town/"


def told(entries):
    return {(entry.entity.removeprefix(BASE), entry.change) for entry in entries}


def current_digests(generation):
    found = entity_states(generation.path, generation.manifest)
    return {each.entity: each.digest for each in found if not each.is_farewell}


def replayed(entries):
    """Do what a consumer does: apply the entries in order."""
    found = {}
    for entry in entries:
        if entry.is_tombstone:
            del found[entry.entity]
        else:
            found[entry.entity] = entry.digest
    return found


def test_first_build_creates_every_entity(place):
    generation = place.build()
    entries = place.entries(generation)
    assert {entry.change for entry in entries} == {"created"}
    assert replayed(entries) == current_digests(generation)
    assert f"{TOWN}aasvaer" in replayed(entries)
    assert f"{BASE}ontology#Town" not in replayed(entries)
    assert {entry.time for entry in entries} == {generation.manifest.built}


def test_change_is_told_entity_by_entity(place):
    first = place.build()
    place.change()
    second = place.build()
    new = place.changes(second).page(place.changes(first).last + 1, 100)
    assert told(new) == {
        ("id/town/bekk", "updated"),
        ("id/trip/t101", "deleted"),
        ("id/trip/t102", "deleted"),
        ("id/trip/t200", "created"),
    }
    assert replayed(place.entries(second)) == current_digests(second)
    by_name = {entry.entity.rpartition("/")[2]: entry for entry in new}
    assert by_name["t102"].successor == f"{TRIP}t103"
    assert by_name["t101"].successor is None
    assert [label.value for label in by_name["t101"].labels] == ["Tur 101"]
    assert "t101> was published and is deleted" in place.told
    assert "t102" not in place.told


def test_who_replaces_another_is_its_successor(place):
    place.build()
    place.edit(
        "data/register/trips.ttl",
        "trip:t101 a ex:Trip",
        "trip:t900 <http://purl.org/dc/terms/replaces> trip:t101 ; a ex:Trip",
    )
    changes = place.changes(place.build())
    assert changes.tombstone(f"{TRIP}t101").successor == f"{TRIP}t900"


def test_same_content_again_adds_nothing(place):
    first = place.build()
    second = place.build()
    assert place.changes(second).last == place.changes(first).last
    assert [release.version for release in place.changes(second).releases()] == [first.manifest.version] * 2


def test_what_comes_back_is_created_again(place):
    place.build()
    kept = (place.root / "data/register/trips.ttl").read_text()
    place.change()
    place.build()
    place.write("data/register/trips.ttl", kept)
    entries = [entry for entry in place.entries(place.build()) if entry.entity == f"{TRIP}t101"]
    assert [entry.change for entry in entries] == ["created", "deleted", "created"]
    assert len({entry.id for entry in entries}) == 3


def test_nameless_node_is_part_of_what_names_it(place):
    place.build()
    place.edit("data/strategy/towns.ttl", "Storgata 1", "Storgata 2")
    before = place.build()
    new = place.entries(before)[-1]
    assert (new.entity, new.change) == (f"{TOWN}blank", "updated")
    assert "Storgata 2" in new.description
    # Another nameless node elsewhere gives this one another label in the dump, and is no change of it.
    place.edit(
        "data/strategy/towns.ttl", "town:bekk a ex:Town ;", 'town:bekk a ex:Town ; ex:address [ ex:street "A" ] ;'
    )
    new = place.changes(place.build()).page(place.changes(before).last + 1, 100)
    assert told(new) == {("id/town/bekk", "updated")}


def test_what_only_follows_is_no_change(place):
    first = place.build()
    place.edit("ontology/terms.ttl", "ex:Town a owl:Class", "ex:Town a owl:Class ; rdfs:subClassOf ex:Settlement")
    assert place.changes(place.build()).last == place.changes(first).last


class Stopped(Exception):
    pass


@pytest.mark.parametrize("where", ["record_changes", "make_current", "confirm"])
def test_build_that_is_ended_leaves_the_log_right(place, monkeypatch, where):
    first = place.build()
    place.change()

    def stop(*arguments):
        raise Stopped

    with monkeypatch.context() as patched:
        patched.setattr(builder, where, stop)
        with pytest.raises(Stopped):
            place.build()
    assert place.entries(first) == [entry for entry in place.entries(first) if entry.change == "created"]
    place.edit("data/strategy/towns.ttl", '"Bekken"@nb', '"Bekkene"@nb')
    last = place.build()
    entries = place.entries(last)
    assert replayed(entries) == current_digests(last)
    names = Counter(entry.entity for entry in entries if not entry.is_tombstone)
    # Only where the generation was published has anyone seen the name between.
    assert names[f"{TOWN}bekk"] == (3 if where == "confirm" else 2)


KILLED = """
import os, signal, sys
from pathlib import Path
from app.build import builder
from app.config import Settings
from app.content.folders import Content
from app.progress import Progress

def kill(*arguments):
    os.kill(os.getpid(), signal.SIGKILL)

builder.{where} = kill
root, state = map(Path, sys.argv[1:])
settings = Settings(content=root, state=state, keep=2)
builder.build(Content.open(root), settings, as_of=None, progress=Progress(quiet=True))
"""


@pytest.mark.parametrize("where", ["make_current", "confirm"])
def test_killed_build_leaves_the_log_right(place, where):
    place.build()
    place.change()
    command = [sys.executable, "-c", KILLED.format(where=where), str(place.root), str(place.state)]
    assert subprocess.run(command, check=False).returncode == -signal.SIGKILL
    last = place.build()
    entries = place.entries(last)
    assert replayed(entries) == current_digests(last)
    assert Counter(entry.change for entry in entries)["deleted"] == 2
    assert len(place.changes(last).releases()) == (3 if where == "confirm" else 2)


def test_killed_while_writing_leaves_nothing(place, monkeypatch):
    first = place.build()
    place.change()
    with monkeypatch.context() as patched:
        patched.setattr("app.changes.log._Recording._bury", lambda *_: (_ for _ in ()).throw(Stopped))
        with pytest.raises(Stopped):
            place.build()
    with closing(sqlite3.connect(place.state / NAME)) as log, log:
        assert log.execute("SELECT count(*) FROM generation").fetchone() == (1,)
    assert place.changes(first).last == len(place.entries(first))


def test_concurrent_builds_record_each_generation_once(place):
    place.build()
    place.change()
    found = []
    threads = [threading.Thread(target=lambda: found.append(place.build())) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    entries = place.entries(found[0])
    assert Counter(entry.change for entry in entries)["deleted"] == 2
    assert replayed(entries) == current_digests(found[0])


def test_clock_put_back_does_not_put_back_the_feed(place, monkeypatch):
    first = place.build()
    with closing(sqlite3.connect(place.state / NAME)) as log, log:
        log.execute("UPDATE entry SET time = '2999-01-01T00:00:00+00:00'")
    place.change()
    times = [entry.time for entry in place.entries(place.build())]
    assert times == sorted(times)
    assert place.changes(first).last < len(times)


def test_content_of_another_kind_has_a_log_too(place):
    shutil.rmtree(place.root)
    (place.root / "data").mkdir(parents=True)
    place.write("data/x.ttl", '<http://example.com/a> <http://example.com/p> "x" .')
    place.write("data/y.nq", '<http://example.com/b> <http://example.com/p> "x" <http://example.com/g> .\n')
    assert told(place.entries(place.build())) == {
        ("http://example.com/a", "created"),
        ("http://example.com/b", "created"),
    }
