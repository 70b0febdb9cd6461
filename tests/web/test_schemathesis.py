"""The interface by a program that reads its description and tries it: what is right is answered, the rest is told."""

import json
import urllib.request
from contextlib import suppress

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi.checks import positive_data_acceptance

# Here a string is in a language of its own, which a schema cannot tell: one that is no query is refused.
_LANGUAGES = ("/sparql", "/receipt", "/reconcile")
# So many requests of each operation, right ones and wrong ones; the same each time.
_EACH = 5
_STEADY = settings(
    max_examples=_EACH,
    derandomize=True,
    database=None,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)


@pytest.fixture(scope="module")
def described(server):
    with urllib.request.urlopen(server + "api/openapi.json", timeout=600) as answer:
        found = schemathesis.openapi.from_dict(json.load(answer))
    found.config.update(base_url=server.rstrip("/"))
    return found


def faults_of(operation, mode):
    """Give what is wrong with an operation, with the request that tells it, and how many were sent."""
    left_out = [positive_data_acceptance] if operation.path.startswith(_LANGUAGES) else []
    faults, tried = [], []

    @_STEADY
    @given(case=operation.as_strategy(generation_mode=mode))
    def ask(case):
        tried.append(case)
        try:
            case.call_and_validate(timeout=600, excluded_checks=left_out)
        except BaseExceptionGroup as group:
            faults.extend(f"{fault} {case.as_curl_command()}" for fault in group.exceptions)

    with suppress(Unsatisfiable):  # nothing wrong can be asked
        ask()
    return faults, len(tried)


@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE])
def test_the_interface_is_as_it_is_described(described, mode):
    found = [faults_of(each.ok(), mode) for each in described.get_all_operations()]
    assert sum(tried for _, tried in found) > 20
    told = [fault for faults, _ in found for fault in faults]
    assert not told, "\n\n".join(told)[:8000]
