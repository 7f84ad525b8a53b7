"""`territoires enrich` as a person types it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Run = Callable[..., Any]


def test_a_file_becomes_a_file_with_metadata_and_report_beside_it(territoires_command: Run, tmp_path: Path) -> None:
    source, target, report = tmp_path / "a.csv", tmp_path / "b.csv", tmp_path / "r.json"
    source.write_bytes("Code INSEE;Né\n81004;x\n".encode("cp1252"))
    done = territoires_command("enrich", str(source), "--output", str(target), "--report", str(report))
    assert done.returncode == 0, done.stderr
    assert target.read_text(encoding="utf-8-sig").splitlines()[1].startswith("81004;x;81004;Albi;ti-7614;Tarn Nord;2;")
    said = json.loads((tmp_path / "b.csv-metadata.json").read_text(encoding="utf-8"))
    assert (said["url"], said["dialect"]["delimiter"]) == ("b.csv", ";")
    assert json.loads(report.read_text(encoding="utf-8"))["inside"] == 1
    assert "1 rows: 1 places recognised" in done.stderr
    assert done.stdout == ""


@pytest.mark.parametrize(
    ("content", "said"), [("code\n76\n11\n", "code=department"), ("insee;b\n81004\n", "a.csv:2:2")]
)
def test_an_error_leaves_the_old_file_as_it_was(
    territoires_command: Run, tmp_path: Path, content: str, said: str
) -> None:
    (tmp_path / "a.csv").write_text(content, encoding="utf-8")
    (tmp_path / "b.csv").write_text("old", encoding="utf-8")
    done = territoires_command("enrich", str(tmp_path / "a.csv"), "--output", str(tmp_path / "b.csv"))
    assert done.returncode == 1
    assert said in done.stderr
    assert {file.name: file.read_text(encoding="utf-8") for file in tmp_path.iterdir()} == {
        "a.csv": content,
        "b.csv": "old",
    }


def test_the_table_itself_is_never_overwritten(territoires_command: Run, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("insee\n81004\n", encoding="utf-8")
    done = territoires_command("enrich", str(tmp_path / "a.csv"), "--output", str(tmp_path / "a.csv"))
    assert done.returncode == 1
    assert "is the table itself" in done.stderr
    assert (tmp_path / "a.csv").read_text(encoding="utf-8") == "insee\n81004\n"
