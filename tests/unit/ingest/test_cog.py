"""France's geography is read from the package, and a package that does not hold together is refused."""

import contextlib
import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyoxigraph as ox
import pytest
from tests.unit.conftest import assert_says

from territoires.errors import TableError
from territoires.ingest.cog import edition_of, read_cog
from territoires.namespaces import BASE, expand

Tables = dict[str, list[dict[str, Any]]]

ALBI, BONDY = {"code": "81004"}, {"code": "93010"}
PACKAGE: Tables = {
    "regions": [
        {"code": "76", "nom": "Occitanie", "zone": "metro", "chefLieu": "31555"},
        {"code": "11", "nom": "Île-de-France", "zone": "metro", "chefLieu": "75056"},
        {"code": "06", "nom": "Mayotte", "zone": "drom", "chefLieu": "97611"},
        {"code": "975", "nom": "Saint-Pierre-et-Miquelon", "zone": "com", "chefLieu": "97502"},
        {"code": "989", "nom": "Île de Clipperton", "zone": "com", "chefLieu": "98901"},
    ],
    "departements": [
        {"code": "81", "nom": "Tarn", "zone": "metro", "region": "76", "chefLieu": "81004"},
        {"code": "31", "nom": "Haute-Garonne", "zone": "metro", "region": "76", "chefLieu": "31555"},
        {"code": "93", "nom": "Seine-Saint-Denis", "zone": "metro", "region": "11", "chefLieu": "93008"},
        {"code": "75", "nom": "Paris", "zone": "metro", "region": "11", "chefLieu": "75056"},
        {"code": "976", "nom": "Mayotte", "zone": "drom", "region": "06", "chefLieu": "97611"},
        {"code": "975", "nom": "Saint-Pierre-et-Miquelon", "zone": "com", "region": "975", "chefLieu": "97502"},
        {"code": "989", "nom": "Île de Clipperton", "zone": "com", "region": "989", "chefLieu": "98901"},
    ],
    "epci": [
        {"code": "248100737", "nom": "CA de l'Albigeois (C2A)", "type": "CA", "membres": [ALBI]},
        {"code": "200054781", "nom": "Métropole du Grand Paris", "type": "METRO", "membres": [BONDY]},
    ],
    "ept": [{"code": "200057875", "nom": "Est Ensemble", "type": "EPT", "membres": [BONDY]}],
    "communes": [
        {"code": "81004", "nom": "Albi", "departement": "81", "region": "76", "siren": "218100048", "population": 9},
        {"code": "31555", "nom": "Toulouse", "departement": "31", "region": "76", "siren": "213105554"},
        {"code": "75056", "nom": "Paris", "departement": "75", "region": "11", "siren": "217500016"},
        {"code": "93008", "nom": "Bobigny", "departement": "93", "region": "11", "siren": "219300084"},
        {"code": "93010", "nom": "Bondy", "departement": "93", "region": "11", "siren": "219300100"},
        {"code": "97611", "nom": "Mamoudzou", "zone": "drom", "departement": "976", "region": "06", "population": 7},
        {"code": "97502", "nom": "Saint-Pierre", "zone": "com", "departement": "975", "region": "975", "population": 5},
        {"code": "98901", "nom": "Île de Clipperton", "zone": "com", "departement": "989", "region": "989"},
        {"code": "81999", "nom": "Ancienne", "type": "commune-deleguee", "departement": "81", "region": "76"},
    ],
}  # fmt: skip
for commune in PACKAGE["communes"]:
    commune.setdefault("zone", "metro")
    commune.setdefault("type", "commune-actuelle")


def fact(subject: str, predicate: str, object_: str) -> tuple[str, str, str]:
    return (f"id/{subject}", expand(predicate), object_)


def write(folder: Path, tables: Tables, version: str = "6.0.0") -> Path:
    (folder / "data").mkdir(parents=True, exist_ok=True)
    (folder / "package.json").write_text(json.dumps({"version": version}), encoding="utf-8")
    for name, records in tables.items():
        (folder / "data" / f"{name}.json").write_text(json.dumps(records), encoding="utf-8")
    return folder


