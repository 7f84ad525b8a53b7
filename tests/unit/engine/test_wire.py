"""What processes send each other arrives as it was."""

import socket
from dataclasses import replace
from pathlib import Path
from threading import Thread

import pytest
from hypothesis import given
from hypothesis import strategies as st

from territoires.engine.wire import pack_error, pack_query, receive, send, unpack_error, unpack_query
from territoires.errors import OverloadedError, Place, QuerySyntaxError, TerritoiresError, Text
from territoires.formats import GRAPH_FORMATS, RESULT_FORMATS, Format
from territoires.guard import admit

QUERY = admit("SELECT ?é { ?s ti:p ?é }", prefixes=True)


@given(st.dictionaries(st.text(), st.text() | st.integers() | st.none()), st.binary(), st.integers(1, 500))
def test_a_message_arrives_whole(header: dict[str, str | int | None], piece: bytes, times: int) -> None:
    body = piece * times * 20
    here, there = socket.socketpair()
    with here, there:
        sender = Thread(target=send, args=(here, header, body))
        sender.start()
        assert receive(there) == (header, body)
        sender.join()


@pytest.mark.parametrize("sent", [b"", b"\0\0", b"\0\0\0\2\0\0\0\0\0\0\0\5{}abc"])
def test_a_sender_that_goes_away_is_noticed(sent: bytes) -> None:
    here, there = socket.socketpair()
    with there:
        with here:
            here.sendall(sent)
        with pytest.raises(EOFError):
            receive(there)


@pytest.mark.parametrize("format_", [*RESULT_FORMATS, *GRAPH_FORMATS], ids=lambda format_: format_.name)
@pytest.mark.parametrize(
    "query",
    [
        QUERY,
        replace(QUERY, base_iri="http://example.org/", default_graphs=("urn:a", "urn:b"), named_graphs=()),
        replace(QUERY, text="ASK { ?s ?p '\ud800\n' }", kind="boolean", merged=("<urn:c>",), named=("e:d",)),
    ],
    ids=["plain", "dataset", "odd text"],
)
def test_a_query_arrives_as_it_was(query: object, format_: Format) -> None:
    assert unpack_query(pack_query(query, format_)) == (query, format_)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "error",
    [
        QuerySyntaxError(
            Text("wrong", "faux"), hint=Text("mend it", "corrigez"), place=Place(line=3, column=7, piece="?x")
        ),
        OverloadedError(Text("busy", "occupé")),
        TerritoiresError(Text("wrong", "faux"), place=Place(Path("a.ttl"), 1)),
    ],
    ids=lambda error: type(error).__name__,
)
def test_an_error_arrives_as_it_was(error: TerritoiresError) -> None:
    arrived = unpack_error(pack_error(error))
    assert type(arrived) is type(error)
    assert (arrived.detail, arrived.hint, arrived.place) == (error.detail, error.hint, error.place)
