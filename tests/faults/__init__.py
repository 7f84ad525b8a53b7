"""Kills real processes in the middle of a commit: `python -m tests.faults` prints what was found afterwards."""
