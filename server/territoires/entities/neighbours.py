"""Chooses the neighbours that tell most of an entity: the named things that it is tied to, of every relation some."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import zip_longest
from typing import Final

import pyoxigraph as ox

from territoires.drawing.neighbourhood import MOST, Tie
from territoires.entities.model import Entity
from territoires.namespaces import BASE, expand

_UNTELLING: Final = frozenset(
    expand(name)
    for name in (
        "rdf:type",
        "rdfs:isDefinedBy",
        "rdfs:seeAlso",
        "owl:sameAs",
        "schema:sameAs",
        "igeo:subdivisionDe",
        "skos:inScheme",
        "skos:topConceptOf",
        "vann:example",
        "dct:conformsTo",
        "dct:spatial",
        "dct:hasPart",
        "ti:coveringTerritory",
        "ti:coveredPlace",
        "ti:earlierTerritory",
        "ti:laterTerritory",
    )
)
_FIRST: Final = tuple(
    expand(name)
    for name in (
        "ti:includes",
        "ti:predecessor",
        "ti:countedUnder",
        "ti:inIntercommunality",
        "ti:inDepartment",
        "ti:inRegion",
        "ti:coversDepartment",
        "ti:phase",
        "ti:coversCommune",
    )
)
"""Relations that come before others."""
_EACH: Final = 4
"""Up to this many things in one relation are shown one by one."""


def ties(entity: Entity) -> tuple[Tie, ...]:
    """Return the neighbours of `entity` to draw: each thing once, one of each relation before a second of any."""
    relations = [*_outward(entity), *_inward(entity)]
    relations.sort(key=lambda one: _FIRST.index(one[0]) if one[0] in _FIRST else len(_FIRST))
    seen = {entity.iri}
    kept: list[Tie] = []
    for row in zip_longest(*(found for _, found in relations)):
        for tie in row:
            if tie is not None and (tie.many or tie.iri not in seen):
                seen.add(tie.iri)
                kept.append(tie)
    chosen = set(kept[:MOST])
    return tuple(tie for _, found in relations for tie in found if tie in chosen)


def _outward(entity: Entity) -> Iterator[tuple[str, list[Tie]]]:
    for one in entity.properties:
        named = [fact for fact in one.facts if isinstance(fact.value, ox.NamedNode) and fact.label]
        if one.iri in _UNTELLING or not named:
            continue
        if one.count > _EACH:
            yield one.iri, [Tie(one.label, f"{one.count}", "", many=one.iri)]
        else:
            yield one.iri, [Tie(one.label, fact.label or "", fact.value.value) for fact in named]


def _inward(entity: Entity) -> Iterator[tuple[str, list[Tie]]]:
    for one in entity.links:
        named = [thing for thing in one.subjects if thing.label and thing.iri.startswith(BASE)]
        if one.iri in _UNTELLING or not named:
            continue
        if one.count > _EACH:
            yield one.iri, [Tie(one.label, f"{one.count}", "", many=one.iri, inward=True)]
        else:
            yield one.iri, [Tie(one.label, thing.label or "", thing.iri) for thing in named]
