"""Derived facts: `rules/NN-*.rq`, SPARQL CONSTRUCT in numbered strata, write the graph `graph/derived`.

A rule sees the union of the sources and what lower strata derived; rules of one stratum do not see each other. Each
runs in a process of its own with a time limit, because nothing else stops a query.
"""

from __future__ import annotations

import multiprocessing
import re
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import groupby
from pathlib import Path
from typing import Final

import pyoxigraph as ox

from territoires import turtle
from territoires.edits import Edit
from territoires.engine.delta import change
from territoires.engine.embedded import EmbeddedEngine
from territoires.errors import DataError, InvalidDataError, Place, RuleError, TerritoiresError, Text
from territoires.formats import format_named
from territoires.graph import KnowledgeGraph, load
from territoires.guard import admit
from territoires.namespaces import DERIVED
from territoires.root import Root

TIME_LIMIT: Final = 60.0
"""Seconds that one rule may take."""

_GRAPH: Final = ox.NamedNode(DERIVED)
_FILE: Final = re.compile(r"([0-9]{2})-[a-z0-9-]+")
_INPUTS: Final = "Inputs: "
_HEADER: Final = f"Derived by rules/*.rq.\nWritten by `territoires build`; do not edit.\n{_INPUTS}"

# Where the platform forks, a rule's process inherits the loaded store instead of loading it again.
_FORKS: Final = "fork" in multiprocessing.get_all_start_methods()
_Process: Final = getattr(multiprocessing.get_context("fork" if _FORKS else "spawn"), "Process")  # noqa: B009  (per platform)
_inherited: list[KnowledgeGraph] = []


@dataclass(frozen=True, slots=True)
class Rule:
    """One CONSTRUCT query and the stratum it belongs to."""

    file: Path
    stratum: str


@dataclass(frozen=True, slots=True)
class Timing:
    """What one rule did."""

    rule: str
    triples: int
    seconds: float


def derived_file(root: Root) -> Path:
    """Return the file of the derived graph."""
    return root.data / "derived.ttl"


def load_rules(root: Root) -> tuple[Rule, ...]:
    """Return the rules of `root` in the order in which they run.

    Raises:
        RuleError: if a file is not named `NN-name.rq`.
    """
    rules = []
    for file in root.rule_files():
        match = _FILE.fullmatch(file.stem)
        if not match:
            raise RuleError(
                Text("a rule is named after its stratum", "une règle porte le nom de sa strate"),
                place=Place(root.relative(file)),
                hint=Text(
                    "call it NN-name.rq, such as 01-covers-commune.rq",
                    "nommez-la NN-nom.rq, comme 01-covers-commune.rq",
                ),
            )
        rules.append(Rule(file, match[1]))
    return tuple(rules)


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
    graph = replace(graph, default_graphs=(*graph.default_graphs, _GRAPH))
    _conclude(graph, limit, done)
    facts = (quad.triple for quad in graph.store.quads_for_pattern(None, None, None, _GRAPH))
    return turtle.serialize(facts, header=_HEADER + inputs)


def with_inputs(content: bytes, inputs: str) -> bytes:
    """Return the file of derived facts with another digest of what they were derived from; `content` may be empty."""
    top = turtle.serialize((), header=_HEADER + inputs).encode()
    base = re.search(rb"^@base", content, re.MULTILINE)
    return top[: top.index(b"@base")] + content[base.start() :] if base else top


def rederive(graph: KnowledgeGraph, edit: Edit, *, limit: float = TIME_LIMIT) -> Edit:  # noqa: ARG001
    """Return what changes in the derived graph of `graph`, in whose store `edit` is done already."""
    old = frozenset(graph.store.quads_for_pattern(None, None, None, _GRAPH))
    without = change(graph, Edit(removed=old))
    if _GRAPH not in without.default_graphs:
        without = replace(without, default_graphs=(*without.default_graphs, _GRAPH))
    _conclude(without, limit)
    new = frozenset(graph.store.quads_for_pattern(None, None, None, _GRAPH))
    change(graph, Edit.between(new, old))
    return Edit.between(old, new)


def inputs_digest(root: Root) -> str:
    """Return the digest of what the derived graph depends on: sources and rules."""
    sources = [file for file in root.turtle_files() if file != derived_file(root)]
    return root.digest(*sources, *root.rule_files())


