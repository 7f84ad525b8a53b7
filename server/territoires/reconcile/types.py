"""Types of the service: the kinds of things that can be found, each named by its class."""

from __future__ import annotations

from typing import Final

from territoires.errors import Language
from territoires.search import KINDS, Entry, placed

_CLASSES: Final = {"collectivity": "OverseasCollectivity", "measure": "SupportMeasure"}

TYPES: Final = {_CLASSES.get(kind, kind.capitalize()): kind for kind in KINDS}
"""Name of a class of the ontology -> kind in IRIs, as `search.KINDS` has it."""
CLASSES: Final = {kind: name for name, kind in TYPES.items()}


def described(entry: Entry, language: Language) -> str:
    """Return what tells a thing from its namesakes: its kind, and the place it is in or its phase."""
    return ", ".join(filter(None, (KINDS[entry.kind].in_(language), placed(entry, language))))
