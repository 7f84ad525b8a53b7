"""Links are written for known places only, and as `owl:sameAs` only for the very same thing."""

import subprocess
from collections.abc import Callable
from pathlib import Path

import pyoxigraph as ox
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.conftest import MakeRoot, assert_says

from territoires.errors import TableError
from territoires.ingest.links import (
    VERSION_COLUMNS,
    WIKIDATA_COLUMNS,
    code_links,
    read_insee_versions,
    read_wikidata,
)
from territoires.ingest.organisations import COLUMNS, read_organisations
from territoires.namespaces import BASE, PREFIXES

DATA = """\
@base <https://w3id.org/territoires-industrie/> .
@prefix ti: <https://w3id.org/territoires-industrie/def#> .
@prefix igeo: <http://rdf.insee.fr/def/geo#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
<id/region/76> a ti:Region ; rdfs:label "Occitanie"@fr ; igeo:codeINSEE "76" ;
  owl:sameAs <http://www.wikidata.org/entity/Q18678265> .
<id/region/01> a ti:Region ; rdfs:label "Guadeloupe"@fr ; igeo:codeINSEE "01" .
<id/department/81> a ti:Department ; rdfs:label "Tarn"@fr ; igeo:codeINSEE "81" ; ti:inRegion <id/region/76> .
<id/department/82> a ti:Department ; rdfs:label "Tarn-et-Garonne"@fr ; igeo:codeINSEE "82" ;
  ti:inRegion <id/region/76> .
<id/department/971> a ti:Department ; rdfs:label "Guadeloupe"@fr ; igeo:codeINSEE "971" ; ti:inRegion <id/region/01> .
<id/intercommunality/248100737> a ti:Intercommunality ; rdfs:label "CA de l'Albigeois (C2A)"@fr ;
  igeo:codeINSEE "248100737" ; ti:legalForm "CA" .
<id/intercommunality/200057966> a ti:Intercommunality ; rdfs:label "Paris Est Marne et Bois"@fr ;
  igeo:codeINSEE "200057966" ; ti:legalForm "EPT" .
<id/organisation/caisse-des-depots> a ti:Organisation ; rdfs:label "Caisse des dépôts et consignations"@fr .
<id/funder/banque-des-territoires> a ti:Funder ; rdfs:label "Banque des Territoires"@fr , "Bank"@en .
<id/organisation/region-occitanie> a ti:Organisation ; rdfs:label "Région Occitanie – PM"@fr ;
  skos:altLabel "Région Occitanie"@fr .
<id/organisation/a> a ti:Organisation ; rdfs:label "Jumeau"@fr .
<id/organisation/b> a ti:Organisation ; rdfs:label "Jumeau"@fr .
<id/official/carole-delga> a ti:Official ; rdfs:label "Carole Delga"@fr .
"""
UUID = "f30d4384-d4e7-4f39-9621-90d1b50e72f7"
Read = Callable[[Path, list[Path]], str]
READERS: dict[Read, tuple[str, ...]] = {
    read_wikidata: WIKIDATA_COLUMNS,
    read_insee_versions: VERSION_COLUMNS,
    read_organisations: COLUMNS,
}
SAME = PREFIXES["owl"] + "sameAs"
PAGE = PREFIXES["schema"] + "sameAs"
WD = PREFIXES["wd"]


@pytest.fixture
def data(tmp_path: Path) -> list[Path]:
    (tmp_path / "data.ttl").write_text(DATA, encoding="utf-8")
    return [tmp_path / "data.ttl"]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "links.csv"


def imported(read: Read, file: Path, data: list[Path], *rows: str) -> str:
    file.write_text("\n".join([",".join(READERS[read]), *rows, ""]), encoding="utf-8")
    return read(file, data)


def links(text: str) -> set[tuple[str, str, str]]:
    """Return what the Turtle says, but for the places in the source."""
    found = set()
    for quad in ox.parse(text.encode(), format=ox.RdfFormat.TURTLE, base_iri=BASE):
        assert isinstance(quad.subject, ox.NamedNode)
        if not quad.predicate.value.endswith("#locator"):
            assert isinstance(quad.object, ox.NamedNode | ox.Literal)
            found.add((quad.subject.value.removeprefix(BASE + "id/"), quad.predicate.value, quad.object.value))
    return found


def test_a_place_is_the_same_as_its_wikidata_item(file: Path, data: list[Path]) -> None:
    text = imported(read_wikidata, file, data, "departement,81,Tarn,Q12772", "region,76,Occitanie,Q18678265")
    assert links(text) == {("department/81", SAME, WD + "Q12772"), ("region/76", SAME, WD + "Q18678265")}
    assert 'ti:locator "departement 81"' in text


