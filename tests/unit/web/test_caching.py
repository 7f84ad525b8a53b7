"""The cache of answers in front of Flask, before an application that counts how often it is asked."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any
from wsgiref.types import StartResponse, WSGIEnvironment

import pytest
from werkzeug.test import Client, EnvironBuilder

from territoires.web.caching import ResponseCache
from territoires.web.slots import Slots

KEPT = {"ETag": '"one"', "Cache-Control": "public, max-age=60", "Content-Type": "text/plain", "Vary": "Accept"}


class Application:
    """Answers every request with its number, and says of itself what the test wants."""

    def __init__(self, status: str = "200 OK", size: int = 10, **headers: str) -> None:
        self.asked = 0
        self.closed = 0
        self.version = "v1"
        self.status = status
        self.size = size
        self.headers = KEPT | {name.replace("_", "-"): value for name, value in headers.items()}
        self.meanwhile: Callable[[], None] = lambda: None

    def __call__(self, _: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer with a number."""
        self.asked += 1
        body = str(self.asked).rjust(self.size).encode()
        self.meanwhile()
        start_response(self.status, [*self.headers.items(), ("Content-Length", str(len(body)))])
        return Body(self, [body[:3], body[3:]])

    def cache(self, capacity: int = 1_000_000) -> Client:
        """Return a client of the cache in front of this."""
        return Client(ResponseCache(self, lambda: self.version, capacity, Slots(10)))


class Body:
    """A body that says that it was closed."""

    def __init__(self, app: Application, pieces: Iterable[bytes]) -> None:
        self.app, self.pieces = app, pieces

    def __iter__(self) -> Any:  # noqa: ANN401
        return iter(self.pieces)

    def close(self) -> None:
        """Count it."""
        self.app.closed += 1


def test_the_same_request_has_the_same_answer_without_the_application() -> None:
    app = Application()
    cache = app.cache()
    one, two = cache.get("/x?a=1"), cache.get("/x?a=1")
    assert (one.status, one.headers, one.data) == (two.status, two.headers, two.data)
    assert (two.text.strip(), two.headers["Vary"], app.asked, app.closed) == ("1", "Accept", 1, 1)


@pytest.mark.parametrize(
    "other",
    [
        {"path": "/y"},
        {"query_string": "a=2"},
        {"base_url": "http://elsewhere/"},
        {"base_url": "https://localhost/"},
        {"base_url": "http://localhost/prefix"},
        {"headers": {"Accept": "text/csv"}},
        {"headers": {"Accept-Language": "en"}},
        {"headers": {"Accept-Encoding": "gzip"}},
    ],
    ids=str,
)
def test_another_request_has_an_answer_of_its_own(other: dict[str, Any]) -> None:
    app = Application()
    cache = app.cache()
    asked: dict[str, Any] = {"path": "/x", "query_string": "a=1"}
    assert cache.open(EnvironBuilder(**asked).get_environ()).text.strip() == "1"
    assert cache.open(EnvironBuilder(**(asked | other)).get_environ()).text.strip() == "2"
    assert cache.open(EnvironBuilder(**(asked | other)).get_environ()).text.strip() == "2"


@pytest.mark.parametrize(
    "headers", [{"Accept-Encoding": "br;q=0, gzip, x"}, {"Accept-Encoding": "gzip", "User-Agent": "x"}], ids=str
)
def test_headers_that_choose_the_same_share_an_answer(headers: dict[str, str]) -> None:
    app = Application()
    cache = app.cache()
    assert cache.get("/", headers={"Accept-Encoding": "gzip;q=0.5"}).data == cache.get("/", headers=headers).data


@pytest.mark.parametrize(
    "app",
    [
        Application(status="404 NOT FOUND"),
        Application(ETag='W/"one"'),
        Application(Cache_Control="no-store"),
        Application(Set_Cookie="a=b"),
        Application(size=130_000),
    ],
)
def test_what_may_not_be_kept_is_not(app: Application) -> None:
    cache = app.cache()
    assert [cache.get("/").text.strip() for _ in range(3)] == ["1", "2", "3"]


@pytest.mark.parametrize(
    "request_",
    [
        {"method": "POST"},
        {"method": "HEAD"},
        {"method": "GET", "data": b"body"},
        {"method": "GET", "headers": {"Range": "bytes=0-1"}},
        {"method": "GET", "headers": {"If-Match": '"one"'}},
        {"method": "GET", "headers": {"Accept-Encoding": "identity;q=0"}},
        {"method": "GET", "path": "/" + "x" * 16_000},
    ],
    ids=lambda request: str(request)[:60],
)
def test_other_requests_pass(request_: dict[str, Any]) -> None:
    app = Application()
    cache = app.cache()
    for _ in range(2):
        cache.open(EnvironBuilder(**request_).get_environ())
    assert app.asked == 2


@pytest.mark.parametrize("tag", ['"one"', 'W/"one"', '"two", "one"', "*"])
def test_a_client_that_has_the_answer_is_told_so(tag: str) -> None:
    app = Application()
    cache = app.cache()
    cache.get("/")
    answer = cache.get("/", headers={"If-None-Match": tag})
    assert (answer.status_code, answer.data, answer.headers["ETag"]) == (304, b"", '"one"')
    assert not {"Content-Type", "Content-Length"} & set(answer.headers)
    assert cache.get("/", headers={"If-None-Match": '"two"'}).status_code == 200
    assert app.asked == 1


