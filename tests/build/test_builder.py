"""The build: what is in a generation, that it can be repeated, and that a failed one changes nothing."""

import gzip
import hashlib
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from datetime import date
from functools import partial
from pathlib import Path

import pytest

from app.build import builder, draft
from app.build.builder import BuildRefused
from app.build.freshness import fresh
from app.config import Settings, bundled_content
from app.content.folders import Content
from app.content.reading import InputFile, read
from app.content.sorting import sorted_parts
from app.generation import current, staging
from app.namespaces import PREFIXES, RDFS_LABEL
from app.progress import Progress
from app.query.library import ENGINE
from app.store import loading
from app.store.embedded import EmbeddedStore
from app.terms import Iri
from tests.waiting import until

BASE = "http://example.org/nordfjella/"
VOID = "http://rdfs.org/ns/void#"
CHILD = """
import sys
from pathlib import Path
from app.build import builder
from app.config import Settings
from app.content.folders import Content
from app.progress import Progress

root, state = Path(sys.argv[1]), Path(sys.argv[2])
original = builder.count
def held(*known):
    print("counting", flush=True)
    sys.stdin.readline()
    return original(*known)
builder.count = held
print(builder.build(Content.open(root), Settings(content=root, state=state), as_of=None, progress=Progress()).path)
"""


def start(place):
    command = [sys.executable, "-c", CHILD, str(place.root), str(place.state)]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    return subprocess.Popen(command, **pipes, text=True, cwd=bundled_content())


def waits_for_a_lock(process):
    """Say whether a process waits for a lock of a file that another has (proc(5): such lines have an arrow)."""
    locks = [line.split() for line in Path("/proc/locks").read_text().splitlines()]
    return any("->" in words and str(process.pid) in words for words in locks)


def everything(generation):
    """Give what is in a generation but for the time it was built."""
    store = EmbeddedStore.open(generation.store)
    quads = {quad for quad in store.quads() if quad[1] != BASE + "graph/catalog"}
    store.close()
    with closing(sqlite3.connect(generation.path / "search.sqlite")) as index:
        tables = ("thing", "label", "name", "class", "facet", "sequence", "term")
        rows = [index.execute(f"SELECT * FROM {table}").fetchall() for table in tables]
    manifest = generation.manifest
    return manifest.digest, manifest.graphs, manifest.classes, manifest.triples, quads, rows


def dump(generation, name):
    return gzip.decompress((generation.dumps / name).read_bytes()).decode()


def test_a_generation_holds_everything(place):
    generation = place.build()
    manifest = generation.manifest
    assert {path.name for path in generation.path.iterdir()} == {
        "store", "queries", "search.sqlite", "dumps", "report.ttl", "manifest.json",
    }  # fmt: skip
    # What the engine itself asks is of the software, not of the data.
    assert not {path.name for path in generation.queries.iterdir()} & {*ENGINE}
    assert manifest.base == BASE
    assert manifest.languages == ("nn", "de")
    assert manifest.title["nn"] == "Nordfjella (døme)"
    # One is a side valley, and so a valley too: that follows.
    assert manifest.classes[BASE + "ontology#Valley"] == 2
    assert current(place.state) == generation


def test_a_facet_sees_the_day_that_the_data_is_as_of(place):
    place.write(
        "queries/facets/10-day.rq",
        f"""#+ title: {{nn: Dag}}
        SELECT ?thing ?value {{
          GRAPH <{BASE}graph/catalog> {{ <{BASE}catalog#dataset> <http://purl.org/dc/terms/valid> ?value }}
          ?thing a <{BASE}ontology#Valley>
        }}""",
    )
    for day in (date(2020, 2, 29), date(2024, 1, 1)):
        generation = place.build(as_of=day)
        with closing(sqlite3.connect(generation.path / "search.sqlite")) as index:
            [values] = index.execute("SELECT key FROM facet WHERE name = 'day'").fetchall()
        assert values == (day.isoformat(),)
        # The catalog, written last, is counted whole.
        store = EmbeddedStore.open(generation.store)
        assert generation.manifest.graphs[BASE + "graph/catalog"] == store.graphs()[BASE + "graph/catalog"] > 1
        store.close()


def test_the_default_graph_is_a_set_merge_of_data_and_ontology(place):
    store = EmbeddedStore.open(place.build().store)
    partner = f"SELECT * WHERE {{ <{BASE}id/cooperation/bru> <{BASE}ontology#partner> ?o }}"
    # One of the two is in two graphs.
    assert len(store.select(partner).rows) == 2
    assert store.ask(f"ASK {{ <{BASE}ontology#Valley> a ?t }}")
    assert not store.ask("ASK { ?s a <http://rdfs.org/ns/void#Dataset> }")
    assert store.ask(f"ASK {{ GRAPH <{BASE}graph/catalog> {{ ?s a <http://rdfs.org/ns/void#Dataset> }} }}")
    assert store.ask(f"ASK {{ GRAPH <{BASE}graph/quality> {{ ?s <http://www.w3.org/ns/shacl#conforms> true }} }}")


