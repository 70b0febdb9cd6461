"""Compressed files, archives, one file, standard input: read as any file is, and what is wrong is told by name."""

import gzip
import io
import stat
import zipfile
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from app.cli import main
from app.content.folders import Content
from app.content.packed import receive
from app.content.reading import InputFile, read
from app.errors import ContentError
from app.terms import Iri

TURTLE = b"PREFIX e: <http://e.example/> e:s a e:T ."
XML = b"""<?xml version="1.0"?><r:RDF xmlns:r="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:e="http://e.example/">
<e:T r:about="http://e.example/s"/></r:RDF>"""
BROKEN = b"PREFIX e: <http://e.example/>\n\ne:s a e:T ;; zz:a 1 ."
BOMB = b" " * (80 << 20)


def zipped(path: Path, files: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return path


def written(path: Path, data: bytes) -> Path:
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(data)
    return path


def said(content: Content) -> set[str]:
    return {f"{subject} {graph}" for file in content.rdf() for (subject, _, _), graph in read(file, content.base)}


def refusal(path: Path) -> ContentError:
    with pytest.raises(ContentError) as caught:
        said(Content.open(path))
    return caught.value


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("a.ttl", TURTLE),
        ("a.TTL", TURTLE),
        ("a.owl", XML),
        ("a.xml", XML),
        ("a.RDF", XML),
        ("a.ttl.gz", gzip.compress(TURTLE, mtime=0)),
        ("a.Owl.GZ", gzip.compress(XML, mtime=0)),
    ],
)
def test_a_file_is_read_by_its_name_in_a_folder_and_alone(tmp_path: Path, name: str, data: bytes) -> None:
    one = written(tmp_path / "data" / name, data)
    assert said(Content.open(tmp_path)) == {"http://e.example/s http://localhost:8000/graph/data"}
    assert said(Content.open(one)) == {"http://e.example/s http://e.example/graph/data"}


SCHEME = """PREFIX skos: <http://www.w3.org/2004/02/skos/core#> PREFIX p: <https://e.example/plants/>
<https://e.example/plants/all> a skos:ConceptScheme ; skos:prefLabel "Plants"@en , "Planter"@nb .
p:1 a skos:Concept ; skos:prefLabel "Rose"@nb . p:2 a skos:Concept ; skos:prefLabel "Gran"@nb .
<https://other.example/x> skos:prefLabel "X"@en ."""


@pytest.mark.parametrize(
    ("turtle", "base", "title", "languages"),
    [
        (SCHEME, "https://e.example/plants/", {"en": "Plants", "nb": "Planter"}, ("nb", "en")),
        (SCHEME + " p:b a skos:ConceptScheme .", "https://e.example/plants/", {"": "mine"}, ("nb", "en")),
        ("<https://e.example/o#A> a <https://e.example/o#B> .", "https://e.example/", {"": "mine"}, ("en",)),
        (
            '<https://e.example/o> a <http://www.w3.org/2002/07/owl#Ontology> ; <http://purl.org/dc/terms/title> "O" .',
            "https://e.example/",
            {"": "O"},
            ("en",),
        ),
        (
            '<http://e.example/a/x> <http://rdfs.org/ns/void#uriSpace> "https://f.example/" .',
            "https://f.example/",
            {"": "mine"},
            ("en",),
        ),
        (
            '<http://e.example/x> <http://rdfs.org/ns/void#uriSpace> "urn:x:" .',
            "http://e.example/",
            {"": "mine"},
            ("en",),
        ),
        ("<http://e.example/a/id/k/x> a <http://e.example/a/id/m/y> .", "http://e.example/a/", {"": "mine"}, ("en",)),
        ("<http://e.example/id/k/x> a <urn:x:b> .", "http://e.example/", {"": "mine"}, ("en",)),
        ("<http://e.example/grid/x> a <http://e.example/grid/y> .", "http://e.example/grid/", {"": "mine"}, ("en",)),
        (
            "<urn:x:a> a <urn:x:b> . [] a <urn:x:b> . <rel> a <urn:x:b> .",
            "http://localhost:8000/",
            {"": "mine"},
            ("en",),
        ),
        ("nonsense", "http://localhost:8000/", {"": "mine"}, ("en",)),
    ],
)
def test_of_one_file_it_is_guessed_what_nobody_says(tmp_path, turtle, base, title, languages) -> None:
    one = written(tmp_path / "mine.v2.ttl", turtle.encode())
    content = Content.open(one)
    assert (content.base, dict(content.dataset.title), content.dataset.languages) == (base, title, languages)
    assert content.dataset.iri == f"{base}catalog#dataset"
    assert not content.imposed
    # Who says it is believed.
    assert Content.open(one, "https://g.example/").base == "https://g.example/"


