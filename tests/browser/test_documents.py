"""Journeys on the pages that document: by clicks, by keyboard, without scripts."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from tests.browser.driving import NARROW, WIDE, Browser

pytestmark = pytest.mark.browser

both = pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without"])


def click(browser: Browser, text: str, inside: str = "") -> None:
    browser.driver.find_element(By.XPATH, f"{inside}//a[normalize-space()={text!r}]").click()


def here(browser: Browser) -> str:
    parts = urlsplit(browser.driver.current_url)
    return parts.path + (f"#{parts.fragment}" if parts.fragment else "")


def heading(browser: Browser) -> str:
    return browser.driver.find_element(By.TAG_NAME, "h1").text


@both
@pytest.mark.parametrize("width", [NARROW, WIDE])
def test_a_developer_finds_a_term_of_the_ontology_in_two_clicks(browser: Browser, width: int, *, scripts: bool) -> None:
    browser.look(width=width, scripts=scripts)
    browser.open("/?lang=fr")
    click(browser, "Ontologie")
    click(browser, "mesure de soutien", "//ul")
    assert here(browser) == "/def#SupportMeasure"
    term = browser.driver.find_element(By.ID, "SupportMeasure")
    assert (
        0
        <= term.rect["y"] - browser.driver.execute_cdp_cmd("Page.getLayoutMetrics", {})["cssVisualViewport"]["pageY"]
        < 200
    )
    assert "Ce qu'un territoire lauréat peut demander" in term.text


def test_the_diagram_leads_to_definitions(browser: Browser) -> None:
    browser.open("/def?lang=en")
    browser.driver.find_element(By.CSS_SELECTOR, '.diagram a[href="#Territory"]').click()
    assert here(browser) == "/def#Territory"


def test_the_diagram_is_used_by_keyboard(browser: Browser) -> None:
    browser.open("/def?lang=fr")
    region = browser.driver.find_element(By.CSS_SELECTOR, ".drawing")
    browser.driver.execute_script("arguments[0].focus()", region)
    region.send_keys(Keys.TAB)
    focused = browser.driver.switch_to.active_element
    assert focused.find_element(By.XPATH, "ancestor::*[contains(@class, 'diagram')]")
    wanted = focused.get_dom_attribute("href")
    focused.send_keys(Keys.ENTER)
    assert here(browser) == f"/def{wanted}"


@both
def test_a_journalist_asks_whether_the_announced_figures_hold(browser: Browser, *, scripts: bool) -> None:
    browser.look(scripts=scripts)
    browser.open("/?lang=fr")
    click(browser, "Qualité")
    rows = browser.driver.find_elements(
        By.XPATH, "//table[caption='Les affirmations du communiqué face aux données']//tr"
    )
    texts = [row.text for row in rows]
    assert "intercommunalités en phase 2 630 629 non" in texts
    assert "lauréats de la phase 2 183 183 oui" in texts


@both
def test_the_language_is_changed_and_kept(browser: Browser, *, scripts: bool) -> None:
    browser.look(scripts=scripts)
    browser.open("/quality?lang=fr")
    click(browser, "English")
    assert heading(browser) == "What the data is worth"
    click(browser, "Data")
    assert heading(browser) == "Get the data"


def test_the_first_tab_skips_to_the_content(browser: Browser) -> None:
    browser.open("/about?lang=fr")
    browser.driver.find_element(By.TAG_NAME, "body").send_keys(Keys.TAB)
    link = browser.driver.switch_to.active_element
    assert link.text == "Aller au contenu"
    link.send_keys(Keys.ENTER)
    assert here(browser) == "/about#main"


def test_a_lost_visitor_is_led_back(browser: Browser) -> None:
    browser.open("/nowhere?lang=fr")
    assert heading(browser).startswith("Introuvable")
    click(browser, "Repartez de l'accueil")
    assert here(browser) == "/"
