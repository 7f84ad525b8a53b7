"""An answer in the folder is whole and of what it says, or it is none."""

from __future__ import annotations

from pathlib import Path

import pytest

from territoires.engine.stored import Kept, Stored
from territoires.errors import DataError

NAME = "abc"
VERSION = "1" * 64


@pytest.fixture
def stored(tmp_path: Path) -> Stored:
    return Stored(tmp_path / "answers", "1.0")


def only(stored: Stored) -> Path:
    (file,) = (path for path in stored.folder.rglob("*") if path.is_file() and path.name != ".lock")
    return file


@pytest.mark.parametrize("kept", [Kept(b"a\nb\r\n\0\xff", 12), Kept(b"", 0), Kept(b"\n", None), Kept(b"7\n", None)])
def test_an_answer_is_read_as_it_was_written(stored: Stored, kept: Kept) -> None:
    assert stored.read(VERSION, NAME) is None
    stored.write(VERSION, NAME, kept)
    assert stored.read(VERSION, NAME) == kept
    assert Stored(stored.folder, "1.0").read(VERSION, NAME) == kept


def test_it_is_of_one_name_version_and_program(stored: Stored) -> None:
    stored.write(VERSION, NAME, Kept(b"x", 1))
    assert stored.read("2" * 64, NAME) is None
    assert stored.read(VERSION[:-1] + "2", NAME) is None
    assert stored.read(VERSION, "abd") is None
    assert Stored(stored.folder, "1.1").read(VERSION, NAME) is None


def test_a_file_that_was_cut_or_changed_or_moved_is_no_answer(stored: Stored) -> None:
    stored.write(VERSION, NAME, Kept(b"some rows\nand more\n", 2))
    file = only(stored)
    content = file.read_bytes()
    for length in range(len(content)):
        file.write_bytes(content[:length])
        assert stored.read(VERSION, NAME) is None
    for at in range(len(content)):
        file.write_bytes(content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :])
        assert stored.read(VERSION, NAME) is None
    file.write_bytes(content)
    assert stored.read(VERSION, NAME)
    file.rename(file.with_name("abd"))
    assert stored.read(VERSION, "abd") is None


def test_other_versions_are_removed(stored: Stored) -> None:
    for version in (VERSION, "2" * 64):
        stored.write(version, NAME, Kept(b"x", 1))
    with stored.alone() as alone:
        assert alone
        stored.drop_others(VERSION)
    assert stored.read(VERSION, NAME)
    assert only(stored).name == NAME


def test_the_folder_is_private_and_one_alone_writes_there(stored: Stored) -> None:
    with stored.alone() as one, Stored(stored.folder, "1.0").alone() as other:
        assert (one, other) == (True, False)
    assert stored.folder.stat().st_mode & 0o777 == 0o700


def test_what_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    stored = Stored(tmp_path / "file/answers", "1.0")
    with pytest.raises(DataError):
        stored.write(VERSION, NAME, Kept(b"x", 1))
    with pytest.raises(OSError, match=r"[Nn]ot a directory"), stored.alone():
        pass
    assert stored.read(VERSION, NAME) is None
