"""Entities as people see them, over any engine: names, facts with their sources, links in; and as RDF documents."""

from territoires.entities.model import Entity, Fact, Links, Listing, Named, Origin, Property
from territoires.entities.order import in_order
from territoires.entities.reading import PAGE, describe, exists, listing
from territoires.entities.statements import document_of, statements, write_quads
from territoires.entities.suggestions import suggest

__all__ = [
    "PAGE",
    "Entity",
    "Fact",
    "Links",
    "Listing",
    "Named",
    "Origin",
    "Property",
    "describe",
    "document_of",
    "exists",
    "in_order",
    "listing",
    "statements",
    "suggest",
    "write_quads",
]
