"""How the data is cited: who it is by, for BibTeX, CSL JSON and CITATION.cff. Only the content names anybody."""

import json
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import yaml

from app.generation import Manifest
from app.query.binding import bind
from app.query.library import engine_query
from app.store.interface import Store
from app.terms import Dataset, Iri, Literal

_DOI: Final = re.compile(r"(?:https?://(?:dx\.)?doi\.org/|doi:)?(10\.\d{4,9}/[^\s{}\"<>\\]+)\Z", re.IGNORECASE)
_SPACE: Final = re.compile(r"[\s\x00-\x1f\x7f-\x9f]+")
# So much of a name or title a reference holds.
_LONGEST: Final = 500
# What TeX takes for something else than a letter. Braces are written as words: BibTeX counts them.
_TEX: Final = {
    **{sign: f"\\{sign}" for sign in "&%$#_"},
    "\\": "\\textbackslash{}",
    "{": "\\textbraceleft{}",
    "}": "\\textbraceright{}",
    "~": "\\textasciitilde{}",
    "^": "\\textasciicircum{}",
}


@dataclass(frozen=True, slots=True)
class Agent:
    """Who has made or published it: a name, of a person also in parts."""

    name: str
    iri: str | None = None
    family: str = ""
    given: str = ""

    @property
    def csl(self) -> dict[str, str]:
        """The name as CSL has it."""
        return {"family": self.family, "given": self.given} if self.family and self.given else {"literal": self.name}


@dataclass(frozen=True, slots=True)
class Reference:
    """One thing to cite: a part of the dataset (``inside`` is its title then) or the dataset; days are ISO 8601."""

    title: str
    url: str
    version: str
    as_of: str
    issued: str
    language: str = ""
    inside: str = ""
    authors: tuple[Agent, ...] = ()
    publisher: Agent | None = None
    licence: str | None = None
    doi: str | None = None

    @property
    def key(self) -> str:
        """What BibTeX and CSL call it: ASCII letters, the same each time."""
        plain = unicodedata.normalize("NFKD", self.title).encode("ascii", "ignore").decode()
        words = re.sub(r"[^A-Za-z0-9]+", "-", plain).strip("-").lower()
        return f"{words[:40].strip('-') or 'data'}-{self.version}"

    @property
    def csl(self) -> dict[str, Any]:
        """The item in CSL JSON (CSL 1.0.2)."""
        found = {
            "id": self.key,
            "type": "entry" if self.inside else "dataset",
            "title": self.title,
            "container-title": self.inside,
            "author": [each.csl for each in self.authors],
            "publisher": self.publisher.name if self.publisher else "",
            "issued": {"date-parts": [[int(part) for part in self.issued.split("-")]]},
            "version": self.version,
            "URL": self.url,
            "DOI": "" if self.inside else self.doi,
            "language": self.language,
        }
        return {name: value for name, value in found.items() if value}

    @property
    def csl_json(self) -> str:
        """The list of this one item, as reference managers read it."""
        return json.dumps([self.csl], ensure_ascii=False, indent=1)

    @property
    def bibtex(self) -> str:
        """The entry in BibTeX, for Unicode (biber, or BibTeX with UTF-8)."""
        year, month, day = self.issued.split("-")
        fields = {
            "title": f"{{{tex(self.title)}}}",
            "author": " and ".join(_tex_name(each) for each in self.authors),
            "publisher": f"{{{tex(self.publisher.name)}}}" if self.publisher else "",
            "howpublished": f"{{{tex(self.inside)}}}" if self.inside else "",
            "year": year,
            "date": f"{year}-{month}-{day}",
            "version": self.version,
            "url": re.sub(r"[{}\\\s]", lambda found: f"%{ord(found[0]):02X}", self.url),
            "doi": "" if self.inside else self.doi or "",
            "language": self.language,
            "note": f"Version {self.version}, as of {self.as_of}",
        }
        lines = "".join(f"  {name} = {{{value}}},\n" for name, value in fields.items() if value)
        return f"@misc{{{self.key},\n{lines}}}\n"

    @property
    def cff(self) -> str:
        """The text of a CITATION.cff (Citation File Format 1.2.0), which must name an author."""
        authors = [
            {"family-names": each.family, "given-names": each.given}
            if each.family and each.given
            else {"name": each.name}
            for each in self.authors
        ]
        found = {
            "cff-version": "1.2.0",
            "message": "Please cite the data as below.",
            "type": "dataset",
            "title": self.title,
            "authors": authors or [{"name": self.title}],
            "version": self.version,
            "date-released": self.issued,
            "url": self.url,
            "doi": self.doi,
        }
        kept = {name: value for name, value in found.items() if value}
        text: str = yaml.safe_dump(kept, allow_unicode=True, sort_keys=False, width=120)
        return text


def tex(text: str) -> str:
    """Write text for TeX."""
    return "".join(_TEX.get(sign, sign) for sign in text)


def _tex_name(agent: Agent) -> str:
    if agent.family and agent.given:
        return f"{{{tex(agent.family)}}}, {{{tex(agent.given)}}}"
    return f"{{{tex(agent.name)}}}"  # braces: a body is no person with a first name


def one_line(text: str) -> str:
    """Give text on one line, of a length that references have."""
    return _SPACE.sub(" ", text).strip()[:_LONGEST]


def reference(store: Store, manifest: Manifest, languages: Sequence[str], address: str) -> Reference:
    """Give the reference to a version of the dataset, whose address it is; names in the first language they have."""
    query = bind(engine_query("catalog/agents"), {"dataset": Iri(manifest.dataset or manifest.base)})
    rows = store.select(query, Dataset(default=(Iri(f"{manifest.base}graph/catalog"),))).rows
    found: dict[str, dict[str, list[Mapping[str, Any]]]] = {}
    for row in rows:
        found.setdefault(str(row["role"]), {}).setdefault(str(row["agent"]), []).append(row)
    agents = {
        role: tuple(_agent(rows, languages) for rows in each.values())
        for role, each in found.items()
        if role != "identifier"
    }
    identifiers = (_DOI.match(each) for each in found.get("identifier", {}))
    language, title = chosen(manifest.title.items(), languages) or ("", manifest.dataset)
    publisher = next(iter(agents.get("publisher", ())), None)
    return Reference(
        title=one_line(title),
        url=address,
        version=manifest.version,
        as_of=manifest.as_of,
        issued=manifest.built[:10],
        language=language,
        authors=agents.get("creator", agents.get("publisher", ())),
        publisher=publisher,
        licence=manifest.licence,
        doi=next((match[1] for match in identifiers if match), None),
    )


def _agent(rows: Sequence[Mapping[str, Any]], languages: Sequence[str]) -> Agent:
    """Make an agent of its rows, of which each has a name."""
    agent = rows[0]["agent"]
    names = [row["name"] for row in rows if isinstance(row.get("name"), Literal)]
    if isinstance(agent, Literal):
        return Agent(one_line(agent.value))
    said = chosen([(each.language or "", each.value) for each in names], languages)
    parts = (one_line(str(rows[0].get(part) or "")) for part in ("family", "given"))
    return Agent(one_line(said[1] if said else agent), str(agent) if isinstance(agent, Iri) else None, *parts)


def chosen(texts: Iterable[tuple[str, str]], languages: Sequence[str]) -> tuple[str, str] | None:
    """Give language and text of that which is in the first of the languages, else the first there is."""
    there = list(texts)
    return next((each for tag in languages for each in there if each[0] == tag), there[0] if there else None)
