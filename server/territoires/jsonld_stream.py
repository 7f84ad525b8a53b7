"""JSON-LD 1.1 of a whole dataset, compacted by the project's context and written subject by subject.

A term of the context is used where its plain form says what the value is; any other value is written out (`@value`,
`@type`, `@language`) or under its prefixed name, so that the document holds the dataset whatever the context says.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby
from operator import attrgetter
from typing import Any, Final

import pyoxigraph as ox

from territoires.jsonld import Context, native
from territoires.namespaces import BASE, PREFIXES
from territoires.turtle import relative

_TYPE: Final = PREFIXES["rdf"] + "type"
_STRING: Final = PREFIXES["xsd"] + "string"
_KEYS: Final = {"@id", "@type", "@language", "@container"}
"""What a definition may hold for its term to be used here."""


@dataclass(frozen=True, slots=True)
class _Term:
    name: str
    type: str | None = None
    """`@id`, an IRI, or None for values that say themselves what they are."""
    language: str | None = None
    by_language: bool = False
    as_set: bool = False


class Compactor:
    """Compacts one subject after the other by a context of prefixes, aliases and terms (JSON-LD 1.1 §5)."""

    def __init__(self, context: Context) -> None:
        self._prefixes: dict[str, str] = {
            name: iri
            for name, iri in context.items()
            if isinstance(iri, str) and "://" in iri and iri.endswith(("#", "/")) and not name.startswith("@")
        }
        self._base = context.get("@base") == BASE
        self._language: str | None = context.get("@language")
        aliases = {iri: name for name, iri in context.items() if isinstance(iri, str)}
        self.id, self.type, self.graph = (aliases.get(word, word) for word in ("@id", "@type", "@graph"))
        self._terms = {term_iri: term for term_iri, term in map(self._term, context.items()) if term_iri}
        self._iris = {term.name: iri for iri, term in self._terms.items()}
        self._names: dict[str, str] = {}

    def node(self, subject: object, triples: Iterable[ox.Triple | ox.Quad]) -> dict[str, Any]:
        """Return the node object (JSON-LD 1.1 §9.3) of `subject`, whose statements are `triples`."""
        node: dict[str, Any] = {self.id: self.reference(subject)}
        for triple in triples:
            predicate, object_ = triple.predicate.value, triple.object
            if predicate == _TYPE and isinstance(object_, ox.NamedNode):
                _add(node, self.type, self.name(object_.value))
            else:
                self.state(node, predicate, object_)
        return node

    def embed(self, node: dict[str, Any], predicate: str, child: dict[str, Any]) -> None:
        """Let the property `predicate` of a node object hold another node object."""
        term = self._terms.get(predicate)
        _add(node, self.name(predicate), child, always=bool(term and term.as_set))

    def iri(self, key: str) -> str:
        """Return the IRI of a key of a node object: a term, or a prefixed name."""
        return self._iris.get(key) or self._expanded(key)

    def reference(self, node: object) -> str:
        """Return how `@id` names a node: relative to the base where the context declares ours."""
        if not isinstance(node, ox.NamedNode):
            return str(node)
        return (relative(node.value) if self._base else None) or node.value

    def name(self, iri: str) -> str:
        """Return the term, the prefixed name or else the IRI by which keys and types name `iri`."""
        if iri not in self._names:
            term = self._terms.get(iri)
            self._names[iri] = term.name if term else self._prefixed(iri)
        return self._names[iri]

    def _term(self, item: tuple[str, Any]) -> tuple[str | None, _Term]:
        name, definition = item
        parts: Mapping[str, Any] = {"@id": definition} if isinstance(definition, str) else definition
        if name.startswith("@") or name in self._prefixes or parts.keys() - _KEYS or "@id" not in parts:
            return None, _Term(name)
        type_, container = parts.get("@type"), parts.get("@container")
        term = _Term(
            name,
            type_ if type_ in {None, "@id"} else self._expanded(type_),
            parts.get("@language", self._language),
            by_language=container == "@language",
            as_set=container == "@set",
        )
        usable = container in {None, "@set", "@language"} and not parts["@id"].startswith("@")
        return (self._expanded(parts["@id"]) if usable else None), term

    def _expanded(self, name: str) -> str:
        prefix, colon, local = name.partition(":")
        return self._prefixes[prefix] + local if colon and prefix in self._prefixes else name

    def _prefixed(self, iri: str) -> str:
        for prefix, namespace in self._prefixes.items():
            # `//` after the colon would make it an IRI (JSON-LD 1.1 API §5.2).
            if iri.startswith(namespace) and len(iri) > len(namespace) and not iri.startswith("//", len(namespace)):
                return f"{prefix}:{iri[len(namespace) :]}"
        return iri

    def state(self, node: dict[str, Any], predicate: str, object_: object) -> None:
        """Let a node object say one statement about its subject."""
        term = self._terms.get(predicate)
        if term and term.by_language:
            if isinstance(object_, ox.Literal) and object_.language:
                _add(node.setdefault(term.name, {}), object_.language, object_.value)
                return
            term = None
        key = term.name if term else self._prefixed(predicate)
        value = self._value(object_, term or _Term(key, language=self._language))
        _add(node, key, value, always=bool(term and term.as_set))

    def _value(self, object_: object, term: _Term) -> object:
        if not isinstance(object_, ox.Literal):
            reference = self.reference(object_)
            return reference if term.type == "@id" else {self.id: reference}
        text, language, datatype = object_.value, object_.language, object_.datatype.value
        if language:
            plain = term.type is None and term.language == language
            return text if plain else {"@value": text, "@language": language}
        if datatype == _STRING:
            return text if term.type is None and term.language is None else {"@value": text}
        if datatype == term.type:
            return text
        value = native({"@value": text, "@type": datatype})
        if "@type" not in value:
            return value["@value"] if term.type is None else value
        return {"@value": text, "@type": self.name(datatype)}


def _add(node: dict[str, Any], key: str, value: object, *, always: bool = False) -> None:
    """Add `value` to what `key` says; several values, and those of a set, are an array."""
    if key not in node:
        node[key] = [value] if always else value
    elif isinstance(node[key], list):
        node[key].append(value)
    else:
        node[key] = [node[key], value]


def write_dataset(quads: Iterable[ox.Quad], context: Context) -> Iterator[bytes]:
    """Yield a JSON-LD document with one `@graph` per named graph, holding one subject at a time in memory.

    Args:
        quads: statements, those of a graph together and those of a subject together.
        context: terms; written into the document.
    """
    compactor = Compactor(context)
    yield b'{"@context": ' + _json(context) + b',\n"@graph": ['
    before = b"\n"
    for graph, inside in groupby(quads, attrgetter("graph_name")):
        nodes = (compactor.node(subject, about) for subject, about in groupby(inside, attrgetter("subject")))
        if isinstance(graph, ox.DefaultGraph):
            yield before + b",\n".join(map(_json, nodes))
        else:
            name = {compactor.id: compactor.reference(graph)}
            yield before + _json(name)[:-1] + b", " + _json(compactor.graph) + b": [\n"
            for number, node in enumerate(nodes):
                yield (b",\n" if number else b"") + _json(node)
            yield b"\n]}"
        before = b",\n"
    yield b"\n]}\n"


def _json(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode()
