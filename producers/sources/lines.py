"""The physical lines of a file."""

from collections.abc import Iterator
from typing import NamedTuple


class TextLine(NamedTuple):
    """One line that is not blank: its number from 1, its text, and whether a line end closed it."""

    number: int
    text: str
    ended: bool


def text_lines(text: str) -> Iterator[TextLine]:
    """The lines that are not blank.

    Split at line feeds only: `str.splitlines` also splits at characters that may stand inside a value.
    """
    parts = text.split("\n")
    for index, part in enumerate(parts):
        if part.strip():
            yield TextLine(index + 1, part.removesuffix("\r"), index < len(parts) - 1)
