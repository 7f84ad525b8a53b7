"""Every IRI prefix of the project, once.

rdflib's own DCAT namespace lacks the terms of DCAT 3, so plain strings are used throughout.
"""

from __future__ import annotations

from typing import Final

BASE: Final = "https://w3id.org/territoires-industrie/"
"""Base of every IRI that the project mints; deployments redirect to wherever the server runs."""

DERIVED: Final = BASE + "graph/derived"
"""The graph that `territoires build` writes."""

CHANGES: Final = BASE + "graph/changes"
"""The graph that tells of the changes of the others; there is none before the first."""

PREFIXES: Final[dict[str, str]] = {
    "ti": BASE + "def#",
    "igeo": "http://rdf.insee.fr/def/geo#",
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    "owl": "http://www.w3.org/2002/07/owl#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
    "skos": "http://www.w3.org/2004/02/skos/core#",
    "dct": "http://purl.org/dc/terms/",
    "dcat": "http://www.w3.org/ns/dcat#",
    "adms": "http://www.w3.org/ns/adms#",
    "foaf": "http://xmlns.com/foaf/0.1/",
    "geo": "http://www.opengis.net/ont/geosparql#",
    "geof": "http://www.opengis.net/def/function/geosparql/",
    "org": "http://www.w3.org/ns/org#",
    "prov": "http://www.w3.org/ns/prov#",
    "schema": "https://schema.org/",
    "sd": "http://www.w3.org/ns/sparql-service-description#",
    "sh": "http://www.w3.org/ns/shacl#",
    "spdx": "http://spdx.org/rdf/terms#",
    "vann": "http://purl.org/vocab/vann/",
    "voaf": "http://purl.org/vocommons/voaf#",
    "void": "http://rdfs.org/ns/void#",
    "wd": "http://www.wikidata.org/entity/",
}
"""Prefix -> namespace IRI, in the order in which files declare them."""


def sparql_prologue() -> str:
    """Return `PREFIX` lines for every prefix (SPARQL 1.1 §4.1.1)."""
    return "".join(f"PREFIX {prefix}: <{iri}>\n" for prefix, iri in PREFIXES.items())


def expand(name: str) -> str:
    """Return the IRI of a prefixed name such as `ti:Territory`.

    Raises:
        KeyError: if the prefix is not one of `PREFIXES`.
    """
    prefix, _, local = name.partition(":")
    return PREFIXES[prefix] + local


def compact(iri: str) -> str:
    """Return `iri` as people read it: prefixed, relative to `BASE`, or whole."""
    for prefix, namespace in PREFIXES.items():
        if iri.startswith(namespace) and "/" not in (local := iri[len(namespace) :]):
            return f"{prefix}:{local}"
    return iri.removeprefix(BASE)
