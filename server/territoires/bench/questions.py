"""What is asked: classes of queries, each by one example, and the mix of them all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from territoires.headings import read_headed

MIX: Final = "mix"
"""Name of the mix, as `--only` takes it."""


@dataclass(frozen=True, slots=True)
class QueryClass:
    """A kind of query by one example, or several in turns."""

    name: str
    title: str
    texts: tuple[str, ...]

    @property
    def is_mix(self) -> bool:
        """Whether several queries are asked in turns."""
        return len(self.texts) > 1


def read_classes(folder: Path) -> list[QueryClass]:
    """Return the query classes of a folder, by name of their files.

    Raises:
        DataError: if a file is not UTF-8.
        KeyError, tomllib.TOMLDecodeError: if a heading has no title, or is not TOML.
    """
    found = []
    for file in sorted(folder.glob("*.rq")):
        heading, text = read_headed(file)
        found.append(QueryClass(file.stem, heading["title"], (text,)))
    return found


def mixed(classes: Sequence[QueryClass]) -> QueryClass:
    """Return all of them in equal parts, one after the other."""
    return QueryClass(MIX, "the mix: all of these in equal parts", tuple(text for one in classes for text in one.texts))
