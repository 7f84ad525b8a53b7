"""Names of other people's tables matched with things of the graph, without a web (Entity Reconciliation API 0.2).

The protocol is that of the W3C Entity Reconciliation Community Group, which OpenRefine speaks:
https://www.w3.org/community/reports/reconciliation/CG-FINAL-specs-0.2-20230410/
"""

from territoires.reconcile.asking import (
    MOST_QUERIES,
    Constraint,
    Extension,
    Query,
    read_extension,
    read_queries,
    type_called,
)
from territoires.reconcile.matching import Candidate, reconcile
from territoires.reconcile.properties import PROPERTIES, Property, extend, properties_of
from territoires.reconcile.types import TYPES, described

__all__ = [
    "MOST_QUERIES",
    "PROPERTIES",
    "TYPES",
    "Candidate",
    "Constraint",
    "Extension",
    "Property",
    "Query",
    "described",
    "extend",
    "properties_of",
    "read_extension",
    "read_queries",
    "reconcile",
    "type_called",
]
