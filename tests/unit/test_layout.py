"""A Turtle file keeps its statements, its comments and the order of its subjects in the project's layout."""

from pathlib import Path

import pyoxigraph as ox
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.conftest import assert_says
from tests.unit.test_turtle import triples

from territoires.errors import DataError, TurtleError
from territoires.layout import arrange, formatted, read_layout
from territoires.namespaces import BASE
from territoires.root import find_root

FILE = Path("data/x.ttl")
HEAD = f"@base <{BASE}> .\n@prefix ti: <{BASE}def#> .\n"
comments = st.text(st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp", "Zs"])).map(lambda text: f"# {text}")


def reread(text: str) -> set[ox.Triple]:
    return {quad.triple for quad in ox.parse(text, format=ox.RdfFormat.TURTLE, base_iri=BASE)}


def written(statements: list[tuple[ox.Triple, list[str]]], end: list[str]) -> str:
    """Write a document as a hand might: one statement a line, comments above."""
    lines = [line for triple, above in statements for line in (*above, f"{triple} .")]
    return "\n".join([*lines, *end])


@given(st.lists(st.tuples(triples, st.lists(comments, max_size=2)), max_size=8), st.lists(comments, max_size=2))
def test_statements_and_comments_stay_and_a_second_time_changes_nothing(
    statements: list[tuple[ox.Triple, list[str]]], end: list[str]
) -> None:
    seen: set[object] = set()
    for triple, above in statements:
        if triple.subject in seen:
            above.clear()
        seen.add(triple.subject)
    text = written(statements, end)
    once = formatted(text, FILE)
    assert reread(once) == {triple for triple, _ in statements}
    assert formatted(once, FILE) == once
    kept = [line.strip() for line in once.splitlines() if line.startswith("#")]
    assert sorted(kept) == sorted([line.strip() for _, above in statements for line in above] + [*map(str.strip, end)])


def test_comments_stay_above_their_subject_and_subjects_in_their_order() -> None:
    text = f"# top\n{HEAD}\n# of b\n<b> ti:q 1 ; ti:p 2 .\n# section\n\n# of a\n<a> ti:p 1, 3 .\n# end\n"
    assert formatted(text, FILE) == (
        f"# top\n{HEAD}\n# of b\n<b>\n    ti:p 2 ;\n    ti:q 1 .\n\n"
        "# section\n\n# of a\n<a>\n    ti:p\n        1 ,\n        3 .\n\n# end\n"
    )


@pytest.mark.parametrize(
    ("body", "line"),
    [
        ("<a> ti:p 1 ; # why\n ti:q 2 .", 3),
        ("<a> ti:p 1 ;\n # why\n ti:q 2 .", 4),
        ("<a> ti:p 1 . # why\n<b> ti:p 1 .", 3),
        ("<a>\n ti:p 1 . # why", 4),
        ("<a> ti:p 1 .\n# why\n<a> ti:q 2 .", 5),
    ],
)
def test_a_comment_without_a_place_is_refused_with_its_line(body: str, line: int) -> None:
    with pytest.raises(DataError) as caught:
        formatted(HEAD + body, FILE)
    assert_says(caught.value, f"{FILE}:{line}", "comm")


@pytest.mark.parametrize("body", ["<a> ti:p [ ti:q 1 ] .", "<a> ti:p ( 1 2 ) .", "[] ti:p 1 ."])
def test_a_blank_node_without_a_label_is_refused(body: str) -> None:
    with pytest.raises(DataError) as caught:
        formatted(HEAD + body, FILE)
    assert_says(caught.value, f"{FILE}:3")


def test_a_hash_in_a_string_or_an_iri_is_no_comment() -> None:
    text = f'{HEAD}\n<a#b>\n    ti:p\n        "# no" ,\n        <c#d> .\n'
    assert formatted(text, FILE) == text


def test_what_does_not_parse_is_refused() -> None:
    with pytest.raises(TurtleError) as caught:
        formatted(f"{HEAD}<a> ti:p", FILE)
    assert_says(caught.value, f"{FILE}:3:9")


def test_a_new_subject_goes_to_its_place_in_a_sorted_file_and_else_to_the_end() -> None:
    def subjects(text: str, *new: str) -> list[str]:
        facts = reread(text) | {
            ox.Triple(ox.NamedNode(BASE + name), ox.NamedNode(f"{BASE}p"), ox.Literal("")) for name in new
        }
        return [line for line in arrange(facts, read_layout(text, FILE)).splitlines() if line.startswith("<")]

    assert subjects("<a> <p> 1 . <c> <p> 1 .".replace("<", f"<{BASE}"), "b") == ["<a>", "<b>", "<c>"]
    assert subjects("<c> <p> 1 . <a> <p> 1 .".replace("<", f"<{BASE}"), "b") == ["<c>", "<a>", "<b>"]


@pytest.mark.parametrize(
    "file", find_root().turtle_files(), ids=lambda file: file.relative_to(find_root().path).as_posix()
)
def test_shipped_files_keep_everything(file: Path) -> None:
    """Importers write this layout; what is kept by hand has it only from the first `fmt` on (decision 49)."""
    text = file.read_text(encoding="utf-8")
    if file.name in {"alignments.ttl", "axioms.ttl"}:  # In sections, a subject in several: they stay as they are.
        with pytest.raises(DataError):
            formatted(text, file)
        return
    new = formatted(text, file)
    if "Kept by hand" in text.partition("@base")[0]:
        assert reread(new) == reread(text)
        assert [line for line in new.splitlines() if line.startswith("#")] == [
            line for line in text.splitlines() if line.startswith("#")
        ]
        assert formatted(new, file) == new
    else:
        assert new == text
