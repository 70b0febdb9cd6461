"""The Reconciliation API: what it says it is, candidates with scores, what it suggests, shows and fetches."""

import json

import pytest
from jsonschema import Draft202012Validator

from app.web import candidates, extension
from tests.web.conftest import BASE

TOWN = BASE + "id/town/"
EX = BASE + "ontology#"
DRAFT = "/reconcile/1.0-draft"
TEXT = {"type": "string", "minLength": 1}
NAMED = {"type": "object", "required": ["id", "name"], "properties": {"id": TEXT, "name": TEXT}}
CANDIDATE = {
    **NAMED,
    "required": ["id", "name", "type", "score", "match", "features"],
    "properties": {
        **NAMED["properties"],
        "description": TEXT,
        "type": {"type": "array", "items": NAMED},
        "score": {"type": "number", "minimum": 0, "maximum": 100},
        "match": {"type": "boolean"},
        "features": {"type": "array", "items": {"required": ["id", "name", "value"]}},
    },
}
CANDIDATES = {"type": "array", "items": CANDIDATE}


def ask(client, path="/reconcile", **query):
    answer = client.post(path, data={"queries": json.dumps({"q": query})})
    assert answer.status_code == 200, answer.text
    Draft202012Validator(CANDIDATES).validate(found := answer.json["q"]["result"])
    assert [each["score"] for each in found] == sorted((each["score"] for each in found), reverse=True)
    return found


def match(client, *conditions, **more):
    answer = client.post(f"{DRAFT}/match", json={"queries": [{"conditions": conditions, **more}]})
    assert answer.status_code == 200, answer.text
    (result,) = answer.json["results"]
    Draft202012Validator(CANDIDATES).validate(result["candidates"])
    return result["candidates"]


def fetch(client, ids, *properties):
    given = {"ids": ids, "properties": list(properties)}
    answer = client.post("/en/reconcile", data={"extend": json.dumps(given)})
    assert answer.status_code == 200, answer.text
    return answer.json


def test_it_tells_what_it_is_in_the_language_and_for_the_host(client):
    for path, name in (("/reconcile", "Havdal"), ("/en/reconcile", "Havdal in English")):
        answer = client.get(path, base_url="https://data.example.org")
        found = answer.json
        root = f"https://data.example.org{path.removesuffix('/reconcile')}"
        assert (found["versions"], found["name"]) == (["0.2"], name)
        assert found["view"]["url"] == f"{root}/describe?iri={{{{id}}}}"
        assert found["preview"]["url"] == f"{root}/reconcile/preview?id={{{{id}}}}"
        assert found["identifierSpace"] == BASE + "id/"
        for service in (*found["suggest"].values(), found["extend"]["propose_properties"]):
            place = service["service_url"] + service["service_path"]
            assert place.startswith(root)
            assert client.get(place.removeprefix("https://data.example.org")).status_code == 200
        assert {each["id"] for each in found["defaultTypes"]} >= {EX + "Town"}
        assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert "callback" not in client.get("/reconcile?callback=f").text  # no JSONP


def test_the_draft_tells_what_it_is(client):
    found = client.get("/en" + DRAFT).json
    assert found["versions"] == ["1.0-draft"]
    assert found["view"]["url"].endswith("/en/describe?iri={id}")
    assert found["suggest"] == {"entity": True, "type": True, "property": True}
    assert {"id", "name", "type"} <= found["extend"]["propertySettings"][0].keys()


@pytest.mark.parametrize(
    ("typed", "score", "certain"),
    [
        ("Åsvær", 100, True),
        ("asvaer", 100, True),  # without the keys
        ("Aasvær", 100, True),
        ("ÅESVERE", 100, True),  # in another language
        ("Åsværet", 98, True),  # another name
        ("T-1", 98, True),  # what it is numbered
        (TOWN + "aasvaer", 100, True),
        ("Åsvor", 80, False),  # a slip
        ("Åsvær by", 83, False),
    ],
)
def test_a_name_finds_its_thing(client, typed, score, certain):
    best = ask(client, query=typed)[0]
    assert (best["id"], best["match"]) == (TOWN + "aasvaer", certain)
    assert best["score"] == pytest.approx(score, abs=8) if not certain else best["score"] == score
    assert best["description"] == "En by ved havet."
    assert best["type"][0] == {"id": EX + "Town", "name": "By"}


