"""The neighbours that are drawn, and schema.org."""

import pytest

import territoires
from territoires.drawing.neighbourhood import MOST
from territoires.entities import describe
from territoires.entities.neighbours import ties
from territoires.entities.schema import schema_org
from territoires.graph import KnowledgeGraph
from territoires.namespaces import BASE


@pytest.fixture(scope="module")
def engine(graph: KnowledgeGraph) -> territoires.Engine:
    return territoires.EmbeddedEngine(graph)


def test_a_territory_is_tied_to_its_members_phase_and_region(engine: territoires.Engine) -> None:
    found = ties(describe(engine, f"{BASE}id/territory/2/ti-7614", "fr"))
    labels = {tie.label for tie in found}
    assert {"CA de l'Albigeois (C2A)", "CC Carmausin-Ségala", "Occitanie", "Phase 2 (2023-2027)", "Tarn"} <= labels
    [communes] = [tie for tie in found if tie.many]
    assert (communes.relation, communes.label, communes.iri) == ("couvre la commune", "103", "")
    iris = [tie.iri for tie in found if tie.iri]
    assert len(iris) == len(set(iris)), "each neighbour once"


@pytest.mark.parametrize("key", ["region/76", "phase/2", "department/59", "commune/75056", "source/cog-2026"])
def test_no_more_are_drawn_than_can_be_read(engine: territoires.Engine, key: str) -> None:
    found = ties(describe(engine, f"{BASE}id/{key}", "en"))
    assert 0 < len(found) <= MOST
    assert all(tie.label for tie in found)


@pytest.mark.parametrize(
    ("key", "type_", "name"),
    [
        ("territory/2/ti-7614", "AdministrativeArea", "Tarn Nord"),
        ("commune/81004", "City", "Albi"),
        ("official/carole-delga", "Person", "Carole Delga"),
        ("funder/anct", "GovernmentOrganization", "ANCT"),
        ("measure/envelope-2024", "GovernmentService", "National envelope for 2024"),
        ("scheme/status", "Thing", None),
    ],
)
def test_schema_org_knows_the_kind(engine: territoires.Engine, key: str, type_: str, name: str | None) -> None:
    entity = describe(engine, f"{BASE}id/{key}", "en")
    said = schema_org(entity, "http://localhost/x")
    assert said["@type"] == type_
    assert said["@id"] == f"{BASE}id/{key}"
    assert said["url"] == "http://localhost/x"
    assert name is None or said["name"] == name


def test_schema_org_tells_codes_and_places(engine: territoires.Engine) -> None:
    said = schema_org(describe(engine, f"{BASE}id/commune/81004", "fr"), "http://localhost/x")
    assert said["identifier"] == ["81004", "218100048"]
    assert {place["name"] for place in said["containedInPlace"]} == {"CA de l'Albigeois (C2A)", "Tarn", "Occitanie"}