def test_graphs_are_those_of_folders_and_those_named_inside(place):
    graphs = place.build().manifest.graphs
    names = ["catalog", "data", "minutes", "ontology", "people", "quality", "sheets"]
    names += [f"register/{name}" for name in ("map", "office", "roads", "weather")]
    names += ["entailed/stated", "reasons"]
    assert {name for name in graphs if "queries" not in name} == {f"{BASE}graph/{name}" for name in names}
    assert graphs[f"{BASE}graph/minutes"] == 2


def test_the_catalog_tells_the_numbers_of_the_store(place):
    place.write("data/blank.ttl", "<http://e/s> <http://e/p> [ <http://e/q> 1 ] .")
    generation = place.build()
    store = EmbeddedStore.open(generation.store)
    subjects = {row["s"] for row in store.select("SELECT DISTINCT ?s WHERE { ?s ?p ?o }").rows}
    told = f"SELECT ?p ?n WHERE {{ GRAPH <{BASE}graph/catalog> {{ ?dataset <{VOID}distinctSubjects> ?any ; ?p ?n }} }}"
    numbers = {row["p"]: str(row["n"]) for row in store.select(told).rows}
    assert numbers[Iri(VOID + "distinctSubjects")] == str(len(subjects))
    iris = sum(isinstance(subject, Iri) for subject in subjects)
    assert numbers[Iri(VOID + "entities")] == str(iris)
    assert iris < len(subjects)
    # The catalog counts all but itself; the manifest knows its size too.
    assert {Iri(name): count for name, count in generation.manifest.graphs.items()} == store.graphs()


def test_questions_are_in_the_data(place):
    place.write("queries/questions/valleys.rq", "#+ title: {nn: Dalar}\nSELECT * WHERE { ?s ?p ?o }")
    text = dump(place.build(), "all.nq.gz")
    assert f'<{BASE}query/valleys> <{RDFS_LABEL}> "Dalar"@nn <{BASE}graph/queries> .\n' in text


def test_the_same_content_gives_the_same_bytes(place, tmp_path):
    first = place.build(date(2026, 11, 22))
    shutil.move(place.root, tmp_path / "content2")
    shutil.copytree(tmp_path / "content2", place.root)
    process = start_same(place)
    second = current(place.state)
    assert process == 0
    assert second.path != first.path
    assert second.manifest.digest == first.manifest.digest
    for path in first.dumps.iterdir():
        assert (second.dumps / path.name).read_bytes() == path.read_bytes(), path.name


def start_same(place):
    """Build in another process, where hashes of strings and the like are others."""
    code = (
        "import sys; from datetime import date; from pathlib import Path; from app.build.builder import build;"
        "from app.config import Settings; from app.content.folders import Content; from app.progress import Progress;"
        "root, state = map(Path, sys.argv[1:]);"
        "build(Content.open(root), Settings(content=root, state=state), as_of=date(2026, 11, 22), progress=Progress())"
    )
    command = [sys.executable, "-c", code, str(place.root), str(place.state)]
    return subprocess.run(command, capture_output=True, check=False, cwd=bundled_content()).returncode


def test_as_of_and_content_are_in_the_digest(place):
    first = place.build(date(2026, 1, 1)).manifest.digest
    assert place.build(date(2026, 1, 2)).manifest.digest != first
    place.write("data/more.ttl", "<http://e/s> <http://e/p> 1 .")
    assert place.build(date(2026, 1, 1)).manifest.digest != first


def test_as_of_is_the_newest_modification_told_else_that_of_the_files(place):
    assert place.build().manifest.as_of == "2025-03-14"
    text = (place.root / "data/dataset.ttl").read_text(encoding="utf-8")
    place.write("data/dataset.ttl", text.replace("2025-03-14", "14.3.2025"))
    for number, path in enumerate(sorted(path for path in place.root.rglob("*") if path.is_file())):
        os.utime(path, (1_700_000_000 + number, 1_700_000_000 + number))
    assert place.build().manifest.as_of == "2023-11-14"


