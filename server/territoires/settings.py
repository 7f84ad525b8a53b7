"""Everything a deployment can set, in one frozen place.

Each field is read from the environment variable named in its metadata; `docs/reference/settings.md` documents each one
and a test compares the two.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Any, Final

from territoires.errors import RequestError, Text

TRUSTED_PROXIES: Final = "TERRITOIRES_TRUSTED_PROXIES"

CONTACT: Final = "TERRITOIRES_CONTACT"
"""Environment variable: where people report an error, an `https:` or `mailto:` address that pages show."""

EXPORTS: Final = "TERRITOIRES_EXPORTS"
"""Environment variable: folder, of one server alone, where the files of `/exports/` lie once they are written."""
ANSWERS: Final = "TERRITOIRES_ANSWERS"
"""Environment variable: folder where the answers of published queries are kept for the next start; empty: nowhere."""
STORE: Final = "TERRITOIRES_STORE"
"""Environment variable: folder of the graph on disk, as `territoires build --store` makes it."""
TOKENS: Final = "TERRITOIRES_TOKENS"
"""Environment variable: the file of the tokens with which graphs are written over HTTP; without it nobody may."""

LOG: Final = "TERRITOIRES_LOG"
"""Environment variable: `1` for a line per request on standard error."""
METRICS: Final = "PROMETHEUS_MULTIPROC_DIR"
"""Environment variable of prometheus-client, to be set before that is imported: folder for the numbers of processes."""

_ADDRESS: Final = re.compile(r"https?://[^\s<>\"']+|mailto:[^\s<>\"'@]+@[^\s<>\"'@]+")

Networks = tuple[IPv4Network | IPv6Network, ...]


def _setting(default: int, help_: str, *, written: str = "", least: int = 1) -> Any:  # noqa: ANN401  (as dataclasses.field)
    return field(default=default, metadata={"help": help_, "default": written or str(default), "least": least})


def _cores() -> int:
    """Return the number of cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@dataclass(frozen=True, slots=True)
class Settings:
    """Limits of the endpoint; units stand in each help text."""

    max_query_length: int = _setting(100_000, "Longest query text accepted, in characters.")
    max_query_depth: int = _setting(64, "Deepest nesting of braces, brackets and parentheses accepted.")
    max_query_operators: int = _setting(
        2_000, "Most operators (`||`, `&&`, `!`, `/`, `|`, `+`, UNION, OPTIONAL …) accepted in one query."
    )
    max_query_patterns: int = _setting(
        128, "Most triple patterns and groups accepted in one query; rows of VALUES do not count."
    )
    max_body_bytes: int = _setting(1_000_000, "Largest request body read, in bytes.")
    max_upload_bytes: int = _setting(5_000_000, "Largest table that `/enrich` takes, in bytes.")
    max_upload_rows: int = _setting(50_000, "Most rows of a table that `/enrich` takes.")
    max_changed_quads: int = _setting(
        1_000_000, "Most solutions, and most quads that go and come, of one update or one body that is written."
    )
    max_result_bytes: int = _setting(200_000_000, "Largest answer sent, in bytes; a larger one is refused whole.")
    query_timeout: int = _setting(10, "Longest time a query may run, in seconds; then it is stopped.")
    query_workers: int = _setting(
        _cores() + 1,
        "Processes that evaluate queries; all but one may be taken by queries that run long.",
        written="cores + 1",
    )
    query_queue: int = _setting(32, "Most queries that wait for a process; a further one is answered 503.")
    query_memory: int = _setting(
        1_024, "Memory that one query may take beside the graph, in megabytes (not enforced on Windows and macOS)."
    )
    max_change_bytes: int = _setting(50_000_000, "Largest body of a change of the data, in bytes.")
    change_timeout: int = _setting(300, "Longest time a change may be judged and written, in seconds.")
    change_memory: int = _setting(
        4_096, "Memory that one change may take beside the graph, in megabytes (not enforced on Windows and macOS)."
    )
    change_queue: int = _setting(128, "Most changes that wait for those before them; a further one is answered 503.")
    slow_clients: int = _setting(
        512,
        "Most requests of one HTTP process whose body, or whose large answer, may be under way; more are answered 503.",
    )
    response_cache: int = _setting(
        64,
        "Memory for answers that are kept to be given again, in megabytes for each HTTP process; `0` keeps none.",
        least=0,
    )
    planner: int = _setting(
        1,
        "`1`: a query that joins much is written anew where the counts of the dataset say that it is answered sooner "
        "so; `0`: every query is asked as it is written.",
        least=0,
    )

    answer_cache: int = _setting(
        64,
        "Memory for answers of the query engine that are kept, in megabytes for each HTTP process; `0` keeps none, "
        "there or on disk, and evaluates each query that is asked.",
        least=0,
    )

    def to_environment(self) -> dict[str, str]:
        """Return the variables that make another process read the same settings."""
        return {variable(setting.name): str(getattr(self, setting.name)) for setting in fields(self)}

    @classmethod
    def from_environment(cls, environ: Mapping[str, str] = os.environ) -> Settings:
        """Read `TERRITOIRES_<FIELD>` for every field.

        Raises:
            RequestError: if a variable is not a whole number, or too small.
        """
        values: dict[str, int] = {}
        for setting in fields(cls):
            name = variable(setting.name)
            text = environ.get(name)
            if text is None:
                continue
            least = setting.metadata["least"]
            if not text.isascii() or not text.isdigit() or int(text) < least:
                raise RequestError(
                    Text(
                        f"{name}={text!r} is not a whole number from {least}",
                        f"{name}={text!r} n'est pas un entier à partir de {least}",
                    ),
                    hint=Text(
                        f"unset {name} to use {setting.default}", f"retirez {name} pour prendre {setting.default}"
                    ),
                )
            values[setting.name] = int(text)
        return cls(**values)


