"""Which pages of the site are worth finding: the sitemap (sitemaps.org), in parts of a lawful size."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final
from xml.sax.saxutils import escape

from territoires.answers import select
from territoires.engine import Engine
from territoires.namespaces import BASE

KINDS: Final = (
    "territory",
    "region",
    "department",
    "intercommunality",
    "commune",
    "axis",
    "measure",
    "funder",
    "official",
    "source",
)
"""Kinds of things that have a page."""
PAGES: Final = ("", "territories", "sparql", "lookup", "enrich", "data", "changes", "api", "def", "quality", "about")
"""Addresses of the other pages, below the server's."""
MOST: Final = 50_000
"""Most addresses that one file may hold."""
_HEAD: Final = '<?xml version="1.0" encoding="UTF-8"?>\n'
_NAMESPACE: Final = "http://www.sitemaps.org/schemas/sitemap/0.9"
_THINGS: Final = f"""
SELECT DISTINCT ?thing {{
  ?thing a ?class
  FILTER(ISIRI(?thing) && STRSTARTS(STR(?thing), "{BASE}id/") && !STRSTARTS(STR(?thing), "{BASE}id/commune/"))
}}"""
_COMMUNES: Final = "SELECT DISTINCT ?thing { ?territory ti:coversCommune ?thing FILTER(ISIRI(?thing)) }"
"""The pages of the other communes all say the same: no."""


def find_pages(engine: Engine) -> Mapping[str, tuple[str, ...]]:
    """Return the addresses of the pages of things, below the server's, by the name of the part they stand in.

    Raises:
        QueryError: if the engine cannot answer.
    """
    things = {row["thing"].value for text in (_THINGS, _COMMUNES) for row in select(engine, text)}
    parts: dict[str, tuple[str, ...]] = {}
    for kind in KINDS:
        pages = sorted("doc/" + one.removeprefix(f"{BASE}id/") for one in things if one.startswith(f"{BASE}id/{kind}/"))
        for number, first in enumerate(range(0, len(pages), MOST), start=1):
            parts[f"{kind}-{number}"] = tuple(pages[first : first + MOST])
    return parts


def write_index(home: str, parts: Iterable[str]) -> str:
    """Return the index of the parts called `parts` below the URL `home`, which ends with a slash."""
    lines = (f"<sitemap><loc>{escape(home)}sitemap-{escape(part)}.xml</loc></sitemap>\n" for part in parts)
    return f'{_HEAD}<sitemapindex xmlns="{_NAMESPACE}">\n{"".join(lines)}</sitemapindex>\n'


def write_part(home: str, pages: Iterable[str], modified: str | None = None) -> str:
    """Return one part.

    Args:
        home: URL of the server, with the slash.
        pages: addresses below it.
        modified: day of the last change of the data (ISO 8601), where known.
    """
    changed = f"<lastmod>{escape(modified)}</lastmod>" if modified else ""
    lines = (f"<url><loc>{escape(home + page)}</loc>{changed}</url>\n" for page in pages)
    return f'{_HEAD}<urlset xmlns="{_NAMESPACE}">\n{"".join(lines)}</urlset>\n'