@pytest.fixture
def tables() -> Tables:
    return copy.deepcopy(PACKAGE)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write(tmp_path / "package", PACKAGE)


@pytest.fixture
def facts(folder: Path) -> Callable[[str, str], set[tuple[str, str, str]]]:
    """Return a function that gives the statements about one resource of one file."""
    files = read_cog(folder)

    def about(name: str, subject: str) -> set[tuple[str, str, str]]:
        found = set()
        for quad in ox.parse(files[f"{name}.ttl"].encode(), format=ox.RdfFormat.TURTLE, base_iri=BASE):
            assert isinstance(quad.subject, ox.NamedNode)
            object_ = quad.object
            written = object_.value.removeprefix(BASE) if isinstance(object_, ox.NamedNode) else str(object_)
            found.add((quad.subject.value.removeprefix(BASE), quad.predicate.value, written))
        return {one for one in found if one[0] == f"id/{subject}"}

    return about


Facts = Callable[[str, str], set[tuple[str, str, str]]]
IGEO = "http://rdf.insee.fr/def/geo#"
INTEGER, YEAR = f"^^<{expand('xsd:integer')}>", f"^^<{expand('xsd:gYear')}>"


def test_each_kind_of_place_has_its_file(folder: Path) -> None:
    kinds = ("ti:Region", "ti:Department", "ti:OverseasCollectivity", "ti:Intercommunality", "ti:Commune")
    files = read_cog(folder)
    counts = {name: text.count(kind) for (name, text), kind in zip(files.items(), kinds, strict=True)}
    assert counts == {
        "regions.ttl": 3,
        "departments.ttl": 5,
        "collectivities.ttl": 2,
        "intercommunalities.ttl": 3,
        "communes.ttl": 8,
    }


def test_a_region_has_its_names_code_seat_and_place(facts: Facts) -> None:
    region = "region/76"
    assert facts("regions", region) == {
        fact(region, "rdf:type", "def#Region"),
        fact(region, "rdf:type", f"{IGEO}Region"),
        fact(region, "rdfs:label", '"Occitanie"@fr'),
        fact(region, "igeo:nom", '"Occitanie"'),
        fact(region, "igeo:codeINSEE", '"76"'),
        fact(region, "igeo:chefLieu", "id/commune/31555"),
        fact(region, "ti:locator", '"regions.json, code 76"'),
    }


def test_a_department_is_in_its_region(facts: Facts) -> None:
    department = "department/81"
    assert facts("departments", department) == {
        fact(department, "rdf:type", "def#Department"),
        fact(department, "rdf:type", f"{IGEO}Departement"),
        fact(department, "rdfs:label", '"Tarn"@fr'),
        fact(department, "igeo:nom", '"Tarn"'),
        fact(department, "igeo:codeINSEE", '"81"'),
        fact(department, "igeo:chefLieu", "id/commune/81004"),
        fact(department, "ti:inRegion", "id/region/76"),
        fact(department, "ti:locator", '"departements.json, code 81"'),
    }


@pytest.mark.parametrize(("code", "kind"), [("975", "CollectiviteDOutreMer"), ("989", "Clipperton")])
def test_an_overseas_collectivity_is_neither_region_nor_department(facts: Facts, code: str, kind: str) -> None:
    types = {one[2] for one in facts("collectivities", f"collectivity/{code}") if one[1] == expand("rdf:type")}
    assert types == {"def#OverseasCollectivity", IGEO + kind}
    assert facts("regions", f"region/{code}") == facts("departments", f"department/{code}") == set()


@pytest.mark.parametrize(("siren", "form", "file"), [("248100737", "CA", "epci"), ("200057875", "EPT", "ept")])
def test_an_intercommunality_has_its_siren_legal_form_and_file(facts: Facts, siren: str, form: str, file: str) -> None:
    place = f"intercommunality/{siren}"
    found = facts("intercommunalities", place)
    assert found >= {
        fact(place, "ti:siren", f'"{siren}"'),
        fact(place, "ti:legalForm", f'"{form}"'),
        fact(place, "ti:locator", f'"{file}.json, code {siren}"'),
    }
    assert not {one for one in found if one[1].startswith(expand("ti:in"))}