def test_what_was_guessed_is_told_first_and_how_to_say_it_works(tmp_path: Path) -> None:
    one = written(tmp_path / "mine.ttl", SCHEME.encode())
    told = CliRunner().invoke(main, ["check", str(one), "--state", str(tmp_path)], env={"LC_ALL": "C"})
    assert told.exit_code == 0
    first, *_ = told.stdout.splitlines()
    assert first.startswith(
        "mine.ttl: info: is one file, of which was guessed: IRIs begin with https://e.example/plants/"
    )
    # The other problems are told too, this one once; and none of them speaks of what a file does not have.
    assert told.stdout.count("mine.ttl: info: is one file") == 1
    for word in ("ontology/", "shapes/", "queries/", "innherred format", "localhost"):
        assert word not in told.stdout, word
    block = told.stdout.partition("beside it:\n")[2].partition(" .\n")[0] + " ."
    folder = tmp_path / "folder"
    (folder / "data").mkdir(parents=True)
    written(folder / "data" / "mine.ttl", SCHEME.encode())
    written(folder / "data" / "dataset.ttl", block.encode())
    alone, whole = Content.open(one), Content.open(folder)
    assert (alone.base, alone.dataset.title, alone.dataset.languages, alone.dataset.iri) == (
        (whole.base, whole.dataset.title, whole.dataset.languages, whole.dataset.iri)
    )


def test_a_build_tells_what_was_guessed_too(tmp_path: Path) -> None:
    one = written(tmp_path / "mine.ttl", SCHEME.encode())
    told = CliRunner().invoke(main, ["build", "--quiet", str(one), "--state", str(tmp_path)], env={"LC_ALL": "nb_NO"})
    assert told.exit_code == 0
    assert "mine.ttl: info: er én fil, og dette er gjettet" in told.stderr
    both = CliRunner().invoke(main, ["check", str(one), "--content", str(one)])
    assert (both.exit_code, "Give one content" in both.stderr) == (2, True)


def test_a_mistake_in_one_file_is_told_with_its_name_alone(tmp_path: Path) -> None:
    one = written(tmp_path / "mine.ttl", BROKEN)
    told = CliRunner().invoke(main, ["check", str(one), "--state", str(tmp_path)], env={"LC_ALL": "C"})
    assert told.exit_code == 1
    errors = [line for line in told.stdout.splitlines() if ": error: " in line]
    assert [line.split(": ")[0] for line in errors] == ["mine.ttl:3:14"]
    assert "queries/" not in told.stdout
    nothing = CliRunner(env={"INNHERRED_BASE": "https://g.example/"}).invoke(
        main, ["check", str(written(tmp_path / "a.ttl", TURTLE)), "--state", str(tmp_path)]
    )
    assert "a.ttl: error: INNHERRED_BASE is https://g.example/" in nothing.stdout


