"""A small made-up content in a git checkout, and proposals for it."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from app.build.builder import build
from app.build.draft import checked
from app.config import Settings
from app.content.folders import Content
from app.content.turtle import format_content
from app.editing.base import Base
from app.editing.drawer import Drawer, now
from app.editing.judging import judgement
from app.editing.proposals import Event, Proposal, Statement
from app.generation import current
from app.progress import Progress
from app.terms import Iri, Literal

BASE = "https://example.org/eksempelvik/"
RDFS_LABEL = Iri("http://www.w3.org/2000/01/rdf-schema#label")
QUIET = Progress(quiet=True)

TEXTS = {
    "data/dataset.ttl": """\
PREFIX dc: <http://purl.org/dc/elements/1.1/>
PREFIX dcterms: <http://purl.org/dc/terms/>
PREFIX void: <http://rdfs.org/ns/void#>
PREFIX xsd: <http://www.w3.org/2001/XMLSchema#>

<https://example.org/eksempelvik/catalog#dataset>
    a void:Dataset ;
    dc:language "nb, en" ;
    dcterms:modified "2099-01-01"^^xsd:date ;
    dcterms:title
        "Eksempelvik (oppdiktet)"@nb ,
        "Eksempelvik (made up)"@en ;
    void:uriSpace "https://example.org/eksempelvik/" ;
.
""",
    "data/plan/bridges.ttl": """\
PREFIX ev: <https://example.org/eksempelvik/ontology#>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>

<https://example.org/eksempelvik/id/bridge/nordbrua>
    a ev:Bridge ;
    rdfs:label
        "Nordbrua"@nb ,
        "North Bridge"@en ;
    rdfs:seeAlso <https://example.org/eksempelvik/id/bridge/sorbrua> ;
.

<https://example.org/eksempelvik/id/bridge/sorbrua>
    a ev:Bridge ;
    rdfs:label
        "Sørbrua"@nb ,
        "South Bridge"@en ;
    ev:length 12.50 ;
.
""",
    "data/register/list.ttl": """\
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>

<https://example.org/eksempelvik/id/bridge/nordbrua> rdfs:label "Nordbroen"@nn .
""",
    "ontology/terms.ttl": """\
PREFIX ev: <https://example.org/eksempelvik/ontology#>
PREFIX owl: <http://www.w3.org/2002/07/owl#>
PREFIX rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
PREFIX vann: <http://purl.org/vocab/vann/>

<https://example.org/eksempelvik/ontology>
    a owl:Ontology ;
    rdfs:label
        "Bruer"@nb ,
        "Bridges"@en ;
    vann:preferredNamespacePrefix "ev" ;
    vann:preferredNamespaceUri "https://example.org/eksempelvik/ontology#" ;
.

ev:Bridge
    a owl:Class ;
    rdfs:label
        "bru"@nb ,
        "bridge"@en ;
.

ev:length
    a owl:DatatypeProperty ;
    rdfs:label
        "lengde"@nb ,
        "length"@en ;
.
""",
    "shapes/bridges.ttl": """\
PREFIX ev: <https://example.org/eksempelvik/ontology#>
PREFIX rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
PREFIX sh: <http://www.w3.org/ns/shacl#>
PREFIX shape: <https://example.org/eksempelvik/shape/>
PREFIX xsd: <http://www.w3.org/2001/XMLSchema#>

shape:Bridge
    a sh:NodeShape ;
    sh:property
        shape:Bridge-label ,
        shape:Bridge-length ,
        shape:Bridge-other ;
    sh:targetClass ev:Bridge ;
.

shape:Bridge-label
    sh:languageIn ( "nb" "en" "nn" ) ;
    sh:message
        "Ett navn på hvert språk."@nb ,
        "One name in each language."@en ;
    sh:minCount 1 ;
    sh:path rdfs:label ;
    sh:uniqueLang true ;
.

shape:Bridge-length
    sh:datatype xsd:decimal ;
    sh:maxCount 1 ;
    sh:message
        "Lengden er ett tall."@nb ,
        "The length is one number."@en ;
    sh:path ev:length ;
.

shape:Bridge-other
    sh:message
        "Se også en bru som har navn."@nb ,
        "See also a bridge that has a name."@en ;
    sh:node shape:Named ;
    sh:path rdfs:seeAlso ;
.

shape:Bridge-without-length
    a sh:NodeShape ;
    sh:message
        "Hvor lang er brua?"@nb ,
        "How long is the bridge?"@en ;
    sh:property shape:Bridge-without-length-length ;
    sh:severity sh:Warning ;
    sh:targetClass ev:Bridge ;
.

shape:Bridge-without-length-length
    sh:message
        "Hvor lang er brua?"@nb ,
        "How long is the bridge?"@en ;
    sh:minCount 1 ;
    sh:path ev:length ;
    sh:severity sh:Warning ;
.

shape:Named
    a sh:NodeShape ;
    sh:property shape:Named-label ;
.

shape:Named-label
    sh:message
        "Den må ha et navn."@nb ,
        "It needs a name."@en ;
    sh:minCount 1 ;
    sh:path rdfs:label ;
.
""",
    "queries/questions/bridges.rq": """\
#+ title: {nb: Hvilke bruer er det?, en: Which bridges are there?}
#+ description: {nb: Alle bruer., en: All bridges.}
#+ columns:
#+   bridge: {nb: Bru, en: Bridge}
PREFIX ev: <https://example.org/eksempelvik/ontology#>

