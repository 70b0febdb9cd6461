import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.editing.base import Stated
from app.editing.conflicts import conflicts, inverse, rebased
from app.editing.proposals import Statement
from app.namespaces import RDF_TYPE, RDFS_LABEL
from app.terms import Literal, typed
from tests.editing.eksempelvik import base_of
from tests.editing.making import applied, iri, made, said

ACTIVITIES, CLAIMS, PAGE = "data/strategy/activities.ttl", "data/interpretation/claims.ttl", "data/register/page.ttl"
BRIDGES, LIGHT = iri("id/activity/brubygging"), iri("id/activity/fjordlys")
END, COST, TOPIC = iri("ontology#end"), iri("ontology#cost"), iri("ontology#topic")
SCHOOL, CULTURE = iri("id/topic/skole"), iri("id/topic/kultur")
OLD, MINE, THEIRS = (typed(year, "gYear") for year in (2023, 2024, 2025))


@pytest.fixture
def base(tmp_path):
    return base_of(tmp_path)


def edit(base, subject, predicate, before, after, file=ACTIVITIES, **fields):
    """Give a proposal of a form: values before and after, with all that its sender saw there."""
    return made(
        removed=tuple(Statement(subject, predicate, each, file) for each in before if each not in after),
        added=tuple(Statement(subject, predicate, each, file) for each in after if each not in before),
        bases={(subject, predicate): tuple(each.value for each in base.values(subject, predicate))},
        **fields,
    )


def shape(found):
    return [(each.kind, each.base, each.theirs, each.mine) for each in found]


def test_what_nobody_touched_is_no_conflict(base):
    mine = edit(base, BRIDGES, END, [OLD], [MINE])
    assert conflicts(base, mine) == []
    assert rebased(base, mine) == mine


def test_another_value_of_the_same_property_is_shown_three_ways(base):
    mine = edit(base, BRIDGES, END, [OLD], [MINE])
    applied(base, edit(base, BRIDGES, END, [OLD], [THEIRS]))
    (found,) = conflicts(base, mine)
    assert (found.subject, found.predicate) == (BRIDGES, END)
    assert shape([found]) == [("changed", (OLD,), (THEIRS,), (MINE,))]


def test_what_both_want_is_no_conflict_and_not_done_twice(base):
    mine = edit(base, BRIDGES, END, [OLD], [MINE])
    applied(base, edit(base, BRIDGES, END, [OLD], [MINE]))
    assert conflicts(base, mine) == []
    assert rebased(base, mine).removed == rebased(base, mine).added == ()


def test_another_property_or_language_merges(base):
    english, nb = Literal("Bridges", "en"), Literal("Bruer", "nb")
    mine = edit(base, BRIDGES, RDFS_LABEL, [Literal("Brubygging", "nb")], [nb])
    applied(base, edit(base, BRIDGES, RDFS_LABEL, [], [english]))
    applied(base, edit(base, BRIDGES, END, [OLD], [THEIRS]))
    assert conflicts(base, mine) == []
    applied(base, rebased(base, mine))
    assert {each.value for each in base.values(BRIDGES, RDFS_LABEL)} == {english, nb}


def test_one_value_in_a_language_is_one_value(base):
    mine = edit(base, BRIDGES, RDFS_LABEL, [], [Literal("Bridges", "en")])
    applied(base, edit(base, BRIDGES, RDFS_LABEL, [], [Literal("Building bridges", "en")]))
    assert shape(conflicts(base, mine)) == [
        ("changed", (), (Literal("Building bridges", "en"),), (Literal("Bridges", "en"),))
    ]


def test_additions_merge_where_there_may_be_many_and_not_where_there_may_be_one(base):
    sea, forest = iri("id/topic/sjo"), iri("id/topic/skog")
    many = edit(base, BRIDGES, TOPIC, [], [sea])
    one = edit(base, LIGHT, END, [], [MINE])
    applied(base, edit(base, BRIDGES, TOPIC, [], [forest]))
    applied(base, edit(base, LIGHT, END, [], [THEIRS]))
    assert conflicts(base, many) == []
    assert shape(conflicts(base, one)) == [("changed", (), (THEIRS,), (MINE,))]