def test_a_region_and_its_only_department_share_an_item_and_are_not_the_same_thing(
    file: Path, data: list[Path]
) -> None:
    found = links(
        imported(read_wikidata, file, data, "region,01,Guadeloupe,Q17012", "departement,971,Guadeloupe,Q17012")
    )
    assert found == {("region/01", PAGE, WD + "Q17012"), ("department/971", PAGE, WD + "Q17012")}


def test_dated_iris_of_insee_are_versions_not_the_same_thing(file: Path, data: list[Path]) -> None:
    iri = f"http://id.insee.fr/geo/departement/{UUID}"
    assert links(imported(read_insee_versions, file, data, f"departement,81,{iri}")) == {("department/81", PAGE, iri)}


@pytest.mark.parametrize(
    ("vocabulary", "expected"),
    [
        (
            "insee",
            {
                ("region/76", "http://id.insee.fr/geo/region/76"),
                ("region/01", "http://id.insee.fr/geo/region/01"),
                ("department/81", "http://id.insee.fr/geo/departement/81"),
                ("department/82", "http://id.insee.fr/geo/departement/82"),
                ("department/971", "http://id.insee.fr/geo/departement/971"),
            },
        ),
        (
            "ign",
            {
                ("department/81", "http://data.ign.fr/id/geofla/departement/81"),
                ("department/82", "http://data.ign.fr/id/geofla/departement/82"),
            },
        ),
        (
            "datagouv",
            {
                ("region/76", "https://www.data.gouv.fr/api/1/spatial/zone/fr:region:76/"),
                ("region/01", "https://www.data.gouv.fr/api/1/spatial/zone/fr:region:01/"),
                ("department/81", "https://www.data.gouv.fr/api/1/spatial/zone/fr:departement:81/"),
                ("department/82", "https://www.data.gouv.fr/api/1/spatial/zone/fr:departement:82/"),
                ("department/971", "https://www.data.gouv.fr/api/1/spatial/zone/fr:departement:971/"),
                ("intercommunality/248100737", "https://www.data.gouv.fr/api/1/spatial/zone/fr:epci:248100737/"),
            },
        ),
    ],
)
def test_links_follow_from_codes(data: list[Path], vocabulary: str, expected: set[tuple[str, str]]) -> None:
    text = code_links(vocabulary, data)
    assert links(text) == {(place, PAGE, page) for place, page in expected}
    assert f"territoires import links {vocabulary}" in text.partition("@base")[0]


def test_a_siren_belongs_to_the_organisation_named_not_to_its_direction(file: Path, data: list[Path]) -> None:
    row = "Caisse des dépôts et consignations (la Banque des Territoires en est une direction),180020026,Q846484"
    assert links(imported(read_organisations, file, data, row)) == {
        ("organisation/caisse-des-depots", PREFIXES["ti"] + "siren", "180020026"),
        ("organisation/caisse-des-depots", SAME, WD + "Q846484"),
    }


def test_an_item_that_is_a_region_s_is_not_the_same_as_its_council(file: Path, data: list[Path]) -> None:
    found = links(imported(read_organisations, file, data, "Région Occitanie,,Q18678265", "Carole Delga,,Q2939880"))
    assert found == {
        ("organisation/region-occitanie", PAGE, WD + "Q18678265"),
        ("official/carole-delga", SAME, WD + "Q2939880"),
    }


