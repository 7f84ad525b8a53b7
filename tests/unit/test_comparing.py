"""Two states are compared by entity, from files, folders, revisions and servers."""

import subprocess
from pathlib import Path

import pyoxigraph as ox
import pytest
from click.testing import CliRunner

from territoires.cli import comparing as command
from territoires.comparing import compare, read_side
from territoires.errors import NotFoundError, TurtleError
from territoires.ingest.summary import in_words
from territoires.namespaces import BASE
from territoires.root import Root

HEAD = f"@base <{BASE}> . @prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> . @prefix ti: <{BASE}def#> .\n"
OLD = (
    HEAD
    + """
<id/territory/2/a> rdfs:label "A"@fr ; ti:includes <id/commune/1> , <id/commune/2> .
<id/territory/2/b> rdfs:label "B"@fr .
<id/commune/1> rdfs:label "un"@fr .
"""
)
NEW = (
    HEAD
    + """
<id/territory/2/a> rdfs:label "A2"@fr ; ti:includes <id/commune/2> , <id/commune/3> , <id/commune/4> .
<id/commune/1> rdfs:label "un"@fr ; ti:siren "1" .
<id/commune/4> rdfs:label "quatre"@fr .
"""
)


def no_fetch(address: str) -> bytes:
    raise AssertionError(address)


@pytest.fixture
def pair(tmp_path: Path) -> tuple[Path, Path]:
    for name, text in (("old.ttl", OLD), ("new.ttl", NEW)):
        (tmp_path / name).write_text(text, encoding="utf-8")
    return tmp_path / "old.ttl", tmp_path / "new.ttl"


def run(*arguments: object) -> tuple[int, str]:
    result = CliRunner().invoke(command.diff, [*map(str, arguments)], obj=Root(Path("nowhere")))
    return result.exit_code, result.stdout


def triples(document: str) -> set[ox.Triple]:
    return {quad.triple for quad in ox.parse(document, format=ox.RdfFormat.TURTLE)}


def test_entities_are_added_removed_or_changed() -> None:
    found = compare({"x.ttl": OLD.encode()}, {"x.ttl": NEW.encode()})
    kinds = {str(one.subject).removeprefix(f"<{BASE}id/").rstrip(">"): (one.kind, one.label) for one in found}
    assert kinds == {
        "commune/1": ("changed", "un"),
        "commune/4": ("added", "quatre"),
        "territory/2/a": ("changed", "A2"),
        "territory/2/b": ("removed", "B"),
    }
    assert in_words(found).en == (
        "1 territory removed, 1 territory renamed, 1 commune added, 1 commune changed otherwise, "
        "2 members joined, 1 member left"
    )
    assert in_words([]).en == "nothing changes"


def test_a_place_of_which_a_list_prints_another_name_is_not_new() -> None:
    spoken = f'<{BASE}id/commune/1> <http://www.w3.org/2004/02/skos/core#altLabel> "UN" .'.encode()
    assert in_words(compare({}, {"x.ttl": spoken})).en == "1 commune changed otherwise"
    assert in_words(compare({"x.ttl": spoken}, {})).en == "1 commune changed otherwise"


def test_the_exit_status_is_that_of_diff(pair: tuple[Path, Path]) -> None:
    old, new = pair
    assert run(old, old) == (0, "")
    code, text = run(old, new)
    assert code == 1
    assert '    ~ rdfs:label "A"@fr → "A2"@fr' in text.splitlines()
    assert run(old, "no-such-thing")[0] == 2


def test_the_patch_makes_the_one_of_the_other(pair: tuple[Path, Path]) -> None:
    lines = run(*pair, "--format", "patch")[1].splitlines()
    assert (lines[0], lines[-1]) == ("TX .", "TC .")
    deleted, added = (triples("\n".join(line[2:] for line in lines if line.startswith(sign))) for sign in ("D ", "A "))
    assert deleted <= triples(OLD)
    assert (triples(OLD) - deleted) | added == triples(NEW)


def test_markdown_keeps_names_apart_from_markup(tmp_path: Path) -> None:
    file = tmp_path / "x.ttl"
    file.write_text(HEAD + '<id/x> rdfs:label "a *b* <c>" .', encoding="utf-8")
    empty = tmp_path / "empty.ttl"
    empty.touch()
    assert run(empty, file, "--format", "markdown")[1].startswith("### + a \\*b\\* \\<c\\> (id/x)")


def test_a_revision_and_a_folder_are_sides(small: Root) -> None:
    identity = ("-c", "user.name=Test", "-c", "user.email=test@example.org")
    for arguments in (("init", "-q"), ("add", "-A"), (*identity, "commit", "-qm", "valid")):
        subprocess.run(["git", "-C", str(small.path), *arguments], check=True)
    folder = str(small.path)
    assert compare(read_side("HEAD", small, no_fetch), read_side(folder, small, no_fetch)) == []
    file = small.data / "catalogue.ttl"
    file.write_text(file.read_text(encoding="utf-8") + "<id/new> a <def#Thing> .\n", encoding="utf-8")
    for side, other in (("HEAD", folder), ("HEAD:data/catalogue.ttl", str(file))):
        [entity] = compare(read_side(side, small, no_fetch), read_side(other, small, no_fetch))
        assert (entity.kind, str(entity.subject)) == ("added", f"<{BASE}id/new>")
    with pytest.raises(NotFoundError):
        read_side("no-such-revision", small, no_fetch)


def test_a_server_is_asked_for_everything(small: Root) -> None:
    asked: list[str] = []

    def fetch(address: str) -> bytes:
        asked.append(address)
        return b"<urn:s> <urn:p> <urn:o> <urn:g> .\n"

    side = read_side("http://127.0.0.1:8000/", small, fetch)
    assert asked == ["http://127.0.0.1:8000/dump.nq"]
    assert compare(side, {"x.ttl": b"<urn:s> <urn:p> <urn:o> ."}) == []


def test_what_does_not_parse_is_named() -> None:
    with pytest.raises(TurtleError, match=r"x\.ttl:1"):
        compare({}, {"x.ttl": b"<a>"})