def test_by_either_address_and_method_the_same(client):
    query = json.dumps({"q": {"query": "Bekk"}})
    assert client.get("/reconcile", query_string={"queries": query}).json["q"]["result"] == ask(client, query="Bekk")
    assert match(client, {"matchType": "name", "propertyValue": "Bekk"}) == ask(client, query="Bekk")
    assert match(client, {"matchType": "id", "propertyValue": TOWN + "bekk"})[0]["score"] == 100


def test_the_class_counts(client):
    assert ask(client, query="Bekk", type=EX + "Document") == []
    assert ask(client, query="Bekk", type=[EX + "Document", EX + "Town"])[0]["match"]
    assert ask(client, query="Bekk", type=[EX + "Document", EX + "Town"], type_strict="all") == []
    (found,) = ask(client, query="Bekk", type=EX + "Document", type_strict="should")
    assert (found["score"], found["match"]) == (80, False)
    assert ask(client, query="Bekk", type={"id": EX + "Town"})[0]["match"]


def test_properties_count_and_contradict(client):
    area, twin = EX + "area", EX + "twin"
    for value in (12.5, "12,5", ["7", "12.50"]):
        (found,) = ask(client, query="Åsvær", properties=[{"pid": area, "v": value}])
        assert (found["score"], found["match"]) == (100, True), value
    (found,) = ask(client, query="Åsvær", properties=[{"pid": area, "v": "13"}])
    assert (found["score"], found["match"]) == (71.4, False)
    for value in ({"id": TOWN + "bekk"}, "Bekk", TOWN + "bekk"):
        assert ask(client, query="Åsvær", properties=[{"pid": twin, "v": value}])[0]["match"], value
    assert ask(client, query="Åsvær", properties=[{"pid": EX + "founded", "v": "1897"}])[0]["match"]
    assert not ask(client, query="Åsvær", properties=[{"pid": "nothing at all", "v": "x"}])[0]["match"]


def test_without_a_name_properties_find(client):
    for pid, value in ((EX + "area", 12.5), (EX + "twin", "Bekk"), (EX + "twin", {"id": TOWN + "bekk"})):
        (found,) = ask(client, properties=[{"pid": pid, "v": value}])
        assert (found["id"], found["score"], found["match"]) == (TOWN + "aasvaer", 100, True)
    assert ask(client, properties=[{"pid": EX + "area", "v": "nowhere"}]) == []


def test_conditions_of_the_draft(client):
    name = {"matchType": "name", "propertyValue": "Åsvær"}
    area = {"matchType": "property", "propertyId": EX + "area", "propertyValue": [12.5, 3]}
    assert match(client, name, area)[0]["match"]
    assert not match(client, name, {**area, "matchQuantifier": "all"})[0]["match"]
    assert match(client, name, {**area, "matchQuantifier": "all", "required": True}) == []
    assert match(client, name, {**area, "propertyValue": "3", "matchQuantifier": "none", "required": True})[0]["match"]


def test_only_one_of_several_of_the_name_is_certain(client):
    found = ask(client, query="Planen for Havdal")
    assert found[0]["match"]
    assert sum(each["match"] for each in found) == 1
    assert len(ask(client, query="Åsvær Bekk Bø Punkt", limit=2)) == 2


