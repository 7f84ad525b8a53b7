"""Metadata of tables says what the specification asks (W3C Tabular Metadata §5)."""

from __future__ import annotations

import json

from territoires.csvw import Column, metadata
from territoires.errors import Text


def test_columns_are_described_in_both_languages_in_their_order() -> None:
    columns = [
        Column("siren", Text("SIREN", "SIREN"), Text("nine digits", "neuf chiffres")),
        Column("inhabitants", Text("inhabitants", "habitants"), datatype="integer", property_iri="https://e.org/n"),
    ]
    said = json.loads(metadata("table.csv", columns, key="siren", **{"dc:license": "https://e.org/licence"}))
    assert said["@context"] == "http://www.w3.org/ns/csvw"
    assert (said["url"], said["dc:license"]) == ("table.csv", "https://e.org/licence")
    assert said["tableSchema"]["primaryKey"] == "siren"
    first, second = said["tableSchema"]["columns"]
    assert first["titles"]["und"] == "siren"  # what the head of the file says
    assert first["dc:description"][1] == {"@value": "neuf chiffres", "@language": "fr"}
    assert (second["datatype"], second["propertyUrl"]) == ("integer", "https://e.org/n")
