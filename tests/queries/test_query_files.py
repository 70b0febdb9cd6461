"""Every query file of the content: told in both languages, its columns named, its panels run on every thing."""

import re
import time
from pathlib import Path

import pytest

from app.query.binding import bind
from app.query.files import QueryFile
from app.query.library import Library
from app.store.embedded import EmbeddedStore
from app.terms import Iri

QUERIES = Path(__file__).parents[2] / "queries"
LIBRARY = Library.load([QUERIES])
LANGUAGES = {"nb", "en"}
ANYTHING = Iri("https://example.org/anything")
INN = "https://w3id.org/innherred/ontology#"
MOST_SECONDS = 0.2

# Properties of the ontology that no query asks for, each with the reason.
FACT = "a single fact, shown on the page of its thing"
ENTAILED = "follows from participations, memberships and links, which carry role, certainty and source: these are asked"
UNTOUCHED = {
    "administrativeCentre": FACT,
    "asOf": "the printed date is shown; this one is for rules that compare",
    "cooperatesWith": ENTAILED,
    "councilOf": ENTAILED,
    "founded": FACT,
    "hasMember": ENTAILED,
    "hasMembership": ENTAILED,
    "hasParticipant": ENTAILED,
    "hasParticipation": ENTAILED,
    "issuedNotBefore": FACT,
    "nutsCode": FACT,
    "printedFileName": FACT,
    "projectCode": FACT,
    "representedIn": ENTAILED,
    "rule": "in the graph of reasons, which the page shows at the entailed fact",
}
FILES = (*LIBRARY.questions.values(), *(panel for panels in LIBRARY.pages.values() for panel in panels))


MEMBERS = """
SELECT DISTINCT ?thing WHERE {
  ?thing a/<http://www.w3.org/2000/01/rdf-schema#subClassOf>* ?class .
  FILTER(STRENDS(STR(?class), "#FOLDER") && isIRI(?thing))
}
"""


def name_of(file: QueryFile) -> str:
    return file.path.relative_to(QUERIES).as_posix()


@pytest.mark.parametrize("file", FILES, ids=name_of)
def test_a_query_file_is_told_in_both_languages(file: QueryFile, store: EmbeddedStore) -> None:
    texts = [file.title, file.description, *(parameter.label for parameter in file.parameters), *file.columns.values()]
    assert [set(text) for text in texts] == [LANGUAGES] * len(texts)
    if file.form == "SELECT":
        values = {"this": ANYTHING} if "pages" in file.path.parts else {}
        shown = set(store.select(file.bound(values)).variables) - {"this"}
        assert set(file.columns) == shown, "one label for each column"


@pytest.mark.parametrize("folder", LIBRARY.pages)
def test_the_panels_of_a_class_run_on_all_its_things(folder: str, store: EmbeddedStore) -> None:
    things = [row["thing"] for row in store.select(MEMBERS.replace("FOLDER", folder.partition("/")[0])).rows]
    assert things, "a folder is named after a class that has things"
    for panel in LIBRARY.pages[folder]:
        shown = 0
        for thing in things:
            query = bind(panel.text, {"this": thing})
            started = time.process_time()
            shown += len(store.select(query).rows)
            assert time.process_time() - started < MOST_SECONDS, f"{panel.path.name} on {thing}"
        assert shown, "a panel that shows nothing for any thing is of no use"


def test_the_properties_that_no_query_asks_for_are_known(store: EmbeddedStore) -> None:
    kinds = "owl:ObjectProperty owl:DatatypeProperty owl:AnnotationProperty"
    found = store.select(
        "PREFIX owl: <http://www.w3.org/2002/07/owl#> "
        f"SELECT DISTINCT ?p WHERE {{ VALUES ?kind {{ {kinds} }} ?p a ?kind . FILTER(STRSTARTS(STR(?p), '{INN}')) }}"
    ).rows
    defined = {str(row["p"]).removeprefix(INN) for row in found}
    asked = {name for file in FILES for name in re.findall(r"\binn:(\w+)", file.text)}
    assert defined, "the ontology defines properties"
    assert defined - asked == set(UNTOUCHED), "add a question, or the property with the reason to UNTOUCHED"
    assert all(UNTOUCHED.values())
