"""Commands that write say what the broker did not take."""

import pytest

from lantaarn import producing
from lantaarn.mending import reason_of
from lantaarn.producing import NotDeliveredError, Record, Writer


def test_what_is_not_delivered_is_told_without_what_is_in_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(producing, "SECONDS", 0.1)
    writer = Writer({"bootstrap.servers": "127.0.0.1:1", "log_level": 0})
    with pytest.raises(NotDeliveredError) as raised:
        writer.write([Record("t", None, b"Jansen", [])])
    assert reason_of(raised.value) == "the broker: 1 of 1 records not delivered: no answer in 0 s"
