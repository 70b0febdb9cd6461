"""Answering on the web what a proposal of an import asks: who may, what follows, what others did meanwhile."""

import re
from dataclasses import replace

import pytest

from app.editing.proposals import from_json, to_json
from app.editing.statements import Evidence, IdentityQuestion, MeantThing
from app.web.editing import commands
from tests.editing.conftest import bridge, label, renamed
from tests.editing.test_review import Desk

pytestmark = pytest.mark.usefixtures("quiet")
NORTH, SOUTH = "0123456789ab", "0123456789ac"


def asking(town, **more):
    """Give a proposal of an import with something certain, a question about one bridge, and one about two."""
    new = label("sorbrua", "Søndre bru <b>", "nn", file="data/register/list.ttl")
    wrong = label("sorbrua", "Enda et navn")
    return town.propose(
        **{
            "title": "Brulisten",
            **renamed(),
            "questions": (
                IdentityQuestion(
                    NORTH,
                    "SØRBRUA <i>",
                    "list.csv",
                    (1, 2),
                    7,
                    (MeantThing(bridge("sorbrua"), (), (new,), {new[:2]: town_values(town, new)}),),
                    (Evidence({"nb": "Sted", "en": "Place"}, ("NORDBRUA",)),),
                ),
                IdentityQuestion(
                    SOUTH,
                    "12",
                    "list.csv",
                    (3,),
                    1,
                    (MeantThing(bridge("nordbrua"), (), (wrong,)), MeantThing(bridge("sorbrua"), (), (new, wrong))),
                    named=False,
                ),
            ),
            **more,
        }
    )


def town_values(town, statement):
    return tuple(each.value for each in town.base().values(*statement[:2]))


@pytest.fixture
def desk(town):
    return Desk(town)


@pytest.fixture
def reviewer(desk):
    return desk.client("reviewer")


def mark_of(page):
    return re.search(r'name="answers" value="(\w+)"', page)[1]


def send(desk, client, name, **answers):
    page = desk.see(client, f"/edit/proposals/{name}").text
    fields = {f"question-{key}": value for key, value in answers.items()}
    return desk.send(client, f"/edit/proposals/{name}/answer", answers=mark_of(page), **fields)


def test_only_a_reviewer_answers_and_only_by_the_form(desk, reviewer):
    name = asking(desk.town).name
    mark = mark_of(desk.see(reviewer, f"/edit/proposals/{name}").text)
    given = {"answers": mark, f"question-{NORTH}": "none"}
    path = f"/edit/proposals/{name}/answer"
    assert desk.send(desk.client(None), path, **given).status_code == 401
    assert desk.send(desk.client("editor"), path, **given).status_code == 403
    assert reviewer.post(path, base_url="http://127.0.0.1", data=given).status_code == 403, "without a token"
    page = desk.see(desk.client("editor"), f"/edit/proposals/{name}").text
    assert "disabled" in page
    assert "Keep the answers" not in page
    assert desk.town.drawer.get(name).unanswered == 2


def test_a_yes_brings_statements_and_the_checks_begin_again(desk, reviewer, checking):
    town = desk.town
    name = asking(town).name
    page = desk.see(reviewer, f"/en/edit/proposals/{name}").text
    for told in (
        "Is “SØRBRUA &lt;i&gt;” in the register the same as South Bridge?",
        "Record 1, 2 and 5 more in list.csv",
        "Which of these is “12” in the register?",
        "2 questions have no answer",
    ):
        assert told in page, told
    assert "<b>" not in page
    desk.finished(name, "judge")
    assert town.drawer.get(name).findings is not None
    answer = send(desk, reviewer, name, **{NORTH: bridge("sorbrua"), SOUTH: ""})
    assert (answer.status_code, answer.headers["Location"]) == (303, f"/edit/proposals/{name}#questions")
    kept = town.drawer.get(name)
    assert ([str(each.value) for each in kept.added], kept.findings) == (["Nordre bru", "Søndre bru <b>"], None)
    page = desk.see(reviewer, f"/en/edit/proposals/{name}")
    assert page.headers["Refresh"]
    assert "Søndre bru &lt;b&gt;" in page.text
    assert "1 question has no answer; what hangs on it is left out if you accept now." in page.text
    assert desk.finished(name, "judge").findings is not None
    assert from_json(to_json(kept)) == kept
    assert "1 question to answer" in desk.see(reviewer, "/en/edit/proposals/").text
    assert f'value="{name}"' not in desk.see(reviewer, "/en/edit/proposals/").text, "not accepted unread, with others"
    desk.send(reviewer, "/edit/proposals/accept", name=name)
    done = desk.finished(name)
    assert (done.state, done.unanswered) == ("accepted", 1)
    assert "Søndre bru" in town.text("data/register/list.ttl")
    assert "Enda et navn" not in town.text("data/plan/bridges.ttl")
    back = desk.send(reviewer, f"/edit/proposals/{name}/undo").headers["Location"].rpartition("/")[2]
    assert {str(each.value) for each in town.drawer.get(back).removed} == {"Nordre bru", "Søndre bru <b>"}
    assert town.drawer.get(name).questions == kept.questions, "what was answered stays known"


