"""`territoires import`: official files become Turtle below data/."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path

import click

from territoires.cli.main import language, messages, working
from territoires.cli.replacing import written
from territoires.errors import Text
from territoires.ingest.anct import read_anct
from territoires.ingest.cog import edition_of, read_cog
from territoires.ingest.links import CODE_VOCABULARIES, code_links, read_insee_versions, read_wikidata
from territoires.ingest.organisations import read_organisations
from territoires.ingest.packages import COG, fetch
from territoires.ingest.points import read_points
from territoires.root import Root

Put = Callable[[Path, str], None]


@click.group("import", epilog="Example: territoires import cog package")
def import_() -> None:
    """Turn an official file into Turtle below data/."""


def _note(text: Text) -> None:
    messages.print(text.in_(language()), markup=False)


_OUTPUT = click.option("--output", type=click.Path(path_type=Path), help="Where to write; default: below data/.")


@import_.command("anct-groupements", epilog="Example: territoires import anct-groupements --phase 2 liste-ti-grpt.csv")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option(
    "--phase", required=True, type=click.IntRange(1, 2), help="Phase of the programme that the list belongs to."
)
@click.option("--source", default="anct-2024-07-04", show_default=True, help="Name of the source, hence of its graph.")
@_OUTPUT
@written
@click.pass_obj
def import_anct(root: Root, file: Path, phase: int, source: str, output: Path | None, put: Put) -> None:
    """Import ANCT's list of territories and members (CSV liste-ti-grpt)."""
    with working(Text(f"reading {file.name}", f"lecture de {file.name}")):
        text = read_anct(file, phase, _geography(root), _note)
    put(output or root.data / source / f"phase-{phase}.ttl", text)


@import_.command("cog", epilog="Example: territoires import cog --fetch --dry-run")
@click.argument("folder", required=False, type=click.Path(path_type=Path, exists=True, file_okay=False))
@click.option("--fetch", "fetched", is_flag=True, help=f"Take {COG.name}@{COG.version} from npm, instead of FOLDER.")
@_OUTPUT
@written
@click.pass_obj
def import_cog(root: Root, folder: Path | None, output: Path | None, put: Put, *, fetched: bool) -> None:
    """Import France's geography from the npm package @etalab/decoupage-administratif, unpacked in FOLDER."""
    if fetched == (folder is not None):
        raise click.UsageError("give a FOLDER or --fetch, one of the two")
    with tempfile.TemporaryDirectory() as temporary:
        if folder is None:
            with working(Text(f"fetching {COG.name}", f"récupération de {COG.name}")):
                folder = fetch(COG, Path(temporary))
        with working(Text(f"reading {folder}", f"lecture de {folder}")):
            files = read_cog(folder)
        target = output or root.data / f"cog-{edition_of(folder)}"
    for name, text in files.items():
        put(target / name, text)


@import_.command("points", epilog="Example: territoires import points communes-points.csv")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@_OUTPUT
@written
@click.pass_obj
def import_points(root: Root, file: Path, output: Path | None, put: Put) -> None:
    """Import one point per commune (CSV code_insee, longitude, latitude)."""
    with working(Text(f"reading {file.name}", f"lecture de {file.name}")):
        text, missing = read_points(file, _geography(root), _note)
    put(output or root.data / "points-dila.ttl", text)
    if missing:
        codes = ", ".join(missing)
        click.echo(Text(f"listed without a point: {codes}", f"sans point dans la liste : {codes}").in_(language()))


_TABLES = ("wikidata", "mtes-2024", "organisations")


@import_.command("links", epilog="Example: territoires import links wikidata wikidata-insee.csv")
@click.argument("vocabulary", type=click.Choice([*_TABLES, *CODE_VOCABULARIES]))
@click.argument("file", required=False, type=click.Path(path_type=Path, exists=True, dir_okay=False))
@_OUTPUT
@written
@click.pass_obj
def import_links(root: Root, vocabulary: str, file: Path | None, output: Path | None, put: Put) -> None:
    """Import links to another dataset.

    wikidata, mtes-2024 and organisations read a CSV FILE; insee, ign and datagouv are made of official codes.
    """
    if (file is None) == (vocabulary in _TABLES):
        raise click.UsageError(f"{vocabulary} needs a FILE" if file is None else f"{vocabulary} takes no FILE")
    with working(Text(f"linking to {vocabulary}", f"liens vers {vocabulary}")):
        text = _links(root, vocabulary, file)
    put(output or root.data / f"links-{vocabulary}.ttl", text)


def _links(root: Root, vocabulary: str, file: Path | None) -> str:
    if file is None:
        return code_links(vocabulary, _geography(root))
    if vocabulary == "organisations":
        return read_organisations(file, _actors(root), _note)
    return (read_wikidata if vocabulary == "wikidata" else read_insee_versions)(file, _geography(root), _note)


def _actors(root: Root) -> list[Path]:
    """Return the Turtle files that name actors, and that which links places to Wikidata."""
    patterns = ("catalogue.ttl", "communique-*.ttl", "facts/*.ttl", "links-wikidata.ttl")
    return sorted(file for pattern in patterns for file in root.data.glob(pattern))


def _geography(root: Root) -> list[Path]:
    """Return the Turtle files of the latest code officiel géographique."""
    return sorted(max(root.data.glob("cog-*"), default=root.data).glob("*.ttl"))
