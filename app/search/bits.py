"""Sets of things as bits of one number: at a million things an intersection or a count takes some microseconds."""

import zlib
from collections.abc import Iterable


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
