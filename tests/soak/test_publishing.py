"""The run of `python -m tests.soak.publishing`, short."""

import sys

import pytest
from tests.soak.publishing import publish_many


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="processes are looked at in /proc")
def test_readers_of_a_server_notice_no_publish_and_nothing_grows() -> None:
    found = publish_many(150)
    assert (found.wrong, found.refused) == ([], []), found.text()
    assert len({tag for tag, _ in found.seen}) > 10, "readers saw too few versions"
    assert found.after[0] - found.before[0] < 10, found.text()
    assert found.after[1] <= found.before[1] + 4, found.text()
    assert found.after[2] <= found.before[2], found.text()
