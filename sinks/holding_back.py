"""What is held back of a table of counts, so that no count from 1 to 9 can be read or worked out.

A table has a row for each part and, below them, the whole; how much a row comes to is known. A small count that is
held back alone is its row's sum, or its column's, less all others. So each is held back with three more, at the corners
of a rectangle: one more here, one less in the next corner, one more, one less, and every sum stays as it was. Which of
the tables that fit is the true one cannot be told [practice: complementary suppression, as Statistics Netherlands].

Counts that are no table but add up, such as contacts by channel and all contacts, are held back one by one: where a
sum gives one away, the next smallest goes too.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple, TypeAlias

FEWEST = 10
WHOLE = ""
"""The row of the whole."""
ROOM = 2
"""By how much a count that is held back can differ at least, as far as anybody outside can tell."""

Table = Mapping[str, Mapping[str, int]]
Cell = tuple[str, str]
Name: TypeAlias = str | Cell


class Sum(NamedTuple):
    """A count and counts of parts of it, no two of the same. What they leave of it is a count that bears no name."""

    whole: Name
    parts: tuple[Name, ...]


def with_whole(parts: Table) -> dict[str, Mapping[str, int]]:
    """A table with the row of the whole; every part has the same columns."""
    rows = list(parts.values())
    return {**parts, WHOLE: {column: sum(row[column] for row in rows) for column in (rows[0] if rows else ())}}


def held_back(table: Table) -> frozenset[Cell]:
    """The cells, by row and column, that are not to be shown.

    Args:
        table: With the row of the whole. Each row comes to `FEWEST` or more, in two columns to four: then there is
            always a rectangle with room enough, if need be with the row of the whole.
    """
    small = sorted((row, column) for row, counts in table.items() for column, n in counts.items() if 0 < n < FEWEST)
    hidden = set(small)
    for cell in small:
        hidden |= min(_rectangles(table, cell), key=lambda corners: (_lost(table, corners - hidden), sorted(corners)))
    return frozenset(hidden)


def _rectangles(table: Table, cell: Cell) -> Iterator[frozenset[Cell]]:
    """Those with a cell in a corner that leave it room. Zeros are shown: what is held back is known not to be one."""
    row, column = cell
    for other_row in table.keys() - {row}:
        for other in table[row].keys() - {column}:
            corners = frozenset({cell, (row, other), (other_row, column), (other_row, other)})
            if all(table[at][of] for at, of in corners) and _room(table, row, other_row, column, other) >= ROOM:
                yield corners


def _room(table: Table, row: str, other_row: str, column: str, other: str) -> int:
    """How many counts a corner can have besides its own, with one at least in each and every sum as it is."""
    if WHOLE in {row, other_row}:  # the whole goes up and down with its part
        part = table[row if other_row == WHOLE else other_row]
        return part[column] + part[other] - 2
    here, there = table[row], table[other_row]
    return min(here[column], there[other]) + min(here[other], there[column]) - 2


def _lost(table: Table, cells: Iterable[Cell]) -> int:
    """What holding these back costs: the people that are no longer told of."""
    return sum(table[row][column] for row, column in cells)


def held_back_of_sums(counts: Mapping[Name, int], sums: Sequence[Sum]) -> frozenset[Name]:
    """The counts that are not to be shown: those from 1 to 9, and what would give one of them away.

    Args:
        counts: All that would be shown.
        sums: Each way in which they add up. Two of them share one count at most, or one follows from others.
    """
    hidden = {name for name, count in counts.items() if 0 < count < FEWEST}
    found: Name | None = None
    while (found := next(_giving_away(counts, sums, hidden), None)) is not None:
        hidden.add(found)
    return frozenset(hidden)


def _giving_away(counts: Mapping[Name, int], sums: Sequence[Sum], hidden: set[Name]) -> Iterator[Name]:
    """The counts to hold back next, one for each sum from which a count that is held back follows."""
    for whole, named in sums:
        parts = [name for name in named if counts[name]]  # zeros are shown
        rest = max(0, counts[whole] - sum(counts[name] for name in parts))
        unknown = [counts[name] for name in parts if name in hidden] + ([rest] if rest else [])
        if whole in hidden:  # it goes up with any part that is unknown
            told = not unknown
        else:  # what bears no name is a count of somebody too, where it is small
            enough = len(unknown) > 1 and sum(unknown) - len(unknown) >= ROOM
            told = bool(unknown) and rest < FEWEST and not enough
        if told:
            shown = [name for name in parts if name not in hidden]
            yield min(shown, key=lambda name: (counts[name], str(name)), default=whole)
