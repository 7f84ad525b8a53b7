"""Fetches a pinned npm package through npm, and takes from it only what was pinned."""

from __future__ import annotations

import base64
import hashlib
import shutil
import subprocess
import tarfile
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from territoires.errors import FetchError, Text

_SECONDS: Final = 120


@dataclass(frozen=True, slots=True)
class Package:
    """One version of a package, and the digest of its archive."""

    name: str
    version: str
    integrity: str
    """SHA-512 in base64, as npm writes it after `sha512-`."""
    files: tuple[str, ...]
    """What is taken from it."""


COG: Final = Package(
    "@etalab/decoupage-administratif",
    "6.0.0",
    "XavYsFlbcM/prKr8hNHPKER94IHw/dsxNM4nxjWMYk6PLFACpEedvn/7wK8Baozm0dCYhWWcf+7bcWpA5pmCaQ==",
    ("package.json", *(f"data/{name}.json" for name in ("regions", "departements", "epci", "ept", "communes"))),
)


def fetch(package: Package, folder: Path) -> Path:
    """Fetch `package` into the empty `folder`; return the folder that holds its files.

    The archive is opened only when its digest is the pinned one; its scripts are never run, and its members are written
    under names of ours.

    Raises:
        FetchError: if npm is absent or fails, the digest is another one, or a file is missing.
    """
    npm = shutil.which("npm")
    if npm is None:
        hint = Text(
            "install Node.js, or unpack the package yourself and give the FOLDER",
            "installez Node.js, ou décompressez vous-même le paquet et donnez FOLDER",
        )
        raise FetchError(Text("npm is not installed", "npm n'est pas installé"), hint=hint)
    archive = _pack(npm, package, folder)
    digest = base64.b64encode(hashlib.sha512(archive.read_bytes()).digest()).decode()
    if digest != package.integrity:
        raise FetchError(
            Text(f"the digest of {archive.name} is not the pinned one", f"l'empreinte de {archive.name} est autre"),
            hint=Text(f"it is sha512-{digest}: do not use it", f"c'est sha512-{digest} : ne l'utilisez pas"),
        )
    _unpack(archive, package, folder / "package")
    return folder / "package"


def _pack(npm: str, package: Package, folder: Path) -> Path:
    command = [npm, "pack", f"{package.name}@{package.version}", "--ignore-scripts", "--silent"]
    try:
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=_SECONDS, check=False)  # noqa: S603  (no shell, pinned arguments)
        reason = done.stderr.strip() or f"status {done.returncode}"
    except (subprocess.TimeoutExpired, OSError) as error:
        reason = str(error)
    archives = sorted(folder.glob("*.tgz"))
    if len(archives) != 1:
        raise FetchError(
            Text(f"npm pack gave no archive: {reason}", f"npm pack n'a pas donné d'archive : {reason}"),
            hint=Text("check the network and npm's registry", "vérifiez le réseau et le registre de npm"),
        )
    return archives[0]


def _unpack(archive: Path, package: Package, target: Path) -> None:
    try:
        with tarfile.open(archive, "r:gz") as members:
            for name in package.files:
                content = members.extractfile(f"package/{name}")
                (target / name).parent.mkdir(parents=True, exist_ok=True)
                # A folder of that name has no content; the importer then refuses the empty file.
                (target / name).write_bytes(content.read() if content else b"")
    except (tarfile.TarError, KeyError, OSError, EOFError) as error:
        raise FetchError(
            Text(f"{archive.name} cannot be unpacked: {error}", f"{archive.name} ne se décompresse pas : {error}"),
            hint=Text("fetch it again", "récupérez-le à nouveau"),
        ) from error
