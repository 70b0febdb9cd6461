"""Languages besides bokmål and English: a setting gives the pages, a catalog the words."""

import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from flask.testing import FlaskClient

from app.config import Settings
from app.errors import SettingError
from app.web import create_app, languages

PEOPLE = {"Accept": "text/html"}
# Made up for this test: two words.
CATALOG = """
msgid ""
msgstr "Content-Type: text/plain; charset=utf-8\\n"

msgid "What there is"
msgstr "Det som finst"
"""


@pytest.fixture
def client(settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FlaskClient:
    folder = tmp_path / "translations"
    shutil.copytree(languages.TRANSLATIONS, folder)
    made = folder / "nn" / "LC_MESSAGES" / "messages.po"
    made.parent.mkdir(parents=True)
    made.write_text(CATALOG, encoding="utf-8")
    with made.open("rb") as source, made.with_suffix(".mo").open("wb") as target:
        write_mo(target, read_po(source, locale="nn"))
    monkeypatch.setattr("app.web.languages.TRANSLATIONS", folder)
    monkeypatch.setattr("app.web.application.TRANSLATIONS", folder)
    languages._translated.cache_clear()
    yield create_app(replace(settings, languages="nn sma")).test_client()
    languages._translated.cache_clear()


def test_a_further_language_has_pages_of_its_own_and_links_that_stay_in_it(client: FlaskClient) -> None:
    page = client.get("/nn/", headers=PEOPLE).text
    assert '<html lang="nn"' in page
    assert "Det som finst" in page
    assert 'href="/nn/town/"' in page
    for tag, path in (("nb", "/"), ("en", "/en/"), ("sma", "/sma/")):
        assert f'hreflang="{tag}" href="{path}"' in page
    assert client.get("/nn/doc/town/aasvaer", headers=PEOPLE).status_code == 200
    assert 'src="/static/app.js"' in page


def test_a_language_without_words_of_its_own_has_those_of_the_root_and_says_so(client: FlaskClient) -> None:
    page = client.get("/sma/", headers=PEOPLE).text
    assert "Innhold" in page
    assert '<html lang="nb"' in page
    assert client.get("/se/", headers=PEOPLE).status_code == 404


def test_data_is_shown_in_the_nearest_language_with_its_tag(client: FlaskClient) -> None:
    page = client.get("/nn/doc/town/aasvaer", headers=PEOPLE).text
    assert 'lang="nb"' in page


@pytest.mark.parametrize("text", ["norsk", "n", "../nn", "nn;sma"])
def test_what_is_no_language_tag_is_refused(text: str) -> None:
    with pytest.raises(SettingError, match="INNHERRED_LANGUAGES"):
        Settings.from_environment({"INNHERRED_LANGUAGES": text})


def test_english_is_there_already_and_each_is_named_once() -> None:
    assert Settings.from_environment({"INNHERRED_LANGUAGES": "nn, en nn sma"}).languages == "nn sma"
