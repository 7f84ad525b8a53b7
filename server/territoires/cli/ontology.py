"""`territoires check ontology`: is the vocabulary one that others can use?"""

from __future__ import annotations

from collections.abc import Sequence

import click

from territoires.cli.main import language, working
from territoires.errors import Text
from territoires.quality import Outcome, as_json, describe, inspect
from territoires.root import Root


@click.command("ontology", epilog="Example: territoires check ontology --format json > ontology.json")
@click.option("--format", "format_", type=click.Choice(["table", "json"]), default="table", show_default=True)
@click.pass_obj
def check_ontology(root: Root, format_: str) -> None:
    """Run the offline checks of OOPS!, FOOPS! and LOV over ontology/; exit 1 with file and line of what they find."""
    with working(Text("reading the ontology", "lecture de l'ontologie")):
        outcomes = inspect(root)
    if format_ == "json":
        click.echo(as_json(outcomes), nl=False)
    else:
        _print_table(outcomes)
    if any(outcome.findings for outcome in outcomes):
        raise click.exceptions.Exit(1)


def _print_table(outcomes: Sequence[Outcome]) -> None:
    width = max(len(outcome.check.id) for outcome in outcomes)
    for outcome in outcomes:
        state = f"{len(outcome.findings)}" if outcome.findings else "ok"
        click.echo(f"{outcome.check.id:<{width}}  {state:>3}  {outcome.check.title.in_(language())}")
        for finding in outcome.findings:
            click.echo(f"  {describe(finding).in_(language())}")
    found = sum(len(outcome.findings) for outcome in outcomes)
    text = Text(f"{found} findings by {len(outcomes)} checks", f"{found} constats de {len(outcomes)} contrôles")
    click.echo(text.in_(language()))
