"""Breaks real data in one place at a time, to prove that each constraint of the shapes bites, and alone.

For every constraint of `shapes/*.ttl` an operator makes mutants of a cut-out: a real entity that the shape targets,
and what its constraints look at. A mutant proves the constraint when the results on the entity are of that constraint
and of no other. `python -m tests.data.mutants` writes the outcome to docs/reference/shapes.md.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import pyoxigraph as ox
import pyshacl
import rdflib
from rdflib.collection import Collection
from rdflib.namespace import RDF, RDFS, SH
from rdflib.term import IdentifiedNode, Node
from tests.changing import make_change, quad
from tests.data.dataset_mutants import prove_checks
from tests.data.operators import COMPONENTS, Constraint, Outcome, Site, mutations, steps

from territoires import turtle
from territoires.edits import Edit
from territoires.files import write_whole
from territoires.graph import KnowledgeGraph, load
from territoires.namespaces import expand
from territoires.root import FOLDERS, Root, find_root
from territoires.validation.judging import neighbourhood
from territoires.validation.terms import as_rdflib, as_rdflib_term

_ENTITIES: Final = 30
"""How many real entities are tried for each constraint, until it alone notices."""
_SEEN: Final = 400
"""How many entities, or values, are looked at to find some that suit."""
PAGE: Final = Path(__file__).resolve().parents[2] / "docs/reference/shapes.md"
_PAGE: Final = """\
# Shapes, and the proof that they bite

Written by `python -m tests.data.mutants`; `tests/data/test_mutants.py` compares this page with a run of its own and
fails on a constraint that nothing proves.

Every constraint of `shapes/*.ttl` and every check of `shapes/dataset/*.rq` is proven on *mutants*: a real entity, with
what its constraints look at, is broken in one place. A constraint is proven when some mutant is noticed by it and by
nothing else; one that never is alone says what others say already, and goes
([decision](../decisions/0017-each-constraint-is-proven.md)). How each kind of constraint is broken stands in
`tests/data/operators.py`.

**{count} constraints, {proven} proven; {mutants} mutants, {tripped} noticed by their constraint, {alone} by it alone.**
Entities are tried until one proves the constraint, so a row with many mutants is one that is seldom alone.

