"""The folders of a content: ``data ontology shapes queries``, their files, what the dataset says of it."""

import os
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from itertools import chain, islice
from pathlib import Path, PurePosixPath
from typing import Final
from urllib.parse import quote

from app.content.packed import ZIP, inner_suffix, is_gzip, members
from app.content.reading import READABLE, InputFile, read
from app.errors import ContentError
from app.namespaces import (
    EXCLUDES_GRAPH,
    INCLUDES_GRAPH,
    PREFIXES,
    RDF_TYPE,
    RDFS_LABEL,
    SH_ORDER,
    SKOS_NOTATION,
    SKOS_PREF_LABEL,
    VIEW,
    iris,
)
from app.terms import Iri, Literal, Subject, Term, Triple, is_absolute_iri

DEFAULT_BASE: Final = "http://localhost:8000/"
# Graphs that the build makes; no folder and no file may use their names.
RESERVED: Final = ("catalog", "quality", "reasons", "queries", "entailed")
# Where the approved answers of questions stand: what ``check`` compares with, no part of what is built.
APPROVED: Final = "queries/approved"

# So many files are named in a message.
_NAMED: Final = 5
_DATASETS: Final = iris("void:Dataset dcat:Dataset")
_URI_SPACE, _LANGUAGE = iris("void:uriSpace dc:language")
_TITLE, _LICENCE, _PUBLISHER = iris("dcterms:title dcterms:license dcterms:publisher")
# What one file may say it is, or hold, and by what that is called.
_WHOLE: Final = frozenset((*_DATASETS, *iris("dcat:Catalog owl:Ontology skos:ConceptScheme")))
_CALLED: Final = (_TITLE, *iris("dc:title rdfs:label skos:prefLabel"))
# So many triples at most are looked at to guess what nobody says.
_LOOKED_AT: Final = 20_000
# How a prefix and its namespace are declared.
_PREFERRED: Final = iris("vann:preferredNamespacePrefix vann:preferredNamespaceUri")
_DECLARED: Final = (iris("sh:prefix sh:namespace"), _PREFERRED)
# A server, and a folder there.
_PLACE: Final = re.compile(r"(https?://[^/?#]+/)(?:[^?#]*/)?")
_HIDDEN: Final = re.compile(r"(^|/|: )[._#]")
_IGNORED: Final = re.compile(r"(^|/)[._#]|[~#]$|\.(bak|orig|rej|swp|tmp|md|txt)$|(^|/)[^.]+$")
_APPROVED: Final = re.compile(rf"{APPROVED}/[^/]+\.(tsv|nt)")
_PREFIX: Final = re.compile(r"[A-Za-z]([A-Za-z0-9_.-]*[A-Za-z0-9_-])?\Z")


@dataclass(frozen=True, slots=True)
class View:
    """A view of the data: its name, labels by language, the graphs it takes in (none: all) and those it leaves out.

    A graph is named by its own IRI or by what comes before a "/" in it: ``graph/register`` is all that is below.
    """

    name: str
    label: Mapping[str, str]
    includes: tuple[Iri, ...]
    excludes: tuple[Iri, ...]

    def chosen(self, graphs: Iterable[Iri]) -> frozenset[Iri]:
        """Give those of the graphs that are in the view."""
        return frozenset(
            graph
            for graph in graphs
            if (not self.includes or _is_named(graph, self.includes)) and not _is_named(graph, self.excludes)
        )


def _is_named(graph: Iri, names: Iterable[Iri]) -> bool:
    return any(graph == name or graph.startswith(name if name[-1] in "/#" else name + "/") for name in names)


@dataclass(frozen=True, slots=True)
class DatasetDescription:
    """What ``data/dataset.ttl`` says: the dataset's IRI, titles and languages, licence, publisher, views in order.

    ``space`` is what its own IRIs begin with there; a setting may serve it under another base.
    """

    iri: Iri
    title: Mapping[str, str]
    languages: tuple[str, ...]
    licence: Iri | None = None
    publisher: Term | None = None
    space: str = ""
    views: tuple[View, ...] = ()


