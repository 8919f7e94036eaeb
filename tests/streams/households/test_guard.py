"""A state is only used with the log that it was made from."""

import pytest

from streams.households.guard import ForeignStateError, LogBounds, check

BOUNDS = LogBounds("topic-1", {2: 10}, {2: 50})


@pytest.mark.parametrize("position", [-1, 0, 9, 10, 49])
def test_a_state_that_the_log_could_have_made_is_used(position: int) -> None:
    check(2, position, "topic-1", BOUNDS)


@pytest.mark.parametrize("position", [50, 51, 1000])
def test_a_state_that_has_seen_more_than_the_log_has_is_refused(position: int) -> None:
    with pytest.raises(ForeignStateError, match=f"state has seen offset {position}, the log ends before 50"):
        check(2, position, "topic-1", BOUNDS)


def test_a_state_of_another_topic_is_refused_even_where_offsets_fit() -> None:
    with pytest.raises(ForeignStateError, match="state of topic topic-0, log of topic topic-1"):
        check(2, 20, "topic-0", BOUNDS)
