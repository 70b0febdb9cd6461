"""Copies that follow: the same as their source, whatever it does and however it lies."""

import gzip
import json
import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from flask import Flask
from werkzeug.serving import WSGIRequestHandler, make_server

from app.build.builder import build
from app.build.following import Follower, pause
from app.build.releasing import release
from app.changes.transfer import log_lines
from app.config import Settings
from app.content.folders import Content
from app.errors import SettingError
from app.generation import Manifest, current, kept
from app.progress import Progress
from app.web import create_app
from tests.web.conftest import Client

CONTENT = Path(__file__).parents[1] / "web" / "content"
OF_THIS_MACHINE = Path("/taken").as_uri()
QUERY = "/sparql?format=csv&query=SELECT%20*%20{%20GRAPH%20?g%20{%20?s%20?p%20?o%20}%20}"
SAME = (
    "/",
    "/search?q=a",
    "/changes",
    "/changes.atom",
    "/version/",
    "/dump/",
    "/catalog.ttl",
    "/queries/",
    "/gaps",
    "/ontology",
)
SAME = (
    *SAME,
    QUERY,
    "/dump/all.nq.gz",
    "/dump/SHA256SUMS",
    "/version/first",
    "/version/first/crate.zip",
    "/ldes",
    "/sitemap-1.xml",
)


def built(settings: Settings) -> str:
    made = build(Content.open(settings.content), settings, as_of=None, progress=Progress(quiet=True))
    return made.manifest.version


def more(content: Path, number: int) -> None:
    (content / "data" / "more.ttl").write_text(f'<http://example.org/more> <http://example.org/is> "{number}" .')


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Give a source: a release, and a newer version."""
    folder = tmp_path_factory.mktemp("followed")
    shutil.copytree(CONTENT, folder / "content")
    settings = Settings(content=folder / "content", state=folder / "state")
    built(settings)
    release(settings.state, "first")
    more(settings.content, 1)
    built(settings)
    return settings


@pytest.fixture
def source(made: Settings, tmp_path: Path) -> Settings:
    """Give a source of one's own, to be changed."""
    for name in ("content", "state"):
        shutil.copytree(getattr(made, name), tmp_path / "source" / name, symlinks=True)
    return replace(made, content=tmp_path / "source" / "content", state=tmp_path / "source" / "state")


class Quiet(WSGIRequestHandler):
    """Keeps connections, and writes nothing."""

    protocol_version = "HTTP/1.1"

    def log(self, *_: object) -> None:
        pass


@contextmanager
def serving(app: Callable) -> Iterator[str]:
    """Give the address of a WSGI application on a free port."""
    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=Quiet)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def copy_of(source: str | Path, state: Path, **settings: object) -> Settings:
    return Settings(content=state / "none", state=state, follow=str(source), **settings)


def client_of(settings: Settings) -> Client:
    app = create_app(settings)
    app.test_client_class = Client
    return app.test_client()


def follow(settings: Settings) -> str | None:
    return Follower(settings).follow()


def version(settings: Settings) -> str | None:
    now = current(settings.state)
    return now.manifest.version if now else None


@pytest.fixture(scope="module")
def app(made: Settings) -> Flask:
    return create_app(made)


@pytest.fixture(scope="module")
def web(app: Flask) -> Iterator[str]:
    with serving(app) as address:
        yield address


@pytest.mark.parametrize("way", ["web", "folder"])
def test_a_copy_gives_the_same_bytes_and_tags(made, web, tmp_path, way):
    copy = copy_of(web if way == "web" else made.state, tmp_path / "copy")
    assert follow(copy) is None
    assert version(copy) == version(made)
    here, there = (client_of(each) for each in (copy, made))
    for path in SAME:
        mine, theirs = here.get(path), there.get(path)
        assert (path, mine.status_code) == (path, 200 if path != "/version/first" else 302)
        assert (path, mine.data) == (path, theirs.data)
        assert (path, mine.headers.get("ETag")) == (path, theirs.headers.get("ETag"))
    assert list(log_lines(copy.state)) == list(log_lines(made.state))
    health = here.get("/health").json
    assert (health["status"], health["following"]["error"]) == ("ok", None)
    assert health["following"]["age"] >= 0
    assert {each.manifest.version for each in kept(copy.state)} == {each.manifest.version for each in kept(made.state)}


