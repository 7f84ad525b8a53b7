"""What a write means: a SPARQL 1.1 Update, or the body of a write to a graph, as quads that go and come."""

from territoires.updates.admitting import admit_update, graphs_written
from territoires.updates.evaluating import evaluate
from territoires.updates.operations import Operation, Update
from territoires.updates.reading import read_graph

__all__ = ["Operation", "Update", "admit_update", "evaluate", "graphs_written", "read_graph"]
