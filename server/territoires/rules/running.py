"""Runs whole rules, each in a process of its own with a time limit, because nothing else stops a query."""

from __future__ import annotations

import multiprocessing
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import groupby
from pathlib import Path
from typing import Final

import pyoxigraph as ox

from territoires.engine.embedded import EmbeddedEngine
from territoires.errors import DataError, Place, RuleError, TerritoiresError, Text
from territoires.formats import format_named
from territoires.graph import KnowledgeGraph, load
from territoires.guard import admit
from territoires.namespaces import DERIVED
from territoires.root import Root
from territoires.rules.files import Rule, derived_document, derived_file, inputs_digest, load_rules

TIME_LIMIT: Final = 60.0
"""Seconds that one rule may take."""

GRAPH: Final = ox.NamedNode(DERIVED)

# Where the platform forks, a rule's process inherits the loaded store instead of loading it again.
FORKS: Final = "fork" in multiprocessing.get_all_start_methods()
_Process: Final = getattr(multiprocessing.get_context("fork" if FORKS else "spawn"), "Process")  # noqa: B009  (per platform)
_inherited: list[KnowledgeGraph] = []


@dataclass(frozen=True, slots=True)
class Timing:
    """What one rule did."""

    rule: str
    triples: int
    seconds: float


def derive(root: Root, *, limit: float = TIME_LIMIT, done: Callable[[Timing], None] = lambda _: None) -> str:
    """Return the derived graph of `root` as Turtle.

    Args:
        root: the graph folder; its present derived graph is not looked at.
        limit: seconds that one rule may take.
        done: told of each rule that has run.

    Raises:
        RuleError: if a rule fails or takes longer than `limit`.
        TurtleError: if a source does not parse.
    """
    inputs = inputs_digest(root)
    graph = load(root, without=derived_file(root))
    graph = replace(graph, default_graphs=(*graph.default_graphs, GRAPH))
    conclude(graph, limit=limit, done=done)
    facts = (quad.triple for quad in graph.store.quads_for_pattern(None, None, None, GRAPH))
    return derived_document(facts, inputs)


def conclude(
    graph: KnowledgeGraph, *, limit: float = TIME_LIMIT, done: Callable[[Timing], None] = lambda _: None
) -> None:
    """Run every rule on the sources in `graph` and put what follows into its derived graph, which is empty before.

    Raises:
        RuleError: if a rule fails or takes longer than `limit` seconds.
    """
    for _, rules in groupby(load_rules(graph.root), key=lambda rule: rule.stratum):
        derived: list[ox.Quad] = []
        for rule in rules:
            start = time.perf_counter()
            triples = run(rule, graph, limit)
            derived += [ox.Quad(t.subject, t.predicate, t.object, GRAPH) for t in triples if not _is_stated(graph, t)]
            done(Timing(rule.file.name, len(triples), time.perf_counter() - start))
        graph.store.extend(derived)


def _is_stated(graph: KnowledgeGraph, triple: ox.Triple) -> bool:
    return next(iter(graph.store.quads_for_pattern(*triple)), None) is not None


def run(rule: Rule, graph: KnowledgeGraph, limit: float) -> list[ox.Triple]:
    """Return what `rule` concludes from `graph`.

    Raises:
        RuleError: if it fails or takes longer than `limit` seconds.
    """
    with tempfile.TemporaryDirectory() as folder:
        output, before = Path(folder, "output.nt"), Path(folder, "before.nt")
        if not FORKS:
            graph.store.dump(output=str(before), format=ox.RdfFormat.N_TRIPLES, from_graph=GRAPH)
        _inherited[:] = [graph]
        process = _Process(target=_evaluate, args=(rule, output, graph.root, before), daemon=True)
        process.start()
        process.join(limit)
        _inherited.clear()
        if process.is_alive():
            process.kill()
            process.join()
            raise failure(rule, graph.root, Text(f"took more than {limit:g} s", f"a pris plus de {limit:g} s"))
        if not output.exists():
            raise failure(rule, graph.root, Text("ended its process", "a mis fin à son processus"))
        content = output.read_bytes()
    if process.exitcode:
        reason = content.decode()
        raise failure(rule, graph.root, Text(reason, reason))
    return [quad.triple for quad in ox.parse(content, format=ox.RdfFormat.N_TRIPLES)]


def _evaluate(rule: Rule, output: Path, root: Root, before: Path) -> None:
    """Run one rule; the body of its process."""
    partial = output.with_suffix(".partial")
    try:
        graph = _inherited[0] if _inherited else _reload(root, before)
        partial.write_bytes(answer(rule.text, graph))
    except TerritoiresError as error:
        partial.write_text(str(error), encoding="utf-8")
        partial.replace(output)
        raise SystemExit(1) from error
    partial.replace(output)


def answer(text: str, graph: KnowledgeGraph) -> bytes:
    """Return what the CONSTRUCT query `text` makes of `graph`, as N-Triples.

    Raises:
        DataError: if it is another kind of query.
        TerritoiresError: if it may not run or fails.
    """
    query = admit(text)
    if query.kind != "graph":
        raise DataError(Text("a rule is a CONSTRUCT query", "une règle est une requête CONSTRUCT"))
    return EmbeddedEngine(graph).run(query, format_named("ntriples"))


def _reload(root: Root, before: Path) -> KnowledgeGraph:
    graph = load(root, without=derived_file(root))
    graph.store.load(path=str(before), format=ox.RdfFormat.N_TRIPLES, to_graph=GRAPH)
    return replace(graph, default_graphs=(*graph.default_graphs, GRAPH))


def failure(rule: Rule, root: Root, reason: Text) -> RuleError:
    """Return the error that says why `rule` failed."""
    return RuleError(
        Text(f"this rule failed: {reason.en}", f"cette règle a échoué : {reason.fr}"),
        place=Place(root.relative(rule.file)),
        hint=Text(
            "try its WHERE part with `territoires query`; materialise in a lower stratum what it joins",
            "essayez sa partie WHERE avec `territoires query` ; matérialisez plus bas ce qu'elle joint",
        ),
    )