def ensure_fresh(root: Root) -> None:
    """Return when the derived graph was made from the present sources and rules.

    Raises:
        InvalidDataError: if it was not.
    """
    if not root.rule_files():
        return
    file = derived_file(root)
    head = file.read_text(encoding="utf-8")[:1000] if file.exists() else ""
    if f"{_INPUTS}{inputs_digest(root)}" not in head:
        raise InvalidDataError(
            Text(
                "the derived facts are older than the sources or rules",
                "les faits dérivés datent d'avant les sources ou les règles",
            ),
            place=Place(root.relative(file)),
            hint=Text("run `territoires build`", "lancez `territoires build`"),
        )


def _conclude(graph: KnowledgeGraph, limit: float, done: Callable[[Timing], None] = lambda _: None) -> None:
    """Run all rules on `graph`, which has no derived facts."""
    for _, rules in groupby(load_rules(graph.root), key=lambda rule: rule.stratum):
        derived: list[ox.Quad] = []
        for rule in rules:
            start = time.perf_counter()
            triples = _run(rule, graph, limit)
            derived += [ox.Quad(t.subject, t.predicate, t.object, _GRAPH) for t in triples if not _is_stated(graph, t)]
            done(Timing(rule.file.name, len(triples), time.perf_counter() - start))
        graph.store.extend(derived)


def _is_stated(graph: KnowledgeGraph, triple: ox.Triple) -> bool:
    return next(iter(graph.store.quads_for_pattern(*triple)), None) is not None


def _run(rule: Rule, graph: KnowledgeGraph, limit: float) -> list[ox.Triple]:
    with tempfile.TemporaryDirectory() as folder:
        output, before = Path(folder, "output.nt"), Path(folder, "before.nt")
        if not _FORKS:
            graph.store.dump(output=str(before), format=ox.RdfFormat.N_TRIPLES, from_graph=_GRAPH)
        _inherited[:] = [graph]
        process = _Process(target=_evaluate, args=(rule.file, output, graph.root, before), daemon=True)
        process.start()
        process.join(limit)
        _inherited.clear()
        if process.is_alive():
            process.kill()
            process.join()
            raise _failure(rule, graph.root, Text(f"took more than {limit:g} s", f"a pris plus de {limit:g} s"))
        if not output.exists():
            raise _failure(rule, graph.root, Text("ended its process", "a mis fin à son processus"))
        content = output.read_bytes()
    if process.exitcode:
        reason = content.decode()
        raise _failure(rule, graph.root, Text(reason, reason))
    return [quad.triple for quad in ox.parse(content, format=ox.RdfFormat.N_TRIPLES)]


def _evaluate(file: Path, output: Path, root: Root, before: Path) -> None:
    """Run one rule; the body of its process."""
    partial = output.with_suffix(".partial")
    try:
        graph = _inherited[0] if _inherited else _reload(root, before)
        query = admit(file.read_text(encoding="utf-8"))
        if query.kind != "graph":
            raise DataError(Text("a rule is a CONSTRUCT query", "une règle est une requête CONSTRUCT"))
        partial.write_bytes(EmbeddedEngine(graph).run(query, format_named("ntriples")))
    except TerritoiresError as error:
        partial.write_text(str(error), encoding="utf-8")
        partial.replace(output)
        raise SystemExit(1) from error
    partial.replace(output)


def _reload(root: Root, before: Path) -> KnowledgeGraph:
    graph = load(root, without=derived_file(root))
    graph.store.load(path=str(before), format=ox.RdfFormat.N_TRIPLES, to_graph=_GRAPH)
    return replace(graph, default_graphs=(*graph.default_graphs, _GRAPH))


def _failure(rule: Rule, root: Root, reason: Text) -> RuleError:
    return RuleError(
        Text(f"this rule failed: {reason.en}", f"cette règle a échoué : {reason.fr}"),
        place=Place(root.relative(rule.file)),
        hint=Text(
            "try its WHERE part with `territoires query`; materialise in a lower stratum what it joins",
            "essayez sa partie WHERE avec `territoires query` ; matérialisez plus bas ce qu'elle joint",
        ),
    )
