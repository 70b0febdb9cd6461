"""A made-up content that is edited on the web, its application, and a browser's steps through a form without a browser.

What stands in it is that of ``tests/editing/eksempelvik.py``, with shapes for all that is filled in.
"""

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path

from flask import Flask
from werkzeug.test import TestResponse

from app.build.builder import build
from app.config import Settings
from app.content.folders import Content
from app.editing import entrance
from app.progress import Progress
from app.web import create_app
from app.web.editing import session
from tests.editing.eksempelvik import FILES, PREFIXES
from tests.web.conftest import Client

HOST = "http://127.0.0.1"
BASE = "http://example.org/eksempelvik/"
EX = BASE + "ontology#"
LABEL = "http://www.w3.org/2000/01/rdf-schema#label"

SHAPES = """
<shape/names> a sh:PropertyGroup ; rdfs:label "Navn"@nb , "Names"@en ; sh:order 1 .
<shape/what> a sh:PropertyGroup ; rdfs:label "Hva det er"@nb , "What it is"@en ; sh:order 2 .
<shape/size> a sh:PropertyGroup ; rdfs:label "Hvor stort"@nb , "How large"@en ; sh:order 3 .

<shape/Activity> a sh:NodeShape ; sh:targetClass ex:Activity ;
    sh:property <shape/Activity-label> , <shape/Activity-end> ,
    <shape/Activity-cost> , <shape/Activity-topic> , <shape/Activity-page> , <shape/Activity-text> ,
    <shape/Activity-big> .
<shape/Activity-label> a sh:PropertyShape ; sh:path rdfs:label ; sh:minCount 1 ; sh:uniqueLang true ; sh:order 1 ;
    sh:languageIn ( "nb" "en" ) ; sh:datatype rdf:langString ; sh:group <shape/names> ; sh:name "navn"@nb , "name"@en ;
    sh:message "En aktivitet må ha et navn."@nb , "An activity needs a name."@en .
<shape/Activity-text> a sh:PropertyShape ; sh:path ex:text ; sh:datatype rdf:langString ; sh:uniqueLang true ;
    sh:order 2 ; sh:group <shape/what> ; sh:name "beskrivelse"@nb , "description"@en ;
    sh:message "Rett dette."@nb , "Mend this."@en .
<shape/Activity-end> a sh:PropertyShape ; sh:path ex:end ; sh:maxCount 1 ; sh:order 3 ; sh:group <shape/what> ;
    sh:or ( <shape/year> <shape/month> <shape/day> ) ; sh:name "sluttdato"@nb , "end date"@en ;
    sh:description "Når den ble avsluttet."@nb , "When it ended."@en ;
    sh:message "Rett dette."@nb , "Mend this."@en .
<shape/source> sh:class inn:Source . <shape/document> sh:class ex:Document .
<shape/year> sh:datatype xsd:gYear . <shape/month> sh:datatype xsd:gYearMonth . <shape/day> sh:datatype xsd:date .
<shape/Activity-cost> a sh:PropertyShape ; sh:path ex:cost ; sh:maxCount 1 ; sh:datatype xsd:integer ; sh:order 4 ;
    sh:group <shape/size> ; sh:maxInclusive 1000000 ; sh:name "kostnad"@nb , "cost"@en ;
    sh:message "En aktivitet koster høyst en million."@nb , "An activity costs a million at most."@en .
<shape/Activity-topic> a sh:PropertyShape ; sh:path ex:topic ; sh:class ex:Topic ; sh:order 5 ; sh:group <shape/what> ;
    sh:name "tema"@nb , "topic"@en ;
    sh:message "Rett dette."@nb , "Mend this."@en .
<shape/Activity-page> a sh:PropertyShape ; sh:path ex:page ; sh:datatype xsd:anyURI ; sh:order 6 ;
    sh:group <shape/what> ; sh:name "nettside"@nb , "web page"@en ;
    sh:message "Rett dette."@nb , "Mend this."@en .
<shape/Activity-big> a sh:PropertyShape ; sh:path ex:big ; sh:datatype xsd:boolean ; sh:maxCount 1 ; sh:order 7 ;
    sh:group <shape/size> ; sh:name "stor"@nb , "big"@en ;
    sh:message "Rett dette."@nb , "Mend this."@en .

<shape/Participation> a sh:NodeShape ; sh:targetClass ex:Participation ;
    sh:property <shape/Participation-participant> ,
    <shape/Participation-activity> , <shape/Participation-role> , <shape/Participation-certainty> ,
    <shape/Participation-source> .
<shape/Participation-activity> a sh:PropertyShape ; sh:path ex:inActivity ; sh:class ex:Activity ; sh:minCount 1 ;
    sh:maxCount 1 ; sh:order 1 ; sh:name "i aktiviteten"@nb , "in the activity"@en ;
    sh:message "Rett dette."@nb , "Mend this."@en .
<shape/Participation-participant> a sh:PropertyShape ; sh:path ex:participant ; sh:class ex:Municipality ;
    sh:minCount 1 ; sh:maxCount 1 ; sh:order 2 ; sh:name "hvem deltar"@nb , "who takes part"@en ;
    sh:message "Rett dette."@nb , "Mend this."@en .
<shape/Participation-role> a sh:PropertyShape ; sh:path ex:role ; sh:class ex:Role ; sh:maxCount 1 ; sh:order 3 ;
    sh:name "rolle"@nb , "role"@en ;
    sh:message "Rett dette."@nb , "Mend this."@en .
<shape/Participation-certainty> a sh:PropertyShape ; sh:path inn:certainty ; sh:in ( inn:stated inn:interpreted ) ;
    sh:maxCount 1 ; sh:order 4 ; sh:name "hvor sikkert"@nb , "certainty"@en ;
    sh:message "Rett dette."@nb , "Mend this."@en .
<shape/Participation-source> a sh:PropertyShape ; sh:path dcterms:source ; sh:or ( <shape/source> <shape/document> ) ;
    sh:order 5 ;
    sh:name "kilde"@nb , "source"@en ;
    sh:message "Rett dette."@nb , "Mend this."@en .

<shape/Municipality> a sh:NodeShape ; sh:targetClass ex:Municipality ; sh:property <shape/Municipality-label> .
<shape/Municipality-label> a sh:PropertyShape ; sh:path rdfs:label ; sh:minCount 1 ; sh:uniqueLang true ; sh:order 1 ;
    sh:languageIn ( "nb" "en" ) ; sh:datatype rdf:langString ; sh:name "navn"@nb , "name"@en ;
    sh:message "Rett dette."@nb , "Mend this."@en .
<shape/Missing> a sh:NodeShape ; rdfs:label "Aktivitet uten nettside"@nb , "Activity without a page"@en ;
    sh:targetClass ex:Activity ; sh:severity sh:Warning ; sh:property <shape/Missing-page> .
<shape/Missing-page> a sh:PropertyShape ; rdfs:label "Aktivitet uten nettside"@nb , "Activity without a page"@en ;
    sh:path ex:page ; sh:minCount 1 ; sh:severity sh:Warning ;
    sh:message "Aktiviteten har ingen nettside."@nb , "The activity has no page."@en .

<shape/Source> a sh:NodeShape ; sh:targetClass inn:Source ; sh:property <shape/Source-label> , <shape/Source-page> .
<shape/Source-label> a sh:PropertyShape ; sh:path rdfs:label ; sh:minCount 1 ; sh:uniqueLang true ; sh:order 1 ;
    sh:languageIn ( "nb" "en" ) ; sh:datatype rdf:langString ; sh:name "navn"@nb , "name"@en ;
    sh:message "Rett dette."@nb , "Mend this."@en .
<shape/Source-page> a sh:PropertyShape ; sh:path ex:page ; sh:datatype xsd:anyURI ; sh:order 2 ;
    sh:name "adresse"@nb , "address"@en ;
    sh:message "Rett dette."@nb , "Mend this."@en .
"""