def test_what_is_of_the_source_alone_is_not_given(web, made, tmp_path):
    copy = copy_of(web, tmp_path / "copy")
    assert follow(copy) is None
    text = (current(copy.state).path / "manifest.json").read_text()
    assert str(made.content) not in text
    assert "data/more.ttl" not in text
    there = client_of(made)
    name = version(made)
    for path in (
        "../../changes.sqlite",
        "%2e%2e/%2e%2e/changes.sqlite",
        "store/LOCK",
        "store",
        "/etc/passwd",
        "manifest.jso",
    ):
        assert there.get(f"/version/{name}/files/{path}").status_code in (404, 308), path
    assert there.get("/version/000000000000/files/report.ttl").status_code == 404


def test_nothing_new_is_asked_for_with_one_request(app, tmp_path):
    asked = []

    def counted(environ, start):
        asked.append(environ["PATH_INFO"])
        return app(environ, start)

    with serving(counted) as address:
        follower = Follower(copy_of(address, tmp_path / "copy"))
        assert follower.follow() is None
        asked.clear()
        assert [follower.follow() for _ in range(3)] == [None] * 3
        assert asked == ["/version/"] * 3


def test_new_generations_come_and_the_oldest_go(source, tmp_path):
    copy = copy_of(source.state, tmp_path / "copy", keep=1)
    follower = Follower(copy)
    for number in range(2, 4):
        more(source.content, number)
        built(source)
        assert follower.follow() is None
        assert version(copy) == version(source)
    # One, and the release.
    assert len(kept(copy.state)) == 2
    assert list(log_lines(copy.state)) == list(log_lines(source.state))


def test_a_copy_goes_on_without_its_source_and_says_so(app, tmp_path):
    copy = copy_of("", tmp_path / "copy")
    with serving(app) as address:
        copy = replace(copy, follow=address)
        follower = Follower(copy)
        assert follower.follow() is None
    assert "does not answer" in follower.follow()
    here = client_of(copy)
    health = here.get("/health")
    assert (health.status_code, health.json["status"]) == (200, "degraded")
    assert "does not answer" in health.json["missing"]["source"]
    assert health.json["following"]["caughtUp"]
    assert here.get("/").status_code == 200


def test_a_copy_that_has_nothing_says_so_in_words(tmp_path):
    copy = copy_of(tmp_path / "none", tmp_path / "copy")
    assert "no generation" in follow(copy)
    here = client_of(copy)
    assert here.get("/health").status_code == 503
    assert "no generation" in here.get("/health").json["following"]["error"]
    answer = here.get("/en/", headers={"Accept": "text/html"})
    assert answer.status_code == 503
    assert "this copy is taking its first version" in answer.text


def test_a_copy_tries_less_and_less_often_but_soon_while_it_has_nothing(app, tmp_path):
    copy = copy_of("", tmp_path / "copy", follow_interval=2.0)
    assert [pause(copy, failed) for failed in (0, 1, 2, 3, 30)] == [2, 4, 8, 10, 10]
    with serving(app) as address:
        assert follow(replace(copy, follow=address)) is None
    assert [pause(copy, failed) for failed in (0, 1, 3, 30)] == [2, 4, 16, 300]
    assert pause(replace(copy, follow_interval=900.0), 5) == 900


def test_a_copy_says_where_editing_is_done(made, tmp_path):
    copy = copy_of(made.state, tmp_path / "copy", edit=1)
    assert follow(copy) is None
    for chosen, told in (
        (copy, "nothing is edited here"),
        (replace(copy, public_address="https://example.org/"), "https://example.org/"),
    ):
        answer = client_of(chosen).get("/en/edit/", headers={"Accept": "text/html"})
        assert answer.status_code == 403
        assert told in answer.text


