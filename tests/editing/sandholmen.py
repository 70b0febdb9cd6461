"""A made-up content with every kind of cell, for workbooks: boats of Sandholmen, and who owns them."""

import io
from pathlib import Path

import openpyxl

from app.content.folders import Content
from app.editing.base import Base
from app.editing.tables import tables
from app.editing.workbook_out import write_workbook
from app.terms import Iri

SPACE = "https://example.org/sandholmen/"
ONTOLOGY = f"{SPACE}ontology#"
PREFIXES = """\
PREFIX dc: <http://purl.org/dc/elements/1.1/>
PREFIX dcterms: <http://purl.org/dc/terms/>
PREFIX foaf: <http://xmlns.com/foaf/0.1/>
PREFIX inn: <https://w3id.org/innherred/ontology#>
PREFIX owl: <http://www.w3.org/2002/07/owl#>
PREFIX rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
PREFIX sh: <http://www.w3.org/ns/shacl#>
PREFIX so: <https://example.org/sandholmen/ontology#>
PREFIX vann: <http://purl.org/vocab/vann/>
PREFIX void: <http://rdfs.org/ns/void#>
PREFIX xsd: <http://www.w3.org/2001/XMLSchema#>
BASE <https://example.org/sandholmen/>
"""
FILES = {
    "data/dataset.ttl": """
<catalog#dataset> a void:Dataset ; dc:language "nb, en" ; void:uriSpace "https://example.org/sandholmen/" ;
    dcterms:title "Sandholmen (oppdiktet)"@nb , "Sandholmen (made up)"@en ; dcterms:modified "2026-01-31"^^xsd:date .
<graph/plan> rdfs:label "Planen"@nb , "The plan"@en ; dcterms:source <id/source/plan> ; inn:certainty inn:stated .
""",
    "data/plan/boats.ttl": """
<id/source/plan> a inn:Source ; rdfs:label "Havneplanen"@nb , "The harbour plan"@en .
<id/boat/skjell> a so:Boat ; rdfs:label "Skjell"@nb , "Shell"@en ;
    dcterms:description "Rød båt."@nb , "A red boat."@en ;
    so:built "1998"^^xsd:gYear ; so:seats 12 ; so:length 6.50 ; so:sails false ; so:state so:afloat ;
    so:owner <id/owner/anker> , <id/owner/bolge> ; foaf:homepage <https://example.org/skjell> ; so:number "007" .
<id/boat/tang> a so:Boat ; rdfs:label "Tang"@nb , "Weed"@en ; so:built "2001-05"^^xsd:gYearMonth ; so:seats 4 ;
    so:owner <id/owner/bolge> ; so:number "012" .
<id/boat/tare> a so:Boat ; rdfs:label "Tare"@nb , "Kelp"@en ; so:built "2010-06-01"^^xsd:date ; so:seats 2 .
<id/boat/krabbe> a so:Boat ; rdfs:label "Krabbe"@nb , "Crab"@en ; so:seats 3 .
<id/owner/anker> a so:Owner ; rdfs:label "Anker båtlag"@nb , "Anker boat club"@en .
<id/owner/bolge> a so:Owner ; rdfs:label "Bølge båtlag"@nb , "Wave boat club"@en .
""",
    "data/register/boats.ttl": """
<graph/register/boats> rdfs:label "Registergraf: båtlisten"@nb , "Register graph: the list of boats"@en ;
    dcterms:source <id/source/boats> ; inn:certainty inn:stated .
<id/source/boats> a inn:Source ; rdfs:label "Båtlisten"@nb , "The list of boats"@en .
<id/boat/tare> so:number "044" .
""",
    "ontology/terms.ttl": """
<ontology> a owl:Ontology ; vann:preferredNamespacePrefix "so" ;
    vann:preferredNamespaceUri "https://example.org/sandholmen/ontology#" .
so:Boat a owl:Class ; rdfs:label "båt"@nb , "boat"@en .
so:Owner a owl:Class ; rdfs:label "eier"@nb , "owner"@en .
so:State a owl:Class ; rdfs:label "tilstand"@nb , "state"@en .
so:afloat a so:State ; rdfs:label "på vannet"@nb , "afloat"@en .
so:ashore a so:State ; rdfs:label "på land"@nb , "ashore"@en .
inn:Source a owl:Class ; rdfs:label "kilde"@nb , "source"@en .
inn:stated rdfs:label "oppgitt"@nb , "stated"@en .
inn:interpreted rdfs:label "tolket"@nb , "interpreted"@en .
inn:uncertain rdfs:label "usikker"@nb , "uncertain"@en .
""",
    "shapes/boats.ttl": """
<shape/Boat> a sh:NodeShape ; sh:targetClass so:Boat ; sh:name "Båter"@nb , "Boats"@en ; sh:property
    <shape/label> , <shape/description> , <shape/built> , <shape/seats> , <shape/length> , <shape/sails> ,
    <shape/state> , <shape/owner> , <shape/homepage> , <shape/number> .
<shape/Owner> a sh:NodeShape ; sh:targetClass so:Owner ; sh:name "Eiere"@nb , "Owners"@en ; sh:property <shape/label> .
<shape/Source> a sh:NodeShape ; sh:targetClass inn:Source ; sh:name "Kilder"@nb , "Sources"@en ;
    sh:property <shape/label> .
<shape/label> sh:path rdfs:label ; sh:name "Navn"@nb , "Name"@en ; sh:order 1 ; sh:datatype rdf:langString ;
    sh:languageIn ( "nb" "en" ) ; sh:uniqueLang true ; sh:minCount 1 .
<shape/description> sh:path dcterms:description ; sh:name "Beskrivelse"@nb , "Description"@en ; sh:order 2 ;
    sh:datatype rdf:langString ; sh:languageIn ( "nb" "en" ) ; sh:uniqueLang true .
<shape/built> sh:path so:built ; sh:name "Bygd"@nb , "Built"@en ; sh:order 3 ; sh:maxCount 1 ;
    sh:or ( [ sh:datatype xsd:gYear ] [ sh:datatype xsd:gYearMonth ] [ sh:datatype xsd:date ] ) .
<shape/seats> sh:path so:seats ; sh:name "Plasser"@nb , "Seats"@en ; sh:order 4 ; sh:maxCount 1 ;
    sh:datatype xsd:integer ; sh:description "Hvor mange som får plass."@nb , "How many it takes."@en .
<shape/length> sh:path so:length ; sh:name "Lengde"@nb , "Length"@en ; sh:order 5 ; sh:maxCount 1 ;
    sh:datatype xsd:decimal .
<shape/sails> sh:path so:sails ; sh:name "Seil"@nb , "Sails"@en ; sh:order 6 ; sh:maxCount 1 ; sh:datatype xsd:boolean .
<shape/state> sh:path so:state ; sh:name "Tilstand"@nb , "State"@en ; sh:order 7 ; sh:maxCount 1 ;
    sh:in ( so:afloat so:ashore ) .
<shape/owner> sh:path so:owner ; sh:name "Eiere"@nb , "Owners"@en ; sh:order 8 ; sh:class so:Owner .
<shape/homepage> sh:path foaf:homepage ; sh:pattern "^https?://" ; sh:name "Nettside"@nb , "Web page"@en ; sh:order 9 ;
    sh:maxCount 1 ; sh:nodeKind sh:IRI .
<shape/number> sh:path so:number ; sh:name "Nummer"@nb , "Number"@en ; sh:order 10 ; sh:maxCount 1 ;
    sh:datatype xsd:string ; sh:pattern "^[0-9]{3}$" .
""",
}


