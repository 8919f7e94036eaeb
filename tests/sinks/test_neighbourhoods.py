"""Figures by neighbourhood: right, and of no use for finding out about a few."""

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sinks.holding_back import FEWEST
from sinks.neighbourhoods import LEVELS, TOGETHER, Figures, Share, figures

TODAY = date(2026, 3, 10)
Row = dict[str, Any]


def task(neighbourhood: str = "9901", level: str = "letter", **more: Any) -> Row:
    given_ = {"status": "open", "rung": level, "due_on": TODAY, "first_outcome_on": None, "first_contact_on": None}
    return {"neighbourhood": neighbourhood, "level": level, **given_, **more}


def test_shares_are_of_the_neighbourhoods_own_tasks() -> None:
    rows = [task(level="letter")] * 30 + [task(level="phone")] * 10 + [task("9902", "phone")] * 20
    first, second = figures(rows, TODAY).neighbourhoods
    assert (first.name, first.tasks, first.level["letter"]) == ("9901", 40, Share(30, 0.75, stands_out=True))
    assert second.level["phone"] == Share(20, 1.0, stands_out=True)
    assert second.level["letter"] == Share(0, 0.0, stands_out=True)


def test_what_differs_no_more_than_chance_brings_does_not_stand_out() -> None:
    rows = [task(level=level) for level in ["letter"] * 52 + ["phone"] * 48]
    rows += [task("9902", level) for level in ["letter"] * 48 + ["phone"] * 52]
    assert not any(one.level["letter"].stands_out for one in figures(rows, TODAY).neighbourhoods)


def test_contact_and_overdue_are_counted_by_the_day() -> None:
    before, after = TODAY - timedelta(days=1), TODAY + timedelta(days=1)
    rows = [task(first_contact_on=TODAY, first_outcome_on=TODAY)] * 10  # in time
    rows += [task(due_on=before, first_outcome_on=TODAY)] * 10  # late
    rows += [task(due_on=before)] * 10  # not yet, and too late
    rows += [task(due_on=after)] * 10  # not yet, and in time
    rows += [task(due_on=before, status="ended")] * 10  # nobody was left to go to
    (found,) = figures(rows, TODAY).neighbourhoods
    assert (found.no_contact.count, found.overdue.count) == (40, 20)


@pytest.mark.parametrize("status", ["suppressed", "withdrawn"])
def test_tasks_for_which_nobody_was_to_go_are_not_counted(status: str) -> None:
    (found,) = figures([task()] * 10 + [task(status=status)] * 10, TODAY).neighbourhoods
    assert found.tasks == 10


def test_a_small_count_is_held_back_and_so_is_what_would_give_it_away() -> None:
    rows = [task(level="letter")] * 30 + [task(level="phone")] * 12 + [task(level="home_visit")] * 3
    (found,) = figures(rows, TODAY).neighbourhoods
    assert {level for level in LEVELS if found.level[level].count is None} == {"home_visit", "phone"}
    assert found.level["letter"].count == 30
    rows = [task()] * 30 + [task(first_contact_on=TODAY, first_outcome_on=TODAY)] * 9
    (nearly_all,) = figures(rows, TODAY).neighbourhoods
    assert nearly_all.no_contact == Share(None, None)


def test_small_neighbourhoods_are_put_together() -> None:
    rows = [task()] * 20 + [task("9902")] * 6 + [task("9903")] * 5
    found = figures(rows, TODAY)
    assert [(one.name, one.tasks) for one in found.neighbourhoods] == [("9901", 20), (TOGETHER, 11)]
    assert found.held_back == 0


def test_one_small_neighbourhood_is_not_in_the_towns_figures_either() -> None:
    found = figures([task()] * 20 + [task("9902")] * 6, TODAY)
    assert [one.name for one in found.neighbourhoods] == ["9901"]
    assert found.town is not None
    assert (found.town.tasks, found.held_back) == (20, 1)
    assert figures([task()] * 9, TODAY) == Figures((), None, 1)


@given(
    st.lists(
        st.builds(
            task,
            st.sampled_from(["9901", "9902", "9903"]),
            st.sampled_from(LEVELS),
            first_contact_on=st.sampled_from([None, TODAY]),
            due_on=st.sampled_from([TODAY - timedelta(days=1), TODAY]),
        ),
        max_size=80,
    )
)
def test_no_number_from_one_to_nine_can_be_read_or_worked_out_from_a_sum(rows: list[Row]) -> None:
    found = figures(rows, TODAY)
    shown = [*found.neighbourhoods, *([found.town] if found.town else [])]
    for one in shown:
        assert one.tasks >= FEWEST
        for share in (one.no_contact, one.overdue):
            if share.count is not None:
                assert share.count not in range(1, FEWEST)
                assert one.tasks - share.count not in range(1, FEWEST)
        for shares in (one.level, one.rung):
            counts = [share.count for share in shares.values()]
            assert not any(count in range(1, FEWEST) for count in counts)
            assert counts.count(None) != 1, "it would be what the others leave of the tasks"
    columns = [[one.level[name] for one in shown] for name in LEVELS]
    columns += [[one.rung[name] for one in shown] for name in LEVELS]
    columns += [[one.no_contact for one in shown], [one.overdue for one in shown]]
    for column in columns:
        assert [share.count for share in column].count(None) != 1, "it would be what the town has beside the others"


def test_the_town_does_not_give_away_what_a_neighbourhood_holds_back() -> None:
    reached: Row = {"first_contact_on": TODAY, "first_outcome_on": TODAY}
    rows = [task()] * 50 + [task(**reached)] * 50 + [task("9902")] * 45 + [task("9902", **reached)] * 5
    rows += [task("9903")] * 60 + [task("9903", **reached)] * 60
    found = figures(rows, TODAY)
    assert [one.no_contact.count for one in found.neighbourhoods] == [None, None, 60]
    assert found.town is not None
    assert found.town.no_contact.count == 155


def test_nothing_stands_out_beside_a_figure_of_the_town_that_is_held_back() -> None:
    rows = [task()] * 60 + [task("9902")] * 15 + [task("9902", "phone")] * 5
    first, second = figures(rows, TODAY).neighbourhoods
    assert first.level["letter"] == Share(60, 1.0, stands_out=False)
    assert second.level["letter"] == second.level["phone"] == Share(None, None)
