"""Load on an endpoint, by `wrk`: the same request again and again over so many connections."""

from __future__ import annotations

import re
import shutil
import subprocess
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlencode

from territoires.errors import DataError, Text

_UNITS: Final = {"us": 0.001, "ms": 1.0, "s": 1_000.0, "m": 60_000.0}
_PERCENTILE: Final = re.compile(r"^\s+(50|99)%\s+([\d.]+)(us|ms|s|m) *$", re.MULTILINE)
_RATE: Final = re.compile(r"^Requests/sec:\s+([\d.]+)$", re.MULTILINE)
_BAD: Final = re.compile(r"Non-2xx or 3xx responses: (\d+)|Socket errors: .*")


@dataclass(frozen=True, slots=True)
class Load:
    """What one run of `wrk` saw."""

    per_second: float
    median: float
    """Milliseconds."""
    p99: float
    """Milliseconds."""
    wrong: str
    """What went wrong in its own words; empty where nothing did."""


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


def put(endpoint: str, query: str, accept: str, connections: int, seconds: int) -> Load:
    """Ask `query` for `seconds` over `connections` at once.

    Raises:
        DataError: if wrk is not installed or cannot run.
    """
    options = f"--latency --threads 1 --connections {connections} --duration {seconds}s --timeout 60s".split()
    command = (wrk(), *options, "--header", f"Accept: {accept}", f"{endpoint}?{urlencode({'query': query})}")
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    return read(ended.stdout + ended.stderr)


def read(text: str) -> Load:
    """Read what wrk prints.

    Raises:
        DataError: if that is no report.
    """
    rate, wrong = _RATE.search(text), _BAD.search(text)
    times = {number: float(value) * _UNITS[unit] for number, value, unit in _PERCENTILE.findall(text)}
    if not rate or not {"50", "99"} <= times.keys():
        raise DataError(Text(f"wrk: {text.strip()}", f"wrk : {text.strip()}"))
    return Load(float(rate[1]), times["50"], times["99"], wrong[0] if wrong else "")
