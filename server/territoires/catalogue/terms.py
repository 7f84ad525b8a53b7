"""What an editor may propose: the classes and properties that the dataset uses, with their labels."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from territoires.answers import select, text_in
from territoires.catalogue.statistics import Statistics
from territoires.engine import Engine
from territoires.errors import Language
from territoires.namespaces import PREFIXES, compact

_LABELS: Final = """
SELECT ?term ?label {{
  VALUES ?kind {{ owl:Class owl:ObjectProperty owl:DatatypeProperty }}
  ?term a ?kind ; rdfs:label ?label FILTER(LANG(?label) = "{language}")
}}"""


@dataclass(frozen=True, slots=True)
class Term:
    """A class or property that occurs in the dataset."""

    name: str
    """Prefixed name, such as `ti:Territory`."""
    kind: Literal["class", "property"]
    uses: int
    """Entities of the class, or triples with the property."""
    label: str
    """What it is called; empty where the dataset does not say."""


def terms(engine: Engine, counts: Statistics, language: Language) -> list[Term]:
    """Return the terms in use that one of our prefixes can name, the most used first.

    Raises:
        QueryError: if the engine cannot answer.
    """
    answer = select(engine, _LABELS.format(language=language))
    labels = {text_in(row, "term"): text_in(row, "label") or "" for row in answer}
    uses: list[tuple[Literal["class", "property"], str, int]] = [
        *(("class", iri, entities) for iri, entities in counts.classes.items()),
        *(("property", iri, extent.triples) for iri, extent in counts.properties.items()),
    ]
    found = [
        Term(name, kind, number, labels.get(iri, ""))
        for kind, iri, number in uses
        if (name := compact(iri)).partition(":")[0] in PREFIXES
    ]
    return sorted(found, key=lambda term: (-term.uses, term.name))
