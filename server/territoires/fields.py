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
from territoires.errors import Language, RequestError, Text
from territoires.parameters import LANGUAGE, Parameter
from territoires.queries import PublishedQuery

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
    required: bool = True
    """Whether it may not be left empty."""


def fields(query: PublishedQuery, values: Mapping[str, str], engine: Engine, language: Language) -> tuple[Field, ...]:
    """Return the fields of `query`, filled with `values`, else with the values of its example.

    Raises:
        QueryError: if the engine cannot say what there is to choose from.
    """
    return tuple(_field(parameter, values, engine, language) for parameter in query.parameters)


def _field(parameter: Parameter, values: Mapping[str, str], engine: Engine, language: Language) -> Field:
    value, choices = _value(parameter, values, language), _choices(parameter, engine, language)
    if choices and value not in dict(choices):
        choices = ((value, value), *choices)
    return Field(parameter.name, parameter.label, value, choices, not re.fullmatch(parameter.pattern, ""))


def _value(parameter: Parameter, values: Mapping[str, str], language: Language) -> str:
    """Return what the field holds: the value as people write it, or as it was given where it is wrong."""
    if parameter.name not in values:
        return language if parameter.name == LANGUAGE else parameter.example
    try:
        return parameter.shortened(parameter.read(values[parameter.name]))
    except RequestError:
        return values[parameter.name]


def _choices(parameter: Parameter, engine: Engine, language: Language) -> tuple[tuple[str, str], ...]:
    if parameter.choices:
        return tuple((value, value or "–") for value in parameter.choices)
    if not parameter.kinds:
        return ()
    start = parameter.default.removesuffix(parameter.example)
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
        (
            parameter.shortened(thing),
            names[thing] if times[names[thing]] == 1 else f"{names[thing]} ({thing.removeprefix(start)})",
        )
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
