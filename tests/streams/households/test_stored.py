"""The bytes of a state."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.core.policy import Policies, Policy
from streams.core.records import Address
from streams.core.state import Household
from streams.households import stored
from tests.streams.households.made import Desk, months, source

offsets = st.integers(-1, 2**62)
households = st.builds(
    Household,
    st.text(),
    address=st.none() | st.builds(Address, st.text(), st.integers(1, 99999), st.none() | st.text()),
    today=st.dates(),
    seen=st.dictionaries(st.text(), st.dates()),
    wakes_on=st.none() | st.dates(),
)
policies = st.builds(
    Policies, st.lists(st.builds(Policy, st.text(min_size=1), st.dates(), many=st.integers(1, 9))).map(tuple)
)


@given(offsets, households)
def test_a_household_comes_back_as_it_was(offset: int, household: Household) -> None:
    state = stored.StoredHousehold(offset, household)
    assert stored.household(stored.packed(state)) == state


@given(offsets, households)
def test_a_recovery_reads_position_and_wake_up_day_of_it_alone(offset: int, household: Household) -> None:
    placed = stored.placed(stored.packed(stored.StoredHousehold(offset, household)))
    assert (placed.offset, placed.household.wakes_on) == (offset, household.wakes_on)


@given(offsets, st.text(), st.integers(0, 2**50), policies)
def test_a_mark_comes_back_as_it_was(offset: int, topic_id: str, hour: int, activated: Policies) -> None:
    mark = stored.Mark(offset, topic_id, hour, activated)
    assert stored.mark(stored.packed(mark)) == mark


def test_states_of_a_run_come_back_as_they_were() -> None:
    for key, data in Desk().feed(source(months(7))).states.items():
        if key.startswith(stored.MARK_PREFIX):
            assert stored.packed(stored.mark(data)) == data
        else:
            assert stored.packed(stored.household(data)) == data


@pytest.mark.parametrize("data", [b"", b"\x00", b"\x01" + stored.packed(stored.Mark(1, "t"))[1:]])
def test_a_format_of_another_version_is_refused(data: bytes) -> None:
    with pytest.raises(stored.UnknownFormatError):
        stored.household(data)
    with pytest.raises(stored.UnknownFormatError):
        stored.mark(data)


def test_no_pseudonym_looks_like_the_key_of_a_mark() -> None:
    assert stored.mark_key(12) == b"partition/12"
    with pytest.raises(ValueError, match="non-hexadecimal"):
        bytes.fromhex(stored.mark_key(12).decode())


def test_a_state_is_a_few_hundred_bytes() -> None:
    states = Desk().feed(source(months(8))).states
    sizes = sorted(len(data) for key, data in states.items() if not key.startswith(stored.MARK_PREFIX))
    assert max(sizes) < 4000
    assert stored.household(max(states.values(), key=len)).household.today > date(2026, 1, 1)
