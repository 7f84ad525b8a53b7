"""The graph is judged by its shapes, and every result says where and what in both languages."""

import json
import shutil
from pathlib import Path

import pyshacl
import pytest
import rdflib
from rdflib.namespace import RDF, SH
from tests.unit.conftest import MakeRoot

from territoires.errors import InvalidDataError, Text, TurtleError
from territoires.graph import load
from territoires.namespaces import BASE
from territoires.root import Root, find_root
from territoires.validation import Report, Result, describe, validate

SHAPES = """\
@prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
@base <https://w3id.org/territoires-industrie/> .

<shapes/Thing> a sh:NodeShape ; sh:targetClass <def#Thing> ;
  sh:property <shapes/Thing#name> , <shapes/Thing#size> , <shapes/Thing#note> , <shapes/Thing#old> .
<shapes/Thing#name> sh:path <def#name> ; sh:minCount 1 ; sh:message "A name is needed."@en , "Il faut un nom."@fr .
<shapes/Thing#size> sh:path <def#size> ; sh:datatype xsd:integer ; sh:message "A size is a number." .
<shapes/Thing#note> sh:path <def#note> ; sh:maxCount 0 ; sh:severity sh:Warning .
<shapes/Thing#old> sh:path <def#old> ; sh:maxCount 0 ; sh:severity sh:Info ; sh:message "Vieux."@fr .
"""
NESTED = """\
@prefix sh: <http://www.w3.org/ns/shacl#> .
@base <https://w3id.org/territoires-industrie/> .

<shapes/A> a sh:NodeShape ; sh:targetClass <def#A> ; sh:targetSubjectsOf <def#p> ;
  sh:property <shapes/name> , <shapes/b> .
<shapes/B> a sh:NodeShape ; sh:targetClass <def#B> ; sh:property <shapes/name> , <shapes/own> .
<shapes/C> a sh:NodeShape ; sh:property <shapes/free> .
<shapes/Off> a sh:NodeShape ; sh:targetClass <def#A> ; sh:deactivated true ; sh:property <shapes/never> .
<shapes/name> sh:path <def#name> ; sh:minCount 1 .
<shapes/b> sh:path <def#b> ; sh:node <shapes/C> ; sh:or ( [ sh:class <def#B> ] [ sh:class <def#A> ] ) .
<shapes/own> sh:path <def#own> ; sh:maxCount 0 ; sh:severity sh:Warning .
<shapes/free> sh:path <def#free> ; sh:minCount 1 .
<shapes/never> sh:path <def#never> ; sh:minCount 1 .
"""
PHASE = "data/anct-2024-07-04/phase-2.ttl"
TERRITORY = "id/territory/2/ti-7501"


def judge(make_root: MakeRoot, **data: str) -> Report:
    files = {f"data/{name}.ttl": text for name, text in data.items()}
    return validate(load(make_root({"shapes/Thing.ttl": SHAPES} | files)))


def test_a_graph_that_keeps_to_its_shapes_conforms(make_root: MakeRoot) -> None:
    report = judge(make_root, one='<a> a <def#Thing> ; <def#name> "A" ; <def#size> 1 .')
    assert report.conforms
    assert report.results == ()
    assert report.triples == 3
    report.raise_for_violations()


def test_shapes_judge_as_they_are_written(make_root: MakeRoot) -> None:
    data = """
    <a1> a <def#A> ; <def#b> <b1> , <b2> , <x> .
    <a2> <def#p> 1 ; <def#name> "A" .
    <b1> a <def#B> ; <def#own> 1 .
    <b2> a <def#B> ; <def#name> "B" ; <def#free> 1 .
    """
    root = make_root({"shapes/A.ttl": NESTED, "data/one.ttl": data})
    prefix = f"@base <{BASE}> .\n"
    written = (rdflib.Graph().parse(data=prefix + text, format="turtle") for text in (data, NESTED))
    _, expected, _ = pyshacl.validate(next(written), shacl_graph=next(written), allow_warnings=True)
    report = validate(load(root))
    assert {(result.focus_node, result.shape, result.value) for result in report.results} == {
        (
            str(expected.value(node, SH.focusNode)),
            str(expected.value(node, SH.sourceShape)),
            None if (value := expected.value(node, SH.value)) is None else str(value),
        )
        for node in expected.subjects(RDF.type, SH.ValidationResult)
    }
    assert {result.shape.rpartition("/")[2] for result in report.results} >= {"name", "b", "own"}


