"""Which edition of a graph was in force on a day, and what keeps the one that is replaced."""

import datetime as dt
from pathlib import Path

import pyoxigraph as ox
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.changing import write
from tests.unit.conftest import MakeRoot

from territoires.editions import (
    Archive,
    Edition,
    dated,
    editions,
    in_force,
    load_edition,
    parse_day,
    replaced,
    said_then,
)
from territoires.errors import DataError, NotFoundError, RequestError, TurtleError
from territoires.export import export
from territoires.formats import GRAPH_FORMATS, format_named
from territoires.namespaces import BASE
from territoires.root import Root, find_root
from territoires.turtle import parse

LIST = f"{BASE}graph/list"
CATALOGUE = """@base <https://w3id.org/territoires-industrie/> .
@prefix dct: <http://purl.org/dc/terms/> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
# The list.
<graph/list>
    dct:issued "2026-11-24"^^xsd:date ;
    dct:source <id/source/list> .

<id/source/list> dct:title "dct:issued" ;
    dct:issued "2024-07-04"^^xsd:date . # ANCT

<id/source/other> dct:issued "2020-01-01"^^xsd:date .
"""
FIRST = "@base <https://w3id.org/territoires-industrie/> .\n# Note.\n<id/a> <urn:p> 1 .\n"
SECOND = FIRST.replace("1 .", "2 .")
AFTER = "2026-01-15"


