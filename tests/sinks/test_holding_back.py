"""What is held back of a table cannot be worked out: not from its row, not from its column, not from both."""

from collections.abc import Mapping, Sequence
from typing import TypeAlias

from hypothesis import example, given
from hypothesis import strategies as st

from sinks.holding_back import FEWEST, ROOM, WHOLE, Cell, Name, Sum, Table, held_back, held_back_of_sums, with_whole
from sinks.reports import sums

COLUMNS = ("letter", "phone", "home_visit", "joint_home_visit")
COUNTS = st.one_of(st.sampled_from([0, 1, 1, 2, 3]), st.integers(0, 40))


@st.composite
def tables(draw: st.DrawFn) -> Table:
    columns = COLUMNS[: draw(st.integers(2, len(COLUMNS)))]
    row = st.tuples(*(COUNTS for _ in columns)).filter(lambda counts: sum(counts) >= FEWEST)
    parts = draw(st.lists(row, min_size=1, max_size=6))
    return with_whole(
        {f"99{number:02}": dict(zip(columns, counts, strict=True)) for number, counts in enumerate(parts)}
    )


def other_than(table: Table, hidden: frozenset[Cell], cell: Cell, step: int) -> Table | None:
    """A table that shows the same, in which a cell is one more or one less.

    The change goes round: out of the column by another row, out of that row by another column, until it is back. The
    whole stands on the other side of the sum: what its parts give, it gives too.
    """
    row, column = cell
    step = -step if row == WHOLE else step
    change = {cell: step}
    came: dict[str, Cell] = {}
    ways = [column]  # names of rows and columns: the change has come this far
    while ways and row not in came:
        at = ways.pop(0)
        for one in sorted(hidden - {cell}):
            to = one[0] if at == one[1] else one[1] if at == one[0] else column
            by = -step if at == one[1] else step
            if to not in {column, *came} and table[one[0]][one[1]] + (-by if one[0] == WHOLE else by) >= 1:
                came[to] = one
                ways.append(to)
    at = row
    while at != column and at in came:
        one = came[at]
        change[one] = -step if at == one[0] else step
        at = one[1] if at == one[0] else one[0]
    changed = {name: dict(counts) for name, counts in table.items()}
    for (of, by_column), by in change.items():
        changed[of][by_column] += -by if of == WHOLE else by
    return changed if row in came and changed[row][column] >= 1 else None


def shown(table: Table, hidden: frozenset[Cell]) -> Mapping[object, int]:
    cells = {(row, column): n for row, counts in table.items() for column, n in counts.items()}
    return {cell: n for cell, n in cells.items() if cell not in hidden} | {
        row: sum(counts.values()) for row, counts in table.items()
    }


@given(tables())
@example(with_whole({"9901": {"yes": 50, "no": 50}, "9902": {"yes": 5, "no": 45}}))
@example(with_whole({"9901": {"yes": 1, "no": 9}, "9902": {"yes": 1, "no": 9}, "9903": {"yes": 40, "no": 40}}))
def test_no_count_that_is_held_back_can_be_worked_out(table: Table) -> None:
    hidden = held_back(table)
    for row, column in hidden:
        possible = {table[row][column]}
        for step in (1, -1):
            fits = table
            while other := other_than(fits, hidden, (row, column), step):
                fits = other
                assert shown(fits, hidden) == shown(table, hidden)
                assert with_whole({part: fits[part] for part in fits if part != WHOLE}) == fits
                assert all(fits[of][by] >= 1 for of, by in hidden)
                possible.add(fits[row][column])
                if len(possible) > ROOM:
                    break
        assert len(possible) > ROOM, (row, column)


@given(tables())
def test_no_small_count_is_shown_and_no_zero_is_held_back(table: Table) -> None:
    hidden = held_back(table)
    for row, counts in table.items():
        for column, count in counts.items():
            assert ((row, column) in hidden) >= (0 < count < FEWEST)
            assert count or (row, column) not in hidden


def test_a_second_neighbourhood_is_held_back_where_one_would_be_told_by_the_town() -> None:
    table = with_whole({"9901": {"yes": 30, "no": 30}, "9902": {"yes": 5, "no": 45}, "9903": {"yes": 60, "no": 60}})
    assert held_back(table) == {("9901", "yes"), ("9901", "no"), ("9902", "yes"), ("9902", "no")}


def test_the_towns_own_figure_is_held_back_where_no_neighbourhood_can_stand_beside_one() -> None:
    table = with_whole({"9901": {"yes": 0, "no": 60}, "9902": {"yes": 15, "no": 5}})
    assert held_back(table) == {("9902", "yes"), ("9902", "no"), (WHOLE, "yes"), (WHOLE, "no")}


def test_a_table_without_small_counts_is_shown_as_it_is() -> None:
    assert held_back(with_whole({"9901": {"yes": 0, "no": 60}, "9902": {"yes": 15, "no": 10}})) == frozenset()