class Lying:
    """A source before which somebody stands who changes answers, or breaks them off."""

    def __init__(self, app: Callable) -> None:
        self._app = app
        self.changes: dict[str, Callable[[bytes], bytes]] = {}
        self.short: dict[str, int] = {}
        self.ranges: list[str] = []

    def __call__(self, environ, start):
        path = environ["PATH_INFO"]
        told = {}

        def noted(status, headers, _error=None):
            told.update(status=status, headers=dict(headers))

        self.ranges.append(environ.get("HTTP_RANGE", ""))
        parts = self._app(environ, noted)
        body = b"".join(parts)
        if hasattr(parts, "close"):
            parts.close()
        for end, change in self.changes.items():
            if path.endswith(end):
                body = change(body)
                told["headers"]["Content-Length"] = str(len(body))
        for end, length in self.short.items():
            if path.endswith(end):
                body = body[:length]  # less than it says: the connection ends
        start(told["status"], list(told["headers"].items()))
        return [body]


@pytest.fixture
def lying(app: Flask) -> Iterator[tuple[Lying, str]]:
    liar = Lying(app)
    with serving(liar) as address:
        yield liar, address


def signed(**changes: object) -> Callable[[bytes], bytes]:
    """Change a manifest, and its checksum too."""

    def change(body: bytes) -> bytes:
        folder_values = json.loads(body)
        folder_values.pop("checksum")
        for name, value in changes.items():
            folder_values[name] = value(folder_values[name]) if callable(value) else value
        folder_values["languages"], folder_values["views"] = map(
            tuple, (folder_values["languages"], folder_values["views"])
        )
        return Manifest(**folder_values).text().encode()

    return change


def with_file(name: str, size: object = 5) -> Callable[[bytes], bytes]:
    return signed(files=lambda files: {**files, name: [size, "0" * 64]})


MANIFESTS = {
    "another digest": signed(digest=lambda digest: digest[:12] + "0" * 52),
    "no digest": signed(digest=lambda digest: digest[:12]),
    "the digest of another version": signed(digest="0" * 64),
    "no checksum of its own": lambda body: body.replace(b'"triples": ', b'"triples": 1'),
    "not JSON": lambda body: body[:100],
    "deep": lambda _body: b"[" * 100_000,
    "no files": signed(files={}),
    "from the future": signed(built="2999-01-01T00:00:00.000+00:00"),
    "no time": signed(built="yesterday"),
    "a number where a text is": signed(digest=1),
    "too large": with_file("dumps/a", 10**15),
    "less than nothing": with_file("dumps/a", -(10**6)),
    "no size": with_file("dumps/a", "5"),
    "other counts": signed(graphs=lambda graphs: dict.fromkeys(graphs, 1)),
    **{
        f"a file {name!r}": with_file(name)
        for name in (
            *("../escaped", "/var/escaped", "store/../../escaped", "dumps//a", "dumps/./a", "manifest.json"),
            *("other/a", "dumps/a\n", "dumps/\x00", "..", "", "search.sqlite/", "dumps/.."),
        )
    },
}


@pytest.mark.parametrize("what", MANIFESTS)
def test_a_manifest_that_lies_is_not_taken(lying, tmp_path, what):
    liar, address = lying
    liar.changes["manifest.json"] = MANIFESTS[what]
    copy = copy_of(address, tmp_path / "copy")
    told = follow(copy)
    assert told is not None
    assert len(told) < 500
    assert version(copy) is None
    assert [path.name for path in tmp_path.iterdir()] == ["copy"]
    assert not (copy.state / "generations").exists()


LIES = {"more": lambda body: body + b"more", "other": lambda body: b"x" * len(body), "nothing": lambda _body: b""}


@pytest.mark.parametrize("lie", LIES)
def test_a_file_that_lies_is_not_taken(lying, tmp_path, lie):
    liar, address = lying
    copy = copy_of(address, tmp_path / "copy")
    follower = Follower(copy)
    for end in ("/version/", "SHA256SUMS", ".rq", "CURRENT", "changes.jsonl"):
        liar.changes = {end: LIES[lie]}
        assert follower.follow() is not None, end
        assert version(copy) is None
    liar.changes.clear()
    assert follower.follow() is None
    assert version(copy) is not None


