"""The form of proposals that docs/proposals.md tells."""

import json
import re
from pathlib import Path
from typing import get_args

from app.editing.drawer import LONGEST_TITLE, LONGEST_WORDS, MOST_BYTES, MOST_SUGGESTIONS
from app.editing.proposals import Door, State, from_json, to_json

PAGE = (Path(__file__).parents[2] / "docs" / "proposals.md").read_text(encoding="utf-8")


def test_the_example_is_a_proposal():
    (block,) = re.findall(r"^```json\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)
    proposal = from_json(block)
    assert proposal.removed[0].file == "data/strategy/activities.ttl"
    assert json.loads(to_json(proposal)) == json.loads(block)


def test_every_state_door_and_limit_is_told():
    told = set(re.findall(r"`(\w+)`", PAGE))
    assert {*get_args(State), *get_args(Door)} <= told
    assert f"{MOST_BYTES // 1_000_000} MB" in PAGE
    for limit in (LONGEST_TITLE, LONGEST_WORDS, MOST_SUGGESTIONS):
        assert f"{limit:,}" in PAGE
