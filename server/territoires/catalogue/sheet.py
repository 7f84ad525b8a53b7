"""A list of triples that is written line by line, with prefixed names."""

from __future__ import annotations

from urllib.parse import quote

import pyoxigraph as ox

from territoires.namespaces import expand

Value = ox.NamedNode | ox.Literal


class Sheet:
    """Collects triples; IRIs are plain strings."""

    def __init__(self) -> None:
        self.triples: list[ox.Triple] = []

    def say(self, subject: str, predicate: str, *values: Value | str | int) -> None:
        """Add one triple per value.

        Args:
            subject: an IRI.
            predicate: a prefixed name such as `void:triples`.
            values: terms; a string is the IRI of a thing, a number an `xsd:integer`.
        """
        for value in values:
            term = ox.NamedNode(value) if isinstance(value, str) else value
            term = ox.Literal(term) if isinstance(term, int) else term
            self.triples.append(ox.Triple(ox.NamedNode(subject), ox.NamedNode(expand(predicate)), term))

    def type(self, subject: str, *classes: str) -> None:
        """Say that `subject` is an instance of classes given as prefixed names."""
        self.say(subject, "rdf:type", *map(expand, classes))


def part(document: str, kind: str, iri: str) -> str:
    """Return the IRI, inside `document`, of a node that stands for `iri`: a name instead of a blank node."""
    return f"{document}#{kind}-{quote(iri, safe='')}"
