"""Behind a reverse proxy and under a sub-path: forwarded headers count only from proxies that are configured."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.conftest import running_server
from tests.protocol.conftest import Client

FORWARDED = {"X-Forwarded-Proto": "https", "X-Forwarded-Host": "data.example.org", "X-Forwarded-Prefix": "/ti"}
ENDPOINT = "SELECT (<> AS ?endpoint) {}"


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("proxied") / "data.nt"
    file.write_text("<urn:x:a> <urn:x:p> <urn:x:b> .\n", encoding="utf-8")
    return file


@pytest.fixture(scope="module")
def proxied(file: Path) -> Iterator[Client]:
    options = ["--data", str(file), "--no-check", "--trusted-proxy", "10.0.0.0/8", "--trusted-proxy", "127.0.0.1"]
    with running_server([], serve=options) as url:
        yield Client(url)


def endpoint(client: Client, headers: dict[str, str]) -> str:
    answer = client.send("GET", "/sparql", {"query": ENDPOINT, "format": "csv"}, headers)
    [[found]] = answer.rows
    return found


def test_a_trusted_proxy_says_where_the_endpoint_is(proxied: Client) -> None:
    assert endpoint(proxied, FORWARDED) == "https://data.example.org/ti/sparql"


def test_descriptions_and_links_are_those_of_the_outside(proxied: Client) -> None:
    description = proxied.send("GET", "/sparql", headers=FORWARDED).text
    assert "sd:endpoint <https://data.example.org/ti/sparql>" in description
    void = proxied.send("GET", "/.well-known/void", headers=FORWARDED).text
    assert "https://data.example.org/ti/dump.nq" in void
    assert proxied.base not in void
    page = proxied.send("GET", "/", headers=FORWARDED).page
    links = [link["href"] or "" for link in page.tags("link")]
    assert "/ti/static/style.css" in links
    assert all(link.startswith(("/ti/", "https://data.example.org/ti/")) for link in links)


def test_without_forwarded_headers_the_address_is_the_server_s(proxied: Client) -> None:
    assert endpoint(proxied, {}) == f"{proxied.base}/sparql"


@pytest.mark.parametrize("trusted", [[], ["--trusted-proxy", "192.0.2.1"]])
def test_anyone_else_s_forwarded_headers_are_ignored(file: Path, trusted: list[str]) -> None:
    with running_server([], serve=["--data", str(file), "--no-check", *trusted]) as url:
        assert endpoint(Client(url), FORWARDED) == f"{url}/sparql"


@pytest.mark.parametrize("host", ["a b", "<script>", 'x"y', "a/b", "é", "[::1", "x:y:z", ""])
def test_a_host_that_is_no_host_is_a_problem_and_no_accident(proxied: Client, host: str) -> None:
    for path in ("/sparql", "/catalog", "/"):
        answer = proxied.send("GET", path, headers={**FORWARDED, "X-Forwarded-Host": host.encode().decode("latin-1")})
        assert answer.status < 500
        assert "<script>" not in answer.text
