"""The index: what is put in is found, whatever is typed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.namespaces import PREFIXES, RDF_TYPE, RDFS_LABEL
from app.search.index import build_index, kind_of, rows
from app.search.lookup import SearchIndex
from app.terms import Iri, Literal, Term, Triple

BASE = "http://example.org/havdal/"
LANGUAGES = ("nb", "en")
ALT = Iri(PREFIXES["skos"] + "altLabel")
TEXT = Iri("http://example.org/havdal/ontology#text")
TOWN = Iri("http://example.org/havdal/ontology#Town")


def thing(path: str, *statements: tuple[Iri, Term]) -> list[Triple]:
    return [(Iri(BASE + path), predicate, value) for predicate, value in statements]


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> SearchIndex:
    triples = [
        *thing("id/town/1", (RDFS_LABEL, Literal("Åsvær", "nb")), (RDFS_LABEL, Literal("Aasvaer", "en"))),
        *thing("id/town/2", (RDFS_LABEL, Literal("Bekk", "nb")), (TEXT, Literal("Nær Åsvær", "nb"))),
        *thing("id/town/3", (RDF_TYPE, TOWN), (ALT, Literal("Storbyen", "nb"))),
        *thing("id/town/1#part", (TEXT, Literal("del", "nb"))),
        *thing("other", (RDFS_LABEL, Literal("Noe annet", "nb"))),
        *thing("nameless", (TEXT, Literal("ingenting", "nb"))),
    ]
    path = tmp_path_factory.mktemp("search") / "search.sqlite"
    build_index(path, rows(triples, BASE))
    return SearchIndex(path)


def found(index: SearchIndex, text: str) -> list[str]:
    return [hit.iri.removeprefix(BASE) for hit in index.search(text, LANGUAGES, limit=10).hits]


@pytest.mark.parametrize("text", ["Åsvær", "åsv", "asvaer", "ÅSVÆR", "A\u030asvær"])
def test_a_name_is_found_however_it_is_typed_and_goes_first(index: SearchIndex, text: str) -> None:
    assert found(index, text) == ["id/town/1", "id/town/2"]


def test_other_names_are_found(index: SearchIndex) -> None:
    assert found(index, "storby") == ["id/town/3"]


def test_every_word_counts(index: SearchIndex) -> None:
    assert found(index, "nær åsvær") == ["id/town/2"]
    assert found(index, "bekk storbyen") == []


@pytest.mark.parametrize(
    "text", ['"', "*", "NEAR(", 'a" OR "b', "label:x", "{folded}: x", "^x", "\x00", "", "   ", "-"]
)
def test_signs_of_the_search_syntax_are_no_error(index: SearchIndex, text: str) -> None:
    assert found(index, text) == []


@given(st.text(max_size=40))
def test_nothing_that_is_typed_is_an_error(index: SearchIndex, text: str) -> None:
    page = index.search(text, LANGUAGES, limit=3)
    assert len(page.hits) == min(page.total, 3)


def test_the_label_is_in_the_wanted_language(index: SearchIndex) -> None:
    assert index.search("åsvær", ("en", "nb"), limit=1).hits[0].label == "Aasvaer"


def test_a_list_is_sorted_filtered_and_paged(index: SearchIndex) -> None:
    everything = index.things("town", LANGUAGES, limit=10)
    assert [hit.label for hit in everything.hits] == ["3", "Bekk", "Åsvær"]
    assert [hit.label for hit in index.things("town", LANGUAGES, limit=1, offset=1).hits] == ["Bekk"]
    assert index.things("town", LANGUAGES, text="bekk", limit=10).total == 1
    assert index.things("town", LANGUAGES, text="*", limit=10).total == 0


def test_kinds_count_things_not_their_parts(index: SearchIndex) -> None:
    assert index.kinds() == {"town": 3}


def test_things_of_a_class(index: SearchIndex) -> None:
    assert [hit.iri for hit in index.members(TOWN, LANGUAGES, limit=5)] == [BASE + "id/town/3"]


@pytest.mark.parametrize(
    ("iri", "kind"),
    [
        ("id/town/1", "town"),
        ("id/town/a/b", "town"),
        ("id/town", None),
        ("id/town/", None),
        ("id/town/1#x", None),
        ("x", None),
    ],
)
def test_the_kind_is_read_from_the_iri(iri: str, kind: str | None) -> None:
    assert kind_of(BASE + iri, BASE) == kind


def test_an_iri_of_another_base_has_no_kind() -> None:
    assert kind_of("http://example.com/id/town/1", BASE) is None
