"""What processes load when they start: each import is time before the first answer."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

import app
from app import config
from app.build.builder import build
from app.cli.main import main
from app.config import Settings
from app.content.folders import Content
from app.progress import Progress
from app.store.opening import IsolatedStore
from app.web.application import application, create_app
from tests.waiting import until


def loaded(module: str) -> set[str]:
    """Give the packages that a new process has loaded once it has imported a module."""
    told = f"import sys, {module}; print(*{{name.partition('.')[0] for name in sys.modules}})"
    done = subprocess.run([sys.executable, "-c", told], check=True, capture_output=True, text=True)
    return set(done.stdout.split())


def test_a_server_process_loads_nothing_that_only_a_build_needs() -> None:
    found = loaded("app.web.application")
    assert "flask" in found
    assert not found & {"rdflib", "pyshacl", "SPARQLWrapper", "urllib3", "owlready2"}


def test_deciding_whether_to_build_loads_nothing_that_only_a_build_needs() -> None:
    assert not loaded("app.build.freshness, app.cli.options, app.cli.server") & {"rdflib", "pyshacl", "flask"}


def test_help_loads_nothing_that_only_a_command_needs() -> None:
    found = loaded("app.cli")
    assert "click" in found
    assert not found & {"pyoxigraph", "yaml", "flask", "rdflib", "sqlite3"}


def test_a_query_process_loads_no_web_server() -> None:
    found = loaded("app.store.worker")
    assert "pyoxigraph" in found
    assert not found & {"werkzeug", "flask", "sqlite3"}


def test_the_package_says_its_version_and_nothing_else() -> None:
    assert app.__version__
    with pytest.raises(AttributeError):
        app.nothing  # noqa: B018


def test_a_server_process_opens_the_generation_before_anyone_asks(tmp_path: Path, monkeypatch) -> None:
    content = Path(__file__).parent / "web" / "content"
    settings = Settings(content=content, state=tmp_path / "state")
    build(Content.open(content), settings, as_of=None, progress=Progress(quiet=True))
    monkeypatch.setenv("INNHERRED_CONTENT", str(content))
    monkeypatch.setenv("INNHERRED_STATE", str(settings.state))
    monkeypatch.setattr("app.store.opening.IsolatedStore", IsolatedStore)  # not the one of tests, which waits
    served = application()
    # A query process belongs to an open generation.
    started = re.compile(rb"innherred_query_workers_started_total [1-9]")
    until(lambda: started.search(served.extensions["metrics"].text()))


def test_a_process_that_starts_later_compiles_no_template(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = Settings(content=tmp_path, state=tmp_path)
    first = create_app(settings)
    written = first.jinja_env.get_template("privacy.html")
    assert list((tmp_path / "templates").iterdir())
    later = create_app(settings)
    monkeypatch.setattr(type(later.jinja_env), "compile", lambda *_: pytest.fail("compiled"))
    assert later.jinja_env.get_template("privacy.html").root_render_func.__code__ == written.root_render_func.__code__


def test_a_build_compiles_all_templates(tmp_path: Path) -> None:
    content = Path(__file__).parent / "web" / "content"
    where = ["--content", str(content), "--state", str(tmp_path)]
    assert CliRunner().invoke(main, ["build", "--quiet", *where]).exit_code == 0
    templates = [*(config.APP / "web" / "templates").rglob("*.html")]
    assert len([*(tmp_path / "templates").iterdir()]) == len(templates) > 40


def test_where_no_template_can_be_kept_each_process_compiles(tmp_path: Path) -> None:
    (tmp_path / "templates").write_text("no folder")
    assert (
        create_app(Settings(content=tmp_path, state=tmp_path)).jinja_env.get_template("privacy.html").name
        == "privacy.html"
    )
    assert (
        create_app(Settings(content=tmp_path, state=tmp_path / "none")).jinja_env.get_template("privacy.html").name
        == "privacy.html"
    )
    assert not (tmp_path / "none" / "templates").exists()


def test_a_server_process_without_a_generation_starts_all_the_same(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setenv("INNHERRED_STATE", str(tmp_path))
    assert application().test_client().get("/health").status_code == 503
