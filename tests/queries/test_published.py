"""Every published query gives the answer that its heading says the sources give."""

import csv
import io
import re
from pathlib import Path

import pytest

import territoires
from territoires.answers import select
from territoires.graph import KnowledgeGraph
from territoires.queries import PublishedQuery, read_query

KEYS = {
    "territory": "id/territory/2/ti-7614",
    "region": "id/region/94",
    "department": "id/department/2B",
    "commune": "id/commune/2A004",
    "intercommunality": "id/intercommunality/200066124",
    "phase": "id/phase/1",
    "programme": "id/programme/territoires-industrie",
    "measure": "id/measure/envelope-2024",
    "funder": "id/funder/etat",
    "organisation": "id/organisation/france-industrie",
    "official": "id/official/carole-delga",
    "post": "id/post/premier-ministre",
    "source": "id/source/anct-2024-07-04",
    "graph": "graph/facts/tribune-2023-11",
}
FILES = sorted((Path(__file__).parents[2] / "queries").glob("*.rq"))


def answer(graph: KnowledgeGraph, text: str) -> list[dict[str, str]]:
    content = territoires.EmbeddedEngine(graph).run(territoires.admit(text), territoires.format_named("csv"))
    return list(csv.DictReader(io.StringIO(content.decode())))


@pytest.fixture(params=FILES, ids=lambda file: file.stem)
def published(request: pytest.FixtureRequest) -> PublishedQuery:
    file: Path = request.param
    return read_query(file)


def test_there_are_at_least_thirty() -> None:
    assert len(FILES) >= 30


def test_every_column_has_a_head_in_both_languages(graph: KnowledgeGraph, published: PublishedQuery) -> None:
    columns = select(territoires.EmbeddedEngine(graph), territoires.admit(published.text)).columns
    assert sorted(columns) == sorted(published.columns)
    for head in published.columns.values():
        assert head.en
        assert head.fr


def test_a_section_takes_the_iris_of_its_kinds(root: territoires.Root, published: PublishedQuery) -> None:
    if published.section:
        parameters = {parameter.name: parameter for parameter in published.parameters}
        assert parameters[published.section.parameter].is_iri
        for kind in published.section.kinds:
            assert published.with_values({published.section.parameter: KEYS[kind]})


def test_the_answer_is_the_expected_one(graph: KnowledgeGraph, published: PublishedQuery) -> None:
    rows = answer(graph, published.text)
    assert len(rows) == published.expect["rows"]
    for wanted in published.expect["contains"]:
        assert any(wanted.items() <= row.items() for row in rows), wanted


def test_title_and_question_are_in_both_languages(published: PublishedQuery) -> None:
    assert published.title.en != published.title.fr
    assert published.question.en.endswith("?")
    assert published.question.fr.endswith(" ?")


def test_the_text_declares_every_prefix_it_uses_and_no_other(published: PublishedQuery) -> None:
    body = "\n".join(line for line in published.text.splitlines() if not line.startswith(("PREFIX", "#")))
    for line in published.text.splitlines():
        if line.startswith("PREFIX"):
            assert line.split()[1] in body


def test_a_parameter_takes_another_value(graph: KnowledgeGraph, root: territoires.Root) -> None:
    query = read_query(root.queries / "members-of-a-territory.rq")
    rows = answer(graph, query.with_values({"territory": "id/territory/2/ti-7608"}))
    assert {row["memberLabel"] for row in rows} == {"CA Grand Auch Coeur de Gascogne", "CC Astarac Arros en Gascogne"}


def test_the_language_of_an_answer_can_be_chosen(graph: KnowledgeGraph, root: territoires.Root) -> None:
    query = read_query(root.queries / "laureates-in-occitanie.rq")
    rows = answer(graph, query.with_values({"language": "en"}))
    assert {row["status"] for row in rows} == {"new", "renewed"}


def test_every_class_of_the_ontology_is_asked_for(root: territoires.Root) -> None:
    text = (root.ontology / "territoires.ttl").read_text(encoding="utf-8")
    classes = set(re.findall(r"^ti:(\w+)\n    a owl:Class\b", text, re.MULTILINE))
    assert {"Territory", "Figure"} < classes
    asked = set(re.findall(r"\bti:(\w+)", "".join(read_query(file).text for file in FILES)))
    assert sorted(classes - asked) == []
