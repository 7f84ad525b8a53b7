"""Importers: one module per official source format, each giving one Turtle file or folder of `data/`.

An importer is a pure function of its input: the same bytes in give the same bytes out, sorted, with the place of every
resource in the source (`ti:locator`).
"""
