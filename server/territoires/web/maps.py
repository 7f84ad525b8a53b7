"""The map of France as pages include it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from flask import request

from territoires.answers import Answered, ask
from territoires.drawing.france import Choropleth, counted, shaded
from territoires.namespaces import BASE
from territoires.web.site import page_language, site

_QUERY: Final = "territories-by-department"
_PHASES: Final = ("1", "2")


@dataclass(frozen=True, slots=True)
class FranceMap:
    """The territories of a phase by department, for the macro `france_map` of `drawing/france.svg`."""

    drawing: Choropleth
    phase: str
    answered: Answered


def asked_phase() -> str:
    """Return the phase that the address asks for, `?phase=`: by default, and for what is no phase, the one in force."""
    phase = request.args.get("phase", "")
    return phase if phase in _PHASES else _PHASES[-1]


def france() -> FranceMap | None:
    """Return the map of the phase asked for, or None where the graph folder has no query for it.

    A page that includes it has `asked_phase()` in the key of its entity tag.

    Raises:
        QueryError: if the engine cannot answer.
    """
    query = site().queries.get(_QUERY)
    if query is None:
        return None
    phase = asked_phase()
    answered = ask(site().engine, query, {"phase": f"{BASE}id/phase/{phase}"}, page_language(), site().settings)
    return FranceMap(shaded(counted(answered.answer), site().outlines), phase, answered)
