"""One browser for all tests of a process; where there is none, tests say so, and in CI they fail."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from tests.browser.driving import AXE, Browser, browsing, missing

REQUIRED = "TERRITOIRES_BROWSER_REQUIRED"
"""Environment variable: `1` where a browser test that cannot run must fail. `.ci/run` sets it."""


def lacking(what: str) -> None:
    """Skip the test, or fail it in CI."""
    if os.environ.get(REQUIRED) == "1":
        pytest.fail(what)
    pytest.skip(what)


@pytest.fixture(scope="session")
def chromium(server: str) -> Iterator[Browser]:
    """Start the browser."""
    if what := missing():
        lacking(what)
    with browsing(server) as browser:
        yield browser


@pytest.fixture
def browser(chromium: Browser) -> Browser:
    """Return the browser as it looks by default: wide, light, with scripts."""
    chromium.look()
    return chromium


@pytest.fixture
def axe(browser: Browser) -> Browser:
    """Return the browser where axe-core is there to judge what it shows."""
    if not AXE.exists():
        lacking(f"needs axe-core in {AXE.parent}: npm ci --ignore-scripts")
    return browser
