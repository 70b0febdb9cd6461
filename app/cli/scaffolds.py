"""What ``innherred new`` writes: files with all that ``check`` demands, and the words left to fill in.

The templates are in ``app/defaults/new``. In Turtle ``urn:new:`` stands for what is made, and what has no name there
is left out; texts stand in English and Norwegian, and come out in the languages of the dataset's title.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from string import Template
from typing import Any, Final

from app.cli.options import Misuse, term_of
from app.config import defaults
from app.content.folders import Content
from app.content.reading import InputFile, prefixes, read
from app.content.turtle import comments, turtle
from app.namespaces import INFO, PREFIXES, RDF_TYPE, WARNING, shrink
from app.quality.checks import placeholders
from app.query.library import local_name
from app.terms import RDF, XSD, BlankNode, Iri, Literal, Term, Triple, n3

_NEW: Final = "urn:new:"
_TEXTS: Final = re.compile(r'\{nb: "(.*?)", en: "(.*?)"\}$', re.MULTILINE)
_NORWEGIAN: Final = ("nb", "no", "nn")
_NAMESPACE_OF: Final = Iri(PREFIXES["vann"] + "preferredNamespaceUri")
_OBJECT_PROPERTY: Final = Iri(PREFIXES["owl"] + "ObjectProperty")
_MEMBERS: Final = Iri(PREFIXES["owl"] + "members")
_FIRST, _REST = Iri(RDF + "first"), Iri(RDF + "rest")
_SHACL_SEVERITIES: Final = {"error": None, "warning": WARNING, "info": INFO}


def scaffold(
    content: Content, kinds: Mapping[str, Mapping[str, Any]], kind: str, name: str, given: Mapping[str, Any]
) -> tuple[list[str], str]:
    """Write one of a kind, of those there are.

    Give a line for each place that is left to fill in, and what to do when it is filled in.
    """
    made = Scaffold(content, kinds)
    advice = _MAKERS.get(kind, _query)(made, kind, name, given)
    return list(made.write()), advice


def _class(made: "Scaffold", _kind: str, name: str, given: Mapping[str, Any]) -> str:
    content, kind, iri, data = made.content, slug(name), Iri(made.namespace + name), given["data"]
    made.refuse_existing(iri)
    if not re.fullmatch(made.kinds["question"]["name"], given["thing"]):
        raise Misuse(f"{given['thing']!r} is no end of an IRI. Write it like old-church.")
    if data and not re.fullmatch(r"data/[\w./-]+\.ttl", data):
        raise Misuse(f"{data} is no Turtle file below data/. Write it like data/places.ttl.")
    above = made.optional(given["subclass_of"])
    made.define("class", {"class": iri, "superclass": above}, words=kind.replace("-", " ").capitalize())
    apart = not above and made.set_apart(iri)
    space = f"{content.base}id/{kind}/"
    if kind not in made.prefixes:
        made.prefixes[kind] = space
        if any(prefix not in PREFIXES for prefix in content.prefixes) and (content.root / "data/dataset.ttl").exists():
            declaration = Iri(f"{content.base}catalog#prefix-{kind}")
            prefix = {"dataset": content.dataset.iri, "declaration": declaration}
            made.add("data/dataset.ttl", "prefix", prefix, namespace=space, kind=kind)
    cited = made.optional(given["source"]) or Literal("FILL IN: the IRI of the source")
    thing = {"thing": Iri(space + given["thing"]), "class": iri, "source": cited}
    made.add(data or f"{home(content)}/{kind}.ttl", "thing", thing)
    _shape(made, "shape", name, {"class": name, "path": "rdfs:label", "severity": "error"})
    told = f"{name} is set apart from the other classes (owl:AllDisjointClasses); is that so? " if apart else ""
    return told if above else f"{told}Let a property have {name} as its domain or range. "


def _property(made: "Scaffold", _kind: str, name: str, given: Mapping[str, Any]) -> str:
    iri = Iri(made.namespace + name)
    made.refuse_existing(iri)
    target = made.term(given["range"] or "xsd:string")
    plain = target.startswith(XSD) or target in (PREFIXES["rdfs"] + "Literal", PREFIXES["rdf"] + "langString")
    terms = {
        "property": iri,
        "kind": Iri(PREFIXES["owl"] + ("DatatypeProperty" if plain else "ObjectProperty")),
        "domain": made.optional(given["domain"]),
        "range": target,
        "inverse": made.optional(given["inverse"]),
    }
    made.define("property", terms, words=slug(name).replace("-", " "))
    if not given["domain"]:
        made.define("note", terms, lacking="it has no domain", mangler="den ikke har rdfs:domain")
    elif not plain and not given["inverse"]:
        made.define("note", terms, lacking="it needs no inverse", mangler="den ikke trenger en motsatt egenskap")
    return f"Let a question or a panel ask for {name}. "


def _query(made: "Scaffold", kind: str, name: str, given: Mapping[str, Any]) -> str:
    """Make a query about a class or properties, and say so in it where it stands for another."""
    words = {"severity": given["severity"]} if "severity" in given else {}
    about = {option: value for option, value in given.items() if option not in words}
    terms = {option: made.asked(value) if option == "class" else made.linking(value) for option, value in about.items()}
    stands = kind != "check" and all(about.values())
    note = "" if stands else f"# {made.text('FYLL INN: spørringen', 'FILL IN: the query')}\n"
    made.create(made.kinds[kind]["file"].format(name=name), kind, terms, note=note, **words)
    return str(made.kinds[kind].get("advice", "")).format(name=name)


def _panel(made: "Scaffold", kind: str, name: str, _given: Mapping[str, Any]) -> str:
    folder, _, file = name.rpartition("/")
    there = sorted((made.content.root / "queries" / "pages" / folder).glob("*.rq"))
    numbers = [int(number[0]) for each in there if (number := re.match(r"\d+", each.name))]
    order = min(max(numbers, default=0) + 10, 99)
    if own := re.match(r"(\d+)-", file):
        order = int(own[1])
    else:
        file = f"{order:02}-{file}"
    made.create(f"queries/pages/{folder}/{file}.rq", kind, {}, order=str(order))
    return "" if there else f"The pages of {folder} now show this panel and no generic ones. "


def _shape(made: "Scaffold", kind: str, name: str, given: Mapping[str, Any]) -> str:
    space = f"{made.content.base}shape/"
    iri, file, path = Iri(space + name), f"shapes/{slug(name)}.ttl", made.term(given["path"])
    terms = {
        "shape": iri,
        "part": Iri(f"{iri}-{local_name(path)}"),
        "class": made.term(given["class"] or name),
        "path": path,
        "severity": _SHACL_SEVERITIES[given["severity"]],
    }
    made.refuse_existing(iri)
    made.refuse_file(file)
    made.prefixes.setdefault("shape", space)
    made.add(file, kind, terms, path=shrink(path, made.prefixes) or path)
    return ""


_MAKERS: Final = {"class": _class, "property": _property, "panel": _panel, "shape": _shape}


class Scaffold:
    """New files and additions to files of a content, written together by ``write``; nothing is overwritten."""

    def __init__(self, content: Content, kinds: Mapping[str, Mapping[str, Any]]) -> None:
        """Find the ontology that new terms belong to; a content without one gets it with its first term."""
        self.content, self.kinds = content, kinds
        titled = [language for language in content.dataset.title if language]
        named = [language for language in content.dataset.languages if language in titled]
        self.languages = list(dict.fromkeys([*named, *titled])) or ["en"]
        self.namespace = content.namespace or f"{content.base}ontology#"
        self._files = {file.name: file for file in content.rdf()}
        self._own = next(
            (
                file.name
                for file in content.rdf("ontology")
                if any(t[1] == _NAMESPACE_OF and str(t[2]) == self.namespace for t, _ in read(file, content.base))
            ),
            "ontology/terms.ttl",
        )
        self._triples: dict[str, list[Triple]] = {}
        self._texts: dict[str, str] = {}
        self.prefixes: dict[str, str] = dict(content.prefixes)

    def term(self, text: str) -> Iri:
        """Give the term of a name in the content's own namespace, a prefixed name or an IRI."""
        if re.fullmatch(r"\w+", text):
            return Iri(self.namespace + text)
        term = term_of(text, self.content.prefixes)
        if not isinstance(term, Iri):
            raise Misuse(f"{text} is no name of a term. Write Name, prefix:name or an IRI.")
        return term

    def optional(self, text: str | None) -> Iri | None:
        """Give the term of a name that may be left out."""
        return self.term(text) if text else None

    def refuse_file(self, name: str) -> None:
        """Refuse to make a file that is there."""
        if (self.content.root / name).exists():
            raise Misuse(f"{name} is there already. Choose another name.")

    def refuse_existing(self, iri: Iri) -> None:
        """Refuse to make a term or shape that is there."""
        for file in self.content.rdf("ontology", "shapes"):
            if any(triple[:2] == (iri, RDF_TYPE) for triple, _ in read(file, self.content.base)):
                raise Misuse(f"{shrink(iri, self.content.prefixes) or iri} is there already, in {file.name}.")

    def define(self, template: str, terms: Mapping[str, Term | None], **words: str) -> None:
        """Add a term to the ontology, which is made when there is none."""
        if self.content.namespace is None and self._own not in self._triples:
            self.prefixes.setdefault("own", self.namespace)
            self.add(self._own, "ontology", {"ontology": self._ontology}, namespace=self.namespace)
        self.add(self._own, template, {"ontology": self._ontology, **terms}, **words)

    @property
    def _ontology(self) -> Iri:
        return Iri(self.namespace.rstrip("#/"))

    def set_apart(self, class_: Iri) -> bool:
        """Add a class to the classes that the ontology says have no member in common, if it says so of any."""
        triples = self._triples[self._own]
        found = next(((s, p, o) for s, p, o in triples if p == _MEMBERS and isinstance(o, BlankNode)), None)
        if found is None:
            return False
        subject, predicate, rest = found
        first = BlankNode("new-member")
        triples.remove(found)
        triples += [(subject, predicate, first), (first, _FIRST, class_), (first, _REST, rest)]
        return True

    def add(self, name: str, template: str, terms: Mapping[str, Term | None], **words: str) -> None:
        """Add the triples of a template to a file, which is made when there is none."""
        if name not in self._triples:
            self._triples[name] = list(self._present(name))
        self._triples[name] += self._filled(template, terms, words)

    def create(self, name: str, template: str, terms: Mapping[str, Term], **words: str) -> None:
        """Make a query file; ``terms`` stand in the query by their prefixed names."""
        self.refuse_file(name)
        text = (defaults() / "new" / f"{template}.rq").read_text(encoding="utf-8")
        text = _TEXTS.sub(lambda match: self._by_language(match[1], match[2]), text)
        used: dict[str, str] = {}
        if "rdfs:" in text:
            used["rdfs"] = PREFIXES["rdfs"]
        for key, term in terms.items():
            words[key] = self._short(term, used)
        declared = "".join(f"PREFIX {prefix}: <{namespace}>\n" for prefix, namespace in sorted(used.items()))
        self._texts[name] = Template(text).substitute(words, prefixes=declared).replace("\n\n\n", "\n\n")

    def write(self) -> Iterator[str]:
        """Write all of it, and give a line for each place that is left to fill in."""
        texts = dict(self._texts)
        for name, triples in self._triples.items():
            file = self._files.get(name)
            own = prefixes(file, self.content.base) if file else {}
            known = set(self.prefixes.values())
            own = {p: n for p, n in own.items() if p not in self.prefixes and n not in known}
            texts[name] = turtle(triples, {**self.prefixes, **own})
        for name, text in texts.items():
            path = self.content.root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8", newline="\n")
        for name in texts:
            left = list(placeholders(self.content.root / name))
            yield from (f"{name}:{line}: {words}" for line, words in left)
            if not left:
                yield name

    def _present(self, name: str) -> Iterator[Triple]:
        file = self._files.get(name)
        if file is None:
            return
        if comments(file.path.read_text(encoding="utf-8-sig")):
            raise Misuse(f"{name} has comments (#), which would be lost. Make them skos:editorialNote first.")
        yield from (triple for triple, _ in read(file, self.content.base))

    def _filled(self, template: str, terms: Mapping[str, Term | None], words: Mapping[str, str]) -> Iterator[Triple]:
        path = defaults() / "new" / f"{template}.ttl"
        texts: dict[tuple[Term, Iri], dict[str, str]] = {}
        for (subject, predicate, value), _ in read(InputFile(path, path.name, None, "data"), self.content.base):
            about, said = (_named(each, terms) for each in (subject, value))
            if not isinstance(about, Iri) or said is None:
                continue
            if isinstance(said, Literal) and said.value:
                said = Literal(_worded(said.value, words), said.language, said.datatype)
            if isinstance(said, Literal) and said.language:
                texts.setdefault((about, predicate), {})[said.language] = said.value
            else:
                yield about, predicate, said
        for (about, predicate), both in texts.items():
            for language in self.languages:
                yield Iri(str(about)), predicate, Literal(self._text(both["nb"], both["en"], language), language)

    def asked(self, given: str | None) -> Iri:
        """Give the class that a query asks for: the given one, else the class of most things."""
        if given:
            return self.term(given)
        counts: Counter[Term] = Counter(
            value
            for file in self.content.rdf("data")
            for (_, predicate, value), _ in read(file, self.content.base)
            if predicate == RDF_TYPE and isinstance(value, Iri) and value.startswith(self.namespace)
        )
        if not counts:
            raise Misuse("No thing has a class of this content yet. Say with --class what is asked for.")
        return Iri(str(counts.most_common(1)[0][0]))

    def linking(self, given: str | None) -> Iri:
        """Give the property that a rule is about: the given one, else the first that links things."""
        if given:
            return self.term(given)
        for file in self.content.rdf("ontology"):
            for (subject, predicate, value), _ in read(file, self.content.base):
                if (predicate, value) == (RDF_TYPE, _OBJECT_PROPERTY) and subject.startswith(self.namespace):
                    return Iri(subject)
        raise Misuse(
            "The ontology has no property that links things. Say with --when and --then what the rule is about."
        )

    def text(self, nb: str, en: str) -> str:
        """Give a text in the first language."""
        return self._text(nb, en, self.languages[0])

    def _text(self, nb: str, en: str, language: str) -> str:
        """Give a text in a language; in one that it is not written in it is left to fill in."""
        text, mark = (nb, "FYLL INN: ") if language in _NORWEGIAN else (en, "FILL IN: ")
        return text if language in ("nb", "no", "en") or text.startswith(mark) else mark + text

    def _by_language(self, nb: str, en: str) -> str:
        return "{" + ", ".join(f'{each}: "{self._text(nb, en, each)}"' for each in self.languages) + "}"

    def _short(self, term: Term, used: dict[str, str]) -> str:
        name = shrink(term, self.prefixes) if isinstance(term, Iri) else None
        if name is None:
            return n3(term)
        prefix = name.partition(":")[0]
        used[prefix] = self.prefixes[prefix]
        return name


def _named(term: Term, terms: Mapping[str, Term | None]) -> Term | None:
    return terms.get(term.removeprefix(_NEW)) if isinstance(term, Iri) and term.startswith(_NEW) else term


def _worded(text: str, words: Mapping[str, str]) -> str:
    for key, word in words.items():
        text = text.replace("{" + key + "}", word)
    return text


def slug(name: str) -> str:
    """Give the name of a class as the name of a file or of a kind of things: focus-area for FocusArea."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "-", name).lower()


def home(content: Content) -> str:
    """Give the folder of data that a first thing goes to: the first that is one graph, else ``data``."""
    folders = (path for path in (content.root / "data").iterdir() if path.is_dir() and any(path.glob("*.ttl")))
    names = sorted(path.name for path in folders if path.name != "register")
    return f"data/{names[0]}" if names else "data"