def test_a_commune_is_in_its_intercommunality_department_and_region(facts: Facts) -> None:
    albi = "commune/81004"
    assert facts("communes", albi) == {
        fact(albi, "rdf:type", "def#Commune"),
        fact(albi, "rdf:type", f"{IGEO}Commune"),
        fact(albi, "rdfs:label", '"Albi"@fr'),
        fact(albi, "igeo:nom", '"Albi"'),
        fact(albi, "igeo:codeINSEE", '"81004"'),
        fact(albi, "ti:siren", '"218100048"'),
        fact(albi, "ti:inIntercommunality", "id/intercommunality/248100737"),
        fact(albi, "ti:inDepartment", "id/department/81"),
        fact(albi, "ti:inRegion", "id/region/76"),
        fact(albi, "ti:legalPopulation", f'"9"{INTEGER}'),
        fact(albi, "ti:legalPopulationYear", f'"2023"{YEAR}'),
        fact(albi, "ti:locator", '"communes.json, code 81004"'),
    }


def test_a_commune_of_greater_paris_is_in_the_metropolis_and_in_its_territory(facts: Facts) -> None:
    found = facts("communes", "commune/93010")
    groups = {one[2] for one in found if one[1] == expand("ti:inIntercommunality")}
    assert groups == {"id/intercommunality/200054781", "id/intercommunality/200057875"}


def test_a_commune_of_a_collectivity_is_in_no_department(facts: Facts) -> None:
    found = facts("communes", "commune/97502")
    within = {one[1:] for one in found if one[1].startswith(expand("ti:in"))}
    assert within == {(expand("ti:inCollectivity"), "id/collectivity/975")}


# INSEE 8680726: Mayotte was last counted in 2017.
@pytest.mark.parametrize(
    ("code", "years"), [("81004", {"2023"}), ("97611", {"2017"}), ("31555", set()), ("98901", set())]
)
def test_a_population_has_the_year_of_its_census_and_none_is_made_up(facts: Facts, code: str, years: set[str]) -> None:
    found = facts("communes", f"commune/{code}")
    assert {one[2] for one in found if one[1] == expand("ti:legalPopulationYear")} == {f'"{y}"{YEAR}' for y in years}
    assert len({one for one in found if one[1] == expand("ti:legalPopulation")}) == len(years)


def test_the_edition_of_2023_has_its_own_years(tmp_path: Path, tables: Tables) -> None:
    text = read_cog(write(tmp_path, tables, "3.1.1"))["communes.ttl"]
    assert '"2020"^^xsd:gYear' in text
    assert "2023" not in text.partition("@base")[2]


def test_former_codes_are_kept_and_delegated_communes_are_not(tmp_path: Path, tables: Tables) -> None:
    tables["communes"][0]["anciensCodes"] = ["81001", "81002"]
    text = read_cog(write(tmp_path, tables))["communes.ttl"]
    for code in ("81001", "81002"):
        assert f'"{code}"' in text
    assert "81999" not in text


def test_the_order_of_the_records_does_not_matter(folder: Path, tables: Tables, tmp_path: Path) -> None:
    for records in tables.values():
        records.reverse()
    assert read_cog(write(tmp_path / "again", tables)) == read_cog(folder)


def test_each_file_says_how_to_write_it_again(folder: Path) -> None:
    for text in read_cog(folder).values():
        head = text.partition("@base")[0]
        assert "2026" in head
        assert "territoires import cog" in head


def refused(folder: Path) -> TableError:
    with pytest.raises(TableError) as caught:
        read_cog(folder)
    return caught.value


@pytest.mark.parametrize(("version", "edition"), [("6.0.0", 2026), ("6.1.2", 2026), ("3.0.0", 2023)])
def test_the_version_of_the_package_says_the_edition(tmp_path: Path, version: str, edition: int) -> None:
    assert edition_of(write(tmp_path, {}, version)) == edition