@dataclass(frozen=True, slots=True)
class Content:
    """A content: root folder (or one file), base IRI, files in order of name, description, prefixes, own namespaces.

    ``unread`` are names of files in the RDF folders that no reader knows. ``imposed`` says that the base is another one
    than the files say.
    """

    root: Path
    base: str
    files: tuple[InputFile, ...]
    dataset: DatasetDescription
    prefixes: Mapping[str, str]
    namespaces: tuple[str, ...] = ()
    unread: tuple[str, ...] = field(default=())
    imposed: bool = False

    @property
    def namespace(self) -> str | None:
        """The namespace of the content's own ontology (the first, when there are several)."""
        return self.namespaces[0] if self.namespaces else None

    def graph(self, name: str) -> Iri:
        """Give the IRI of a named graph of this content."""
        return Iri(f"{self.base}graph/{name}")

    def views(self, data: Iterable[Iri]) -> tuple[dict[str, object], ...]:
        """Give the views as a manifest has them: name, labels, and which of the graphs of the data count."""
        known = frozenset(data)
        return tuple(
            {"name": view.name, "label": view.label, "graphs": sorted(view.chosen(known))}
            for view in self.dataset.views
        )

    def entailing_view(self) -> View | None:
        """Give the view that has what follows from its graphs alone: it names ``graph/entailed/<its own name>``."""
        return next((each for each in self.dataset.views if self.graph(f"entailed/{each.name}") in each.includes), None)

    def rdf(self, *folders: str) -> Iterator[InputFile]:
        """Give the RDF files, all or those of some top folders."""
        return (file for file in self.files if file.format and (not folders or file.folder in folders))

    def queries(self) -> Iterator[InputFile]:
        """Give the query files."""
        return (file for file in self.files if file.folder == "queries")

    @classmethod
    def open(cls, root: Path, base: str | None = None) -> "Content":
        """Look through a folder, or take one file as its data; base wins over the dataset's ``void:uriSpace``.

        Of one file it is guessed what its IRIs begin with and what it is called.

        Prefixes are those that ``ontology/``, ``shapes/`` and ``data/dataset.ttl`` declare.

        Raises ContentError when there is no ``data/`` or no RDF, a folder takes a reserved name, a file has a name that
        is not UTF-8 or is a link out of the folder, an archive cannot be read, or the base is no web address. Files
        with errors are left to the reader: what they would say about the dataset is not used.
        """
        if not root.is_file() and not (root / "data").is_dir():
            raise ContentError(
                str(root),
                "no folder data/ here; make one with RDF files in it, or name another folder with --content",
                "ingen mappe data/ her; lag en med RDF-filer i, eller oppgi en annen mappe med --content",
            )
        found = dict(_unpacked(root, sorted(_names(root))))
        names = list(found)
        # Without the file nothing can be read, which is nothing said.
        about = InputFile(root / "data" / "dataset.ttl", "data/dataset.ttl", None, "data")
        dataset = _guessed(root, found, base) if root.is_file() else _tolerant(about, base or DEFAULT_BASE)
        space = next((str(t[2]) for t in dataset if isinstance(t[0], Iri) and t[1] == _URI_SPACE), None)
        chosen = base or (space if space and is_absolute_iri(space) else DEFAULT_BASE)
        if not re.match(r"https?://[^/?#]", chosen):
            raise ContentError(
                root.name if root.is_file() else about.name,
                f"void:uriSpace {chosen!r} is no web address; begin it with https:// or http://",
                f"void:uriSpace {chosen!r} er ingen nettadresse; begynn den med https:// eller http://",
            )
        if not chosen.endswith(("/", "#")):
            chosen += "/"
        if not root.is_file():
            dataset = _tolerant(about, chosen)  # with its relative names under the base
        described = [t for t in dataset if isinstance(t[0], Iri)]
        files = _files(root, found, chosen)
        if not any(file.format for file in files):
            there, kinds = ", ".join(names[:_NAMED]) or "–", " ".join(READABLE)
            raise ContentError(
                str(root) if root.is_file() else f"{root}/data",
                f"holds no file that is read ({kinds}); files: {there}",
                f"har ingen fil som blir lest ({kinds}); filer: {there}",
            )
        # The data may be large, and a server looks here each time it starts: what is declared there is not looked for.
        terms, shapes = (
            [triple for file in files if file.folder == folder for triple in _tolerant(file, chosen)]
            for folder in ("ontology", "shapes")
        )
        return cls(
            root=root,
            base=chosen,
            files=files,
            dataset=_description(described, chosen, files, space or chosen),
            prefixes=_prefixes([*dataset, *terms, *shapes]),
            namespaces=tuple(sorted({str(t[2]) for t in terms if t[1] == _PREFERRED[1]})),
            imposed=base not in (None, space),
            unread=tuple(n for n in names if not (_kind(n) or _IGNORED.search(n) or _APPROVED.fullmatch(n))),
        )


def _unpacked(root: Path, names: Iterable[str]) -> Iterator[tuple[str, tuple[str, str]]]:
    """Give the names with those of files in archives, ``a.zip: b/c.ttl``: of each the file, and its name in there."""
    for name in names:
        archive = name.lower().endswith(ZIP) and not name.startswith("queries/") and not _HIDDEN.search(name)
        inner = members(root if root.is_file() else root / name, name) if archive else [""]
        yield from ((f"{name}: {member}" if member else name, (name, member)) for member in inner)


