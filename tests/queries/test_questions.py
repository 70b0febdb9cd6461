"""The questions over the shipped content: what a reader of the strategy expects of their answers.

That no answer becomes another unnoticed is told by ``innherred check``, which compares with ``queries/approved/``.
"""

import re
from collections import Counter
from pathlib import Path

from app.query.library import Library
from app.store.embedded import EmbeddedStore
from app.terms import Iri, Literal, typed

QUESTIONS = Library.load([Path(__file__).parents[2] / "queries"]).questions
ID = "https://w3id.org/innherred/id/"
INN = "https://w3id.org/innherred/ontology#"

# How many entries of the appendix each municipality has, in the order of the strategy.
SHARE = {"snasa": 9, "steinkjer": 11, "inderoy": 5, "verdal": 13, "levanger": 26}
# Members of the Europe office as of March 2023, in the order of the list (S-041).
MARCH_2023 = (
    "organisation/trondelag-fylkeskommune",
    "municipality/trondheim",
    "organisation/nord-universitet",
    "organisation/sparebank-1-smn",
    "organisation/nibio",
    "organisation/sintef",
    "organisation/tronderenergi",
    "organisation/statsforvalteren-i-trondelag",
    "organisation/ruralis",
    "organisation/trondheim-havn",
    "organisation/falstadsenteret",
    "organisation/namdal-regionrad",
    "organisation/ntnu",
)

Row = dict[str, str]


def ask(store: EmbeddedStore, name: str, **values: str) -> list[Row]:
    """Give the answer of a question with values (kind/slug), names without their common start, texts in Norwegian."""
    given = {key: Iri(ID + value) for key, value in values.items()}
    found = store.select(QUESTIONS[name].bound(given)).rows
    short = [
        {
            key: str(term).removeprefix(ID).removeprefix(INN)
            for key, term in row.items()
            if not (isinstance(term, Literal) and term.language == "en")
        }
        for row in found
    ]
    return [dict(row) for row in dict.fromkeys(tuple(row.items()) for row in short)]


def values(rows: list[Row], name: str) -> set[str]:
    return {row[name] for row in rows if name in row}


def pairs(rows: list[Row], *names: str) -> set[tuple[str, ...]]:
    return {tuple(row.get(name, "") for name in names) for row in rows}


def test_all_five_municipalities_take_part_in_inclusivate_in_two_sectors(store: EmbeddedStore) -> None:
    rows = ask(store, "who-takes-part", activity="activity/inclusivate")
    expected = {
        ("municipality/" + name, "role/deltaker", "sector/" + sector)
        for name in SHARE
        for sector in ("helse-og-velferd", "arbeid-og-integrering")
    }
    assert pairs(rows, "participant", "role", "sector") == expected
    sure = {row["participant"].split("/")[1] for row in rows if row["certainty"] == "stated"}
    assert sure == {"snasa", "levanger"}


def test_what_snasa_does(store: EmbeddedStore) -> None:
    rows = ask(store, "what-municipality-does", municipality="municipality/snasa")
    assert values(rows, "entry") == {f"A-{number:03}" for number in range(1, 10)}
    assert values(rows, "certainty") == {"stated"}
    assert ("activity/saemien-sijte", "organisation/saemien-sijte") in pairs(rows, "activity", "partner")
    assert ("activity/inclusivate", "programme/nordplus-adult") in pairs(rows, "activity", "programme")


def test_what_steinkjer_does_names_the_leader_of_the_research_project(store: EmbeddedStore) -> None:
    rows = ask(store, "what-municipality-does", municipality="municipality/steinkjer")
    assert values(rows, "entry") == {f"A-{number:03}" for number in range(10, 21)}
    assert ("activity/medsam", "organisation/norce") in pairs(rows, "activity", "partner")
    assert values([row for row in rows if row["certainty"] == "uncertain"], "entry") == {
        "A-011",
        "A-012",
        "A-014",
        "A-015",
    }


def test_the_europe_office_has_thirteen_members_by_list_and_the_regional_council(store: EmbeddedStore) -> None:
    rows = ask(store, "europe-office-members")
    listed = [row for row in rows if row.get("printed") == "mars 2023"]
    assert {(row["member"], row["role"], row["source"]) for row in listed} == {
        (member, "role/medlem", "passage/s-041") for member in MARCH_2023
    }
    others = [row for row in rows if row not in listed]
    assert values(others, "member") == {"organisation/innherred-regionrad"}
    assert {("role/medlem", "passage/s-038"), ("role/styremedlem", "passage/s-039")} < pairs(others, "role", "source")
    assert ("role/ressursgruppemedlem", "passage/s-040") in pairs(others, "role", "source")
    assert rows == listed + others


