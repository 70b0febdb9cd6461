"""The catalog by the application profiles: what is made conforms, and what is left out is told."""

import hashlib
from pathlib import Path

import pytest

from app.build.publishing import catalog_triples
from app.catalog.dcat import Version, located
from app.catalog.dumps import Dump, read_dumps
from app.config import Settings, bundled_content, defaults
from app.content.folders import Content
from app.content.reading import InputFile, read
from app.errors import SettingError
from app.namespaces import INFO, PREFIXES, RDF_TYPE, RDFS_LABEL, VIOLATION, WARNING
from app.quality.validation import validate
from app.store.embedded import EmbeddedStore
from app.terms import Iri, Literal

DCAT, DCTERMS, FOAF, SPDX = (PREFIXES[name] for name in ("dcat", "dcterms", "foaf", "spdx"))
EU = "http://publications.europa.eu/resource/authority/"
VERSION = Version("0123456789ab", "2026-11-22", "2026-11-22T10:00:00+00:00")
SETTING = "https://example.org/organizations/999999999 974760673 Example Publisher"


def shapes():
    path = defaults() / "shapes" / "catalog.ttl"
    return [triple for triple, _ in read(InputFile(path, path.name, None, "defaults"), "http://localhost/")]


@pytest.fixture(scope="module")
def content():
    return Content.open(bundled_content())


def made(content, folder, **settings):
    """Make the catalog of the shipped content with two dumps, over a store that knows the publisher's name."""
    (folder / "all.nq.gz").write_bytes(b"abc")
    (folder / "graph-strategy.ttl.gz").write_bytes(b"abcdef")
    lines = [f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.name}\n" for path in sorted(folder.glob("*.gz"))]
    (folder / "SHA256SUMS").write_text("".join(lines))
    described = [
        triple
        for triple, _ in read(
            InputFile(content.root / "data" / "dataset.ttl", "data/dataset.ttl", None, "data"), content.base
        )
    ]
    names = [((content.dataset.publisher, RDFS_LABEL, Literal("Rådet", "nb")), None)]
    shape, message = Iri("http://example.org/shape"), Iri(PREFIXES["sh"] + "message")
    names += [((shape, message, Literal("?", tag)), content.graph("shapes")) for tag in ("nb", "en")]
    graphs = [((Iri("urn:x"), RDF_TYPE, Iri("urn:y")), content.graph(name)) for name in ("strategy", "shapes")]
    store = EmbeddedStore.in_memory([*names, *graphs])
    found = Settings(content=content.root, state=folder / "state", **settings)
    (folder / "state" / "generations").mkdir(parents=True, exist_ok=True)
    publisher, triples = catalog_triples(content, found, described, store, folder, VERSION, store.graphs())
    return publisher, located(triples, content.base, "http://here/")


def values(triples, subject, predicate):
    return {o for s, p, o in triples if s == subject and p == predicate}


def test_the_shipped_catalog_lacks_nothing_mandatory(content, tmp_path):
    _, triples = made(content, tmp_path)
    report = validate(triples, shapes())
    assert [r for r in report.results if r.severity == VIOLATION] == []
    told = {str(r.shape).rpartition(":")[2] for r in report.results if r.severity == WARNING}
    assert told == {"Agent-identifier", "Kind-hasEmail"}


def test_the_publisher_is_that_of_the_setting(content, tmp_path):
    publisher, triples = made(content, tmp_path, publisher=SETTING)
    assert publisher == "https://example.org/organizations/999999999"
    assert values(triples, content.dataset.iri, DCTERMS + "publisher") == {publisher}
    assert values(triples, publisher, DCTERMS + "identifier") == {Literal("974760673")}
    assert values(triples, publisher, FOAF + "name") == {Literal("Example Publisher")}
    report = validate(triples, shapes())
    assert "Agent-identifier" not in {str(r.shape).rpartition(":")[2] for r in report.results}


def test_the_setting_without_a_name_means_whom_the_dataset_names(content, tmp_path):
    publisher, triples = made(content, tmp_path, publisher=SETTING.rpartition(" Example")[0])
    assert values(triples, publisher, FOAF + "name") == {Literal("Rådet", "nb")}


