"""What travels through Faust as one message: the records of one fetch from one partition, undecoded."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from faust.serializers.schemas import Schema


class RecordBatch(NamedTuple):
    """Records of one partition in order of offset, at least one.

    ``follows`` is the offset that came next after the batch before it: what lies between it and the first record, and
    between the records, is not in the log (compaction, transactions). The transport has made sure.
    """

    partition: int
    records: Sequence[Any]  # as aiokafka has them: offset, key, value, timestamp
    follows: int


class BatchSchema(Schema[Any, Any]):
    """Lets batches pass through Faust as they are; every topic of an application on ``batch://`` has it."""

    def loads_key(self, app: Any, message: Any, **_: Any) -> None:
        """A batch has no key of its own."""

    def loads_value(self, app: Any, message: Any, **_: Any) -> Any:  # noqa: ARG002 - as Faust calls it
        """The batch."""
        return message.value
