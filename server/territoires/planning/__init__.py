"""Helps an engine that plans without statistics: rewrites a query before it is evaluated, never what it answers.

Reading (`reading`) finds the groups of a query that are understood; estimating (`estimating`) plays the engine's own
planner on a text and counts with true sizes (`statistics`) what its plan costs; rewriting (`rewriting`) tries other
texts of the same meaning and takes one only when it costs clearly less. `PlannedEngine` does so in front of an engine.
"""

from __future__ import annotations

from territoires.planning.planned import PlannedEngine
from territoires.planning.rewriting import Rewriting, rewrite
from territoires.planning.statistics import Statistics, measure

__all__ = ["PlannedEngine", "Rewriting", "Statistics", "measure", "rewrite"]
