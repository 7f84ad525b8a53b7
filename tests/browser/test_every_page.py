"""Every type of page: accessible, silent, self-contained, no wider than its window; narrow and wide, light and dark."""

from __future__ import annotations

import pytest
from tests.browser.addresses import PAGES
from tests.browser.driving import NARROW, WIDE, Browser

pytestmark = pytest.mark.browser

pages = pytest.mark.parametrize("name", PAGES)


@pages
def test_a_page_has_no_violation_and_asks_nobody_else(axe: Browser, name: str) -> None:
    # One visit per width; French at one and English at the other, light at one and dark at the other.
    separator = "&" if "?" in PAGES[name] else "?"
    for width, language, dark in ((NARROW, "fr", False), (WIDE, "en", True)):
        axe.look(width=width, dark=dark)
        axe.open(f"{PAGES[name]}{separator}lang={language}")
        assert axe.strangers() == []
        expected = {"not found": "404", "query with an error": "400"}.get(name)
        assert [line for line in axe.complaints() if not (expected and f"status of {expected}" in line)] == []
        assert axe.driver.find_element("css selector", "html").get_attribute("lang") == language
        assert axe.violations() == []
        assert axe.overflow() <= 0
