"""``new``: writes a class, a property, a question, a panel, a rule, a check or a shape, to be filled in."""

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

import click

from app.cli.options import Misuse, with_settings
from app.config import Settings

if TYPE_CHECKING:
    from app.cli.scaffolds import Scaffold

_CLASS: Final = r"[A-Z][A-Za-z0-9]*"
_PROPERTY: Final = r"[a-z][A-Za-z0-9]*"
_FILE: Final = r"[a-z0-9]+(-[a-z0-9]+)*"
_PANEL: Final = r"[A-Z][A-Za-z0-9]*/([a-z0-9-]+/)?[a-z0-9]+(-[a-z0-9]+)*"
_SEVERITIES: Final = {"error": "Violation", "warning": "Warning", "info": "Info"}
_severity = click.option("--severity", type=click.Choice(list(_SEVERITIES)), default="error", show_default=True)


@click.group()
def new() -> None:
    """Write a new class, property, question, panel, rule, check or shape, with the words left to fill in.

    Nothing is overwritten. What is left to fill in is listed, and "innherred check" tells it too.
    """


def _command(name: str, pattern: str, example: str) -> Callable[[Callable[..., str]], Callable[..., Any]]:
    """Make a command of a function that plans what is written and gives what to do when it is filled in."""

    def decorate(function: Callable[..., str]) -> Callable[..., Any]:
        def run(settings: Settings, name: str, **options: Any) -> None:
            from app.cli.building import open_content
            from app.cli.options import Failure, language
            from app.cli.scaffolds import Scaffold
            from app.graph.reading import ContentError

            if not re.fullmatch(pattern, name):
                raise Misuse(f"{name!r} is no name for it. Write it like {example}.")
            try:
                scaffold = Scaffold(open_content(settings))
                advice = function(scaffold, name, **options)
                for line in scaffold.write():
                    click.echo(line)
            except ContentError as error:
                raise Failure(error.text(language())) from error
            click.echo(f"Fill in what is listed. {advice}Then: innherred format, innherred check", err=True)

        run.__doc__ = function.__doc__
        run.__click_params__ = getattr(function, "__click_params__", [])  # type: ignore[attr-defined]
        return new.command(name)(click.argument("name")(with_settings(run)))

    return decorate


@_command("class", _CLASS, "FocusArea")
@click.option("--subclass-of", "above", metavar="CLASS", help="A class that all its things are of too.")
@click.option("--thing", "slug_", metavar="SLUG", default="fill-in", help="The last part of the first thing's IRI.")
@click.option("--source", metavar="IRI", help="The source of the first thing.")
@click.option("--data", "data", metavar="FILE", help="The file of the first thing, below data/.")
def _class(scaffold: "Scaffold", name: str, above: str | None, slug_: str, source: str | None, data: str | None) -> str:
    """Write the class NAME into the ontology, a first thing of it into data/, and a shape into shapes/."""
    from app.cli.scaffolds import home, slug
    from app.namespaces import PREFIXES
    from app.terms import Iri, Literal

    content, kind, iri = scaffold.content, slug(name), Iri(scaffold.namespace + name)
    scaffold.refuse_existing(iri)
    if not re.fullmatch(_FILE, slug_):
        raise Misuse(f"{slug_!r} is no end of an IRI. Write it like old-church.")
    if data and not re.fullmatch(r"data/[\w./-]+\.ttl", data):
        raise Misuse(f"{data} is no Turtle file below data/. Write it like data/places.ttl.")
    terms = {"class": iri, "superclass": scaffold.term(above) if above else None}
    scaffold.define("class", terms, words=kind.replace("-", " ").capitalize())
    apart = not above and scaffold.set_apart(iri)
    space = f"{content.base}id/{kind}/"
    if kind not in scaffold.prefixes:
        scaffold.prefixes[kind] = space
        if any(prefix not in PREFIXES for prefix in content.prefixes) and (content.root / "data/dataset.ttl").exists():
            declaration = Iri(f"{content.base}catalog#prefix-{kind}")
            prefix = {"dataset": content.dataset.iri, "declaration": declaration}
            scaffold.add("data/dataset.ttl", "prefix", prefix, namespace=space, kind=kind)
    cited = scaffold.term(source) if source else Literal("FILL IN: the IRI of the source")
    thing = {"thing": Iri(space + slug_), "class": iri, "source": cited}
    scaffold.add(data or f"{home(content)}/{kind}.ttl", "thing", thing)
    _plan_shape(scaffold, name, iri, scaffold.term("rdfs:label"), "error")
    told = f"{name} is set apart from the other classes (owl:AllDisjointClasses); is that so? " if apart else ""
    return told if above else f"{told}Let a property have {name} as its domain or range. "


