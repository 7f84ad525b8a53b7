"""How long rules take to follow a change of the shipped graph: `python -m tests.bench.rules`."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pyoxigraph as ox

from territoires.edits import Edit
from territoires.engine import delta
from territoires.graph import KnowledgeGraph, load
from territoires.namespaces import BASE, PREFIXES
from territoires.root import find_root
from territoires.rules.incremental import prepare, rederive
from territoires.rules.running import GRAPH

ROUNDS = 3


def _kinds(graph: KnowledgeGraph) -> Iterator[tuple[str, Edit]]:
    def quads(name: str, subject: ox.NamedNode | None = None) -> list[ox.Quad]:
        prefix, local = name.split(":")
        found = graph.store.quads_for_pattern(subject, ox.NamedNode(PREFIXES[prefix] + local), None)
        return sorted((q for q in found if q.graph_name not in {ox.DefaultGraph(), GRAPH}), key=str)

    def instead(old: ox.Quad, new: ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple) -> Edit:
        return Edit(frozenset([old]), frozenset([ox.Quad(old.subject, old.predicate, new, old.graph_name)]))

    albi = ox.NamedNode(f"{BASE}id/commune/81004")
    people, group = quads("ti:legalPopulation", albi)[0], quads("ti:inIntercommunality", albi)[0]
    yield "population of a commune", instead(people, quads("ti:legalPopulation")[7].object)
    yield "commune of another group", instead(group, quads("ti:inIntercommunality")[0].object)
    members = quads("ti:includes")
    yield "member removed", Edit(removed=frozenset(members[:1]))
    first, last = members[0], members[-1]
    yield (
        "member added",
        Edit(added=frozenset([ox.Quad(first.subject, first.predicate, last.object, first.graph_name)])),
    )
    gone = graph.store.quads_for_pattern(members[50].subject, None, None, members[50].graph_name)
    yield "territory removed", Edit(removed=frozenset(gone))
    yield "label", Edit(removed=frozenset(quads("rdfs:label", albi)[:1]))
    yield "end of a phase (run whole)", Edit(removed=frozenset(quads("ti:endYear", ox.NamedNode(f"{BASE}id/phase/1"))))
    yield "class of another (run whole)", Edit(removed=frozenset(quads("rdfs:subClassOf")[:1]))


def main() -> None:
    """Print the milliseconds of each kind of change, and those of this process: others may keep the processor busy."""
    graph = load(find_root())
    start = time.perf_counter()
    prepare(graph.root)
    print(f"{'rules read, once':32} {1000 * (time.perf_counter() - start):6.0f} ms")  # noqa: T201
    for name, edit in _kinds(graph):
        times, own = [], []
        _put(graph, edit)
        for _ in range(ROUNDS):
            start, used = time.perf_counter(), time.process_time()
            derived = rederive(graph, edit)
            times.append(1000 * (time.perf_counter() - start))
            own.append(1000 * (time.process_time() - used))
        _put(graph, edit.inverse)
        triples = f"-{len(derived.removed)} +{len(derived.added)}"
        print(f"{name:32} {min(times):6.0f} to {max(times):6.0f} ms, own {min(own):6.0f} ms  {triples}")  # noqa: T201


def _put(graph: KnowledgeGraph, edit: Edit) -> None:
    delta.apply(graph, delta.Delta("", graph.graphs, tuple(edit.removed), tuple(edit.added)))


if __name__ == "__main__":
    main()
