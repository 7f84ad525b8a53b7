"""The parameters of a published query as the fields of a form."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import pyoxigraph as ox

from territoires.answers import Answer, select
from territoires.engine import Engine
from territoires.errors import Language, Text
from territoires.namespaces import BASE
from territoires.queries import Parameter, PublishedQuery

_CHOICE: Final = re.compile(r"[\w-]+(?:\|[\w-]+)+")
_MOST: Final = 400
"""More things of a kind are not offered as a list: their address is typed."""
_OF_A_KIND: Final = """
SELECT ?thing ?label ?group {{
  {{
    SELECT DISTINCT ?thing {{ <{iri}> a ?class . ?thing a ?class FILTER(STRSTARTS(STR(?thing), "{start}")) }}
    LIMIT {most}
  }}
  ?thing rdfs:label|skos:prefLabel ?label
  OPTIONAL {{ ?thing ti:phase/rdfs:label ?group }}
}}"""


@dataclass(frozen=True, slots=True)
class Field:
    """One field: a list to choose from where `choices` has any, else a text."""

    name: str
    label: Text
    value: str
    choices: tuple[tuple[str, str], ...] = ()
    """Value and text of each."""


def fields(query: PublishedQuery, values: Mapping[str, str], engine: Engine, language: Language) -> tuple[Field, ...]:
    """Return the fields of `query`, filled with `values`, else with the values of its example.

    Raises:
        QueryError: if the engine cannot say what there is to choose from.
    """
    return tuple(
        Field(
            parameter.name,
            parameter.label,
            _short(values.get(parameter.name, _default(parameter, language))),
            _choices(parameter, engine, language),
        )
        for parameter in query.parameters
    )


def _default(parameter: Parameter, language: Language) -> str:
    return language if parameter.name == "language" else parameter.default


def _choices(parameter: Parameter, engine: Engine, language: Language) -> tuple[tuple[str, str], ...]:
    if _CHOICE.fullmatch(parameter.pattern):
        return tuple((value, value) for value in parameter.pattern.split("|"))
    kind = re.match(r"id/([a-z]+)/", _short(parameter.default))
    if not parameter.is_iri or not kind:
        return ()
    start = f"{BASE}id/{kind[1]}/"
    found = select(engine, _OF_A_KIND.format(iri=parameter.default, start=start, most=_MOST + 1))
    labels = _labels(found, language)
    if len(labels) > _MOST:
        return ()
    phases = {row["thing"].value: row["group"].value for row in found if "group" in row}
    names = {thing: f"{label} – {phases[thing]}" if thing in phases else label for thing, label in labels.items()}
    times = Counter(names.values())
    ordered = sorted(names, key=lambda thing: labels[thing])
    ordered.sort(key=lambda thing: phases.get(thing, ""), reverse=True)  # the latest phase first
    return tuple(
        (_short(thing), names[thing] if times[names[thing]] == 1 else f"{names[thing]} ({thing.removeprefix(start)})")
        for thing in ordered
    )


def _labels(answer: Answer, language: Language) -> dict[str, str]:
    """Return the label of each thing: in `language` where it has one, else in French, else any."""
    labels: dict[str, tuple[int, str]] = {}
    for row in answer:
        thing, label = row["thing"], row["label"]
        if isinstance(thing, ox.NamedNode) and isinstance(label, ox.Literal):
            rank = 0 if label.language == language else 1 if label.language == "fr" else 2
            labels[thing.value] = min((rank, label.value), labels.get(thing.value, (rank, label.value)))
    return {thing: label for thing, (_, label) in labels.items()}


def _short(value: str) -> str:
    return value.removeprefix(BASE)
