"""The files to load elsewhere are served whole or in ranges, with their digest; while they are written, 503 says so."""

from __future__ import annotations

import base64
import hashlib
import json
import time
from email.message import Message
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest


def get(url: str, **headers: str) -> tuple[int, dict[str, str], bytes]:
    request = Request(url, headers={name.replace("_", "-"): value for name, value in headers.items()})  # noqa: S310
    try:
        with urlopen(request, timeout=30) as answer:  # noqa: S310  (our own address)
            return answer.status, _joined(answer.headers), answer.read()
    except HTTPError as error:
        with error:
            return error.code, _joined(error.headers), error.read()


def _joined(headers: Message) -> dict[str, str]:
    return {name.lower(): ", ".join(headers.get_all(name, [])) for name in headers}


@pytest.fixture(scope="module")
def written(server: str) -> str:
    """Return the address of the exports, once they are written."""
    for _ in range(600):
        status, headers, body = get(f"{server}/exports/index.json")
        if status == 200:
            return f"{server}/exports"
        assert status == 503, body
        assert int(headers["retry-after"]) > 0
        assert json.loads(body)["code"] == "overloaded"
        time.sleep(0.1)
    pytest.fail("the exports were not written in 60 s")


def test_a_file_has_its_length_its_digest_and_its_description(written: str) -> None:
    status, headers, body = get(f"{written}/territories.csv", Accept_Encoding="gzip")
    digest = hashlib.sha256(body).digest()
    assert status == 200
    assert headers["content-type"] == "text/csv; charset=utf-8"
    assert int(headers["content-length"]) == len(body)
    assert headers["etag"] == f'"{digest.hex()}"'
    assert headers["repr-digest"] == f"sha-256=:{base64.b64encode(digest).decode()}:"
    assert 'rel="describedby"' in headers["link"]
    listed = {one["name"]: one for one in json.loads(get(f"{written}/index.json")[2])["exports"]}
    assert (listed["territories.csv"]["sha256"], listed["territories.csv"]["bytes"]) == (digest.hex(), len(body))


def test_who_has_a_file_is_not_sent_it_again(written: str) -> None:
    tag = get(f"{written}/territoires.sqlite")[1]["etag"]
    status, _, body = get(f"{written}/territoires.sqlite", If_None_Match=tag)
    assert (status, body) == (304, b"")


def test_ranges_are_parts_of_the_file(written: str) -> None:
    whole = get(f"{written}/territories.parquet")[2]
    status, headers, body = get(f"{written}/territories.parquet", Range="bytes=-8")
    assert (status, body) == (206, whole[-8:])
    assert headers["content-range"] == f"bytes {len(whole) - 8}-{len(whole) - 1}/{len(whole)}"
    assert get(f"{written}/territories.parquet", Range="bytes=99999999-")[0] == 416


def test_every_listed_file_is_there(written: str) -> None:
    for one in json.loads(get(f"{written}/index.json")[2])["exports"]:
        status, headers, body = get(f"{written}/{one['name']}")
        assert (status, len(body)) == (200, one["bytes"])
        assert headers["content-type"] == one["mediaType"]


@pytest.mark.parametrize("name", ["nothing.csv", "..%2Findex.json", ".lock", "%00", "territories.csv%2F.."])
def test_nothing_else_is_served(written: str, name: str) -> None:
    assert get(f"{written}/{name}")[0] == 404


@pytest.mark.parametrize(
    ("language", "title"), [("fr", "Fichiers à charger ailleurs"), ("en", "Files to load elsewhere")]
)
def test_the_page_lists_the_files_with_their_sizes(written: str, language: str, title: str) -> None:
    status, headers, body = get(f"{written}/", Accept_Language=language)
    text = body.decode()
    assert (status, headers["content-language"]) == (200, language)
    assert f"<h1>{title}</h1>" in text
    assert 'href="/exports/territories.geojson"' in text
    assert 'role="status"' not in text
    assert "<small>" in text


def test_the_catalogue_has_them_once_they_are_written(written: str, server: str) -> None:
    assert f"<{written}/territories.geojson>".encode() in get(f"{server}/catalog.nt")[2]


def test_the_page_of_the_data_leads_to_them(written: str, server: str) -> None:
    text = get(f"{server}/data", Accept_Language="en")[2].decode()
    assert 'id="exports"' in text
    assert 'href="/exports/"' in text
