"""The file of tokens: JSON that only its owner can read, replaced whole at each change."""

from __future__ import annotations

import json
import os
import re
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Final

from territoires.credentials.hashing import Hashed
from territoires.errors import DataError, ForbiddenError, NotFoundError, Place, RequestError, Text
from territoires.files import replacing
from territoires.namespaces import BASE
from territoires.root import Root
from territoires.settings import TOKENS

NAME: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")
_SECRET: Final = 32
"""Random bytes of a secret."""


@dataclass(frozen=True, slots=True)
class Token:
    """What is kept of a token: all but its secret."""

    name: str
    graphs: tuple[str, ...]
    """Patterns (`*`, `?`, `[…]`) of the graphs that it may write: IRIs, or their part after `…/graph/`."""
    expires: datetime
    """In UTC; from then on it is refused."""
    secret: Hashed

    def may_write(self, graph: str) -> bool:
        """Return whether the token is for the graph with this IRI."""
        return allows(self.graphs, graph)


def allows(patterns: Sequence[str], graph: str) -> bool:
    """Return whether one of `patterns` (see `Token.graphs`) is for the graph with this IRI."""
    names = (graph, graph.removeprefix(f"{BASE}graph/"))
    return any(fnmatchcase(name, pattern) for pattern in patterns for name in names)


def not_for(name: str, patterns: Sequence[str], graph: str) -> ForbiddenError:
    """Return the error for the token called `name`, which may write other graphs than this one."""
    return ForbiddenError(
        Text(f"the token {name!r} may not write <{graph}>", f"le jeton {name!r} n'écrit pas <{graph}>"),
        hint=Text(
            f"it is for: {', '.join(patterns)}; ask for another",
            f"il vaut pour : {', '.join(patterns)} ; demandez-en un autre",
        ),
    )


def tokens_file(root: Root, environ: Mapping[str, str] = os.environ) -> Path | None:
    """Return the file that TERRITOIRES_TOKENS names, or None: then nobody may write.

    Raises:
        RequestError: if it is inside the graph folder, which is published.
    """
    named = environ.get(TOKENS, "").strip()
    if not named:
        return None
    path = Path(named).absolute()
    if path.resolve().is_relative_to(root.path):
        raise RequestError(
            Text(f"{TOKENS}={named} is inside the graph folder", f"{TOKENS}={named} est dans le dossier du graphe"),
            hint=Text("keep it where nothing is published", "gardez-le où rien n'est publié"),
        )
    return path


def read(path: Path) -> dict[str, Token]:
    """Return the tokens by name; none when there is no file yet.

    Raises:
        DataError: if it cannot be read, is not what `create` writes, or others may read it.
    """
    try:
        if os.name == "posix" and path.stat().st_mode & 0o077:
            raise DataError(
                Text("others can read this file of tokens", "d'autres peuvent lire ce fichier de jetons"),
                place=Place(path),
                hint=Text(f"chmod 600 {path}", f"chmod 600 {path}"),
            )
        text = path.read_text(encoding="utf-8")
        return {name: _parse(name, entry) for name, entry in json.loads(text or "{}").items()}
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise DataError(
            Text(f"this is no file of tokens: {error}", f"ce n'est pas un fichier de jetons : {error}"),
            place=Place(path),
            hint=Text("put it back from a copy, or remove it", "remettez une copie, ou retirez-le"),
        ) from error


def _parse(name: str, entry: Mapping[str, object]) -> Token:
    graphs, expires, secret = entry["graphs"], entry["expires"], entry["secret"]
    if not isinstance(graphs, list) or not isinstance(expires, str) or not isinstance(secret, dict):
        raise TypeError(name)
    hashed = Hashed(**secret)
    bytes.fromhex(hashed.salt), bytes.fromhex(hashed.key)
    return Token(name, tuple(map(str, graphs)), datetime.fromisoformat(expires).astimezone(UTC), hashed)


def create(path: Path, name: str, graphs: Sequence[str], lifetime: timedelta) -> str:
    """Add a token and return it, as `Authorization: Bearer` sends it: nobody can read it again.

    Raises:
        RequestError: if the name is wrong or taken.
        DataError: if the file cannot be read or written.
    """
    tokens = read(path)
    if not NAME.fullmatch(name):
        raise RequestError(
            Text(f"{name!r} is no name of a token", f"{name!r} n'est pas un nom de jeton"),
            hint=Text("take up to 40 of a-z, 0-9 and -", "prenez jusqu'à 40 caractères a-z, 0-9 et -"),
        )
    if name in tokens:
        raise RequestError(
            Text(f"there is a token {name!r} already", f"il y a déjà un jeton {name!r}"),
            hint=Text("revoke it first, or take another name", "révoquez-le d'abord, ou prenez un autre nom"),
        )
    secret = secrets.token_urlsafe(_SECRET)
    expires = (datetime.now(UTC) + lifetime).replace(microsecond=0)
    _write(path, {**tokens, name: Token(name, tuple(graphs), expires, Hashed.of(secret))})
    return f"{name}.{secret}"


def revoke(path: Path, name: str) -> None:
    """Remove a token; servers refuse it from their next request on.

    Raises:
        NotFoundError: if there is none of that name.
        DataError: if the file cannot be read or written.
    """
    tokens = read(path)
    if name not in tokens:
        known = ", ".join(sorted(tokens)) or "-"
        raise NotFoundError(
            Text(f"there is no token {name!r}", f"il n'y a pas de jeton {name!r}"),
            hint=Text(f"one of: {known}", f"au choix : {known}"),
        )
    del tokens[name]
    _write(path, tokens)


def _write(path: Path, tokens: Mapping[str, Token]) -> None:
    entries = {
        name: {"graphs": token.graphs, "expires": token.expires.isoformat(), "secret": asdict(token.secret)}
        for name, token in sorted(tokens.items())
    }
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)  # The new file takes the mode of the one that it replaces.
    with replacing(path) as file:
        file.write((json.dumps(entries, indent=2) + "\n").encode())
