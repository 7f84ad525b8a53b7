"""The stamp vouches for exactly the data and shapes that were judged together."""

import datetime as dt
import json

import pytest
from tests.unit.conftest import MakeRoot

from territoires.errors import DataError, InvalidDataError, Text, TurtleError
from territoires.graph import load
from territoires.namespaces import BASE
from territoires.root import Root
from territoires.stamp import ensure_valid, is_stamped, judged_by, read_stamp, stamp_file, write_stamp
from territoires.validation import validate

SHAPE = """\
@prefix sh: <http://www.w3.org/ns/shacl#> .
<urn:shape> a sh:NodeShape ; sh:targetSubjectsOf <https://w3id.org/territoires-industrie/p> ;
  sh:property [ sh:path <https://w3id.org/territoires-industrie/p> ; sh:maxCount 1 ] .
"""
FILES = {"data/a.ttl": "<s> <p> 1 .\n", "ontology/t.ttl": "<t> <q> 1 .\n", "shapes/Shape.ttl": SHAPE}
INVALID = {"data/b.ttl": "<s> <p> 2 .\n"}


@pytest.fixture
def stamped(make_root: MakeRoot) -> Root:
    root = make_root(FILES)
    graph = load(root)
    write_stamp(graph, validate(graph))
    return root


def is_judged(root: Root) -> bool:
    """Return whether ensuring validity takes a full check."""
    told: list[Text] = []
    ensure_valid(root, progress=told.append)
    return bool(told)


def test_data_that_were_never_checked_have_no_stamp(make_root: MakeRoot) -> None:
    assert not is_stamped(make_root(FILES))


def test_data_that_passed_a_check_have_one(stamped: Root) -> None:
    assert is_stamped(stamped)


def test_the_stamp_is_json_below_the_shapes(stamped: Root) -> None:
    assert stamp_file(stamped) == stamped.shapes / "checked.json"
    stamp = json.loads(stamp_file(stamped).read_text(encoding="utf-8"))
    assert stamp["triples"] == 2
    assert stamp["data"] == stamped.digest()


def test_the_same_check_gives_the_same_stamp(stamped: Root) -> None:
    before = stamp_file(stamped).read_bytes()
    graph = load(stamped)
    write_stamp(graph, validate(graph))
    assert stamp_file(stamped).read_bytes() == before


@pytest.mark.parametrize(
    "change",
    [
        {"data/a.ttl": "<s> <p> 2 .\n"},
        {"data/a.ttl": "<s> <p> 1 . \n"},
        {"data/b.ttl": ""},
        {"ontology/t.ttl": "<t> <q> 2 .\n"},
        {"shapes/Shape.ttl": SHAPE + "# stricter\n"},
        {"shapes/Other.ttl": ""},
        {"rules/01-more.rq": "CONSTRUCT WHERE { ?s ?p ?o }"},
    ],
    ids=["fact", "blank", "new file", "ontology", "shape", "new shape", "rule"],
)
def test_any_change_voids_the_stamp(stamped: Root, make_root: MakeRoot, change: dict[str, str]) -> None:
    make_root(change)
    assert not is_stamped(stamped)


def test_a_file_that_went_away_voids_the_stamp(stamped: Root) -> None:
    (stamped.ontology / "t.ttl").unlink()
    assert not is_stamped(stamped)


@pytest.mark.parametrize("text", ["", "{", "null", "[]", "1", '"x"', "{}", '{"triples": 2}', "\udcff"])
def test_a_damaged_stamp_is_no_stamp(stamped: Root, text: str) -> None:
    stamp_file(stamped).write_text(text, encoding="utf-8", errors="surrogateescape")
    assert not is_stamped(stamped)


