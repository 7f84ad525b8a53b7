"""The command `territoires`: every use of the graph from a terminal."""

from territoires.cli.main import main

__all__ = ["main"]
