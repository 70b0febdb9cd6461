"""Ten made-up data sets of other kinds than ours, of any size; the same size gives the same bytes.

    python bench/sets.py FOLDER NAME [SIZE]

Each is a content as somebody may bring it: a folder that says what its IRIs begin with, or one file that says nothing.
"""

import random
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

BASE: Final = "http://example.org/large/"
_TYPE: Final = "<http://www.w3.org/1999/02/22-rdf-syntax-ns#type>"
_LABEL: Final = "<http://www.w3.org/2000/01/rdf-schema#label>"
_SKOS: Final = "http://www.w3.org/2004/02/skos/core#"
_DCT: Final = "http://purl.org/dc/terms/"
_FOAF: Final = "http://xmlns.com/foaf/0.1/"
_QB: Final = "http://purl.org/linked-data/cube#"
_GEO: Final = "http://www.opengis.net/ont/geosparql#"
_XSD: Final = "http://www.w3.org/2001/XMLSchema#"
_WORDS: Final = (
    *("harbour", "forest", "school", "letter", "bridge", "river", "winter", "market", "garden", "railway", "island"),
    *("museum", "fishery", "timber", "wool", "copper", "weather", "census", "parish", "ferry", "grain", "quarry"),
)
_BOKMAL: Final = dict(
    zip(
        _WORDS,
        (
            *("havn", "skog", "skole", "brev", "bro", "elv", "vinter", "marked", "hage", "bane", "øy", "museum"),
            *("fiske", "tømmer", "ull", "kobber", "vær", "telling", "sogn", "ferje", "korn", "brudd"),
        ),
        strict=True,
    )
)
# A greeting or a name in some scripts, with the language it is in.
_SCRIPTS: Final = {
    "nb": "Blåøyvær",
    "sme": "Kárášjohka čáhci",
    "is": "Þingvellir í Ölfusi",
    "el": "Αθήνα λιμάνι",
    "ru": "Северное море",
    "uk": "Київська їжа",
    "ar": "مدينة البحر",
    "he": "עיר הנמל",
    "fa": "رودخانه بزرگ",
    "hi": "हिन्दी पुस्तक",
    "ta": "தமிழ் நூல்",
    "th": "ภาษาไทยง่าย",
    "zh": "北京市图书馆",
    "ja": "東京の港とカナ",
    "ko": "서울 도서관",
    "ka": "თბილისის წიგნი",
    "hy": "Երևանի գիրք",
    "am": "አዲስ አበባ",
    "bn": "বাংলা বই",
    "vi": "Thành phố biển",
}


@dataclass(frozen=True, slots=True)
class DataSet:
    """A kind of data: its N-Quads lines by size, its full size, what is looked at when it is served.

    ``kind`` is the kind of things under ``id/`` that is listed, or the class, as an IRI, where nothing is there;
    ``facet`` a facet's name with its property; ``things`` names the smallest and the most linked things;
    ``whole`` whether it is a folder that describes itself.
    """

    name: str
    size: int
    lines: Callable[[int], Iterator[str]]
    kind: str
    things: tuple[str, ...]
    word: str
    facet: tuple[str, str] = ("", "")
    whole: bool = True
    suffix: str = "nt"
    head: str = ""
    smallest: int = field(default=20)

    @property
    def space(self) -> str:
        """What its IRIs begin with."""
        return f"{BASE}{self.name}/"

    def write(self, folder: Path, size: int) -> Path:
        """Write the content; give what ``--content`` takes."""
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / f"{self.name}.{self.suffix}"
        if self.whole:
            path = folder / "data" / f"things.{self.suffix}"
            path.parent.mkdir(exist_ok=True)
            (folder / "data" / "dataset.ttl").write_text(_DATASET.format(space=self.space, name=self.name))
        if self.facet[0]:
            facets = folder / "queries" / "facets"
            facets.mkdir(parents=True, exist_ok=True)
            name, query = self.facet
            title = f"#+ title: {{nb: {name.capitalize()}, en: {name.capitalize()}}}\n"
            (facets / f"10-{name}.rq").write_text(title + f"SELECT ?thing ?value\nWHERE {{ {query} }}\n")
        with path.open("w", encoding="utf-8", newline="\n") as file:
            file.write(self.head)
            file.writelines(self.lines(size))
        return folder if self.whole else path


