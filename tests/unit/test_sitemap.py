"""The sitemap names every page once, in parts of a lawful size, and no page that says nothing."""

from __future__ import annotations

from xml.etree import ElementTree as ET

import pytest
from tests.unit.conftest import MakeRoot

import territoires
from territoires import sitemap
from territoires.graph import load
from territoires.namespaces import BASE

NAMESPACE = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
HOME = "http://127.0.0.1:1/ti/"
DATA = f"""\
@base <{BASE}> .
@prefix ti: <def#> .
<id/territory/1/ti-0001> a ti:Territory ; ti:coversCommune <id/commune/01001> .
<id/territory/2/ti-0001> a ti:Territory .
<id/commune/01001> a ti:Commune .
<id/commune/01002> a ti:Commune .
<id/post/mayor> a ti:Post .
<http://example.org/id/territory/x> a ti:Territory .
"""


def pages_of(make_root: MakeRoot, data: str) -> dict[str, tuple[str, ...]]:
    return dict(sitemap.find_pages(territoires.EmbeddedEngine(load(make_root({"data/a.ttl": data})))))


def test_things_that_have_a_page_are_found_by_kind(make_root: MakeRoot) -> None:
    assert pages_of(make_root, DATA) == {
        "territory-1": ("doc/territory/1/ti-0001", "doc/territory/2/ti-0001"),
        "commune-1": ("doc/commune/01001",),
    }


def test_another_dataset_has_no_such_pages(make_root: MakeRoot) -> None:
    assert pages_of(make_root, "<urn:a> a <urn:B> .") == {}


def test_a_part_holds_no_more_than_it_may(make_root: MakeRoot, monkeypatch: pytest.MonkeyPatch) -> None:
    assert sitemap.MOST <= 50_000
    monkeypatch.setattr(sitemap, "MOST", 2)
    data = f"@base <{BASE}> . " + " ".join(f"<id/region/{number}> a <urn:R> ." for number in range(5))
    parts = pages_of(make_root, data)
    assert {name: len(pages) for name, pages in parts.items()} == {"region-1": 2, "region-2": 2, "region-3": 1}
    assert sorted(page for pages in parts.values() for page in pages) == [f"doc/region/{n}" for n in range(5)]


def test_the_documents_are_valid_xml_with_whole_addresses() -> None:
    index = ET.fromstring(sitemap.write_index(HOME, ["pages", "a&b"]))  # noqa: S314  (our own text)
    part = ET.fromstring(sitemap.write_part(HOME, ["", "doc/a&b"], "2026-11-25"))  # noqa: S314
    assert [one.text for one in index.iter(f"{NAMESPACE}loc")] == [
        f"{HOME}sitemap-{name}.xml" for name in ("pages", "a&b")
    ]
    assert [one.text for one in part.iter(f"{NAMESPACE}loc")] == [HOME, f"{HOME}doc/a&b"]
    assert {one.text for one in part.iter(f"{NAMESPACE}lastmod")} == {"2026-11-25"}
