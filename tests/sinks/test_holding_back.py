"""What is held back of a table cannot be worked out: not from its row, not from its column, not from both."""

from collections.abc import Mapping

from hypothesis import example, given
from hypothesis import strategies as st

from sinks.holding_back import FEWEST, ROOM, WHOLE, Cell, Table, held_back, with_whole

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