WRONG = [
    ("", 400),
    ("[]", 400),
    ("[" * 100_000, 400),
    ('{"q": 1}', 400),
    ('{"q": {}}', 400),
    ('{"q": {"query": 5}}', 400),
    ('{"q": {"query": "\\ud800"}}', 400),
    ('{"q": {"query": "x", "limit": 0}}', 400),
    ('{"q": {"query": "x", "limit": NaN}}', 400),
    ('{"q": {"query": "x", "limit": true}}', 400),
    ('{"q": {"query": "x", "type": 5}}', 400),
    ('{"q": {"query": "x", "type": [[]]}}', 400),
    ('{"q": {"query": "x", "type_strict": "perhaps"}}', 400),
    ('{"q": {"query": "x", "properties": {}}}', 200),
    ('{"q": {"query": "x", "properties": {"pid": "x"}}}', 400),
    ('{"q": {"query": "x", "properties": [{"pid": "x"}]}}', 400),
    ('{"q": {"query": "x", "properties": [{"pid": "x", "v": [[]]}]}}', 400),
    (json.dumps({"q": {"query": "x", "properties": [{"pid": "x", "v": 1}] * 11}}), 400),
    (json.dumps({str(each): {"query": "x"} for each in range(candidates.BATCH + 1)}), 413),
]


@pytest.mark.parametrize(("text", "status"), WRONG, ids=range(len(WRONG)))
def test_what_is_no_batch_is_told(client, text, status):
    answer = client.post("/en/reconcile", data={"queries": text})
    assert answer.status_code == status
    if status != 200:
        assert answer.json["detail"]
        assert answer.headers["Access-Control-Allow-Origin"] == "*"


@pytest.mark.parametrize("text", ['"* OR (', "' ; --", "a " * 5000, "\u202e", "😀", "%", "<b>"])
def test_any_text_is_a_name(client, text):
    ask(client, query=text)
    ask(client, query=text, properties=[{"pid": text, "v": text}])


def test_a_request_of_no_kind_is_told(client):
    assert client.post("/reconcile", data={"other": "1"}).status_code == 400
    assert client.post(f"{DRAFT}/match", data="{}").status_code == 415
    assert client.post(f"{DRAFT}/match", json={"queries": 5}).status_code == 400
    assert client.post(f"{DRAFT}/match", json={"queries": [{"conditions": [{"matchType": "x"}]}]}).status_code == 400
    preflight = client.options(f"{DRAFT}/match", headers={"Origin": "https://example.org"})
    assert "POST" in preflight.headers["Access-Control-Allow-Methods"]


def suggested(client, what, prefix, **more):
    found = [
        client.get(f"/en{root}/suggest/{what}", query_string={"prefix": prefix, **more}).json["result"]
        for root in ("/reconcile", DRAFT)
    ]
    assert found[0] == found[1]
    return [each["id"] for each in found[0]]


def test_things_classes_and_properties_are_suggested(client):
    assert suggested(client, "entity", "aasv") == [TOWN + "aasvaer"]
    assert suggested(client, "entity", TOWN + "bekk") == [TOWN + "bekk"]
    assert suggested(client, "entity", "") == []
    assert suggested(client, "type", "tow") == [EX + "Town"]
    assert suggested(client, "type", "by") == [EX + "Town"]  # its name in another language
    assert suggested(client, "type", EX + "Town") == [EX + "Town"]
    everything = suggested(client, "type", "")
    assert suggested(client, "type", "", offset=1) == everything[1:]
    assert suggested(client, "type", "", cursor=1, limit=1) == everything[1:2]
    assert EX + "Point" not in everything  # has no pages
    assert suggested(client, "property", "twin") == [EX + "twin"]
    for wrong in ("limit=0", "limit=x", "offset=-1", "cursor=1e9"):
        assert client.get(f"/reconcile/suggest/type?{wrong}").status_code == 400


def test_properties_of_a_class_are_proposed(client):
    found = client.get("/reconcile/properties", query_string={"type": EX + "Town", "limit": 30}).json
    assert {each["id"] for each in found["properties"]} >= {EX + "area", EX + "twin"}
    assert (found["type"], found["limit"]) == (EX + "Town", 30)
    assert client.get(f"{DRAFT}/extend/propose", query_string={"type": EX + "Nothing"}).json["properties"] == []