def _names(root: Path) -> Iterator[str]:
    """Give the names of all files below the root; raises ContentError for one that is not there, or cannot be told."""
    if root.is_file():
        yield root.name
        return
    inside = root.resolve()
    for folder in ("data", "ontology", "queries", "shapes"):
        for path in chain([root / folder], (root / folder).rglob("*")):
            name = path.relative_to(root).as_posix()
            shown = name.encode(errors="surrogateescape").decode(errors="backslashreplace")
            if shown != name:
                en = "the name of this file is not UTF-8; give it another one"
                raise ContentError(shown, en, "navnet på denne filen er ikke UTF-8; gi den et annet")
            if path.is_symlink() and not path.resolve().is_relative_to(inside):
                en = "is a link out of the folder of the content, which is not followed; put the file itself here"
                nb = "er en lenke ut av innholdsmappen, og følges ikke; legg selve filen her"
                raise ContentError(name, en, nb)
            if path.is_file() and not re.search(r"(^|/)\.", name):
                yield name


def _kind(name: str) -> str | None:
    """Give the top folder of a file we read, else None."""
    folder = _folder(name)
    known = PurePosixPath(name).suffix.lower() == ".rq" if folder == "queries" else inner_suffix(name) in READABLE
    return folder if known and not _HIDDEN.search(name) else None


def _folder(name: str) -> str:
    """Give the top folder of a file; one that is the whole content is its data."""
    first, slash, _ = name.partition(": ")[0].partition("/")
    return first if slash else "data"


def input_file(root: Path, name: str, base: str) -> InputFile:
    """Give a file of a content by its name, whether it is there or not; ContentError for one in a reserved folder."""
    folder, path = _folder(name), root if root.is_file() else root / name
    if name == "data/dataset.ttl" or folder == "queries":
        return InputFile(path, name, None, folder)
    return InputFile(path, name, graph_of(name if "/" in name else f"data/{name}", base), folder)


def graph_of(name: str, base: str) -> Iri:
    """Give the graph of an RDF file by its name below the root, be it there or not.

    Raises ContentError when the build makes that graph itself.
    """
    graph = folder = name.partition("/")[0]
    if folder == "data":
        path = PurePosixPath(name).with_suffix("")
        parts = (path.with_suffix("") if is_gzip(name) else path).parts[1:]
        graph = "data" if len(parts) == 1 else "/".join(parts) if parts[0] == "register" else parts[0]
        if graph in RESERVED:
            raise ContentError(
                f"data/{graph}",
                f"the build makes graph/{graph} itself; give the folder another name",
                f"graph/{graph} lages av byggingen; gi mappen et annet navn",
            )
    return Iri(f"{base}graph/{quote(graph)}")


def _files(root: Path, found: Mapping[str, tuple[str, str]], base: str) -> tuple[InputFile, ...]:
    """Give the files that we read, of names with the file that each is in and its name in there."""
    return tuple(
        replace(input_file(root, outer, base), name=name, member=member)
        for name, (outer, member) in found.items()
        if _kind(name)
    )


def _guessed(root: Path, found: Mapping[str, tuple[str, str]], base: str | None) -> list[Triple]:
    """Guess what ``data/dataset.ttl`` would say of one file: its title, and without a base what its IRIs begin with."""
    files = _files(root, found, DEFAULT_BASE)
    triples = [*islice(chain.from_iterable(_readable(file, DEFAULT_BASE) for file in files), _LOOKED_AT)]
    subjects = sorted({s for s, _, _ in triples if isinstance(s, Iri) and not s.startswith(DEFAULT_BASE)})
    places = [place for place in map(_PLACE.match, subjects) if place]
    # What the folders of all names of the commonest server have in common.
    server = next((name for name, _ in Counter(place[1] for place in places).most_common(1)), "")
    common = os.path.commonprefix([place[0] for place in places if place[1] == server])  # noqa: RUF071
    # Names below id/ are lists by kind below what stands before it.
    common = common[: common.rfind("/") + 1].partition("/id/")[0].removesuffix("/") + "/" if "/" in common else ""
    told = {str(o) for _, p, o in triples if p == _URI_SPACE and _PLACE.match(str(o))}
    space = base or (told.pop() if len(told) == 1 else common or DEFAULT_BASE)
    whole = {s for s, p, o in triples if p == RDF_TYPE and o in _WHOLE}
    names = [(p, o) for s, p, o in triples if {s} == whole and isinstance(o, Literal)]
    called = next((texts for each in _CALLED if (texts := [o for p, o in names if p == each])), None)
    dataset, name = Iri(f"{space}catalog#dataset"), Literal(root.name.partition(".")[0] or root.name)
    said: list[Triple] = [(dataset, RDF_TYPE, _DATASETS[0]), *((dataset, _TITLE, each) for each in called or [name])]
    return said if base else [*said, (dataset, _URI_SPACE, Literal(space))]