def test_a_violation_says_which_entity_where_and_why(make_root: MakeRoot) -> None:
    report = judge(make_root, one='# Things.\n\n<a> a <def#Thing> ;\n  <def#name> "A" .\n<b> a <def#Thing> .\n')
    assert not report.conforms
    (result,) = report.results
    assert (result.focus_node, result.path, result.value) == (f"{BASE}b", f"{BASE}def#name", None)
    assert result.message == Text("A name is needed.", "Il faut un nom.")
    assert (result.severity, result.constraint) == ("Violation", "MinCount")
    assert result.shape == f"{BASE}shapes/Thing#name"
    assert str(result.place) == "data/one.ttl:5"
    assert describe(result) == Text(
        "data/one.ttl:5: b ti:name: A name is needed.", "data/one.ttl:5: b ti:name : Il faut un nom."
    )


def test_a_wrong_value_is_shown_and_placed_in_the_source_that_says_it(make_root: MakeRoot) -> None:
    report = judge(
        make_root,
        one='<a> a <def#Thing> ; <def#name> "A" ; <def#size> 1 .',
        two='\n<a> <def#size> "big" .',
    )
    (result,) = report.violations
    assert (result.value, result.constraint, str(result.place)) == ("big", "Datatype", "data/two.ttl:2")
    assert describe(result).fr == "data/two.ttl:2: a ti:size : A size is a number. (big)"


def test_what_several_sources_say_together_is_judged(make_root: MakeRoot) -> None:
    assert judge(make_root, one="<a> a <def#Thing> .", two='<a> <def#name> "A" .').conforms


def test_warnings_and_notes_do_not_keep_data_from_being_served(make_root: MakeRoot) -> None:
    report = judge(make_root, one='<a> a <def#Thing> ; <def#name> "A" ; <def#note> 1 ; <def#old> 1 .')
    assert report.conforms
    assert sorted(result.severity for result in report.results) == ["Info", "Warning"]
    assert report.violations == ()
    report.raise_for_violations()


def test_a_message_in_one_language_serves_for_both(make_root: MakeRoot) -> None:
    report = judge(make_root, one='<a> a <def#Thing> ; <def#name> "A" ; <def#size> 1.5 ; <def#old> 1 .')
    assert {result.message for result in report.results} == {
        Text("A size is a number.", "A size is a number."),
        Text("Vieux.", "Vieux."),
    }


def test_a_blank_node_has_no_place(make_root: MakeRoot) -> None:
    (result,) = judge(make_root, one="[] a <def#Thing> .").results
    assert result.place is None
    assert describe(result).en.endswith(": A name is needed.")


def test_results_are_sorted_by_place(make_root: MakeRoot) -> None:
    report = judge(make_root, b="<b> a <def#Thing> .\n<a> a <def#Thing> .", a="<c> a <def#Thing> .")
    assert [str(result.place) for result in report.results] == ["data/a.ttl:1", "data/b.ttl:1", "data/b.ttl:2"]


def test_results_of_one_file_are_sorted_by_line(make_root: MakeRoot) -> None:
    report = judge(make_root, one="".join(f"<n{number:02}> a <def#Thing> .\n" for number in range(12)))
    lines = [result.place.line for result in report.results if result.place]
    assert lines == list(range(1, 13))


def test_violations_are_raised_as_one_error_with_its_first_place(make_root: MakeRoot) -> None:
    report = judge(make_root, one="<a> a <def#Thing> .\n<b> a <def#Thing> .")
    with pytest.raises(InvalidDataError) as caught:
        report.raise_for_violations()
    assert str(caught.value.place) == "data/one.ttl:1"
    for language in ("en", "fr"):
        message = caught.value.in_(language)
        assert "2 violations" in message
        assert "data/one.ttl:1: a ti:name" in message
        assert "data/one.ttl:2: b ti:name" in message
        assert "territoires check" in message
    assert "A name is needed." in caught.value.in_("en")
    assert "Il faut un nom." in caught.value.in_("fr")


def test_an_error_of_many_violations_shows_the_first_and_counts_the_rest(make_root: MakeRoot) -> None:
    report = judge(make_root, one="".join(f"<n{number}> a <def#Thing> .\n" for number in range(25)))
    with pytest.raises(InvalidDataError) as caught:
        report.raise_for_violations()
    assert "25 violations" in str(caught.value)
    assert "… and 5 more" in caught.value.in_("en")
    assert "… et 5 de plus" in caught.value.in_("fr")