def test_an_answer_that_makes_something_wrong_is_judged_and_can_be_taken_back(desk, reviewer, checking):
    name = asking(desk.town).name
    send(desk, reviewer, name, **{SOUTH: bridge("sorbrua")})
    desk.see(reviewer, f"/en/edit/proposals/{name}")
    assert [each for each in desk.finished(name, "judge").findings if each.severity == "error"]
    assert 'action="/edit/proposals/accept"' not in desk.see(reviewer, f"/edit/proposals/{name}").text
    send(desk, reviewer, name, **{SOUTH: "none"})
    desk.see(reviewer, f"/en/edit/proposals/{name}")
    assert not [each for each in desk.finished(name, "judge").findings if each.severity == "error"]


def test_what_the_checks_said_of_other_answers_is_not_kept(desk, reviewer):
    town = desk.town
    name = asking(town).name
    assert commands.start(desk.settings, "judge", [name], (), "en")
    send(desk, reviewer, name, **{NORTH: bridge("sorbrua")})
    assert not commands.is_running(desk.settings, "judge", name), "it goes on, but nobody waits for it"
    assert commands.start(desk.settings, "judge", [name], (), "en")
    assert desk.finished(name, "judge").findings is not None


def test_two_reviewers_at_once(desk, reviewer):
    name = asking(desk.town).name
    mark = mark_of(desk.see(reviewer, f"/edit/proposals/{name}").text)
    assert send(desk, desk.client("reviewer"), name, **{NORTH: "none"}).status_code == 303
    late = desk.send(
        reviewer, f"/edit/proposals/{name}/answer", **{"answers": mark, f"question-{NORTH}": bridge("sorbrua")}
    )
    assert late.status_code == 409
    assert "Andre har svart" in late.text
    assert desk.send(reviewer, "/edit/proposals/accept", name=name, answers=mark).status_code == 409
    assert [str(each.value) for each in desk.town.drawer.get(name).added] == ["Nordre bru"]


@pytest.mark.parametrize(
    ("field", "value"),
    [(NORTH, bridge("nordbrua")), (NORTH, "https://example.org/other"), ("ffffffffffff", "none"), ("<b>", "none")],
)
def test_an_answer_to_something_else_is_refused(desk, reviewer, field, value):
    name = asking(desk.town).name
    assert send(desk, reviewer, name, **{field: value}).status_code == 409
    assert desk.town.drawer.get(name).unanswered == 2


def test_what_is_decided_is_answered_no_more(desk, reviewer):
    name = asking(desk.town).name
    mark = mark_of(desk.see(reviewer, f"/edit/proposals/{name}").text)
    desk.send(reviewer, f"/edit/proposals/{name}/refuse", words="x")
    answer = desk.send(reviewer, f"/edit/proposals/{name}/answer", **{"answers": mark, f"question-{NORTH}": "none"})
    assert answer.status_code == 409
    assert "Keep the answers" not in desk.see(reviewer, f"/en/edit/proposals/{name}").text


def test_a_proposal_of_questions_alone_is_not_accepted_before_one_is_answered(desk, reviewer):
    name = asking(desk.town, added=(), removed=()).name
    page = desk.see(reviewer, f"/en/edit/proposals/{name}").text
    assert "There is nothing to accept before a question is answered" in page
    assert 'action="/en/edit/proposals/accept"' not in page
    desk.send(reviewer, "/edit/proposals/accept", name=name)
    assert desk.finished(name).state == "open"
    send(desk, reviewer, name, **{NORTH: "none", SOUTH: "none"})
    assert "It has been dealt with" in desk.see(reviewer, f"/en/edit/proposals/{name}").text


def test_many_questions_are_shown_in_pages_and_each_form_answers_its_own(desk, reviewer):
    proposal = asking(desk.town)
    one = proposal.questions[0]
    many = tuple(replace(one, name=f"{number:012x}", written=f"Bru {number}") for number in range(45))
    desk.town.drawer.update(proposal.name, questions=many)
    page = desk.see(reviewer, f"/en/edit/proposals/{proposal.name}?page=3").text
    assert (page.count("<fieldset"), "Bru 44" in page, "Bru 39" in page) == (5, True, False)
    mark = mark_of(page)
    fields = {"answers": mark, "page": "3", f"question-{44:012x}": "none"}
    answer = desk.send(reviewer, f"/en/edit/proposals/{proposal.name}/answer", **fields)
    assert answer.headers["Location"].endswith("?page=3#questions")
    assert desk.town.drawer.get(proposal.name).unanswered == 44
