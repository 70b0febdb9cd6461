"""Tables as CSV files with a description of them (W3C: Metadata Vocabulary for Tabular Data, CSV on the Web)."""

import csv
import io
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from app.content.folders import Content, DatasetDescription
from app.editing.base import Base, Stated
from app.editing.tables import Column, Table, tables, things
from app.entities.basis import data_graphs
from app.generation import Generation, Manifest
from app.namespaces import RDF_TYPE, iris, shrink
from app.query.library import engine_query, local_name
from app.store.embedded import EmbeddedStore
from app.terms import RDF, RDF_LANG_STRING, XSD, Dataset, Iri, Literal, Term, Triple

METADATA: Final = "csv-metadata.json"
# What may stand between several values of a cell: the first that is in none of them.
_SEPARATORS: Final = ("\n", " | ", " ¦ ", "\x1f")
# The datatypes of XML Schema that CSVW has by the same names (§5.11.1).
_BUILT_IN: Final = iris(
    "xsd:anyURI xsd:boolean xsd:date xsd:dateTime xsd:decimal xsd:double xsd:float xsd:gYear xsd:gYearMonth xsd:integer"
    " xsd:string xsd:time"
)
_PERIOD: Final = {"base": "string", "format": "-?[0-9]{4,}(-[0-9]{2}(-[0-9]{2})?)?"}


@dataclass(frozen=True, slots=True)
class _Field:
    """A column of a CSV file: its name, the column of the table, its values by thing, the names of links instead."""

    name: str
    column: Column
    values: Mapping[Iri, list[Term]]
    labels: bool = False

    def texts(self, thing: Iri, base: Base, languages: tuple[str, ...]) -> list[str]:
        """Give the values of a thing in order of their text, or the names of what they lead to."""
        found = self.values.get(thing, [])
        return [base.label(each, languages).text if self.labels else str(each) for each in found]


def asserted(manifest: Manifest) -> dict[Iri, int]:
    """Give the graphs that tables are made of, with their sizes: those of the data in which nothing is entailed."""
    data = data_graphs(map(Iri, manifest.graphs), manifest.base)
    return {each: manifest.graphs[each] for each in sorted(data) if "graph/entailed" not in each}


def base_of(manifest: Manifest, triples_of: Callable[[Iri], Iterable[Triple]], graphs: Iterable[Iri]) -> Base:
    """Read model, shapes and graphs from a store: a server need not have the files of the content."""
    licence = Iri(manifest.licence) if manifest.licence else None
    dataset = DatasetDescription(Iri(manifest.dataset), manifest.title, manifest.languages, licence)
    base = Base(Content(Path(), manifest.base, (), dataset, manifest.prefixes))
    base.model, base.shapes = (tuple(triples_of(Iri(f"{manifest.base}graph/{e}"))) for e in ("ontology", "shapes"))
    for graph in graphs:
        for subject, predicate, value in triples_of(graph):
            if isinstance(subject, Iri):
                base.add(subject, predicate, Stated(value, graph))
    return base


def of_generation(generation: Generation, most: int) -> dict[str, bytes]:
    """Give the files of a generation; none when its graphs have more statements than ``most``. Raises QueryError."""
    manifest, graphs = generation.manifest, asserted(generation.manifest)
    if sum(graphs.values()) > most or f"{manifest.base}graph/shapes" not in manifest.graphs:
        return {}
    query = engine_query("engine/triples")
    with closing(EmbeddedStore.open(generation.store)) as store:
        base = base_of(manifest, lambda graph: store.construct(query, Dataset(default=(graph,))), graphs)
    return files(base, tables(base), manifest.languages)


def files(base: Base, tables: Mapping[Iri, Table], languages: tuple[str, ...]) -> dict[str, bytes]:
    """Give by name a CSV file for each table that has things, and the description of all of them.

    Links are there twice: by IRI, and beside it by name in the most wanted of the languages. Values are as the files
    of the content have them; several in a cell stand in order of their text, with a separator that none of them has.
    """
    named = names(tables)
    found: dict[str, bytes] = {}
    described = []
    for cls, table in tables.items():
        rows = things(base, tables, table)
        if not rows:
            continue
        fields = list(_fields(base, table, rows))
        separators = {each.name: _separator(each, rows, base, languages) for each in fields}
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\r\n")  # RFC 4180
        writer.writerow(["id", *(each.name for each in fields)])
        for thing in rows:
            cells = ((separators[each.name] or "").join(each.texts(thing, base, languages)) for each in fields)
            writer.writerow([thing, *cells])
        found[named[cls]] = text.getvalue().encode()
        described.append(_table(base, tables, table, fields, separators))
    about = base.content.dataset
    document = {
        "@context": "http://www.w3.org/ns/csvw",
        "@id": METADATA,
        "dc:title": [{"@value": text, "@language": tag} for tag, text in sorted(about.title.items()) if tag],
        **({"dc:license": {"@id": about.licence}} if about.licence else {}),
        "tables": described,
    }
    found[METADATA] = (json.dumps(document, ensure_ascii=False, indent=1) + "\n").encode()
    return found


def names(tables: Iterable[Iri]) -> dict[Iri, str]:
    """Give the names of the CSV files by class: ``focus-area.csv`` for FocusArea, with a number where that is taken."""
    found: dict[Iri, str] = {}
    for cls in sorted(tables):
        stem = re.sub(r"[^a-z0-9]+", "-", re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "-", local_name(cls)).lower()).strip("-")
        found[cls] = _free(stem or "table", {each.removesuffix(".csv") for each in found.values()}, "-") + ".csv"
    return found


