"""What the leadership of a municipality is asked to decide: a text for each check that it can act on."""

import re
from pathlib import Path

from rdflib import SH, Graph, Namespace

ROOT = Path(__file__).parents[2]
DECIDE = ROOT / "queries/pages/Municipality/profile/08-decide.rq"
INN = Namespace("https://w3id.org/innherred/ontology#")


def test_each_check_for_the_leadership_has_a_text_in_both_languages_and_an_order() -> None:
    graph = Graph()
    for path in (ROOT / "shapes").rglob("*.ttl"):
        graph.parse(path)
    shapes = set(graph.subjects(INN.toBeDoneBy, INN.municipalLeadership))
    assert shapes
    assert [each for each in shapes if graph.value(each, SH.order) is None] == []
    wanted = {f"shape:{str(each).rpartition('/')[2]}" for each in shapes}
    text = DECIDE.read_text(encoding="utf-8")
    for language in ("nb", "en"):
        assert set(re.findall(rf'\((shape:\S+) "[^"]+"@{language}\)', text)) == wanted, language
