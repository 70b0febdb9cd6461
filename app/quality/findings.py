"""The results of the validation report, read back from the store: what pages and files show of it."""

from collections import defaultdict
from dataclasses import dataclass

from app.namespaces import SEVERITIES, SH_ORDER, TO_BE_DONE_BY
from app.query.binding import bind
from app.query.library import engine_query
from app.store.interface import Store
from app.terms import Iri, Literal, Term


@dataclass(frozen=True, slots=True)
class ValidationResult:
    """One result of the report: what it is about, by which shape, how bad, what it says in each language.

    ``file`` is below the content's root, None where no file speaks of the focus node. ``classes`` are those of the
    focus node; ``said`` is what the content says of the shape by terms of its own: property and value; ``order`` where
    it puts the shape among others (``sh:order``), ``notes`` what it says to editors.
    """

    iri: Iri
    focus: Term
    severity: Iri
    shape: Iri | None
    path: Iri | None
    value: Term | None
    file: str | None
    messages: tuple[Literal, ...]
    classes: tuple[Iri, ...]
    said: tuple[tuple[Iri, Iri], ...] = ()
    order: float = float("inf")
    notes: tuple[Literal, ...] = ()

    @property
    def actor(self) -> Iri | None:
        """Give who can do something about it, by what the content says of the shape."""
        return dict(self.said).get(TO_BE_DONE_BY)

    def concerns(self, thing: Term) -> bool:
        """Say whether it is about a thing, or names it as the value."""
        return thing in (self.focus, self.value)


def findings(store: Store, base: str) -> tuple[ValidationResult, ...]:
    """Read all results of a report, worst first, then by focus node."""
    graph = Iri(base + "graph/quality")
    rows: dict[Iri, dict[str, Term]] = {}
    messages: dict[Iri, list[Literal]] = defaultdict(list)
    for row in store.select(bind(engine_query("engine/validation-results"), {"graph": graph})).rows:
        name = Iri(str(row["result"]))
        rows[name] = row
        if isinstance(message := row.get("message"), Literal):
            messages[name].append(message)
    classes: dict[Term, list[Iri]] = defaultdict(list)
    for row in store.select(bind(engine_query("engine/focus-classes"), {"graph": graph})).rows:
        if isinstance(row["class"], Iri):
            classes[row["thing"]].append(row["class"])
    said: dict[Term | None, list[tuple[Iri, Iri]]] = defaultdict(list)
    for row in store.select(bind(engine_query("engine/shape-values"), {"graph": graph})).rows:
        said[row["shape"]].append((Iri(str(row["property"])), Iri(str(row["value"]))))
    order: dict[Term | None, float] = {}
    notes: dict[Term | None, list[Literal]] = defaultdict(list)
    for row in store.select(bind(engine_query("engine/shape-notes"), {"graph": graph})).rows:
        if isinstance(value := row["value"], Literal):
            if row["property"] == SH_ORDER:
                order[row["shape"]] = _number(value)
            else:
                notes[row["shape"]].append(value)
    found = [
        ValidationResult(
            iri=name,
            focus=row["focus"],
            severity=Iri(str(row["severity"])),
            shape=_iri(row.get("shape")),
            path=_iri(row.get("path")),
            value=row.get("value"),
            file=str(row["file"]) if "file" in row else None,
            messages=tuple(messages[name]),
            classes=tuple(sorted(classes[row["focus"]])),
            said=tuple(said[row.get("shape")]),
            order=order.get(row.get("shape"), float("inf")),
            notes=tuple(notes[row.get("shape")]),
        )
        for name, row in rows.items()
    ]
    return tuple(sorted(found, key=lambda each: (rank(each.severity), str(each.focus), str(each.shape), each.iri)))


def query_of(base: str, shape: Iri) -> str:
    """Give a query whose answer is what a shape finds, to be read and changed."""
    return bind(engine_query("engine/shape-results").rstrip(), {"graph": Iri(base + "graph/quality"), "shape": shape})


def rank(severity: Iri) -> int:
    """Give the place of a severity, the worst first; one of a content's own comes last."""
    return SEVERITIES.index(severity) if severity in SEVERITIES else len(SEVERITIES)


def _number(literal: Literal) -> float:
    try:
        return float(literal.value)
    except ValueError:
        return float("inf")


def _iri(term: Term | None) -> Iri | None:
    return term if isinstance(term, Iri) else None
