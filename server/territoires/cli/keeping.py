"""`territoires build`, `check` and `import`: what a curator needs."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from territoires import stamp
from territoires.changes import changed_since
from territoires.cli.main import LOADING, language, messages, working
from territoires.errors import Text
from territoires.files import write_whole
from territoires.graph import load
from territoires.ingest.anct import read_anct
from territoires.ingest.cog import edition_of, read_cog
from territoires.ingest.links import CODE_VOCABULARIES, code_links, read_insee_versions, read_wikidata
from territoires.ingest.organisations import read_organisations
from territoires.ingest.points import read_points
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
    _write(derived_file(root), text)


@click.group(invoke_without_command=True, epilog="Example: territoires check --format json > report.json")
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
        ensure_fresh(root)
        graph = load(root)
        changed = changed_since(root, since) if since else None
        report = validate(graph, changed=changed, progress=progress)
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


@click.group("import", epilog="Example: territoires import cog package")
def import_() -> None:
    """Turn an official file into Turtle below data/."""


_OUTPUT = click.option("--output", type=click.Path(path_type=Path), help="Where to write; default: below data/.")


@import_.command("anct-groupements", epilog="Example: territoires import anct-groupements --phase 2 liste-ti-grpt.csv")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option(
    "--phase", required=True, type=click.IntRange(1, 2), help="Phase of the programme that the list belongs to."
)
@click.option("--source", default="anct-2024-07-04", show_default=True, help="Name of the source, hence of its graph.")
@_OUTPUT
@click.pass_obj
def import_anct(root: Root, file: Path, phase: int, source: str, output: Path | None) -> None:
    """Import ANCT's list of territories and members (CSV liste-ti-grpt)."""
    with working(Text(f"reading {file.name}", f"lecture de {file.name}")):
        text = read_anct(file, phase, _geography(root))
    _write(output or root.data / source / f"phase-{phase}.ttl", text)


@import_.command(
    "cog",
    epilog="Example: territoires import cog package (after: npm pack @etalab/decoupage-administratif@6.0.0; unpack it)",
)
@click.argument("folder", type=click.Path(path_type=Path, exists=True, file_okay=False))
@_OUTPUT
@click.pass_obj
def import_cog(root: Root, folder: Path, output: Path | None) -> None:
    """Import France's geography from the unpacked npm package @etalab/decoupage-administratif."""
    with working(Text(f"reading {folder}", f"lecture de {folder}")):
        files = read_cog(folder)
    for name, text in files.items():
        _write((output or root.data / f"cog-{edition_of(folder)}") / name, text)


@import_.command("points", epilog="Example: territoires import points communes-points.csv")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@_OUTPUT
@click.pass_obj
def import_points(root: Root, file: Path, output: Path | None) -> None:
    """Import one point per commune (CSV code_insee, longitude, latitude)."""
    with working(Text(f"reading {file.name}", f"lecture de {file.name}")):
        text, missing = read_points(file, _geography(root))
    _write(output or root.data / "points-dila.ttl", text)
    if missing:
        codes = ", ".join(missing)
        click.echo(Text(f"listed without a point: {codes}", f"sans point dans la liste : {codes}").in_(language()))


_TABLES = ("wikidata", "mtes-2024", "organisations")


@import_.command("links", epilog="Example: territoires import links wikidata wikidata-insee.csv")
@click.argument("vocabulary", type=click.Choice([*_TABLES, *CODE_VOCABULARIES]))
@click.argument("file", required=False, type=click.Path(path_type=Path, exists=True, dir_okay=False))
@_OUTPUT
@click.pass_obj
def import_links(root: Root, vocabulary: str, file: Path | None, output: Path | None) -> None:
    """Import links to another dataset.

    wikidata, mtes-2024 and organisations read a CSV FILE; insee, ign and datagouv are made of official codes.
    """
    if (file is None) == (vocabulary in _TABLES):
        raise click.UsageError(f"{vocabulary} needs a FILE" if file is None else f"{vocabulary} takes no FILE")
    with working(Text(f"linking to {vocabulary}", f"liens vers {vocabulary}")):
        text = _links(root, vocabulary, file)
    _write(output or root.data / f"links-{vocabulary}.ttl", text)


def _links(root: Root, vocabulary: str, file: Path | None) -> str:
    if file is None:
        return code_links(vocabulary, _geography(root))
    if vocabulary == "organisations":
        return read_organisations(file, _actors(root))
    return (read_wikidata if vocabulary == "wikidata" else read_insee_versions)(file, _geography(root))


def _actors(root: Root) -> list[Path]:
    """Return the Turtle files that name actors, and that which links places to Wikidata."""
    patterns = ("catalogue.ttl", "communique-*.ttl", "facts/*.ttl", "links-wikidata.ttl")
    return sorted(file for pattern in patterns for file in root.data.glob(pattern))


def _geography(root: Root) -> list[Path]:
    """Return the Turtle files of the latest code officiel géographique."""
    return sorted(max(root.data.glob("cog-*"), default=root.data).glob("*.ttl"))


def _write(file: Path, text: str) -> None:
    changed = write_whole(file, text)
    outcome = Text("written", "écrit") if changed else Text("unchanged", "inchangé")
    click.echo(f"{file}: {outcome.in_(language())}")
