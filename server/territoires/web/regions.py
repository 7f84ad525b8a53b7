"""How many territories each region has, as the filter of the table counts them."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Final

from territoires.answers import Answer, select
from territoires.namespaces import BASE
from territoires.search import fold
from territoires.web.site import site

_COUNTED: Final = """
SELECT DISTINCT ?territory ?code ?name {
  ?territory a ti:Territory ; ti:countedUnder ?region .
  ?region a ti:Region ; igeo:codeINSEE ?code ; igeo:nom ?name .
}"""


@dataclass(frozen=True, slots=True)
class Region:
    """A region, with how many territories of one phase are counted under it."""

    code: str
    name: str
    territories: int


def regions(phase: str) -> list[Region]:
    """Return the regions that have territories in `phase`, most first.

    Raises:
        QueryError: if the engine cannot answer.
    """
    of_phase = f"{BASE}id/territory/{phase}/"
    rows = [row for row in counted_under() if row["territory"].value.startswith(of_phase)]
    counts = Counter((row["code"].value, row["name"].value) for row in rows)
    found = [Region(code, name, count) for (code, name), count in counts.items()]
    return sorted(found, key=lambda region: (-region.territories, fold(region.name).whole))


def counted_under() -> Answer:
    """Return one row for each territory and region that it is counted under: where ANCT or another source puts it."""
    return select(site().engine, _COUNTED)
