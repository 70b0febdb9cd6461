"""Whatever RDF there is: every subject has a page that names it, every link leads to a page, every value reads back."""

import re
from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from html import unescape
from random import Random

import pyoxigraph as ox
import pytest
from flask.testing import FlaskClient
from hypothesis import given, settings
from hypothesis import strategies as st

from app.build.builder import build
from app.config import Settings
from app.content.folders import Content
from app.namespaces import PREFIXES, iris
from app.progress import Progress
from app.terms import BlankNode, Iri, Literal, Term, Triple, n3, typed
from app.web import create_app
from app.web.values import value_text

PEOPLE = {"Accept": "text/html"}
OWN = "https://data.example.org/"
SPACES = (
    *(
        f"{OWN}{rest}"
        for rest in ("id/thing/", "id/", "", "vocab#", "graph/", "doc/thing/", "ontology#", "query/", "en/", "shape/")
    ),
    *("http://other.example/", "http://other.example/terms#", "urn:x:", "http://[::1]/", "mailto:"),
)
PARTS = (
    *(
        "a",
        "B7",
        "å",
        "京",
        "é",
        "e\u0301",
        "~",
        "'",
        "(",
        "&",
        "=",
        ":",
        "@",
        "+",
        ";",
        ",",
        "!",
        "$",
        "*",
        ".ttl",
        "_",
    ),
    *(
        "%20",
        "%25",
        "%2F",
        "%3F",
        "%23",
        "%C3%A5",
        "%E5",
        "%00",
        "%41",
        "?",
        "?a=b&c=d",
        "#",
        "#f",
        "/",
        "//",
        "/../",
        "/./",
    ),
    *("..", ".", "%2e", "%", " ", "<", '"', "{", "|", "\\", "^", "`", "\u202e", "\U0001f600"),
)


def readable(iri: Iri) -> bool:
    """Say whether the engine takes an IRI; one that it refuses is told with its line when files are read."""
    try:
        return bool(list(ox.parse(f"<{iri}> <{iri}> <{iri}> .", format=ox.RdfFormat.N_TRIPLES)))
    except SyntaxError:
        return False


def iri(by: Random) -> Iri:
    """Make an IRI that the engine takes."""
    while True:
        made = Iri(by.choice(SPACES) + "".join(by.choices(PARTS, k=by.randint(1, 4))))
        if readable(made):
            return made


KNOWN = iris(
    "rdf:type rdf:first rdf:rest rdf:value rdf:_1 rdfs:label rdfs:comment rdfs:seeAlso rdfs:subClassOf skos:prefLabel"
    " skos:altLabel skos:broader dcterms:title dcterms:identifier dcterms:source dcterms:isPartOf foaf:homepage"
)
DATATYPES = (
    *("boolean", "integer", "decimal", "double", "float", "date", "dateTime", "time", "gYear", "gYearMonth", "anyURI"),
    *("duration", "hexBinary", "string"),
)
FORMS = (
    *(
        "",
        " ",
        "true",
        "TRUE",
        "1",
        "0",
        "-0",
        "007",
        "+5",
        "1.50",
        ".5",
        "5.",
        "1e3",
        "1E-7",
        "INF",
        "-INF",
        "NaN",
        "1,5",
    ),
    *(
        "2024-02-29",
        "2023-02-29",
        "2024-03-01Z",
        "-0044-03-15",
        "12024-01-01",
        "2024-03",
        "2024-13",
        "0001-01",
        "24:00:00",
    ),
    *(
        "2024-03-01T12:00:00Z",
        "9" * 40,
        "1e400",
        "0." + "0" * 30 + "1",
        "٣",
        "１２",
        "javascript:alert(1)",
        "http://x.example/ y",
    ),
)
TAGS = ("nb", "en", "zh-hans", "ar", "x-own", "de-ch-1996")
TEXTS = st.sampled_from(FORMS) | st.text(max_size=8)
LITERALS = st.one_of(
    st.tuples(TEXTS, st.sampled_from(DATATYPES)).map(lambda pair: typed(*pair)),
    st.tuples(TEXTS, st.sampled_from(TAGS)).map(lambda pair: Literal(pair[0], pair[1])),
    st.builds(Literal, TEXTS, datatype=st.just(Iri("http://other.example/type"))),
)