def _readable(file: InputFile, base: str) -> Iterator[Triple]:
    """Give the triples of a file as far as it can be read."""
    with suppress(ContentError, OSError):
        yield from (triple for triple, _ in read(file, base))


def _tolerant(file: InputFile, base: str) -> list[Triple]:
    try:
        return [triple for triple, _ in read(file, base)]
    except (ContentError, OSError):
        return []


def _prefixes(triples: Iterable[Triple]) -> dict[str, str]:
    """Add declared prefixes (SHACL §5.2.1, VANN) to the standard ones; a standard one cannot be changed."""
    values: dict[Subject, dict[str, str]] = defaultdict(dict)
    for subject, predicate, value in triples:
        values[subject][predicate] = str(value)
    found = dict(PREFIXES)
    for prefix, namespace in _DECLARED:
        for subject in sorted(values):
            about = values[subject]
            if prefix in about and namespace in about and _PREFIX.match(about[prefix]):
                found.setdefault(about[prefix], about[namespace])
    return found


def _description(triples: list[Triple], base: str, files: Iterable[InputFile], space: str) -> DatasetDescription:
    datasets = sorted({s for s, p, o in triples if p == RDF_TYPE and o in _DATASETS and isinstance(s, Iri)})
    spaced = [s for s, p, _ in triples if p == _URI_SPACE and s in datasets]
    dataset = Iri((spaced or datasets or [f"{base}catalog#dataset"])[0])
    about: dict[str, list[Term]] = defaultdict(list)
    for subject, predicate, value in triples:
        if subject == dataset:
            about[predicate].append(value)
    title: dict[str, str] = {}
    for value in about[_TITLE] + about[RDFS_LABEL]:
        if isinstance(value, Literal):
            title.setdefault(value.language or "", value.value)
    # One literal may name several in order ("nb, en", as Content-Language does), for triples have no order.
    named = re.findall(r"[A-Za-z][A-Za-z0-9-]*", " ".join(str(value) for value in about[_LANGUAGE]))
    licence = next(iter(about[_LICENCE]), None)
    return DatasetDescription(
        iri=dataset,
        title=title,
        languages=tuple(dict.fromkeys(named)) or _label_languages(files, base),
        licence=licence if isinstance(licence, Iri) else None,
        publisher=next(iter(about[_PUBLISHER]), None),
        space=space,
        views=tuple(_views([(s, p, _moved(o, space, base)) for s, p, o in triples])),
    )


def _moved(term: Term, space: str, base: str) -> Term:
    """Give an IRI of the dataset's own space under the base: the graphs of the content are there."""
    return Iri(base + term[len(space) :]) if isinstance(term, Iri) and term.startswith(space) else term


def _views(triples: list[Triple]) -> Iterator[View]:
    """Give the views in their order (``sh:order``), then by name; one without a name is for a shape to tell."""
    found: dict[Subject, dict[Iri, list[Term]]] = {s: {} for s, p, o in triples if p == RDF_TYPE and o == VIEW}
    for subject, predicate, value in triples:
        if subject in found:
            found[subject].setdefault(predicate, []).append(value)

    def place(about: Mapping[Iri, list[Term]]) -> tuple[float, str]:
        order = "".join(map(str, about.get(SH_ORDER, ())))
        return float(order) if re.fullmatch(r"-?\d+([.]\d+)?", order) else 0.0, str(about.get(SKOS_NOTATION, [""])[0])

    for about in sorted(found.values(), key=place):
        named = [value for value in about.get(RDFS_LABEL, ()) if isinstance(value, Literal)]
        yield View(
            name=str(about.get(SKOS_NOTATION, [""])[0]),
            label={value.language or "": value.value for value in named},
            includes=tuple(sorted(g for g in about.get(INCLUDES_GRAPH, ()) if isinstance(g, Iri))),
            excludes=tuple(sorted(g for g in about.get(EXCLUDES_GRAPH, ()) if isinstance(g, Iri))),
        )


def _label_languages(files: Iterable[InputFile], base: str) -> tuple[str, ...]:
    """Give the languages of the labels, the commonest first; of much data those of its beginning."""
    data = (file for file in files if file.format and file.folder == "data")
    triples = islice(chain.from_iterable(_readable(file, base) for file in data), _LOOKED_AT)
    labels = (value for _, p, value in triples if p in (RDFS_LABEL, SKOS_PREF_LABEL))
    counts = Counter(each.language for each in labels if isinstance(each, Literal) and each.language)
    return tuple(sorted(counts, key=lambda tag: (-counts[tag], tag))) or ("en",)