BAD: list[tuple[Read, tuple[str, ...], str, str]] = [
    (read_wikidata, ("departement,99,Tarn,Q1",), "code_insee", "'99'"),
    (read_wikidata, ("region,81,Tarn,Q1",), "code_insee", "'81'"),
    (read_wikidata, ("region,9,Guadeloupe,Q17012",), "code_insee", "'9'"),
    (read_wikidata, ("commune,81004,Albi,Q1",), "niveau", "'commune'"),
    (read_wikidata, ("departement,81,Tarn-et-Garonne,Q1",), "nom", "'Tarn-et-Garonne'"),
    (read_wikidata, ("departement,81,Tarn,12772",), "qid", "'12772'"),
    (read_wikidata, ("departement,81,Tarn,",), "qid", "''"),
    (read_wikidata, ("departement,81,Tarn,Q1", "departement,81,Tarn,Q2"), "code_insee", "'81'"),
    (read_wikidata, ("departement,81,Tarn,Q1", "departement,82,Tarn-et-Garonne,Q1"), "qid", "'Q1'"),
    (read_wikidata, ("region,76,Occitanie,Q1", "departement,81,Tarn,Q1"), "qid", "'Q1'"),
    (read_wikidata, ("region,76,Occitanie,Q1", "region,01,Guadeloupe,Q1"), "qid", "'Q1'"),
    (read_insee_versions, ("departement,81,http://id.insee.fr/geo/departement/81",), "uri", "departement/81"),
    (read_insee_versions, (f"departement,81,http://id.insee.fr/geo/region/{UUID}",), "uri", "region"),
    (
        read_insee_versions,
        tuple(f"departement,{code},http://id.insee.fr/geo/departement/{UUID}" for code in (81, 82)),
        "uri",
        UUID,
    ),
    (read_organisations, ("Inconnue,180020026,",), "nom", "'Inconnue'"),
    (read_organisations, ("Bank,180020026,",), "nom", "'Bank'"),
    (read_organisations, ("Jumeau,180020026,",), "nom", "'Jumeau'"),
    (read_organisations, ("Banque des Territoires,,",), "nom", "'Banque des Territoires'"),
    (read_organisations, ("Banque des Territoires,180020027,",), "siren", "'180020027'"),
    (read_organisations, ("Banque des Territoires,18002002,",), "siren", "'18002002'"),
    (read_organisations, ("Banque des Territoires,,Q01",), "qid", "'Q01'"),
    (read_organisations, ("Carole Delga,180020026,",), "siren", "'180020026'"),
    (read_organisations, ("Carole Delga,,Q2", "Carole Delga,,Q2"), "nom", "'Carole Delga'"),
]


@pytest.mark.parametrize(("read", "rows", "column", "value"), BAD)
def test_a_row_that_cannot_be_right_is_refused_with_line_column_and_value(
    file: Path, data: list[Path], read: Read, rows: tuple[str, ...], column: str, value: str
) -> None:
    with pytest.raises(TableError) as caught:
        imported(read, file, data, *rows)
    assert_says(caught.value, f"{file}:{1 + len(rows)}", column, value)


@pytest.mark.parametrize("read", READERS)
def test_a_changed_header_is_refused(file: Path, data: list[Path], read: Read) -> None:
    file.write_text("code,iri\n81,x\n", encoding="utf-8")
    with pytest.raises(TableError) as caught:
        read(file, data)
    assert_says(caught.value, f"{file}:1", "header")


@settings(max_examples=20)
@given(st.integers(min_value=0, max_value=10**8 - 1))
def test_one_check_digit_in_ten_is_right(tmp_path_factory: pytest.TempPathFactory, stem: int) -> None:
    folder = tmp_path_factory.mktemp("siren")
    (folder / "data.ttl").write_text(DATA, encoding="utf-8")
    accepted = []
    for digit in range(10):
        try:
            row = f"Banque des Territoires,{stem:08}{digit},"
            imported(read_organisations, folder / "links.csv", [folder / "data.ttl"], row)
            accepted.append(digit)
        except TableError:
            pass
    assert len(accepted) == 1


def test_the_command_writes_each_vocabulary_into_its_graph(
    make_root: MakeRoot, territoires_command: Callable[..., subprocess.CompletedProcess[str]], tmp_path: Path
) -> None:
    root = make_root({"data/cog-2026/places.ttl": DATA})
    table = tmp_path / "wikidata.csv"
    table.write_text(f"{','.join(WIKIDATA_COLUMNS)}\ndepartement,81,Tarn,Q12772\n", encoding="utf-8")
    for arguments in (("wikidata", table), ("ign",)):
        done = territoires_command("--root", root.path, "import", "links", *arguments)
        assert done.returncode == 0, done.stderr
    written = {file.name for file in root.data.glob("*.ttl")}
    assert written == {"links-wikidata.ttl", "links-ign.ttl", "changes.ttl"}


@pytest.mark.parametrize("arguments", [("wikidata",), ("ign", "x.csv"), ("dbpedia",)])
def test_the_command_refuses_a_file_too_many_or_too_few(
    make_root: MakeRoot,
    territoires_command: Callable[..., subprocess.CompletedProcess[str]],
    tmp_path: Path,
    arguments: tuple[str, ...],
) -> None:
    (tmp_path / "x.csv").write_text("", encoding="utf-8")
    root = make_root({"data/cog-2026/places.ttl": DATA})
    done = territoires_command("--root", root.path, "import", "links", *arguments)
    assert done.returncode == 2
    assert list(root.data.glob("*.ttl")) == []
