"""`territoires token`: who may write over HTTP."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import click

from territoires import credentials
from territoires.cli.main import language, messages
from territoires.errors import RequestError, Text
from territoires.root import Root
from territoires.settings import TOKENS

_UNITS = {"h": timedelta(hours=1), "d": timedelta(days=1), "w": timedelta(weeks=1)}
_LONGEST = timedelta(days=3660)


def _lifetime(_context: click.Context, _option: click.Parameter, value: str) -> timedelta:
    """Read `12h`, `90d` or `4w`."""
    match = re.fullmatch(r"([1-9][0-9]{0,4})([hdw])", value, re.ASCII)
    time = int(match[1]) * _UNITS[match[2]] if match else None
    if time is None or time > _LONGEST:
        raise click.BadParameter(f"{value!r} is no time up to ten years, such as 12h, 90d or 4w")
    return time


@click.group(epilog="Example: territoires token create anna --graph 'communique-*' --expires 90d")
def token() -> None:
    """Make, list and revoke the tokens with which graphs are written over HTTP (file: TERRITOIRES_TOKENS)."""


@token.command(epilog="Example: territoires token create anna --graph 'communique-*' --expires 90d")
@click.argument("name")
@click.option("--graph", "graphs", multiple=True, required=True, metavar="PATTERN", help="Graph, `*`; may be repeated.")
@click.option("--expires", required=True, callback=_lifetime, help="For how long it is good: 12h, 90d, 4w.")
@click.pass_obj
def create(root: Root, name: str, graphs: tuple[str, ...], expires: timedelta) -> None:
    """Make the token NAME and print it, this once: only its hash is kept."""
    made = credentials.create(_file(root), name, graphs, expires)
    text = Text("keep it: it is not shown again", "gardez-le : il ne sera plus montré")
    messages.print(text.in_(language()))
    click.echo(made)


@token.command("list", epilog="Example: territoires token list")
@click.pass_obj
def list_(root: Root) -> None:
    """List names, ends and graphs of the tokens, with tabs between them."""
    for one in credentials.read(_file(root)).values():
        over = Text(" (expired)", " (expiré)").in_(language()) if one.expires <= datetime.now(UTC) else ""
        click.echo(f"{one.name}\t{one.expires:%Y-%m-%dT%H:%M:%SZ}{over}\t{' '.join(one.graphs)}")


@token.command(epilog="Example: territoires token revoke anna")
@click.argument("name")
@click.pass_obj
def revoke(root: Root, name: str) -> None:
    """Remove the token NAME: it is refused from the next request on."""
    credentials.revoke(_file(root), name)


def _file(root: Root) -> Path:
    path = credentials.tokens_file(root)
    if path is None:
        raise RequestError(
            Text(f"{TOKENS} is not set", f"{TOKENS} n'est pas défini"),
            hint=Text(
                "set it to a file outside of the graph folder, for this command and for `serve`",
                "donnez-lui un fichier hors du dossier du graphe, pour cette commande et pour `serve`",
            ),
        )
    return path
