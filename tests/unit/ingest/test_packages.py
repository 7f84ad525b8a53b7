"""A package is fetched through npm, and only the pinned archive is opened."""

import base64
import hashlib
import io
import tarfile
from pathlib import Path

import pytest

from territoires.errors import FetchError
from territoires.ingest.packages import COG, Package, fetch

FILES = {"package/package.json": b'{"version": "1.0.0"}', "package/data/a.json": b"[]", "package/../../evil": b"x"}


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    path = tmp_path / "made.tgz"
    with tarfile.open(path, "w:gz") as members:
        for name, content in FILES.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            members.addfile(info, io.BytesIO(content))
    return path


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "work").mkdir()
    return tmp_path / "work"


def pinned(archive: Path, *files: str) -> Package:
    digest = base64.b64encode(hashlib.sha512(archive.read_bytes()).digest()).decode()
    return Package("@a/b", "1.0.0", digest, files or ("package.json", "data/a.json"))


@pytest.fixture
def npm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Put an npm in PATH that says how it was called and gives the archive that was made."""
    script = tmp_path / "bin" / "npm"
    script.parent.mkdir()
    script.write_text(
        f'#!/bin/sh\necho "$@" > "{tmp_path}/called"\n[ -f "{tmp_path}/made.tgz" ] || {{ echo "E404" >&2; exit 1; }}\n'
        f'cp "{tmp_path}/made.tgz" a-b-1.0.0.tgz\n',
        encoding="utf-8",
    )
    script.chmod(0o755)
    monkeypatch.setenv("PATH", str(script.parent), prepend=":")
    return script


@pytest.mark.usefixtures("npm")
def test_the_files_that_are_wanted_are_unpacked_and_no_other(tmp_path: Path, archive: Path, folder: Path) -> None:
    target = fetch(pinned(archive), folder)
    assert (target / "data" / "a.json").read_bytes() == b"[]"
    assert sorted(file.name for file in target.rglob("*") if file.is_file()) == ["a.json", "package.json"]
    assert not list(tmp_path.rglob("evil"))
    assert (tmp_path / "called").read_text(encoding="utf-8").split()[:3] == ["pack", "@a/b@1.0.0", "--ignore-scripts"]


@pytest.mark.usefixtures("npm", "archive")
def test_an_archive_with_another_digest_is_not_opened(folder: Path) -> None:
    with pytest.raises(FetchError, match="digest"):
        fetch(COG, folder)
    assert not (folder / "package").exists()


@pytest.mark.usefixtures("npm")
def test_a_file_that_is_missing_is_named(archive: Path, folder: Path) -> None:
    with pytest.raises(FetchError, match=r"data/b\.json"):
        fetch(pinned(archive, "data/b.json"), folder)


@pytest.mark.usefixtures("npm")
def test_what_is_no_archive_is_refused(tmp_path: Path, folder: Path) -> None:
    (tmp_path / "made.tgz").write_bytes(b"no archive")
    with pytest.raises(FetchError, match="unpacked"):
        fetch(pinned(tmp_path / "made.tgz"), folder)


@pytest.mark.usefixtures("npm")
def test_what_npm_says_is_passed_on(folder: Path) -> None:
    with pytest.raises(FetchError, match="E404"):
        fetch(COG, folder)


def test_without_npm_the_error_says_what_to_do(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(FetchError) as caught:
        fetch(COG, folder)
    for language in ("en", "fr"):
        assert "npm" in caught.value.in_(language)
        assert "FOLDER" in caught.value.in_(language)
