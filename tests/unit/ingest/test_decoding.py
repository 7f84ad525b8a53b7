"""Encoding and delimiter are decided by rules; what was read is told, what is not sure is refused."""

import contextlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.conftest import assert_says

from territoires.errors import DataError, TableError, Text
from territoires.ingest.decoding import FRENCH
from territoires.ingest.tables import Row, read_csv, read_records, restore_zeros

COLUMNS = ("code_insee", "nom")
NAMES = "Saint-Étienne-du-Bois;L'Haÿ-les-Roses;Œting;Île-d'Yeu;Bÿ – d’Été"
TABLE = f'code_insee,nom\n01004,"{NAMES}"\n'


def read(file: Path, content: bytes) -> tuple[list[Row], list[str]]:
    file.write_bytes(content)
    told: list[Text] = []
    rows = list(read_csv(file, COLUMNS, told.append))
    assert all(text.en != text.fr for text in told)
    return rows, [text.en for text in told]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "a.csv"


@pytest.mark.parametrize(
    ("encoding", "said"), [("utf-8", "UTF-8"), ("utf-8-sig", "UTF-8 (BOM)"), ("cp1252", "Windows-1252")]
)
@pytest.mark.parametrize("delimiter", [",", ";"])
def test_what_was_read_is_told(file: Path, encoding: str, said: str, delimiter: str) -> None:
    table = TABLE.replace(",", delimiter)
    (row,), told = read(file, table.encode(encoding))
    assert row["nom"] == NAMES
    assert told == [f"read as a.csv: {said}, «{delimiter}»"]


@pytest.mark.parametrize(
    "content",
    [
        TABLE.replace("Œ", "").replace("ÿ", "").replace("Î", "").replace("É", "é").encode("mac_roman"),
        "code_insee,nom\n1,Évron é\n".encode("cp850"),
        "code_insee,nom\n1,Été\n".encode() + b"2,\xc9t\xe9\n",
        "code_insee,nom\n1,été €\n".encode("iso8859_15"),
        "code_insee,nom\n1,привет\n".encode("cp1251"),
        b"code_insee,nom\n1,\xab\xbb\n",
        b"\xef\xbb\xbfcode_insee,nom\n1,\xe9\n",
    ],
    ids=["Mac", "DOS", "mixed", "Latin-9", "Cyrillic", "no letter", "BOM of another"],
)
def test_another_encoding_is_refused(file: Path, content: bytes) -> None:
    with pytest.raises(DataError) as caught:
        read(file, content)
    assert_says(caught.value, f"{file}:{caught.value.place.line if caught.value.place else 0}", "UTF-8", "Windows-1252")


def test_utf_16_is_refused_by_name(file: Path) -> None:
    with pytest.raises(DataError) as caught:
        read(file, TABLE.encode("utf-16"))
    assert_says(caught.value, f"{file}:1", "UTF-16")


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (b"1,Al\x00bi", "26 "),
        (b"1,Albi\x1a", "28 "),
        ("1,Saint-\ufffdtienne".encode(), "U+FFFD"),
        ("1,Saint-Étienne".encode().decode("cp1252").encode(), "«Saint-Étienne»"),
        ("1,Fromelennes – Œuilly – Évry".encode().decode("cp1252").encode(), "«–»"),
        ("1,L'Haÿ-les-Roses Évian".encode().decode("latin-1").encode(), "«L'Haÿ-les-Roses»"),
    ],
    ids=["NUL", "end of file of DOS", "lost", "twice by Windows", "twice, a dash", "twice by Latin-1"],
)
def test_what_is_already_damaged_is_refused(file: Path, row: bytes, said: str) -> None:
    with pytest.raises(DataError) as caught:
        read(file, b"code_insee,nom\n2,Albi\n" + row + b"\n")
    assert_says(caught.value, f"{file}:3", said)


def test_damage_is_seen_behind_a_byte_order_mark(file: Path) -> None:
    with pytest.raises(DataError) as caught:
        read(file, "\ufeffcode_insee,nom\n1,Ã©tÃ©\n".encode())
    assert_says(caught.value, f"{file}:2", "«été»")