def _fields(base: Base, table: Table, rows: list[Iri]) -> Iterator[_Field]:
    taken = {"id", "class"}
    for column in table.columns:
        values: dict[Iri, list[Term]] = {}
        for thing in rows:
            stated = {each.value for each in base.values(thing, column.property)}
            if fitting := sorted((each for each in stated if _fits(each, column)), key=str):
                values[thing] = fitting
        name = _free(column_name(column.property, base.content.prefixes, column.language), taken, "_")
        taken |= {name, f"{name}_name"}
        yield _Field(name, column, values)
        if _is_link(column):
            yield _Field(f"{name}_name", column, values, labels=True)


def column_name(property_: Iri, prefixes: Mapping[str, str], language: str | None = None) -> str:
    """Give the name of a property's column: its prefixed name, with the language after it, in letters and ``_``."""
    parts = [shrink(property_, prefixes) or local_name(property_), *([language] if language else [])]
    return re.sub(r"[^A-Za-z0-9]+", "_", "_".join(parts)).strip("_") or "column"


def _fits(value: Term, column: Column) -> bool:
    if column.language:
        return isinstance(value, Literal) and value.language == column.language
    return isinstance(value, Iri) or (isinstance(value, Literal) and value.language is None)


def _is_link(column: Column) -> bool:
    return column.kind == "link" or (column.kind == "choice" and any(isinstance(each, Iri) for each in column.choices))


def _free(stem: str, taken: set[str], joint: str) -> str:
    """Give a name, with a number after it where it is taken."""
    tries = (stem if number == 1 else f"{stem}{joint}{number}" for number in range(1, len(taken) + 2))
    return next(each for each in tries if each not in taken)


def _separator(field: _Field, rows: list[Iri], base: Base, languages: tuple[str, ...]) -> str | None:
    """Give what stands between values; None where no cell may have several, nor has."""
    texts = [field.texts(thing, base, languages) for thing in rows]
    if not field.column.many and all(len(each) < 2 for each in texts):
        return None
    return next(
        (mark for mark in _SEPARATORS if not any(mark in text for each in texts for text in each)), _SEPARATORS[-1]
    )


def _table(
    base: Base, tables: Mapping[Iri, Table], table: Table, fields: list[_Field], separators: Mapping[str, str | None]
) -> dict[str, Any]:
    named = names(tables)
    tags = sorted({tag for tag in base.content.dataset.title if tag} or {"en"})
    identifier = {"name": "id", "titles": dict.fromkeys(tags, "id"), "datatype": "anyURI", "required": True}
    of_class = {"name": "class", "virtual": True, "propertyUrl": RDF_TYPE, "valueUrl": table.cls}
    columns = [_column(each, separators[each.name], tags) for each in fields]
    keys = [
        {"columnReference": each.name, "reference": {"resource": named[target], "columnReference": "id"}}
        for each in fields
        if not each.labels and not separators[each.name] and (target := _target(base, tables, each))
    ]
    return {
        "url": named[table.cls],
        "dc:title": [{"@value": text, "@language": tag} for tag, text in sorted(table.names.items()) if tag],
        "tableSchema": {
            "aboutUrl": "{+id}",
            "primaryKey": "id",
            "columns": [{**identifier, "suppressOutput": True}, *columns, of_class],
            **({"foreignKeys": keys} if keys else {}),
        },
    }


def _target(base: Base, tables: Mapping[Iri, Table], field: _Field) -> Iri | None:
    """Give the class whose table has everything that a required column links to, if one table has."""
    column = field.column
    if not column.required or column.kind != "link" or len(column.classes) != 1 or column.classes[0] not in tables:
        return None
    cls = column.classes[0]
    there = set(things(base, tables, tables[cls]))
    return cls if all(each in there for values in field.values.values() for each in values) else None


def _column(field: _Field, separator: str | None, tags: list[str]) -> dict[str, Any]:
    column = field.column
    headings = {tag: column.heading(tag) + (" …" if field.labels else "") for tag in tags}
    found: dict[str, Any] = {
        "name": field.name,
        # The head of the file has the name, which is one of the titles too (Tabular Data, §5.1.1).
        "titles": {tag: [heading, field.name] for tag, heading in headings.items()},
        **({"separator": separator} if separator else {}),
    }
    if field.labels:
        return {**found, "suppressOutput": True}
    if helps := [{"@value": text, "@language": tag} for tag, text in sorted(column.help.items()) if tag]:
        found["dc:description"] = helps
    found["propertyUrl"] = column.property
    # What is required of new things may be missing of old ones.
    if column.required and field.values and all(field.values.values()):
        found["required"] = True
    if _is_link(column) or column.kind == "address":
        found["datatype"] = "anyURI"
        if not separator and all(isinstance(each, Iri) for values in field.values.values() for each in values):
            found["valueUrl"] = f"{{+{field.name}}}"
        return found
    if column.language:
        return {**found, "lang": column.language}
    return {**found, "datatype": _datatype(column)}


def _datatype(column: Column) -> str | dict[str, str]:
    kinds = [each for each in column.datatypes if each != RDF_LANG_STRING]
    if column.kind == "period":
        return _PERIOD
    if column.kind == "decimal":
        return "decimal"
    if len(kinds) == 1 and kinds[0] in _BUILT_IN:
        return kinds[0].removeprefix(XSD)
    if len(kinds) == 1 and not kinds[0].startswith((XSD, RDF)):
        return {"@id": kinds[0], "base": "string"}
    return "string"