@pytest.mark.parametrize("version", ["7.0.0", "5.0.0", "", "six", "v6"])
def test_an_unknown_version_is_refused_with_the_command_to_run(tmp_path: Path, version: str) -> None:
    with pytest.raises(TableError) as caught:
        edition_of(write(tmp_path, {}, version))
    assert_says(caught.value, str(tmp_path / "package.json"), "npm pack @etalab/decoupage-administratif@6.0.0")


@pytest.mark.parametrize("content", [None, "", "{}", "[]", "null", '{"version": null}'])
def test_a_folder_that_is_no_package_is_refused(tmp_path: Path, content: str | None) -> None:
    if content is not None:
        (tmp_path / "package.json").write_text(content, encoding="utf-8")
    assert_says(refused(tmp_path), str(tmp_path / "package.json"), "npm pack")


@pytest.mark.parametrize("name", PACKAGE)
def test_a_file_that_is_missing_is_refused_by_name(folder: Path, name: str) -> None:
    file = folder / "data" / f"{name}.json"
    file.unlink()
    assert_says(refused(folder), str(file))


@pytest.mark.parametrize(
    ("name", "key"),
    [(name, key) for name, records in PACKAGE.items() for key in records[0] if key not in {"siren", "population"}],
)
def test_a_key_that_is_missing_is_refused_with_file_and_key(
    tmp_path: Path, tables: Tables, name: str, key: str
) -> None:
    del tables[name][0][key]
    assert_says(refused(write(tmp_path, tables)), str(tmp_path / "data" / f"{name}.json"), "1", key)


@pytest.mark.parametrize("name", PACKAGE)
def test_a_repeated_code_is_refused_with_file_and_code(tmp_path: Path, tables: Tables, name: str) -> None:
    tables[name].append(tables[name][0])
    assert_says(refused(write(tmp_path, tables)), str(tmp_path / "data" / f"{name}.json"), tables[name][0]["code"])


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("regions", "chefLieu"),
        ("departements", "chefLieu"),
        ("departements", "region"),
        ("communes", "departement"),
        ("communes", "region"),
    ],
)
def test_a_code_that_is_used_but_not_defined_is_refused(tmp_path: Path, tables: Tables, name: str, key: str) -> None:
    tables[name][0][key] = "00000"
    assert_says(refused(write(tmp_path, tables)), str(tmp_path / "data" / f"{name}.json"), "00000")


@pytest.mark.parametrize("name", ["epci", "ept"])
@pytest.mark.parametrize("code", ["00000", "81999"], ids=["unknown", "delegated commune"])
def test_a_member_that_is_no_present_commune_is_refused(tmp_path: Path, tables: Tables, name: str, code: str) -> None:
    tables[name][0]["membres"] = [{"code": code}]
    error = refused(write(tmp_path, tables))
    assert_says(error, str(tmp_path / "data" / f"{name}.json"), code, tables[name][0]["nom"], tables[name][0]["code"])


@pytest.mark.parametrize("members", [[{}], ["81004"], None, 5], ids=["no code", "text", "nothing", "number"])
def test_members_in_another_layout_are_refused(tmp_path: Path, tables: Tables, members: object) -> None:
    tables["epci"][0]["membres"] = members
    assert_says(refused(write(tmp_path, tables)), str(tmp_path / "data" / "epci.json"))


@pytest.mark.parametrize("value", [None, 1, [], {}, "\ud800", "a b", "<a>", "", True, [1], ["a b"]], ids=repr)
@pytest.mark.parametrize("key", ["code", "region", "departement", "type", "anciensCodes", "siren", "population"])
def test_a_value_of_another_kind_is_refused_or_harmless(
    tmp_path: Path, tables: Tables, key: str, value: object
) -> None:
    tables["communes"][0][key] = value
    folder = write(tmp_path / "changed", tables)
    with contextlib.suppress(TableError):
        for text in read_cog(folder).values():
            list(ox.parse(text.encode(), format=ox.RdfFormat.TURTLE, base_iri=BASE))


def test_a_package_nested_too_deeply_is_refused(folder: Path) -> None:
    (folder / "package.json").write_text("[" * 100_000, encoding="utf-8")
    with pytest.raises(TableError) as caught:
        read_cog(folder)
    assert_says(caught.value, f"{folder / 'package.json'}")
