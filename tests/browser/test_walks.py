"""What people come for is at most two clicks from the front page, in both languages."""

from collections.abc import Callable, Iterator

import pytest

from tests.browser.browsing import Visit

# What is clicked, by language, and what stands on the page where that ends.
WALKS = {
    "What does Verdal do abroad?": (
        {"nb": ["Verdal kommune"], "en": ["Verdal Municipality"]},
        {"nb": "Internasjonale aktiviteter", "en": "International activities"},
    ),
    "Who are the members of the Europe office?": (
        {
            "nb": ["Spørsmål", "Hvem er medlem av Trøndelags Europakontor?"],
            "en": ["Questions", "Who are the members of the Mid-Norway European Office?"],
        },
        {"nb": "SINTEF", "en": "SINTEF"},
    ),
    "What should I do?": (
        {"nb": ["Å følge opp"], "en": ["To follow up"]},
        {"nb": "Kommunens ledelse", "en": "leadership"},
    ),
    "Is it certain that Inderøy takes part?": (
        {"nb": ["Inderøy kommune", "tolket"], "en": ["Inderøy Municipality", "interpreted"]},
        {"nb": "Inderøy kommune", "en": "Inderøy Municipality"},
    ),
    "Something about Levanger for a meeting": (
        {"nb": ["Kommuner", "Levanger kommune"], "en": ["Municipalities", "Levanger Municipality"]},
        {"nb": "Å ta stilling til", "en": "To decide"},
    ),
    "A page for a partner in Brussels": (
        {"nb": ["Kommuner", "Innherredsregionen"], "en": ["Municipalities", "Innherred region"]},
        {"nb": "Kontakt", "en": "Contact"},
    ),
    "What has changed?": (
        {"nb": ["Hva som er endret"], "en": ["What has changed"]},
        {"nb": "Første publisering", "en": "First publication"},
    ),
    "Compare Steinkjer and Verdal": (
        {"nb": ["Kommuner", "Steinkjer og Verdal"], "en": ["Municipalities", "Steinkjer and Verdal"]},
        {"nb": "Bare Verdal kommune", "en": "Only Verdal Municipality"},
    ),
    "Ask in SPARQL": (
        {"nb": ["Data", "Spør selv (SPARQL)"], "en": ["Data", "Ask for yourself (SPARQL)"]},
        {"nb": "Søk i:", "en": "Search in:"},
    ),
}


@pytest.fixture(scope="module")
def visits(make_visit: Callable[..., Visit]) -> Iterator[dict[str, Visit]]:
    """Give one browser page for each language."""
    found = {language: make_visit() for language in ("nb", "en")}
    yield found
    for each in found.values():
        each.page.context.close()


@pytest.mark.parametrize("walk", WALKS)
@pytest.mark.parametrize("language", ["nb", "en"])
def test_it_is_two_clicks_away(visits: dict[str, Visit], language: str, walk: str) -> None:
    clicks, end = WALKS[walk]
    found = visits[language]
    found.open("/" if language == "nb" else "/en/")
    assert len(clicks[language]) <= 2
    for name in clicks[language]:
        before = found.page.url
        found.page.get_by_role("link", name=name, exact=True).locator("visible=true").first.click()
        found.page.wait_for_url(lambda url, before=before: url != before)
    assert end[language] in found.page.locator("main").inner_text()
