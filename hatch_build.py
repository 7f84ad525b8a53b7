"""Build hook: a standard wheel carries the front end and the graph folders; an editable install reads the checkout."""

import subprocess
import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

FOLDERS = ("ontology", "data", "shapes", "rules", "queries", "changes", "editions")


class GraphFolders(BuildHookInterface):  # type: ignore[type-arg]  # the plugin manager looks for the bare class
    """Packs the graph folders, where there are any, as `territoires/_root/`."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Add the folders to a standard build; in an editable one they would go stale."""
        if version == "standard":
            # Without npm the wheel lacks the editor and the map, and everything else works: it says so in one line.
            subprocess.run([sys.executable, "-m", "frontend.build"], cwd=self.root, check=False)
            for name in FOLDERS:
                folder = Path(self.root, name)
                if folder.is_dir():
                    build_data["force_include"][str(folder)] = f"territoires/_root/{name}"
