"""The derived facts are what the sources imply, and the committed file is what a rebuild gives."""

import csv
import json
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.conftest import select, shared
from tests.data.test_sources import npm_package

import territoires
from territoires.ingest.anct import read_anct
from territoires.ingest.cog import edition_of, read_cog
from territoires.namespaces import BASE
from territoires.root import Root
from territoires.rules import derive, derived_file, ensure_fresh

Ask = Callable[[str], list[tuple[str | None, ...]]]


def test_a_rebuild_gives_the_committed_bytes(root: Root) -> None:
    assert derive(root) == derived_file(root).read_text(encoding="utf-8")


def test_the_committed_file_is_fresh(root: Root) -> None:
    ensure_fresh(root)


def test_29_territories_of_phase_2_are_wholly_new(ask: Ask) -> None:
    query = f"SELECT (COUNT(?t) AS ?n) {{ ?t ti:computedStatus <{BASE}id/status/new> }}"
    assert ask(query) == [("29",)]


def test_occitanie_has_10_renewed_and_5_new_as_the_press_release_says(ask: Ask) -> None:
    query = f"""BASE <{BASE}> SELECT ?status (COUNT(?t) AS ?n) {{
        ?t ti:countedUnder <id/region/76> ; ti:phase <id/phase/2> ; ti:computedStatus ?status }} GROUP BY ?status"""
    assert set(ask(query)) == {(f"{BASE}id/status/new", "5"), (f"{BASE}id/status/renewed", "10")}


def test_printed_and_computed_status_agree_for_all_15(ask: Ask) -> None:
    query = "SELECT (COUNT(?t) AS ?n) { ?t ti:status ?s ; ti:computedStatus ?s }"
    assert ask(query) == [("15",)]


def test_a_region_s_territories_are_14_filed_and_1_declared_while_16_touch_it(ask: Ask) -> None:
    def count(property_: str) -> str | None:
        return ask(f"""BASE <{BASE}> SELECT (COUNT(DISTINCT ?t) AS ?n) {{
            ?t {property_} <id/region/76> ; ti:phase <id/phase/2> }}""")[0][0]

    found = (count("ti:filedUnder"), count("ti:countedUnder"), count("ti:coversRegion"))
    assert found == ("14", "15", "16")


def test_albi_is_in_tarn_nord(ask: Ask) -> None:
    assert ask(f"SELECT ?t {{ ?t ti:coversCommune <{BASE}id/commune/81004> }}") == [(f"{BASE}id/territory/2/ti-7614",)]


def test_163_pairs_of_territories_overlap_and_overlapping_is_symmetric(ask: Ask) -> None:
    assert ask("SELECT (COUNT(?o) AS ?n) { ?o a ti:Overlap }") == [("163",)]
    assert ask("SELECT ?a ?b { ?a ti:overlaps ?b FILTER NOT EXISTS { ?b ti:overlaps ?a } }") == []


@pytest.mark.parametrize(
    ("place", "departments"), [("ti-7601", {"30", "07"}), ("ti-7610", {"81", "34"}), ("ti-7611", {"32", "82", "47"})]
)
def test_territories_that_cover_a_department_that_is_not_printed(ask: Ask, place: str, departments: set[str]) -> None:
    query = f"SELECT ?code {{ <{BASE}id/territory/2/{place}> ti:coversDepartment/igeo:codeINSEE ?code }}"
    assert {code for (code,) in ask(query)} == departments


def test_every_territory_has_a_point_and_a_main_commune_of_its_own(ask: Ask) -> None:
    query = """SELECT (COUNT(DISTINCT ?t) AS ?n) {
        ?t ti:mainCommune ?c ; ti:coversCommune ?c ; ti:representativePoint ?p .
        ?c geo:hasDefaultGeometry ?p . ?p geo:asWKT ?wkt }"""
    assert ask(query) == [("332",)]