_DATASET: Final = """\
PREFIX dc: <http://purl.org/dc/elements/1.1/>
PREFIX dcterms: <http://purl.org/dc/terms/>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
PREFIX void: <http://rdfs.org/ns/void#>
PREFIX xsd: <http://www.w3.org/2001/XMLSchema#>

<{space}catalog#dataset>
    a void:Dataset ;
    rdfs:label "A made-up {name}"@en ;
    dc:language "nb, en" ;
    dcterms:modified "2026-11-22"^^xsd:date ;
    dcterms:title "A made-up {name}"@en ;
    void:uriSpace "{space}" ;
.
"""


def _said(subject: str, *pairs: tuple[str, str]) -> Iterator[str]:
    return (f"<{subject}> {predicate} {value} .\n" for predicate, value in pairs)


def _chance(size: int) -> random.Random:
    return random.Random(size)  # noqa: S311 - repeatable data, no secret


def _name(number: int, chance: random.Random) -> tuple[str, str]:
    """Give a name of three words and a number in English and Norwegian."""
    words = chance.choices(_WORDS, k=3)
    return " ".join(words).capitalize() + f" {number}", " ".join(map(_BOKMAL.get, words)).capitalize() + f" {number}"


def thesaurus(size: int) -> Iterator[str]:
    """SKOS: so many concepts in two schemes, eight under each, labels in three languages."""
    space, chance = f"{BASE}thesaurus/id/", _chance(size)
    for scheme in ("subjects", "forms"):
        yield from _said(
            f"{space}scheme/{scheme}",
            (_TYPE, f"<{_SKOS}ConceptScheme>"),
            (f"<{_SKOS}prefLabel>", f'"The scheme of {scheme}"@en'),
        )
    for number in range(size):
        concept, (english, bokmal) = f"{space}concept/c{number}", _name(number, chance)
        above = (number - 2) // 8
        scheme = f"<{space}scheme/{'forms' if number % 2 else 'subjects'}>"
        yield from _said(
            concept,
            (_TYPE, f"<{_SKOS}Concept>"),
            (f"<{_SKOS}inScheme>", scheme),
            (f"<{_SKOS}prefLabel>", f'"{english}"@en'),
            (f"<{_SKOS}prefLabel>", f'"{bokmal}"@nb'),
            (f"<{_SKOS}prefLabel>", f'"{english[::-1].capitalize()}"@fi'),
            (f"<{_SKOS}altLabel>", f'"{chance.choice(_WORDS)} no. {number}"@en'),
            (f"<{_SKOS}altLabel>", f'"{_BOKMAL[chance.choice(_WORDS)]} nr. {number}"@nb'),
            (f"<{_SKOS}notation>", f'"T{number:06}"'),
        )
        if number >= 2:
            yield from _said(concept, (f"<{_SKOS}broader>", f"<{space}concept/c{above}>"))
            yield from _said(f"{space}concept/c{above}", (f"<{_SKOS}narrower>", f"<{concept}>"))
        else:
            yield from _said(concept, (f"<{_SKOS}topConceptOf>", scheme))
            yield from _said(scheme[1:-1], (f"<{_SKOS}hasTopConcept>", f"<{concept}>"))


