"""The index of due households against a dictionary that is scanned."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from streams.households.due import DueIndex

DAY = date(2026, 1, 1)
keys = st.sampled_from([b"a", b"b", b"c", b"d"])
days = st.integers(0, 12).map(lambda n: DAY + timedelta(days=n))
steps = st.lists(st.one_of(st.tuples(keys, st.none() | days), days), max_size=40)


@given(steps)
def test_it_wakes_whom_a_scan_would_wake(given_steps: list[tuple[bytes, date | None] | date]) -> None:
    index, naive = DueIndex(), dict[bytes, date]()
    for step in given_steps:
        if isinstance(step, tuple):
            key, day = step
            index.set(key, day)
            naive.pop(key, None)
            if day is not None:
                naive[key] = day
        else:
            woken = list(index.due(step))
            assert len(woken) == len(set(woken))
            assert set(woken) == {key for key, day in naive.items() if day <= step}
            assert [naive[key] for key in woken] == sorted(naive[key] for key in woken)
            naive = {key: day for key, day in naive.items() if day > step}


def test_who_stays_due_must_be_set_anew() -> None:
    index = DueIndex()
    index.set(b"a", DAY)
    assert list(index.due(DAY)) == [b"a"]
    assert list(index.due(DAY)) == []
    index.set(b"a", DAY)
    assert list(index.due(DAY)) == [b"a"]
