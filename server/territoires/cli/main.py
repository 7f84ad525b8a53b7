"""The command group, and what every command shares: language, progress, errors."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import Any

import click
from rich.console import Console

import territoires
from territoires.commit.journal import recover
from territoires.errors import Language, TerritoiresError, Text
from territoires.files import write_whole
from territoires.root import find_root

messages = Console(stderr=True, highlight=False, soft_wrap=True, emoji=False)


def main() -> None:
    """Run the command; errors of the input end it with status 1 and a message in the user's language."""
    try:
        # Without standalone mode click returns the code of ctx.exit() and of Exit instead of raising it.
        sys.exit(cli(standalone_mode=False))
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except (click.Abort, KeyboardInterrupt):
        sys.exit(130)
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(0)
    except TerritoiresError as error:
        messages.print(f"{error.title.in_(language())} — {error.in_(language())}", markup=False)
        sys.exit(1)


def language() -> Language:
    """Return French when the locale of the terminal is French, else English."""
    locale = os.environ.get("LC_ALL") or os.environ.get("LC_MESSAGES") or os.environ.get("LANG") or ""
    return "fr" if locale.lower().startswith("fr") else "en"


class LazyGroup(click.Group):
    """Imports a command when it is asked for: `serve` need not wait for what `check` works with."""

    def __init__(self, *arguments: Any, later: Mapping[str, str], **options: Any) -> None:  # noqa: ANN401  (click's)
        """Take the commands by name, each with its place below this package: `module:attribute`."""
        super().__init__(*arguments, **options)
        self._later = later

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002  (click's)
        """Return the names of the commands, sorted."""
        return sorted(self._later)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002  (click's)
        """Import the command called `cmd_name`, if there is one."""
        if cmd_name not in self._later:
            return None
        module, _, attribute = self._later[cmd_name].partition(":")
        command: click.Command = getattr(import_module(f"territoires.cli.{module}"), attribute)
        return command


@click.group(
    cls=LazyGroup,
    later={
        "bench": "benching:bench",
        "build": "keeping:build",
        "check": "keeping:check",
        "diff": "comparing:diff",
        "enrich": "enriching:enrich_",
        "explain": "explaining:explain",
        "export": "exporting:export_",
        "fmt": "formatting:fmt",
        "history": "history:history",
        "import": "importing:import_",
        "publish": "publishing:publish",
        "queries": "reading:queries",
        "query": "reading:query",
        "revert": "history:revert",
        "serve": "serving:serve",
        "token": "tokens:token",
    },
    epilog="Example: territoires query 'SELECT ?label { ?t a ti:Territory ; rdfs:label ?label } LIMIT 5'",
)
@click.version_option(territoires.__version__, prog_name="territoires")
@click.option(
    "--root",
    "path",
    type=click.Path(path_type=Path),
    envvar="TERRITOIRES_ROOT",
    help="Folder with ontology/, data/, shapes/, queries/; default: this checkout, else the graph in the package.",
)
@click.pass_context
def cli(context: click.Context, path: Path | None) -> None:
    """Serve, check, query and export a programme's knowledge graph."""
    if context.invoked_subcommand and "--help" not in sys.argv:
        context.obj = find_root(path)
        recover(context.obj.path)


@contextmanager
def working(message: Text) -> Iterator[Callable[[Text], None]]:
    """Show what is being done on a terminal; stay quiet in a pipe."""
    with messages.status(message.in_(language())) as status:
        yield lambda text: status.update(text.in_(language()))


AT = click.option(
    "--at",
    "day",
    type=click.DateTime(["%Y-%m-%d"]),
    metavar="YYYY-MM-DD",
    help="With --graph: as it was in force on this day.",
)
LOADING = Text("loading the graph", "chargement du graphe")


def write(file: Path, text: str) -> None:
    """Write a file whole and say whether it has changed."""
    changed = write_whole(file, text)
    outcome = Text("written", "écrit") if changed else Text("unchanged", "inchangé")
    click.echo(f"{file}: {outcome.in_(language())}")
