"""Starts Chromium, and reads what it noted: errors of the console, requests, and what axe-core finds."""

from __future__ import annotations

import base64
import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from selenium.webdriver import Chrome, ChromeOptions, ChromeService

CHECKOUT: Final = Path(__file__).resolve().parents[2]
AXE: Final = Path(os.environ.get("AXE_CORE", CHECKOUT / "node_modules/axe-core/axe.min.js"))
"""The script of axe-core, which npm brings."""
NARROW: Final = 360
WIDE: Final = 1280
_HEIGHT: Final = 900
_FLAGS: Final = (
    "--headless=new",
    "--no-sandbox",  # tests run as root in containers
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--hide-scrollbars",
    "--force-color-profile=srgb",
)
_NOTED: Final = frozenset({"Network.requestWillBeSent"})


def missing() -> str | None:
    """Return what a browser test needs and this machine lacks, or None."""
    if not (shutil.which("chromium") and shutil.which("chromedriver")):
        return "needs Debian's packages chromium and chromium-driver"
    return None


@dataclass(frozen=True)
class Violation:
    """A rule of axe-core that a page breaks."""

    rule: str
    help: str
    targets: tuple[str, ...]


class Browser:
    """One Chromium; `look` sets how the next pages are seen."""

    def __init__(self, driver: Chrome, base: str) -> None:
        self.driver = driver
        self.base = base

    def look(self, *, width: int = WIDE, scripts: bool = True, dark: bool = False) -> None:
        """Set the width of the window in CSS pixels, whether scripts run, and the theme; empty the notes."""
        command = self.driver.execute_cdp_cmd
        command(
            "Emulation.setDeviceMetricsOverride",
            {"width": width, "height": _HEIGHT, "deviceScaleFactor": 1, "mobile": width < 600},
        )
        command("Emulation.setScriptExecutionDisabled", {"value": not scripts})
        theme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        command("Emulation.setEmulatedMedia", {"media": "screen", "features": [theme]})
        self.complaints()
        self.requests()

    def open(self, path: str) -> None:
        """Open the page at `path` of the server and wait until it is loaded."""
        self.driver.get(self.base + path)

    def complaints(self) -> list[str]:
        """Return what the console has said since the last time: errors and warnings."""
        return [f"{entry['level']}: {entry['message']}" for entry in self._log("browser")]

    def requests(self) -> list[str]:
        """Return the addresses requested over the network since the last time."""
        found: list[str] = []
        for entry in self._log("performance"):
            message = json.loads(entry["message"])["message"]
            if message["method"] in _NOTED:
                found.append(message["params"]["request"]["url"])
        return [address for address in found if not address.startswith(("data:", "chrome:", "about:"))]

    def _log(self, name: str) -> list[dict[str, Any]]:
        entries: list[dict[str, Any]] = self.driver.get_log(name)  # type: ignore[no-untyped-call]  # selenium's own
        return entries

    def strangers(self) -> list[str]:
        """Return requests to anyone but the server, since the last time."""
        return [address for address in self.requests() if urlsplit(address).netloc != urlsplit(self.base).netloc]

    def violations(self) -> list[Violation]:
        """Return what axe-core finds in this page: rules of WCAG 2.2 A and AA, and best practices."""
        self.driver.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": False})
        self.driver.execute_script(AXE.read_text(encoding="utf-8"))
        found: list[dict[str, Any]] = self.driver.execute_async_script(
            "const done = arguments[0]; axe.run(document, {resultTypes: ['violations']}).then(r => done(r.violations))"
        )
        return [
            Violation(one["id"], one["help"], tuple(" ".join(map(str, node["target"])) for node in one["nodes"][:5]))
            for one in found
        ]

    def overflow(self) -> int:
        """Return by how many pixels the page is wider than the window."""
        self.driver.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": False})
        width: int = self.driver.execute_script(
            "return document.documentElement.scrollWidth - document.documentElement.clientWidth"
        )
        return width

    def picture(self) -> bytes:
        """Return what the window shows, as a small WebP."""
        options = {"format": "webp", "quality": 60}
        return base64.b64decode(self.driver.execute_cdp_cmd("Page.captureScreenshot", options)["data"])


@contextmanager
def browsing(base: str) -> Iterator[Browser]:
    """Run a Chromium for the server at `base` for the length of the block."""
    options = ChromeOptions()
    options.binary_location = shutil.which("chromium") or "chromium"
    for flag in _FLAGS:
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "WARNING", "performance": "ALL"})
    driver = Chrome(options=options, service=ChromeService(shutil.which("chromedriver")))
    try:
        driver.set_page_load_timeout(60)
        driver.set_script_timeout(60)
        yield Browser(driver, base)
    finally:
        driver.quit()