@pytest.mark.parametrize("text", ["https://example.org/x", "x 974760673", "https://example.org/x 974760674", "u:x 1"])
def test_a_publisher_needs_an_iri_and_a_valid_number(text):
    with pytest.raises(SettingError, match="INNHERRED_PUBLISHER"):
        Settings.from_environment({"INNHERRED_PUBLISHER": text})


@pytest.mark.parametrize(
    ("subject", "predicate", "shape"),
    [
        ("catalog", DCTERMS + "title", "Catalog-title"),
        ("catalog", DCTERMS + "description", "Catalog-description"),
        ("catalog", DCTERMS + "identifier", "Catalog-identifier"),
        ("catalog", DCTERMS + "publisher", "Catalog-publisher"),
        ("catalog", DCAT + "contactPoint", "Catalog-contactPoint"),
        ("catalog", DCAT + "service", "Catalog-service"),
        ("catalog", DCAT + "themeTaxonomy", "Catalog-themeTaxonomy"),
        ("catalog", DCTERMS + "license", "Catalog-license"),
        ("catalog#dataset", DCTERMS + "title", "Dataset-title"),
        ("catalog#dataset", DCTERMS + "description", "Dataset-description"),
        ("catalog#dataset", DCAT + "theme", "Dataset-theme"),
        ("catalog#dataset", DCAT + "contactPoint", "Dataset-contactPoint"),
        ("catalog#dataset", DCTERMS + "publisher", "Dataset-publisher"),
        ("catalog#dataset", DCTERMS + "accessRights", "Dataset-accessRights"),
        ("catalog#dataset", DCTERMS + "temporal", "Harvested-temporal"),
        ("catalog#dataset", DCTERMS + "accrualPeriodicity", "Harvested-frequency"),
        ("catalog#dataset", DCAT + "distribution", "Harvested-distribution"),
        ("catalog#dump-all.nq.gz", DCAT + "accessURL", "Distribution-accessURL"),
        ("catalog#dump-all.nq.gz", DCAT + "byteSize", "Distribution-byteSize"),
        ("catalog#dump-all.nq.gz", SPDX + "checksum", "Distribution-checksum"),
        ("catalog#dump-all.nq.gz", DCTERMS + "format", "Distribution-format"),
        ("catalog#dump-all.nq.gz", DCAT + "mediaType", "Distribution-mediaType"),
        ("catalog#sparql", DCAT + "endpointURL", "DataService-endpointURL"),
        ("catalog#sparql", DCAT + "servesDataset", "DataService-servesDataset"),
        ("catalog#contact", PREFIXES["vcard"] + "fn", "Kind-fn"),
        ("catalog#contact", PREFIXES["vcard"] + "hasURL", "Kind"),
    ],
)
def test_what_is_left_out_is_told(content, tmp_path, subject, predicate, shape):
    _, triples = made(content, tmp_path)
    kept = [t for t in triples if not (t[0] == content.base + subject and t[1] == predicate)]
    assert len(kept) < len(triples)
    told = {str(r.shape).rpartition(":")[2] for r in validate(kept, shapes()).results}
    assert shape in told


def test_a_person_is_no_contact_point(content, tmp_path):
    _, triples = made(content, tmp_path)
    contact = Iri(content.base + "catalog#contact")
    triples.append((contact, RDF_TYPE, Iri(PREFIXES["vcard"] + "Individual")))
    assert any(str(r.shape).endswith(":Kind") for r in validate(triples, shapes()).results)


def test_every_shape_says_what_to_do_in_both_languages():
    found = shapes()
    for subject, predicate, _ in found:
        if predicate == PREFIXES["sh"] + "path" and isinstance(subject, Iri):
            languages = {o.language for o in values(found, subject, PREFIXES["sh"] + "message")}
            assert languages == {"nb", "en"}, subject
            assert values(found, subject, PREFIXES["sh"] + "severity") <= {VIOLATION, WARNING, INFO}


