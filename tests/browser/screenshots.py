"""Make pictures of the main pages: `python -m tests.browser.screenshots docs/images`.

The shipped graph is served, and each page is shown wide and light; some also narrow and dark. The pictures are WebP
and small, so that they may be committed.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Final

from tests.browser.addresses import PAGES
from tests.browser.driving import NARROW, WIDE, browsing, missing
from tests.conftest import running_server

SHOWN: Final = ("home", "search", "territories", "territory", "commune", "query form", "ontology", "quality", "data")
SMALL: Final = ("home", "territory")
"""Shown on a telephone too, in the dark."""


def main(folder: Path) -> None:
    """Write the pictures into `folder`."""
    if what := missing():
        sys.exit(what)
    folder.mkdir(parents=True, exist_ok=True)
    with running_server([]) as url, browsing(url) as browser:
        for name in SHOWN:
            for width, dark in ((WIDE, False), *(((NARROW, True),) if name in SMALL else ())):
                browser.look(width=width, dark=dark)
                separator = "&" if "?" in PAGES[name] else "?"
                browser.open(f"{PAGES[name]}{separator}lang=fr")
                suffix = "-dark-narrow" if dark else ""
                file = folder / f"{name.replace(' ', '-')}{suffix}.webp"
                file.write_bytes(browser.picture())
                print(file, f"{file.stat().st_size / 1000:.0f} kB")  # noqa: T201  (a command)


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "docs/images"))