def test_what_a_folder_lacks_is_told_before_anything_is_read(tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    (folder / "data").mkdir(parents=True)
    written(folder / "data" / "a.ttl", BROKEN)
    told = CliRunner().invoke(main, ["check", str(folder), "--state", str(tmp_path)], env={"LC_ALL": "C"})
    assert told.exit_code == 1
    assert told.output.startswith("data/dataset.ttl: warning: does not say what the IRIs of the content begin with")
    assert told.output.count("data/dataset.ttl: warning") == 1
    only = CliRunner().invoke(main, ["check", str(folder), "--state", str(tmp_path), "--errors-only"])
    assert "dataset.ttl" not in only.output


def test_an_archive_is_read_file_by_file(tmp_path: Path) -> None:
    files = {
        "b/c.ttl": TURTLE,
        "d.owl": XML,
        "__MACOSX/._c.ttl": b"\0",
        "in.zip": b"PK",
        "x.ttl.gz": b"\x1f",
        "e.pdf": b"",
    }
    one = zipped(tmp_path / "a.zip", files)
    content = Content.open(one)
    assert [file.name for file in content.rdf()] == ["a.zip: b/c.ttl", "a.zip: d.owl"]
    assert not any(file.editable for file in content.files)
    assert said(content) == {"http://e.example/s http://e.example/graph/data"}
    assert content.unread == ("a.zip: e.pdf", "a.zip: in.zip", "a.zip: x.ttl.gz")
    (tmp_path / "data" / "parks").mkdir(parents=True)
    one.rename(tmp_path / "data" / "parks" / "a.zip")
    content = Content.open(tmp_path)
    assert [file.name for file in content.rdf()] == ["data/parks/a.zip: b/c.ttl", "data/parks/a.zip: d.owl"]
    assert said(content) == {"http://e.example/s http://localhost:8000/graph/parks"}


def test_a_mistake_in_a_packed_file_is_told_with_file_and_line(tmp_path: Path) -> None:
    told = refusal(zipped(tmp_path / "a.zip", {"b/c.ttl": BROKEN}))
    assert (told.path, told.line) == ("a.zip: b/c.ttl", 3)
    told = refusal(written(tmp_path / "a.ttl.gz", gzip.compress(BROKEN)))
    assert (told.path, told.line) == ("a.ttl.gz", 3)


def test_bombs_and_tricks_are_refused_by_name(tmp_path: Path) -> None:
    bomb = gzip.compress(BOMB)
    assert "a.ttl.gz: unpacks to more than 67108864 bytes" in str(refusal(written(tmp_path / "a.ttl.gz", bomb)))
    assert "b.zip: unpacks to more than" in str(refusal(zipped(tmp_path / "b.zip", {"b.ttl": BOMB})))
    many = zipped(tmp_path / "many.zip", {f"{n}.ttl": b"" for n in range(1001)})
    assert "many.zip: holds more than 1000 files" in str(refusal(many))
    for name in ("../up.ttl", "a/../../up.ttl", "/etc/root.ttl", "..\\up.ttl", "line\nbreak.ttl"):
        told = refusal(zipped(tmp_path / "trick.zip", {name: TURTLE}))
        assert "leads out of the archive" in told.message, name
        assert told.path.startswith("trick.zip: "), name


def test_a_link_in_an_archive_is_not_followed(tmp_path: Path) -> None:
    link = zipfile.ZipInfo("link.ttl")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr(link, "/etc/passwd")
        archive.writestr("a.ttl", TURTLE)
    assert [file.name for file in Content.open(tmp_path / "a.zip").rdf()] == ["a.zip: a.ttl"]


def test_the_sizes_that_an_archive_tells_bound_what_is_read(tmp_path: Path) -> None:
    path = zipped(tmp_path / "a.zip", {"a.ttl": BOMB})
    # It tells of 9 bytes in both of its headers.
    size = len(BOMB).to_bytes(4, "little")
    path.write_bytes(path.read_bytes().replace(size, (9).to_bytes(4, "little")))
    assert refusal(path).path == "a.zip: a.ttl"


@pytest.mark.parametrize("cut", [-12, 15, 3])
def test_damage_is_told_by_name(tmp_path: Path, cut: int) -> None:
    assert "a.ttl.gz: cannot be unpacked" in str(
        refusal(written(tmp_path / "a.ttl.gz", gzip.compress(TURTLE, mtime=0)[:cut]))
    )
    whole = zipped(tmp_path / "a.zip", {"a.ttl": TURTLE}).read_bytes()
    assert "a.zip: cannot be unpacked" in str(refusal(written(tmp_path / "a.zip", whole[:cut])))


def test_another_byte_in_an_archive_is_noticed(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("a.ttl", TURTLE)
    data = (tmp_path / "a.zip").read_bytes().replace(b"e:T .", b"e:U .")
    assert "a.zip: a.ttl: cannot be unpacked: Bad CRC-32" in str(refusal(written(tmp_path / "a.zip", data)))


@pytest.mark.parametrize(
    ("data", "suffix"),
    [
        (TURTLE, ".trig"),
        (b"# so\n@prefix e: <http://e.example/> . e:s a e:T .", ".trig"),
        (b"<http://e.example/s> a <http://e.example/T> .", ".trig"),
        (b"<http://e.example/s> <http://e.example/p> <http://e.example/o> .\n", ".trig"),
        (b'_:b <http://e.example/p> "a b"@nb .\n', ".trig"),
        (b"[] a <http://e.example/T> .", ".trig"),
        (b"<http://e.example/g> { <http://e.example/s> a <http://e.example/T> }", ".trig"),
        (b"{ <http://e.example/s> a <http://e.example/T> }", ".trig"),
        (b"<http://e.example/s> <http://e.example/p> <http://e.example/o> <http://e.example/g> .\n", ".nq"),
        (b'<http://e.example/s> <http://e.example/p> "a <b> c" <http://e.example/g> .\n', ".nq"),
        (b'{"@id": "http://e.example/s", "@type": "http://e.example/T"}', ".jsonld"),
        (b'[ {"@id": "http://e.example/s", "@type": "http://e.example/T"} ]', ".jsonld"),
        (XML, ".rdf"),
        (XML.partition(b"?>")[2], ".rdf"),
        (b"\xef\xbb\xbf" + XML, ".rdf"),
        (gzip.compress(TURTLE, mtime=0), ".trig.gz"),
    ],
)
def test_what_comes_by_standard_input_is_told_by_its_beginning(tmp_path: Path, data: bytes, suffix: str) -> None:
    path = receive(io.BytesIO(data), tmp_path / "input", None)
    assert path.name == f"standard-input{suffix}"
    assert list(read(InputFile(path, path.name, Iri("http://e.example/g"), "data"), "http://e.example/"))


def run(command: str, where: Path, data: bytes, *arguments: str) -> Result:
    given = ["--content", "-", "--state", str(where), *arguments]
    return CliRunner().invoke(main, [command, *given], input=data, env={"LC_ALL": "C"})


def test_standard_input_is_checked_and_built(tmp_path: Path) -> None:
    checked = run("check", tmp_path, BROKEN)
    assert checked.exit_code == 1
    assert "standard-input.trig:3:" in checked.output
    for data, told in ((b"hello", "its format cannot be told"), (b"", "it is empty")):
        checked = run("check", tmp_path, data)
        assert (checked.exit_code, told in checked.output) == (1, True), checked.output
    assert run("check", tmp_path, TURTLE, "--format", "odt").exit_code == 2
    built = run("build", tmp_path, XML, "--quiet")
    assert built.exit_code == 0, built.output
    assert [each.name for each in (tmp_path / "input").iterdir()] == ["standard-input.rdf"]


def test_a_format_is_for_standard_input_alone(tmp_path: Path) -> None:
    one = written(tmp_path / "a.ttl", TURTLE)
    told = CliRunner().invoke(main, ["check", "--content", str(one), "--format", "nt"])
    assert (told.exit_code, "standard input" in told.output) == (2, True)
