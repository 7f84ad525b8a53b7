"""Small helpers with which importers write triples."""

from __future__ import annotations

from collections.abc import Iterator

import pyoxigraph as ox

from territoires.namespaces import BASE, expand

type_ = ox.NamedNode(expand("rdf:type"))
_INTEGER = ox.NamedNode(expand("xsd:integer"))
_YEAR = ox.NamedNode(expand("xsd:gYear"))

Object = ox.NamedNode | ox.Literal


def thing(kind: str, key: str) -> ox.NamedNode:
    """Return the IRI of one of our resources, such as `thing("commune", "81004")`."""
    return ox.NamedNode(f"{BASE}id/{kind}/{key}")


def term(name: str) -> ox.NamedNode:
    """Return the IRI of a prefixed name, such as `term("ti:phase")`."""
    return ox.NamedNode(expand(name))


def french(text: str) -> ox.Literal:
    """Return `text` as French."""
    return ox.Literal(text, language="fr")


def integer(value: int) -> ox.Literal:
    """Return `value` as `xsd:integer`."""
    return ox.Literal(str(value), datatype=_INTEGER)


def year(value: int) -> ox.Literal:
    """Return `value` as `xsd:gYear`."""
    return ox.Literal(str(value), datatype=_YEAR)


def describe(
    subject: ox.NamedNode, types: tuple[str, ...], **facts: Object | list[Object] | None
) -> Iterator[ox.Triple]:
    """Yield the statements about `subject`; fact names are prefixed names with `_` for `:`, None is left out."""
    for name in types:
        yield ox.Triple(subject, type_, term(name))
    for name, value in facts.items():
        predicate = term(name.replace("_", ":", 1))
        for object_ in value if isinstance(value, list) else [value]:
            if object_ is not None:
                yield ox.Triple(subject, predicate, object_)