TERMS = """
ex:text rdfs:label "beskrivelse"@nb , "description"@en .
ex:page rdfs:label "nettside"@nb , "web page"@en .
ex:big rdfs:label "stor"@nb , "big"@en .
"""
ASKED = """
#+ title: {nb: "Å bekrefte", en: "To confirm"}
#+ view: table
#+ columns: {entry: {nb: Nr., en: No.}, answer: {nb: "Er kommunen med?", en: "Does it take part?"}}
#+ ask:
#+   column: answer
#+   about: entry
#+   answers: {"yes": {nb: "Ja.", en: "Yes."}, "other": {nb: "En annen:", en: "Another:"}}
SELECT ?entry ?answer WHERE { ?entry ex:participant ?this . BIND("☐ Ja" AS ?answer) }
"""
CONTENT = {
    **FILES,
    "shapes/activity.ttl": SHAPES,
    "ontology/terms.ttl": FILES["ontology/terms.ttl"] + TERMS,
    "queries/pages/Municipality/profile/10-confirm.rq": ASKED,
}


def written(folder: Path) -> Path:
    """Write the content below a folder and give the folder."""
    for name, text in CONTENT.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(PREFIXES + text, encoding="utf-8")
    return folder


def built(folder: Path) -> Settings:
    """Write and build the content below a folder; give settings with which it is edited."""
    found = Settings(content=written(folder / "content"), state=folder / "state", edit=1)
    build(Content.open(found.content), found, as_of=None, progress=Progress(quiet=True))
    return found


