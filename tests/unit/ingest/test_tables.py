"""Tables are read strictly: what does not fit is refused with its place, never guessed at."""

import csv
import io
import json
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.conftest import assert_says

from territoires.errors import DataError, Place, TableError, Text
from territoires.ingest.tables import Row, read_csv, read_records

COLUMNS = ("code", "nom")
# A carriage return is a line end to every tool that writes these files; other control characters are damage.
cells = st.text(
    st.characters(exclude_categories=["Cs", "Cc"], include_characters="\n\t", exclude_characters="\ufffd"), max_size=12
)
tables = st.lists(st.tuples(cells, cells), min_size=1, max_size=6)


def written(rows: Sequence[Sequence[str]], line_end: str = "\n") -> str:
    buffer = io.StringIO(newline="")
    csv.writer(buffer, lineterminator=line_end).writerows(rows)
    return buffer.getvalue()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "a.csv"


def read(file: Path, content: str | bytes) -> list[Row]:
    file.write_bytes(content.encode() if isinstance(content, str) else content)
    return list(read_csv(file, COLUMNS))


def refused(file: Path, content: str | bytes) -> DataError:
    with pytest.raises(DataError) as caught:
        read(file, content)
    return caught.value


@given(tables, st.sampled_from(["\n", "\r\n"]), st.sampled_from(["", "\ufeff"]))
def test_any_table_reads_back_the_same(
    tmp_path_factory: pytest.TempPathFactory, table: list[tuple[str, str]], line_end: str, mark: str
) -> None:
    rows = read(tmp_path_factory.getbasetemp() / "any.csv", mark + written([COLUMNS, *table], line_end))
    assert [tuple(row.values.values()) for row in rows] == table


@given(tables)
def test_each_row_knows_the_line_it_starts_at(
    tmp_path_factory: pytest.TempPathFactory, table: list[tuple[str, str]]
) -> None:
    rows = read(tmp_path_factory.getbasetemp() / "lines.csv", written([COLUMNS, *table]))
    starts = [written([COLUMNS, *table[:count]]).count("\n") + 1 for count in range(len(table))]
    assert [row.place.line for row in rows] == starts


def test_a_row_with_a_line_end_in_a_cell_starts_where_it_starts(file: Path) -> None:
    rows = read(file, 'code,nom\n"1\n2",a\n3,b\n')
    assert [row.place for row in rows] == [Place(file, 2), Place(file, 4)]


@pytest.mark.parametrize("character", ["\x85", "\u2028", "\u2029"])
def test_only_a_line_end_ends_a_row(file: Path, character: str) -> None:
    (row,) = read(file, f"code,nom\n1,a{character}b\n")
    assert row["nom"] == f"a{character}b"


@pytest.mark.parametrize(
    "text", ["code,nom\n1, a b \n", "code,nom\r\n1, a b \r\n", "code,nom\n1, a b ", '\ufeffcode,nom\n"1"," a b "\n']
)
def test_a_cell_is_read_without_surrounding_blanks(file: Path, text: str) -> None:
    (row,) = read(file, text)
    assert (row["code"], row["nom"], row.values["nom"]) == ("1", "a b", " a b ")


def test_blank_lines_are_passed_over(file: Path) -> None:
    rows = read(file, "code,nom\n\n1,a\n\n\n2,b\n\n")
    assert [(row["code"], row.place.line) for row in rows] == [("1", 3), ("2", 6)]


@pytest.mark.parametrize(
    ("header", "words"),
    [
        ("code", ["nom"]),
        ("code,name", ["nom", "name"]),
        ("code,nom,siren", ["siren"]),
        ("Code,Nom", ["code, nom", "Code, Nom"]),
        ("code, nom", ["nom", " nom"]),
        ("nom,code", []),
        ("code,nom,nom", []),
        ("", ["code, nom"]),
        ("\n", ["code, nom"]),
    ],
    ids=[
        "missing",
        "renamed",
        "one more",
        "capitals",
        "blank",
        "swapped",
        "repeated",
        "empty",
        "blank line",
    ],
)
def test_a_changed_header_is_refused_with_the_columns_that_changed(file: Path, header: str, words: list[str]) -> None:
    error = refused(file, f"{header}\n1,a\n" if header else "")
    assert_says(error, f"{file}:1", *words, "code,nom")


