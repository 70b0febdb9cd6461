"""Advice and limits in the words of the request: on the page, and in the problem document."""

import pytest
from werkzeug.http import parse_options_header

from tests.web.conftest import BASE

PEOPLE = {"Accept": "text/html"}
EX = f"PREFIX ex: <{BASE}ontology#> "


def ask(client, query, path="/sparql", **headers):
    return client.get(path, query_string={"query": query}, headers=headers)


def page(client, query, path="/sparql", **parameters):
    return client.get(path, query_string={"query": query, **parameters}, headers=PEOPLE).text


def test_an_empty_answer_asks_what_was_meant(client):
    query = EX + "SELECT * { ?x a ex:Twon ; ex:grunnlagt ?y }"
    text = page(client, query)
    assert "Råd om spørringen" in text
    assert "Ingenting i dataene har klassen ex:Twon. Mente du ex:Town?" in text
    assert "Mente du ex:founded?" in text
    assert "Did you mean ex:Town?" in page(client, query, "/en/sparql")
    assert "Mente du" not in page(client, query, **{"default-graph-uri": BASE + "graph/strategy"})
    assert "Mente du ex:Town?" in page(client, query, basis="asserted")


def test_an_answer_without_fault_gets_no_advice(client):
    for query in ("SELECT * { ?x a ex:Town }", "ASK { ?x a ex:Town }", "CONSTRUCT WHERE { ?x a ex:Town }"):
        assert "Råd om spørringen" not in page(client, EX + query)
    assert "Råd om spørringen" not in page(client, "SELECT * { ?x ?p 'nothing has this' }")


def test_a_name_without_its_language_is_told_where_nothing_was_found(client):
    query = 'PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#> SELECT * { ?town rdfs:label "Åsvær" }'
    assert "Navn har et språk i dataene, så ingen er lik &#34;Åsvær&#34; alene." in page(client, query)
    assert "&#34;Åsvær&#34;@en, or compare the text" in page(client, query, "/en/sparql")
    for fine in ('"Åsvær"@nb', "?name", '?name FILTER(STR(?name) = "Åsvær")', '"Åsvær"^^<http://example.org/text>'):
        assert "Navn har et språk" not in page(client, query.replace('"Åsvær"', fine))


def test_a_cross_product_is_told_beside_its_answer(client):
    text = page(client, EX + "SELECT * { ?a a ex:Town . ?b a ex:Town }")
    assert "Det som passer til ?a, og det som passer til ?b, har ingen felles variabel" in text


def test_a_prefix_that_is_missing_is_told_to_machines_and_people(client):
    answer = ask(client, "SELECT * { ?x ex:link ?y . ?y skos:prefLabel ?l }")
    assert (answer.status_code, answer.headers["Content-Language"]) == (400, "nb")
    assert [each["code"] for each in answer.json["advice"]] == ["undeclared_prefix"] * 2
    assert "PREFIX skos: <http://www.w3.org/2004/02/skos/core#>" in answer.json["advice"][1]["message"]
    assert "PREFIX skos: &lt;http://www.w3.org" in page(client, "SELECT * { ?y skos:prefLabel ?l }")


@pytest.mark.parametrize(
    ("path", "language", "detail", "advice"),
    [
        ("/sparql", "nb", "Spørringen har for mange nivåer: mer enn 100", "Ta bort parenteser"),
        ("/en/sparql", "en", "The query is nested too deeply: more than 100", "Take brackets away"),
    ],
)
def test_a_limit_is_told_with_its_value_and_what_mends_it(client, path, language, detail, advice):
    answer = ask(client, "SELECT * " + "{" * 101 + "}" * 101, path)
    assert (answer.status_code, answer.headers["Content-Language"]) == (400, language)
    assert answer.json["detail"].startswith(detail)
    assert (answer.json["limit"], answer.json["value"]) == ("INNHERRED_QUERY_NESTING", 100)
    assert [each["code"] for each in answer.json["advice"]] == ["refused"]
    assert answer.json["advice"][0]["message"].startswith(advice)
    assert advice in page(client, "SELECT * " + "{" * 101 + "}" * 101, path)


def test_a_long_query_is_told_in_bytes(client):
    answer = ask(client, "", headers={})
    assert answer.status_code == 400
    answer = client.post("/sparql", data="ASK {} #" + "å" * 200_000, content_type="application/sparql-query")
    assert (answer.status_code, answer.json["limit"], answer.json["value"]) == (400, "INNHERRED_QUERY_LENGTH", 262_144)
    assert "400008 byte" in answer.json["detail"]


def test_what_a_query_says_is_only_text_on_the_page(client):
    query = "SELECT * { ?x <http://example.org/<script>> ?y . ?y x:\\& ?z . \"'><script>alert(1)</script> }"
    assert "<script>" not in page(client, query)
    assert "<script>" not in page(client, "PREFIX y: <http://example.org/> SELECT * { ?x y:a\\&b ?y }")