@given(st.text(st.sampled_from([*FRENCH, *"abc ,'"]), max_size=30))
def test_french_in_utf_8_is_never_taken_for_damaged(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    (row,), _ = read(tmp_path_factory.getbasetemp() / "utf-8.csv", f'code_insee,nom\n1,"{text}é"\n'.encode())
    assert row.values["nom"] == f"{text}é"


def test_a_file_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError) as caught:
        list(read_csv(tmp_path, COLUMNS))
    assert_says(caught.value, str(tmp_path))


@given(st.text(st.sampled_from([*FRENCH, *"abc ,'"]), max_size=30))
def test_french_in_windows_1252_is_read_as_it_is_or_refused(
    tmp_path_factory: pytest.TempPathFactory, text: str
) -> None:
    file = tmp_path_factory.getbasetemp() / "french.csv"
    content = f'code_insee;nom\n1;"{text}é"\n'.encode("cp1252")
    if not _is_utf_8(content):
        (row,), _ = read(file, content)
        assert row.values["nom"] == f"{text}é"


def _is_utf_8(content: bytes) -> bool:
    try:
        content.decode()
    except UnicodeDecodeError:
        return False
    return True


@pytest.mark.parametrize(
    ("header", "said"),
    [
        ("insee,nom", "insee is called code_insee here"),
        ("CODGEO;nom", "CODGEO is called code_insee here"),
        ("code_insee;nom;", "unknown: «»"),
        ("Code INSEE,nom", "Code INSEE is called code_insee here"),
        ("code_insee,Libellé", "Libellé is called nom here"),
    ],
)
def test_a_column_under_another_name_is_refused_by_name(file: Path, header: str, said: str) -> None:
    with pytest.raises(TableError) as caught:
        read(file, f"{header}\n1,a\n".encode())
    assert said in caught.value.in_("en")


def restored(file: Path, *codes: str) -> tuple[list[str], list[Text]]:
    file.write_text("\n".join(["code_insee,nom", *(f"{code},a" for code in codes)]), encoding="utf-8")
    told: list[Text] = []
    known = {"01004", "2A004", "81004", "1005", "01005"}
    rows = restore_zeros(read_csv(file, COLUMNS), "code_insee", lambda _row, code: code in known, told.append)
    return [row["code_insee"] for row in rows], told


def test_a_lost_leading_zero_is_restored_and_told(file: Path) -> None:
    codes, told = restored(file, "81004", "1004", "01004")
    assert codes == ["81004", "01004", "01004"]
    (text,) = told
    for words in (text.en, text.fr):
        assert "code_insee" in words
        assert f"{file}:3: 1004 → 01004" in words


@pytest.mark.parametrize("code", ["1005", "004", "A004", "", "9999", "²1004", "81004"])
def test_nothing_is_restored_where_it_is_not_sure(file: Path, code: str) -> None:
    assert restored(file, code) == ([code], [])


@given(st.binary(max_size=200), st.sampled_from([b"", b"code_insee,nom\n", b"code_insee;nom\r\n", b"\xef\xbb\xbf"]))
def test_no_bytes_give_a_traceback(tmp_path_factory: pytest.TempPathFactory, content: bytes, start: bytes) -> None:
    file = tmp_path_factory.getbasetemp() / "fuzz.csv"
    with contextlib.suppress(DataError):
        read(file, start + content)


@given(st.binary(max_size=60), st.sampled_from([b"", b"[", b'[{"code": ', b"[" * 100_000]))
def test_no_bytes_of_json_give_a_traceback(
    tmp_path_factory: pytest.TempPathFactory, content: bytes, start: bytes
) -> None:
    file = tmp_path_factory.getbasetemp() / "fuzz.json"
    file.write_bytes(start + content)
    with pytest.raises(TableError):
        read_records(file, ("code", "a key that no bytes give"))
