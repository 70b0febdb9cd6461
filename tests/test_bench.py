"""The benchmarks: the made-up graph has the size and terms it should have, and servers stay in their own folder."""

import importlib.util
import sys
from pathlib import Path

import pytest

from app.content.folders import Content
from app.namespaces import INN, RDFS_LABEL
from app.quality.scan import Scan
from app.terms import Iri, Literal
from tests.scanned import scanned

ROOT = Path(__file__).parents[1]


def loaded(name):
    """Give a module of the benchmarks, which are scripts and no package."""
    spec = importlib.util.spec_from_file_location(f"bench_{name}", ROOT / "bench" / f"{name}.py")
    module = sys.modules[spec.name] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def graph():
    return loaded("graph")


@pytest.fixture(scope="module")
def servers():
    return loaded("servers")


@pytest.mark.parametrize("size", [100, 5000])
def test_a_graph_has_the_size_asked_for_and_can_be_repeated(graph, size):
    lines = list(graph.lines(size))
    assert len(set(lines)) == len(lines) == size
    assert lines == list(graph.lines(size))


def test_it_is_a_content_in_the_terms_of_the_ontology(graph, tmp_path):
    graph.write(tmp_path, 5000)
    scan = Scan(Content.open(tmp_path))
    triples = [triple for triple, _ in scanned(scan)]
    assert scan.complete
    ours = {
        Iri(term) for triple in triples for term in triple if not isinstance(term, Literal) and term.startswith(INN)
    }
    ontology = Scan(Content.open(ROOT))
    assert list(scanned(ontology))
    assert len(ours) > 10
    assert ours <= ontology.defined
    assert {value.language for _, predicate, value in triples if predicate == RDFS_LABEL} == {"nb", "en"}
    numbers = {subject for subject, _, _ in triples if "/activity/" in subject}
    assert len(numbers) >= graph.activities(5000)


SERVER = """
import http.server, pathlib, sys
pathlib.Path("left-by-start").touch()
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
http.server.HTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
"""


def test_what_a_server_writes_where_it_is_stays_beside_its_log(servers, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    work = tmp_path / "work"
    work.mkdir()
    port = servers.free_port()
    load = [sys.executable, "-c", "import pathlib; pathlib.Path('left-by-load').touch()"]
    server = servers.Server("one", [sys.executable, "-c", SERVER, str(port)], "/", port, load)
    try:
        server.run(work / "log")
    finally:
        server.stop()
    assert sorted(path.name for path in work.iterdir()) == ["left-by-load", "left-by-start", "log"]
    assert [path.name for path in tmp_path.iterdir()] == ["work"]


ANSWERING = """
import http.server, sys
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        answers = sys.argv[2] == "all" or "ASK" in self.path
        self.send_response(200 if answers else 500)
        self.send_header("ETag", "x")
        self.end_headers()
        self.wfile.write(b'{"results": {"bindings": []}}' if answers else b"")
    def log_message(self, *_):
        pass
http.server.ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
"""
WRK = """#!/bin/sh
for address in "$@"; do :; done
case $address in *:%d) echo RESULT 100 1000000 0 1000 2000 ;; *) echo RESULT 0 1000000 0 0 0 ;; esac
"""


def test_a_server_that_answers_nothing_ends_no_comparison(servers, tmp_path, monkeypatch, capsys):
    monkeypatch.syspath_prepend(ROOT / "bench")
    compare = loaded("compare")
    monkeypatch.setattr(compare, "MOST_TIMES", 1)
    running = []
    for name in ("all", "none"):
        port = servers.free_port()
        running.append(servers.Server(name, [sys.executable, "-c", ANSWERING, str(port), name], "/", port))
    wrk = tmp_path / "wrk"
    wrk.write_text(WRK % running[0].port)
    wrk.chmod(0o755)
    monkeypatch.setenv("INNHERRED_WRK", str(wrk))
    found, written = compare.Found(), []
    try:
        for server in running:
            server.run(tmp_path / server.name)
        compare.compare(running, 5000, 1, 1, found, lambda: written.append(compare.report(found, running, 5000, 1)))
    finally:
        for server in running:
            server.stop()
    assert found.values["1 row (/s)"] == {"all": [100.0]}
    assert any(each.startswith("none, look-up: ") for each in found.failed)
    assert "none, 1 row: 0 failed, 0 a second were answered" in found.failed
    assert len(written) == 2
    assert "Not measured: none, 1 row" in written[0]
    assert "| 1 row (/s) | 100 | – |" in written[0]
    assert "NOT MEASURED: none, 1 row" in capsys.readouterr().out


@pytest.fixture(scope="module")
def sets():
    return loaded("sets")


def test_each_data_set_can_be_repeated_read_and_has_what_is_looked_at(sets, tmp_path):
    assert len(sets.SETS) == 10
    for name, each in sets.SETS.items():
        place = each.write(tmp_path / name, each.smallest)
        assert list(each.lines(each.smallest)) == list(each.lines(each.smallest))
        scan = Scan(Content.open(place))
        triples = [triple for triple, _ in scanned(scan)]
        assert scan.complete, name
        there = {str(term) for triple in triples for term in triple} | {str(graph) for graph in scan.merged}
        assert {each.space + thing.format(last=each.smallest - 1) for thing in each.things} <= there


def test_ten_pages_of_a_data_set_are_measured(monkeypatch, tmp_path, capsys):
    monkeypatch.syspath_prepend(ROOT / "bench")
    large = loaded("large")
    monkeypatch.setattr(large, "ROUNDS", 1)
    monkeypatch.setattr(large, "TOGETHER", 1)
    monkeypatch.setattr(sys, "argv", ["large.py", "--small", "--only", "chain", "--keep", str(tmp_path)])
    large.main()
    one, pages = (table.splitlines() for table in capsys.readouterr().out.strip().split("\n\n"))
    assert one[2].startswith("| chain | 15 → 60 | ")
    assert pages[0].count("|") == pages[2].count("|") == 1 + 2 + len(large.PAGES)
    assert "**" not in pages[2], "a page that is not there"
