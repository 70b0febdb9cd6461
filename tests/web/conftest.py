"""A built generation of a small made-up content, and the application over it."""

import os
from pathlib import Path
from typing import Any

import pytest
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app.build.builder import build
from app.config import Settings
from app.content.folders import Content
from app.progress import Progress
from app.web import create_app
from app.web.languages import TRANSLATIONS
from tests.conftest import SHIPPED

CONTENT = Path(__file__).parent / "content"
BASE = "http://example.org/havdal/"


class Client(FlaskClient):
    """A client that reads and closes every answer."""

    def open(self, *arguments: Any, **options: Any) -> TestResponse:
        return super().open(*arguments, **{"buffered": True, **options})


def client_of(content: Path, state: Path) -> FlaskClient:
    """Build a content and give a client of its server."""
    settings = Settings(content=content, state=state)
    build(Content.open(content), settings, as_of=None, progress=Progress(quiet=True))
    app = create_app(settings)
    app.test_client_class = Client
    return app.test_client()


@pytest.fixture(scope="session", autouse=True)
def compiled() -> None:
    """Compile the message catalogs, as the build hook does for a wheel."""
    for source in TRANSLATIONS.glob("*/LC_MESSAGES/messages.po"):
        target = source.with_suffix(".mo")
        if target.exists() and target.stat().st_mtime > source.stat().st_mtime:
            continue
        with source.open("rb") as file:
            catalog = read_po(file)
        part = target.with_suffix(f".{os.getpid()}")
        with part.open("wb") as file:
            write_mo(file, catalog)
        part.replace(target)


@pytest.fixture(scope="session")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    found = Settings(content=CONTENT, state=tmp_path_factory.mktemp("state"), page_size=10)
    build(Content.open(found.content), found, as_of=None, progress=Progress(quiet=True))
    return found


@pytest.fixture(scope="session")
def app(settings: Settings) -> Flask:
    found = create_app(settings)
    found.testing = False  # errors are answered as they are in service
    found.test_client_class = Client
    return found


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture(scope="session")
def shipped(shipped_state: Path) -> Flask:
    """Give an application over the shipped content."""
    found = create_app(Settings(content=SHIPPED, state=shipped_state))
    found.test_client_class = Client
    return found
