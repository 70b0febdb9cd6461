"""What a form shows of a row: fields in groups, which of them stand open, and what a folded group says is in it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final
from typing import Literal as OneOf

from app.editing import cells
from app.editing.proposals import Finding
from app.editing.tables import Kind
from app.web.editing.choices import Option
from app.web.editing.filled import THING, FilledRow
from app.web.texts import brief

# How a field looks: a line, several lines, a list that drops down, ticks, a list of lines with names to choose from.
Look = OneOf["line", "lines", "text", "select", "ticks", "names"]
# From so many fields in which nothing stands a group has them folded.
_MANY_IDLE: Final = 2
# A row of more fields than this begins with some of its groups folded.
_LONG: Final = 15
# What is not there yet when a thing begins: a day. Such a field is never folded away because it is empty.
_DATED: Final = ("date", "period")
_SHORT: Final = (*_DATED, "year", "integer", "decimal")
# So much of what is in a folded group is told beside its name, and so much of one value.
_TOLD: Final = 90
_VALUE: Final = 40


@dataclass(slots=True)
class Field:
    """A field: where its values go, what stands beside it. ``names`` is the list that proposes names to it.

    ``found`` are the answers to a search in it, by the place of the value that was looked for; ``said`` who says what
    stands there now. ``fixed``: it is shown, and not to be changed here. ``lacking``: something is missed here by the
    checks. ``usual`` is what stands in it when a thing is new.
    """

    name: str
    id: str
    label: Mapping[str, str]
    help: Mapping[str, str]
    look: Look
    kind: Kind
    language: str | None
    values: list[str]
    required: bool = False
    many: bool = False
    options: list[Option] = field(default_factory=list)
    names: str | None = None
    found: dict[int, list[Option]] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    said: list[str] = field(default_factory=list)
    fixed: bool = False
    before: str | None = None
    focused: bool = False
    lacking: bool = False
    usual: str = ""

    @property
    def written(self) -> list[str]:
        """Give what stands in it, without empty values."""
        return [each for each in self.values if each.strip()]

    @property
    def letters(self) -> int:
        """Count the letters that stand in it."""
        return sum(map(len, self.values))

    @property
    def is_asked(self) -> bool:
        """Say whether one has to look at it: it is missed, something was found in it, or somebody asked for it."""
        return bool(self.lacking or self.focused or self.findings or self.found)

    @property
    def is_idle(self) -> bool:
        """Say whether nothing stands in it, nothing has to, and nobody asked for it."""
        return not (self.is_asked or self.required or self.kind in _DATED or self.written)

    @property
    def is_changed(self) -> bool:
        """Say whether something else stands in it than what the form was given out with."""
        before = self.usual if self.before is None else self.before
        return not self.fixed and not cells.same("\n".join(self.written), before)

    @property
    def is_wrong(self) -> bool:
        """Say whether something in it has to be mended."""
        return any(each.severity == "error" for each in self.findings)


@dataclass(slots=True)
class Fieldset:
    """Fields that belong together, under a name; one without a name stands by itself."""

    id: str
    names: Mapping[str, str]
    fields: list[Field]
    is_folded: bool = False

    @property
    def is_wanted(self) -> bool:
        """Say whether it stands open in a long form: something in it has to be there, was found, typed or asked for.

        So does what has a day: that is what changes from one year to the next.
        """
        return any(each.is_asked or each.required or each.is_changed or each.kind in _DATED for each in self.fields)

    @property
    def is_empty(self) -> bool:
        """Say whether nothing stands in it."""
        return not any(each.written for each in self.fields)

    @property
    def told(self) -> str:
        """Say in short what stands in it: the first values, and how many others there are."""
        values = [brief(each.split("\n")[0], _VALUE) for one in self.fields for each in one.written]
        told: list[str] = []
        for each in dict.fromkeys(values):
            if not told or sum(map(len, told)) + len(each) <= _TOLD:
                told.append(each)
        others = sum(each not in told for each in values)
        return ", ".join(told) + (f" (+{others})" if others else "")

    @property
    def spare(self) -> list[Field]:
        """Give the fields that stand folded after the others: those in which nothing stands, where these are many."""
        found = [each for each in self.fields if each.is_idle]
        return found if len(found) >= _MANY_IDLE and len(found) < len(self.fields) else []

    def lines(self) -> list[list[Field]]:
        """Give its fields in order, beside each other where they are one text in several languages, or short."""
        spare = {each.name for each in self.spare}
        found: list[list[Field]] = []
        for each in self.fields:
            if each.name in spare:
                continue
            if found and _beside(found[-1][-1], each):
                found[-1].append(each)
            else:
                found.append([each])
        return found


@dataclass(slots=True)
class Shown:
    """A row of a form as it is drawn: its fields in groups, and what is wrong with it as a whole."""

    row: FilledRow
    groups: list[Fieldset]
    findings: list[Finding]

    def __post_init__(self) -> None:
        """Fold the groups of a long row that are not wanted, and those that are empty but where a thing begins."""
        is_long = sum(1 for _each in self.fields()) > _LONG
        for group in self.groups:
            idle = group.is_empty and (self.row.name != THING or self.row.id is not None)
            group.is_folded = bool(group.names) and not group.is_wanted and (is_long or idle)

    def fields(self) -> Iterable[Field]:
        """Give all its fields in order."""
        return (each for group in self.groups for each in group.fields)

    @property
    def is_touched(self) -> bool:
        """Say whether something in it was found, typed or asked for."""
        return bool(self.findings) or any(each.is_asked or each.is_changed for each in self.fields())

    @property
    def is_open(self) -> bool:
        """Say whether it stands open as a part: it is new, touched, or to be taken out."""
        return self.row.id is None or self.row.gone or self.is_touched


def _beside(one: Field, other: Field) -> bool:
    if one.fixed or other.fixed:
        return False
    if one.language and other.language and one.language != other.language:
        return one.label == other.label and one.look == other.look
    return one.kind in _SHORT and other.kind in _SHORT and not (one.many or other.many)