def test_a_missing_bracket_is_told_first_and_the_parser_after(client):
    text = page(client, "SELECT * WHERE { ?s ?p ?o")
    assert "Det mangler en }. Det som åpnes på linje 1, blir ikke lukket." in text
    told = text.partition('id="query-error"')[2].partition("</p>")[0]
    assert "linje 1, kolonne 26" in told
    assert "expected" not in told
    assert text.index("Det mangler en }") < text.index("Teknisk melding") < text.index("expected")
    assert ask(client, "SELECT * WHERE { ?s ?p ?o", "/en/sparql").json["advice"][0]["code"] == "missing_bracket"


@pytest.mark.parametrize(
    ("query", "code", "norwegian", "english"),
    [
        ("SELECT COUNT(*) { ?s ?p ?o }", "unnamed_expression", "(COUNT(*) AS ?resultat)", "(COUNT(*) AS ?result)"),
        ("INSERT DATA { <a:a> <a:b> 1 }", "read_only", "INSERT ville endre data", "INSERT would change data"),
        ("MATCH (n) RETURN n", "other_language", "et annet spørrespråk", "another query language"),
        ("SELECT * FROM people", "other_language", "Her brukes SPARQL", "here it is SPARQL"),
        ("SELECT * { ?s ?p ?o FILTER ?o > 3 }", "condition", "i parentes: FILTER", "in brackets: FILTER"),
    ],
)
def test_a_mistake_is_told_to_people_and_programs(client, query, code, norwegian, english):
    for path, language, words in (("/sparql", "nb", norwegian), ("/en/sparql", "en", english)):
        answer = ask(client, query, path)
        assert [each["code"] for each in answer.json["advice"]] == [code]
        assert words in answer.json["advice"][0]["message"]
        assert answer.headers["Content-Language"] == language
        assert words in page(client, query, path)


def helped(answer):
    links = [parse_options_header(each)[1] for each in answer.headers.getlist("Link")]
    return [each["title"] for each in links if each.get("rel") == "help"]


@pytest.mark.parametrize("name", ["json", "xml", "csv", "tsv"])
def test_a_program_that_finds_nothing_is_told_what_was_meant(client, name):
    unknown = EX + "SELECT * { ?x a ex:Twon }"
    answer = client.get("/sparql", query_string={"query": unknown, "format": name})
    assert helped(answer) == ["Ingenting i dataene har klassen ex:Twon. Mente du ex:Town?"]
    assert "Accept-Language" in answer.headers["Vary"]
    assert client.get("/sparql", query_string={"query": unknown, "format": name}).data == answer.data
    answer = client.post("/en/sparql", data={"query": unknown.replace("SELECT *", "ASK"), "format": name})
    assert helped(answer) == ["Nothing in the data has the class ex:Twon. Did you mean ex:Town?"]
    for found in (EX + "SELECT * { ?x a ex:Town }", EX + "ASK { ?x a ex:Town }", "SELECT * { ?x ?p 'nothing' }"):
        answer = client.get("/sparql", query_string={"query": found, "format": name})
        assert (answer.status_code, helped(answer)) == (200, [])


def test_a_program_is_told_in_its_own_language(client):
    asked = {"Accept": "application/json", "Accept-Language": "en"}
    wrong = ask(client, "SELECT COUNT(*) {}", **asked)
    assert (wrong.headers["Content-Language"], "Put what is" in wrong.json["advice"][0]["message"]) == ("en", True)
    assert "Accept-Language" in wrong.headers["Vary"]
    assert "Did you mean" in helped(ask(client, EX + "SELECT * { ?x a ex:Twon }", **asked))[0]
    assert (
        ask(client, "SELECT COUNT(*) {}", "/en/sparql", **{"Accept-Language": "nb"}).headers["Content-Language"] == "en"
    )
    described = {
        each: client.get("/sparql", headers={"Accept": "text/turtle", "Accept-Language": each}) for each in ("en", "nb")
    }
    assert "Differences from SPARQL" in described["en"].text
    assert "Differences from SPARQL" not in described["nb"].text
    assert described["en"].headers["ETag"] != described["nb"].headers["ETag"]
    found = EX + "SELECT * { ?x a ex:Town }"
    assert ask(client, found, **asked).headers["ETag"] == ask(client, found, Accept="application/json").headers["ETag"]


def test_a_value_that_a_question_does_not_take_is_told_with_one_that_works(client):
    told = client.get("/queries/trips", query_string={"town": "aasvar", "format": "json"})
    assert told.status_code == 400
    assert f"Skriv en IRI, for eksempel {BASE}id/town/aasvaer" in told.json["detail"]
    assert "such as " + BASE in client.get("/en/queries/trips?town=zzzzzz&format=json").json["detail"]
    assert f"{BASE}id/town/aasvaer" in client.get("/queries/trips?town=Åsvær", headers=PEOPLE).text
    for works in ("ex:x", f"{BASE}id/town/aasvaer"):
        assert "Skriv en IRI" not in client.get("/queries/trips", query_string={"town": works}, headers=PEOPLE).text
