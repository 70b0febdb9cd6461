"""The fields of a form as a template draws them: from a filled form, the tables and what was found."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from flask_babel import gettext as _

from app.editing import layout
from app.editing.proposals import Finding
from app.editing.tables import Column, Table
from app.editing.voices import REPLACED_BY
from app.namespaces import LABEL_PROPERTIES
from app.terms import Iri
from app.web.editing.choices import SELECTED, TICKED, Option, search
from app.web.editing.fieldsets import Field, Fieldset, Shown
from app.web.editing.filled import THING, Filled, FilledRow, default_text
from app.web.editing.present import Present

_SEVERITIES: Final = ("error", "warning", "info")


class Drawing:
    """Draws the rows of a form; names to choose from are listed once, however many fields propose them."""

    def __init__(
        self,
        now: Present,
        language: str,
        languages: Sequence[str],
        findings: Iterable[Finding],
        lacking: Collection[Iri] = (),
    ) -> None:
        """Sort findings by the field that they are about; ``lacking`` are properties that the thing has no value of."""
        self._now = now
        self.base = base = now.base
        self.language = language
        self.languages = languages
        self._lacking = lacking
        self.lists: dict[str, list[Option]] = {}
        self._by_place: dict[str | None, list[Finding]] = defaultdict(list)
        for each in sorted(findings, key=lambda found: _SEVERITIES.index(found.severity)):
            self._by_place[each.place].append(each)
        names = layout.voices(base, language)
        self._voices = {file: names[each.graph] for each in base.voices() for file in each.files}

    def findings(self, place: str | None) -> list[Finding]:
        """Give what was found at a place."""
        return self._by_place.get(place, [])

    def row(self, row: FilledRow, asked: "Asked", focus: str = "") -> Shown:
        """Draw a row; of a part the field that points at its whole is left out."""
        groups: list[Fieldset] = []
        group: object = self
        for number, column in enumerate(row.table.columns):
            if column.key == row.by:
                continue
            if column.group != group or not groups:
                group = column.group
                names = column.group.names if column.group else {}
                groups.append(Fieldset(f"g-{row.name}-{len(groups)}", names, []))
            groups[-1].fields.append(self._field(row, column, number, asked, focus))
        return Shown(row, groups, self.findings(f"row.{row.name}"))

    def successor(self, table: Table, text: str, asked: "Asked") -> Field:
        """Draw the field for what takes the place of a thing: by name, those of its kind are proposed."""
        column = Column("successor", REPLACED_BY, "link", {}, classes=(table.cls,))
        label = {self.language: str(_("What takes its place?"))}
        told = self.findings(column.key)
        found = Field(column.key, column.key, label, {}, "names", "link", None, [text], findings=told)
        found.names = self._list(self._now.options(column, self.language))
        self._find(found, column, asked)
        return found

    def _field(self, row: FilledRow, column: Column, number: int, asked: "Asked", focus: str) -> Field:
        name = f"cell.{row.name}.{column.key}"
        values = list(row.values.get(column.key, ()))
        before = row.before.get(column.key)
        found = Field(
            name=name,
            id=f"f-{row.name}-{number}",
            label=column.names,
            help=column.help,
            look="line",
            kind=column.kind,
            language=column.language,
            values=values,
            # The name of a part is made of what it joins, where none is written.
            required=column.required and not (row.by and column.property in LABEL_PROPERTIES),
            many=column.many,
            findings=self.findings(name),
            before=before,
            lacking=row.name == THING and column.property in self._lacking,
            usual=default_text(column, self.base, self.language) if row.id is None else "",
            focused=bool(focus) and (focus == name or (row.name == THING and focus in (column.key, column.property))),
        )
        self._say(found, row, column)
        self._look(found, column, asked)
        return found

    def _say(self, found: Field, row: FilledRow, column: Column) -> None:
        """Tell who says what stands in a field now; what no file that can be written says is fixed."""
        stated = self.base.values(row.id, column.property) if row.id else []
        mine = [each for each in stated if getattr(each.value, "language", None) == column.language]
        found.said = list(dict.fromkeys(self._voices.get(each.file, each.file) for each in mine))
        unseen = row.id is not None and column.key not in row.before
        found.fixed = bool(mine) and (unseen or all(each.file not in self._voices for each in mine))
        if found.fixed:
            found.values = [str(self.base.label(each.value, self.languages)) for each in mine]

    def _look(self, found: Field, column: Column, asked: "Asked") -> None:
        choices = self._now.options(column, self.language)
        if column.kind in ("link", "choice", "boolean"):
            if choices and len(choices) <= (TICKED if column.many else SELECTED):
                found.look = "ticks" if column.many else "select"
                known = {each.value for each in choices}
                found.options = choices + [
                    Option(text, text) for text in found.values if text.strip() and text not in known
                ]
            else:
                found.look = "names"
                found.names = self._list(choices)
                while len(found.values) > 1 and not found.values[-1].strip():
                    found.values.pop()
                if not found.values or (found.many and asked.more == found.name and found.values[-1].strip()):
                    found.values.append("")
                self._find(found, column, asked)
        elif column.many:
            found.look = "lines"
        elif column.kind == "text" or any("\n" in text or len(text) > 80 for text in found.values):
            found.look = "text"

    def _find(self, found: Field, column: Column, asked: "Asked") -> None:
        if asked.find[0] == found.name and asked.find[1] < len(found.values):
            place = asked.find[1]
            found.found[place] = search(found.values[place], column, self.base, self.language)

    def _list(self, choices: list[Option]) -> str | None:
        """Give the id of the list of some names on the page."""
        if not choices:
            return None
        for known, given in self.lists.items():
            if given is choices:
                return known
        self.lists[f"names-{len(self.lists)}"] = choices
        return f"names-{len(self.lists) - 1}"


@dataclass(frozen=True, slots=True)
class Asked:
    """What a button of a form asked for: a name looked for (field and place) or picked, one more value or part."""

    find: tuple[str, int] = ("", 0)
    picked: str = ""
    more: str = ""
    part: str = ""


def placed(findings: Iterable[Finding], filled: Filled, subjects: Mapping[Iri, str]) -> list[Finding]:
    """Give findings of checks a place in a form: by the thing that they are about, and by property and language."""
    found = []
    for each in findings:
        row = filled.row(subjects.get(each.subject, "")) if each.place is None and each.subject else None
        if row is None:
            found.append(each)
            continue
        language = getattr(each.value, "language", None)
        fitting = [column for column in row.table.columns if column.property == each.predicate]
        fitting.sort(key=lambda column: column.language != language)
        place = f"cell.{row.name}.{fitting[0].key}" if fitting and fitting[0].key != row.by else f"row.{row.name}"
        found.append(replace(each, place=place))
    return found