def variable(field_name: str) -> str:
    """Return the environment variable that sets `field_name`."""
    return f"TERRITOIRES_{field_name.upper()}"


def trusted_proxies(environ: Mapping[str, str] = os.environ) -> Networks:
    """Return the networks named, with commas between them, in TERRITOIRES_TRUSTED_PROXIES.

    Raises:
        RequestError: if one is no address or network.
    """
    names = [name.strip() for name in environ.get(TRUSTED_PROXIES, "").split(",")]
    try:
        return tuple(ip_network(name) for name in names if name)
    except ValueError as error:
        raise RequestError(
            Text(f"{TRUSTED_PROXIES}: {error}", f"{TRUSTED_PROXIES} : {error}"),
            hint=Text(
                "give addresses or networks, such as 127.0.0.1,10.0.0.0/8",
                "donnez des adresses ou des réseaux, tels que 127.0.0.1,10.0.0.0/8",
            ),
        ) from error


def exports_folder(environ: Mapping[str, str] = os.environ) -> Path | None:
    """Return the folder named in TERRITOIRES_EXPORTS, or None."""
    name = environ.get(EXPORTS)
    return Path(name) if name else None


def answers_folder(environ: Mapping[str, str] = os.environ) -> Path | None:
    """Return the folder named in TERRITOIRES_ANSWERS, else one in the cache folder of this user, or None."""
    name = environ.get(ANSWERS)
    if name is not None:
        return Path(name).resolve() if name else None
    if sys.platform == "win32":
        caches = environ.get("LOCALAPPDATA", "")
    elif sys.platform == "darwin":
        caches = str(Path(environ.get("HOME", ""), "Library", "Caches"))
    else:
        caches = environ.get("XDG_CACHE_HOME") or str(Path(environ.get("HOME", ""), ".cache"))
    # XDG Base Directory Specification: a relative path is invalid. A home that is not there is not made.
    is_there = Path(caches).is_absolute() and Path(caches).parent.is_dir()
    return Path(caches, "territoires", "answers") if is_there else None


def store_folder(environ: Mapping[str, str] = os.environ) -> Path | None:
    """Return the folder named in TERRITOIRES_STORE, or None."""
    name = environ.get(STORE)
    return Path(name).resolve() if name else None


def contact(environ: Mapping[str, str] = os.environ) -> str | None:
    """Return the address named in TERRITOIRES_CONTACT, or None.

    Raises:
        RequestError: if it is neither an address of the web nor of mail.
    """
    address = environ.get(CONTACT, "").strip()
    if not address or _ADDRESS.fullmatch(address):
        return address or None
    raise RequestError(
        Text(
            f"{CONTACT}={address!r} is no https: or mailto: address",
            f"{CONTACT}={address!r} n'est ni https: ni mailto:",
        ),
        hint=Text(
            "write it whole, such as mailto:name@example.org", "écrivez-la entière, telle que mailto:nom@example.org"
        ),
    )
