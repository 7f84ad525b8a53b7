"""Tables of every flavour come back whole; expected codes are those of INSEE's COG 2026 and of ANCT's lists."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from territoires.engine.embedded import EmbeddedEngine
from territoires.enrich import COLUMNS, Limits, Matcher, Phase, Report, enrich, opened, read_stated, recognise
from territoires.enrich.process import metadata, sampled
from territoires.enrich.writing import format_of
from territoires.errors import DataError, RequestError, TableError, TerritoiresError
from territoires.formulas import harmless
from territoires.graph import KnowledgeGraph
from territoires.search import Index, gather

Matchers = Callable[..., Matcher]


@pytest.fixture(scope="session")
def engine(graph: KnowledgeGraph) -> EmbeddedEngine:
    """Return an engine over the shipped graph."""
    return EmbeddedEngine(graph)


@pytest.fixture(scope="session")
def index(engine: EmbeddedEngine) -> Index:
    """Return the index of the shipped graph."""
    return Index(gather(engine))


@pytest.fixture(scope="session")
def matcher(engine: EmbeddedEngine, index: Index) -> Matchers:
    """Return a function that makes a matcher for a phase."""
    return lambda phase="2": Matcher(engine, index, phase)


def done(
    content: bytes, matcher: Matcher, stated: dict[str, str] | None = None, limits: Limits | None = None
) -> tuple[list[dict[str, str]], Report]:
    """Return the rows that come out, by head, and the report."""
    output = io.BytesIO()
    with opened(io.BytesIO(content), "table", limits) as table:
        sample, rows = sampled(table)
        columns = recognise("table", table.heads, sample, matcher.index, stated or {})
        report = enrich(table, rows, columns, matcher, output, "csv")
    return list(csv.DictReader(io.StringIO(output.getvalue().decode("utf-8-sig"), newline=""))), report


def test_a_french_table_in_windows_1252_comes_back_with_its_territories(matcher: Matchers) -> None:
    text = (
        "Commune;Code INSEE;Salariés\r\nAlbi;81004;12\r\nBourg-en-Bresse;1053;3\r\nSaint-Denis;93059;\r\nX;99999;1\r\n"
    )
    rows, report = done(text.encode("cp1252"), matcher())
    assert [row["ti_territoire"] for row in rows] == ["ti-7614", "ti-8402", "", ""]
    assert [row["ti_nom"] for row in rows][:2] == ["Tarn Nord", "Bassin de Bourg-en-Bresse"]
    assert [row["ti_lieu_code"] for row in rows] == ["81004", "01053", "93066", ""]
    assert [row["ti_correspondance"] for row in rows] == ["code", "code restauré", "ancien code", ""]
    assert rows[0]["Salariés"] == "12"
    assert rows[1]["ti_remarque"] == "1053 lu comme 01053"
    assert rows[3]["ti_remarque"] == "code inconnu : 99999"
    assert (report.rows, report.placed, report.inside) == (4, 3, 2)
    assert report.described.en == "CSV, Windows-1252, “;”"
    assert json.loads(report.to_json())["problems"] == {"code inconnu": 1}
    assert any("row 5" in line.en for line in report.lines())


@pytest.mark.parametrize("delimiter", list(",;\t|"))
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_every_flavour_of_csv_is_read(matcher: Matchers, delimiter: str, encoding: str, end: str) -> None:
    lines = [["libellé", "codgeo"], [f"À « Albi »{delimiter} été", "81004"], ["", "81065"]]
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=delimiter, lineterminator=end).writerows(lines)
    rows, _ = done(text.getvalue().encode(encoding), matcher())
    assert [(row["libellé"], row["ti_lieu"]) for row in rows] == [(lines[1][0], "Albi"), ("", "Castres")]


def test_a_line_for_excel_tells_the_delimiter(matcher: Matchers) -> None:
    rows, report = done(b"sep=;\r\ninsee;a,b,c\r\n81004;x\r\n99999;y\r\n", matcher())
    assert [(row["a,b,c"], row["ti_lieu"]) for row in rows] == [("x", "Albi"), ("y", "")]
    assert report.examples["code inconnu"] == [(4, "code inconnu : 99999")]


def test_a_code_that_is_not_of_the_name_beside_it_is_remarked(matcher: Matchers) -> None:
    rows, _ = done(b"insee;commune\n81004;ALBI\n81065;Albi\n81065;Ville de Castres (Tarn)\n", matcher())
    assert [row["ti_lieu_code"] for row in rows] == ["81004", "81065", "81065"]
    assert [row["ti_remarque"] for row in rows] == ["", "la ligne dit « Albi », le code est celui de Castres", ""]


def workbook(rows: list[list[Any]]) -> bytes:
    book = openpyxl.Workbook()
    for row in rows:
        book.worksheets[0].append(row)
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def test_a_workbook_is_read_as_people_see_it(matcher: Matchers) -> None:
    rows, report = done(
        workbook([["insee", "n", None], [1053, 1.5, None], ["81004", 2.0, None], [None, None, None]]), matcher()
    )
    assert [(row["n"], row["ti_lieu_code"]) for row in rows] == [("1.5", "01053"), ("2", "81004"), ("", "")]
    assert report.problems == {"vide": 1}


def test_parquet_is_read_by_the_command_and_not_from_strangers(matcher: Matchers) -> None:
    content = io.BytesIO()
    pq.write_table(pa.table({"siren": ["248100737", None], "n": [1, 2]}), content)
    rows, _ = done(content.getvalue(), matcher())
    assert [row["ti_lieu"][:17] for row in rows] == ["CA de l'Albigeois", ""]
    with pytest.raises(TableError, match="Parquet"):
        done(content.getvalue(), matcher(), limits=Limits(parquet=False))


@pytest.mark.parametrize(
    ("head", "value", "code", "how"),
    [
        ("Code commune", "81004", "81004", "code"),
        ("codgeo", "81004.0", "81004", "code restauré"),
        ("DEPCOM", "2a004", "2A004", "code"),
        ("INSEE_COM", "75101", "75056", "arrondissement"),
        ("insee", "93059", "93066", "ancien code"),
        ("SIREN", "248 100 737", "248100737", "code restauré"),
        ("siret", "24810073700014", "248100737", "code restauré"),
        ("N° SIREN", "248100737", "248100737", "code"),
        ("Commune", "ALBI", "81004", "nom"),
        ("nom commune", "l'hay les roses", "94038", "nom"),
        ("EPCI", "CC du Pays de Mirepoix", "200044469", "nom"),
        ("EPCI", "200044469", "200044469", "code"),
        ("Département", "1", "01", "code restauré"),
        ("dep", "2A", "2A", "code"),
        ("département", "Tarn", "81", "nom"),
        ("region", "76", "76", "code"),
        ("Région", "Occitanie", "76", "nom"),
    ],
)
def test_heads_and_values_say_what_a_column_holds(
    matcher: Matchers, head: str, value: str, code: str, how: str
) -> None:
    [row], _ = done(f"{head};x\n{value};\n".encode(), matcher())
    assert (row["ti_lieu_code"], row["ti_correspondance"]) == (code, how)


def test_columns_without_a_telling_head_are_known_by_their_values(matcher: Matchers) -> None:
    rows, report = done(b"a;b\nx;81004\ny;81065\nz;81163\n", matcher())
    assert report.columns == {"b": "commune"}
    assert [row["ti_lieu"] for row in rows] == ["Albi", "Castres", "Mazamet"]


@pytest.mark.parametrize("codes", ["76;01;11", "84;93;94"])
def test_a_code_of_a_region_or_a_department_is_asked_for(matcher: Matchers, codes: str) -> None:
    content = ("code\n" + codes.replace(";", "\n") + "\n").encode()
    with pytest.raises(TableError, match="may hold codes of a department or region") as caught:
        done(content, matcher())
    assert "code=department" in caught.value.in_("fr")
    regions, _ = done(content, matcher(), {"code": "region"})
    departments, _ = done(content, matcher(), {"CODE": "department"})
    assert [row["ti_lieu"] for row in regions] != [row["ti_lieu"] for row in departments]
    assert all(row["ti_lieu"] for row in (*regions, *departments))


def test_a_column_that_fails_is_not_replaced_by_a_vaguer_one(matcher: Matchers) -> None:
    text = "Commune;Département\nSaynt Martyn;Tarn\nAlbi;Tarn\nCastrez;Tarn\nXx;Tarn\n;Tarn\n"
    rows, report = done(text.encode(), matcher())
    assert [row["ti_lieu_code"] for row in rows] == ["", "81004", "", "", ""]
    assert report.problems == {"nom inconnu": 3, "vide": 1}
    assert "Commune" in report.notes[0].fr
    rows, _ = done("Code INSEE;Département\n99991;Tarn\n99992;Tarn\n".encode(), matcher())
    assert [row["ti_remarque"] for row in rows] == ["code inconnu : 99991", "code inconnu : 99992"]


def test_postal_codes_are_no_codes_of_communes(matcher: Matchers) -> None:
    with pytest.raises(TableError, match="postal code"):
        done(b"code postal;x\n81000;a\n", matcher())
    rows, report = done(b"code postal;ville\n81000;Albi\n", matcher())
    assert report.columns == {"ville": "commune-name"}
    assert "code postal" in report.notes[0].fr
    assert rows[0]["ti_territoire"] == "ti-7614"


def test_namesakes_are_not_chosen_but_told_apart_by_the_department(matcher: Matchers) -> None:
    rows, report = done("commune;département\nCastres;\nCastres;81\nCastres;Aisne\nCastrs;Tarn\n".encode(), matcher())
    assert [row["ti_lieu_code"] for row in rows] == ["", "81065", "02142", ""]
    assert rows[0]["ti_remarque"] == "plusieurs s'appellent ainsi : Castres (81065), Castres (02142)"
    assert rows[3]["ti_remarque"] == "nom inconnu dans Tarn : Castrs (peut-être Castres, 81065)"
    assert report.problems == {"nom ambigu": 1, "nom inconnu": 1}


def test_a_rounded_siren_is_said_to_be_lost(matcher: Matchers) -> None:
    rows, _ = done(b"siren\n248100737\n200044469\n2,48E+08\n", matcher())
    assert rows[2]["ti_remarque"] == "« 2,48E+08 » a été arrondi par un tableur : le code est perdu"


@pytest.mark.parametrize(("phase", "expected"), [("1", "ti-7602"), ("2", "ti-7601"), ("all", "ti-7601 | ti-7602")])
def test_territories_are_of_the_phase_that_was_asked(matcher: Matchers, phase: Phase, expected: str) -> None:
    [row], _ = done("commune\nAlès\n".encode(), matcher(phase))
    assert row["ti_territoire"] == expected
    assert row["ti_phase"].count("|") == expected.count("|")


def test_a_place_in_no_territory_is_found_and_said_so(matcher: Matchers) -> None:
    [row], report = done(b"insee\n75056\n", matcher())
    assert (row["ti_lieu"], row["ti_territoire"], row["ti_remarque"]) == (
        "Paris",
        "",
        "dans aucun territoire en phase 2",
    )
    assert (report.placed, report.inside) == (1, 0)


@pytest.mark.parametrize(
    ("cell", "written"),
    [("=1+1", "'=1+1"), ("+33 5 63", "+33 5 63"), ("-1,5", "-1,5"), ("-x", "'-x"), ("@a", "'@a"), ("\ta", "'\ta"),
     ("a=b", "a=b"), ("+cmd|' /C calc'!A0", "'+cmd|' /C calc'!A0"), ("-2+3+cmd", "'-2+3+cmd"), ("-12%", "-12%")],
)  # fmt: skip
def test_formulas_are_neutralised_and_numbers_are_not(cell: str, written: str) -> None:
    assert harmless(cell) == written


def test_formulas_in_cells_and_heads_are_counted(matcher: Matchers) -> None:
    rows, report = done(b"insee;=x\n81004;=HYPERLINK(1)\n81065;-5\n", matcher())
    assert [row["'=x"] for row in rows] == ["'=HYPERLINK(1)", "-5"]
    assert report.neutralised == 1


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "names the columns, is empty"),
        (b"insee\n", "no row below its heads"),
        (b"a;b\nx;y\n", "no column was recognised among: a, b"),
        (b"insee;b\n81004\n", r"table:2:2: this row has 1 cells, the heads are 2"),
        (b"insee;b\n81004;1;2\n", r"table:2:3: this row has 3 cells"),
        (b"Communes du Tarn\n\ninsee;b\n81004;1\n", r"(?s)table:3:2: this row has 2 cells.*delete the title"),
        (b'insee;b\n81004;"x\n', r"table:2: not a CSV file"),
        (b"insee\n81004\0\n", "control character"),
        ("insee\n81004\n".encode("utf-16"), "UTF-16"),
        (b"insee;n\n81004;\x9f\x8d\x90\n", "neither UTF-8 nor French"),
        (b"\xd0\xcf\x11\xe0" + b"\0" * 100, "old or encrypted Excel"),
        (b"PK\x03\x04" + b"\0" * 100, "workbook cannot be read"),
        (b"insee;ti_nom\n81004;x\n", "has the column ti_nom already"),
    ],
)
def test_what_cannot_be_read_is_refused_by_its_place(matcher: Matchers, content: bytes, said: str) -> None:
    with pytest.raises(DataError, match=said):
        done(content, matcher())


def test_limits_are_kept_while_reading(matcher: Matchers) -> None:
    content = b"insee\n" + b"81004\n" * 600
    with pytest.raises(TableError, match="more than 550 rows"):
        done(content, matcher(), limits=Limits(rows=550))
    with pytest.raises(TableError, match="reading took more than"):
        done(content, matcher(), limits=Limits(seconds=1e-9))


def test_a_bomb_is_refused_by_its_directory(matcher: Matchers) -> None:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("xl/worksheets/sheet1.xml", b"0" * 50_000_000)
    assert len(content.getvalue()) < 100_000
    with pytest.raises(TableError, match="unpacks to 50,000,000 bytes"):
        done(content.getvalue(), matcher(), limits=Limits(unpacked=10_000_000))


def test_entities_of_a_workbook_are_not_expanded(matcher: Matchers) -> None:
    content = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(workbook([["insee"], ["81004"]]))) as good, zipfile.ZipFile(content, "w") as bad:
        for entry in good.infolist():
            part = good.read(entry)
            if entry.filename.startswith("xl/worksheets/"):
                part = b'<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]>' + part
            bad.writestr(entry, part)
    with pytest.raises(TableError, match="workbook cannot be read"):
        done(content.getvalue(), matcher())


@pytest.mark.parametrize("text", ["code", "=commune", "a=thing"])
def test_what_is_said_of_columns_has_a_form(text: str) -> None:
    with pytest.raises(RequestError):
        read_stated([text])


def test_a_column_that_is_not_there_is_refused_with_those_that_are(matcher: Matchers) -> None:
    with pytest.raises(TableError, match="0 columns are called 'x'") as caught:
        done(b"a;b\n1;2\n", matcher(), {"x": "commune"})
    assert "a, b" in caught.value.in_("en")


CELL = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=12) | st.sampled_from(
    ["81004", "1053", "75101", "Castres", "=x", "81", "", "2,48E+08"]
)


@given(st.lists(st.tuples(CELL, CELL), min_size=1, max_size=20))
def test_whatever_the_cells_each_row_comes_out_once_and_as_it_was(
    matcher: Matchers, cells: list[tuple[str, str]]
) -> None:
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=";").writerows([("insee", "commune"), *cells])
    rows, report = done(text.getvalue().encode(), matcher(), {"insee": "commune", "commune": "commune-name"})
    assert [(row["insee"], row["commune"]) for row in rows] == [(harmless(a), harmless(b)) for a, b in cells]
    assert report.rows == sum(report.how.values()) + sum(report.problems.values()) == len(cells)
    assert all(row["ti_lieu"] or row["ti_remarque"] for row in rows)


@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused(matcher: Matchers, content: bytes) -> None:
    try:
        done(content, matcher())
    except TerritoiresError as error:
        assert error.in_("fr")  # noqa: PT017


def test_the_metadata_names_every_column() -> None:
    said = json.loads(metadata("out.csv", ["insee", "Été"], ";"))
    assert said["dialect"]["delimiter"] == ";"
    assert [column["titles"]["und"] for column in said["tableSchema"]["columns"]] == [
        "insee",
        "Été",
        *(c.name for c in COLUMNS),
    ]


def test_the_suffix_names_the_format() -> None:
    assert [format_of(Path(name)) for name in ("a.csv", "A.XLSX", "a.parquet")] == ["csv", "xlsx", "parquet"]
    with pytest.raises(TableError, match="ods"):
        format_of(Path("a.ods"))
