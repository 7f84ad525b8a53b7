"""Runs the W3C SPARQL 1.1 test suite over HTTP."""