def test_activities_on_welfare_technology(store: EmbeddedStore) -> None:
    rows = ask(store, "activities-on-topic", topic="topic/velferdsteknologi")
    assert pairs(rows, "activity", "participant", "certainty") == {
        ("activity/valtel", "municipality/snasa", "stated"),
        ("activity/valtel", "municipality/steinkjer", "uncertain"),
        ("activity/helseprosjekt-med-kun", "municipality/steinkjer", "uncertain"),
    }
    broader = ask(store, "activities-on-topic", topic="topic/helse")
    assert values(rows, "activity") < values(broader, "activity")


def test_the_participations_with_an_alternative_are_uncertain(store: EmbeddedStore) -> None:
    rows = ask(store, "what-is-uncertain")
    uncertain = [row for row in rows if row["certainty"] == "uncertain"]
    assert rows[: len(uncertain)] == uncertain, "the most uncertain come first"
    assert pairs([row for row in uncertain if row["kind"] == "Participation"], "thing", "alternative") == {
        *(
            (f"participation/a-{number:03}", "municipality/inderoy")
            for number in (11, 12, 14, 15, 23, 27, 28, 29, 37, 38)
        ),
        *((f"participation/a-{number:03}", "municipality/steinkjer") for number in (37, 38)),
    }
    assert values(rows, "certainty") == {"uncertain", "interpreted"}
    # 29 entries of the table, four units that carry an activity out, and one partner.
    assert len({row["thing"] for row in rows if row["kind"] == "Participation"}) == 29 + 5
    assert all(row["why"] for row in rows if "why" in row)
    assert {row["thing"] for row in rows} == {row["thing"] for row in rows if "why" in row}


def test_what_the_strategy_builds_on_and_where_it_says_so(store: EmbeddedStore) -> None:
    rows = ask(store, "what-the-strategy-builds-on", strategy="strategy/internasjonal-strategi")
    assert pairs(rows, "document", "passage") == {
        ("document/fns-baerekraftsmal", "passage/s-015"),
        ("document/kommuneplanens-samfunnsdel", "passage/s-016"),
    }
    assert values(rows, "maker") == {"organisation/fn", *("municipality/" + name for name in SHARE)}


def test_programmes_reach_the_municipalities_of_the_region_only(store: EmbeddedStore) -> None:
    rows = ask(store, "programmes-and-municipalities")
    assert values(rows, "municipality") == {"municipality/" + name for name in SHARE}
    count = {(row["programme"], row["municipality"].split("/")[1]): row["activities"] for row in rows}
    assert [count["programme/nordplus-adult", name] for name in SHARE] == ["1", "1", "1", "1", "2"]
    # Levanger: schools and kindergartens, school of culture, and eTwinning, which is a part of Erasmus+.
    assert count["programme/erasmus-plus", "levanger"] == "3"
    assert ("programme/erasmus-plus", "snasa") not in count
    assert not {programme for programme, _ in count if programme.startswith("organisation/")}, "a body is no programme"


def test_the_matrix_counts_the_sixty_four_entries(store: EmbeddedStore) -> None:
    rows = ask(store, "appendix-matrix")
    total: Counter[str] = Counter()
    for row in rows:
        total[row["municipality"].split("/")[1]] += int(row["count"])
    assert dict(total) == SHARE
    assert list(total) == list(SHARE), "in the order of the strategy"
    assert total.total() == 64
    assert len(rows) == 5 * 6, "an empty cell is a zero"


def test_the_wording_of_the_appendix_is_there_for_every_entry(store: EmbeddedStore) -> None:
    entries: Counter[str] = Counter()
    for name, number in SHARE.items():
        rows = ask(store, "appendix-word-for-word", municipality="municipality/" + name)
        assert len(rows) == number
        entries.update(row["entry"] for row in rows)
        assert all(row["quote"] for row in rows)
    assert entries == {f"A-{number:03}": 1 for number in range(1, 65)}