class Lists:
    """The national lists and the geography, read again from the tables without RDF."""

    def __init__(self, package: Path) -> None:
        def read(name: str) -> list[dict[str, object]]:
            content: list[dict[str, object]] = json.loads(
                (package / "data" / f"{name}.json").read_text(encoding="utf-8")
            )
            return content

        current = [c for c in read("communes") if c["type"] == "commune-actuelle"]
        self.inhabitants = {str(c["code"]): int(str(c.get("population", 0))) for c in current}
        by_siren = {str(c["siren"]): [str(c["code"])] for c in current if "siren" in c}
        for group in (*read("epci"), *read("ept")):
            members = group["membres"]
            assert isinstance(members, list)
            by_siren[str(group["code"])] = [member["code"] for member in members]
        self.communes: dict[str, set[str]] = defaultdict(set)
        for phase in (1, 2):
            with shared(f"facts/liste-ti-grpt-phase{phase}.csv").open(encoding="utf-8", newline="") as file:
                for row in csv.DictReader(file):
                    self.communes[f"{phase}/{row['id_ti']}"].update(by_siren[row["siren_groupement"]])


@pytest.mark.slow
def test_covered_communes_and_populations_are_those_of_the_tables(ask: Ask, tmp_path: Path) -> None:
    shared("facts/liste-ti-grpt-phase1.csv")
    lists = Lists(npm_package("@etalab/decoupage-administratif@6.0.0", tmp_path))
    covered: dict[str, set[str]] = defaultdict(set)
    for territory, code in ask("SELECT ?t ?code { ?t ti:coversCommune/igeo:codeINSEE ?code }"):
        covered[str(territory).removeprefix(f"{BASE}id/territory/")].add(str(code))
    assert covered == lists.communes
    sizes = {
        (str(territory).removeprefix(f"{BASE}id/territory/"), communes, people)
        for territory, communes, people in ask(
            "SELECT ?t ?n ?p { ?t a ti:Territory ; ti:communeCount ?n ; ti:population ?p }"
        )
    }
    assert sizes == {
        (key, str(len(codes)), str(sum(lists.inhabitants[code] for code in codes)))
        for key, codes in lists.communes.items()
    }


@pytest.mark.slow
def test_the_same_29_are_new_in_the_geography_of_2023(small: Root, tmp_path: Path, ask: Ask) -> None:
    """One geography is used throughout; the answer does not hang on which."""
    lists = [shared(f"facts/liste-ti-grpt-phase{phase}.csv") for phase in (1, 2)]
    package = npm_package("@etalab/decoupage-administratif@3.1.1", tmp_path)
    assert edition_of(package) == 2023
    folder = small.data / "cog-2026"
    for name, text in read_cog(package).items():
        (folder / name).write_text(text, encoding="utf-8")
    for phase, table in enumerate(lists, 1):
        # Members that merged or were renumbered since 2023 are looked up in the geography of their time.
        known = _known_then(table, folder, tmp_path / f"list-{phase}.csv")
        text = read_anct(known, phase, sorted(folder.glob("*.ttl")))
        (small.data / "anct-2024-07-04" / f"phase-{phase}.ttl").write_text(text, encoding="utf-8")
    for file in ("points-dila.ttl", "communique-occitanie-2023-11-09.ttl", "facts/anct-2023-11.ttl"):
        if "communique" not in file:
            (small.data / file).unlink()
    derived_file(small).write_text(derive(small), encoding="utf-8")
    query = f"SELECT ?t {{ ?t ti:computedStatus <{BASE}id/status/new> }}"
    then = select(territoires.EmbeddedEngine(territoires.load(small)), query)
    assert set(then) == set(ask(query))


def _known_then(table: Path, geography: Path, target: Path) -> Path:
    text = "".join(file.read_text(encoding="utf-8") for file in geography.glob("*.ttl"))
    head, *lines = table.read_text(encoding="utf-8").splitlines(keepends=True)
    with table.open(encoding="utf-8", newline="") as file:
        sirens = [row["siren_groupement"] for row in csv.DictReader(file)]
    kept = [line for line, siren in zip(lines, sirens, strict=True) if f'ti:siren "{siren}"' in text]
    assert len(kept) > 0.98 * len(lines)
    target.write_text(head + "".join(kept), encoding="utf-8")
    return target