def base_of(folder: Path) -> Base:
    """Write the content below a folder, and read what it says."""
    for name, text in FILES.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(PREFIXES + text, encoding="utf-8")
    return Base.read(Content.open(folder))


def boat(name: str) -> Iri:
    """Give a boat by the end of its IRI."""
    return Iri(f"{SPACE}id/boat/{name}")


def term(name: str) -> Iri:
    """Give a term of the ontology of the content."""
    return Iri(ONTOLOGY + name)


def written(base: Base, language: str = "nb", **options) -> bytes:
    """Give the workbook of a content as it is given out."""
    target = io.BytesIO()
    write_workbook(base, tables(base), target, language=language, **options)
    return target.getvalue()


def edited(data: bytes, change) -> bytes:
    """Give a workbook after somebody has changed it: ``change`` is called with the workbook."""
    book = openpyxl.load_workbook(io.BytesIO(data))
    change(book)
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def cell(sheet, row: str, heading: str):
    """Give the cell of a sheet by the id of its row and the name of its column."""
    numbers = {sheet.cell(2, each).value: each for each in range(1, sheet.max_column + 1)}
    found = next(each for each in range(4, sheet.max_row + 1) if sheet.cell(each, 1).value == row)
    return sheet.cell(found, numbers[heading])


def setting(row: str, heading: str, value, sheet: str = "båt"):
    """Give a change of one cell."""

    def change(book):
        cell(book[sheet], row, heading).value = value

    return change


def codes(found) -> list[str]:
    """Give the codes of what is wrong with a workbook, but not of what is only told."""
    return [each.code for each in found.findings if each.severity != "info"]