| constraint | mutants | noticed | by it alone |
|---|---|---|---|
{rows}
"""
_TARGETS: Final = (SH.targetClass, SH.targetSubjectsOf, SH.targetObjectsOf)


class Laboratory:
    """Holds the shapes, and cuts entities out of a graph.

    Args:
        graph: the real data.
        shapes: the shapes to prove; None takes those of the graph folder.
    """

    def __init__(self, graph: KnowledgeGraph, shapes: rdflib.Graph | None = None) -> None:
        self._graph = graph
        self.shapes = read_shapes(graph.root) if shapes is None else shapes
        self._found: dict[tuple[Node, Node], list[ox.NamedNode]] = {}
        self._subsets: dict[frozenset[Node], rdflib.Graph] = {}
        self._inverse = {ox.NamedNode(str(path)) for path in self.shapes.objects(None, SH.inversePath)}

    def constraints(self) -> list[Constraint]:
        """Return every constraint of a shape that has targets, or hangs on one that has; sorted."""
        found = [
            Constraint(shape, name, value)
            for shape, parameter, value in self.shapes
            if isinstance(shape, rdflib.URIRef)
            and (name := str(parameter).removeprefix(str(SH))) in COMPONENTS
            and any(self._targets(shape))
        ]
        return sorted(found, key=lambda constraint: constraint.name)

    def prove(self, constraint: Constraint) -> Outcome:
        """Break some entities in every way that `constraint` should notice."""
        outcome, key = Outcome(), _key(constraint)
        for focus in islice(self._entities(constraint), _ENTITIES):
            cut = as_rdflib(neighbourhood(self._graph, {ox.NamedNode(str(focus))}, self._inverse))
            before = self._noticed(cut, focus)
            site = Site(self.shapes, constraint, cut, focus, tuple(self._spares(constraint, cut)))
            for change in mutations(site):
                noticed = self._noticed(change.apply(cut), change.renamed[1] if change.renamed else focus) - before
                outcome.mutants += 1
                if key in noticed:
                    outcome.tripped += 1
                    outcome.alone += noticed == {key}
                    outcome.others |= noticed - {key}
            if outcome.alone:
                break
        return outcome

    def _noticed(self, data: rdflib.Graph, focus: IdentifiedNode) -> set[str]:
        shapes = self._concerning(data, focus)
        _, report, _ = pyshacl.validate(data, shacl_graph=shapes, inplace=True, allow_warnings=True)
        return {
            f"{report.value(result, SH.sourceConstraint) or report.value(result, SH.sourceShape)} "
            f"{str(report.value(result, SH.sourceConstraintComponent)).removeprefix(str(SH))}"
            for result in report.subjects(SH.focusNode, focus)
        }

    def _concerning(self, data: rdflib.Graph, focus: IdentifiedNode) -> rdflib.Graph:
        """Return the shapes that target `focus`; the others cannot say anything of it, and take time."""
        classes = {
            above for kind in data.objects(focus, RDF.type) for above in data.transitive_objects(kind, RDFS.subClassOf)
        }
        targets = (
            [(SH.targetClass, kind) for kind in classes]
            + [(SH.targetSubjectsOf, name) for name in set(data.predicates(focus))]
            + [(SH.targetObjectsOf, name) for name in set(data.predicates(None, focus))]
        )
        found = frozenset(shape for target, value in targets for shape in self.shapes.subjects(target, value))
        if found not in self._subsets:
            self._subsets[found] = _closure(self.shapes, found)
        return self._subsets[found]

    def _targets(self, shape: Node) -> Iterator[tuple[Node, Node]]:
        for owner in (shape, *sorted(self.shapes.subjects(SH.property, shape), key=str)):
            for target in _TARGETS:
                for value in sorted(self.shapes.objects(owner, target), key=str):
                    yield target, value

    def _entities(self, constraint: Constraint) -> Iterator[IdentifiedNode]:
        """Yield entities that the shape targets, those first that have something on its path."""
        wanted = [step.property for step in steps(self.shapes, constraint.shape)]
        lacking: list[IdentifiedNode] = []
        for target, value in self._targets(constraint.shape):
            for node in self._targeted(target, value):
                if self._has(node, wanted):
                    yield rdflib.URIRef(node.value)
                else:
                    lacking.append(rdflib.URIRef(node.value))
        yield from lacking

    def _has(self, node: ox.NamedNode, properties: Sequence[rdflib.URIRef]) -> bool:
        quads = (self._graph.store.quads_for_pattern(node, ox.NamedNode(str(name)), None) for name in properties)
        return any(next(found, None) for found in quads)

    def _targeted(self, target: Node, value: Node) -> list[ox.NamedNode]:
        if (target, value) not in self._found:
            store, name = self._graph.store, ox.NamedNode(str(value))
            is_class = target == SH.targetClass
            pattern = (None, ox.NamedNode(str(RDF.type)), name) if is_class else (None, name, None)
            quads = store.quads_for_pattern(*pattern)
            nodes = {quad.object if target == SH.targetObjectsOf else quad.subject for quad in quads}
            # Sorted whole: a store loaded by several threads gives them in another order each time.
            self._found[target, value] = sorted((one for one in nodes if isinstance(one, ox.NamedNode)), key=str)[
                :_SEEN
            ]
        return self._found[target, value]

    def _spares(self, constraint: Constraint, cut: rdflib.Graph) -> Iterator[Node]:
        """Yield what others have on the path, and instances of its class; the cut-out learns what they are."""
        for members in self.shapes.objects(constraint.shape, SH["in"]):
            yield from Collection(self.shapes, members)
        found: list[object] = []
        for kind in self.shapes.objects(constraint.shape, SH["class"]):
            found += self._targeted(SH.targetClass, kind)[:3]
        for step in steps(self.shapes, constraint.shape):
            name, ends = ox.NamedNode(str(step.property)), set[object]()
            for entity in islice(self._entities(constraint), 9):
                node = ox.NamedNode(str(entity))
                pattern = (None, name, node) if step.inverse else (node, name, None)
                quads = self._graph.store.quads_for_pattern(*pattern)
                ends.update(quad.subject if step.inverse else quad.object for quad in quads)
            found += sorted(ends, key=str)[:3]
        for spare in dict.fromkeys(found):
            if isinstance(spare, ox.NamedNode):
                for quad in self._graph.store.quads_for_pattern(spare, ox.NamedNode(str(RDF.type)), None):
                    cut.add((as_rdflib_term(spare), RDF.type, as_rdflib_term(quad.object)))
            yield as_rdflib_term(spare)


def read_shapes(root: Root) -> rdflib.Graph:
    """Return the shapes of a graph folder."""
    return as_rdflib(triple for file in root.shape_files() for triple in turtle.parse(file))


def _closure(graph: rdflib.Graph, nodes: Iterable[Node]) -> rdflib.Graph:
    """Return what is said of `nodes`, and of what that leads to."""
    closure, waiting = rdflib.Graph(), list(nodes)
    while waiting:
        node = waiting.pop()
        for triple in graph.triples((node, None, None)):
            if triple not in closure:
                closure.add(triple)
                waiting.append(triple[2])
    return closure


def _key(constraint: Constraint) -> str:
    name = constraint.parameter
    subject = constraint.value if name == "sparql" else constraint.shape
    return f"{subject} {'SPARQL' if name == 'sparql' else name[0].upper() + name[1:]}ConstraintComponent"


def with_changes(root: Root, folder: Path) -> KnowledgeGraph:
    """Return the real data after some changes made in a copy below `folder`: none was made to what is shipped."""
    copy = folder / "changed"
    for name in (one for one in FOLDERS if (root.path / one).is_dir()):
        shutil.copytree(root.path / name, copy / name)
    for number in range(3):
        altered = quad("id/territory/2/ti-7614", expand("skos:altLabel"), f"nom {number}", "facts/tribune-2023-11")
        make_change(find_root(copy), Edit(added=frozenset({altered})), f"Why {number}", agent=f"a{number}", day=number)
    return load(find_root(copy))


def prove_all(graph: KnowledgeGraph) -> dict[str, Outcome]:
    """Return what became of the mutants of every constraint of the shapes and every check of the dataset."""
    laboratory = Laboratory(graph)
    shapes = {constraint.name: laboratory.prove(constraint) for constraint in laboratory.constraints()}
    return shapes | prove_checks(graph)


def page(outcomes: Mapping[str, Outcome]) -> str:
    """Return docs/reference/shapes.md."""
    rows = "\n".join(f"| `{name}` | {one.mutants} | {one.tripped} | {one.alone} |" for name, one in outcomes.items())
    mutants, tripped, alone = (
        sum(getattr(one, name) for one in outcomes.values()) for name in ("mutants", "tripped", "alone")
    )
    proven = sum(one.alone > 0 for one in outcomes.values())
    return _PAGE.format(count=len(outcomes), proven=proven, mutants=mutants, tripped=tripped, alone=alone, rows=rows)


def main() -> None:
    """Write the page."""
    with TemporaryDirectory() as folder:
        outcomes = prove_all(with_changes(find_root(), Path(folder)))
    write_whole(PAGE, page(outcomes))
    print(f"{PAGE}: {len(outcomes)} constraints, {sum(one.alone > 0 for one in outcomes.values())} proven")  # noqa: T201  (a command)


if __name__ == "__main__":
    main()
