"""A nested object is what a JSON-LD library frames from the same statements."""

import io
import json
from typing import Any

import pytest
from pyld import jsonld
from tests.unit.conftest import MakeRoot

from territoires.errors import DataError
from territoires.formats import format_named
from territoires.guard import admit
from territoires.root import Root
from territoires.tabular.exports import Material
from territoires.tabular.framed import OPTIONS, Framer, load_frames


def by_name(graph: list[dict[str, Any]]) -> dict[str, Any]:
    return {node["id"]: canonical(node) for node in graph}


def canonical(node: Any) -> Any:  # noqa: ANN401  (JSON has no type)
    """Return JSON with arrays as sorted: their order means nothing in JSON-LD sets."""
    if isinstance(node, dict):
        return {key: canonical(value) for key, value in node.items()}
    if isinstance(node, list):
        return sorted(map(canonical, node), key=lambda one: json.dumps(one, sort_keys=True))
    return node


def framed_by_library(framer: Framer, frame: Any, material: Material, bounds: tuple[str, str]) -> dict[str, Any]:  # noqa: ANN401
    lines = material.engine.run(admit(framer.query(*bounds)), format_named("ntriples")).decode()
    context = dict(material.context)
    expanded = jsonld.from_rdf(lines, {"format": "application/n-quads", "useNativeTypes": False})
    for node in expanded:
        for values in node.values():
            for value in values if isinstance(values, list) else ():
                # Integers are numbers with us; a library would lose the form of decimals too.
                if isinstance(value, dict) and value.get("@type") == "http://www.w3.org/2001/XMLSchema#integer":
                    value["@value"] = int(value.pop("@value"))
                    del value["@type"]
    frame = {key: value for key, value in frame.items() if key != "title"} | {"@context": context}
    return by_name(jsonld.frame(expanded, frame, {**OPTIONS, "omitGraph": False})["graph"])


@pytest.mark.slow
@pytest.mark.parametrize(
    "name", ["announcements", "departments", "funders", "measures", "organisations", "regions", "steering", "tenures"]
)
def test_objects_are_those_of_a_framing_library(name: str, root: Root, whole: Material) -> None:
    check(name, root, whole, ("", ""))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "first", "end", "count"),
    [
        ("territories", "territory/2/ti-76", "territory/2/ti-77", 14),
        ("communes", "commune/81", "commune/82", 314),
        ("intercommunalities", "intercommunality/2481", "intercommunality/2482", 5),
    ],
)
def test_parts_of_large_classes_are_those_of_a_framing_library(
    name: str, first: str, end: str, count: int, root: Root, whole: Material
) -> None:
    base = "https://w3id.org/territoires-industrie/id/"
    assert check(name, root, whole, (base + first, base + end)) >= count


def check(name: str, root: Root, whole: Material, bounds: tuple[str, str]) -> int:
    frame = load_frames(root)[name]
    framer = Framer(frame, whole.context)
    theirs = framed_by_library(framer, frame, whole, bounds)
    if bounds[0]:  # what a nested object tells of others of its class makes no whole object of them
        start = bounds[0].removeprefix("https://w3id.org/territoires-industrie/")
        theirs = {key: node for key, node in theirs.items() if key.startswith(start)}
    ours = by_name(list(framer.nodes(whole.engine, bounds[0], bounds[1] or None)))
    assert ours == theirs
    return len(theirs)


def test_a_territory_is_what_a_web_developer_likes(root: Root, whole: Material) -> None:
    file = io.BytesIO()
    Framer(load_frames(root)["territories"], whole.context).write(file, whole.engine)
    [north] = [one for one in json.loads(file.getvalue())["@graph"] if one["id"] == "id/territory/2/ti-7614"]
    assert north["label"]["fr"] == "Tarn Nord"
    assert sorted(member["siren"] for member in north["includes"]) == ["200040905", "200066124", "248100737"]
    assert [place["codeINSEE"] for place in north["coversDepartment"]] == ["81"]
    assert (north["communeCount"], north["population"]) == (103, 191516)
    assert north["computedStatus"]["prefLabel"] == {"fr": "nouveau", "en": "new"}
    assert north["filedUnder"]["label"]["fr"] == "Occitanie"
    assert north["source"] == ["graph/anct-2024-07-04", "graph/communique-occitanie-2023-11-09"]


@pytest.mark.parametrize("text", ["{", "[]", '{"type": "Territory"}', '{"title": {"en": "a", "fr": "a"}}'])
def test_a_frame_that_is_wrong_is_named(make_root: MakeRoot, text: str) -> None:
    with pytest.raises(DataError, match=r"things\.jsonld"):
        load_frames(make_root({"ontology/frames/things.jsonld": text}))
