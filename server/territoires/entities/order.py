"""What of an entity is told first, and what is told once: facts that several ways of knowing agree on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Final

from territoires.entities.model import Fact, Property
from territoires.errors import Language, Text
from territoires.namespaces import expand

_FIRST: Final = {
    expand(name): place
    for place, name in enumerate(
        (
            "ti:phase",
            "ti:filedUnder",
            "ti:countedUnder",
            "ti:declaredRegion",
            "ti:declaredDepartment",
            "ti:status",
            "ti:computedStatus",
            "ti:inIntercommunality",
            "ti:inDepartment",
            "ti:inRegion",
            "ti:legalPopulation",
            "ti:legalPopulationYear",
            "ti:amount",
            "ti:year",
            "ti:stage",
            "ti:fundedBy",
            "ti:date",
            "ti:startYear",
            "ti:endYear",
        )
    )
}
"""IRI of a property -> its place; others come after these, by name."""
_LAST: Final = frozenset(expand(name) for name in ("dct:identifier", "igeo:codeINSEE", "ti:siren"))
_ONCE: Final = (
    (Text("region", "région"), ("ti:filedUnder", "ti:countedUnder", "ti:declaredRegion")),
    (Text("status", "statut"), ("ti:status", "ti:computedStatus")),
)
"""Names of a line, and the properties that say the same of it when their values agree."""


def in_order(properties: Iterable[Property], numbers: Mapping[str, int], language: Language) -> tuple[Property, ...]:
    """Return properties by importance, those that agree folded into one with the sources of all.

    Args:
        properties: of one entity.
        numbers: place of each graph among the sources.
        language: of the name of what was folded.
    """
    found = {one.iri: one for one in properties}
    for label, names in _ONCE:
        same = [found[iri] for name in names if (iri := expand(name)) in found]
        if len(same) > 1 and len({frozenset(fact.value for fact in one.facts) for one in same}) == 1:
            for one in same[1:]:
                del found[one.iri]
            found[same[0].iri] = _folded(same, label.in_(language), numbers)
    ours = expand("ti:")
    return tuple(
        sorted(
            found.values(),
            key=lambda one: (
                one.iri in _LAST,
                _FIRST.get(one.iri, len(_FIRST)),
                not one.iri.startswith(ours),
                one.label.casefold(),
            ),
        )
    )


def _folded(same: list[Property], label: str, numbers: Mapping[str, int]) -> Property:
    """Return the first of properties with equal values, with the graphs of all."""
    facts = tuple(
        replace(fact, graphs=tuple(sorted(_graphs(fact, same), key=numbers.__getitem__))) for fact in same[0].facts
    )
    return replace(same[0], label=label, facts=facts)


def _graphs(fact: Fact, same: list[Property]) -> set[str]:
    return {graph for one in same for other in one.facts if other.value == fact.value for graph in other.graphs}
