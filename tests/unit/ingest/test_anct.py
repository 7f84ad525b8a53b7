"""ANCT's lists become territories with their members, and every row that cannot be right is refused."""

from pathlib import Path

import pyoxigraph as ox
import pytest
from tests.unit.conftest import assert_says

from territoires.errors import DataError, TableError
from territoires.ingest.anct import COLUMNS, read_anct
from territoires.namespaces import BASE, expand

GEOGRAPHY = """\
@base <https://w3id.org/territoires-industrie/> .
@prefix ti: <def#> .
@prefix igeo: <http://rdf.insee.fr/def/geo#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
<id/region/76> a ti:Region ; rdfs:label "Occitanie"@fr ; igeo:codeINSEE "76" .
<id/region/01> a ti:Region ; rdfs:label "Guadeloupe"@fr ; igeo:codeINSEE "01" .
<id/department/81> a ti:Department ; rdfs:label "Tarn"@fr ; igeo:codeINSEE "81" .
<id/intercommunality/248100737> a ti:Intercommunality ; rdfs:label "CA de l'Albigeois (C2A)"@fr ;
  igeo:codeINSEE "248100737" ; ti:siren "248100737" .
<id/intercommunality/200066124> a ti:Intercommunality ; rdfs:label "CA Gaillac-Graulhet"@fr ;
  igeo:codeINSEE "200066124" ; ti:siren "200066124" .
<id/commune/81004> a ti:Commune ; rdfs:label "Albi"@fr ; igeo:codeINSEE "81004" ; ti:siren "218100048" .
<id/commune/22016> a ti:Commune ; rdfs:label "Île-de-Bréhat"@fr ; igeo:codeINSEE "22016" .
"""
HEADER = ",".join(COLUMNS)
ALBI = "ti-7614,Tarn Nord,CA de l'Albigeois (C2A),248100737,CA"
GAILLAC = "ti-7614,Tarn Nord,CA Gaillac-Graulhet,200066124,CA"
CITY = "ti-0101,Îles,Albi,218100048,COM"


@pytest.fixture
def geography(tmp_path: Path) -> list[Path]:
    (tmp_path / "places.ttl").write_text(GEOGRAPHY.replace("<def#>", f"<{BASE}def#>"), encoding="utf-8")
    return [tmp_path / "places.ttl"]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "liste.csv"


def imported(file: Path, geography: list[Path], *rows: str, phase: int = 2) -> str:
    file.write_text("\n".join([HEADER, *rows, ""]), encoding="utf-8")
    return read_anct(file, phase, geography)


def facts(text: str) -> set[tuple[str, str, str]]:
    found = set()
    for quad in ox.parse(text.encode(), format=ox.RdfFormat.TURTLE, base_iri=BASE):
        assert isinstance(quad.subject, ox.NamedNode)
        object_ = quad.object.value.removeprefix(BASE) if isinstance(quad.object, ox.NamedNode) else str(quad.object)
        found.add((quad.subject.value.removeprefix(BASE), quad.predicate.value, object_))
    return found


def fact(subject: str, predicate: str, object_: str) -> tuple[str, str, str]:
    return (subject, expand(predicate), object_)


def test_a_territory_has_its_name_id_phase_region_members_and_place_in_the_list(
    file: Path, geography: list[Path]
) -> None:
    territory = "id/territory/2/ti-7614"
    assert facts(imported(file, geography, ALBI, GAILLAC)) == {
        fact(territory, "rdf:type", "def#Territory"),
        fact(territory, "rdfs:label", '"Tarn Nord"@fr'),
        fact(territory, "dct:identifier", '"ti-7614"'),
        fact(territory, "ti:phase", "id/phase/2"),
        fact(territory, "ti:filedUnder", "id/region/76"),
        fact(territory, "ti:includes", "id/intercommunality/248100737"),
        fact(territory, "ti:includes", "id/intercommunality/200066124"),
        fact(territory, "ti:locator", '"liste-ti-grpt, phase 2, id_ti ti-7614"'),
    }


def test_the_phase_is_part_of_the_key(file: Path, geography: list[Path]) -> None:
    found = facts(imported(file, geography, ALBI, phase=1))
    assert {subject for subject, _, _ in found} == {"id/territory/1/ti-7614"}
    assert fact("id/territory/1/ti-7614", "ti:phase", "id/phase/1") in found


def test_a_commune_may_be_a_member(file: Path, geography: list[Path]) -> None:
    found = facts(imported(file, geography, CITY))
    assert fact("id/territory/2/ti-0101", "ti:includes", "id/commune/81004") in found
    assert fact("id/territory/2/ti-0101", "ti:filedUnder", "id/region/01") in found


def test_another_name_than_the_official_one_is_kept_with_its_place(file: Path, geography: list[Path]) -> None:
    found = facts(imported(file, geography, ALBI.replace("CA de l'Albigeois (C2A)", "CA de l Albigeois"), GAILLAC))
    place = "id/intercommunality/248100737"
    assert {one for one in found if one[0].startswith("id/intercommunality/")} == {
        fact(place, "skos:altLabel", '"CA de l Albigeois"@fr'),
        fact(place, "ti:locator", '"liste-ti-grpt, phase 2, siren_groupement 248100737"'),
    }


def test_a_member_without_a_printed_name_gets_no_empty_name(file: Path, geography: list[Path]) -> None:
    try:
        text = imported(file, geography, ALBI.replace("CA de l'Albigeois (C2A)", " "))
    except TableError as error:
        assert_says(error, f"{file}:2", "lib_groupement")
    else:
        assert '""' not in text


def test_a_place_may_be_a_member_of_several_territories(file: Path, geography: list[Path]) -> None:
    found = facts(imported(file, geography, ALBI, ALBI.replace("ti-7614,Tarn Nord", "ti-7601,Tarn")))
    members = {one for one in found if one[1] == expand("ti:includes")}
    assert len(members) == 2


