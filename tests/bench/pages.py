"""Measures the pages of a running server: `python -m tests.bench.pages http://127.0.0.1:8000 [FILE]`.

FILE lists paths, one a line; by default, one page of every type. For each it prints the median time until the whole
page is there, over `ROUNDS` requests after one that warms up, its ratio to that of `/health`, and its bytes in gzip.
"""

from __future__ import annotations

import statistics
import sys
import time
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlsplit

ROUNDS = 15
PATHS = Path(__file__).with_name("pages.txt")
_BROWSER = {"Accept": "text/html", "Accept-Encoding": "gzip", "Accept-Language": "fr"}


def main() -> None:
    """Print a line for each path."""
    address = sys.argv[1] if len(sys.argv) > 1 else "http://127.0.0.1:8000"
    file = Path(sys.argv[2]) if len(sys.argv) > 2 else PATHS
    connection = HTTPConnection(urlsplit(address).netloc, timeout=60)
    unit, _ = _measure(connection, "/health")
    sys.stdout.write(f"{'ms':>8} {'/health':>8} {'bytes':>8}  path\n")
    for line in file.read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            seconds, size = _measure(connection, line)
            sys.stdout.write(f"{seconds * 1000:8.1f} {seconds / unit:8.1f} {size:8}  {line}\n")


def _measure(connection: HTTPConnection, path: str) -> tuple[float, int]:
    """Return the median seconds and the bytes of the body of a request for `path`."""
    times, size = [], 0
    for _ in range(ROUNDS + 1):
        started = time.perf_counter()
        connection.request("GET", path, headers=_BROWSER)
        response = connection.getresponse()
        size = len(response.read())
        times.append(time.perf_counter() - started)
        if response.status != 200:
            sys.exit(f"{path}: {response.status}")
    return statistics.median(times[1:]), size


if __name__ == "__main__":
    main()
