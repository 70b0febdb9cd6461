"""The dumps of a generation, which a catalog tells as distributions, as their list of checksums names them."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from app.mediatypes import JSON_LD, N_QUADS, TRIG, TURTLE, Format

CHECKSUMS: Final = "SHA256SUMS"
_LINE: Final = re.compile(r"([0-9a-f]{64}) [ *](\S+)")


@dataclass(frozen=True, slots=True)
class Dump:
    """A file to download: name, size in bytes, SHA-256."""

    name: str
    size: int
    sha256: str

    @property
    def format(self) -> Format:
        """The format inside the compression; raises StopIteration for a name that is none of ours."""
        suffix = self.name.removesuffix(".gz").rpartition(".")[2]
        return next(each for each in (N_QUADS, TRIG, JSON_LD, TURTLE) if each.suffix == suffix)


def read_dumps(folder: Path) -> list[Dump]:
    """Give the dumps of a folder, as its list of checksums names them; none when it has no list."""
    try:
        lines = (folder / CHECKSUMS).read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        return []
    found = (match.groups() for line in lines if (match := _LINE.fullmatch(line)))
    return [Dump(name, (folder / name).stat().st_size, checksum) for checksum, name in found]
