"""Names of things in the language of a reader."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import pyoxigraph as ox

from territoires.answers import select
from territoires.engine import Engine
from territoires.entities.common import COMMON
from territoires.errors import Language
from territoires.namespaces import compact

_AT_ONCE: Final = 300
"""IRIs named in one query, so that its text stays well within the limit."""
_NAMES: Final = """
SELECT ?thing ?rank ?name {
  VALUES ?thing { %s }
  OPTIONAL {
    VALUES (?property ?rank) { (rdfs:label 1) (skos:prefLabel 2) (dct:title 3) (foaf:name 4) (igeo:nom 5) }
    ?thing ?property ?name
  }
}"""
"""OPTIONAL makes Oxigraph look the things up one by one; without it, it reads every name of the graph (0.4 s)."""


def labels(engine: Engine, iris: Iterable[str], language: Language) -> dict[str, str]:
    """Return a name for each of `iris` that has one: in `language` if there is one, else in any.

    Raises:
        QueryError: if the engine cannot answer.
    """
    found: dict[str, tuple[bool, int, str]] = {}
    wanted = sorted(set(iris))
    for start in range(0, len(wanted), _AT_ONCE):
        for row in select(engine, _NAMES % " ".join(f"<{iri}>" for iri in wanted[start : start + _AT_ONCE])):
            thing, rank, name = row["thing"], row.get("rank"), row.get("name")
            if isinstance(thing, ox.NamedNode) and isinstance(rank, ox.Literal) and isinstance(name, ox.Literal):
                candidate = (name.language != language, int(rank.value), name.value)
                found[thing.value] = min(found.get(thing.value, candidate), candidate)
    return {iri: name for iri, (_, _, name) in found.items()}


def property_label(iri: str, names: dict[str, str], language: Language) -> str:
    """Return what people call a property: its own label, what we call a common one, or its short name."""
    if iri in names:
        return names[iri]
    return COMMON[iri].in_(language) if iri in COMMON else compact(iri)
