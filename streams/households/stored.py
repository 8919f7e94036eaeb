"""The bytes of a state: MessagePack behind one byte that names the format, so that an upgrade can read what was."""

from datetime import date

import msgspec
from msgspec import Struct

from streams.core.policy import Policies
from streams.core.state import Household

FORMAT = b"\x03"
MARK_PREFIX = b"partition/"


class StoredHousehold(Struct, frozen=True):
    """A household and the offset of the last record that was applied to it."""

    offset: int
    household: Household


class _Sleeping(Struct, frozen=True):
    wakes_on: date | None = None


class Placed(Struct, frozen=True):
    """Of a stored household only what a recovery needs: where it is in the log, and when it wakes."""

    offset: int
    household: _Sleeping


class Mark(Struct, frozen=True, omit_defaults=True):
    """What a partition knows beside its households.

    It is written last for a record that concerns no household or many, so that a state with this offset has seen the
    whole of it.
    """

    offset: int
    topic_id: str
    hour: int = 0  # nominal hour of the last tick, ms since 1970
    policies: Policies = Policies()


class UnknownFormatError(ValueError):
    """A state written by another Lantaarn, newer or older: it is to be made anew from the log."""


_encoder = msgspec.msgpack.Encoder()
_households = msgspec.msgpack.Decoder(StoredHousehold)
_placed = msgspec.msgpack.Decoder(Placed)
_marks = msgspec.msgpack.Decoder(Mark)


def mark_key(partition: int) -> bytes:
    """The key of a partition's mark; never that of a household, which is hexadecimal."""
    return MARK_PREFIX + str(partition).encode()


def packed(state: StoredHousehold | Mark) -> bytes:
    """Bytes of a state."""
    return FORMAT + _encoder.encode(state)


def household(data: bytes) -> StoredHousehold:
    """The household in bytes.

    Raises:
        UnknownFormatError: When the format is not ours.
    """
    return _households.decode(_body(data))


def placed(data: bytes) -> Placed:
    """Position and wake-up day in a household's bytes: a tenth of the work of reading it all.

    Raises:
        UnknownFormatError: When the format is not ours.
    """
    return _placed.decode(_body(data))


def mark(data: bytes) -> Mark:
    """The partition's mark in bytes.

    Raises:
        UnknownFormatError: When the format is not ours.
    """
    return _marks.decode(_body(data))


def _body(data: bytes) -> memoryview:
    if data[:1] != FORMAT:
        raise UnknownFormatError(f"state format {data[:1].hex()}")
    return memoryview(data)[1:]
