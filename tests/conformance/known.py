"""What the engine is known to answer otherwise, and why: a test of the suite -> the explanation on the page."""

from __future__ import annotations

from typing import Final

_PATH: Final = (
    "Oxigraph answers a zero-length path from a constant only when the constant occurs in the data; "
    "the dataset of this test is empty."
)
_CONCAT: Final = (
    "Oxigraph keeps a language tag that all members of GROUP_CONCAT share; SPARQL 1.1 §18.5.1.7 gives a plain string."
)
_GRAPH: Final = (
    "Oxigraph evaluates what stands inside `GRAPH ?g` once, not once per graph, where it does not itself bind `?g`."
)
_SPELLING: Final = (
    "Oxigraph stores numbers by value: `1.0e6` is written `1000000`, "
    "and a derived type such as xsd:negativeInteger becomes xsd:integer."
)
_LOAD: Final = (
    "LOAD is refused, with SILENT too: it would make this server fetch what a client names. "
    "A document is sent to its graph by PUT or POST."
)

EXPLAINED: Final = {
    "aggregates/agg-groupconcat-04": _CONCAT,
    "aggregates/agg-groupconcat-06": _CONCAT,
    "aggregates/agg-empty-group-count-graph": _GRAPH,
    "bindings/graph": _GRAPH,
    "negation/graph-minus": (
        "Oxigraph takes the variable of the outer GRAPH for one that both sides of MINUS share; "
        "SPARQL 1.1 §18.6 binds it afterwards."
    ),
    "functions/bnode01": (
        "Oxigraph makes a new blank node at each call of BNODE(str), also for the same string in one solution."
    ),
    "property-path/zero_or_more_set_start": _PATH,
    "property-path/zero_or_more_set_end": _PATH,
    "property-path/zero_or_one_set_start": _PATH,
    "property-path/zero_or_one_set_end": _PATH,
    "csv-tsv-res/csv03": _SPELLING,
    "csv-tsv-res/tsv03": _SPELLING,
    "update-silent/load-silent": _LOAD,
    "update-silent/load-into-silent": _LOAD,
    "syntax-update-1/test_1": _LOAD,
    "syntax-update-1/test_2": _LOAD,
    "syntax-update-1/test_3": _LOAD,
    "syntax-update-1/test_4": _LOAD,
    "syntax-update-1/test_37": _LOAD,
}