def test_organisations_by_role(store: EmbeddedStore) -> None:
    rows = ask(store, "organisations-by-role")
    found = pairs(rows, "role", "organisation", "thing")
    assert len(found) == len(pairs(rows, "role", "organisation", "thing", "certainty"))
    region = {(o, t) for role, o, t in found if role == "role/medlem" and t == "region/innherred"}
    assert region == {("municipality/" + name, "region/innherred") for name in SHARE}
    parties = {o for role, o, t in found if role == "role/part" and t == "organisation/universitetsregionen-innherred"}
    assert parties == {
        *("municipality/levanger", "municipality/steinkjer", "organisation/nord-universitet"),
        *("organisation/ntnu", "organisation/sintef", "organisation/nibio"),
    }
    assert ("role/styremedlem", "organisation/innherred-regionrad", "organisation/trondelags-europakontor") in found
    naboer = {o for role, o, t in found if role == "role/medlem" and t == "organisation/naboer-ab"}
    assert naboer == {"municipality/inderoy", "municipality/verdal", "municipality/levanger"}


def test_twin_towns_of_levanger(store: EmbeddedStore) -> None:
    rows = ask(store, "twin-towns", municipality="municipality/levanger")
    since = {row["town"].split("/")[1]: row["since"] for row in rows}
    nordic = {"kramfors": "1948", "varde": "1948", "salo": "1958", "rangarthing-eystra": "2008"}
    assert since == {**nordic, "herceg-novi": "1967"}


def test_what_may_also_be_inderoys(store: EmbeddedStore) -> None:
    rows = ask(store, "what-may-also-concern", municipality="municipality/inderoy")
    numbers = ("011", "012", "014", "015", "023", "027", "028", "029", "037", "038")
    assert values(rows, "thing") == {"participation/a-" + n for n in numbers}


def test_goals_and_measures_without_activity_are_shown(store: EmbeddedStore) -> None:
    rows = ask(store, "goals-and-activities")
    assert values(rows, "thing") == {*(f"goal/g-{n}" for n in (1, 2, 3)), *(f"measure/r-{n}" for n in (1, 2, 3, 4, 5))}
    served = {row["thing"] for row in rows if "activity" in row}
    assert served == {"goal/g-1", "goal/g-2", "goal/g-3", "measure/r-1", "measure/r-2"}, "measure 3 by what follows"


def test_every_activity_is_read_against_the_goals_and_every_measure_against_each(store: EmbeddedStore) -> None:
    tied = {row["activity"] for row in ask(store, "goals-and-activities") if row["thing"].startswith("goal/")}
    rows = ask(store, "activities-without-goal")
    untied = {row["activity"] for row in rows if row["kind"].endswith("Goal")}
    assert (len(tied), len(untied), len(tied & untied)) == (30, 12, 0)
    assert {row["activity"] for row in rows if "why" in row} == {row["activity"] for row in rows}
    assert values(rows, "certainty") == {"interpreted"}
    read = pairs(ask(store, "goals-and-measures"), "goal", "measure")
    assert len(read) == 15
    goal_2 = {row["activity"] for row in ask(store, "goals-and-activities") if row["thing"] == "goal/g-2"}
    assert {"activity/trondelags-europakontor", "activity/attractive-nordic-towns"} <= goal_2


def test_the_comparison_holds_the_figures_of_the_registers(store: EmbeddedStore) -> None:
    rows = {row["municipality"].split("/")[1]: row for row in ask(store, "compare-municipalities")}
    assert {name: int(row["entries"]) for name, row in rows.items()} == SHARE
    assert sum(int(row["population"]) for row in rows.values()) == 69276
    assert values(list(rows.values()), "year") == {"2025"}


def test_other_sources_confirm_the_project_partners(store: EmbeddedStore) -> None:
    rows = ask(store, "confirmed-by-others")
    found = pairs(rows, "organisation", "thing", "certainty", "source")
    assert ("municipality/steinkjer", "activity/medsam", "interpreted", "source/e-07") in found
    assert ("municipality/levanger", "activity/tradisjonelt-handverk", "stated", "source/e-15") in found
    assert "municipality/inderoy" not in {who for who, thing, *_ in found if thing == "activity/tradisjonelt-handverk"}


def test_the_periods_of_one_municipality_are_those_of_its_activities(store: EmbeddedStore) -> None:
    of_all, of_one = ask(store, "activity-periods"), ask(store, "activity-periods", municipality="municipality/snasa")
    assert values(of_one, "activity") < values(of_all, "activity")
    assert values(of_one, "activity") == values(
        ask(store, "what-municipality-does", municipality="municipality/snasa"), "activity"
    )


def test_a_cell_of_the_matrix_leads_to_as_many_entries_as_it_says(store: EmbeddedStore) -> None:
    for cell in ask(store, "appendix-matrix"):
        rows = ask(store, "appendix-entries", municipality=cell["municipality"], sector=cell["sector"])
        assert len(values(rows, "entry")) == int(cell["count"])


