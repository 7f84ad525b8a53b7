"""The one table of RDF and result formats: name, media types, suffix, and what each can hold."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

import pyoxigraph as ox

from territoires.errors import NotFoundError, Text

Kind = Literal["bindings", "boolean", "graph"]
"""Form of an answer: SELECT gives bindings, ASK a boolean, CONSTRUCT and DESCRIBE a graph."""


@dataclass(frozen=True, slots=True)
class Format:
    """A syntax; the first media type is the one that answers carry, the others are understood in `Accept`."""

    name: str
    media_types: tuple[str, ...]
    suffix: str
    title: str
    aliases: tuple[str, ...] = ()
    """Other names by which clients ask for it."""
    results: ox.QueryResultsFormat | None = None
    rdf: ox.RdfFormat | None = None

    @property
    def media_type(self) -> str:
        """Media type of answers, without parameters."""
        return self.media_types[0]

    @property
    def content_type(self) -> str:
        """Value of the `Content-Type` header; text formats say that they are UTF-8."""
        return f"{self.media_type}; charset=utf-8" if self.media_type.startswith("text/") else self.media_type

    @property
    def holds_dataset(self) -> bool:
        """Whether named graphs survive in this format."""
        return self.rdf is not None and self.rdf.supports_datasets


_RESULTS: Final = ox.QueryResultsFormat
_RDF: Final = ox.RdfFormat

RESULT_FORMATS: Final = (
    Format(
        "json", ("application/sparql-results+json", "application/json"), "srj", "SPARQL JSON", results=_RESULTS.JSON
    ),
    Format(
        "xml",
        ("application/sparql-results+xml", "application/xml", "text/xml"),
        "srx",
        "SPARQL XML",
        results=_RESULTS.XML,
    ),
    Format("csv", ("text/csv",), "csv", "CSV", results=_RESULTS.CSV),
    Format("tsv", ("text/tab-separated-values",), "tsv", "TSV", results=_RESULTS.TSV),
)
"""What SELECT and ASK can be written as, the server's own preference first."""

GRAPH_FORMATS: Final = (
    Format("turtle", ("text/turtle", "application/x-turtle"), "ttl", "Turtle", ("n3",), rdf=_RDF.TURTLE),
    Format(
        "jsonld",
        ("application/ld+json", "application/json"),
        "jsonld",
        "JSON-LD",
        ("json-ld", "json"),
        rdf=_RDF.JSON_LD,
    ),
    Format("ntriples", ("application/n-triples", "text/plain"), "nt", "N-Triples", rdf=_RDF.N_TRIPLES),
    Format(
        "rdfxml",
        ("application/rdf+xml", "application/xml", "text/xml"),
        "rdf",
        "RDF/XML",
        ("rdf+xml", "xml"),
        rdf=_RDF.RDF_XML,
    ),
    Format("trig", ("application/trig",), "trig", "TriG", rdf=_RDF.TRIG),
    Format("nquads", ("application/n-quads",), "nq", "N-Quads", rdf=_RDF.N_QUADS),
)
"""What CONSTRUCT, DESCRIBE and exports can be written as, the server's own preference first."""


def formats_for(kind: Kind) -> tuple[Format, ...]:
    """Return the formats that can hold an answer of `kind`, preferred first."""
    return GRAPH_FORMATS if kind == "graph" else RESULT_FORMATS


def format_named(name: str, offered: tuple[Format, ...] | None = None) -> Format:
    """Return the format called `name` (or with that suffix, or media type) among `offered`, by default all.

    Raises:
        NotFoundError: if there is none; the hint lists what there is.
    """
    wanted = name.strip().lower()
    offered = offered or (*RESULT_FORMATS, *GRAPH_FORMATS)
    for format_ in offered:
        if wanted in {format_.name, format_.suffix, *format_.aliases, *format_.media_types}:
            return format_
    names = ", ".join(format_.name for format_ in offered)
    raise NotFoundError(
        Text(f"there is no format {name!r} for this answer", f"il n'y a pas de format {name!r} pour cette réponse"),
        hint=Text(f"one of: {names}", f"au choix : {names}"),
    )
