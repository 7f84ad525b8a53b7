"""Judges the graph by its SHACL shapes (SHACL §3): pySHACL over an rdflib copy, results as typed values."""

from territoires.validation.judging import Progress, prepare, validate
from territoires.validation.report import Report, Result, describe

__all__ = ["Progress", "Report", "Result", "describe", "prepare", "validate"]