def test_a_cell_of_the_topics_leads_to_as_many_activities_as_it_says(store: EmbeddedStore) -> None:
    for cell in ask(store, "topics-and-municipalities"):
        rows = ask(store, "activities-on-topic", topic=cell["topic"], municipality=cell["municipality"])
        assert len(values(rows, "activity")) == int(cell["activities"])


def test_each_participation_is_one_row_with_what_it_rests_on(store: EmbeddedStore) -> None:
    # The same row in English is left without its rationale.
    found = [row for row in ask(store, "participations") if "entry" in row]
    reasoned = {row["entry"] for row in found if "why" in row}
    rows = [row for row in found if ("why" in row) == (row["entry"] in reasoned)]
    assert Counter(row["entry"] for row in rows) == {f"A-{number:03}": 1 for number in range(1, 65)}
    assert Counter(row["municipality"].split("/")[1] for row in rows) == SHARE
    assert all(row["passage"] == "passage/" + row["entry"].lower() for row in rows)
    assert all("why" in row for row in rows if row["certainty"] != "stated" or "alternative" in row)
    # What may be of two others is told with both.
    (healthy,) = (row for row in rows if row["entry"] == "A-037")
    assert (healthy["alternative"], healthy["another"]) == ("municipality/inderoy", "municipality/steinkjer")
    of_one = ask(store, "participations", municipality="municipality/inderoy", activity="activity/inclusivate")
    assert values(of_one, "entry") == {"A-022", "A-024"}


def test_no_activity_falls_out_when_nobody_knows_who_is_behind_its_programme(store: EmbeddedStore) -> None:
    rows = ask(store, "activities-by-funder")
    assert values(rows, "activity") == {row["activity"] for row in ask(store, "activity-periods")}
    unknown = values([row for row in rows if "owner" not in row], "activity")
    assert unknown.isdisjoint(values([row for row in rows if "owner" in row], "activity"))
    assert {"activity/levart", "activity/europan-16"} <= unknown
    eu = values(ask(store, "activities-by-funder", funder="organisation/eu"), "activity")
    assert {"activity/sea-eu", "activity/etwinning-prosjekter", "activity/valtel", "activity/aktiv-ungdom"} < eu
    assert "activity/inclusivate" not in eu


def test_a_word_is_found_where_the_document_has_it(store: EmbeddedStore) -> None:
    query = QUESTIONS["exact-wording"]

    def passages(**words: str) -> set[str]:
        found = store.select(query.bound({name: Literal(word) for name, word in words.items()})).rows
        return {str(row["passage"]).rsplit("/", 1)[1] for row in found}

    assert {"g-3", "v-0", "d-011", "a-053"} <= passages(word="Bærekraft")
    assert passages(word="bærekraft", also="håndverk") == {"a-053"}
    assert passages(word="bitcoin") == set()


def test_partners_without_a_website_are_there_too(store: EmbeddedStore) -> None:
    rows = ask(store, "partner-websites")
    named = values(ask(store, "named-partners-without-activity"), "partner")
    assert named <= values(rows, "partner")
    without = [row for row in rows if "homepage" not in row]
    assert rows[-len(without) :] == without
    assert "organisation/fn-samarbeidet" in values(without, "partner")


def test_the_schools_that_the_document_names_are_found_with_their_activity(store: EmbeddedStore) -> None:
    rows = ask(store, "units-and-schools")
    found = pairs(rows, "unit", "municipality", "activity")
    for school in ("den-norske-skolen-i-brussel", "hagelstamska-skolan"):
        assert (f"organisation/{school}", "municipality/inderoy", "activity/brussel-og-hagelstamska") in found
    assert ("organisation/pre-school-ssb-brussel", "municipality/steinkjer", "activity/pre-school-ssb-brussel") in found
    does = pairs([row for row in rows if row.get("role") == "role/utforende-enhet"], "unit", "activity")
    assert does >= {
        ("organisation/spraksenter", "activity/samisk-sprak-og-kultur"),
        ("organisation/frisklivssentralen-verdal", "activity/healthy-lifestyle"),
        ("organisation/usht", "activity/primore"),
        ("organisation/levart", "activity/levart"),
    }
    # Where no unit is named, the activity is there all the same.
    assert ("", "municipality/levanger", "activity/etwinning-prosjekter") in found
    of_one = ask(store, "units-and-schools", municipality="municipality/verdal")
    assert values(of_one, "municipality") == {"municipality/verdal"}


