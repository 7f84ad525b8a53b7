"""Drawings as geometry: plain dataclasses of numbers and texts that a template writes as SVG."""
