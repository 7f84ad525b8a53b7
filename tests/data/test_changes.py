"""Judging only what a change touches finds what judging everything finds."""

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from territoires.changes import Changes, changed_since
from territoires.errors import RequestError
from territoires.graph import load
from territoires.namespaces import BASE
from territoires.root import Root, find_root
from territoires.validation import Result, validate


def git(root: Root, *arguments: str) -> None:
    identity = ("-c", "user.name=Test", "-c", "user.email=test@example.org")
    subprocess.run(["git", "-C", str(root.path), *identity, *arguments], check=True, capture_output=True)


@pytest.fixture
def committed(small: Root) -> Root:
    git(small, "init", "--quiet")
    git(small, "add", "--all")
    git(small, "commit", "--quiet", "--message", "valid")
    return small


def edit(root: Root, file: str, old: str, new: str) -> None:
    path = root.data / file
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def drop_block(root: Root, file: str, subject: str) -> None:
    path = root.data / file
    blocks = path.read_text(encoding="utf-8").split("\n\n")
    kept = [block for block in blocks if not block.startswith(subject)]
    assert len(kept) < len(blocks)
    path.write_text("\n\n".join(kept), encoding="utf-8")


def move(root: Root, file: str, to: str) -> None:
    (root.data / file).rename(root.data / to)


def add(root: Root, file: str, text: str) -> None:
    with (root.data / file).open("a", encoding="utf-8") as stream:
        stream.write(text + "\n")


ANCT = "anct-2024-07-04/phase-2.ttl"
COMMUNIQUE = "communique-occitanie-2023-11-09.ttl"
BREAKS: dict[str, Callable[[Root], None]] = {
    "a label lost": lambda root: edit(root, ANCT, 'rdfs:label "Grand Auch – Astarac"@fr ;', ""),
    "a French label lost": lambda root: edit(
        root, COMMUNIQUE, '"Bpifrance"@en ,\n        "Bpifrance"@fr ;', '"Bpifrance"@en ;'
    ),
    "a member that is a region": lambda root: edit(root, ANCT, "<id/intercommunality/248100737>", "<id/region/76>"),
    "a second phase": lambda root: edit(root, ANCT, "ti:phase <id/phase/2>", "ti:phase <id/phase/1> , <id/phase/2>"),
    "a member that does not exist": lambda root: edit(
        root, ANCT, "<id/intercommunality/248100737>", "<id/intercommunality/999999999>"
    ),
    "a territory gone": lambda root: drop_block(root, ANCT, "<id/territory/2/ti-7614>"),
    "an intercommunality gone": lambda root: drop_block(
        root, "cog-2026/intercommunalities.ttl", "<id/intercommunality/248100737>"
    ),
    "a region gone": lambda root: drop_block(root, "cog-2026/regions.ttl", "<id/region/06>"),
    "a class changed": lambda root: edit(root, COMMUNIQUE, "a ti:Funder ;", "a ti:Post ;"),
    "the only tenure of an official gone": lambda root: drop_block(
        root, COMMUNIQUE, "<id/tenure/delga-presidence-region-occitanie>"
    ),
    "a date without type": lambda root: edit(
        root, COMMUNIQUE, 'ti:date "2023-05-11"^^xsd:date', 'ti:date "2023-05-11"'
    ),
    "an amount without currency": lambda root: edit(root, "facts/tribune-2023-11.ttl", '    ti:currency "EUR" ;\n', ""),
    "two things that are one elsewhere": lambda root: edit(root, "links-wikidata.ttl", "wd:Q3083 ", "wd:Q3093 "),
    "a printed department that is not covered": lambda root: edit(
        root, COMMUNIQUE, "<id/department/48> ;", "<id/department/75> ;"
    ),
    "a wrong code": lambda root: edit(root, "cog-2026/departments.ttl", 'igeo:codeINSEE "81"', 'igeo:codeINSEE "812"'),
    "a former member still listed": lambda root: edit(root, "facts/anct-2023-11.ttl", "246600548", "246600373"),
    "a graph that moves out of the catalogue": lambda root: move(root, COMMUNIQUE, "moved.ttl"),
    "a graph that the catalogue forgets": lambda root: edit(
        root, "catalogue.ttl", "<graph/points-dila>\n    a dcat:Dataset", "<graph/points-dila>\n    a dcat:Resource"
    ),
    "a folder that is no graph any more": lambda root: edit(
        root, "catalogue.ttl", "<graph/cog-2026>\n", "<graph/cog-2025>\n"
    ),
    "a resource without its place": lambda root: edit(root, COMMUNIQUE, "    ti:locator", "    rdfs:comment"),
    "a source that the catalogue now names": lambda root: add(
        root, "catalogue.ttl", "<graph/derived> dct:source <source/anct-2024-07-04> ."
    ),
    "a SIREN with a wrong digit": lambda root: edit(
        root, "cog-2026/intercommunalities.ttl", 'ti:siren "200069193"', 'ti:siren "200069194"'
    ),
    "a year outside its phase": lambda root: edit(
        root, "facts/tribune-2023-11.ttl", '"2023"^^xsd:gYear', '"2031"^^xsd:gYear'
    ),
    "a licence lost": lambda root: edit(root, "catalogue.ttl", ' ;\n    ti:reliability "press" .', " ."),
}