def drawn(seed: int, most: int) -> list[Triple]:
    """Give so many triples, the same for a seed: things of many kinds of names, blank nodes, lists, odd literals.

    Not by hypothesis: what that draws depends on which modules have been read, and the graph is built but once.
    """
    by = Random(seed)
    known: list[Iri | BlankNode] = [
        *(iri(by) for _ in range(most // 4)),
        *(BlankNode(f"b{n}") for n in range(most // 10)),
    ]

    def value() -> Term:
        chosen = by.random()
        if chosen < 0.5:
            return by.choice(known)
        if chosen < 0.6:
            return iri(by)
        if chosen < 0.7:
            return Literal(by.choice(FORMS), by.choice(TAGS))
        return typed(by.choice(FORMS), by.choice(DATATYPES))

    def property_() -> Iri:
        return by.choice(KNOWN) if by.random() < 0.7 else iri(by)

    return list(dict.fromkeys((by.choice(known), property_(), value()) for _ in range(most)))


@pytest.fixture(scope="module")
def triples() -> list[Triple]:
    return drawn(20261130, 1000)


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory, triples: list[Triple]) -> FlaskClient:
    folder = tmp_path_factory.mktemp("any")
    (folder / "data").mkdir()
    about = f'<{OWN}catalog#d> a void:Dataset ; void:uriSpace "{OWN}" ; dcterms:title "Test"@en ; dc:language "en" .'
    head = "".join(f"PREFIX {prefix}: <{PREFIXES[prefix]}>\n" for prefix in ("dc", "dcterms", "void"))
    (folder / "data" / "dataset.ttl").write_text(head + about, encoding="utf-8")
    lines = "".join(f"{n3(s)} {n3(p)} {n3(o)} .\n" for s, p, o in triples)
    (folder / "data" / "all.nt").write_text(lines, encoding="utf-8")
    chosen = Settings(content=folder, state=folder / "state")
    build(Content.open(folder), chosen, as_of=None, progress=Progress(quiet=True))
    return create_app(chosen).test_client()


def links(text: str) -> Iterator[str]:
    for link in dict.fromkeys(unescape(each) for each in re.findall(r'href="(/[^"]*)"', text)):
        yield link.partition("#")[0]


def test_every_subject_has_a_page_and_every_link_leads_to_one(client: FlaskClient, triples: list[Triple]) -> None:
    subjects = sorted({s for s, _, _ in triples if isinstance(s, Iri)})
    assert len(subjects) > 100
    waiting: set[str] = set()
    wrong: list[tuple[str, str]] = []
    for subject in subjects:
        given_ = {"query_string": {"iri": subject}, "follow_redirects": True}
        page = client.get("/describe", headers=PEOPLE, **given_)
        if page.status_code != 200 or f">{subject}<" not in unescape(page.text):
            wrong.append((subject, f"page {page.status_code}"))
        waiting.update(links(page.text))
        data = client.get("/describe", headers={"Accept": "application/n-triples"}, **given_)
        if data.status_code != 200 or f"{n3(subject)} " not in data.text:
            wrong.append((subject, f"data {data.status_code}"))
    for link in sorted(waiting):
        if re.search(r"/(\.|%2e){1,2}(/|$)", link.partition("?")[0], re.IGNORECASE):  # a browser takes these away
            wrong.append((link, "leads elsewhere"))
        elif (status := client.get(link, headers=PEOPLE, follow_redirects=True, buffered=True).status_code) != 200:
            wrong.append((link, str(status)))
    assert "\n".join(f"{where}: {what}" for where, what in wrong) == ""


@given(LITERALS)
@settings(derandomize=True, deadline=None)
def test_the_text_of_a_literal_reads_back(client: FlaskClient, literal: Literal) -> None:
    with client.application.test_request_context("/"):
        client.application.preprocess_request()
        shown = value_text(literal)
    if shown == literal.value:
        return
    kind = literal.datatype.rpartition("#")[2]
    if kind == "boolean":
        assert (shown, literal.value.strip()) in {("yes", "true"), ("yes", "1"), ("no", "false"), ("no", "0")}
    elif kind == "date":
        assert datetime.strptime(shown, "%d %B %Y").date() == date.fromisoformat(literal.value)  # noqa: DTZ007
    elif kind == "gYearMonth":
        assert datetime.strptime(shown, "%B %Y").strftime("%Y-%m") == literal.value  # noqa: DTZ007
    else:
        assert kind in ("integer", "decimal", "double", "float")
        assert Decimal(shown.replace(",", "")) == Decimal(literal.value)
