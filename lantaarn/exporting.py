"""household-events as a file that `lantaarn replay` reads (rules section 7)."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, date, datetime
from typing import Any, NamedTuple

from lantaarn.logbook import Entry
from schemas.codec import Codec, UndecodableError
from schemas.codes import Kind, Precondition, SignalType
from streams.wire import is_arrival


class Line(NamedTuple):
    """One record about a household, as it goes into the file."""

    household: str
    order: tuple[str, str]  # received_at and id: the order in which a replay applies it
    values: dict[str, Any]


def exported(
    entries: Iterable[Entry],
    codec: Codec,
    on_unreadable: Callable[[Entry], None] | None = None,
    on_moment: Callable[[datetime], None] | None = None,
) -> Iterator[Line]:
    """The records about households, in the order in which they stand in each partition.

    A line bears `position`, "partition:offset", beside the members of the interchange format; readers ignore it. It
    names the household too: at a shared address the address does not tell which it is.
    Live, the order of a household's partition is the order in which its records were applied. A replay has no
    partitions and applies by (`received_at`, `id`). Where the two orders differ, level, due date, members, national
    class and the reasons of section 4 are the same by the rules; rung, `no_response`, `overdue`, sequence and task id
    may differ, because they depend on history. Count such households with `Order`.

    Args:
        entries: Of household-events.
        codec: Reads them.
        on_unreadable: Told each record that is none of ours: the worker made a dead letter of it, and it is left out.
        on_moment: Told when each event was received, ticks and policies too.

    Raises:
        UndecodableError: When there is such a record, and nobody to tell.
    """
    for entry in entries:
        try:
            event = codec.decode("HouseholdEvent", entry.value)
        except UndecodableError:
            if on_unreadable is None:
                raise
            on_unreadable(entry)
            continue
        if on_moment is not None:
            on_moment(event["received_at"])
        if event["household"] is None or is_arrival(event):
            continue  # a replay has its days and its policy file, and carries along by itself what goes along
        values = _values(event) | {"position": f"{entry.partition}:{entry.offset}"}
        yield Line(event["household"], (values["received_at"], values["id"]), values)


class Order:
    """Watches whether each household's records stand in the order in which a replay applies them."""

    def __init__(self) -> None:
        self._last: dict[str, tuple[str, str]] = {}
        self._otherwise: set[str] = set()

    def watch(self, lines: Iterable[Line]) -> Iterator[Line]:
        """The same lines."""
        for line in lines:
            if line.order < self._last.get(line.household, line.order):
                self._otherwise.add(line.household)
            self._last[line.household] = line.order
            yield line

    @property
    def differing(self) -> int:
        """Households of which a replay may give another history."""
        return len(self._otherwise)


def _values(event: Mapping[str, Any]) -> dict[str, Any]:
    body = {name: value for name, value in event["body"].items() if value is not None and name != "agreement"}
    made = {
        "id": event["id"],
        "partner": body["partner"],
        "type": body.get("type", SignalType.OUTCOME.value),
        "received_at": _rfc3339(event["received_at"]),
        "household": event["household"],
        **body,
    }
    if body.get("kind") == Kind.REPORT.value:
        made["preconditions"] = dict.fromkeys((each.value for each in Precondition), True)  # else it was refused
    return {name: value.isoformat() if isinstance(value, date) else value for name, value in made.items()}


def _rfc3339(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
