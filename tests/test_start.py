"""What processes load when they start: each import is time before the first answer."""

import subprocess
import sys

import pytest

import app


def loaded(module: str) -> set[str]:
    """Give the packages that a new process has loaded once it has imported a module."""
    told = f"import sys, {module}; print(*{{name.partition('.')[0] for name in sys.modules}})"
    done = subprocess.run([sys.executable, "-c", told], check=True, capture_output=True, text=True)
    return set(done.stdout.split())


def test_a_server_process_loads_nothing_that_only_a_build_needs() -> None:
    found = loaded("app.web.application")
    assert "flask" in found
    assert not found & {"rdflib", "pyshacl", "SPARQLWrapper", "owlready2"}


def test_deciding_whether_to_build_loads_nothing_that_only_a_build_needs() -> None:
    assert not loaded("app.build.freshness, app.cli.building, app.cli.serving") & {"rdflib", "pyshacl", "flask"}


def test_a_query_process_loads_no_web_server() -> None:
    found = loaded("app.store.worker")
    assert "pyoxigraph" in found
    assert not found & {"werkzeug", "flask", "sqlite3"}


def test_the_package_says_its_version_and_nothing_else() -> None:
    assert app.__version__
    with pytest.raises(AttributeError):
        app.nothing  # noqa: B018
