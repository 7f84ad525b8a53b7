"""How long the door takes for a change of one fact on a copy of the shipped graph: `python -m tests.bench.gate`."""

from __future__ import annotations

import shutil
import tempfile
import time
from pathlib import Path

from territoires.commit.door import commit
from territoires.root import FOLDERS, Root, find_root

NAME = "data/facts/cner-2025-05-27.ttl"


def main() -> None:
    """Print the seconds of each step."""
    shipped = find_root()
    with tempfile.TemporaryDirectory() as temporary:
        root = Root(Path(temporary))
        for folder in (one for one in FOLDERS if (shipped.path / one).is_dir()):
            shutil.copytree(shipped.path / folder, root.path / folder)
        text = (root.path / NAME).read_text(encoding="utf-8")
        changed = text.replace('ti:locator "', 'ti:locator "p. 1, ', 1)
        assert changed != text
        start = time.perf_counter()
        done = commit(root, {NAME: changed.encode()})
        for step, seconds in (*done.seconds.items(), ("all", time.perf_counter() - start)):
            print(f"{step:8} {seconds:6.2f} s")  # noqa: T201


if __name__ == "__main__":
    main()
