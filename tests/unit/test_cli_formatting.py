"""`territoires fmt` writes, checks or shows, and refuses without touching."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from territoires.cli.formatting import fmt
from territoires.layout import formatted
from territoires.root import Root

UNTIDY = "# top\n<a> <q> 1 ; <p> 2 .\n"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "a.ttl"
    path.write_text(UNTIDY, encoding="utf-8")
    return path


def run(file: Path, *options: str) -> tuple[int, str]:
    result = CliRunner().invoke(fmt, [*options, str(file)], obj=Root(file.parent))
    return result.exit_code, result.output


def test_a_file_is_written_once(file: Path) -> None:
    assert run(file) == (0, f"{file}: written\n")
    assert file.read_text(encoding="utf-8") == formatted(UNTIDY, file)
    assert run(file) == (0, "")
    assert run(file, "--check") == (0, "")


def test_check_and_diff_write_nothing(file: Path) -> None:
    assert run(file, "--check") == (1, f"{file}: would change\n")
    code, shown = run(file, "--diff")
    assert (code, "-<a> <q> 1 ; <p> 2 ." in shown) == (0, True)
    assert file.read_text(encoding="utf-8") == UNTIDY


def test_what_is_refused_stays_as_it_was(file: Path) -> None:
    text = "<a> <p> 1 ; # why\n <q> 2 .\n"
    file.write_text(text, encoding="utf-8")
    assert run(file)[0] == 1
    assert file.read_text(encoding="utf-8") == text