def test_sizes_and_checksums_are_those_of_the_files(content, tmp_path):
    _, triples = made(content, tmp_path)
    files = [path for path in tmp_path.glob("*.gz") if not path.name.startswith("graph-")]
    assert len(files) == len(values(triples, str(content.dataset.iri), DCAT + "distribution")) == 1
    for path in files:
        node = f"{content.base}catalog#dump-{path.name}"
        (size,) = values(triples, node, DCAT + "byteSize")
        assert (int(str(size)), size.datatype.rpartition("#")[2]) == (path.stat().st_size, "nonNegativeInteger")
        (checksum,) = values(triples, node, SPDX + "checksum")
        (value,) = values(triples, checksum, SPDX + "checksumValue")
        assert str(value) == hashlib.sha256(path.read_bytes()).hexdigest()
        assert values(triples, node, DCAT + "downloadURL") == {Iri(f"http://here/dump/{path.name}")}


def test_the_file_of_one_graph_is_told_of_the_graph_and_is_no_distribution(content, tmp_path):
    _, triples = made(content, tmp_path)
    parts = {path.name.removesuffix(".gz") for path in tmp_path.glob("graph-*.gz")}
    told = {str(o) for s, p, o in triples if p == PREFIXES["void"] + "dataDump" and s != content.dataset.iri}
    assert told == {f"http://here/dump/{name}" for name in parts} != set()


def test_shapes_in_one_language_are_formats_of_the_shapes(content, tmp_path):
    _, triples = made(content, tmp_path)
    files = values(triples, content.base + "shapes", DCTERMS + "hasFormat")
    assert files == {Iri(f"{content.base}shapes/{tag}") for tag in ("nb", "en")}
    (tongue,) = values(triples, content.base + "shapes/nb", DCTERMS + "language")
    assert str(tongue).endswith("/language/NOB")


def test_only_addresses_are_moved_to_the_serving_place(content, tmp_path):
    _, triples = made(content, tmp_path)
    dataset = content.dataset.iri
    assert (Iri(f"{content.base}catalog"), Iri(DCAT + "dataset"), dataset) in triples
    assert values(triples, f"{content.base}catalog#sparql", DCAT + "endpointURL") == {Iri("http://here/sparql")}
    assert (Iri("http://here/"), RDF_TYPE, Iri(FOAF + "Document")) in triples


def test_versions_are_datasets_of_their_own(content, tmp_path):
    _, triples = made(content, tmp_path)
    (version,) = values(triples, content.dataset.iri, DCAT + "hasVersion")
    assert version == f"{content.base}version/{VERSION.name}"
    assert values(triples, version, DCAT + "isVersionOf") == {content.dataset.iri}
    assert values(triples, version, DCAT + "previousVersion") == set()
    assert values(triples, f"{content.base}catalog", DCAT + "dataset") == {content.dataset.iri}


def test_values_have_the_class_of_their_range(content, tmp_path):
    _, triples = made(content, tmp_path)
    licence = Iri(EU + "licence/NLOD_2_0")
    assert values(triples, licence, RDF_TYPE) >= {Iri(DCTERMS + "LicenseDocument")}
    assert values(triples, licence, PREFIXES["skos"] + "prefLabel")
    assert values(triples, EU + "licence", RDF_TYPE) == {Iri(PREFIXES["skos"] + "ConceptScheme")}


def test_the_licence_is_the_prescribed_one_of_the_same_meaning(content, tmp_path):
    _, triples = made(content, tmp_path)
    licence = Iri(DCTERMS + "license")
    assert (content.dataset.iri, licence, Iri("https://data.norge.no/nlod/no/2.0")) in triples
    for name in ("catalog", "catalog#sparql", "catalog#dump-all.nq.gz", "shapes"):
        assert values(triples, content.base + name, licence) == {Iri(EU + "licence/NLOD_2_0")}


def test_a_folder_without_checksums_has_no_dumps(tmp_path: Path):
    assert read_dumps(tmp_path) == []
    assert Dump("graph-x.ttl.gz", 1, "").format.name == "turtle"