def test_dumps_say_what_their_names_say(place, tmp_path):
    generation = place.build()
    whole = dump(generation, "all.nq.gz")
    assert whole.splitlines() == sorted(set(whole.splitlines()))
    assert "graph/catalog>" not in whole
    assert "graph/quality>" not in whole
    assert generation.manifest.digest == hashlib.sha256(f"2025-03-14\n{whole}".encode()).hexdigest()
    path = tmp_path / "default.ttl"
    path.write_text(dump(generation, "default.ttl.gz"), encoding="utf-8")
    triples = list(read(InputFile(path, "default.ttl", None, "data"), BASE))
    assert len(triples) == len(set(triples)) == generation.manifest.triples
    for name in ("all.trig", "all.jsonld"):
        path = tmp_path / name
        path.write_text(dump(generation, f"{name}.gz"), encoding="utf-8")
        assert len(list(read(InputFile(path, name, None, "data"), BASE))) == whole.count("\n")
    assert f"<{BASE}id/station/1>" in dump(generation, "graph-register-weather.ttl.gz")


def test_checksums_are_right(place):
    generation = place.build()
    lines = (generation.dumps / "SHA256SUMS").read_text(encoding="utf-8").splitlines()
    assert {line.split()[1] for line in lines} == {p.name for p in generation.dumps.iterdir()} - {"SHA256SUMS"}
    for line in lines:
        digest, name = line.split()
        assert hashlib.sha256((generation.dumps / name).read_bytes()).hexdigest() == digest


def test_refused_content_tells_all_errors_and_leaves_the_running_generation(place):
    before = place.build()
    place.write("data/one.ttl", "broken")
    place.write("data/two.ttl", f"<http://e/s> a <{BASE}ontology#Vally> .")
    place.write("queries/questions/bad.rq", "SELECT * WHERE { ?s ?p ?o }")
    with pytest.raises(BuildRefused) as caught:
        place.build()
    assert {str(problem.path) for problem in caught.value.problems} >= {"data/one.ttl", "data/two.ttl"}
    assert current(place.state) == before
    assert place.generations() == [before.path.name]


def test_a_violated_shape_refuses_and_a_warning_does_not(place):
    shape = f"""PREFIX sh: <http://www.w3.org/ns/shacl#>
    <http://e/S> a sh:NodeShape ; sh:targetClass <{BASE}ontology#Valley> ; sh:property <http://e/S-p> .
    <http://e/S-p> sh:path <{BASE}ontology#length> ; sh:maxInclusive 5 ; sh:message "for lang"@nn ;
        sh:severity sh:%s ."""
    place.write("shapes/s.ttl", shape % "Violation")
    with pytest.raises(BuildRefused) as caught:
        place.build()
    (problem,) = caught.value.problems
    assert (str(problem.path), problem.entity) == ("data/valleys.ttl", BASE + "id/valley/austdalen")
    assert problem.message == {"nn": "for lang"}
    place.write("shapes/s.ttl", shape % "Violation , sh:Info ; sh:path <http://e/p>")
    with pytest.raises(BuildRefused) as caught:
        place.build()
    assert [str(problem.path) for problem in caught.value.problems] == ["shapes"]
    place.write("shapes/s.ttl", shape % "Warning")
    assert "for lang" in place.build().report.read_text(encoding="utf-8")


def test_a_failure_in_the_middle_leaves_no_half_generation(place, monkeypatch):
    before = place.build()
    seen = []

    def fails(*_):
        seen.extend(place.generations())
        raise KeyboardInterrupt

    monkeypatch.setattr(builder, "write_dumps", fails)
    with pytest.raises(KeyboardInterrupt):
        place.build()
    assert len(seen) == 2
    assert place.generations() == [before.path.name]
    assert current(place.state) == before


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_a_killed_build_leaves_the_running_generation(place, number):
    before = place.build()
    place.write("data/more.ttl", "<http://e/s> <http://e/p> 1 .")
    with start(place) as child:
        assert child.stdout.readline() == "counting\n"
        child.send_signal(number)
        assert child.wait() != 0
        child.stderr.read()
    assert current(place.state) == before
    if number == signal.SIGTERM:
        assert place.generations() == [before.path.name]
    after = place.build()
    assert place.generations() == sorted([before.path.name, after.path.name])


def test_what_is_still_written_to_a_moment_longer_goes_too(tmp_path, monkeypatch):
    remove, tries = shutil.rmtree, []

    def busy(path, **options):
        tries.append(path)
        if len(tries) > 1:
            remove(path, **options)

    (tmp_path / "generations").mkdir()
    monkeypatch.setattr(shutil, "rmtree", busy)
    with pytest.raises(KeyboardInterrupt), staging(tmp_path):
        raise KeyboardInterrupt
    assert not list((tmp_path / "generations").iterdir())


