"""Tells of a change in the graph: a PROV activity with its agent, its message, what it touched and its patch."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import pyoxigraph as ox

from territoires.edits import Edit
from territoires.graph import KnowledgeGraph
from territoires.history.patches import SUFFIX, change_iri, patch_name, write_patch
from territoires.history.signing import Signature
from territoires.namespaces import BASE, CHANGES, expand

MOST_ENTITIES: Final = 50
"""Entities that are named for a change, those with most quads first; its patch has all."""
_GRAPH: Final = ox.NamedNode(CHANGES)
_DATASET: Final = ox.NamedNode(f"{BASE}dataset")
_TYPE: Final = ox.NamedNode(expand("rdf:type"))
_CHANGE: Final = ox.NamedNode(expand("ti:Change"))


@dataclass(frozen=True, slots=True)
class Record:
    """What tells of a change."""

    number: int
    """1, 2, …"""
    edit: Edit
    """What comes into the graph `graph/changes`."""
    files: dict[str, bytes]
    """The patch, by its path below the graph folder."""


def record(graph: KnowledgeGraph, edit: Edit, signature: Signature, *, before: str, after: str) -> Record:
    """Return what tells of a change; takes milliseconds, however many there were before.

    Args:
        graph: the dataset, before or after the change.
        edit: what was changed in the sources and the ontology.
        signature: who did it, when and why.
        before: SHA-256 of the sources before, as hexadecimal digits.
        after: the same after.
    """
    number = last_number(graph) + 1
    triples = _triples(edit, signature, number, (before, after))
    quads = {ox.Quad(one.subject, one.predicate, one.object, _GRAPH) for one in triples}
    if number == 1 and any(graph.store.quads_for_pattern(_DATASET, _TYPE, None)):
        quads.add(ox.Quad(_DATASET, ox.NamedNode(expand("dct:hasPart")), _GRAPH, _GRAPH))
    new = frozenset(quad for quad in quads if quad not in graph.store)
    return Record(number, Edit(added=new), {patch_name(number): write_patch(edit, number)})


def last_number(graph: KnowledgeGraph) -> int:
    """Return the number of the last change, 0 if there was none: they have no gaps, so that a few look-ups find it."""

    def there(number: int) -> bool:
        return ox.Quad(ox.NamedNode(change_iri(number)), _TYPE, _CHANGE, _GRAPH) in graph.store

    above = 1
    while there(above):
        above *= 2
    below = above // 2
    while above - below > 1:
        middle = (above + below) // 2
        below, above = (middle, above) if there(middle) else (below, middle)
    return below


def _triples(edit: Edit, signature: Signature, number: int, digests: tuple[str, str]) -> Iterator[ox.Triple]:
    change, agent = change_iri(number), f"{BASE}id/agent/{signature.slug}"
    time = signature.time.strftime("%Y-%m-%dT%H:%M:%SZ")
    facts: list[tuple[str, str, ox.NamedNode | ox.Literal]] = [
        (change, "rdf:type", _CHANGE),
        (change, "rdf:type", _iri("prov:Activity")),
        (change, "rdfs:label", ox.Literal(f"Change {number}", language="en")),
        (change, "rdfs:label", ox.Literal(f"Modification {number}", language="fr")),
        (change, "dct:identifier", ox.Literal(number)),
        (change, "prov:endedAtTime", ox.Literal(time, datatype=_iri("xsd:dateTime"))),
        (change, "prov:wasAssociatedWith", ox.NamedNode(agent)),
        (change, "prov:generated", ox.NamedNode(f"{BASE}changes/{number}.{SUFFIX}")),
        (change, "ti:quadsRemoved", ox.Literal(len(edit.removed))),
        (change, "ti:quadsAdded", ox.Literal(len(edit.added))),
        (change, "ti:digestBefore", ox.Literal(digests[0], datatype=_iri("xsd:hexBinary"))),
        (change, "ti:digestAfter", ox.Literal(digests[1], datatype=_iri("xsd:hexBinary"))),
        (agent, "rdf:type", _iri("prov:Agent")),
        (agent, "rdf:type", _iri("foaf:Agent")),
        (agent, "foaf:name", ox.Literal(signature.agent)),
    ]
    if signature.message:
        facts.append((change, "dct:description", ox.Literal(signature.message)))
    if number > 1:
        facts.append((change, "prov:wasInformedBy", ox.NamedNode(change_iri(number - 1))))
    facts += [(change, "schema:targetCollection", ox.NamedNode(name)) for name in edit.graphs]
    facts += [(change, "schema:object", entity) for entity in touched(edit)]
    for subject, predicate, object_ in facts:
        yield ox.Triple(ox.NamedNode(subject), _iri(predicate), object_)


def touched(edit: Edit) -> list[ox.NamedNode]:
    """Return the things of which a change says something else, at most `MOST_ENTITIES`: those with most quads first."""
    counts = Counter(quad.subject for quad in (*edit.removed, *edit.added) if isinstance(quad.subject, ox.NamedNode))
    return sorted(counts, key=lambda one: (-counts[one], one.value))[:MOST_ENTITIES]


def _iri(name: str) -> ox.NamedNode:
    return ox.NamedNode(expand(name))
