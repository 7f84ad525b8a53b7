"""Drawings as geometry: plain numbers and texts that a template writes as SVG."""