def day(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


def change(root: Root, date: str, content: str) -> dict[str, bytes | None]:
    """Replace the list by its edition of `date`, as the door does; return what is written beside it."""
    files: dict[str, bytes | None] = {
        "data/catalogue.ttl": dated(root, LIST, day(date)),
        "data/list.ttl": content.encode(),
    }
    kept = replaced(root, files)
    write(root, {**files, **kept})
    return kept


@pytest.fixture
def one(make_root: MakeRoot) -> Root:
    return make_root({"data/catalogue.ttl": CATALOGUE, "data/list.ttl": FIRST})


def test_a_graph_has_the_edition_of_its_source_s_date(one: Root) -> None:
    assert editions(one, LIST) == (Edition(day("2024-07-04"), None, (one.data / "list.ttl",)),)
    assert editions(one, f"{BASE}graph/catalogue") == ()


def test_a_later_date_keeps_what_was_there_with_what_was_said_of_it(one: Root) -> None:
    kept = change(one, AFTER, SECOND)
    folder = one.path / "editions/list"
    assert {*kept} == {"editions/list/2024-07-04.ttl", "editions/list/2024-07-04.about.ttl"}
    assert (folder / "2024-07-04.ttl").read_text() == FIRST
    old, new = editions(one, LIST)
    assert old == Edition(day("2024-07-04"), day(AFTER), (folder / "2024-07-04.ttl",))
    assert new == Edition(day(AFTER), None, (one.data / "list.ttl",))
    said = said_then(old)
    assert said
    assert [*said(f"{BASE}id/source/list", "http://purl.org/dc/terms/issued")] == [
        ox.Literal("2024-07-04", datatype=ox.NamedNode("http://www.w3.org/2001/XMLSchema#date"))
    ]
    assert not [*said(f"{BASE}id/source/other", "http://purl.org/dc/terms/issued")]
    assert said_then(new) is None


@pytest.mark.parametrize(
    ("asked", "since"),
    [("2024-07-04", "2024-07-04"), ("2026-01-14", "2024-07-04"), (AFTER, AFTER), ("2099-01-01", AFTER)],
)
def test_what_is_in_force_on_a_day(one: Root, asked: str, since: str) -> None:
    change(one, AFTER, SECOND)
    assert in_force(editions(one, LIST), day(asked)).since == day(since)


def test_before_the_first_nothing_is_in_force_and_the_hint_says_since_when(one: Root) -> None:
    with pytest.raises(NotFoundError) as error:
        in_force(editions(one, LIST), day("2024-07-03"))
    assert error.value.hint
    assert "2024-07-04" in error.value.hint.en
    with pytest.raises(NotFoundError, match="not known"):
        in_force((), day("2024-07-03"))


def test_other_content_under_the_same_date_is_a_correction(one: Root) -> None:
    assert replaced(one, {"data/list.ttl": SECOND.encode()}) == {}
    again = CATALOGUE.replace("# The list.", "# The lists.").encode()
    assert replaced(one, {"data/list.ttl": SECOND.encode(), "data/catalogue.ttl": again}) == {}
    assert replaced(one, {"data/list.ttl": SECOND.encode(), "data/catalogue.ttl": None}) == {}


def test_the_date_alone_keeps_what_was_there_so_that_the_list_may_follow(one: Root) -> None:
    catalogue: dict[str, bytes | None] = {"data/catalogue.ttl": dated(one, LIST, day(AFTER))}
    kept = replaced(one, catalogue)
    assert kept["editions/list/2024-07-04.ttl"] == FIRST.encode()
    write(one, {**catalogue, **kept})
    assert replaced(one, {"data/list.ttl": SECOND.encode()}) == {}


def test_a_revert_takes_the_old_edition_back_into_force(one: Root) -> None:
    change(one, AFTER, SECOND)
    back: dict[str, bytes | None] = {"data/catalogue.ttl": CATALOGUE.encode(), "data/list.ttl": FIRST.encode()}
    kept = replaced(one, back)
    assert kept == {"editions/list/2024-07-04.ttl": None, "editions/list/2024-07-04.about.ttl": None}
    write(one, {**back, **kept})
    assert editions(one, LIST) == (Edition(day("2024-07-04"), None, (one.data / "list.ttl",)),)


def test_what_a_date_means(make_root: MakeRoot) -> None:
    for said, expected in [
        ('<graph/list> dct:valid "2024-01-01"^^xsd:date .', "2024-01-01"),
        ('<id/source/list> dct:valid "2024-02-01"^^xsd:date .', "2024-02-01"),
        (
            '<graph/list> dct:source <id/source/more> . <id/source/more> dct:issued "2025-02-01"^^xsd:date .',
            "2025-02-01",
        ),
        ('<graph/list> dct:valid "start=2024; end=2025" .', "2024-07-04"),
        ('<graph/list> dct:valid "2024-02-31"^^xsd:date .', "2024-07-04"),
    ]:
        root = make_root({"data/catalogue.ttl": f"{CATALOGUE}{said}\n", "data/list.ttl": FIRST})
        assert [edition.since for edition in editions(root, LIST)] == [day(expected)], said


@pytest.mark.parametrize(
    ("date", "expected"), [('"2024"^^xsd:gYear', "2024-01-01"), ('"2023-11"^^xsd:gYearMonth', "2023-11-01")]
)
def test_a_month_or_a_year_stands_for_its_first_day(make_root: MakeRoot, date: str, expected: str) -> None:
    text = CATALOGUE.replace('dct:issued "2024-07-04"^^xsd:date . # ANCT', f"dct:date {date} .")
    root = make_root({"data/catalogue.ttl": text, "data/list.ttl": FIRST})
    assert [edition.since for edition in editions(root, LIST)] == [day(expected)]


def test_a_graph_in_several_files_is_kept_as_one(make_root: MakeRoot) -> None:
    root = make_root({"data/catalogue.ttl": CATALOGUE, "data/list/a.ttl": FIRST, "data/list/b.ttl": SECOND})
    files: dict[str, bytes | None] = {"data/catalogue.ttl": dated(root, LIST, day(AFTER)), "data/list/a.ttl": b""}
    write(root, {**files, **replaced(root, files)})
    [old, new] = editions(root, LIST)
    assert new.files == (root.data / "list/a.ttl", root.data / "list/b.ttl")
    assert {*parse(old.files[0])} == {
        ox.Triple(ox.NamedNode(f"{BASE}id/a"), ox.NamedNode("urn:p"), ox.Literal(number)) for number in (1, 2)
    }


def test_dating_changes_one_line_and_says_what_it_cannot_find(one: Root, make_root: MakeRoot) -> None:
    old = CATALOGUE.splitlines()
    new = dated(one, LIST, day(AFTER)).decode().splitlines()
    assert [b for a, b in zip(old, new, strict=True) if a != b] == [f'    dct:issued "{AFTER}"^^xsd:date . # ANCT']
    with pytest.raises(DataError, match="not found"):
        dated(one, f"{BASE}graph/none", day(AFTER))
    undated = make_root({"data/catalogue.ttl": CATALOGUE.replace('dct:issued "2024-07-04"', 'dct:date "2024"')})
    with pytest.raises(DataError, match="not found"):
        dated(undated, LIST, day(AFTER))


def test_a_catalogue_that_does_not_parse_is_refused_with_its_line(one: Root) -> None:
    with pytest.raises(TurtleError) as error:
        replaced(one, {"data/catalogue.ttl": b"<a> <b>"})
    assert error.value.place


def test_an_edition_loads_alone(one: Root) -> None:
    change(one, AFTER, SECOND)
    for asked, value in (("2025-01-01", "1"), (AFTER, "2")):
        graph = load_edition(one, "list", day(asked))
        text = export(graph, format_named("nquads"))
        assert text.decode() == (
            f'<{BASE}id/a> <urn:p> "{value}"^^<http://www.w3.org/2001/XMLSchema#integer> <{LIST}> .\n'
        )
    with pytest.raises(NotFoundError, match="no graph"):
        load_edition(one, "none", day(AFTER))


def test_an_old_edition_is_written_in_every_format_and_again_when_its_file_changes(one: Root) -> None:
    change(one, AFTER, SECOND)
    old, shelf = editions(one, LIST)[0], Archive(one)
    for content in (FIRST, SECOND):
        old.files[0].write_text(content + f"# {content}".replace("\n", " "))
        for format_ in (*GRAPH_FORMATS, *GRAPH_FORMATS):
            with shelf.open(old, format_) as file:
                triples = {q.triple for q in ox.parse(file.read(), format=format_.rdf, base_iri=BASE)}
            assert triples == {quad.triple for quad in ox.parse(content, format=ox.RdfFormat.TURTLE)}
    old.files[0].write_text("<a> <b>")
    with pytest.raises(TurtleError):
        shelf.open(old, format_named("ntriples"))


@pytest.mark.parametrize(
    "text", ["", "2024", "2024-13-01", "2024-02-30", "20240101", "2024-01-01T00:00:00", "２０２４-01-01"]
)
def test_what_is_no_day_is_refused(text: str) -> None:
    with pytest.raises(RequestError, match="is not a day"):
        parse_day(text)


def test_names_that_lead_out_of_the_folder_have_no_editions(one: Root, tmp_path: Path) -> None:
    (tmp_path / "2020-01-01.ttl").write_text(FIRST)
    assert editions(one, f"{BASE}graph/../..") == ()


@given(starts=st.lists(st.dates(), min_size=1, max_size=8, unique=True), asked=st.dates())
def test_in_force_is_the_one_with_the_latest_start_that_is_not_after_the_day(
    tmp_path_factory: pytest.TempPathFactory, starts: list[dt.date], asked: dt.date
) -> None:
    starts.sort()
    folder = tmp_path_factory.mktemp("editions")
    for name in ("ontology", "data", "shapes"):
        (folder / name).mkdir()
    root = find_root(folder)
    write(root, {"data/catalogue.ttl": CATALOGUE.replace("2024-07-04", str(starts[0])).encode()})
    write(root, {"data/list.ttl": f'<urn:a> <urn:p> "{starts[0]}" .'.encode()})
    for start in starts[1:]:
        change(root, str(start), f'<urn:a> <urn:p> "{start}" .')
    known = editions(root, LIST)
    assert [edition.since for edition in known] == starts
    assert [edition.until for edition in known] == [*starts[1:], None]
    expected = [start for start in starts if start <= asked]
    if not expected:
        with pytest.raises(NotFoundError):
            in_force(known, asked)
        return
    found = in_force(known, asked)
    assert found.since == expected[-1]
    assert f'"{expected[-1]}"' in found.files[0].read_text()
