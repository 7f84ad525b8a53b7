"""What each kind of visitor comes for: in both languages, on both widths, with and without scripts."""

from __future__ import annotations

import csv
import io
from urllib.parse import unquote, urlsplit
from urllib.request import urlopen

import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.wait import WebDriverWait
from tests.browser.driving import NARROW, WIDE, Browser

pytestmark = pytest.mark.browser

anyhow = pytest.mark.parametrize(
    ("language", "width", "scripts"),
    [("fr", NARROW, True), ("fr", WIDE, False), ("en", NARROW, False), ("en", WIDE, True)],
    ids=["fr narrow", "fr wide without scripts", "en narrow without scripts", "en wide"],
)


def start(browser: Browser, language: str, width: int, *, scripts: bool, path: str = "/") -> None:
    browser.look(width=width, scripts=scripts)
    browser.open(f"{path}?lang={language}")


def one(browser: Browser, selector: str) -> WebElement:
    return browser.driver.find_element(By.CSS_SELECTOR, selector)


def follow(browser: Browser, selector: str) -> None:
    """Click a link that may stand below the fold."""
    link = one(browser, selector)
    browser.driver.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": False})
    browser.driver.execute_script("arguments[0].scrollIntoView({block: 'center'})", link)
    link.click()


def here(browser: Browser) -> str:
    return unquote(urlsplit(browser.driver.current_url).path)


def heading(browser: Browser) -> str:
    return one(browser, "h1").text


@anyhow
def test_a_mayor_learns_by_one_search_that_the_commune_is_in_one(
    browser: Browser, language: str, width: int, *, scripts: bool
) -> None:
    start(browser, language, width, scripts=scripts)
    one(browser, "#q").send_keys("albi" + Keys.ENTER)
    WebDriverWait(browser.driver, 10).until(lambda _: here(browser) == "/search")
    said = one(browser, "main").text
    assert {"fr": "Oui", "en": "Yes"}[language] in said
    assert "Tarn Nord" in said
    assert {"fr": "Décarbonation", "en": "Decarbonisation"}[language] in said
    assert f"lang={language}" in browser.driver.current_url


def test_suggestions_are_chosen_by_keyboard(browser: Browser) -> None:
    start(browser, "fr", WIDE, scripts=True)
    box = one(browser, "#q")
    box.send_keys("toulou")
    options = WebDriverWait(browser.driver, 10).until(
        lambda driver: driver.find_elements(By.CSS_SELECTOR, "[role=option]")
    )
    assert any(option.text.startswith("Toulouse") for option in options)
    box.send_keys(Keys.ARROW_DOWN + Keys.ENTER)
    WebDriverWait(browser.driver, 10).until(lambda _: here(browser) != "/")
    assert "Toulouse" in one(browser, "main").text


@anyhow
def test_an_officer_finds_the_new_territories_of_a_region_and_who_steers(
    browser: Browser, language: str, width: int, *, scripts: bool
) -> None:
    start(browser, language, width, scripts=scripts)
    follow(browser, 'main a[href*="/territories?"][href*="region=76"][href*="status=new"]')
    names = [link.text for link in browser.driver.find_elements(By.CSS_SELECTOR, "tbody th a")]
    assert len(names) == 5
    assert "Tarn Nord" in names
    follow(browser, 'tbody th a[href*="/doc/territory/2/ti-7614"]')
    assert heading(browser) == "Tarn Nord"
    assert "Carole Delga" in one(browser, "main").text


@anyhow
def test_a_journalist_takes_the_table_of_all_territories(
    browser: Browser, language: str, width: int, *, scripts: bool
) -> None:
    start(browser, language, width, scripts=scripts)
    follow(browser, 'nav a[href*="/territories"]')
    address = one(browser, 'main a[href*="csv"]').get_attribute("href") or ""
    with urlopen(address, timeout=60) as answer:  # noqa: S310  (a link of our own page)
        rows = list(csv.DictReader(io.StringIO(answer.read().decode())))
    assert len(rows) == 183


@anyhow
def test_a_developer_asks_a_question_with_another_value(
    browser: Browser, language: str, width: int, *, scripts: bool
) -> None:
    start(browser, language, width, scripts=scripts, path="/queries/territories-of-a-region")
    assert "Tarn Nord" in one(browser, "table").text
    one(browser, 'select[name=region] option[value="53"]').click()
    follow(browser, "form:has(select[name=region]) button")
    WebDriverWait(browser.driver, 10).until(lambda driver: "region=53" in driver.current_url)
    assert "Tarn Nord" not in one(browser, "table").text
    address = one(browser, 'main a[href*="territories-of-a-region.csv"]').get_attribute("href") or ""
    assert "region=53" in address
    with urlopen(address, timeout=60) as answer:  # noqa: S310  (a link of our own page)
        assert "ti-5301" in answer.read().decode()


@anyhow
def test_a_curator_learns_where_a_fact_comes_from(
    browser: Browser, language: str, width: int, *, scripts: bool
) -> None:
    start(browser, language, width, scripts=scripts, path="/doc/territory/2/ti-7614")
    browser.driver.find_element(By.PARTIAL_LINK_TEXT, {"fr": "ANCT, listes", "en": "ANCT, lists"}[language]).click()
    assert here(browser) in {"/doc/source/anct-2024-07-04", "/graph/anct-2024-07-04"}
    said = one(browser, "main").text
    assert {"fr": "4 juillet 2024", "en": "4 July 2024"}[language] in said
    assert {"fr": "Licence Ouverte", "en": "Open Licence"}[language] in said