@pytest.mark.parametrize("key", ["data", "shapes", "rules", "triples", "day", "warnings"])
def test_a_stamp_that_lacks_a_part_is_no_stamp(stamped: Root, key: str) -> None:
    stamp = json.loads(stamp_file(stamped).read_bytes())
    del stamp[key]
    stamp_file(stamped).write_text(json.dumps(stamp), encoding="utf-8")
    assert not is_stamped(stamped)


def test_the_stamp_tells_the_day_and_keeps_it_for_the_same_data(stamped: Root, make_root: MakeRoot) -> None:
    graph = load(stamped)
    write_stamp(graph, validate(graph), today=dt.date(1999, 1, 1))
    first = read_stamp(stamped)
    assert first
    assert first.day > dt.date(1999, 1, 1)
    changed = load(make_root({"data/a.ttl": "<s> <p> 3 .\n"}))
    write_stamp(changed, validate(changed), today=dt.date(1999, 1, 1))
    assert json.loads(stamp_file(stamped).read_bytes())["day"] == "1999-01-01"


def test_the_stamp_tells_the_warnings_by_shape(make_root: MakeRoot) -> None:
    warned = SHAPE.replace(
        "sh:maxCount 1 ]", 'sh:maxCount 1 ; sh:severity sh:Warning ; sh:message "two"@en , "deux"@fr ]'
    )
    data = "".join(f"<s{number:02}> <p> 1 , 2 .\n" for number in range(30))
    root = make_root({"data/a.ttl": data, "shapes/Shape.ttl": warned})
    graph = load(root)
    write_stamp(graph, validate(graph))
    stamp = read_stamp(root)
    assert stamp
    [warning] = stamp.warnings
    assert (warning.message, warning.severity, warning.count) == (Text("two", "deux"), "Warning", 30)
    assert len(warning.things) == 20
    assert {thing for thing, _ in warning.things} <= {f"{BASE}s{number:02}" for number in range(30)}
    assert is_stamped(root)


def test_a_stamp_is_known_to_be_of_other_shapes(stamped: Root, make_root: MakeRoot) -> None:
    stamp = read_stamp(stamped)
    assert stamp
    assert judged_by(stamped, stamp)
    make_root({"shapes/Shape.ttl": SHAPE + "# stricter\n"})
    assert not judged_by(stamped, stamp)


def test_violations_are_not_stamped(make_root: MakeRoot) -> None:
    root = make_root(FILES | INVALID)
    graph = load(root)
    report = validate(graph)
    with pytest.raises(InvalidDataError):
        write_stamp(graph, report)
    assert not stamp_file(root).exists()


def test_stamped_data_are_not_judged_again(stamped: Root) -> None:
    assert not is_judged(stamped)


def test_data_that_were_loaded_are_known_by_their_version(stamped: Root, make_root: MakeRoot) -> None:
    version = load(stamped).version
    make_root({"data/a.ttl": "<s> <p> 2 .\n"})
    assert is_stamped(stamped, version)
    assert not is_stamped(stamped)


def test_data_that_changed_after_they_were_loaded_are_not_let_through(stamped: Root, make_root: MakeRoot) -> None:
    make_root({"shapes/Other.ttl": ""})
    version = load(stamped).version
    ensure_valid(stamped, version=version)
    make_root({"data/a.ttl": "<s> <p> 2 .\n"})
    with pytest.raises(DataError, match="changed"):
        ensure_valid(stamped, version=version)


def test_data_without_a_stamp_are_judged_and_no_stamp_is_written(make_root: MakeRoot) -> None:
    root = make_root(FILES)
    assert is_judged(root)
    assert not is_stamped(root)


def test_invalid_data_are_never_let_through(stamped: Root, make_root: MakeRoot) -> None:
    make_root(INVALID)
    with pytest.raises(InvalidDataError):
        ensure_valid(stamped)


def test_data_that_do_not_parse_are_never_let_through(stamped: Root, make_root: MakeRoot) -> None:
    make_root({"data/b.ttl": "<s> <p>"})
    with pytest.raises(TurtleError):
        ensure_valid(stamped)
