"""The class diagram: every class, every property between classes, and nothing on top of anything else."""

from __future__ import annotations

from itertools import combinations

import pytest
from tests.conftest import CHECKOUT
from tests.unit.conftest import MakeRoot

import territoires
from territoires.drawing.classes import Arrow, Box, ClassDiagram, draw_classes
from territoires.drawing.families import Families
from territoires.graph import load
from territoires.root import find_root
from territoires.vocabulary import Vocabulary, read_vocabulary

HEAD = """\
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix ex: <http://example.org/v#> .
<http://example.org/v> a owl:Ontology .
"""


def read(make_root: MakeRoot, turtle: str, uses: dict[str, int] | None = None) -> Vocabulary:
    root = make_root({"ontology/v.ttl": HEAD + turtle})
    found = read_vocabulary(territoires.EmbeddedEngine(load(root)), uses or {})
    assert found
    return found


@pytest.fixture(scope="module")
def shipped(tmp_path_factory: pytest.TempPathFactory) -> Vocabulary:
    """Return the ontology of the checkout, without its data; inverses are taken for unused."""
    folder = tmp_path_factory.mktemp("ontology")
    for name in ("data", "shapes"):
        (folder / name).mkdir()
    (folder / "ontology").symlink_to(CHECKOUT / "ontology")
    engine = territoires.EmbeddedEngine(load(find_root(folder)))
    found = read_vocabulary(engine, {})
    assert found
    stated = {iri for iri in found.terms if f"\n{found.prefix}:{found.terms[iri].name}\n" in _main_file()}
    again = read_vocabulary(engine, dict.fromkeys(stated, 1))
    assert again
    return again


def _main_file() -> str:
    return (CHECKOUT / "ontology/territoires.ttl").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def diagram(shipped: Vocabulary) -> ClassDiagram:
    found = draw_classes(shipped, "fr")
    assert found
    return found


def test_every_class_stands_in_one_box(shipped: Vocabulary, diagram: ClassDiagram) -> None:
    shown = [line.term.name for box in diagram.boxes for line in (box.head, *box.classes)]
    assert sorted(shown) == sorted(term.name for term in shipped.of_kind("class"))


def test_every_property_between_classes_is_shown_once(shipped: Vocabulary, diagram: ClassDiagram) -> None:
    lines = [line for box in diagram.boxes for line in box.properties] + [
        line for arrow in diagram.arrows for line in arrow.lines
    ]
    shown = [line.term.name for line in lines]
    between = {term.name for terms in Families(shipped).ties.values() for term in terms}
    assert sorted(shown) == sorted(between)
    assert {"includes", "phase", "fundedBy", "steersTerritory"} < between
    assert "includedIn" not in between


def test_boxes_and_names_of_arrows_do_not_meet(diagram: ClassDiagram) -> None:
    for one, other in combinations(diagram.boxes, 2):
        assert one.x != other.x or one.y + one.height < other.y or other.y + other.height < one.y
    rows = [(line.x, line.y) for arrow in diagram.arrows for line in arrow.lines]
    for (x, y), (other_x, other_y) in combinations(rows, 2):
        assert x != other_x or abs(y - other_y) >= 14
    for x, y in rows:
        assert not any(box.x <= x <= box.x + box.width for box in diagram.boxes)
        assert 10 <= y <= diagram.height


def test_everything_is_inside(diagram: ClassDiagram) -> None:
    for box in diagram.boxes:
        assert 0 <= box.x <= diagram.width - box.width
        assert 0 <= box.y <= diagram.height - box.height
    for x, y in (point for arrow in diagram.arrows for point in arrow.points):
        assert 0 <= x <= diagram.width
        assert 0 <= y <= diagram.height


def ends_at(arrow: Arrow, number: int, diagram: ClassDiagram) -> Box:
    x, y = arrow.points[number]
    [box] = [box for box in diagram.boxes if x in {box.x, box.x + box.width} and box.y < y < box.y + box.height]
    return box


def test_an_arrow_leads_from_the_family_of_the_domain_to_that_of_the_range(
    shipped: Vocabulary, diagram: ClassDiagram
) -> None:
    families = Families(shipped)
    for arrow in diagram.arrows:
        source, target = ends_at(arrow, 0, diagram), ends_at(arrow, -1, diagram)
        for line in arrow.lines:
            [domain], [range_] = line.term.relations["rdfs:domain"], line.term.relations["rdfs:range"]
            assert families.family(domain) == source.head.term.iri
            assert families.family(range_) == target.head.term.iri


def test_the_drawing_is_always_the_same(shipped: Vocabulary, diagram: ClassDiagram) -> None:
    assert draw_classes(shipped, "fr") == diagram


def test_it_is_no_larger_than_a_screen(diagram: ClassDiagram) -> None:
    assert diagram.width <= 1120
    assert diagram.height <= 800


def test_without_properties_between_classes_there_is_none(make_root: MakeRoot) -> None:
    assert draw_classes(read(make_root, "ex:A a owl:Class . ex:B a owl:Class ."), "en") is None


@pytest.mark.parametrize(
    "turtle",
    [
        "ex:A a owl:Class . ex:p a owl:ObjectProperty ; rdfs:domain ex:A ; rdfs:range ex:A .",
        "ex:A a owl:Class . ex:B a owl:Class . ex:p a owl:ObjectProperty ; rdfs:domain ex:A ; rdfs:range ex:B .",
        (
            "ex:A a owl:Class ; rdfs:subClassOf ex:B . ex:B a owl:Class ; rdfs:subClassOf ex:A ."
            "ex:p a owl:ObjectProperty ; rdfs:domain ex:A ; rdfs:range ex:B ."
        ),
        (
            "ex:A a owl:Class . ex:B a owl:Class . ex:C a owl:Class ."
            "ex:p a owl:ObjectProperty ; rdfs:domain ex:A ; rdfs:range ex:B ."
            "ex:q a owl:ObjectProperty ; rdfs:domain ex:B ; rdfs:range ex:C ."
            "ex:r a owl:ObjectProperty ; rdfs:domain ex:C ; rdfs:range ex:A , ex:B ."
        ),
    ],
    ids=["loop", "pair", "circular classes", "ring"],
)
def test_any_ontology_can_be_drawn(make_root: MakeRoot, turtle: str) -> None:
    vocabulary = read(make_root, turtle)
    found = draw_classes(vocabulary, "en")
    assert found
    lines = [line for box in found.boxes for line in box.properties] + [
        line for arrow in found.arrows for line in arrow.lines
    ]
    assert {line.term.name for line in lines} == {term.name for term in vocabulary.of_kind("object")}
