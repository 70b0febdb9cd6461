"""Words for people that are written where no interface is: English templates, translated where they are shown."""

from collections.abc import Mapping
from typing import Any


def N_(text: str) -> str:  # noqa: N802 - the name by which gettext's tools find it
    """Mark an English text as one that has translations (gettext's deferred translation)."""
    return text


def fill(text: str, values: Mapping[str, Any]) -> str:
    """Give a template with its values, as gettext fills it; without values it is taken as it stands."""
    return text % values if values else text
