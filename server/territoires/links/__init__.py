"""The links of the graph to other datasets: which there are, what is wrong with them, and whether they answer.

`inventory` and `judge` ask nobody. `territoires.links.online` does; the server never imports it.
"""

from __future__ import annotations

from territoires.links.inventory import DATASETS, Link, inventory, judge

__all__ = ["DATASETS", "Link", "inventory", "judge"]
