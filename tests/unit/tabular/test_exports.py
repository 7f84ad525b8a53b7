"""The exports of the shipped graph hold what the sources hold, and are the same bytes each time."""

import csv
import hashlib
import io
import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from tests.conftest import shared

from territoires.engine.embedded import EmbeddedEngine
from territoires.errors import NotFoundError, OverloadedError
from territoires.graph import load
from territoires.root import Root
from territoires.tabular import comma
from territoires.tabular.declared import load_tables, references
from territoires.tabular.exports import INDEX, Export, Material, find_exports, pick, write_all
from territoires.tabular.shelf import Shelf


@pytest.mark.slow
def test_two_runs_write_the_same_bytes(small_data: Path, tmp_path: Path) -> None:
    digests = []
    for seed in ("1", "2026"):
        folder = tmp_path / seed
        command = [sys.executable, "-m", "territoires", "--root", str(small_data), "export", "--all", "--output"]
        subprocess.run([*command, str(folder)], check=True, env={**os.environ, "PYTHONHASHSEED": seed})
        digests.append({file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in folder.iterdir()})
    assert digests[0] == digests[1]
    listed = json.loads((folder / INDEX).read_bytes())["exports"]
    assert {one["name"]: one["sha256"] for one in listed} == {k: v for k, v in digests[0].items() if k != INDEX}
    assert {
        "territories.csv",
        "territories.geojson",
        "territories.jsonld",
        "territories.parquet",
        "territoires.sqlite",
    } <= digests[0].keys()


@pytest.mark.slow
def test_the_tables_hold_what_the_lists_hold(whole: Material) -> None:
    """The lists of ANCT name the members of each territory by SIREN."""
    for phase in ("1", "2"):
        with shared(f"facts/liste-ti-grpt-phase{phase}.csv").open(encoding="utf-8", newline="") as file:
            stated = {(f"{phase}/{row['id_ti']}", row["siren_groupement"]) for row in csv.DictReader(file)}
        members = {
            (row["territory"], row["siren"])
            for row in whole.book.records("members")
            if str(row["territory"])[0] == phase
        }
        assert members == stated


@pytest.mark.slow
def test_every_key_that_refers_to_a_row_finds_it(whole: Material) -> None:
    tables = whole.book.tables
    for table in tables.values():
        for column, other, key in references(tables, table):
            there = {row[key] for row in whole.book.records(other.name)}
            named = {row[column] for row in whole.book.records(table.name)} - {None}
            assert named <= there, (table.name, column)


@pytest.mark.slow
def test_no_official_name_is_taken_for_a_formula(whole: Material) -> None:
    for name in whole.book.tables:
        for row in whole.book.rows(name):
            assert not any(comma.written(cell).startswith("'") for cell in row)


@pytest.mark.slow
def test_rows_name_their_sources(whole: Material) -> None:
    graphs = {row["graph"] for row in whole.book.records("sources")}
    for name, table in whole.book.tables.items():
        if any(column.name == "sources" for column in table.columns):
            for row in whole.book.records(name):
                assert isinstance(row["sources"], tuple), (name, row)
                assert graphs.issuperset(row["sources"])


def test_every_class_that_people_ask_for_has_a_table(root: Root) -> None:
    wanted = {"territories", "members", "communes", "announcements", "actors", "steering", "measures", "sources"}
    assert wanted <= load_tables(root).keys()


def test_an_export_that_there_is_not_is_named(root: Root) -> None:
    with pytest.raises(NotFoundError, match=r"territories\.csv"):
        pick(find_exports(root), "territory.csv")


def test_a_file_in_place_of_the_data_has_no_exports(tabled: Root, tmp_path: Path) -> None:
    import dataclasses  # noqa: PLC0415

    assert find_exports(dataclasses.replace(tabled, dataset=tmp_path / "x.nt")) == {}


def wait(shelf: Shelf) -> Path:
    for _ in range(1_000):
        if found := shelf.known():
            return found.folder
        time.sleep(0.01)
    pytest.fail("nothing was written in 10 s")


def test_exports_are_written_once_and_found_by_another_process(tabled: Root, tmp_path: Path) -> None:
    engine = EmbeddedEngine(load(tabled))
    first, second = Shelf(tabled, engine, tmp_path / "out"), Shelf(tabled, engine, tmp_path / "out")
    assert first.known() is None
    assert not list(tmp_path.glob("out/*-*"))  # nobody has asked for a file
    with pytest.raises(OverloadedError):
        first.ready()
    folder = wait(first)
    assert second.ready().folder == folder
    content = (folder / "measures.csv").read_bytes()
    assert first.ready().digests["measures.csv"] == hashlib.sha256(content).hexdigest()
    assert first.ready().sizes["measures.csv"] == len(content)


def test_who_asks_while_they_are_written_starts_nothing(
    tabled: Root, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    may_end, begun = threading.Event(), []

    def slowly(folder: Path, exports: Mapping[str, Export], material: Material) -> Iterator[Export]:
        begun.append(folder)
        assert may_end.wait(10)
        yield from write_all(folder, exports, material)

    monkeypatch.setattr("territoires.tabular.shelf.write_all", slowly)
    engine = EmbeddedEngine(load(tabled))
    shelves = [Shelf(tabled, engine, tmp_path / "out") for _ in range(2)]  # as two processes have them
    for _ in range(20):
        for shelf in shelves:
            assert shelf.known(start=True) is None
    may_end.set()
    assert wait(shelves[0]) == wait(shelves[1])
    assert len(begun) == 1


def test_another_version_takes_the_place_of_the_first(tabled: Root, tmp_path: Path) -> None:
    shelf = Shelf(tabled, EmbeddedEngine(load(tabled)), tmp_path / "out")
    shelf.known(start=True)
    old = wait(shelf)
    (tabled.data / "more.ttl").write_text("<urn:a> <urn:b> <urn:c> .", encoding="utf-8")
    newer = Shelf(tabled, EmbeddedEngine(load(tabled)), tmp_path / "out")
    newer.known(start=True)
    assert wait(newer) != old
    assert not old.exists()


def test_what_cannot_be_written_is_not_tried_at_once_again(
    tabled: Root, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tabled.data / "more.ttl").write_text(
        '<https://w3id.org/territoires-industrie/id/measure/a> <http://www.w3.org/2000/01/rdf-schema#label> "c" .',
        encoding="utf-8",
    )
    shelf = Shelf(tabled, EmbeddedEngine(load(tabled)), tmp_path / "out")
    for _ in range(1_000):
        assert shelf.known(start=True) is None
        if caplog.records:
            break
        time.sleep(0.01)
    for _ in range(10):
        assert shelf.known(start=True) is None
    assert len(caplog.records) == 1
    assert "measures" in caplog.text


def test_one_export_is_what_the_folder_has(material: Material, tabled: Root, tmp_path: Path) -> None:
    exports = find_exports(tabled)
    assert [one.name for one in write_all(tmp_path, exports, material)] == list(exports)
    for name, export in exports.items():
        file = io.BytesIO()
        export.write(file, material)
        assert file.getvalue() == (tmp_path / name).read_bytes()
