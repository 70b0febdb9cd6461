"""Advice on a query: what is likely not meant as it is written. It changes and refuses nothing.

It is quiet where it is not sure, takes time linear in the query, and reads no query longer than LENGTH.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from difflib import get_close_matches
from functools import lru_cache
from heapq import nlargest
from itertools import chain, islice, pairwise
from typing import Final

from app.errors import N_
from app.namespaces import LABEL_PROPERTIES, PREFIXES, RDF_TYPE
from app.query.library import local_name
from app.query.mistakes import Remark, mistake
from app.query.patterns import AGGREGATES, Brackets, GroupPattern, Use, parts_of, patterns_of
from app.query.rewriting import declared_prefixes
from app.query.tokens import Token, significant
from app.terms import Iri, is_absolute_iri

LENGTH: Final = 20_000
# So many terms are looked up, against so many names each (the most used ones).
_TERMS: Final = 5
_NAMES: Final = 1000
_COMPARED: Final = 5
_NAME_LENGTH: Final = 48
_NEAR, _NEARER, _NEAR_PREFIX = 0.74, 0.86, 0.6
_NAMING: Final = (*LABEL_PROPERTIES, Iri(PREFIXES["skos"] + "altLabel"))


class Vocabulary:
    """The classes and properties that occur in the data, with their numbers, labels and prefixes."""

    def __init__(
        self,
        classes: Mapping[Iri, int],
        properties: Mapping[Iri, int],
        labels: Iterable[tuple[Iri, str]],
        prefixes: Mapping[str, str],
    ) -> None:
        """Make the tables in which near names are looked up."""
        self.classes, self.properties, self.prefixes = classes, properties, prefixes
        names = list(labels)
        # By whether they are classes.
        self.names = {True: TermNames(classes, names), False: TermNames(properties, names)}


class TermNames:
    """Terms by what they are called."""

    def __init__(self, terms: Mapping[Iri, int], labels: Iterable[tuple[Iri, str]]) -> None:
        self.terms = terms
        most = sorted(terms, key=lambda term: (-terms[term], term))[:_NAMES][::-1]  # of two alike the last one counts
        known = set(most)
        self._plain = {_plain(term): term for term in most}
        self._local = {local_name(term).casefold(): term for term in most}
        self._labels = {_squeezed(text): term for term, text in labels if term in known}
        self._spaces: dict[str, dict[str, Iri]] = {}
        for term in most:
            name = local_name(term)
            self._spaces.setdefault(term.removesuffix(name), {})[name.casefold()] = term

    def nearest(self, iri: Iri) -> Iri | None:
        """Give the term that was probably meant, or None."""
        name = local_name(iri)[:_NAME_LENGTH]
        wanted = name.casefold()
        exact = self._plain.get(_plain(iri)) or self._local.get(wanted) or self._labels.get(_squeezed(name))
        if exact is not None or not wanted:
            return exact
        for names, nearness in (
            (self._spaces.get(iri.removesuffix(local_name(iri)), {}), _NEAR),
            (self._local, _NEARER),
            (self._labels, _NEARER),
        ):
            if (found := _nearest(wanted, names, nearness)) is not None:
                return names[found]
        return None


# Mistakes after which what looks like a prefix is none.
_OF_PREFIXES: Final = ("prefix_form", "bare_address", "no_form", "other_language", "read_only")
_WORDS: Final = {
    "cross_product": N_(
        "What matches %(left)s and what matches %(right)s share no variable: each match of the one is combined "
        "with each match of the other. Join them by a variable, or ask in two queries."
    ),
    "untagged_name": N_(
        "Names have a language in the data, so none is equal to %(text)s alone. Write its language after it, "
        "%(text)s@%(language)s, or compare the text: FILTER(STR(?name) = %(text)s)."
    ),
    "no_limit": N_("Write LIMIT 100 at the end to get a part of the answer."),
    "known_prefix": N_("The prefix %(prefix)s is not declared. Write first: PREFIX %(prefix)s <%(namespace)s>"),
    "undeclared_prefix": N_("The prefix %(prefix)s is not declared."),
    "unknown_class": N_("Nothing in the data has the class %(term)s."),
    "unknown_property": N_("Nothing in the data has the property %(term)s."),
}


def _nearest(wanted: str, names: Iterable[str], nearness: float) -> str | None:
    """Give the nearest name: compared in full are only those that have most pairs of letters in common with it."""
    pairs = _pairs(wanted)
    best = nlargest(_COMPARED, names, key=lambda name: len(pairs & _pairs(name)) - abs(len(name) - len(wanted)))
    return next(iter(get_close_matches(wanted, best, n=1, cutoff=nearness)), None)


@lru_cache(maxsize=3 * _NAMES)
def _pairs(name: str) -> frozenset[str]:
    return frozenset(map("".join, pairwise(f" {name[:_NAME_LENGTH]} ")))


def remarks(query: str, vocabulary: Vocabulary | None) -> list[Remark]:
    """Give what there is to say of a query; without a vocabulary nothing of classes and properties."""
    if len(query) > LENGTH:
        return []
    found = significant(query)
    declared = declared_prefixes(found)
    result = list(_undeclared(found, declared, vocabulary.prefixes if vocabulary else {}))
    parts = parts_of(query)
    if parts is None:
        return result
    pattern, uses = patterns_of(parts)
    result += _cross_products(pattern)
    result += _untagged(found, declared)
    # Graphs beside the default one have words of their own, which are not counted.
    if vocabulary and vocabulary.properties and not any(token.is_word("GRAPH", "FROM") for token in found):
        result += _unknown(uses, declared, vocabulary)
    if _is_endless(parts):
        result.append(_remark("no_limit", {}))
    return result


def _remark(code: str, values: Mapping[str, str]) -> Remark:
    return Remark(code, _WORDS["known_prefix" if "namespace" in values else code], values)


def refused(query: str, vocabulary: Vocabulary | None) -> list[Remark]:
    """Give what there is to say of a query that is no SPARQL: mistakes, then prefixes that are not declared."""
    if len(query) > LENGTH:
        return []
    found = significant(query)
    known = vocabulary.prefixes if vocabulary else {}
    told = mistake(query)
    undeclared = [] if told and told.code in _OF_PREFIXES else _undeclared(found, declared_prefixes(found), known)
    return [*([told] if told else ()), *undeclared]


def _undeclared(found: list[Token], declared: Mapping[str, str], known: Mapping[str, str]) -> Iterator[Remark]:
    used = (token.text.partition(":")[0] for token in found if token.kind == "name" and ":" in token.text)
    for prefix in islice((each for each in dict.fromkeys(used) if each not in declared), _TERMS):
        values = {"prefix": prefix + ":"}
        if prefix in known:
            values["namespace"] = known[prefix]
        elif (near := _nearest(prefix[:_NAME_LENGTH], {**declared, **known}, _NEAR_PREFIX)) is not None:
            values["suggestion"] = near + ":"
        yield _remark("undeclared_prefix", values)


def _untagged(found: list[Token], declared: Mapping[str, str]) -> Iterator[Remark]:
    """Give the first name that is asked for without a language: names of the data have one, so none is equal."""
    for before, token, after in zip(found, found[1:], [*found[2:], None], strict=False):
        plain = token.kind == "string" and (after is None or (after.kind != "language" and after.text != "^^"))
        if plain and before.kind in ("name", "iri") and _resolved(before, declared) in _NAMING:
            yield _remark("untagged_name", {"text": token.text[:_NAME_LENGTH]})
            return


def _unknown(uses: Iterable[Use], declared: Mapping[str, str], vocabulary: Vocabulary) -> Iterator[Remark]:
    unknown: dict[tuple[Iri, bool], str] = {}
    for token, is_class in uses:
        iri = _resolved(token, declared)
        if iri is not None and iri != RDF_TYPE and iri not in vocabulary.names[is_class].terms:
            unknown.setdefault((iri, is_class), token.text)
    for (iri, is_class), written in islice(unknown.items(), _TERMS):
        values = {"term": written}
        if near := vocabulary.names[is_class].nearest(iri):
            values["suggestion"] = _written(near, declared)
        yield _remark("unknown_class" if is_class else "unknown_property", values)


def _resolved(token: Token, declared: Mapping[str, str]) -> Iri | None:
    if token.kind == "iri":
        return Iri(token.text[1:-1]) if is_absolute_iri(token.text[1:-1]) else None
    prefix, _, local = token.text.partition(":")
    return Iri(declared[prefix] + re.sub(r"\\(.)", r"\1", local)) if prefix in declared else None


def _written(iri: Iri, declared: Mapping[str, str]) -> str:
    """Give an IRI as it may stand in this query: by a prefix that the query declares, else whole."""
    name = local_name(iri)
    fits = (prefix for prefix, namespace in declared.items() if namespace and iri == namespace + name)
    prefix = next(fits, None) if re.fullmatch(r"\w+", name) else None
    return f"<{iri}>" if prefix is None else f"{prefix}:{name}"


def _cross_products(pattern: GroupPattern) -> list[Remark]:
    waiting: list[tuple[GroupPattern, set[str]]] = [(pattern, set())]
    while waiting:
        group, outer = waiting.pop()
        if parts := _apart(group, outer):
            return [_remark("cross_product", {"left": parts[0], "right": parts[1]})]
        numbers = Counter(name for element in group for name in element.variables)
        for element in group:
            others = {name for name in element.variables if numbers[name] > 1 or name in outer}
            waiting += [(inner, others if element.seen else set()) for inner in element.groups]
    return []


def _apart(elements: GroupPattern, outer: set[str]) -> tuple[str, str] | None:
    """Give variables of two patterns that nothing joins: no shared variable, filter, or variable from outside."""
    parent: dict[str, str] = {}

    def root(name: str) -> str:
        while parent.setdefault(name, name) != name:
            parent[name] = parent[parent[name]]
            name = parent[name]
        return name

    for element in elements:
        # The empty name stands for all that is outside.
        first = "" if element.variables & outer else next(iter(element.variables), "")
        for name in element.variables:
            parent[root(name)] = root(first)
    seen: dict[str, str] = {}
    for element in elements:
        if element.large and element.variables:
            shown = " ".join(sorted(name for name in element.variables if name.startswith("?"))[:3])
            seen.setdefault(root(next(iter(element.variables))), shown or "[]")
    left, right = [*seen.values(), "", ""][:2]
    return (left, right) if len(seen) > 1 else None


def _is_endless(parts: list[Token]) -> bool:
    """Say whether a SELECT gives as many rows as there are: no LIMIT, and no aggregate that makes one row of many."""
    if not any(part.is_word("SELECT") for part in parts) or any(part.is_word("LIMIT", "GROUP") for part in parts):
        return False
    shown = (part.parts for part in parts if isinstance(part, Brackets) and part.kind == "(")
    return not any(each.is_word(*AGGREGATES) for each in chain(*shown))


def _plain(iri: str) -> str:
    """Give an IRI without what is often mistaken: scheme, www, case, ``#`` or ``/``."""
    return re.sub(r"^https?://(www\.)?|[#/_-]", "", iri.casefold())


def _squeezed(text: str) -> str:
    return re.sub(r"[\W_]+", "", text.casefold())
