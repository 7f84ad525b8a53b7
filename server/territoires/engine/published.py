"""What a remote server holds of ours: a small graph in it names each graph that was published, with its digest.

It is not part of the dataset that queries see. Neither is the graph `MERGED`, which holds what the graphs that stand
for themselves in the merge do not (decision 57).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

import pyoxigraph as ox

_SPACE: Final = "urn:x-territoires:"
PUBLISHED: Final = f"{_SPACE}published"
"""The graph that says it."""
MERGED: Final = f"{_SPACE}merged"
"""The graph with what is in the merge and in none of the graphs that stand for themselves."""
_VERSION: Final = f"{_SPACE}version"
_DIGEST: Final = f"{_SPACE}digest"
_WHOLE: Final = f"{_SPACE}partOfMerge"

ALL: Final = f"SELECT ?s ?p ?o FROM <{PUBLISHED}> WHERE {{ ?s ?p ?o }}"  # noqa: S608  (constants)
"""Asks for all that it says."""
VERSION: Final = f"SELECT ?o FROM <{PUBLISHED}> WHERE {{ <{PUBLISHED}> <{_VERSION}> ?o }}"  # noqa: S608
"""Asks for the version only."""


@dataclass(frozen=True, slots=True)
class Published:
    """The state of a remote server."""

    version: str
    """Digest of the dataset; while graphs are being sent, a word that no dataset has."""
    digests: Mapping[str, str] = field(default_factory=dict)
    """Digest of each graph that is there whole."""
    merge: tuple[str, ...] = ()
    """Graphs that share no triple and together are the merge of all."""

    @property
    def graphs(self) -> tuple[str, ...]:
        """IRIs of the named graphs, sorted."""
        return tuple(sorted(self.digests.keys() - {MERGED}))

    def to_ntriples(self) -> bytes:
        """Return the graph `PUBLISHED`."""
        facts = [(PUBLISHED, _VERSION, self.version)]
        facts += [(name, _DIGEST, digest) for name, digest in self.digests.items()]
        facts += [(name, _WHOLE, "true") for name in self.merge]
        triples = (ox.Triple(ox.NamedNode(s), ox.NamedNode(p), ox.Literal(o)) for s, p, o in facts)
        return ox.serialize(triples, format=ox.RdfFormat.N_TRIPLES) or b""


def facts_in(content: bytes) -> list[tuple[str, ...]]:
    """Return the rows of an answer in JSON as texts: results of pyoxigraph must not outlive their thread.

    Raises:
        ValueError, SyntaxError: if it is no answer to a SELECT.
    """
    results = ox.parse_query_results(content, format=ox.QueryResultsFormat.JSON)
    if not isinstance(results, ox.QuerySolutions):
        raise ValueError("no solutions")  # noqa: TRY004  (of an answer, not of an argument)
    return [tuple(term.value for term in row if isinstance(term, ox.NamedNode | ox.Literal)) for row in results]


def read(content: bytes) -> Published | None:
    """Return what the answer to `ALL` in JSON says; None where nothing was published.

    Raises:
        ValueError, SyntaxError: if it is none.
    """
    facts = [row for row in facts_in(content) if len(row) == len(("s", "p", "o"))]
    version = next((value for subject, what, value in facts if (subject, what) == (PUBLISHED, _VERSION)), None)
    if version is None:
        return None
    digests = {subject: value for subject, what, value in facts if what == _DIGEST}
    return Published(version, digests, tuple(sorted(subject for subject, what, _ in facts if what == _WHOLE)))
