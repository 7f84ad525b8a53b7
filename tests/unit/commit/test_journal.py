"""Several files change as one, through every crash."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from territoires.commit.journal import JOURNAL, locked, recover, recover_locked, write_all
from territoires.errors import DataError


@pytest.mark.slow
def test_a_killed_process_leaves_the_old_or_the_new_version() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.faults"], capture_output=True, text=True, check=False, timeout=600
    )
    assert done.returncode == 0, done.stdout + done.stderr
    points = re.search(r"^(\d+) points, 0 neither", done.stdout, re.MULTILINE)
    assert points
    assert int(points[1]) >= 300
    for row in done.stdout.splitlines():
        if row.startswith("| recovery"):
            assert re.search(r"\| (\d+) \| 0 \| \1 \| 0 \| 0 \|$", row), row


def test_what_cannot_be_written_changes_nothing(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data/a.ttl").write_bytes(b"old")
    (tmp_path / "data/b").write_bytes(b"a file, no folder")
    with locked(tmp_path), pytest.raises(DataError):
        write_all(tmp_path, {"data/a.ttl": b"new", "data/b/c.ttl": b"new"})
    assert (tmp_path / "data/a.ttl").read_bytes() == b"old"
    assert sorted(f.name for f in (tmp_path / "data").iterdir()) == ["a.ttl", "b"]


def test_the_mode_of_a_file_stays(tmp_path: Path) -> None:
    file = tmp_path / "data.ttl"
    file.touch()
    file.chmod(0o640)
    with locked(tmp_path):
        write_all(tmp_path, {"data.ttl": b"new"})
    assert file.stat().st_mode & 0o777 == 0o640
    assert not (tmp_path / JOURNAL).exists()


def test_a_folder_without_traces_is_not_touched(tmp_path: Path) -> None:
    recover(tmp_path)
    assert [*tmp_path.iterdir()] == []


def test_the_stage_of_a_killed_writer_goes_with_the_next(tmp_path: Path) -> None:
    (tmp_path / ".territoires-stage-x/data").mkdir(parents=True)
    recover(tmp_path)  # A reader neither waits for a change that is being judged, nor takes its stage away.
    assert [*tmp_path.iterdir()]
    with locked(tmp_path):
        recover_locked(tmp_path)
    assert [f.name for f in tmp_path.iterdir()] == [".territoires-lock"]
