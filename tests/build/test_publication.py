"""What a build puts into the catalog from beside the content: versions that are kept, the publisher of the setting."""

from dataclasses import replace
from datetime import date

from app.build.builder import build
from app.build.freshness import fresh
from app.build.publishing import missing_for_portal
from app.content.folders import Content
from app.generation import kept
from app.progress import Progress
from app.store.embedded import EmbeddedStore

BASE = "http://example.org/nordfjella/"
DATASET = BASE + "catalog#dataset"
DCAT = "http://www.w3.org/ns/dcat#"
PUBLISHER = "https://example.org/organizations/x 974760673 Nordfjella råd"


def values(generation, subject, predicate):
    store = EmbeddedStore.open(generation.store)
    try:
        query = f"SELECT ?o {{ GRAPH <{BASE}graph/catalog> {{ <{subject}> <{predicate}> ?o }} }} ORDER BY ?o"
        return [str(row["o"]) for row in store.select(query).rows]
    finally:
        store.close()


def test_versions_that_are_kept_are_in_the_catalog_and_no_others(place):
    built = [place.build(date(2026, 11, day)) for day in (20, 21, 22)]
    first, second, third = (f"{BASE}version/{each.manifest.version}" for each in built)
    assert sorted(values(built[2], DATASET, DCAT + "hasVersion")) == sorted([second, third])
    assert values(built[2], third, DCAT + "previousVersion") == [second]
    assert values(built[2], second, DCAT + "previousVersion") == []
    assert values(built[2], first, DCAT + "version") == []
    assert values(built[2], second, DCAT + "version") == [built[1].manifest.version]
    assert values(built[2], DATASET, DCAT + "version") == [built[2].manifest.version]
    assert [each.path for each in kept(place.state)] == [built[2].path, built[1].path]


def test_another_publisher_is_another_build(place):
    before = place.build()
    assert fresh(place.content(), before)
    assert not fresh(place.content(), before, PUBLISHER)
    settings = replace(place.settings, publisher=PUBLISHER)
    after = build(Content.open(place.root), settings, as_of=None, progress=Progress(quiet=True))
    assert fresh(place.content(), after, PUBLISHER)
    assert after.manifest.publisher == "https://example.org/organizations/x"
    assert values(after, DATASET, "http://purl.org/dc/terms/publisher") == ["https://example.org/organizations/x"]
    assert after.manifest.digest == before.manifest.digest


def test_what_a_portal_misses_is_told_with_what_to_do(place):
    told = {str(each.shape).rpartition(":")[2]: each for each in missing_for_portal(place.build())}
    assert told["Dataset-theme"].severity == "error"
    assert "data/dataset.ttl" in told["Dataset-theme"].message["nb"]
    assert told["Agent-identifier"].severity == "warning"
    assert "INNHERRED_PUBLISHER" in told["Agent-identifier"].message["en"]


def test_a_publisher_that_is_only_a_name(place):
    text = (place.root / "data" / "dataset.ttl").read_text()
    agent = "<http://example.org/nordfjella/id/office/council>"
    assert agent in text
    place.write("data/dataset.ttl", text.replace(agent, '"Nordfjella råd"@nn'))
    assert values(place.build(), BASE + "catalog#publisher", "http://xmlns.com/foaf/0.1/name") == ["Nordfjella råd"]
