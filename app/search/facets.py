"""The facets of all things: what is chosen, what that leaves, with counts.

A set of things is the bits of one number: at a million things an intersection or a count takes some microseconds.
"""

import zlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from app.query.library import local_name

KIND: Final = "kind"
Chosen = Mapping[str, Sequence[str]]


def bits_of(numbers: Iterable[int]) -> int:
    """Give the set of numbers (not negative) as an integer with these bits set."""
    given = list(numbers)
    if not given:
        return 0
    found = bytearray(max(given) // 8 + 1)
    for number in given:
        found[number >> 3] |= 1 << (number & 7)
    return int.from_bytes(found, "little")


def pack(bits: int) -> bytes:
    """Give a set as bytes for a file."""
    return zlib.compress(bits.to_bytes((bits.bit_length() + 7) // 8, "little"), 1)


def unpack(packed: bytes) -> int:
    """Give the set that pack wrote."""
    return int.from_bytes(zlib.decompress(packed), "little")


@dataclass(frozen=True, slots=True)
class Value:
    """A value of a facet: its name in addresses, the IRI or text (None: a kind), the things that have it as bits."""

    key: str
    value: str | None
    things: int


@dataclass(frozen=True, slots=True)
class Count:
    """A value of a facet for one search: how many of the things found have it, and whether it is chosen."""

    key: str
    value: str | None
    things: int
    chosen: bool


@dataclass(frozen=True, slots=True)
class Facets:
    """All facets by name, in order, each with its values by key."""

    values: Mapping[str, Mapping[str, Value]]

    def chosen(self, given: Chosen) -> dict[str, tuple[str, ...]]:
        """Give what is chosen of the facets there are, by the values' keys: a value may be named by its IRI too.

        A value that no thing has stays as it is named: nothing is found by it.
        """
        found = {}
        for name, values in self.values.items():
            keys = {value.value: value.key for value in values.values() if value.value}
            if wanted := tuple(dict.fromkeys(keys.get(each, each) for each in given.get(name, ()) if each)):
                found[name] = wanted
        return found

    def things(self, chosen: Chosen, among: int, but: str | None = None) -> int:
        """Narrow a set of things: in each facet one of the chosen values, in all facets but one."""
        for name, keys in chosen.items():
            if name != but:
                values, either = self.values[name], 0
                for key in keys:
                    if key in values:
                        either |= values[key].things
                among &= either
        return among

    def counts(self, chosen: Chosen, among: int) -> dict[str, tuple[Count, ...]]:
        """Count the values in a set of things, narrowed by what is chosen in the *other* facets; most common first."""
        found = {}
        for name, values in self.values.items():
            rest, keys = self.things(chosen, among, but=name), chosen.get(name, ())
            counted = [Count(v.key, v.value, (v.things & rest).bit_count(), v.key in keys) for v in values.values()]
            counted += [Count(key, None, 0, True) for key in keys if key not in values]
            shown = [each for each in counted if each.things or each.chosen]
            found[name] = tuple(sorted(shown, key=lambda each: (-each.things, each.key)))
        return found


def keys_of(values: Sequence[str]) -> dict[str, str]:
    """Name values for addresses: by the last part of the IRI, by all of it where two end in the same."""
    last = {value: local_name(value) or value for value in values}
    often = Counter(last.values())
    return {value: name if often[name] == 1 else value for value, name in last.items()}