def test_surrounding_blanks_do_not_count(file: Path, geography: list[Path]) -> None:
    assert imported(file, geography, ALBI.replace(",", " , ")) == imported(file, geography, ALBI)


def test_the_order_of_the_rows_does_not_matter(file: Path, geography: list[Path]) -> None:
    assert imported(file, geography, ALBI, GAILLAC, CITY) == imported(file, geography, CITY, GAILLAC, ALBI)


def test_the_file_says_how_to_write_it_again(file: Path, geography: list[Path]) -> None:
    assert "territoires import anct-groupements --phase 2" in imported(file, geography, ALBI).partition("@base")[0]


@pytest.mark.parametrize(
    ("row", "column", "value"),
    [
        (ALBI.replace("ti-7614", "ti-761"), "id_ti", "ti-761"),
        (ALBI.replace("ti-7614", "ti-76140"), "id_ti", "ti-76140"),
        (ALBI.replace("ti-7614", "TI-7614"), "id_ti", "TI-7614"),
        (ALBI.replace("ti-7614", "ti-७६14"), "id_ti", "ti-७६14"),
        (ALBI.replace("ti-7614", ""), "id_ti", ""),
        (ALBI.replace("ti-7614", "ti-9914"), "id_ti", "ti-9914"),
        (ALBI.replace("ti-7614", "ti-8114"), "id_ti", "ti-8114"),
        (ALBI.replace("Tarn Nord", "Tarn"), "lib_ti", "Tarn"),
        (ALBI.replace("Tarn Nord", ""), "lib_ti", ""),
        (ALBI.replace("248100737", "248100738"), "siren_groupement", "248100738"),
        (ALBI.replace("248100737", "248 100 737"), "siren_groupement", "248 100 737"),
        (ALBI.replace("248100737", ""), "siren_groupement", ""),
        (ALBI.replace("248100737,CA", "248100737,COM"), "siren_groupement", "248100737"),
        (ALBI.replace("248100737", "218100048"), "siren_groupement", "218100048"),
        (ALBI.replace("248100737,CA", "248100737,SM"), "nature_juridique", "SM"),
        (ALBI.replace("248100737,CA", "248100737,ca"), "nature_juridique", "ca"),
        (ALBI.replace("248100737,CA", "248100737,"), "nature_juridique", ""),
        (GAILLAC, "siren_groupement", "200066124"),
    ],
    ids=[
        "id too short",
        "id too long",
        "id in capitals",
        "id in other digits",
        "no id",
        "unknown region",
        "department for a region",
        "two names for one id",
        "no name",
        "unknown SIREN",
        "blanks in a SIREN",
        "no SIREN",
        "COM that is not a commune",
        "commune that is not COM",
        "unknown legal form",
        "legal form in small letters",
        "no legal form",
        "repeated member",
    ],
)
def test_a_row_that_cannot_be_right_is_refused_with_line_column_and_value(
    file: Path, geography: list[Path], row: str, column: str, value: str
) -> None:
    with pytest.raises(TableError) as caught:
        imported(file, geography, CITY, GAILLAC, row)
    assert_says(caught.value, f"{file}:4", column, repr(value))


def test_a_repeated_member_comes_with_the_line_of_the_first(file: Path, geography: list[Path]) -> None:
    with pytest.raises(TableError) as caught:
        imported(file, geography, CITY, GAILLAC, ALBI, GAILLAC.replace("CA Gaillac-Graulhet", "CA Gaillac"))
    assert_says(caught.value, f"{file}:5", "ti-7614", " 3")


def test_a_second_name_comes_with_the_first(file: Path, geography: list[Path]) -> None:
    with pytest.raises(TableError) as caught:
        imported(file, geography, GAILLAC, ALBI.replace("Tarn Nord", "Tarn"))
    assert_says(caught.value, f"{file}:3", "'Tarn Nord'", "'Tarn'")


def test_an_unknown_legal_form_comes_with_the_known_ones(file: Path, geography: list[Path]) -> None:
    with pytest.raises(TableError) as caught:
        imported(file, geography, ALBI.replace("248100737,CA", "248100737,SM"))
    assert_says(caught.value, f"{file}:2", "CA, CC, COM, CU, EPT, METRO")


@pytest.mark.parametrize(
    "header",
    [HEADER.replace("id_ti", "id"), HEADER + ",population", HEADER.rpartition(",")[0], HEADER.replace(",", "|")],
)
def test_a_changed_header_is_refused(file: Path, geography: list[Path], header: str) -> None:
    file.write_text(f"{header}\n{ALBI}\n", encoding="utf-8")
    with pytest.raises(TableError) as caught:
        read_anct(file, 2, geography)
    assert_says(caught.value, f"{file}:1", HEADER)


def test_a_list_that_is_not_utf_8_is_refused(file: Path, geography: list[Path]) -> None:
    file.write_bytes(f"{HEADER}\n{ALBI.replace('Nord', 'Été')}\n".encode("mac_roman"))
    with pytest.raises(DataError) as caught:
        read_anct(file, 2, geography)
    assert_says(caught.value, f"{file}:2", "UTF-8")


def test_a_ragged_row_is_refused(file: Path, geography: list[Path]) -> None:
    with pytest.raises(TableError) as caught:
        imported(file, geography, ALBI, GAILLAC.replace("Gaillac-Graulhet", "Gaillac, Graulhet"))
    assert_says(caught.value, f"{file}:3", "6", "5")


def test_an_empty_list_is_refused(file: Path, geography: list[Path]) -> None:
    with pytest.raises(TableError) as caught:
        imported(file, geography)
    assert_says(caught.value, str(file))