def test_of_many_a_value_that_both_replaced_is_a_conflict(base):
    sea, forest = iri("id/topic/sjo"), iri("id/topic/skog")
    mine = edit(base, BRIDGES, TOPIC, [SCHOOL], [sea])
    gone = edit(base, BRIDGES, TOPIC, [SCHOOL], [])
    applied(base, edit(base, BRIDGES, TOPIC, [SCHOOL], [forest]))
    (found,) = conflicts(base, mine)
    assert [set(each) for each in (found.base, found.theirs, found.mine)] == [
        {SCHOOL, CULTURE},
        {CULTURE, forest},
        {CULTURE, sea},
    ]
    assert conflicts(base, gone) == []  # it is gone, as wanted
    assert rebased(base, gone).removed == ()


def test_of_a_value_in_two_files_only_the_one_meant_goes(base):
    mine = edit(base, BRIDGES, TOPIC, [CULTURE], [], CLAIMS)
    assert conflicts(base, mine) == []
    applied(base, rebased(base, mine))
    assert Stated(CULTURE, PAGE) in base.values(BRIDGES, TOPIC)
    assert Stated(CULTURE, CLAIMS) not in base.values(BRIDGES, TOPIC)
    # Somebody else has taken it out there meanwhile, and another file says it still: is it to go there too?
    assert [each.kind for each in conflicts(base, mine)] == ["changed"]


def test_a_thing_withdrawn_meanwhile_is_a_conflict_and_withdrawn_by_both_is_none(base):
    everything = tuple(each for each in said(base) if each.subject == LIGHT)
    away = made(removed=everything)
    mine = edit(base, LIGHT, COST, [typed(1200, "integer")], [typed(1300, "integer")])
    applied(base, away)
    base.add(LIGHT, iri("dcterms:isReplacedBy"), Stated(BRIDGES, ACTIVITIES))
    (found,) = conflicts(base, mine)
    assert (found.kind, found.subject, found.predicate) == ("withdrawn", LIGHT, RDF_TYPE)
    assert conflicts(base, away) == []
    assert rebased(base, away).removed == ()


def test_two_new_things_of_one_name_are_a_conflict(base):
    new = iri("id/activity/ny")
    mine = made(added=(Statement(new, RDF_TYPE, iri("ontology#Activity"), ACTIVITIES),))
    other = made(added=(*mine.added, Statement(new, RDFS_LABEL, Literal("Ny", "nb"), ACTIVITIES)))
    assert conflicts(base, mine) == conflicts(base, other) == []
    applied(base, mine)
    assert [each.kind for each in conflicts(base, other)] == ["taken"]
    assert conflicts(base, made(door="import", added=other.added)) == []  # says more of what is there
    assert conflicts(base, mine) == []  # it is there, as wanted


def test_what_was_not_known_is_a_conflict_only_when_what_is_to_go_has_gone(base):
    mine = edit(base, BRIDGES, END, [OLD], [MINE])
    blind = made(removed=mine.removed, added=mine.added)
    assert conflicts(base, blind) == []
    applied(base, edit(base, BRIDGES, END, [OLD], [THEIRS]))
    assert shape(conflicts(base, blind)) == [("changed", (OLD,), (THEIRS,), (MINE,))]


def test_what_is_taken_out_and_put_in_is_nothing(base):
    same = Statement(BRIDGES, END, OLD, ACTIVITIES)
    nothing = rebased(base, made(removed=(same, same), added=(same,)))
    assert (nothing.removed, nothing.added, nothing.bases) == ((), (), {})