def test_another_version_drops_all() -> None:
    app = Application()
    cache = app.cache()
    cache.get("/")
    app.version = "v2"
    assert [cache.get("/").text.strip() for _ in range(2)] == ["2", "2"]
    app.version = "v1"
    assert cache.get("/").text.strip() == "3"


def test_an_answer_during_which_the_version_changed_is_not_kept() -> None:
    app = Application()
    cache = app.cache()

    def publish() -> None:
        app.version = "v2"

    app.meanwhile = publish
    assert [cache.get("/").text.strip() for _ in range(3)] == ["1", "2", "2"]


def test_what_was_asked_longest_ago_goes_first() -> None:
    app = Application(size=1_000)
    cache = app.cache(capacity=16_000)  # five answers with their headers
    for path in "abcde":
        cache.get(f"/{path}")
    assert cache.get("/a").text.strip() == "1"
    cache.get("/f")
    assert cache.get("/a").text.strip() == "1"
    assert cache.get("/b").text.strip() == "7"


def test_a_body_that_is_not_as_long_as_it_says_is_sent_and_not_kept() -> None:
    app = Application(size=10, Content_Length="10")

    def short(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        start_response("200 OK", [*KEPT.items(), ("Content-Length", "10")])
        app.asked += 1
        return [b"short"]

    cache = Client(ResponseCache(short, lambda: "v1", 1_000_000, Slots(10)))
    assert [cache.get("/").data for _ in range(2)] == [b"short", b"short"]
    assert app.asked == 2


class Streaming(Application):
    """Answers in pieces, and does not say how long it is where the test does not."""

    broken = False

    def __call__(self, _: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer with a number, again and again."""
        self.asked += 1
        start_response(self.status, list(self.headers.items()))
        return Body(self, self.pieces())

    def pieces(self) -> Iterator[bytes]:
        """Yield the pieces of an answer."""
        for number in range(self.size // 100_000):
            yield str(self.asked).encode() * 100_000
            if self.broken and number == 1:
                raise OSError


@pytest.mark.parametrize("length", [True, False])
def test_a_large_answer_is_kept_once_it_has_been_sent_whole(*, length: bool) -> None:
    app = Streaming(size=2_000_000, **({"Content_Length": "2000000"} if length else {}))
    cache = app.cache(16_000_000)
    for _ in range(3):
        answer = cache.get("/", buffered=True)
        assert answer.data == b"1" * 2_000_000
    assert answer.headers["Content-Length"] == "2000000"
    assert (app.asked, app.closed) == (1, 1)


def test_an_answer_without_a_length_that_turns_out_too_large_is_sent_and_not_kept() -> None:
    app = Streaming(size=2_100_000)
    cache = app.cache(16_000_000)
    assert [cache.get("/", buffered=True).data[:1] for _ in range(6)] == [b"1", b"2", b"3", b"4", b"5", b"6"]
    app.size = 2_000_000
    assert [cache.get("/", buffered=True).data[:1] for _ in range(2)] == [b"7", b"7"]


def test_a_large_answer_that_breaks_off_is_not_kept() -> None:
    app = Streaming(size=2_000_000)
    cache = app.cache(16_000_000)
    app.broken = True
    for _ in range(6):
        with pytest.raises(OSError):  # noqa: PT011  (what the application raises)
            cache.get("/", buffered=True)
    app.broken = False
    left = cache.get("/")
    next(iter(left.response))
    left.close()
    assert [cache.get("/", buffered=True).data[:1] for _ in range(2)] == [b"8", b"8"]


def test_of_a_version_that_is_gone_before_the_end_nothing_is_kept() -> None:
    app = Streaming(size=2_000_000)
    cache = app.cache(16_000_000)
    first = cache.get("/")
    pieces = iter(first.response)
    next(pieces)
    app.version = "v2"
    assert len(list(pieces)) > 1
    first.close()
    assert cache.get("/", buffered=True).data[:1] == b"2"


def test_where_too_much_is_being_sent_the_application_answers() -> None:
    app = Streaming(size=2_000_000)
    cache = Client(ResponseCache(app, lambda: app.version, 16_000_000, Slots(1)))
    cache.get("/", buffered=True)
    slow = cache.get("/")
    assert cache.get("/", buffered=True).data[:1] == b"2"
    slow.close()
    assert cache.get("/", buffered=True).data[:1] == b"1"


def test_only_so_many_large_answers_are_taken_at_once() -> None:
    app = Streaming(size=2_000_000)
    cache = app.cache(16_000_000)
    slow = [cache.get(f"/{number}") for number in range(4)]
    assert [cache.get("/x", buffered=True).data[:1] for _ in range(2)] == [b"5", b"6"]
    for answer in slow:
        answer.close()
    assert [cache.get("/x", buffered=True).data[:1] for _ in range(2)] == [b"7", b"7"]
