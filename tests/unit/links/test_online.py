"""Hosts are asked politely, and what they say is told apart: answers, gone, not known."""

from __future__ import annotations

import itertools
import json
import socket
import subprocess
from collections.abc import Callable

import pytest
from tests.unit.links.conftest import Outside

from territoires.links.online import Manners, ask, ask_all

MANNERS = Manners("a test", pause=0, timeout=10)


@pytest.mark.parametrize(
    ("answers", "state", "status", "asked"),
    [
        ({"/x": [(200, {})]}, "answers", 200, {"HEAD": 1}),
        ({"/x": [(204, {})]}, "answers", 204, {"HEAD": 1}),
        ({"HEAD /x": [(405, {})], "GET /x": [(200, {})]}, "answers", 200, {"HEAD": 1, "GET": 1}),
        ({"/x": [(404, {})]}, "gone", 404, {"HEAD": 1, "GET": 1}),
        ({"/x": [(410, {})]}, "gone", 410, {"HEAD": 1}),
        ({"/x": [(403, {})]}, "unknown", 403, {"HEAD": 1, "GET": 1}),
        ({"/x": [(500, {})]}, "unknown", 500, {"HEAD": 1}),
        ({"/x": [(503, {"Retry-After": "0"}), (200, {})]}, "answers", 200, {"HEAD": 2}),
        ({"/x": [(429, {"Retry-After": "86400"}), (200, {})]}, "unknown", 429, {"HEAD": 1}),
        ({"/x": [(429, {}), (200, {})]}, "unknown", 429, {"HEAD": 1}),
        ({"/x": [(301, {"Location": "/y"})], "/y": [(303, {"Location": "z"})], "/z": [(200, {})]},
         "answers", 200, {"HEAD": 1}),
        ({"/x": [(302, {"Location": "/y"})]}, "gone", 404, {"HEAD": 1}),
        ({"/x": [(302, {"Location": "/x"})]}, "unknown", 302, {"HEAD": 6}),
        ({"/x": [(302, {"Location": "file:///etc/hostname"})]}, "unknown", 302, {"HEAD": 1}),
        ({"/x": [(302, {})]}, "unknown", 302, {"HEAD": 1}),
        ({"/x": [(0, {})]}, "unknown", None, {"HEAD": 1}),
    ],
)  # fmt: skip
def test_what_becomes_of_an_address(
    outside: Outside,
    answers: dict[str, list[tuple[int, dict[str, str]]]],
    state: str,
    status: int,
    asked: dict[str, int],
) -> None:
    outside.answers = answers
    answer = ask(f"{outside.url}/x", MANNERS)
    assert (answer.state, answer.status) == (state, status)
    assert outside.methods("/x") == asked
    assert outside.agents == {"a test"}


def test_nobody_there_is_not_known_rather_than_gone() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}/"
    answer = ask(url, MANNERS)
    assert (answer.state, answer.status) == ("unknown", None)
    assert "refused" in answer.detail


def test_what_is_no_address_of_the_web_is_not_opened() -> None:
    for address in ("file:///etc/hostname", "ftp://127.0.0.1/", "http://", "http://[", "urn:x"):
        assert ask(address, MANNERS).state == "unknown"


def test_one_request_to_a_host_at_a_time_with_a_pause_between_two(outside: Outside) -> None:
    paths = [f"/{number}" for number in range(4)]
    outside.answers = {path: [(200, {})] for path in paths}
    targets = [outside.url + path for path in (*paths, *paths)]
    answers = list(ask_all(targets, Manners("a test", pause=0.05, timeout=10)))
    assert [answer.target for answer in answers] == targets[:4], "each address once, in order"
    assert outside.most_at_once == 1
    moments = [moment for _, _, moment in outside.asked]
    assert all(later - sooner >= 0.05 for sooner, later in itertools.pairwise(moments))


def test_hosts_do_not_wait_for_each_other(outside: Outside) -> None:
    outside.answers = {"/a": [(200, {})]}
    other = outside.url.replace("127.0.0.1", "localhost")
    answers = {answer.target: answer.state for answer in ask_all([f"{outside.url}/a", f"{other}/a"], MANNERS)}
    assert answers == {f"{outside.url}/a": "answers", f"{other}/a": "answers"}


def test_the_command_asks_tells_what_is_gone_and_ends_with_1(
    outside: Outside, territoires_command: Callable[..., subprocess.CompletedProcess[str]]
) -> None:
    """The server stands as a proxy for IGN, so that the shipped links are asked for as they are."""
    form = "http://data.ign.fr/id/geofla/departement/{}"
    codes = ["2A", "2B", *(f"{number:02}" for number in range(1, 96) if number != 20)]
    outside.answers = {form.format(code): [(200, {})] for code in codes if code != "81"}
    options = ("check", "links", "--online", "--dataset", "ign", "--pause", "0", "--contact", "mailto:a@example.org")
    environment = {"http_proxy": outside.url, "no_proxy": "", "NO_PROXY": ""}
    done = territoires_command(*options, "--format", "json", **environment)
    assert done.returncode == 1, done.stderr
    found = json.loads(done.stdout)
    assert found["conforms"]
    assert found["violations"] == []
    assert len(found["answers"]) == 96
    assert [one["link"] for one in found["answers"] if one["state"] != "answers"] == [form.format("81")]
    [agent] = outside.agents
    assert agent.startswith("territoires/")
    assert "mailto:a@example.org" in agent

    outside.answers[form.format("81")] = [(200, {})]
    done = territoires_command(*options, "--sample", "5", "--seed", "7", **environment)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "5 answer" in done.stdout
    assert "96 links, 0 violations" in done.stdout
