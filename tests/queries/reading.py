"""The participations as the data files have them, read by rdflib, and counted in plain Python.

What the pages say is held against this: it shares no line with the queries. A count is three numbers (docs/model.md,
*Counts that are ranges*): as we read, at least, at most.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from rdflib import RDF, Graph, Namespace, URIRef
from rdflib.namespace import DCTERMS, ORG, SKOS
from rdflib.term import Node

DATA = Path(__file__).parents[2] / "data"
ID = "https://w3id.org/innherred/id/"
INN = Namespace("https://w3id.org/innherred/ontology#")
NORWAY = "country/NOR"

Count = tuple[int, int, int]


def short(term: object) -> str:
    """Name a thing by kind and slug, a country by ``country/`` and its code."""
    return str(term).removeprefix(ID).removeprefix("http://publications.europa.eu/resource/authority/")


@dataclass(frozen=True)
class Participation:
    """One participation; ``others`` and ``other_sectors`` are what the source may also have meant."""

    name: str
    participant: str
    activity: str
    entry: str | None
    others: frozenset[str]
    sector: str | None
    other_sectors: frozenset[str]

    def readings(self, who: str) -> tuple[bool, bool, bool]:
        """Say of a participant whether this is read as its, surely is, and can be."""
        read = self.participant == who
        return read, read and not self.others, read or who in self.others


class Reading:
    """All that is counted."""

    def __init__(self, folder: Path = DATA) -> None:
        self.graph = Graph()
        for path in sorted(folder.rglob("*.ttl")):
            self.graph.parse(path)
        self.participations = tuple(self._participations())
        # What each activity advances; filled by whoever counts that too.
        self.advancing: dict[str, set[str]] = {}

    def _participations(self) -> Iterator[Participation]:
        for node in self.graph.subjects(RDF.type, INN.Participation):
            sectors = self._values(node, INN.sector)
            yield Participation(
                name=short(node),
                participant=short(self.graph.value(node, INN.participant)),
                activity=short(self.graph.value(node, INN.inActivity)),
                entry=next((i for i in self._values(node, DCTERMS.identifier) if i.startswith("A-")), None),
                others=self._values(node, INN.alternative),
                sector=next(iter(sectors), None),
                other_sectors=self._values(node, INN.alternativeSector),
            )

    def _values(self, node: Node, *properties: URIRef) -> frozenset[str]:
        return frozenset(short(value) for each in properties for value in self.graph.objects(node, each))

    def _above(self, things: Iterable[str], property: URIRef) -> frozenset[str]:
        """Give things and all that is above them by a property."""
        found: set[str] = set()
        todo = set(things)
        while todo:
            found |= todo
            todo = {above for thing in todo for above in self._values(_node(thing), property)} - found
        return frozenset(found)

    @cached_property
    def municipalities(self) -> frozenset[str]:
        members = (m for m in self.graph.subjects(ORG.organization, _node("region/innherred")))
        return frozenset(short(self.graph.value(each, ORG.member)) for each in members)

    @cached_property
    def activities(self) -> frozenset[str]:
        return frozenset(each.activity for each in self.participations)

    def programmes(self, activity: str) -> frozenset[str]:
        return self._values(_node(activity), INN.underProgramme)

    def all_programmes(self, activity: str) -> frozenset[str]:
        return self._above(self.programmes(activity), INN.partOfProgramme)

    def whole_programmes(self, activity: str) -> frozenset[str]:
        """Name the programmes that are part of no other: a programme counts once with its parts."""
        above = self.all_programmes(activity)
        return frozenset(each for each in above if not self._values(_node(each), INN.partOfProgramme))

    def topics(self, activity: str) -> frozenset[str]:
        return self._above(self._values(_node(activity), INN.topic), SKOS.broader)

    def countries(self, activity: str) -> frozenset[str]:
        who = {each.participant for each in self.participations if each.activity == activity}
        places = self._values(_node(activity), DCTERMS.spatial)
        places |= {place for each in who for place in self._values(_node(each), INN.locatedIn)}
        known = {short(each) for each in self.graph.subjects(RDF.type, INN.Country)}
        return (self._above(places, INN.partOfPlace) & known) - {NORWAY}

    def of(self, who: str, what: Callable[[Participation], Iterable[str]]) -> Count:
        """Count the distinct things of a participant."""
        found: tuple[set[str], set[str], set[str]] = (set(), set(), set())
        for each in self.participations:
            for things, holds in zip(found, each.readings(who), strict=True):
                things.update(what(each) if holds else ())
        return len(found[0]), len(found[1]), len(found[2])

    def in_sector(self, who: str, sector: str) -> Count:
        """Count the entries of a participant in a sector, both as read and as possible."""
        read = sure = possible = 0
        for each in self.participations:
            own, surely, can = each.readings(who)
            here = each.sector == sector
            read += bool(each.entry and own and here)
            sure += bool(each.entry and surely and here and not each.other_sectors)
            possible += bool(each.entry and can and (here or sector in each.other_sectors))
        return read, sure, possible

    def under(self, sector: str, what: Callable[[str], Iterable[str]]) -> Count:
        """Count the distinct things of the activities in a sector, whoever takes part."""
        here = [each for each in self.participations if sector in {each.sector, *each.other_sectors}]
        read = [each for each in here if each.sector == sector]
        sure = [each for each in read if not each.other_sectors]
        found = [len({thing for each in some for thing in what(each.activity)}) for some in (read, sure, here)]
        return found[0], found[1], found[2]

    def beside(self, who: str) -> Count:
        """Count the others in the activities of a participant; its own units are no others."""
        units = {short(each) for each in self.graph.subjects(ORG.unitOf, _node(who))}
        found: tuple[set[str], set[str], set[str]] = (set(), set(), set())
        for own in self.participations:
            for other in self.participations:
                if other.activity != own.activity or other is own:
                    continue
                for one in {other.participant, *other.others} - {who} - units:
                    for things, mine, its in zip(found, own.readings(who), other.readings(one), strict=True):
                        things.update({one} if mine and its else ())
        return len(found[0]), len(found[1]), len(found[2])

    def together(self, one: str, other: str) -> Count:
        """Count the activities that two participants both take part in, each by an entry of its own."""
        found: tuple[set[str], set[str], set[str]] = (set(), set(), set())
        for first in self.participations:
            for second in self.participations:
                if first.activity == second.activity and first is not second:
                    for things, its, theirs in zip(found, first.readings(one), second.readings(other), strict=True):
                        things.update({first.activity} if its and theirs else ())
        return len(found[0]), len(found[1]), len(found[2])

    def reached(self, activities: Iterable[str]) -> Count:
        """Count the region's municipalities in activities: an open entry is of one more municipality at most."""
        region = self.municipalities
        here = [each for each in self.participations if each.activity in set(activities)]
        read = {each.participant for each in here} & region
        sure = {each.participant for each in here if not each.others} & region
        possible = {who for each in here for who in {each.participant, *each.others}} & region
        still = sum(bool(each.others and {each.participant, *each.others} & region) for each in here)
        return len(read), max(len(sure), min(still, 1)), min(len(possible), len(sure) + still)


def _node(name: str) -> URIRef:
    country = name.startswith("country/")
    return URIRef("http://publications.europa.eu/resource/authority/" + name if country else ID + name)