def test_a_new_file_goes_again_with_its_inverse(base):
    before = said(base)
    new = made(added=(Statement(iri("id/source/ny"), RDFS_LABEL, Literal("Ny", "nb"), "data/register/ny.ttl"),))
    done = rebased(base, new)
    applied(base, done)
    back = inverse(done, "20261129-101600-aaaaaa")
    assert (back.door, back.answers, back.state) == ("undo", done.name, "open")
    assert conflicts(base, back) == []
    applied(base, back)
    assert said(base) == before


def test_an_inverse_takes_back_what_was_done_and_nothing_else(base):
    """What both said is there without the proposal, so it stays when that is taken back."""
    mine = edit(base, BRIDGES, TOPIC, [], [CULTURE], PAGE)
    mine = made(added=(*mine.added, *edit(base, LIGHT, END, [], [MINE]).added))
    before = said(base)
    done = rebased(base, mine)
    applied(base, done)
    applied(base, inverse(done))
    assert said(base) == before


def test_an_inverse_meets_what_came_after(base):
    done = rebased(base, edit(base, BRIDGES, END, [OLD], [MINE]))
    applied(base, done)
    applied(base, edit(base, BRIDGES, END, [MINE], [THEIRS]))
    assert shape(conflicts(base, inverse(done))) == [("changed", (MINE,), (THEIRS,), (OLD,))]


SUBJECTS, PREDICATES = st.sampled_from([BRIDGES, LIGHT]), st.sampled_from([END, TOPIC, RDFS_LABEL])
VALUES = st.sampled_from(
    [OLD, MINE, SCHOOL, CULTURE, Literal("a", "nb"), Literal("a", "en"), Literal("Fjordlys", "nb")]
)
SMALL = st.lists(
    st.builds(Statement, SUBJECTS, PREDICATES, VALUES, st.sampled_from([ACTIVITIES, CLAIMS, PAGE])), max_size=8
)


@given(SMALL, SMALL)
def test_done_and_taken_back_the_files_say_what_they_said(tmp_path_factory, removed, added):
    base = base_of(tmp_path_factory.mktemp("content"))
    before = said(base)
    wanted = made(removed=tuple(removed), added=tuple(added))
    done = rebased(base, wanted)
    assert conflicts(base, done) == []
    assert rebased(base, done) == done
    back = inverse(done)
    twice = inverse(back)
    assert (set(twice.removed), set(twice.added)) == (set(done.removed), set(done.added))
    applied(base, done)
    assert set(added) - set(removed) <= said(base)
    assert not (set(removed) - set(added)) & said(base)
    assert conflicts(base, back) == []
    assert rebased(base, back).removed == back.removed
    applied(base, rebased(base, back))
    assert said(base) == before


@given(SMALL, SMALL, SMALL, SMALL)
def test_a_change_without_conflict_does_all_that_was_wanted(tmp_path_factory, removed, added, gone, come):
    """Another change comes first; then either a conflict is told, or both changes are in the files afterwards."""
    base = base_of(tmp_path_factory.mktemp("content"))
    mine = rebased(base, made(removed=tuple(removed), added=tuple(added)))
    theirs = rebased(base, made(removed=tuple(gone), added=tuple(come)))
    applied(base, theirs)
    if not conflicts(base, mine):
        applied(base, rebased(base, mine))
        now = said(base)
        assert set(mine.added) <= now
        assert not set(mine.removed) & now
        assert set(theirs.added) - set(mine.removed) <= now


def test_a_base_says_what_was_added_until_it_is_removed(base):
    stated = Stated(OLD, ACTIVITIES)
    assert base.says(BRIDGES, END, stated)
    assert not base.says(BRIDGES, END, Stated(OLD, PAGE))
    base.remove(BRIDGES, END, stated)
    base.remove(BRIDGES, END, stated)
    assert (base.says(BRIDGES, END, stated), base.values(BRIDGES, END)) == (False, [])
    base.add(BRIDGES, END, stated)
    base.add(BRIDGES, END, stated)
    assert base.values(BRIDGES, END) == [stated]
