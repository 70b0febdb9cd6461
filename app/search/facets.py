"""The facets of all things: what is chosen, what that leaves, with counts.

A set of many things is the bits of one number: at a million things an intersection or a count takes some microseconds.
"""

import zlib
from array import array
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from itertools import compress, islice, repeat
from typing import Final

from app.query.library import local_name
from app.search.folding import fold

KIND: Final = "kind"
# So many values of a facet are offered; others are found by words.
MOST_VALUES: Final = 100
# What fewer than one thing in so many has is held as numbers: four bytes each, where its bits would be more.
_FEW: Final = 256
_NUMBERS: Final = b"\0"  # no zlib stream begins so
# What a binary figure as ASCII says.
_TRUTH: Final = bytes.maketrans(b"01", b"\0\1")
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


def pack(numbers: "array[int]", all_: int) -> bytes:
    """Give a set of some of so many things as bytes for a file: a mark and the numbers if they are few, else bits."""
    if len(numbers) < max(2, all_ // _FEW):
        return _NUMBERS + numbers.tobytes()
    bits = bits_of(numbers)
    return zlib.compress(bits.to_bytes((bits.bit_length() + 7) // 8, "little"), 1)


def unpack(packed: bytes) -> "int | array[int]":
    """Give the set that pack wrote: bits, or few numbers."""
    if packed.startswith(_NUMBERS):
        return array("I", packed[1:])
    return int.from_bytes(zlib.decompress(packed), "little")


@dataclass(frozen=True, slots=True)
class Value:
    """A value of a facet: its name in addresses, the IRI or text (None: a kind), the things that have it.

    These are bits, or the numbers themselves where they are few: so many bits for each of ten thousand values would be
    more than the data.
    """

    key: str
    value: str | None
    held: "int | array[int]"

    @property
    def things(self) -> int:
        """The things that have it, as bits."""
        return self.held if isinstance(self.held, int) else bits_of(self.held)

    def __len__(self) -> int:
        return self.held.bit_count() if isinstance(self.held, int) else len(self.held)


@dataclass(frozen=True, slots=True)
class Count:
    """A value of a facet for one search: how many of the things found have it, and whether it is chosen."""

    key: str
    value: str | None
    things: int
    chosen: bool


class _FacetTable:
    """A facet's values by what they are, and the few things of the rare ones side by side, counted in one pass."""

    def __init__(self, values: Mapping[str, Value]) -> None:
        self.values = list(values.values())
        self.keys = {each.value: each.key for each in self.values if each.value}
        self.places = {each.key: place for place, each in enumerate(self.values)}
        self._common = {place: each.held for place, each in enumerate(self.values) if isinstance(each.held, int)}
        self._things, self._places = array("I"), array("I")
        for place, each in enumerate(self.values):
            if not isinstance(each.held, int):
                self._things.extend(each.held)
                self._places.extend(repeat(place, len(each.held)))

    def of(self, thing: int) -> tuple[Value, ...]:
        """Give the values that a thing has."""
        found = {place for place, bits in self._common.items() if bits >> thing & 1}
        start = 0
        with suppress(ValueError):
            while True:
                start = self._things.index(thing, start) + 1
                found.add(self._places[start - 1])
        return tuple(self.values[place] for place in sorted(found))

    def counted(self, among: int) -> Counter[int]:
        """Count for each value, by its place, the things of a set: at a cost that the pairs decide, not the values."""
        found = Counter[int]()
        if self._things:
            # One letter for each number, the lowest first, far enough for all that there are.
            members = bin(among)[:1:-1].encode().ljust(max(self._things) + 1, b"0").translate(_TRUTH)
            found.update(compress(self._places, map(members.__getitem__, self._things)))
        for place, bits in self._common.items():
            if number := (bits & among).bit_count():
                found[place] = number
        return found

    def commonest(self, counted: Counter[int], most: int) -> list[int]:
        """Give the places of so many values that were counted most often, of equals the first by key; in no order."""
        if len(counted) <= most:
            return list(counted)
        often = Counter(counted.values())
        for least in sorted(often, reverse=True):
            if often[least] >= most:
                break
            most -= often[least]
        more = [place for place, number in counted.items() if number > least]
        return [*more, *islice((place for place in self._by_key if counted[place] == least), most)]

    @cached_property
    def _by_key(self) -> list[int]:
        return sorted(range(len(self.values)), key=lambda place: self.values[place].key)


class Facets:
    """All facets by name, in order, each with its values by key."""

    def __init__(self, values: Mapping[str, Mapping[str, Value]]) -> None:
        """Take the values."""
        self.values = values
        self._tables = {name: _FacetTable(of) for name, of in values.items()}

    def chosen(self, given: Chosen) -> dict[str, tuple[str, ...]]:
        """Give what is chosen of the facets there are, by the values' keys: a value may be named by its IRI too.

        A value that no thing has stays as it is named: nothing is found by it.
        """
        found = {}
        for name, table in self._tables.items():
            if wanted := tuple(dict.fromkeys(table.keys.get(each, each) for each in given.get(name, ()) if each)):
                found[name] = wanted
        return found

    def named(self, value: str) -> Iterator[tuple[str, Value]]:
        """Give the facets that have an IRI as a value, with it."""
        for name, table in self._tables.items():
            if key := table.keys.get(value):
                yield name, self.values[name][key]

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

    def counts(
        self, chosen: Chosen, among: int, only: Mapping[str, Collection[str]] | None = None
    ) -> dict[str, tuple[Count, ...]]:
        """Count the values in a set of things, narrowed by what is chosen in the *other* facets; most common first.

        Those that are chosen, and of the others ``MOST_VALUES`` and one more, that tells that there are more. ``only``:
        of a facet these values alone, by their keys.
        """
        found = {}
        for name, table in self._tables.items():
            keys = chosen.get(name, ())
            counted = table.counted(self.things(chosen, among, but=name))
            asked = counted
            if only and name in only:
                asked = Counter({p: number for p, number in counted.items() if table.values[p].key in only[name]})
            most = table.commonest(asked, MOST_VALUES + 1)
            shown = {v.key: Count(v.key, v.value, counted[p], v.key in keys) for p in most for v in [table.values[p]]}
            for key in keys:
                place = table.places.get(key)
                value = None if place is None else table.values[place].value
                shown[key] = Count(key, value, 0 if place is None else counted[place], chosen=True)
            found[name] = tuple(sorted(shown.values(), key=lambda each: (-each.things, each.key)))
        return found

    def of(self, thing: int) -> dict[str, tuple[Value, ...]]:
        """Give the values that a thing has of each facet but its kind, by its number."""
        found = {name: table.of(thing) for name, table in self._tables.items() if name != KIND}
        return {name: values for name, values in found.items() if values}

    def about(self, name: str, words: str) -> set[str]:
        """Give the keys of those values of a facet that have some words, folded, in themselves."""
        wanted = fold(words)
        return {each.key for each in self.values.get(name, {}).values() if wanted in fold(each.value or each.key)}


def keys_of(values: Sequence[str]) -> dict[str, str]:
    """Name values for addresses: by the last part of the IRI, by all of it where two end in the same."""
    last = {value: local_name(value) or value for value in values}
    often = Counter(last.values())
    return {value: name if often[name] == 1 else value for value, name in last.items()}
