"""Load on an endpoint, by `wrk`: the same requests again and again over so many connections."""

from __future__ import annotations

import math
import re
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from territoires.bench.answers import address, media_type
from territoires.errors import DataError, Text

_UNITS: Final = {"us": 0.001, "ms": 1.0, "s": 1_000.0, "m": 60_000.0}
_PERCENTILE: Final = re.compile(r"^\s+(50|99)%\s+([\d.]+)(us|ms|s|m) *$", re.MULTILINE)
_COUNT: Final = re.compile(r"^\s+(\d+) requests in ([\d.]+)(us|ms|s|m),", re.MULTILINE)
_BAD: Final = re.compile(r"Non-2xx or 3xx responses: (\d+)|Socket errors: .*")
_SCRIPT: Final = """\
local requests, turn = {{}}, 0
function init()
{}
end
function request()
  turn = turn % #requests + 1
  return requests[turn]
end
"""
"""One thread of wrk runs it for all its connections: they walk through the requests together."""


@dataclass(frozen=True, slots=True)
class Load:
    """What one run of `wrk` saw."""

    answers: int
    seconds: float
    """How long it asked."""
    median: float
    """Milliseconds."""
    p99: float
    """Milliseconds."""
    wrong: str = ""
    """What went wrong in its own words; empty where nothing did."""

    @property
    def per_second(self) -> float:
        """Answers in a second."""
        return self.answers / self.seconds


def wrk() -> str:
    """Return the program.

    Raises:
        DataError: if it is not installed.
    """
    program = shutil.which("wrk")
    if program:
        return program
    raise DataError(
        Text("wrk, which makes the load, is not installed", "wrk, qui produit la charge, n'est pas installé"),
        hint=Text("apt-get install wrk", "apt-get install wrk"),
    )


def put(endpoint: str, queries: Sequence[str], connections: int, seconds: int) -> Load:
    """Ask the queries in turns for `seconds` over `connections` at once.

    Raises:
        DataError: if wrk is not installed or cannot run.
    """
    # An answer that takes longer than the load is not seen; nothing else may cut one short.
    options = ["--latency", "--threads", "1", "--timeout", f"{seconds + 60}s"]
    options += ["--connections", str(connections), "--duration", f"{seconds}s"]
    if len(queries) == 1:
        place = address(endpoint, queries[0])
        return _run((*options, "--header", f"Accept: {media_type(queries[0])}", place))
    with tempfile.TemporaryDirectory() as folder:
        script = Path(folder, "mix.lua")
        script.write_text(_SCRIPT.format("\n".join(_requests(endpoint, queries))), encoding="utf-8")
        return _run((*options, "--script", str(script), endpoint))


def _requests(endpoint: str, queries: Sequence[str]) -> list[str]:
    """Return the lines that make the requests; addresses are quoted already, so no text can end a string of Lua."""
    lines = []
    for number, query in enumerate(queries, 1):
        parts = urlsplit(address(endpoint, query))
        headers = f'{{["Accept"] = "{media_type(query)}"}}'
        lines.append(f'  requests[{number}] = wrk.format("GET", "{parts.path}?{parts.query}", {headers})')
    return lines


def _run(arguments: Sequence[str]) -> Load:
    ended = subprocess.run((wrk(), *arguments), capture_output=True, text=True, check=False)
    return read(ended.stdout + ended.stderr)


def read(text: str) -> Load:
    """Read what wrk prints.

    Raises:
        DataError: if that is no report.
    """
    count, wrong = _COUNT.search(text), _BAD.search(text)
    times = {number: float(value) * _UNITS[unit] for number, value, unit in _PERCENTILE.findall(text)}
    if not count or not {"50", "99"} <= times.keys():
        raise DataError(Text(f"wrk: {text.strip()}", f"wrk : {text.strip()}"))
    seconds = float(count[2]) * _UNITS[count[3]] / 1_000
    return Load(int(count[1]), seconds, times["50"], times["99"], wrong[0] if wrong else "")


def length(each: float, connections: int, cores: int, *, answers: int, least: int, most: int) -> int:
    """Return for how many seconds to ask so that about so many answers are seen.

    Args:
        each: seconds that an answer takes alone.
        connections: how many are asked for at once.
        cores: how many can be worked on at once.
        answers: how many shall be seen; two for each connection at least.
        least: seconds.
        most: seconds, whatever it takes.
    """
    wanted = max(answers, 2 * connections)
    return min(max(least, math.ceil(wanted * each / min(connections, cores))), most)
