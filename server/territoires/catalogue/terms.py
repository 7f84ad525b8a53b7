"""What an editor may propose: the classes and properties that the dataset uses, with their labels."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from territoires.answers import select
from territoires.drawing.rows import number_in, text_in
from territoires.engine import Engine
from territoires.errors import Language
from territoires.namespaces import PREFIXES, compact

_USES: Final[dict[Literal["class", "property"], str]] = {
    "class": "SELECT ?term (COUNT(*) AS ?uses) { ?s a ?term } GROUP BY ?term",
    "property": "SELECT ?term (COUNT(*) AS ?uses) { ?s ?term ?o } GROUP BY ?term",
}
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


def terms(engine: Engine, language: Language) -> list[Term]:
    """Return the terms in use that one of our prefixes can name, the most used first.

    Raises:
        QueryError: if the engine cannot answer.
    """
    answer = select(engine, _LABELS.format(language=language))
    labels = {text_in(row, "term"): text_in(row, "label") or "" for row in answer}
    found = [
        Term(name, kind, int(number_in(row, "uses") or 0), labels.get(iri, ""))
        for kind, query in _USES.items()
        for row in select(engine, query)
        if (iri := text_in(row, "term")) and (name := compact(iri)).partition(":")[0] in PREFIXES
    ]
    return sorted(found, key=lambda term: (-term.uses, term.name))
