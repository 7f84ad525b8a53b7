"""`territoires build` and `check`: what a curator needs after a change."""

from __future__ import annotations

import sys

import click

from territoires import stamp
from territoires.changes import changed_since
from territoires.cli.main import LOADING, LazyGroup, language, messages, working
from territoires.cli.writing import say_written, write_as_one
from territoires.errors import Text
from territoires.graph import load
from territoires.root import Root
from territoires.rules import TIME_LIMIT, Timing, derive, derived_file, ensure_fresh
from territoires.validation import Report, describe, validate


@click.command(epilog="Example: territoires build")
@click.option("--limit", default=TIME_LIMIT, show_default=True, help="Seconds that one rule may take.")
@click.pass_obj
def build(root: Root, limit: float) -> None:
    """Derive what can be computed from the sources (rules/*.rq) and write data/derived.ttl."""
    with working(LOADING) as progress:

        def done(timing: Timing) -> None:
            line = f"{timing.rule}: {timing.triples} triples, {timing.seconds:.1f} s"
            progress(Text(line, line))
            if sys.stderr.isatty():
                messages.print(line)

        text = derive(root, limit=limit, done=done)
    file = derived_file(root)
    changed = not file.exists() or file.read_bytes() != text.encode()
    if changed:
        write_as_one(root, {file: text})
    say_written(file, changed=changed)


@click.group(
    cls=LazyGroup,
    later={"links": "links:check_links", "ontology": "ontology:check_ontology"},
    invoke_without_command=True,
    epilog="Example: territoires check --format json > report.json",
)
@click.option("--format", "format_", type=click.Choice(["table", "turtle", "json"]), default="table", show_default=True)
@click.option(
    "--stamp", "stamped", is_flag=True, help="When there is no violation, write shapes/checked.json for `serve`."
)
@click.option("--since", metavar="REVISION", help="Judge only what has changed since this git revision: seconds.")
@click.pass_context
def check(context: click.Context, format_: str, since: str | None, *, stamped: bool) -> None:
    """Judge the whole graph by its SHACL shapes; exit 1 with file and line of each offending subject.

    With COMMAND, check something else; options of the command stand after it.
    """
    if context.invoked_subcommand:
        if stamped or since or format_ != "table":
            raise click.UsageError(f"options of `check {context.invoked_subcommand}` stand after its name")
        return
    root: Root = context.obj
    if stamped and since:
        raise click.UsageError("--stamp is for a check of the whole graph")
    with working(LOADING) as progress:
        graph = load(root)
        ensure_fresh(root)
        changes = changed_since(root, since) if since else None
        report = validate(graph, changes=changes, progress=progress)
    if format_ == "table":
        _print_report(report)
    else:
        click.echo(report.as_turtle() if format_ == "turtle" else report.as_json(), nl=False)
    if not report.conforms:
        raise click.exceptions.Exit(1)
    if stamped:
        stamp.write_stamp(graph, report)


def _print_report(report: Report) -> None:
    for result in report.results:
        line = describe(result).in_(language())
        click.echo(line if result.severity == "Violation" else f"{result.severity.lower()}: {line}")
    text = Text(
        f"{len(report.violations)} violations in {report.triples:,} triples",
        f"{len(report.violations)} violations dans {report.triples} triplets",
    )
    click.echo(text.in_(language()))
