"""Faust's plain table, with the order of effects in our hands.

A Faust table sends its changelog the moment a key is set, with a future that it drops: a state could outlive outputs
that were never delivered. Here memory and changelog are two steps, so that the pipeline can put the outputs between.
"""

from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterable, Iterator
from typing import Any

import faust
from faust.types import TP

Recovered = Callable[[set[int]], Awaitable[None]]


class StateTable(faust.Table[bytes, bytes]):
    """States by key, in memory, with a changelog; keys and values are bytes.

    ``recovered`` is called with the partitions that are now ours before any of their records is read.
    """

    recovered: Recovered

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._keys_of: defaultdict[int, set[bytes]] = defaultdict(set)
        self._ours: frozenset[int] = frozenset()  # whose states are complete

    def get(self, key: bytes) -> bytes | None:  # type: ignore[override]
        """The bytes under a key."""
        found: bytes | None = self.data.get(key)
        return found

    def put(self, partition: int, key: bytes, value: bytes) -> None:
        """Set a key in memory only."""
        self._keys_of[partition].add(key)
        self.data[key] = value

    async def send(self, partition: int, key: bytes, value: bytes) -> Awaitable[Any]:
        """Hand a change to the changelog's producer; the future is done when the broker has it."""
        return await self.changelog_topic.send(
            key=key, value=value, partition=partition, key_serializer="raw", value_serializer="raw"
        )

    def items_of(self, partition: int) -> Iterator[tuple[bytes, bytes]]:
        """Keys and values of one partition."""
        for key in self._keys_of.get(partition, ()):
            if (value := self.data.get(key)) is not None:
                yield key, value

    def sizes(self) -> dict[int, int]:
        """Bytes of the states, by partition."""
        return {
            partition: sum(len(self.data.get(key) or b"") for key in keys) for partition, keys in self._keys_of.items()
        }

    def persisted_offset(self, tp: TP) -> int | None:
        """Up to where Faust need not read a changelog; null for as far as it has read.

        What is not ours is not kept, so one that comes, or comes back, is read from its beginning: a record that
        Faust still had in its queue when the partition went would else count as read up to there.
        """
        return None if tp.partition in self._ours else -1

    def apply_changelog_batch(self, batch: Iterable[Any]) -> None:
        """Take recovered changes over, and note whose they are."""
        events = list(batch)
        for event in events:
            self._keys_of[event.message.partition].add(event.key)
        super().apply_changelog_batch(events)

    async def on_recovery_completed(self, active_tps: set[Any], standby_tps: set[Any]) -> None:
        """Forget what is no longer here, and tell who waits for it that the states of our partitions are complete."""
        await super().on_recovery_completed(active_tps, standby_tps)
        topic = self.changelog_topic_name
        ours, copies = ({tp.partition for tp in tps if tp.topic == topic} for tps in (active_tps, standby_tps))
        self._ours = frozenset(ours)
        self._forget_all_but(ours | copies)
        await self.recovered(ours)

    def _forget_all_but(self, partitions: set[int]) -> None:
        for partition in self._keys_of.keys() - partitions:
            for key in self._keys_of.pop(partition):
                self.data.pop(key, None)
