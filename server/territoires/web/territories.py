"""The table of all territories, with filters that the address holds."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Final

from flask import Blueprint, Response, render_template, request

from territoires.answers import Answer
from territoires.drawing.bars import Chart, bars
from territoires.errors import NotFoundError, RequestError, Text
from territoires.search import CURRENT, Entry, fold
from territoires.tables import counted, ordered, total
from territoires.web.delivery import deliver
from territoires.web.pages import answered
from territoires.web.regions import counted_under
from territoires.web.site import page_language, site

blueprint = Blueprint("territories", __name__)

TABLE: Final = "table-of-territories"
"""Published query that the page shows; a graph folder without it has no such page."""
_FILTERS: Final = ("phase", "region", "department", "status")
_DESCENDING: Final = "-"


@dataclass(frozen=True, slots=True)
class _Asked:
    filters: dict[str, str]
    sort: str
    """Name of a column; with `-` before it, in falling order. Empty: in the order of the query."""

    @property
    def values(self) -> dict[str, str]:
        """The filters as parameters of the published query."""
        return {f"wanted_{name}": value for name, value in self.filters.items()}

    @property
    def column(self) -> str:
        return self.sort.removeprefix(_DESCENDING)

    @property
    def descending(self) -> bool:
        return self.sort.startswith(_DESCENDING)

    def sorted_by(self, column: str) -> dict[str, str]:
        """Return the parameters of the same table by `column`, turned round where it is by that column already."""
        sort = _DESCENDING + column if self.sort == column else column
        return {**self.filters, "sort": sort}


@blueprint.get("/territories")
def table() -> Response:
    """Show the territories that pass the filters."""
    if TABLE not in site().queries:
        raise NotFoundError(
            Text("this graph has no table of territories", "ce graphe n'a pas de tableau des territoires"),
            hint=Text("ask /sparql", "interrogez /sparql"),
        )
    asked = _read()
    key = ("territories", *asked.filters.values(), asked.sort, request.script_root, request.args.get("lang"))
    response = deliver(lambda: _page(asked), "text/html; charset=utf-8", key=(*key, page_language()))
    response.headers["Content-Language"] = page_language()
    return response


def _read() -> _Asked:
    """Read the filters; those that are no values of their parameter are refused by the query itself."""
    filters = {name: request.args.get(name, CURRENT if name == "phase" else "").strip() for name in _FILTERS}
    sort, columns = request.args.get("sort", ""), site().queries[TABLE].columns
    if sort and sort.removeprefix(_DESCENDING) not in columns:
        raise RequestError(
            Text(f"sort={sort} names no column", f"sort={sort} ne nomme aucune colonne"),
            hint=Text(f"one of: {', '.join(columns)}", f"au choix : {', '.join(columns)}"),
        )
    return _Asked(filters, sort)


def _page(asked: _Asked) -> str:
    found = answered(TABLE, **asked.values)
    rows = ordered(found.answer, asked.column, descending=asked.descending) if asked.sort else found.answer
    return render_template(
        "territories.html",
        asked=asked,
        found=found,
        rows=rows,
        charts=_charts(rows),
        communes=total(rows, "communes"),
        inhabitants=total(rows, "inhabitants"),
        regions=_choices("region"),
        departments=_choices("department"),
    )


def _charts(rows: Answer) -> dict[str, Chart]:
    """Draw what tells the rows apart: regions as the filter counts them, and status."""
    shown = {row["territory"] for row in rows}
    under = Counter(row["name"].value for row in counted_under() if row["territory"] in shown)
    counts = {"region": under.most_common() or counted(rows, "region"), "status": counted(rows, "status")}
    return {column: bars(count) for column, count in counts.items() if len(count) > 1}


def _choices(kind: str) -> list[Entry]:
    entries = [entry for entry in site().searcher.index().entries if entry.kind == kind]
    return sorted(entries, key=lambda entry: fold(entry.label.fr).telling)
