"""Releases: what has a name is kept, whatever is built after it; what is gone says how it is built again."""

import json
import subprocess
import zipfile

import pytest
from rocrate.rocrate import ROCrate

from app.build.releasing import CRATE, ReleaseRefused, recipe, release, remove_release, size_on_disk
from app.generation import NamedRelease, current, kept, named_releases
from app.web import create_app
from tests.changes.conftest import BASE, Place
from tests.web.conftest import Client

ADDRESSES = [
    *("/doc/town/bekk", "/en/doc/town/bekk", "/doc/town/bekk.ttl", "/doc/town/bekk.json", "/", "/en/town/"),
    *("/doc/town/bekk.bib", "/doc/town/bekk.csl", "/dump/all.nq.gz", "/queries/said", "/queries/said.csv"),
    "/sparql?query=SELECT * {?s ?p ?o}&format=csv",
    "/sparql?query=SELECT * {?s ?p ?o} LIMIT 20&format=tsv",
    "/sparql?query=CONSTRUCT {?s ?p ?o} WHERE {?s ?p ?o}&format=nt",
    *("/search?q=bekk", "/catalog.ttl", "/gaps", "/.well-known/void", "/quality"),
]


def client_of(place):
    app = create_app(place.settings)
    app.testing = False
    app.test_client_class = Client
    return app.test_client()


def answers(client, version):
    """Give status, type and body of every address, asked of a version."""
    found = {}
    for address in ADDRESSES:
        answer = client.get(f"{address}{'&' if '?' in address else '?'}version={version}", headers={"Accept": "*/*"})
        found[address] = answer.status_code, answer.headers["Content-Type"], answer.headers.get("ETag"), answer.data
        assert answer.status_code == 200, (address, answer.text)
    for address in (f"/version/{version}.ttl", f"/version/{version}.bib", f"/version/{version}/crate.zip"):
        answer = client.get(address)
        found[address] = answer.status_code, answer.data
        assert answer.status_code == 200, address
    found["page"] = client.get(f"/en/version/{version}", headers={"Accept": "text/html"}).data
    return found


def number_towns(place, number):
    place.edit("data/strategy/towns.ttl", f'"Bekk{"k" * number}"', f'"Bekk{"k" * (number + 1)}"')
    return place.build().manifest.version


@pytest.fixture(scope="module")
def later(tmp_path_factory):
    """Give a content whose first version is released and asked, then followed by twenty builds: two are kept."""
    place = Place(tmp_path_factory.mktemp("later"))
    first = place.build().manifest.version
    release(place.state, "2026.1", first)
    place.first, place.before = first, answers(client_of(place), first)
    place.versions = [number_towns(place, number) for number in range(20)]
    return place


def test_release_answers_byte_for_byte_after_twenty_builds(later):
    assert answers(client_of(later), later.first) == later.before
    by_name = client_of(later).get("/doc/town/bekk.ttl?version=2026.1")
    assert by_name.data == later.before["/doc/town/bekk.ttl"][-1]


def test_others_are_evicted_as_before(later):
    assert [each.manifest.version for each in kept(later.state)] == [*later.versions[:-3:-1], later.first]
    assert current(later.state).manifest.version == later.versions[-1]


def test_name_leads_to_the_version(later):
    client = client_of(later)
    for path in ("/version/2026.1", "/en/version/2026.1"):
        sent = client.get(path, headers={"Accept": "text/html"})
        assert (sent.status_code, sent.headers["Location"]) == (302, path.replace("2026.1", later.first))
    listed = client.get("/version/", headers={"Accept": "application/json"}).json["versions"]
    assert {each["version"]: each["releases"] for each in listed if each["kept"]} == {
        **{version: [] for version in later.versions[-2:]},
        later.first: ["2026.1"],
    }
    assert "2026.1" in client.get("/en/version/", headers={"Accept": "text/html"}).text
    for name in ("2026.2", "..", "2026.1%2F..", "2026.1/x"):
        assert client.get(f"/version/{name}").status_code == 404


def test_catalog_lists_the_release(later):
    assert f"version/{later.first}" in client_of(later).get("/catalog.nt").text


def test_version_that_is_gone_says_how_to_build_it_again(later):
    gone = client_of(later).get(f"/doc/town/bekk?version={later.versions[3]}", headers={"Accept": "application/json"})
    assert gone.status_code == 410
    assert gone.json["build"] == f"innherred build --as-of {gone.json['asOf']}"
    assert gone.json["build"] in gone.json["detail"]


