"""The one door through which the graph folder is changed: stage, derive, judge, write, publish."""
