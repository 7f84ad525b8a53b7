"""How long the door takes, on a copy of the shipped graph that is loaded: `python -m tests.bench.gate [--rounds 5]`.

One fact; and the graph of all communes with another population for each, which is more than is followed or published as
a difference: every rule is run, and the files are loaded again (not timed here).
"""

from __future__ import annotations

import argparse
import datetime as dt
import os
import shutil
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pyoxigraph as ox

from territoires import rules, validation
from territoires.commit.door import Commit, change
from territoires.edits import Edit
from territoires.graph import KnowledgeGraph, load
from territoires.history import Signature
from territoires.namespaces import BASE, expand
from territoires.root import FOLDERS, Root, find_root

GRAPH = ox.NamedNode(f"{BASE}graph/facts/cner-2025-05-27")
COMMUNES = ox.NamedNode(f"{BASE}graph/cog-2026")


def one_fact(graph: KnowledgeGraph, number: int) -> Edit:
    """Return an edit of one locator."""
    [old, *_] = graph.store.quads_for_pattern(None, ox.NamedNode(expand("ti:locator")), None, GRAPH)
    return Edit(frozenset({old}), frozenset({ox.Quad(old.subject, old.predicate, ox.Literal(f"p. {number}"), GRAPH)}))


def all_communes(graph: KnowledgeGraph, number: int) -> Edit:
    """Return an edit that gives every commune some more inhabitants."""
    olds = [*graph.store.quads_for_pattern(None, ox.NamedNode(expand("ti:legalPopulation")), None, COMMUNES)]

    def newer() -> Iterator[ox.Quad]:
        for old in olds:
            assert isinstance(old.object, ox.Literal)
            value = ox.Literal(str(int(old.object.value) + number), datatype=old.object.datatype)
            yield ox.Quad(old.subject, old.predicate, value, COMMUNES)

    return Edit(frozenset(olds), frozenset(newer()))


def timed(root: Root, make: Callable[[KnowledgeGraph, int], Edit], rounds: int) -> Iterator[tuple[float, Commit]]:
    """Yield how long each change took, of a graph that is loaded anew for it."""
    for number in range(1, rounds + 1):
        graph = load(root)
        edit = make(graph, number)
        start = time.perf_counter()
        done = change(graph, edit, signature=Signature("bench", "", dt.datetime.now(dt.UTC)))
        yield time.perf_counter() - start, done


def main() -> None:
    """Print the median seconds of each step."""
    parser = argparse.ArgumentParser(description=__doc__, epilog="Example: python -m tests.bench.gate --rounds 3")
    parser.add_argument("--rounds", type=int, default=5)
    rounds = parser.parse_args().rounds
    shipped = find_root()
    with tempfile.TemporaryDirectory() as temporary:
        root = Root(Path(temporary))
        for folder in FOLDERS:
            if (shipped.path / folder).is_dir():
                shutil.copytree(shipped.path / folder, root.path / folder)
        rules.prepare(root)
        validation.prepare(root)
        for name, make, count in (("one fact", one_fact, rounds), ("all communes", all_communes, 1)):
            found = [*timed(root, make, count)]
            median = statistics.median(seconds for seconds, _ in found)
            print(f"{name}: {median:.2f} s, median of {count}; load {os.getloadavg()[0]:.1f}")  # noqa: T201
            for step in found[0][1].seconds:
                print(f"  {step:8} {statistics.median(done.seconds[step] for _, done in found):6.3f} s")  # noqa: T201


if __name__ == "__main__":
    main()