def test_data_that_unpacks_to_too_much_is_not_taken(source, tmp_path):
    now = current(source.state)
    with gzip.open(now.path / "dumps" / "all.nq.gz", "wb") as file:
        file.write(bytes(3_000_000))
    path = now.path / "dumps" / "all.nq.gz"
    from app.generation import files_of

    replace(now.manifest, files=files_of(now.path)).write(now.path)
    assert path.stat().st_size < 10_000
    copy = copy_of(source.state, tmp_path / "copy", follow_bytes=6_000_000)
    assert "its digest is not" in follow(copy)
    assert "more bytes" in follow(replace(copy, follow_bytes=2_900_000))
    assert version(copy) is None


def test_what_broke_off_is_gone_on_with(lying, tmp_path):
    liar, address = lying
    copy = copy_of(address, tmp_path / "copy")
    follower = Follower(copy)
    for end in ("/version/", "manifest.json", "all.nq.gz", "search.sqlite", "changes.jsonl"):
        liar.short = {end: 100}
        liar.ranges.clear()
        assert follower.follow() is not None, end
        assert version(copy) is None
        assert ("bytes=100-" in liar.ranges) == (end in ("search.sqlite", "changes.jsonl"))
    liar.short.clear()
    liar.ranges.clear()
    assert follower.follow() is None
    # All files of the first were here.
    assert len(liar.ranges) < 10 + len(current(copy.state).manifest.files)


def test_a_generation_that_is_older_is_not_gone_back_to(source, tmp_path):
    copy = copy_of(source.state, tmp_path / "copy")
    follower = Follower(copy)
    assert follower.follow() is None
    newest = version(copy)
    older = next(each for each in kept(source.state) if each.manifest.version != newest)
    (source.state / "current").unlink()
    (source.state / "current").symlink_to(older.path)
    assert "older" in follower.follow()
    assert version(copy) == newest


def test_a_log_that_lost_what_was_told_is_not_taken(source, tmp_path):
    copy = copy_of(source.state, tmp_path / "copy")
    assert follow(copy) is None
    before = list(log_lines(copy.state))
    (source.state / "changes.sqlite").unlink()
    more(source.content, 9)
    built(source)
    assert "lacks" in follow(copy)
    assert list(log_lines(copy.state)) == before
    assert version(copy) != version(source)


def test_what_is_damaged_here_is_taken_again(source, tmp_path):
    copy = copy_of(source.state, tmp_path / "copy")
    assert follow(copy) is None
    before = current(copy.state).path
    (before / "search.sqlite").write_bytes(b"spoilt")
    assert follow(copy) is None
    assert current(copy.state).path != before
    assert version(copy) == version(source)


class Odd(BaseHTTPRequestHandler):
    """What answers otherwise than a server of ours."""

    asked: list[str]

    def do_GET(self) -> None:
        kind, _, path = self.path[1:].partition("/")
        self.asked.append(path)
        if kind == "endless":
            self.send_response(200)
            self.end_headers()
            try:
                while True:
                    self.wfile.write(b"[" * 65_536)
            except OSError:
                return
        elif kind == "silent":
            self.rfile.read(1)
        else:
            places = {"file": OF_THIS_MACHINE, "elsewhere": f"http://{self.headers['Host']}/taken/"}
            self.send_response(302)
            self.send_header("Location", places[kind])
            self.send_header("Content-Length", "0")
            self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


@pytest.mark.parametrize(
    ("kind", "told"),
    [("file", "redirects"), ("elsewhere", "redirects"), ("endless", "more bytes"), ("silent", "FOLLOW_DEADLINE")],
)
def test_a_server_that_is_none_of_ours(tmp_path, kind, told):
    Odd.asked = []
    with ExitStack() as stack:
        server = stack.enter_context(ThreadingHTTPServer(("127.0.0.1", 0), Odd))
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        stack.callback(thread.join)
        stack.callback(server.shutdown)
        copy = copy_of(f"http://127.0.0.1:{server.server_port}/{kind}", tmp_path / "copy", follow_deadline=1.0)
        copy = copy if kind == "silent" else replace(copy, follow_deadline=60.0)
        assert told in follow(copy)
    assert Odd.asked == ["version/"]


@pytest.mark.parametrize(
    "text", [OF_THIS_MACHINE, "ftp://example.org/", "https://a:b@example.org/", "http://example.org/?a", "http://"]
)
def test_what_is_no_source_is_refused(text):
    with pytest.raises(SettingError):
        Settings.from_environment({"INNHERRED_FOLLOW": text})
