"""Drawings as plain geometry: templates write them as SVG."""