def test_values_are_fetched(client):
    iri = TOWN + "aasvaer"
    found = fetch(
        client,
        [iri, TOWN + "none", "no identifier"],
        *({"id": EX + each} for each in ("area", "founded", "motto", "none")),
        {"id": EX + "twin"},
    )
    row = found["rows"][iri]
    assert row[EX + "area"] == [{"float": 12.5}]
    assert row[EX + "founded"] == [{"date": "1897-05-17T00:00:00Z"}]
    assert row[EX + "motto"] == [{"str": "Towards the sea"}]
    assert row[EX + "none"] == []
    assert {"id": TOWN + "bekk", "name": "Bekk"} in row[EX + "twin"]
    assert {"str": "Utby"} in row[EX + "twin"]  # has a name here and no page
    assert found["rows"]["no identifier"][EX + "area"] == []
    assert found["meta"][0]["name"] == "area"
    assert found["meta"][4]["type"] == {"id": EX + "Town", "name": "Town"}


def test_settings_of_what_is_fetched(client):
    iri, twin = TOWN + "aasvaer", EX + "twin"

    def cells(**settings):
        return fetch(client, [iri], {"id": twin, "settings": settings})["rows"][iri][twin]

    assert len(cells(limit="1")) == 1
    assert {"str": TOWN + "bekk"} in cells(content="id")
    assert len(cells(basis="strategy")) <= len(cells(basis="all")) == len(cells(limit=0))


def test_the_draft_has_rows_as_a_list(client):
    given = {"ids": [TOWN + "bekk"], "properties": [{"id": "rdfs:label"}]}
    found = client.post(f"{DRAFT}/extend", json=given).json
    assert found["rows"] == [{"id": TOWN + "bekk", "properties": [{"id": "rdfs:label", "values": [{"str": "Bekk"}]}]}]


@pytest.mark.parametrize(
    ("given", "status"),
    [
        (5, 400),
        ({"ids": "x", "properties": []}, 400),
        ({"ids": [5], "properties": []}, 400),
        ({"ids": [], "properties": [{}]}, 400),
        ({"ids": [], "properties": [{"id": "a", "settings": []}]}, 200),
        ({"ids": [], "properties": [{"id": "a", "settings": {"limit": "-1"}}]}, 400),
        ({"ids": [], "properties": [{"id": "a", "settings": {"basis": "none"}}]}, 400),
        ({"ids": ["a"] * (extension.MOST_IDS + 1), "properties": []}, 413),
        ({"ids": [], "properties": [{"id": "a"}] * (extension.MOST_PROPERTIES + 1)}, 413),
    ],
)
def test_what_cannot_be_fetched_is_told(client, given, status):
    assert client.post("/reconcile", data={"extend": json.dumps(given)}).status_code == status


def test_a_preview_may_be_framed_and_nothing_else(client):
    answer = client.get("/en/reconcile/preview", query_string={"id": TOWN + "aasvaer"})
    assert "Aasvaer" in answer.text
    assert "A town by the sea." in answer.text
    assert "Åsværet" in answer.text
    assert "frame-ancestors *" in (policy := answer.headers["Content-Security-Policy"])
    assert "script-src 'none'" in policy
    kept = client.get(answer.request.url, headers={"If-None-Match": answer.headers["ETag"]})
    assert (kept.status_code, kept.headers["Content-Security-Policy"]) == (304, policy)
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    other = client.get("/en/reconcile/preview?id=http://example.org/none", headers={"Accept": "text/html"})
    assert other.status_code == 404
    for page in (other, client.get("/en/"), client.get("/en/doc/town/aasvaer")):
        assert "frame-ancestors 'none'" in page.headers["Content-Security-Policy"]
    hostile = client.get("/reconcile/preview", query_string={"id": TOWN + "hostile"}).text
    assert "<script>" not in hostile
    assert client.get("/reconcile/preview").status_code == 400


def test_it_waits_for_its_turn_as_queries_do(app, client):
    admission = app.extensions["asking"].admission
    entered = []
    original = admission.enter
    admission.enter = lambda *given, **more: entered.append(given) or original(*given, **more)
    try:
        ask(client, query="Bekk")
        fetch(client, [], {"id": "rdfs:label"})
        suggested(client, "entity", "x")
    finally:
        del admission.enter
    assert len(entered) == 4
