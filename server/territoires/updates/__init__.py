"""What a write means: a SPARQL 1.1 Update, or the body of a write to a graph, as quads that go and come."""

from territoires.updates.admitting import admit_update
from territoires.updates.bodies import read_graph
from territoires.updates.evaluating import evaluate
from territoires.updates.operations import Operation, Update

__all__ = ["Operation", "Update", "admit_update", "evaluate", "read_graph"]
