"""The heading of a `.rq` file: TOML in the comment lines at its top that start with `#+`."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any, Final

from territoires.files import read_text

_MARK: Final = "#+"


def read_headed(file: Path) -> tuple[dict[str, Any], str]:
    """Return the heading of a query file, and the SPARQL without it.

    Raises:
        DataError: if the file is not UTF-8.
        tomllib.TOMLDecodeError: if the heading is not TOML.
    """
    lines = read_text(file).splitlines()
    count = next((number for number, line in enumerate(lines) if not line.startswith(_MARK)), len(lines))
    heading = tomllib.loads("\n".join(line.removeprefix(_MARK).strip() for line in lines[:count]))
    return heading, "\n".join(lines[count:]).strip() + "\n"
