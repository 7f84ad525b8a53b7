"""The OWL 2 RL closure of the ontology and the programme's data is consistent (OWL 2 Profiles §4.3)."""

from pathlib import Path

import owlrl
import pytest
import rdflib
from owlrl.Namespaces import ERRNS

from territoires import turtle
from territoires.namespaces import BASE, expand
from territoires.root import Root

LARGE = {"communes.ttl", "points-dila.ttl", "intercommunalities.ttl", "links-datagouv.ttl"}
OF_COMMUNES = {expand("ti:coversCommune"), expand("igeo:subdivisionDe")}


def statements(*files: Path) -> rdflib.Graph:
    triples = (triple for file in files for triple in turtle.parse(file))
    lines = (f"{triple} ." for triple in triples if triple.predicate.value not in OF_COMMUNES)
    return rdflib.Graph().parse(data="\n".join(lines), format="nt")


def inconsistencies(graph: rdflib.Graph) -> list[str]:
    owlrl.DeductiveClosure(owlrl.OWLRL_Semantics).expand(graph)
    return sorted(str(message) for message in graph.objects(None, ERRNS.error))


@pytest.mark.slow
def test_ontology_and_programme_are_consistent(root: Root) -> None:
    graph = statements(*(file for file in root.turtle_files() if file.name not in LARGE))
    assert len(graph) > 15_000
    assert inconsistencies(graph) == []
    # The closure was made: a tenure is a membership, and a post that is held is a post.
    tenure = rdflib.URIRef(f"{BASE}id/tenure/delga-presidence-region-occitanie")
    assert (tenure, rdflib.RDF.type, rdflib.URIRef(expand("org:Membership"))) in graph


@pytest.mark.parametrize(
    "contradiction",
    [
        "<id/territory/2/x> a ti:Territory ; ti:includes <id/territory/2/y> .  <id/territory/2/y> a ti:Territory .",
        "<id/phase/2> a ti:Phase ; ti:hasPhase <id/phase/1> .",
        "<id/official/x> a ti:Official, ti:Post .",
    ],
)
def test_a_contradiction_is_found(root: Root, tmp_path: Path, contradiction: str) -> None:
    file = tmp_path / "wrong.ttl"
    file.write_text(f"@base <{BASE}> .\n@prefix ti: <{expand('ti:')}> .\n{contradiction}\n", encoding="utf-8")
    assert inconsistencies(statements(*root.ontology.glob("*.ttl"), file)) != []
