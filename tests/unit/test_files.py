"""A file is replaced whole or not at all."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.unit.conftest import assert_says

from territoires.errors import DataError
from territoires.files import read_text, replacing, write_whole


class CrashError(BaseException):
    """Stands for anything that ends a program in the middle of a block."""


@pytest.fixture
def umask_022() -> Iterator[None]:
    before = os.umask(0o022)
    yield
    os.umask(before)


def mode(file: Path) -> int:
    return file.stat().st_mode & 0o777


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def write(path: Path, crash: type[BaseException] | None = None) -> None:
    with replacing(path) as file:
        file.write(b"new")
        if crash:
            raise crash


def test_the_content_is_there_when_the_block_ends(tmp_path: Path) -> None:
    write(tmp_path / "a")
    assert (tmp_path / "a").read_bytes() == b"new"
    assert names(tmp_path) == ["a"]


def test_readers_see_the_old_content_until_the_block_ends(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"old")
    with replacing(tmp_path / "a") as file:
        file.write(b"new")
        file.flush()
        assert (tmp_path / "a").read_bytes() == b"old"


@pytest.mark.parametrize("crash", [ValueError, KeyboardInterrupt, CrashError])
def test_a_crash_leaves_the_old_file_and_no_temporary_one(tmp_path: Path, crash: type[BaseException]) -> None:
    (tmp_path / "a").write_bytes(b"old")
    with pytest.raises(crash):
        write(tmp_path / "a", crash)
    assert (tmp_path / "a").read_bytes() == b"old"
    assert names(tmp_path) == ["a"]


def test_a_crash_leaves_nothing_where_there_was_nothing(tmp_path: Path) -> None:
    with pytest.raises(CrashError):
        write(tmp_path / "a", CrashError)
    assert names(tmp_path) == []


def test_a_rename_that_fails_leaves_no_temporary_file(tmp_path: Path) -> None:
    (tmp_path / "a" / "child").mkdir(parents=True)
    with pytest.raises(OSError, match="a"):
        write(tmp_path / "a")
    assert names(tmp_path) == ["a"]


def test_missing_folders_are_made(tmp_path: Path) -> None:
    write_whole(tmp_path / "x" / "y" / "a", "new")
    assert (tmp_path / "x" / "y" / "a").read_text(encoding="utf-8") == "new"


@pytest.mark.usefixtures("umask_022")
def test_a_new_file_has_the_mode_of_any_new_file(tmp_path: Path) -> None:
    write_whole(tmp_path / "a", "new")
    assert mode(tmp_path / "a") == 0o644


@pytest.mark.parametrize("permissions", [0o600, 0o664, 0o755])
def test_a_replaced_file_keeps_its_mode(tmp_path: Path, permissions: int) -> None:
    (tmp_path / "a").touch()
    (tmp_path / "a").chmod(permissions)
    assert write_whole(tmp_path / "a", "new")
    assert mode(tmp_path / "a") == permissions


def test_the_umask_of_the_process_stays_as_it_was(tmp_path: Path, umask_022: None) -> None:
    write_whole(tmp_path / "a", "new")
    assert os.umask(0o022) == 0o022


def test_text_is_written_as_utf_8_without_changing_line_ends(tmp_path: Path) -> None:
    assert write_whole(tmp_path / "a", "é\r\nœ\n")
    assert (tmp_path / "a").read_bytes() == b"\xc3\xa9\r\n\xc5\x93\n"


def test_the_same_text_again_touches_nothing(tmp_path: Path) -> None:
    write_whole(tmp_path / "a", "é")
    before = (tmp_path / "a").stat()
    assert write_whole(tmp_path / "a", "é") is False
    after = (tmp_path / "a").stat()
    assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


def test_another_text_replaces_the_file(tmp_path: Path) -> None:
    write_whole(tmp_path / "a", "old")
    assert write_whole(tmp_path / "a", "new") is True
    assert (tmp_path / "a").read_text(encoding="utf-8") == "new"


@pytest.mark.parametrize(("content", "byte", "line"), [(b"\xff", 0, 1), (b"a\nb\xe9\nc", 3, 2), (b"a\n\n\xc3", 3, 3)])
def test_what_is_not_utf_8_is_refused_with_byte_and_line(tmp_path: Path, content: bytes, byte: int, line: int) -> None:
    file = tmp_path / "a"
    file.write_bytes(content)
    with pytest.raises(DataError) as caught:
        read_text(file)
    assert_says(caught.value, f"{file}:{line}", f"{byte} ", "UTF-8")
