"""What was changed, by whom, when and why: each change is an activity in the graph, and a patch that can be undone.

A change has a number, from 1 on without gaps. The graph `graph/changes` tells of it in terms of PROV-O; its quads stand
in `changes/<number>.rdfp` (RDF Patch), beside data/.
"""

from territoires.history.differences import by_graph
from territoires.history.patches import MEDIA_TYPE, load_patch, patch_file, patch_name, read_patch, write_patch
from territoires.history.reading import Change, changed_graphs, count_changes, find_change, list_changes
from territoires.history.recording import Record, last_number, record
from territoires.history.signing import Signature
from territoires.history.undoing import edit_that_undoes

__all__ = [
    "MEDIA_TYPE",
    "Change",
    "Record",
    "Signature",
    "by_graph",
    "changed_graphs",
    "count_changes",
    "edit_that_undoes",
    "find_change",
    "last_number",
    "list_changes",
    "load_patch",
    "patch_file",
    "patch_name",
    "read_patch",
    "record",
    "write_patch",
]
