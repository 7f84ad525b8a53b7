"""A root may be one RDF file: its default graph, its version, and what is wrong with it."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from territoires.errors import DataError, InvalidDataError, TurtleError
from territoires.graph import load
from territoires.root import Root
from territoires.stamp import ensure_valid

MakeRoot = Callable[[Mapping[str, str]], Root]
TRIG = "<urn:x:a> <urn:x:p> 1 . <urn:x:g> { <urn:x:a> <urn:x:p> 1 , 2 . } <urn:x:h> { <urn:x:a> <urn:x:p> 2 . }"
SHAPE = """
@prefix sh: <http://www.w3.org/ns/shacl#> .
<urn:x:shape> a sh:NodeShape ; sh:targetSubjectsOf <urn:x:p> ;
    sh:property <urn:x:property> .
<urn:x:property> sh:path <urn:x:p> ; sh:maxCount 1 ; sh:message "one"@en , "un"@fr ."""


def dataset(root: Root, name: str, text: str) -> Root:
    file = root.path / name
    file.write_text(text, encoding="utf-8")
    return replace(root, dataset=file)


@pytest.mark.parametrize(("union", "count"), [(True, 2), (False, 1)])
def test_the_default_graph_is_the_merge_or_the_file_s_own(make_root: MakeRoot, *, union: bool, count: int) -> None:
    graph = load(replace(dataset(make_root({}), "d.trig", TRIG), union=union))
    assert len(list(graph.triples())) == count
    assert graph.graphs == ("urn:x:g", "urn:x:h")


def test_the_version_is_that_of_the_file_unless_it_holds_blank_nodes(make_root: MakeRoot) -> None:
    root = make_root({})
    plain, blank = (
        dataset(root, name, f"<urn:x:a> <urn:x:p> {o} .") for name, o in (("1.nt", "<urn:x:b>"), ("2.nt", "_:b"))
    )
    assert load(plain).version == load(plain).version == plain.digest()
    assert load(blank).version != load(blank).version


def test_a_file_that_does_not_parse_is_named_with_the_line(make_root: MakeRoot) -> None:
    root = dataset(make_root({}), "d.nq", "<urn:x:a> <urn:x:p> 1 .\n")
    with pytest.raises(TurtleError) as caught:
        load(root)
    assert "d.nq:1" in caught.value.in_("en")
    assert "N-Quads" in caught.value.in_("en")


def test_a_suffix_that_names_no_syntax_is_refused(make_root: MakeRoot, tmp_path: Path) -> None:
    with pytest.raises(DataError, match="suffix"):
        load(dataset(make_root({}), "d.csv", ""))


def test_a_file_is_judged_by_the_shapes_of_the_folder(make_root: MakeRoot) -> None:
    root = make_root({"shapes/shape.ttl": SHAPE})
    ensure_valid(dataset(root, "good.ttl", "<urn:x:a> <urn:x:p> 1 ."))
    with pytest.raises(InvalidDataError):
        ensure_valid(dataset(root, "bad.ttl", "<urn:x:a> <urn:x:p> 1 , 2 ."))