def test_what_is_under_the_programmes_of_the_eu_has_a_state(store: EmbeddedStore) -> None:
    rows = ask(store, "what-runs", owner="organisation/eu")
    assert values(rows, "activity") == values(ask(store, "activities-by-funder", funder="organisation/eu"), "activity")
    assert len(values(rows, "activity")) == 12
    assert all(row["state"] for row in rows)


def test_no_municipality_has_a_contact_in_the_document(store: EmbeddedStore) -> None:
    rows = ask(store, "municipal-contacts")
    assert [row["municipality"].split("/")[1] for row in rows] == list(SHARE)
    assert not values(rows, "contact")
    assert all(row["homepage"].endswith(".kommune.no/") for row in rows)


def test_what_the_document_does_not_say(store: EmbeddedStore) -> None:
    rows = ask(store, "not-stated")
    named = {"vedtak", "gyldighet", "oppfolging", "penger", "ledelse", "kontakt", "internasjonale-kontakter"}
    assert {f"statement/ikke-oppgitt-{name}" for name in named} < values(rows, "statement")
    assert values(rows, "document") == {"strategy/internasjonal-strategi"}


def test_a_number_in_the_description_of_a_question_is_that_of_its_answer(store: EmbeddedStore) -> None:
    """Years apart; a description with a new number needs a count here."""
    members = [row for row in ask(store, "europe-office-members") if row.get("printed")]
    counted = {
        "appendix-entries": len(values(ask(store, "appendix-entries"), "entry")),
        "appendix-matrix": sum(int(row["count"]) for row in ask(store, "appendix-matrix")),
        "europe-office-members": len(values(members, "member")),
    }
    for name, file in QUESTIONS.items():
        for text in file.description.values():
            said = {int(number) for number in re.findall(r"\b\d+\b", text) if not re.fullmatch(r"(19|20)\d\d", number)}
            assert said == ({counted[name]} if name in counted else set()), name


def test_texts_are_in_the_language_asked_for_one_row_each(store: EmbeddedStore) -> None:
    for name in ("figures", "what-is-uncertain"):
        file = QUESTIONS[name]
        nb, en = (store.select(file.bound({"language": Literal(tag)})).rows for tag in ("nb", "en"))
        assert len(nb) == len(en) > 10
        for tag, rows in (("nb", nb), ("en", en)):
            assert {term.language for row in rows for term in row.values() if getattr(term, "language", None)} == {tag}
        named = file.text.partition("SELECT")[2].partition("WHERE")[0].split()
        for label in (each.removeprefix("?") for each in named if each.endswith("Label")):
            assert all(label in row for row in nb if label.removesuffix("Label") in row)


def states(store: EmbeddedStore, **given: Literal) -> dict[str, str]:
    """Give the state of each activity on a day or in a year, without a value on the day that the data is as of."""
    rows = store.select(QUESTIONS["what-runs"].bound(given)).rows
    return {str(row["activity"]).removeprefix(ID): str(row["state"]).removeprefix(ID) for row in rows}


def test_unknown_is_not_running(store: EmbeddedStore) -> None:
    now = states(store)
    assert len(now) == 42
    assert now["activity/inclusivate"] == "state/ukjent"  # no date at all
    assert now["activity/nordisk-vennskapsbysamarbeid"] == "state/ukjent"  # from 1948, and nobody says until when
    assert now["activity/medsam"] == "state/avsluttet"
    on_a_day = states(store, day=typed("2018-08-31", "date"))
    assert on_a_day["activity/tradisjonelt-handverk"] == "state/planlagt"  # begins the day after
    assert on_a_day["activity/primore"] == "state/pagar"  # begins in that month
    assert on_a_day["activity/attractive-nordic-towns"] == "state/pagar"  # ends in the next year
    in_a_year = states(store, year=typed("2021", "gYear"))
    assert in_a_year["activity/tradisjonelt-handverk"] == "state/pagar"
    assert in_a_year["activity/attractive-nordic-towns"] == "state/avsluttet"


def test_facet_page_and_question_give_one_state(store: EmbeddedStore) -> None:
    library = Library.load([Path(__file__).parents[2] / "queries"])
    facet = store.select(library.facets["state"].text).rows
    asked = states(store)
    assert {str(row["thing"]).removeprefix(ID): str(row["value"]).removeprefix(ID) for row in facet} == asked
    [panel] = [each for each in library.files() if each.path.parts[-2:] == ("Activity", "05-time.rq")]
    for activity in ("activity/primore", "activity/valtel", "activity/inclusivate"):
        [row] = store.select(panel.bound({"this": Iri(ID + activity)})).rows
        assert str(row["state"]) == ID + asked[activity]
