"""The command `territoires`: every use of the graph from a terminal."""

from territoires.cli.importing import import_
from territoires.cli.keeping import build, check
from territoires.cli.main import cli, main
from territoires.cli.ontology import check_ontology
from territoires.cli.reading import export_, queries, query
from territoires.cli.serving import serve

__all__ = ["main"]

check.add_command(check_ontology)
for _command in (serve, build, check, query, queries, export_, import_):
    cli.add_command(_command)