def test_the_report_is_written_as_json(make_root: MakeRoot) -> None:
    report = judge(make_root, one='<a> a <def#Thing> ; <def#size> "é" .')
    document = json.loads(report.as_json())
    assert (document["conforms"], document["triples"], len(document["results"])) == (False, 2, 2)
    assert {
        "focusNode": f"{BASE}a",
        "path": f"{BASE}def#size",
        "value": "é",
        "message": {"en": "A size is a number.", "fr": "A size is a number."},
        "severity": "Violation",
        "constraint": "Datatype",
        "shape": f"{BASE}shapes/Thing#size",
        "file": "data/one.ttl",
        "line": 1,
    } in document["results"]


def test_the_report_is_written_as_the_turtle_of_the_shacl_specification(make_root: MakeRoot) -> None:
    report = judge(make_root, one="<a> a <def#Thing> .")
    graph = rdflib.Graph().parse(data=report.as_turtle(), format="turtle")
    (node,) = graph.subjects(RDF.type, SH.ValidationReport)
    assert graph.value(node, SH.conforms) == rdflib.Literal(lexical_or_value=False)
    (result,) = graph.objects(node, SH.result)
    assert graph.value(result, SH.focusNode) == rdflib.URIRef(f"{BASE}a")
    assert graph.value(result, SH.sourceConstraintComponent) == SH.MinCountConstraintComponent


def test_progress_is_told_in_both_languages(make_root: MakeRoot) -> None:
    told: list[Text] = []
    root = make_root({"shapes/Thing.ttl": SHAPES, "data/one.ttl": "<a> <b> <c> ."})
    validate(load(root), progress=told.append)
    assert told
    assert all(text.en != text.fr for text in told)


def test_a_shape_that_does_not_parse_is_refused_with_its_line(make_root: MakeRoot) -> None:
    root = make_root({"shapes/Thing.ttl": "\n<a> <b> .", "data/one.ttl": "<a> <b> <c> ."})
    with pytest.raises(TurtleError) as caught:
        validate(load(root))
    assert str(caught.value.place).startswith(f"{root.shapes / 'Thing.ttl'}:2:")


def test_the_shipped_sources_keep_to_the_shipped_shapes(small: Root) -> None:
    report = validate(load(small))
    assert report.violations == ()
    assert report.conforms


@pytest.fixture(scope="module")
def without_a_phase(small_data: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Report, int]:
    """Return the report on a territory that has lost its phase, and the line where the territory stands."""
    root = find_root(Path(shutil.copytree(small_data, tmp_path_factory.mktemp("broken") / "graph")))
    before, block, after = _around((root.path / PHASE).read_text(encoding="utf-8"), f"<{TERRITORY}>\n")
    assert block.count("    ti:phase <id/phase/2>") == 1
    block = block.replace("    ti:phase <id/phase/2> ;\n", "").replace(" ;\n    ti:phase <id/phase/2> .", " .")
    (root.path / PHASE).write_text(before + block + after, encoding="utf-8")
    return validate(load(root)), before.count("\n") + 1


def _around(text: str, start: str) -> tuple[str, str, str]:
    before, found, rest = text.partition(start)
    block, end, after = rest.partition(" .\n")
    return before, found + block + end, after


@pytest.fixture
def lost(without_a_phase: tuple[Report, int]) -> Result:
    report, _ = without_a_phase
    (result,) = (result for result in report.violations if result.path == f"{BASE}def#phase")
    return result


def test_a_territory_without_a_phase_is_found_by_file_and_line(
    without_a_phase: tuple[Report, int], lost: Result
) -> None:
    report, line = without_a_phase
    assert not report.conforms
    assert lost.focus_node == BASE + TERRITORY
    assert str(lost.place) == f"{PHASE}:{line}"
    assert lost.message.en != lost.message.fr
    assert lost.constraint == "MinCount"


def test_a_territory_without_a_phase_is_in_the_json_and_in_the_turtle(
    without_a_phase: tuple[Report, int], lost: Result
) -> None:
    report, line = without_a_phase
    document = json.loads(report.as_json())
    assert document["conforms"] is False
    found = [(r["file"], r["line"]) for r in document["results"] if r["path"] == f"{BASE}def#phase"]
    assert found == [(PHASE, line)]
    graph = rdflib.Graph().parse(data=report.as_turtle(), format="turtle")
    focus = {graph.value(node, SH.focusNode) for node in graph.subjects(SH.resultSeverity, SH.Violation)}
    assert rdflib.URIRef(lost.focus_node) in focus