def application(settings: Settings) -> Flask:
    """Give the application, whose errors are answered as they are in service."""
    found = create_app(settings)
    found.testing = False
    found.test_client_class = Client
    return found


def logged_in(app: Flask) -> Client:
    """Give a client of who is logged in by the link of the terminal."""
    client = app.test_client()
    link = entrance.new_link(app.config["SETTINGS"].state)
    page = client.get(f"/edit/login?token={link}", base_url=HOST).text
    token = re.search(rf'name="{session.FIELD}" value="([^"]+)"', page)
    assert token
    answer = client.post("/edit/login", base_url=HOST, data={session.FIELD: token[1], "token": link})
    assert answer.status_code == 303
    return client


@dataclass
class Page(HTMLParser):
    """A page with a form: what a browser would send of it, and what it says of its fields."""

    text: str
    status: int = 200
    values: list[tuple[str, str]] = field(default_factory=list)
    ids: dict[str, str] = field(default_factory=dict)
    tags: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    action: str = ""

    def __post_init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._select, self._area, self._in, self._written = "", "", False, ""
        self.feed(self.text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self.tags.append((tag, given))
        if tag == "form":
            self._in = given.get("method") == "post" and "logout" not in given.get("action", "")
            self.action = given.get("action", "") if self._in else self.action
        name = given.get("name", "")
        if not self._in or not name:
            if tag == "option" and self._select and "selected" in given:
                self.values = [each for each in self.values if each[0] != self._select]
                self.values.append((self._select, given["value"]))
            return
        if "id" in given:
            self.ids.setdefault(name, given["id"])
        if tag == "input" and (given.get("type") not in ("checkbox", "radio", "file") or "checked" in given):
            self.values.append((name, given.get("value", "on")))
        elif tag == "select":
            self._select = name
            self.values.append((name, ""))
        elif tag == "textarea":
            self._area, self._written = name, ""

    def handle_data(self, data: str) -> None:
        if self._area:
            self._written += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea" and self._area:
            self.values.append((self._area, self._written.removeprefix("\n")))
            self._area = ""
        elif tag == "select":
            self._select = ""
        elif tag == "form":
            self._in = False

    def value(self, name: str) -> list[str]:
        """Give the values of a field, but for empty ones."""
        return [value for each, value in self.values if each == name and value]

    def attributes(self, id: str) -> dict[str, str]:
        """Give the attributes of the element with an id."""
        return next(given for _, given in self.tags if given.get("id") == id)


def opened(answer: TestResponse) -> Page:
    """Read the page of an answer."""
    return Page(answer.text, answer.status_code)


def see(client: Client, path: str) -> Page:
    """Get a page."""
    return opened(client.get(path, base_url=HOST))


def press(client: Client, page: Page, action: str, changed: dict[str, str | list[str]] | None = None) -> TestResponse:
    """Send the form of a page by one of its buttons, with some fields filled in anew."""
    given: dict[str, list[str]] = {}
    for name, value in page.values:
        given.setdefault(name, []).append(value)
    for name, new in (changed or {}).items():
        given[name] = [new] if isinstance(new, str) else new
    return client.post(page.action, base_url=HOST, data={**given, "action": action})
