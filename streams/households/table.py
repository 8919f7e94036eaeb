"""Faust's plain table, with the order of effects in our hands.

A Faust table sends its changelog the moment a key is set, with a future that it drops: a state could outlive outputs
that were never delivered. Here memory and changelog are two steps, so that the pipeline can put the outputs between.
"""

from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Iterator
from typing import Any

import faust

Recovered = Callable[[set[int]], Awaitable[None]]


class StateTable(faust.Table[bytes, bytes]):
    """States by key, in memory, with a changelog; keys and values are bytes.

    ``recovered`` is called with the partitions that are now ours before any of their records is read.
    """

    recovered: Recovered

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._partition_of: dict[bytes, int] = {}

    def get(self, key: bytes) -> bytes | None:  # type: ignore[override]
        """The bytes under a key."""
        found: bytes | None = self.data.get(key)
        return found

    def put(self, partition: int, key: bytes, value: bytes) -> None:
        """Set a key in memory only."""
        self._partition_of[key] = partition
        self.data[key] = value

    async def send(self, partition: int, key: bytes, value: bytes) -> Awaitable[Any]:
        """Hand a change to the changelog's producer; the future is done when the broker has it."""
        return await self.changelog_topic.send(
            key=key, value=value, partition=partition, key_serializer="raw", value_serializer="raw"
        )

    def items_of(self, partition: int) -> Iterator[tuple[bytes, bytes]]:
        """Keys and values of one partition."""
        for key, owner in self._partition_of.items():
            if owner == partition and (value := self.data.get(key)) is not None:
                yield key, value

    def sizes(self) -> Counter[int]:
        """Bytes of the states, by partition."""
        found: Counter[int] = Counter()
        for key, owner in self._partition_of.items():
            found[owner] += len(self.data.get(key) or b"")
        return found

    def apply_changelog_batch(self, batch: Iterable[Any]) -> None:
        """Take recovered changes over, and note whose they are."""
        events = list(batch)
        for event in events:
            self._partition_of[event.key] = event.message.partition
        super().apply_changelog_batch(events)

    async def on_recovery_completed(self, active_tps: set[Any], standby_tps: set[Any]) -> None:
        """Tell who waits for it that the states of our partitions are complete."""
        await super().on_recovery_completed(active_tps, standby_tps)
        topic = self.changelog_topic_name
        await self.recovered({tp.partition for tp in active_tps if tp.topic == topic})
