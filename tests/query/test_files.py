"""Query files and their library: what a header may say, and that a bad one is told with its place."""

from pathlib import Path

import pytest

from app.errors import QueryFileError
from app.query.files import load
from app.query.library import Library
from app.terms import Iri, Literal

HEADER = """#+ title: {nb: Hvem, en: Who}
#+ description:
#+   nb: Hvem som er med.
#+   en: Who takes part.
#+ view: list
#+ order: 5
#+ tags: [people]
#+ class: skos:Concept
#+ parameters:
#+   kind: {class: skos:Concept, label: {nb: Slag, en: Kind}, default: "https://example.org/k"}
#+   most: {datatype: xsd:integer, label: {nb: Flest, en: Most}, required: false}
#+ columns:
#+   who: {nb: Hvem, en: Who}
"""
QUERY = "PREFIX skos: <http://www.w3.org/2004/02/skos/core#>\nSELECT ?who { ?who a ?kind FILTER(?n < ?most) }\n"


def written(folder: Path, text: str, name: str = "questions/who.rq") -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def test_a_header_is_read_whole(tmp_path: Path) -> None:
    file = load(written(tmp_path, HEADER + QUERY))
    assert (file.name, file.form, file.view, file.order, file.tags) == ("who", "SELECT", "list", 5, ("people",))
    assert file.title == {"nb": "Hvem", "en": "Who"}
    assert file.description["en"] == "Who takes part."
    assert file.class_ == Iri("http://www.w3.org/2004/02/skos/core#Concept")
    assert file.columns == {"who": {"nb": "Hvem", "en": "Who"}}
    kind, most = file.parameters
    assert (kind.kind, kind.default, kind.required) == ("class", Iri("https://example.org/k"), False)
    assert (most.kind, most.default, most.required) == ("datatype", None, False)
    assert "<https://example.org/k>" in file.bound({})
    assert "?most" in file.bound({})
    assert '"3"' in file.bound({"most": Literal("3")})


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (QUERY, "no header"),
        ("#+ title: {nb: x\n" + QUERY, r":\d+: the header is not YAML"),
        ("#+ - title\n" + QUERY, "key: value"),
        ("#+ title: Hvem\n" + QUERY, "by language"),
        ("#+ title: {nb: ''}\n" + QUERY, "by language"),
        ("#+ titel: {nb: Hvem}\n" + QUERY, "unknown key 'titel'"),
        ("#+ title: {nb: Hvem}\n#+ view: pie\n" + QUERY, "unknown view 'pie'"),
        ("#+ title: {nb: Hvem}\n#+ order: first\n" + QUERY, "whole number"),
        ("#+ title: {nb: Hvem}\n#+ sorted: [whom]\n" + QUERY, "sorted: the query has no .whom"),
        ("#+ title: {nb: Hvem}\n#+ ask: {column: who}\n" + QUERY, "ask has column, about and answers"),
        ("#+ title: {nb: Hvem}\n#+ ask: {column: a, about: b, answers: {yes: {nb: Ja}}}\n" + QUERY, "quotation marks"),
        ("#+ title: {nb: Hvem}\n#+ ask: {column: a, about: b, answers: {'yes': {nb: Ja}}}\n" + QUERY, "no column .a"),
        ("#+ title: {nb: Hvem}\n#+ class: no:Such\n#+ tags: [a]\nASK {}", None),
        ("#+ title: {nb: Hvem}\n#+ class: Such\n" + QUERY, "not an RDF term"),
        ("#+ title: {nb: Hvem}\nINSERT DATA {}", "no SELECT"),
        ("#+ title: {nb: Hvem}\n#+ parameters: {kind: {label: {nb: x}}}\n" + QUERY, "one of class, datatype or shape"),
        ("#+ title: {nb: Hvem}\n#+ parameters: {x: {class: 'a:b', label: {nb: x}}}\n" + QUERY, r"no \?x"),
        ("#+ title: {nb: Hvem}\n#+ parameters: {kind: {class: 'a:b'}}\n" + QUERY, "label must be given"),
        ("#+ title: {nb: Hvem}\n#+ parameters: {y: {class: 'a:b', label: {nb: x}}}\nSELECT (1 AS ?y) {}", "assigns"),
    ],
)
def test_a_bad_header_is_refused_with_what_to_mend(tmp_path: Path, text: str, message: str | None) -> None:
    path = written(tmp_path, text)
    if message is None:
        assert load(path).class_ == Iri("no:Such")  # an absolute IRI of a scheme nobody knows is still an IRI
        return
    with pytest.raises(QueryFileError, match=message) as raised:
        load(path)
    assert raised.value.path == path


def test_a_file_in_another_encoding_is_told(tmp_path: Path) -> None:
    path = tmp_path / "x.rq"
    path.write_bytes("#+ title: {nb: Snåsa}\nASK {}".encode("latin-1"))
    with pytest.raises(QueryFileError, match="not UTF-8"):
        load(path)


