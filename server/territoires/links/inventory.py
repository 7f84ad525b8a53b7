"""Which links the named graphs state, and what the shapes and checks find wrong with them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import pyoxigraph as ox

from territoires.changes import Changes
from territoires.graph import KnowledgeGraph
from territoires.namespaces import expand
from territoires.validation import Progress, Report, validate

PROPERTIES: Final = ("owl:sameAs", "schema:sameAs")
DATASETS: Final[dict[str, re.Pattern[str]]] = {
    "wikidata": re.compile(r"http://www\.wikidata\.org/entity/"),
    "insee": re.compile(r"http://id\.insee\.fr/geo/[a-z]+/[0-9AB]{2,5}$"),
    "insee-dated": re.compile(r"http://id\.insee\.fr/geo/[a-z]+/[0-9a-f]{8}-"),
    "ign": re.compile(r"http://data\.ign\.fr/id/"),
    "datagouv": re.compile(r"https://www\.data\.gouv\.fr/api/1/spatial/zone/"),
}
"""Name of a dataset that is linked to -> how its IRIs begin."""


@dataclass(frozen=True, slots=True)
class Link:
    """One statement that a thing of ours is, or is described, elsewhere."""

    thing: str
    relation: str
    """Prefixed name: `owl:sameAs` or `schema:sameAs`."""
    target: str
    graph: str
    """IRI of the named graph that states it."""

    @property
    def dataset(self) -> str:
        """Key of `DATASETS`; for another one, the host."""
        known = (name for name, form in DATASETS.items() if form.match(self.target))
        return next(known, urlsplit(self.target).hostname or self.target)


def inventory(graph: KnowledgeGraph) -> list[Link]:
    """Return every link between IRIs that a named graph states; sorted by dataset, then target."""
    return sorted(_links(graph), key=lambda link: (link.dataset, link.target, link.thing))


def judge(graph: KnowledgeGraph, links: Iterable[Link], progress: Progress = lambda _: None) -> Report:
    """Judge links by the shapes and checks about them: those with `link` in the name of their file.

    Raises:
        DataError: if one of these files is wrong.
    """
    triples = frozenset(
        ox.Triple(ox.NamedNode(link.thing), ox.NamedNode(expand(link.relation)), ox.NamedNode(link.target))
        for link in links
    )
    return validate(graph, changes=Changes(triples), only=_is_about_links, progress=progress)


def _is_about_links(file: Path) -> bool:
    return "link" in file.stem.casefold()


def _links(graph: KnowledgeGraph) -> Iterator[Link]:
    for name in PROPERTIES:
        for quad in graph.store.quads_for_pattern(None, ox.NamedNode(expand(name)), None):
            nodes = (quad.subject, quad.object, quad.graph_name)
            if all(isinstance(node, ox.NamedNode) for node in nodes):
                thing, target, place = (getattr(node, "value", "") for node in nodes)
                yield Link(thing, name, target, place)