def test_crate_is_one(later, tmp_path):
    path = tmp_path / "crate.zip"
    path.write_bytes(client_of(later).get(f"/version/{later.first}/crate.zip").data)
    crate = ROCrate(path)
    assert crate.name.endswith("2026.1")
    assert crate.root_dataset["version"] == later.first
    assert crate.root_dataset["datePublished"]
    inside = set(zipfile.ZipFile(path).namelist())
    assert {each.id for each in crate.get_entities() if each.type == "File"} == inside - {"ro-crate-metadata.json"}
    assert {"dumps/all.nq.gz", "dumps/SHA256SUMS", "CITATION.cff", "README.md"} <= inside
    assert any(name.startswith("queries/") and name.endswith("said.rq") for name in inside)
    with zipfile.ZipFile(path) as opened:
        opened.extractall(tmp_path / "out")
    readme = (tmp_path / "out" / "README.md").read_text()
    line = next(text.strip() for text in readme.splitlines() if "sha256sum" in text)
    told = subprocess.run(["bash", "-c", line], cwd=tmp_path / "out", capture_output=True, text=True, check=True).stdout
    assert told.split()[0] in readme
    alone = client_of(later).get(f"/version/{later.first}/ro-crate-metadata.json")
    assert alone.json == json.loads(zipfile.ZipFile(path).read("ro-crate-metadata.json"))
    assert client_of(later).get(f"/version/{later.versions[-1]}/crate.zip").status_code == 404


def test_base_of_the_crate_is_the_contents(later):
    text = client_of(later).get(f"/version/{later.first}/ro-crate-metadata.json").text
    assert f"{BASE}version/{later.first}" in text
    assert str(later.root) not in text


def test_equal_generation_gives_equal_crate(later):
    before = named_releases(later.state)[0].path(later.state, CRATE).read_bytes()
    release(later.state, "2026.1", later.first)
    assert named_releases(later.state)[0].path(later.state, CRATE).read_bytes() == before


@pytest.fixture
def place(tmp_path):
    return Place(tmp_path)


@pytest.fixture
def built(place):
    """Give a small content that was built."""
    place.first = place.build().manifest.version
    return place


def test_name_that_is_none_is_refused(later):
    for name in ("", "a/b", "../x", "a b", "é", "0123456789ab", "0123456789AB", ".x", "x" * 65, "-x"):
        with pytest.raises(ReleaseRefused, match="no name"):
            release(later.state, name)
    assert [each.name for each in named_releases(later.state)] == ["2026.1"]


def test_name_is_given_once_and_grows_old_when_it_is_taken_away(later):
    newest = later.versions[-1]
    with pytest.raises(ReleaseRefused, match="already"):
        release(later.state, "2026.1")
    with pytest.raises(ReleaseRefused, match="not one of the versions"):
        release(later.state, "two", "ffffffffffff")
    with pytest.raises(ReleaseRefused, match=r"Releases: 2026\.1"):
        remove_release(later.state, "two")
    made = release(later.state, "two", newest[:8])
    assert made.version == newest
    assert size_on_disk(later.state, made) > 10_000
    remove_release(later.state, "two")
    assert {path.stem for path in (later.state / "releases").iterdir()} == {"2026.1"}
    for number in (20, 21):
        number_towns(later, number)
    assert newest not in [each.manifest.version for each in kept(later.state)]


def test_nothing_is_removed_while_a_release_cannot_be_read_and_nothing_damaged_released(built):
    NamedRelease("one", built.first, built.first, "2026-01-01T00:00:00+00:00").path(built.state).parent.mkdir()
    (built.state / "releases" / "one.json").write_text("{")
    for number in range(2):
        number_towns(built, number)
    assert built.first in [each.manifest.version for each in kept(built.state)]
    with pytest.raises(ReleaseRefused, match="cannot be read"):
        release(built.state, "two")
    assert client_of(built).get(f"/doc/town/bekk?version={built.first}").status_code == 200

    (built.state / "releases" / "one.json").unlink()
    path = current(built.state).path / "dumps" / "all.nq.gz"
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(ReleaseRefused, match="damaged"):
        release(built.state, "one")


def test_same_version_built_again_leaves_the_release_as_it_was(built):
    release(built.state, "one")
    before = client_of(built).get(f"/en/doc/town/bekk?version={built.first}").data
    for _ in range(2):
        built.build()
    assert [each.path.name for each in kept(built.state)].count(built.first) == 1
    assert client_of(built).get(f"/en/doc/town/bekk?version={built.first}").data == before


def git(folder, *arguments):
    command = ["git", "-c", "user.name=x", "-c", "user.email=x@example.org", "-C", str(folder), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


def test_recipe_names_the_commit_that_has_the_content(place):
    git(place.root, "init", "-q")
    git(place.root, "add", ".")
    git(place.root, "commit", "-q", "-m", "first")
    first = place.build().manifest
    found = recipe(place.state, first.version)
    assert found.commit == git(place.root, "rev-parse", "HEAD")
    assert found.command == f"git checkout {found.commit} && innherred build --as-of {first.as_of}"
    place.change()
    assert recipe(place.state, place.build().manifest.version).commit is None
    assert recipe(place.state, "../../x") is None