def test_two_builds_at_once_make_one_generation(place):
    with start(place) as first:
        assert first.stdout.readline() == "counting\n"
        with start(place) as second:
            until(lambda: waits_for_a_lock(second))
            outputs = [child.communicate("go on\n") for child in (first, second)]
    assert (first.returncode, second.returncode) == (0, 0)
    assert outputs[0][0] == outputs[1][0]
    assert "another build has just made version" in outputs[1][1]
    assert len(place.generations()) == 1


def test_old_generations_are_removed(place):
    for day in (1, 2, 3, 4):
        newest = place.build(date(2026, 1, day))
        os.utime(newest.path, (day, day))  # the newest one is by this
    assert len(place.generations()) == 2
    assert newest.path.name in place.generations()


def test_freshness_is_by_content_not_by_time_alone(place):
    generation = place.build()
    assert fresh(place.content(), generation)
    path = place.root / "data/valleys.ttl"
    os.utime(path, (1, 1))
    assert fresh(place.content(), generation)
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("Austdalen", "Vestdalen"), encoding="utf-8")
    assert not fresh(place.content(), generation)
    path.write_text(text, encoding="utf-8")
    assert fresh(place.content(), generation)
    place.write("data/more.ttl", "")
    assert not fresh(place.content(), generation)


def test_data_alone_without_any_description_is_enough(tmp_path):
    (tmp_path / "data").mkdir()
    (tmp_path / "data/a.ttl").write_text("<http://e/s> <http://e/p> <http://e/o> .", encoding="utf-8")
    settings = Settings(content=tmp_path, state=tmp_path / "state")
    generation = builder.build(Content.open(tmp_path), settings, as_of=None, progress=Progress(quiet=True))
    assert generation.manifest.triples == 1
    assert generation.manifest.base == "http://localhost:8000/"


def test_the_shipped_content_builds(shipped_state):
    """What its shapes and checks find wrong would be refused."""
    generation = current(shipped_state)
    assert generation.manifest.base == "https://w3id.org/innherred/"
    store = EmbeddedStore.open(generation.store)
    assert store.ask("ASK { <https://w3id.org/innherred/id/municipality/snasa> ?p ?o }")


@pytest.mark.parametrize("ruled", [True, False])
def test_much_content_is_built_in_runs_and_parts_to_the_same_generation(place, monkeypatch, ruled):
    if not ruled:
        shutil.rmtree(place.root / "ontology")
        shutil.rmtree(place.root / "data")
        void = PREFIXES["void"]
        place.write("data/dataset.ttl", f"<#d> a <{void}Dataset> ; <{void}uriSpace> '{BASE}' .")
        place.write("data/blank.ttl", "<http://e/s> <http://e/p> [ <http://e/q> 'x' , 'a\u2028b' ] , 'æ' .")
    names = ("skog", "fjell", "elv", "vatn")
    things = [f'<{BASE}id/thing/{n}> <{RDFS_LABEL}> "{names[n % 4]} {n}"@nn .\n' for n in range(400)]
    place.write("data/a.nt", "".join(things))
    place.write("data/more/b.nt", "".join(things[100:300]))
    one = everything(place.build())
    shutil.rmtree(place.state)
    told = []
    monkeypatch.setattr(draft, "sorted_parts", partial(sorted_parts, size=50))
    monkeypatch.setattr(loading, "_SMALL", 0)
    monkeypatch.setattr(loading, "_BLOCK", 500)
    begin = loading.BulkLoad
    monkeypatch.setattr(loading, "BulkLoad", lambda engine, path: (told.append(path.name), begin(engine, path))[1])
    assert everything(place.build()) == one
    assert told == ["store.pipe"] * (1 if ruled else 2)


def test_strategy_shapes_never_refuse_a_build_and_see_the_date_of_the_data(place):
    place.write(
        "shapes/soft.ttl",
        "PREFIX sh: <http://www.w3.org/ns/shacl#>\nPREFIX nf: <http://example.org/nordfjella/ontology#>\n"
        "<http://example.org/nordfjella/shape/Soft> a sh:NodeShape ; sh:targetClass nf:Valley ;\n"
        "  sh:severity sh:Warning ; sh:sparql <http://example.org/nordfjella/shape/Soft-date> .\n"
        "<http://example.org/nordfjella/shape/Soft-date> sh:message 'per {?date}'@nn ; sh:select '''\n"
        "  SELECT $this ?date WHERE { $this a ?kind . ?dataset <http://purl.org/dc/terms/valid> ?date }''' .\n",
    )
    report = place.build(date(2031, 5, 1)).report.read_text(encoding="utf-8")
    assert "per 1. mai 2031" in report
    assert "data/valleys.ttl" in report
    assert "dqv:QualityMeasurement" in report