Outline = set[tuple[str, str, str | None, str, str | None, str]]


def outline(results: tuple[Result, ...]) -> Outline:
    return {(r.focus_node, r.shape, r.path, r.severity, r.value, str(r.place)) for r in results}


def new_in(results: tuple[Result, ...], before: Outline) -> Outline:
    """Return the results that are not there `before`; one whose statement only stands on another line is no news."""
    known = {result[:-1] for result in before}
    return {result for result in outline(results) if result[:-1] not in known}


@pytest.fixture(scope="module")
def before(small_data: Path) -> Outline:
    """Return what the graph is warned of before any change."""
    return outline(validate(load(find_root(small_data))).results)


@pytest.mark.slow
@pytest.mark.parametrize("name", BREAKS)
def test_a_change_is_judged_as_a_full_check_would(committed: Root, before: Outline, name: str) -> None:
    BREAKS[name](committed)
    graph = load(committed)
    everything = validate(graph)
    touched = validate(graph, changes=changed_since(committed, "HEAD"))
    new = new_in(everything.results, before)
    assert new_in(touched.results, before) == new
    assert new, "the change breaks nothing"
    assert touched.triples < everything.triples


def test_nothing_changed_is_nothing_judged(committed: Root) -> None:
    changes = changed_since(committed, "HEAD")
    assert not changes
    assert validate(load(committed), changes=changes).triples == 0


def test_other_words_for_the_same_triples_change_nothing(committed: Root) -> None:
    path = committed.data / COMMUNIQUE
    path.write_text("# A comment.\n" + path.read_text(encoding="utf-8"), encoding="utf-8")
    assert changed_since(committed, "HEAD") == Changes()


def test_a_triple_that_moves_to_another_file_has_not_changed(committed: Root) -> None:
    text = (committed.data / "facts/anct-2023-11.ttl").read_text(encoding="utf-8")
    (committed.data / "facts/anct-2023-11.ttl").unlink()
    (committed.data / "facts/moved.ttl").write_text(text, encoding="utf-8")
    changes = changed_since(committed, "HEAD")
    assert changes.triples == frozenset()
    assert {name.removeprefix(BASE) for name in changes.graphs} == {
        "graph/facts",
        "graph/facts/anct-2023-11",
        "graph/facts/moved",
    }


def test_changed_shapes_ask_for_a_full_check(committed: Root) -> None:
    (committed.shapes / "Axis.ttl").unlink()
    with pytest.raises(RequestError, match="shapes have changed"):
        changed_since(committed, "HEAD")


def test_an_unknown_revision_is_refused(committed: Root) -> None:
    with pytest.raises(RequestError, match="git cannot tell"):
        changed_since(committed, "nowhere")


def test_a_folder_outside_git_is_refused(small: Root, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path))
    with pytest.raises(RequestError, match="git cannot tell"):
        changed_since(small, "HEAD")