def test_the_content_replaces_defaults_by_name_and_errors_are_kept(tmp_path: Path) -> None:
    defaults, content = tmp_path / "defaults", tmp_path / "content"
    for folder, title in ((defaults, "default"), (content, "content")):
        written(folder, f"#+ title: {{en: {title}}}\nSELECT * {{}}", "pages/Thing/10-all.rq")
    written(defaults, "#+ title: {en: more}\n#+ order: 1\nSELECT * {}", "pages/Thing/20-more.rq")
    written(content, "#+ title: {en: valley}\nSELECT * {}", "pages/Valley/10-x.rq")
    written(content, "#+ title: {en: rule}\nASK {}", "rules/r.rq")
    written(content, "#+ title: {en: lost}\nASK {}", "lost.rq")
    written(content, "ASK {}", "questions/q.rq")
    library = Library.load([defaults, content])
    assert [panel.title["en"] for panel in library.pages["Thing"]] == ["more", "content"]
    assert sorted(error.path.name for error in library.errors) == ["lost.rq", "q.rq", "r.rq"]
    written(content, "#+ title: {en: walk}\nSELECT * {}", "pages/Valley/walk/10-x.rq")
    library = Library.load([defaults, content])
    valley, other = Iri("https://example.org/ontology#Valley"), Iri("https://example.org/Other")
    assert [panel.title["en"] for panel in library.panels([other, valley])] == ["valley"]
    assert [panel.title["en"] for panel in library.panels([other])] == ["more", "content"]
    assert {name: [p.title["en"] for p in files] for name, files in library.views([other, valley]).items()} == {
        "walk": ["walk"]
    }
    assert library.views([other]) == {}


def test_the_parts_of_every_page_are_replaced_and_dropped_by_name(tmp_path: Path) -> None:
    written(
        tmp_path, "#+ title: {en: facts}\n#+ view: statements\n#+ order: 0\nSELECT * {}", "pages/Thing/statements.rq"
    )
    written(tmp_path, "#+ title: {en: links}\n#+ view: pointing\n#+ order: 900\nSELECT * {}", "pages/Thing/pointing.rq")
    written(tmp_path, "#+ title: {en: others}\nSELECT * {}", "pages/Thing/10-others.rq")
    written(tmp_path, "#+ title: {en: walks}\nSELECT * {}", "pages/Valley/10-walks.rq")
    written(tmp_path, "#+ title: {en: no links}\n#+ view: none\nSELECT * {}", "pages/Lake/pointing.rq")
    written(tmp_path, "#+ title: {en: q}\n#+ view: statements\nSELECT * {}", "questions/q.rq")
    library = Library.load([tmp_path])
    titles = {
        name: [panel.title["en"] for panel in library.panels([Iri(f"https://example.org/{name}")])]
        for name in ("Valley", "Lake", "Hill")
    }
    assert titles == {"Valley": ["facts", "walks", "links"], "Lake": ["facts"], "Hill": ["facts", "others", "links"]}
    whole = library.with_parts()
    assert sorted(file.name for file in whole.pages["Thing"]) == [
        "10-others",
        "claims",
        "entailed",
        "gaps",
        "parts",
        "pointing",
        "statements",
    ]
    assert [panel.title["en"] for panel in whole.panels([])] == [
        *("facts", "In this document", "To follow up", "Claims about this", "others", "links", "What we infer")
    ]
    assert [error.message for error in library.errors] == ["view statements is for panels in pages/<Class>/ alone."]


@pytest.mark.parametrize(
    ("name", "query", "message"),
    [
        ("facets/10-colour.rq", "SELECT ?thing ?value { ?thing a ?value }", None),
        ("facets/10-colour.rq", "SELECT ?thing { ?thing a ?x }", "SELECT query of ?thing and ?value"),
        ("facets/page.rq", "SELECT ?thing ?value { ?thing a ?value }", "cannot be called page"),
        ("search/last.rq", "SELECT ?thing { ?thing a ?x }", None),
        ("search/last.rq", "ASK { ?thing a ?x }", "SELECT query of ?thing"),
        ("search/first.rq", "SELECT ?thing { ?thing a ?x }", "query files stand in"),
    ],
)
def test_facets_and_what_comes_last_are_query_files(tmp_path: Path, name: str, query: str, message: str | None) -> None:
    path = tmp_path / name
    path.parent.mkdir()
    path.write_text(f"#+ title: {{nb: Farge}}\n{query}\n", encoding="utf-8")
    library = Library.load([tmp_path])
    if message:
        assert message in library.errors[0].message
        assert (library.facets, library.last) == ({}, None)
    else:
        assert not library.errors
        assert [file.path for file in library.files()] == [path]
        assert list(library.facets) in (["colour"], [])


def test_panels_of_the_front_page_are_in_order_and_links_lead_to_questions(tmp_path: Path) -> None:
    written(tmp_path, "#+ title: {en: second}\nSELECT * {}", "front/20-b.rq")
    written(tmp_path, "#+ title: {en: first}\n#+ link: q\n#+ order: 1\nSELECT * {}", "front/30-a.rq")
    written(tmp_path, "#+ title: {en: yes or no}\nASK {}", "front/40-ask.rq")
    written(tmp_path, "#+ title: {en: q}\nSELECT * {}", "questions/q.rq")
    written(tmp_path, "#+ title: {en: lost}\n#+ link: nowhere\nSELECT * {}", "pages/Valley/10-lost.rq")
    library = Library.load([tmp_path])
    assert [panel.title["en"] for panel in library.front] == ["first", "second"]
    assert [error.path.name for error in library.errors] == ["40-ask.rq", "10-lost.rq"]
    assert "no question 'nowhere'" in library.errors[1].message
    assert library.pages == {}