SELECT ?bridge WHERE { ?bridge a ev:Bridge } ORDER BY ?bridge
""",
    "queries/questions/lengths.rq": """\
#+ title: {nb: Hvor lange er bruene?, en: How long are the bridges?}
#+ description: {nb: Lengder., en: Lengths.}
#+ columns:
#+   length: {nb: Lengde, en: Length}
PREFIX ev: <https://example.org/eksempelvik/ontology#>

SELECT ?length WHERE { ?bridge ev:length ?length } ORDER BY ?length
""",
    "queries/approved/bridges.tsv": """\
?bridge
<https://example.org/eksempelvik/id/bridge/nordbrua>
<https://example.org/eksempelvik/id/bridge/sorbrua>
""",
    "queries/approved/lengths.tsv": "?length\n12.5\n",
}


class Town:
    """The content, its state folder, its checkout, and what is proposed for it."""

    def __init__(self, folder: Path, *, git: bool) -> None:
        self.root, self.state = folder / "content", folder / "state"
        self.settings = Settings(content=self.root, state=self.state)
        if git:
            self.git("init", "--quiet", "--initial-branch=main")
            self.commit("first")

    def write(self, name, text):
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8", newline="")

    def text(self, name):
        return (self.root / name).read_text(encoding="utf-8")

    def git(self, *words):
        done = subprocess.run(
            ["git", *words], cwd=self.root, capture_output=True, text=True, check=False, env=git_environment()
        )
        assert done.returncode == 0, done.stderr
        return done.stdout.strip("\n")

    def commit(self, message):
        self.git("add", "--all")
        self.git("-c", "user.name=Editor", "-c", "user.email=editor@example.org", "commit", "--quiet", "-m", message)

    def content(self):
        return Content.open(self.root)

    def base(self):
        return Base.read(self.content())

    @property
    def drawer(self):
        return Drawer(self.state)

    @property
    def version(self):
        found = current(self.state)
        return found and found.manifest.version

    def files(self):
        """Give every file of the content, hidden ones too, but git's own."""
        paths = (path for path in self.root.rglob("*") if path.is_file())
        names = ((path.relative_to(self.root).as_posix(), path) for path in paths)
        return {name: path.read_bytes() for name, path in names if not name.startswith(".git/")}

    def propose(self, *, added=(), removed=(), title="Et forslag", put=True, base=None, **fields):
        base = base or self.base()
        keys = {(each.subject, each.predicate) for each in (*added, *removed)}
        proposal = Proposal(
            name=self.drawer.new_name(),
            door="form",
            title=title,
            added=tuple(added),
            removed=tuple(removed),
            bases={key: tuple(each.value for each in base.values(*key)) for key in keys},
            history=(Event(now(), "open", "editor"),),
            **fields,
        )
        if put:
            self.drawer.put(proposal)
        return proposal


def git_environment():
    """Give an environment in which git knows nobody, and no configuration but that of the checkout."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    return {**kept, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}


def bridge(name):
    return Iri(f"{BASE}id/bridge/{name}")


def label(name, text, language="nb", file="data/plan/bridges.ttl"):
    return Statement(bridge(name), RDFS_LABEL, Literal(text, language), file)


def renamed(old="Nordbrua", new="Nordre bru"):
    """Give the statements of a bridge that gets another name."""
    return {"removed": [label("nordbrua", old)], "added": [label("nordbrua", new)]}


@pytest.fixture
def nobody(monkeypatch):
    """Have no configuration of git but that of a checkout."""
    for name in [name for name in os.environ if name.startswith("GIT_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")


@pytest.fixture
def checking():
    """Let checks begin by themselves when the page of a proposal is opened, as they do in service."""


@pytest.fixture
def quiet(request, monkeypatch):
    """Have none begin, but where a test asks for ``checking``: each is a process."""
    if "checking" not in request.fixturenames:
        monkeypatch.setattr("app.web.editing.review._judge_once", lambda _name: None)


@pytest.fixture(scope="session")
def built_town(tmp_path_factory):
    """Give a folder with the content in canonical form, and a state folder in which it is built."""
    folder = tmp_path_factory.mktemp("town")
    for name, text in TEXTS.items():
        (folder / "content" / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / "content" / name).write_text(text, encoding="utf-8")
    content = Content.open(folder / "content")
    format_content(content)
    settings = Settings(content=content.root, state=folder / "state")
    build(content, settings, as_of=None, progress=QUIET)
    judgement(settings, content, [], QUIET)  # so that the verdict on the present files is there
    return folder


@pytest.fixture(scope="session")
def checked_town(built_town):
    """Give what a check says of the content."""
    content = Content.open(built_town / "content")
    with checked(content, Settings(content=content.root, state=built_town / "state"), QUIET) as found:
        return found.problems


@pytest.fixture
def town(tmp_path, nobody, built_town):
    """Give a copy of the content in a git checkout."""
    if shutil.which("git") is None:
        pytest.skip("git is not installed")
    shutil.copytree(built_town, tmp_path, symlinks=True, dirs_exist_ok=True)
    return Town(tmp_path, git=True)


@pytest.fixture
def plain_town(tmp_path, built_town):
    """Give a copy of the content in a folder that git knows nothing of."""
    shutil.copytree(built_town, tmp_path, symlinks=True, dirs_exist_ok=True)
    return Town(tmp_path, git=False)
