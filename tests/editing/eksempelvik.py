"""A small made-up content for tests of editing: activities of Eksempelvik and who takes part, by three voices."""

from pathlib import Path

from app.content.folders import Content
from app.editing.base import Base

PREFIXES = """\
PREFIX dc: <http://purl.org/dc/elements/1.1/>
PREFIX dcterms: <http://purl.org/dc/terms/>
PREFIX ex: <http://example.org/eksempelvik/ontology#>
PREFIX inn: <https://w3id.org/innherred/ontology#>
PREFIX owl: <http://www.w3.org/2002/07/owl#>
PREFIX rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
PREFIX sh: <http://www.w3.org/ns/shacl#>
PREFIX vann: <http://purl.org/vocab/vann/>
PREFIX void: <http://rdfs.org/ns/void#>
PREFIX xsd: <http://www.w3.org/2001/XMLSchema#>
BASE <http://example.org/eksempelvik/>
"""
FILES = {
    "data/dataset.ttl": """
<catalog#dataset> a void:Dataset ; dc:language "nb, en" ; dcterms:title "Eksempelvik (eksempel)"@nb ;
    void:uriSpace "http://example.org/eksempelvik/" .
<graph/strategy> rdfs:label "Strategien"@nb , "The strategy"@en ; dcterms:source <id/document/strategy> ;
    inn:certainty inn:stated .
<graph/interpretation> rdfs:label "Vår tolkning"@nb , "Our reading"@en ; inn:certainty inn:interpreted .
""",
    "data/strategy/activities.ttl": """
<id/document/strategy> a ex:Document ; rdfs:label "Eksempelstrategien"@nb , "The Example Strategy"@en .
<id/activity/brubygging> a ex:Activity ; rdfs:label "Brubygging"@nb ; ex:end "2023"^^xsd:gYear ;
    ex:topic <id/topic/skole> .
<id/activity/fjordlys> a ex:Activity ; rdfs:label "Fjordlys"@nb , "Fjord Light"@en ; ex:cost 1200 .
<id/topic/skole> a ex:Topic ; rdfs:label "skole"@nb , "school"@en .
<id/topic/kultur> a ex:Topic ; rdfs:label "kultur"@nb , "culture"@en .
<id/role/deltaker> a ex:Role ; rdfs:label "deltaker"@nb , "participant"@en .
""",
    "data/strategy/municipalities.ttl": """
<id/municipality/eksempelvik> a ex:Municipality ; rdfs:label "Eksempelvik kommune"@nb .
<id/municipality/tenkestad> a ex:Municipality ; rdfs:label "Tenkestad kommune"@nb .
<id/participation/a-1> a ex:Participation ; rdfs:label "Eksempelvik kommune i Brubygging"@nb ;
    ex:participant <id/municipality/eksempelvik> ; ex:inActivity <id/activity/brubygging> ;
    ex:role <id/role/deltaker> ; inn:certainty inn:stated .
""",
    "data/interpretation/claims.ttl": """
<id/activity/brubygging> ex:topic <id/topic/kultur> .
<id/claim/1> a inn:Claim ; rdfs:label "Påstand: tema"@nb ; rdf:subject <id/activity/brubygging> ;
    rdf:predicate ex:topic ; rdf:object <id/topic/kultur> ; inn:certainty inn:uncertain ;
    inn:rationale "Navnet tyder på det."@nb , "The name suggests it."@en .
""",
    "data/register/page.ttl": """
<graph/register/page> rdfs:label "Registergraf: siden"@nb ; dcterms:source <id/source/page> ;
    inn:certainty inn:stated .
<id/source/page> a inn:Source ; rdfs:label "Siden til Tenkestad kommune"@nb , "The page of Tenkestad"@en .
<id/activity/brubygging> ex:topic <id/topic/kultur> .
""",
    "ontology/terms.ttl": """
<ontology> a owl:Ontology ; vann:preferredNamespacePrefix "ex" ;
    vann:preferredNamespaceUri "http://example.org/eksempelvik/ontology#" .
ex:Activity a owl:Class ; rdfs:label "aktivitet"@nb , "activity"@en .
ex:Participation a owl:Class ; rdfs:label "deltakelse"@nb , "participation"@en .
ex:Municipality a owl:Class ; rdfs:label "kommune"@nb , "municipality"@en .
ex:Document a owl:Class ; rdfs:label "dokument"@nb , "document"@en .
ex:Topic a owl:Class ; rdfs:label "tema"@nb , "topic"@en .
ex:Role a owl:Class ; rdfs:label "rolle"@nb , "role"@en .
inn:Source a owl:Class ; rdfs:label "kilde"@nb , "source"@en .
inn:Claim a owl:Class ; rdfs:label "påstand"@nb , "claim"@en .
inn:certainty rdfs:label "hvor sikkert"@nb , "certainty"@en .
inn:stated rdfs:label "oppgitt"@nb , "stated"@en .
inn:interpreted rdfs:label "tolket"@nb , "interpreted"@en .
inn:uncertain rdfs:label "usikker"@nb , "uncertain"@en .
inn:rationale rdfs:label "begrunnelse"@nb , "rationale"@en .
ex:end rdfs:label "slutt"@nb , "end"@en .
ex:cost rdfs:label "kostnad"@nb , "cost"@en .
ex:topic rdfs:label "tema"@nb , "topic"@en .
ex:participant rdfs:label "deltar"@nb , "participant"@en .
ex:inActivity rdfs:label "i aktiviteten"@nb , "in the activity"@en .
ex:role rdfs:label "rolle"@nb , "role"@en .
""",
    "shapes/activity.ttl": """
<shape/Activity> a sh:NodeShape ; sh:targetClass ex:Activity ;
    sh:property <shape/Activity-end> , <shape/Activity-label> , <shape/Activity-cost> .
<shape/Participation> a sh:NodeShape ; sh:targetClass ex:Participation ;
    sh:property <shape/Participation-participant> , <shape/Participation-inActivity> , <shape/Participation-role> ,
        <shape/Participation-source> , <shape/Participation-certainty> .
<shape/Participation-participant> a sh:PropertyShape ; sh:path ex:participant ; sh:class ex:Municipality ;
    sh:minCount 1 ; sh:maxCount 1 ; sh:name "deltaker"@nb , "participant"@en .
<shape/Participation-inActivity> a sh:PropertyShape ; sh:path ex:inActivity ; sh:class ex:Activity ;
    sh:minCount 1 ; sh:maxCount 1 ; sh:name "aktivitet"@nb , "activity"@en .
<shape/Participation-role> a sh:PropertyShape ; sh:path ex:role ; sh:class ex:Role ; sh:name "rolle"@nb , "role"@en .
<shape/Participation-source> a sh:PropertyShape ; sh:path dcterms:source ; sh:nodeKind sh:IRI ;
    sh:name "kilde"@nb , "source"@en .
<shape/Participation-certainty> a sh:PropertyShape ; sh:path inn:certainty ; sh:nodeKind sh:IRI ;
    sh:name "hvor sikkert"@nb , "certainty"@en .
<shape/Activity-end> a sh:PropertyShape ; sh:path ex:end ; sh:maxCount 1 ; sh:name "sluttdato"@nb , "end date"@en .
<shape/Activity-label> a sh:PropertyShape ; sh:path rdfs:label ; sh:uniqueLang true ; sh:name "navn"@nb , "name"@en .
<shape/Activity-cost> a sh:PropertyShape ; sh:path ex:cost ; sh:maxCount 1 ; sh:name "kostnad"@nb , "cost"@en .
""",
}


def written(folder: Path) -> Path:
    """Write the content below a folder and give the folder."""
    for name, text in FILES.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(PREFIXES + text, encoding="utf-8")
    return folder


def base_of(folder: Path) -> Base:
    """Write the content and read what it says."""
    return Base.read(Content.open(written(folder)))
