"""Two rules of this project about the IRIs in data/ and shapes/; `P40` is the first one for ontology/."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

import rdflib

from territoires import turtle
from territoires.errors import Place, Text
from territoires.quality.checks import UNLISTED, Finding, check
from territoires.quality.ontology import Mention, Ontology

_BROKEN: Final = Text("is a malformed IRI", "est un IRI mal formé")
_MALFORMED: Final = re.compile(r"https?://(https?[:/]|/|$)|\S*[\s<>\"{}|\\^`]")


@check("TERMS", "External terms that exist", "Termes externes qui existent")
def terms(ontology: Ontology) -> Iterator[Finding]:
    """Every name of another vocabulary in data/ and shapes/ is on the list of terms that were checked to exist."""
    for iri, mention in ontology.mentions.items():
        foreign = not iri.startswith(ontology.namespace) and (mention.as_term or ontology.is_external(iri))
        if foreign and iri not in ontology.external:
            yield Finding(UNLISTED, iri, _place(ontology, mention))


@check("IRIS", "Well-formed IRIs", "IRI bien formés")
def iris(ontology: Ontology) -> Iterator[Finding]:
    """No IRI has a doubled scheme (`http://http…`), no host, or a character that RFC 3987 forbids."""
    for node in {*ontology.graph.subjects(), *ontology.graph.predicates(), *ontology.graph.objects()}:
        if isinstance(node, rdflib.URIRef) and _MALFORMED.match(node):
            yield Finding(_BROKEN, str(node), ontology.place(str(node)))
    for iri, mention in ontology.mentions.items():
        if _MALFORMED.match(iri):
            yield Finding(_BROKEN, iri, _place(ontology, mention))


def _place(ontology: Ontology, mention: Mention) -> Place:
    lines = turtle.subject_lines(mention.file.read_text(encoding="utf-8"))
    return Place(ontology.root.relative(mention.file), lines.get(mention.subject))


HOUSE: Final = (terms, iris)
