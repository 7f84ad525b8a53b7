"""Derived facts: `rules/NN-*.rq`, SPARQL CONSTRUCT in numbered strata, write the graph `graph/derived`.

A rule sees the union of the sources and what lower strata derived; rules of one stratum do not see each other.
`derive` runs them all; `rules.incremental` finds what a small change makes of the derived graph.
"""

from territoires.rules.files import (
    Rule,
    derived_document,
    derived_file,
    ensure_fresh,
    inputs_digest,
    load_rules,
    with_inputs,
)
from territoires.rules.incremental import prepare, rederive
from territoires.rules.running import TIME_LIMIT, Timing, derive

__all__ = [
    "TIME_LIMIT",
    "Rule",
    "Timing",
    "derive",
    "derived_document",
    "derived_file",
    "ensure_fresh",
    "inputs_digest",
    "load_rules",
    "prepare",
    "rederive",
    "with_inputs",
]