def graphs(size: int) -> Iterator[str]:
    """TriG: so many named graphs, each about a measuring, which all speak of few stations."""
    space, chance = f"{BASE}graphs/", _chance(size)
    yield f"@prefix : <{space}> .\n@prefix dcterms: <{_DCT}> .\n"
    yield "@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .\n"
    yield "".join(f':station{n} a :Station ; rdfs:label "Station {n}"@en .\n' for n in range(max(2, size // 200)))
    for number in range(size):
        station, day = chance.randrange(max(2, size // 200)), f"20{number % 26:02}-{number % 12 + 1:02}-01"
        yield (
            f':graph{number} {{ :m{number} a :Measuring ; rdfs:label "{_name(number, chance)[0]}"@en ;\n'
            f'  :at :station{station} ; :value {chance.randrange(9999) / 100} ; dcterms:date "{day}" .\n'
            f":graph{number} dcterms:creator :station{station} . }}\n"
        )


def cube(size: int) -> Iterator[str]:
    """RDF Data Cube: so many observations over areas, ages, years and sexes, each slot once."""
    space = f"{BASE}cube/id/"
    dimensions = ("area", "age", "year", "sex")
    yield from _said(f"{space}cube/population", (_TYPE, f"<{_QB}DataSet>"), (_LABEL, '"Population by area"@en'))
    yield from _said(f"{space}cube/population", (f"<{_QB}structure>", f"<{space}structure/population>"))
    yield from _said(f"{space}structure/population", (_TYPE, f"<{_QB}DataStructureDefinition>"))
    for place, name in enumerate(dimensions):
        component, dimension = f"{space}component/{name}", f"{BASE}cube/def/{name}"
        yield from _said(f"{space}structure/population", (f"<{_QB}component>", f"<{component}>"))
        yield from _said(component, (f"<{_QB}dimension>", f"<{dimension}>"), (f"<{_QB}order>", f'"{place}"'))
        yield from _said(dimension, (_TYPE, f"<{_QB}DimensionProperty>"), (_LABEL, f'"{name}"@en'))
    sizes = {"age": 20, "year": 10, "sex": 2}
    areas = max(1, size // 400)
    for name, many in {"area": areas, **sizes}.items():
        for number in range(many):
            yield from _said(f"{space}{name}/{number}", (_LABEL, f'"{name.capitalize()} {number}"@en'))
    for number in range(size):
        rest, slot = number, {}
        for name, many in sizes.items():
            rest, slot[name] = divmod(rest, many)
        slot["area"] = rest % areas
        yield from _said(
            f"{space}observation/{number}",
            (_TYPE, f"<{_QB}Observation>"),
            (f"<{_QB}dataSet>", f"<{space}cube/population>"),
            *((f"<{BASE}cube/def/{name}>", f"<{space}{name}/{slot[name]}>") for name in dimensions),
            (f"<{BASE}cube/def/persons>", f'"{number * 7919 % 10007}"^^<{_XSD}integer>'),
        )


def persons(size: int) -> Iterator[str]:
    """FOAF and Dublin Core, Turtle, hash IRIs: so many documents, half as many persons who know each other."""
    space, chance, people = f"{BASE}persons/", _chance(size), max(2, size // 2)
    yield f"@prefix dcterms: <{_DCT}> .\n@prefix foaf: <{_FOAF}> .\n"
    for number in range(people):
        known = " , ".join(f"<{space}people/p{int(people * chance.random() ** 3)}#me>" for _ in range(3))
        yield (
            f"<{space}people/p{number}#me> a foaf:Person ;\n"
            f'  foaf:name "{chance.choice(_WORDS).capitalize()} {chance.choice(_WORDS).capitalize()}son {number}" ;\n'
            f"  foaf:knows {known} .\n"
        )
    for number in range(size):
        author = int(people * chance.random() ** 2)
        yield (
            f"<{space}documents/d{number}> a foaf:Document ;\n"
            f'  dcterms:title "{_name(number, chance)[0]}"@en ;\n'
            f"  dcterms:creator <{space}people/p{author}#me> ;\n"
            f"  foaf:primaryTopic <{space}documents/d{number}#it> .\n"
            f'<{space}documents/d{number}#it> dcterms:description "What document {number} is about."@en .\n'
        )


def ontology(size: int) -> Iterator[str]:
    """As schema.org, Turtle: so many terms, half classes in a tree, half properties with domain and range."""
    space, chance, classes = f"{BASE}ontology/", _chance(size), max(2, size // 2)
    yield (
        f"@prefix : <{space}> .\n@prefix owl: <http://www.w3.org/2002/07/owl#> .\n"
        f"@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .\n"
        f"@prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> .\n@prefix xsd: <{_XSD}> .\n"
    )
    for number in range(classes):
        above = f" ; rdfs:subClassOf :Class{int(number * chance.random())}" if number else ""
        yield (
            f':Class{number} a rdfs:Class ; rdfs:label "{_name(number, chance)[0]}"@en ;\n'
            f'  rdfs:comment "A {chance.choice(_WORDS)} of the {number}th kind."@en{above} .\n'
        )
    for number in range(size - classes):
        range_ = chance.choice((f":Class{chance.randrange(classes)}", "xsd:string", "xsd:date"))
        yield (
            f':property{number} a rdf:Property ; rdfs:label "{_name(number, chance)[0]} of"@en ;\n'
            f'  rdfs:comment "Says which {chance.choice(_WORDS)} it has."@en ;\n'
            f"  rdfs:domain :Class{int(classes * chance.random() ** 2)} ; rdfs:range {range_} .\n"
        )


def bibliography(size: int) -> Iterator[str]:
    """Turtle with blank nodes and lists: so many books with contributions and an ordered list of authors."""
    space, chance, people = f"{BASE}bibliography/id/", _chance(size), max(3, size // 4)
    yield f"@prefix : <{BASE}bibliography/def/> .\n@prefix dcterms: <{_DCT}> .\n@prefix id: <{space}> .\n"
    yield f"@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .\n@prefix xsd: <{_XSD}> .\n"
    for number in range(people):
        name = f"{chance.choice(_WORDS).capitalize()}son, {chance.choice(_WORDS).capitalize()} {number}"
        yield f'<{space}person/p{number}> a :Person ; rdfs:label "{name}" .\n'
    for number in range(size):
        authors = [f"<{space}person/p{int(people * chance.random() ** 2)}>" for _ in range(1 + number % 3)]
        yield (
            f'<{space}book/b{number}> a :Book ; dcterms:title "{_name(number, chance)[0]}"@en ;\n'
            f'  rdfs:label "{_name(number, chance)[0]}"@en ;\n'
            f"  :authors ( {' '.join(authors)} ) ;\n"
            f'  :contribution [ a :Contribution ; :agent {authors[0]} ; :role "author"@en ] ;\n'
            f"  :published [ :place <{space}place/{number % 50}> ;\n"
            f'    dcterms:date "{1800 + number % 220}"^^xsd:gYear ] .\n'
        )
    for number in range(min(50, size)):
        yield f'<{space}place/{number}> a :Place ; rdfs:label "{_name(number, chance)[0]}"@en .\n'


def languages(size: int) -> Iterator[str]:
    """So many things with labels in twenty languages and scripts, and descriptions in some."""
    space, chance = f"{BASE}languages/id/", _chance(size)
    for number in range(size):
        thing = f"{space}entry/e{number}"
        texts = [(_LABEL, f'"{text} {number}"@{tag}') for tag, text in _SCRIPTS.items()]
        further = [
            (f"<{_DCT}description>", f'"{_SCRIPTS[tag]}, {number}."@{tag}') for tag in chance.sample([*_SCRIPTS], 3)
        ]
        yield from _said(
            thing,
            (_TYPE, f"<{BASE}languages/def/Entry>"),
            (f"<{_DCT}relation>", f"<{space}entry/e{int(number * chance.random())}>"),
            *texts,
            *further,
        )


def places(size: int) -> Iterator[str]:
    """So many places with points in WKT, in regions, beside each other."""
    space, chance = f"{BASE}places/id/", _chance(size)
    regions = max(2, size // 100)
    for number in range(regions):
        yield from _said(
            f"{space}region/r{number}",
            (_TYPE, f"<{BASE}places/def/Region>"),
            (_LABEL, f'"Region of {_name(number, chance)[0]}"@en'),
        )
    for number in range(size):
        place, geometry, (english, bokmal) = f"{space}place/p{number}", f"{space}point/p{number}", _name(number, chance)
        point = f"POINT({chance.uniform(4, 31):.5f} {chance.uniform(58, 71):.5f})"
        yield from _said(
            place,
            (_TYPE, f"<{BASE}places/def/Place>"),
            (_LABEL, f'"{english}"@en'),
            (_LABEL, f'"{bokmal}"@nb'),
            (f"<{_DCT}isPartOf>", f"<{space}region/r{int(regions * chance.random() ** 2)}>"),
            (f"<{BASE}places/def/near>", f"<{space}place/p{chance.randrange(size)}>"),
            (f"<{_GEO}hasGeometry>", f"<{geometry}>"),
        )
        yield from _said(geometry, (_TYPE, f"<{_GEO}Geometry>"), (f"<{_GEO}asWKT>", f'"{point}"^^<{_GEO}wktLiteral>'))


def chain_of(size: int) -> Iterator[str]:
    """One long chain: so many things, each before the next."""
    space = f"{BASE}chain/id/link/"
    for number in range(size):
        yield from _said(
            f"{space}l{number}",
            (_TYPE, f"<{BASE}chain/def/Link>"),
            (_LABEL, f'"Link {number} of the chain"@en'),
            (f"<{BASE}chain/def/before>", f"<{space}l{number + 1}>"),
        )


def hub(size: int) -> Iterator[str]:
    """One thing that so many point to by four properties."""
    space, chance = f"{BASE}hub/id/", _chance(size)
    yield from _said(f"{space}hub/one", (_TYPE, f"<{BASE}hub/def/Hub>"), (_LABEL, '"The hub"@en'))
    for number in range(size):
        yield from _said(
            f"{space}spoke/s{number}",
            (_TYPE, f"<{BASE}hub/def/Spoke>"),
            (_LABEL, f'"{_name(number, chance)[0]}"@en'),
            (f"<{BASE}hub/def/to{number % 4}>", f"<{space}hub/one>"),
        )


_VALUE: Final = "?thing <{}> ?value".format
SETS: Final = {
    each.name: each
    for each in (
        DataSet(
            "thesaurus",
            50_000,
            thesaurus,
            "concept",
            ("id/scheme/subjects", "id/concept/c0", "id/concept/c2", "id/concept/c10", "id/concept/c{last}"),
            "harbour",
            ("broader", _VALUE(_SKOS + "broader")),
        ),
        DataSet(
            "graphs",
            10_000,
            graphs,
            "Measuring",
            ("station0", "station1", "m0", "m{last}", "graph0"),
            "harbour",
            whole=False,
            suffix="trig",
        ),
        DataSet(
            "cube",
            100_000,
            cube,
            "observation",
            ("id/cube/population", "id/structure/population", "id/area/0", "id/sex/1", "id/observation/{last}"),
            "area",
            ("area", _VALUE(BASE + "cube/def/area")),
            smallest=400,
        ),
        DataSet(
            "persons",
            30_000,
            persons,
            _FOAF + "Person",
            ("people/p0#me", "people/p1#me", "documents/d0", "documents/d{last}", "documents/d{last}#it"),
            "harbour",
            whole=False,
            suffix="ttl",
        ),
        DataSet(
            "ontology",
            1_500,
            ontology,
            "http://www.w3.org/2000/01/rdf-schema#Class",
            ("Class0", "Class1", "Class7", "property0", "property1"),
            "harbour",
            whole=False,
            suffix="ttl",
        ),
        DataSet(
            "bibliography",
            20_000,
            bibliography,
            "book",
            ("id/person/p0", "id/person/p1", "id/place/0", "id/book/b0", "id/book/b{last}"),
            "harbour",
            ("author", _VALUE(BASE + "bibliography/def/contribution> / <" + BASE + "bibliography/def/agent")),
            suffix="ttl",
        ),
        DataSet(
            "languages",
            10_000,
            languages,
            "entry",
            ("id/entry/e0", "id/entry/e1", "id/entry/e2", "id/entry/e10", "id/entry/e{last}"),
            "東京",
            ("related", _VALUE(_DCT + "relation")),
        ),
        DataSet(
            "places",
            30_000,
            places,
            "place",
            ("id/region/r0", "id/region/r1", "id/place/p0", "id/place/p{last}", "id/point/p0"),
            "harbour",
            ("region", _VALUE(_DCT + "isPartOf")),
        ),
        DataSet(
            "chain",
            50_000,
            chain_of,
            "link",
            ("id/link/l0", "id/link/l1", "id/link/l10", "id/link/l11", "id/link/l{last}"),
            "link",
            ("before", _VALUE(BASE + "chain/def/before")),
        ),
        DataSet(
            "hub",
            100_000,
            hub,
            "spoke",
            ("id/hub/one", "id/spoke/s0", "id/spoke/s1", "id/spoke/s10", "id/spoke/s{last}"),
            "harbour",
            ("direct", _VALUE(BASE + "hub/def/to0")),
        ),
    )
}


if __name__ == "__main__":
    chosen = SETS[sys.argv[2]]
    print(chosen.write(Path(sys.argv[1]), int(sys.argv[3]) if len(sys.argv) > 3 else chosen.size))