@pytest.mark.parametrize(("row", "count"), [("1", 1), ("1,a,b", 3), ("1,a,", 3), (" ", 1), ("1;a", 1)], ids=repr)
def test_a_ragged_row_is_refused_with_its_line(file: Path, row: str, count: int) -> None:
    assert_says(refused(file, f"code,nom\n0,z\n{row}\n2,b\n"), f"{file}:3", str(count), "2")


@pytest.mark.parametrize("row", ['1,"a', '1,"a"b', '1,"a""'])
def test_wrong_quotes_are_refused_with_their_line(file: Path, row: str) -> None:
    assert_says(refused(file, f"code,nom\n0,z\n{row}\n"), f"{file}:3")


@pytest.mark.parametrize("text", ["code,nom", "code,nom\n", "code,nom\n\n\n"])
def test_a_table_without_rows_is_refused(file: Path, text: str) -> None:
    assert_says(refused(file, text), str(file))


def test_what_is_not_utf_8_is_refused_with_its_byte(file: Path) -> None:
    assert_says(refused(file, "code,nom\n1,é\n".encode("mac_roman")), f"{file}:2", "11", "UTF-8")


def test_what_is_not_utf_8_is_refused_with_its_line(file: Path) -> None:
    error = refused(file, "code,nom\n0,z\n1,é\n".encode("mac_roman"))
    assert error.place is not None
    assert error.place.line == 3


def test_rows_before_a_wrong_one_are_read_first(file: Path) -> None:
    file.write_text("code,nom\n1,a\n2\n", encoding="utf-8")
    rows = read_csv(file, COLUMNS)
    assert next(rows)["code"] == "1"
    with pytest.raises(TableError):
        next(rows)


def test_a_refused_value_comes_with_its_column_and_place(file: Path) -> None:
    (row,) = read(file, "code,nom\n1, a\n")
    error = row.refuse("nom", Text("too short", "trop court"), Text("write it out", "écrivez-le en entier"))
    assert error.in_("en") == f"{file}:2: column nom, value ' a': too short\n  → write it out"
    assert error.in_("fr") == f"{file}:2: colonne nom, valeur ' a' : trop court\n  → écrivez-le en entier"


def records(file: Path, content: str | bytes) -> list[dict[str, object]]:
    file.write_bytes(content.encode() if isinstance(content, str) else content)
    return read_records(file, COLUMNS)


def test_records_are_read_with_all_their_keys(file: Path) -> None:
    wanted = [{"code": "1", "nom": "é", "more": [1]}, {"code": "2", "nom": None}]
    assert records(file, json.dumps(wanted)) == wanted


def test_records_that_are_not_there_are_refused_by_file(file: Path) -> None:
    with pytest.raises(TableError) as caught:
        read_records(file, COLUMNS)
    assert_says(caught.value, str(file))


@pytest.mark.parametrize(
    ("content", "place"),
    [("[{]", ":1:3"), ('[\n{"code": "1" "nom": "a"}]', ":2:14"), ("", ":1:1"), (b'["\xe9"]', "")],
    ids=["brace", "comma", "empty", "not UTF-8"],
)
def test_what_is_not_json_is_refused_with_line_and_column(file: Path, content: str | bytes, place: str) -> None:
    with pytest.raises(TableError) as caught:
        records(file, content)
    assert_says(caught.value, f"{file}{place}", "JSON")


@pytest.mark.parametrize("content", ["[]", "{}", '{"code": "1", "nom": "a"}', "null", '"x"', "1"])
def test_what_is_no_array_of_objects_is_refused(file: Path, content: str) -> None:
    with pytest.raises(TableError) as caught:
        records(file, content)
    assert_says(caught.value, str(file), "JSON")


@pytest.mark.parametrize(
    ("second", "missing"),
    [
        ('{"code": "2"}', "nom"),
        ('{"Code": "2", "nom": "b"}', "code"),
        ("{}", "code, nom"),
        ('"b"', "code, nom"),
        ("null", "nom"),
    ],
)
def test_an_object_without_a_key_is_refused_by_number_and_key(file: Path, second: str, missing: str) -> None:
    with pytest.raises(TableError) as caught:
        records(file, f'[{{"code": "1", "nom": "a"}}, {second}]')
    assert_says(caught.value, str(file), "2", missing)
