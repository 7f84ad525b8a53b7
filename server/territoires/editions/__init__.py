"""Editions of a graph: which was in force on a day, what keeps the one that is replaced, and how the old are read."""

from territoires.editions.keeping import dated, replaced
from territoires.editions.model import CATALOGUE, Edition, Facts, editions, in_force, numbered, parse_day, since
from territoires.editions.reading import Archive, load_edition, said_then

__all__ = [
    "CATALOGUE",
    "Archive",
    "Edition",
    "Facts",
    "dated",
    "editions",
    "in_force",
    "load_edition",
    "numbered",
    "parse_day",
    "replaced",
    "said_then",
    "since",
]
