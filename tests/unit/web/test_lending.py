"""Large bodies that are being sent are counted, each once, however many read them."""

from __future__ import annotations

import pytest

from territoires.errors import OverloadedError
from territoires.web.lending import Lender
from territoires.web.slots import Slots

ONE, TWO = b"1" * 100_000, b"2" * 100_000


def test_a_body_is_lent_whole_in_pieces() -> None:
    lent = Lender(100_000, Slots(1)).lend(ONE)
    pieces = list(lent)
    assert b"".join(pieces) == ONE
    assert max(map(len, pieces)) <= 65_536
    lent.close()


def test_many_may_read_the_same_and_no_more_than_the_capacity_is_lent() -> None:
    lender = Lender(150_000, Slots(3))
    first, second = lender.lend(ONE), lender.lend(ONE)
    with pytest.raises(OverloadedError):
        lender.lend(TWO)
    first.close()
    first.close()
    with pytest.raises(OverloadedError):
        lender.lend(TWO)
    second.close()
    lender.lend(TWO).close()
    lender.lend(ONE).close()


def test_each_reader_holds_a_slot_until_it_has_closed() -> None:
    lender = Lender(1_000_000, Slots(2))
    lent = [lender.lend(ONE) for _ in range(2)]
    with pytest.raises(OverloadedError):
        lender.lend(ONE)
    lent[0].close()
    lender.lend(ONE).close()