@_command("property", _PROPERTY, "partOfPlace")
@click.option("--domain", metavar="CLASS", help="What the property is said of.")
@click.option(
    "--range", "range_", metavar="CLASS", help="What its values are: a class, or a datatype such as xsd:date."
)
@click.option("--inverse", metavar="PROPERTY", help="The property that says the same the other way.")
def _property(scaffold: "Scaffold", name: str, domain: str | None, range_: str | None, inverse: str | None) -> str:
    """Write the property NAME into the ontology."""
    from app.cli.scaffolds import slug
    from app.namespaces import PREFIXES
    from app.terms import XSD, Iri

    iri = Iri(scaffold.namespace + name)
    scaffold.refuse_existing(iri)
    target = scaffold.term(range_ or "xsd:string")
    plain = target.startswith(XSD) or target in (PREFIXES["rdfs"] + "Literal", PREFIXES["rdf"] + "langString")
    terms = {
        "property": iri,
        "kind": Iri(PREFIXES["owl"] + ("DatatypeProperty" if plain else "ObjectProperty")),
        "domain": scaffold.term(domain) if domain else None,
        "range": target,
        "inverse": scaffold.term(inverse) if inverse else None,
    }
    scaffold.define("property", terms, words=slug(name).replace("-", " "))
    if not domain:
        scaffold.define("note", terms, lacking="it has no domain", mangler="den ikke har rdfs:domain")
    elif not plain and not inverse:
        scaffold.define("note", terms, lacking="it needs no inverse", mangler="den ikke trenger en motsatt egenskap")
    return f"Let a question or a panel ask for {name}. "


@_command("question", _FILE, "who-takes-part")
@click.option("--class", "class_", metavar="CLASS", help="The class of what is asked for.")
def _question(scaffold: "Scaffold", name: str, class_: str | None) -> str:
    """Write the question NAME: a page with a form, JSON, CSV and an entry in the API description."""
    scaffold.create(
        f"queries/questions/{name}.rq", "question", {"class": scaffold.asked(class_)}, note=_note(scaffold, class_)
    )
    return f"When its answer is right: innherred approve {name}. "


@_command("panel", _PANEL, "Municipality/partners")
def _panel(scaffold: "Scaffold", name: str) -> str:
    """Write a panel CLASS/NAME: a part of the pages of the things of a class."""
    folder, _, file = name.rpartition("/")
    path = scaffold.content.root / "queries" / "pages" / folder
    there = sorted(path.glob("*.rq"))
    numbers = [int(number[0]) for each in there if (number := re.match(r"\d+", each.name))]
    order = min(max(numbers, default=0) + 10, 99)
    if given := re.match(r"(\d+)-", file):
        order = int(given[1])
    else:
        file = f"{order:02}-{file}"
    scaffold.create(f"queries/pages/{folder}/{file}.rq", "panel", {}, order=str(order))
    return "" if there else f"The pages of {folder} now show this panel and no generic ones. "


@_command("rule", _FILE, "cooperates-with")
@click.option("--when", metavar="PROPERTY", help="What holds.")
@click.option("--then", metavar="PROPERTY", help="What follows, the other way.")
def _rule(scaffold: "Scaffold", name: str, when: str | None, then: str | None) -> str:
    """Write the rule NAME: a CONSTRUCT query of what follows from what."""
    terms = {"when": scaffold.linking(when), "then": scaffold.linking(then)}
    scaffold.create(f"queries/rules/{name}.rq", "rule", terms, note=_note(scaffold, when and then))
    return ""


@_command("check", _FILE, "contact-missing")
@click.option("--class", "class_", metavar="CLASS", help="The class of what is checked.")
@_severity
def _check(scaffold: "Scaffold", name: str, class_: str | None, severity: str) -> str:
    """Write the check NAME: a query whose rows are what is wrong."""
    terms = {"class": scaffold.asked(class_)}
    scaffold.create(f"queries/checks/{name}.rq", "check", terms, severity=severity, note=_note(scaffold, None))
    return ""


@_command("shape", _CLASS, "FocusArea")
@click.option("--class", "class_", metavar="CLASS", help="What the shape looks at. Default: the class of its name.")
@click.option("--path", metavar="PROPERTY", default="rdfs:label", help="The property it asks for.")
@_severity
def _shape(scaffold: "Scaffold", name: str, class_: str | None, path: str, severity: str) -> str:
    """Write the shape NAME: what things of a class must have, as SHACL."""
    _plan_shape(scaffold, name, scaffold.term(class_ or name), scaffold.term(path), severity)
    return ""


def _plan_shape(scaffold: "Scaffold", name: str, class_: Any, path: Any, severity: str) -> None:
    from app.cli.scaffolds import slug
    from app.namespaces import PREFIXES, shrink
    from app.query.library import local_name
    from app.terms import Iri

    space = f"{scaffold.content.base}shape/"
    iri, file = Iri(space + name), f"shapes/{slug(name)}.ttl"
    scaffold.refuse_existing(iri)
    if (scaffold.content.root / file).exists():
        raise Misuse(f"{file} is there already. Choose another name.")
    scaffold.prefixes.setdefault("shape", space)
    terms = {
        "shape": iri,
        "part": Iri(f"{iri}-{local_name(path)}"),
        "class": class_,
        "path": path,
        "severity": None if severity == "error" else Iri(PREFIXES["sh"] + _SEVERITIES[severity]),
    }
    scaffold.add(file, "shape", terms, path=shrink(path, scaffold.prefixes) or path)


def _note(scaffold: "Scaffold", given: str | None) -> str:
    """Give the line that says that a query stands for another, when nothing was given for it."""
    return "" if given else f"# {scaffold.text('FYLL INN: spørringen', 'FILL IN: the query')}\n"
