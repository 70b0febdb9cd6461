"""Where in a file something is said: a best guess by searching its text for the terms."""

import re
from collections.abc import Iterable, Mapping

from app.graph.content import Content
from app.graph.reading import ContentError, InputFile, prefixes
from app.namespaces import RDF_TYPE
from app.terms import Iri, Literal, Term, n3


class Locator:
    """Finds lines in the files of a content; keeps texts and prefixes it has read."""

    def __init__(self, content: Content) -> None:
        """Start with nothing read."""
        self._content = content
        self._files: dict[str, tuple[str, Mapping[str, str]]] = {}

    def line(self, file: InputFile, terms: Iterable[Term | None]) -> int | None:
        """Give the line (from 1) of the last of the terms that is found, each after the one before it.

        The first term is looked for at the start of a line; the others within the same block of text.
        """
        text, names = self._text(file)
        place, end = None, len(text)
        for number, term in enumerate(term for term in terms if term is not None):
            pattern = _pattern(term, names)
            found = None
            if number == 0:
                starts = (re.compile(rf"^{space}(?:{pattern})", re.MULTILINE) for space in ("", r"\s*"))
                found = next((match for start in starts if (match := start.search(text))), None)
            found = found or re.compile(pattern).search(text, place or 0, end)
            if found is None:
                break
            place = found.end()
            if number == 0 and (block := text.find("\n\n", place)) >= 0:
                end = block
        return None if place is None else text.count("\n", 0, place) + 1

    def _text(self, file: InputFile) -> tuple[str, Mapping[str, str]]:
        if file.name not in self._files:
            try:
                names = prefixes(file, self._content.base)
            except (SyntaxError, ContentError):
                names = {}
            self._files[file.name] = file.path.read_text(encoding="utf-8", errors="replace"), names
        return self._files[file.name]


def _pattern(term: Term, names: Mapping[str, str]) -> str:
    """Give a pattern for the ways in which a file can write a term."""
    if isinstance(term, Literal):
        return re.escape(n3(Literal(term.value.split("\n")[0]))[1:-1])
    if not isinstance(term, Iri):
        return rf"_:{re.escape(term)}\b"
    forms = [rf"[<\"']{re.escape(term)}[>\"']"]
    short = (f"{prefix}:{term.removeprefix(name)}" for prefix, name in names.items() if term.startswith(name))
    forms += [rf"(?<![\w:.-]){re.escape(name)}(?![\w:-]|\.\w)" for name in short]
    if term == RDF_TYPE:
        forms.append(r"(?<=\s)a(?=\s)")
    return "|".join(forms)
