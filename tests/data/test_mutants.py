"""Each constraint of the shapes is proven to bite: some mutant of the real data trips it, and nothing else."""

import pytest
import rdflib
from rdflib.namespace import SH
from tests.data.mutants import PAGE, Laboratory, page, prove_all, read_shapes, with_changes
from tests.data.operators import COMPONENTS, Outcome

from territoires.graph import KnowledgeGraph
from territoires.namespaces import BASE
from territoires.root import Root

NOT_CONSTRAINTS = {
    "alternativePath", "declare", "inversePath", "message", "namespace", "path", "prefix", "prefixes", "property",
    "qualifiedValueShape", "select", "severity", "targetClass", "targetObjectsOf", "targetSubjectsOf",
}  # fmt: skip


@pytest.fixture(scope="module")
def outcomes(root: Root, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Outcome]:
    return prove_all(with_changes(root, tmp_path_factory.mktemp("history")))


@pytest.mark.slow
def test_every_constraint_is_proven(outcomes: dict[str, Outcome]) -> None:
    assert len(outcomes) > 400
    assert {name: one for name, one in outcomes.items() if not one.alone} == {}


@pytest.mark.slow
def test_the_page_is_what_a_run_finds(outcomes: dict[str, Outcome]) -> None:
    assert PAGE.read_text(encoding="utf-8") == page(outcomes)


def test_every_term_of_the_shapes_is_a_kind_of_constraint_with_mutants_or_none(root: Root) -> None:
    shapes = read_shapes(root)
    terms = {str(name).removeprefix(str(SH)) for name in shapes.predicates() if str(name).startswith(str(SH))}
    assert terms - COMPONENTS == NOT_CONSTRAINTS
    assert terms >= COMPONENTS


@pytest.mark.slow
@pytest.mark.parametrize("toothless", ["sh:minLength 0", "sh:minInclusive 0", "sh:maxCount 9"])
def test_a_constraint_that_says_nothing_is_not_proven(graph: KnowledgeGraph, toothless: str) -> None:
    """A duplicate of another constraint, or one that nothing can break."""
    text = f"""
    @prefix sh: <http://www.w3.org/ns/shacl#> . @prefix ti: <{BASE}def#> .
    <{BASE}shapes/Extra> a sh:PropertyShape ; sh:targetClass ti:Phase ; sh:path ti:startYear ; {toothless} .
    """
    shapes = read_shapes(graph.root) + rdflib.Graph().parse(data=text, format="turtle")
    laboratory = Laboratory(graph, shapes)
    [extra] = [one for one in laboratory.constraints() if one.name.startswith("Extra ")]
    assert laboratory.prove(extra).alone == 0
