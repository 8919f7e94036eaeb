"""Where commands put their files: looked at before long work begins, and told by name where one cannot be written."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from lantaarn.settings import SettingsError


def check_place(file: Path) -> None:
    """See that a file can be put there; whether there is room shows when it is written.

    Raises:
        SettingsError: When it cannot; names the file.
    """
    folder = file.parent
    if not folder.is_dir():
        raise SettingsError(f"{file}: its folder is not there")
    if file.is_dir():
        raise SettingsError(f"{file}: is a folder")
    if not os.access(file if file.exists() else folder, os.W_OK):
        raise SettingsError(f"{file}: may not be written")


@contextmanager
def written_to(file: Path) -> Iterator[None]:
    """Tell of a file that cannot be written.

    Raises:
        SettingsError: When the block could not; names the file.
    """
    try:
        yield
    except OSError as error:
        raise SettingsError(f"{file}: {error.strerror}") from error