Month: TypeAlias = dict[Name, int]
UNNAMED = "what a sum leaves of its whole"
SMALL = st.one_of(st.sampled_from([0, 0, 1, 1, 2, 3]), st.integers(0, 30))


@st.composite
def months(draw: st.DrawFn) -> Month:
    """A month's figures that add up; channels and parts of the day are those of its contacts."""
    accepted, refused, spoken, missed, in_time, too_late, undecided = (draw(SMALL) for _ in range(7))
    reached = accepted + refused + spoken
    month: Month = {
        "tasks_opened": in_time + too_late + undecided,
        "in_time": in_time,
        "too_late": too_late,
        "contacts": reached + missed,
        "reached": reached,
        "accepted": accepted,
        "refused": refused,
    }
    for name in ("channel", "part_of_day"):
        left = reached + missed
        for code in "ABC":
            count = left if (name, code) == ("channel", "C") else min(left, draw(SMALL))
            left -= count
            month |= {(name, code): count} if count else {}
    return month


def ways(month: Month) -> Sequence[Sum]:
    """The sums of a month, without the one that follows from two others."""
    grouped = {name: [each[1] for each in month if each[0] == name] for name in ("channel", "part_of_day")}
    return sums(grouped)


def another(month: Month, hidden: frozenset[Name], name: Name) -> Month | None:
    """A month that shows the same, in which one count is another: one more or one less goes on from sum to sum."""
    counts, equations = {**month}, []
    for number, (whole, parts) in enumerate(each for each in ways(month) if each != EXTRA):
        unnamed = (UNNAMED, str(number))
        counts[unnamed] = month[whole] - sum(month[part] for part in parts)
        equations.append({whole: -1, unnamed: 1} | dict.fromkeys(parts, 1))
    may_change = {one for one in counts if one in hidden or (one[0] == UNNAMED and counts[one])}

    def settled(change: Mapping[Name, int]) -> Mapping[Name, int] | None:
        off = [(each, by) for each in equations if (by := sum(each.get(one, 0) * n for one, n in change.items()))]
        if not off:
            return change
        equation, by = off[0]
        for one in sorted(equation.keys() & may_change - change.keys(), key=str):
            step = -by * equation[one]
            least = 0 if one[0] == UNNAMED else 1  # of a count that is shown as held back, it is known that it is one
            if abs(step) == 1 and counts[one] + step >= least:
                found = settled({**change, one: step})
                if found is not None:
                    return found
        return None

    for step in (1, -1):
        least = 0 if name[0] == UNNAMED else 1
        if counts[name] + step >= least and (change := settled({name: step})) is not None:
            return {one: count + change.get(one, 0) for one, count in counts.items() if one[0] != UNNAMED}
    return None


EXTRA = Sum("contacts", ("accepted", "refused"))


@given(months())
@example(
    {
        "tasks_opened": 12,
        "in_time": 11,
        "too_late": 1,
        "contacts": 13,
        "reached": 0,
        "accepted": 0,
        "refused": 0,
        ("channel", "A"): 11,
        ("channel", "B"): 2,
    }
)
@example({"tasks_opened": 0, "in_time": 0, "too_late": 0, "contacts": 30, "reached": 29, "accepted": 14, "refused": 14,
          ("channel", "A"): 30})  # fmt: skip
def test_no_figure_of_a_month_that_is_held_back_follows_from_what_is_published(month: Month) -> None:
    hidden = held_back_of_sums(month, ways(month))
    for name, count in month.items():
        assert (name in hidden) >= (0 < count < FEWEST)
        assert count or name not in hidden
    for name in hidden:
        other = another(month, hidden, name)
        assert other is not None, (name, hidden)
        assert other[name] != month[name]
        assert {one: n for one, n in other.items() if one not in hidden} == {
            one: n for one, n in month.items() if one not in hidden
        }
    for whole, parts in ways(month):  # a small count without a name: contacts in which nobody was reached, for one
        left = month[whole] - sum(month[part] for part in parts)
        assert not 0 < left < FEWEST or hidden & {whole, *parts}


def test_the_next_smallest_count_is_held_back_with_a_single_small_one() -> None:
    counts: Month = {"all": 45, "a": 2, "b": 11, "c": 12, "d": 20}
    assert held_back_of_sums(counts, [Sum("all", ("a", "b", "c", "d"))]) == {"a", "b"}
    assert held_back_of_sums({"all": 27, "a": 3, "b": 4, "c": 20}, [Sum("all", ("a", "b", "c"))]) == {"a", "b"}


def test_two_that_can_only_be_ones_are_not_held_back_alone() -> None:
    assert held_back_of_sums({"all": 32, "a": 1, "b": 1, "c": 30}, [Sum("all", ("a", "b", "c"))]) == {"a", "b", "c"}


def test_figures_without_a_small_one_are_shown_and_so_are_zeros() -> None:
    assert held_back_of_sums({"all": 40, "a": 0, "b": 20, "c": 20}, [Sum("all", ("a", "b", "c"))]) == frozenset()
