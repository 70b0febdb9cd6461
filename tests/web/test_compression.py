"""Compressed answers: which, in what coding, under which tag, and what is left alone."""

import gzip
from pathlib import Path

import brotli
import pytest
from backports import zstd

from app.web import compression

UNPACK = {"zstd": zstd.decompress, "br": brotli.decompress, "gzip": gzip.decompress}
QUERY = "/sparql?query=SELECT%20*%20%7B%3Fs%20%3Fp%20%3Fo%7D"
PATHS = ("/doc/town/aasvaer", "/catalog.ttl", "/catalog.jsonld", "/catalog.rdf", QUERY)


def get(client, path, coding=None, **more):
    headers = {name.replace("_", "-"): value for name, value in more.items()}
    return client.get(path, headers={**headers, **({"Accept-Encoding": coding} if coding else {})})


@pytest.fixture(scope="module")
def stylesheet(app):
    return "/static/" + next(each.name for each in Path(app.static_folder).glob("*.css"))


@pytest.mark.parametrize(
    ("header", "coding"),
    [
        ("gzip, deflate, br, zstd", "zstd"),
        ("gzip, deflate, br", "br"),
        ("gzip, deflate", "gzip"),
        ("gzip;q=0.8, br;q=0.2, zstd;q=0", "gzip"),
        ("GZIP", "gzip"),
        ("identity, gzip;q=0.5", None),
        ("gzip;q=0", None),
        ("deflate", None),
        ("", None),
        ("gzip," * 100, None),
    ],
)
def test_the_coding_is_the_one_that_the_client_likes_best(header, coding):
    assert compression.chosen(header) == coding


@pytest.mark.parametrize("path", PATHS)
def test_text_is_compressed_under_a_tag_of_its_own(client, path):
    plain = get(client, path)
    assert "Content-Encoding" not in plain.headers
    tags = {plain.headers["ETag"]}
    for coding, unpack in UNPACK.items():
        answer = get(client, path, coding)
        assert answer.headers["Content-Encoding"] == coding
        assert unpack(answer.data) == plain.data
        assert int(answer.headers["Content-Length"]) == len(answer.data) < len(plain.data) / 2
        assert "Accept-Encoding" in answer.headers["Vary"]
        assert "Accept" in answer.headers["Vary"].split(", ")
        assert answer.headers["Content-Type"] == plain.headers["Content-Type"]
        again = get(client, path, coding, If_None_Match=answer.headers["ETag"])
        assert (again.status_code, again.data, again.headers["ETag"]) == (304, b"", answer.headers["ETag"])
        assert "Accept-Encoding" in again.headers["Vary"]
        # What was kept packed is no answer for who wants it plain.
        assert get(client, path, If_None_Match=answer.headers["ETag"]).status_code == 200
        head = client.head(path, headers={"Accept-Encoding": coding})
        assert (head.headers["ETag"], head.headers["Content-Encoding"]) == (answer.headers["ETag"], coding)
        tags.add(answer.headers["ETag"])
    assert len(tags) == 4
    assert get(client, path, If_None_Match=plain.headers["ETag"]).status_code == 304


def test_stylesheets_are_compressed(client, stylesheet):
    plain, packed = get(client, stylesheet), get(client, stylesheet, "br")
    assert brotli.decompress(packed.data) == plain.data
    assert get(client, stylesheet, "br", If_None_Match=packed.headers["ETag"]).status_code == 304
    part = get(client, stylesheet, "br", Range="bytes=0-1999")
    assert (part.status_code, part.data, part.headers.get("Content-Encoding")) == (206, plain.data[:2000], None)


@pytest.mark.parametrize("path", ["/sparql?query=ASK%7B%7D", "/dump/all.nq.gz", "/queries/large.xlsx", "/robots.txt"])
def test_what_is_small_or_packed_already_is_left_alone(client, path):
    answer = get(client, path, "gzip, br, zstd")
    assert answer.status_code == 200
    assert "Content-Encoding" not in answer.headers
    assert answer.data == get(client, path).data


def test_a_dump_is_in_one_coding_only(client):
    answer = get(client, "/dump/default.ttl", "gzip, br, zstd")
    assert answer.headers["Content-Encoding"] == "gzip"
    assert b"@prefix" in gzip.decompress(answer.data)
    for coding in ("gzip", "gzip, br, zstd"):
        assert get(client, "/dump/default.ttl", coding, If_None_Match=answer.headers["ETag"]).status_code == 304


def test_an_answer_is_compressed_once(app, monkeypatch):
    done = []
    pack = compression._CODINGS["gzip"]
    monkeypatch.setitem(compression._CODINGS, "gzip", lambda *given: done.append(1) or pack(*given))
    client = app.test_client()
    answers = {get(client, "/doc/town/bekk?once", "gzip").data for _ in range(3)}
    assert (len(answers), len(done)) == (1, 1)


def test_what_others_may_read_from_its_length_is_not_compressed():
    def application(environ, start_response):
        start_response("200 OK", [("Content-Type", "text/html"), ("Content-Length", "5000")])
        return [b"x" * 5000]

    for path, coded in (("/edit/form", False), ("/edit", False), ("/editor", True)):
        found = {}
        environ = {"PATH_INFO": path, "REQUEST_METHOD": "GET", "HTTP_ACCEPT_ENCODING": "gzip"}
        body = compression.Compressed(application, 0)(environ, lambda _, headers, found=found: found.update(headers))
        assert (b"".join(body) != b"x" * 5000) == ("Content-Encoding" in found) == coded


def test_what_comes_in_parts_goes_on_in_parts():
    parts = iter([b"x" * 3000, b"y" * 3000])

    def application(environ, start_response):
        start_response("200 OK", [("Content-Type", "text/plain")])
        return parts

    environ = {"PATH_INFO": "/", "REQUEST_METHOD": "GET", "HTTP_ACCEPT_ENCODING": "gzip"}
    assert compression.Compressed(application, 0)(environ, lambda *_: None) is parts
