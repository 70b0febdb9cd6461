"""A reason as text: what follows, the rules, and the premises below it down to what is asserted."""

from collections.abc import Iterator, Mapping, Sequence

from app.entities.labels import look_up
from app.entities.reasons import Premise, Reason, of_thing
from app.namespaces import shrink
from app.query.binding import BindingError, bind
from app.query.library import engine_query
from app.store.interface import Store
from app.terms import BlankNode, Iri, Literal, Term, Triple, n3

_ENGLISH = ("asserted in", "from", "explained above", "certainty", "nobody had to entail this: it is asserted in")
_NORWEGIAN = ("står i", "fra", "forklart ovenfor", "sikkerhet", "dette er ikke sluttet: det står i")


class Explanation:
    """Tells reasons of one generation as indented text in one language."""

    def __init__(self, store: Store, base: str, languages: Sequence[str], prefixes: Mapping[str, str]) -> None:
        """Tell nothing yet."""
        self._store, self._base, self._languages, self._prefixes = store, base, tuple(languages), prefixes
        self._seen: set[Triple] = set()
        self._words = _ENGLISH

    def text(self, triple: Triple, reasons: Sequence[Reason], *, norwegian: bool) -> str:
        """Give the reasons of a statement; of one that is asserted only, where."""
        self._words = _NORWEGIAN if norwegian else _ENGLISH
        lines = [self._said(triple)]
        if not reasons:
            return "\n".join([*lines, f"  {self._words[4]} {self._graphs(triple)}"])
        for reason in reasons:
            lines += self._reason(reason, 1)
        return "\n".join(lines)

    def _reason(self, reason: Reason, depth: int) -> Iterator[str]:
        self._seen.add(reason.triple)
        names = look_up(self._store, reason.rules, self._languages)
        rules = "; ".join(f"{names[rule]} [{rule.rpartition('/')[2]}]" for rule in reason.rules)
        yield f"{'  ' * depth}← {rules} ({self._words[3]}: {self._name(reason.certainty)})"
        for premise in reason.premises:
            yield from self._premise(premise, depth + 1)

    def _premise(self, premise: Premise, depth: int) -> Iterator[str]:
        indent = "  " * depth
        yield f"{indent}· {self._said(premise.triple)}"
        if premise.entailed:
            if premise.triple in self._seen:
                yield f"{indent}    ({self._words[2]})"
                return
            thing = premise.triple[0]
            about = of_thing(self._store, thing, self._base) if isinstance(thing, Iri) else {}
            for reason in about.get(premise.triple, ()):
                if reason.iri == premise.iri:
                    yield from self._reason(reason, depth + 1)
            return
        where = self._graphs(premise.triple)
        sources = premise.sources or (self._sources(premise.iri) if isinstance(premise.iri, Iri) else ())
        given = ", ".join(self._name(source) for source in sources)
        told = f" {self._words[1]} {given}" if given else ""
        yield f"{indent}    {self._words[0]} {where} ({self._name(premise.certainty)}){told}"
        if premise.rationale:
            yield f"{indent}    {self._text(premise.rationale)}"

    def _text(self, texts: Sequence[Literal]) -> str:
        order = {language: place for place, language in enumerate(self._languages)}
        return min(texts, key=lambda each: order.get(each.language or "", len(order))).value

    def _said(self, triple: Triple) -> str:
        return " ".join(self._name(term) for term in triple)

    def _name(self, term: Term | None) -> str:
        if term is None:
            return "–"
        if not isinstance(term, Iri):
            return n3(term) if isinstance(term, Literal) else "[…]"
        label = look_up(self._store, [term], self._languages)[term]
        name = shrink(term, self._prefixes) or f"<{term}>"
        return f"“{label}” {name}" if label.found else name

    def _graphs(self, triple: Triple) -> str:
        try:
            query = bind(engine_query("engine/graphs-with"), named(triple))
        except BindingError:
            return "–"
        rows = self._store.select(query).rows
        names = dict.fromkeys(str(row["graph"]).removeprefix(self._base) for row in rows)
        return ", ".join(name for name in names if not name.startswith("graph/entailed")) or ", ".join(names)

    def _sources(self, node: Iri) -> tuple[Term, ...]:
        rows = self._store.select(bind(engine_query("engine/sources-of"), {"this": node})).rows
        return tuple(row["source"] for row in rows)


def named(triple: Triple) -> dict[str, Term]:
    """Give the terms of a statement that have a name, as values for ?s, ?p and ?o of a query."""
    return {name: term for name, term in zip("spo", triple, strict=True) if not isinstance(term, BlankNode)}
