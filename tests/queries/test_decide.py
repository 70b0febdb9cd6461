"""What the leadership of a municipality is asked to decide: a text for each check that it can act on."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
DECIDE = ROOT / "queries/pages/Municipality/profile/08-decide.rq"


def test_each_check_for_the_leadership_has_a_text_in_both_languages_and_an_order() -> None:
    wanted = set()
    for path in sorted((ROOT / "shapes").rglob("*.ttl")):
        for block in re.split(r"^\.$", path.read_text(encoding="utf-8"), flags=re.MULTILINE):
            if "inn:toBeDoneBy inn:municipalLeadership" in block:
                assert "sh:order" in block, path
                wanted.add(re.search(r"^(shape:\S+)", block, re.MULTILINE)[1])  # type: ignore[index]
    text = DECIDE.read_text(encoding="utf-8")
    for language in ("nb", "en"):
        assert set(re.findall(rf'\((shape:\S+) "[^"]+"@{language}\)', text)) == wanted, language
