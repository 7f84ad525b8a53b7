"""Since when the lists of territories are in force that pages speak of."""

from __future__ import annotations

from typing import Final

import pyoxigraph as ox

from territoires.answers import select
from territoires.editions import numbered, since
from territoires.engine import Engine
from territoires.engine.holding import DatasetChangedError
from territoires.errors import TerritoiresError
from territoires.namespaces import BASE
from territoires.web.site import site

_LISTS: Final = f"{BASE}graph/anct-2024-07-04"
_SAID: Final = f"""
SELECT ?s ?p ?o {{
  {{ VALUES ?p {{ dct:source dct:valid }} BIND(<{_LISTS}> AS ?s) ?s ?p ?o }}
  UNION {{ <{_LISTS}> dct:source ?s . VALUES ?p {{ dct:valid dct:issued dct:date }} ?s ?p ?o }}
}}"""


def read_day(engine: Engine) -> str:
    """Return the day of the edition in force of ANCT's lists, as the catalogue says; empty where it says none.

    Raises:
        QueryError: if the engine cannot answer.
    """
    said: dict[tuple[str, str], list[object]] = {}
    for row in select(engine, _SAID):
        if isinstance(row["s"], ox.NamedNode) and isinstance(row["p"], ox.NamedNode):
            said.setdefault((row["s"].value, row["p"].value), []).append(row["o"])
    day = since(_LISTS, lambda subject, predicate: said.get((subject, predicate), ()))
    return numbered(day) if day else ""


def lists_day() -> str:
    """Return that day for a page, such as one that says that the engine does not answer: then it is empty."""
    try:
        return site().lists.get()
    except (TerritoiresError, DatasetChangedError):
        return ""
