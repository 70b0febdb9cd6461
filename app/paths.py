"""Where things are: the shipped content, the engine's defaults, static files, the state."""

from functools import cache
from pathlib import Path

APP = Path(__file__).resolve().parent


def bundled_content() -> Path:
    """Give the content that is shipped: inside the wheel, or the checkout of an editable install."""
    inside = APP / "_bundled"
    return inside if (inside / "data").is_dir() else APP.parent


def default_content(working_folder: Path) -> Path:
    """Give the working folder when it holds ``data/``, else the shipped content."""
    return working_folder if (working_folder / "data").is_dir() else bundled_content()


def defaults() -> Path:
    """Give the folder of what every content gets."""
    return APP / "defaults"


def script(name: str) -> str:
    """Give the text of an SQL script of the engine."""
    return (defaults() / "sql" / f"{name}.sql").read_text(encoding="utf-8")


@cache
def views() -> frozenset[str]:
    """Give the names of the views that rows can have: each is a template that draws them."""
    return _templates("views")


@cache
def parts() -> frozenset[str]:
    """Give the names of the parts of a thing's page that the engine itself fills: each is a template."""
    return _templates("parts")


def _templates(folder: str) -> frozenset[str]:
    return frozenset(path.stem for path in (APP / "web" / "templates" / folder).glob("[!_]*.html"))


def static() -> Path:
    """Give the folder of stylesheets and fonts made by the asset pipeline."""
    return APP / "web" / "static"
