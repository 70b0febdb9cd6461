"""A made-up graph with the terms of the ontology, of any size, as a content folder without shapes and rules.

    python bench/graph.py FOLDER [TRIPLES]

Writes FOLDER/data/dataset.ttl and FOLDER/data/things.nt: organisations, programmes one under the other, activities and
their participations, with labels in Norwegian and English. The same number of triples gives the same bytes.
"""

import random
import sys
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Final

BASE: Final = "http://example.org/bench/"
INN: Final = "https://w3id.org/innherred/ontology#"
_TYPE: Final = "<http://www.w3.org/1999/02/22-rdf-syntax-ns#type>"
_LABEL: Final = "<http://www.w3.org/2000/01/rdf-schema#label>"
_DESCRIPTION: Final = "<http://purl.org/dc/terms/description>"
_DATE: Final = "<http://www.w3.org/2001/XMLSchema#date>"
_THINGS: Final = (
    "skole",
    "bibliotek",
    "kystfiske",
    "skogbruk",
    "kulturskole",
    "vannmiljø",
    "reiseliv",
    "helse",
    "idrett",
)
_IN_ENGLISH: Final = ("school", "library", "fishing", "forestry", "arts", "water", "tourism", "health", "sports")
_PLACES: Final = ("Havdal", "Bekkøy", "Lundås", "Nesvær", "Fjellæra", "Sandmo", "Granli", "Myrvang")
# Triples of an organisation, a programme, an activity, a participation.
_SIZES: Final = (4, 4, 7, 7)
_DATASET: Final = f"""\
PREFIX dc: <http://purl.org/dc/elements/1.1/>
PREFIX dcterms: <http://purl.org/dc/terms/>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
PREFIX void: <http://rdfs.org/ns/void#>
PREFIX xsd: <http://www.w3.org/2001/XMLSchema#>

<{BASE}catalog#dataset>
    a void:Dataset ;
    rdfs:label "A made-up graph"@en ;
    dc:language "nb, en" ;
    dcterms:modified "2026-11-22"^^xsd:date ;
    dcterms:title "A made-up graph"@en ;
    void:uriSpace "{BASE}" ;
.
"""


def activities(triples: int) -> int:
    """Give the number of activities of a graph of so many triples."""
    organisation, programme, activity, participation = _SIZES
    # For ten activities: two organisations, one programme, twenty participations.
    return max(10, 10 * triples // (2 * organisation + programme + 10 * activity + 20 * participation))


def organisations(triples: int) -> int:
    """Give the number of organisations of a graph of so many triples."""
    return max(10, activities(triples) // 5)


def lines(triples: int) -> Iterator[str]:
    """Give the N-Triples lines of a graph: the number asked for, exactly."""
    return islice(_endless(triples), triples)


def _endless(triples: int) -> Iterator[str]:
    chance = random.Random(triples)  # noqa: S311 - a repeatable graph, no secret
    number_of_organisations, number_of_activities = organisations(triples), activities(triples)
    programmes = max(5, number_of_activities // 10)
    for number in range(number_of_organisations):
        yield from _organisation(number)
    for number in range(programmes):
        yield from _programme(number)
    number = 0
    while True:  # a few activities more than planned make up for what is rounded
        yield from _activity(number, chance.randrange(programmes), chance)
        for part in range(2):
            # Few organisations are in many activities, as in life.
            organisation = int(number_of_organisations * chance.random() ** 2)
            yield from _participation(f"a-{number}-{part}", organisation, number, part, chance)
        number += 1


def _organisation(number: int) -> Iterator[str]:
    thing = f"<{BASE}id/organisation/o-{number}>"
    place = _PLACES[number % len(_PLACES)]
    yield f"{thing} {_TYPE} <{INN}Organisation> .\n"
    yield f'{thing} {_LABEL} "Stiftelsen {place} {number}"@nb .\n'
    yield f'{thing} {_LABEL} "The {place} foundation {number}"@en .\n'
    yield f'{thing} <{INN}organisationNumber> "{100_000_000 + number}" .\n'


def _programme(number: int) -> Iterator[str]:
    thing = f"<{BASE}id/programme/p-{number}>"
    yield f"{thing} {_TYPE} <{INN}Programme> .\n"
    yield f'{thing} {_LABEL} "Program {number}"@nb .\n'
    yield f'{thing} {_LABEL} "Programme {number}"@en .\n'
    yield f"{thing} <{INN}partOfProgramme> <{BASE}id/programme/p-{number // 4 if number else 'all'}> .\n"


def _activity(number: int, programme: int, chance: random.Random) -> Iterator[str]:
    thing = f"<{BASE}id/activity/a-{number}>"
    kind, place = chance.randrange(len(_THINGS)), chance.choice(_PLACES)
    year, month = 2000 + chance.randrange(26), 1 + chance.randrange(12)
    yield f"{thing} {_TYPE} <{INN}Activity> .\n"
    yield f'{thing} {_LABEL} "Samarbeid om {_THINGS[kind]} i {place} {number}"@nb .\n'
    yield f'{thing} {_LABEL} "Cooperation on {_IN_ENGLISH[kind]} in {place} {number}"@en .\n'
    yield f'{thing} {_DESCRIPTION} "Aktivitet nummer {number}: {_THINGS[kind]} og læring i {place}."@nb .\n'
    yield f"{thing} <{INN}underProgramme> <{BASE}id/programme/p-{programme}> .\n"
    yield f"{thing} <{INN}topic> <{BASE}id/topic/{_IN_ENGLISH[kind]}> .\n"
    yield f'{thing} <{INN}startDate> "{year}-{month:02}-01"^^{_DATE} .\n'


def _participation(name: str, organisation: int, activity: int, part: int, chance: random.Random) -> Iterator[str]:
    thing = f"<{BASE}id/participation/{name}>"
    yield f"{thing} {_TYPE} <{INN}Participation> .\n"
    yield f'{thing} {_LABEL} "Stiftelse {organisation} i aktivitet {activity}"@nb .\n'
    yield f'{thing} {_LABEL} "Foundation {organisation} in activity {activity}"@en .\n'
    yield f"{thing} <{INN}participant> <{BASE}id/organisation/o-{organisation}> .\n"
    yield f"{thing} <{INN}inActivity> <{BASE}id/activity/a-{activity}> .\n"
    yield f"{thing} <{INN}role> <{BASE}id/role/{'partner' if part else 'coordinator'}> .\n"
    yield f"{thing} <{INN}certainty> <{INN}{chance.choice(('stated', 'interpreted', 'uncertain'))}> .\n"


def write(folder: Path, triples: int) -> Path:
    """Write a content folder; give the file of things."""
    data = folder / "data"
    data.mkdir(parents=True, exist_ok=True)
    (data / "dataset.ttl").write_text(_DATASET, encoding="utf-8")
    path = data / "things.nt"
    with path.open("w", encoding="utf-8", newline="\n") as file:
        file.writelines(lines(triples))
    return path


if __name__ == "__main__":
    print(write(Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 300_000))
