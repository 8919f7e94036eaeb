"""Why a sink stops. No message holds anything about a person: ids of tasks, numbers and kinds only."""


class SinkError(RuntimeError):
    """The sink cannot go on by itself: exit code 1, and its supervisor starts it again."""


class StaleSinkError(SinkError):
    """Somebody else has stored records of this partition meanwhile; nothing of this batch was written."""

    def __init__(self, topic: str, partition: int) -> None:
        super().__init__(f"{topic}[{partition}]: the stored offset is no longer what this sink stored last")


class ConflictingVersionError(SinkError):
    """A version that is stored already came again with other content; nothing of this batch was written."""

    def __init__(self, task_id: str, sequence: int) -> None:
        super().__init__(f"task {task_id} version {sequence} is stored with different content")
        self.task_id = task_id
        self.sequence = sequence


class StoreAddressError(SinkError):
    """The case store's address is none that this version opens; no text repeats it, as a password may be in it."""


class StoreUnavailableError(SinkError):
    """The database is locked, away or out of room: worth another try."""


class StoreFailureError(SinkError):
    """The database refused what it was asked; trying again gives the same."""


class TopicReplacedError(SinkError):
    """The topic is not the one, or no longer holds the records, that this store was filled from."""


class UnreadableRecordError(SinkError):
    """A record of a topic that only our own processes write to is none of theirs: a fault to mend."""


class KafkaUnavailableError(SinkError):
    """A broker did not answer: worth another try."""


class KafkaFailureError(SinkError):
    """Kafka gave an error that its client does not mend by itself."""


class NewerStoreError(SinkError):
    """The store was upgraded by later code than this; nothing was done to it."""

    def __init__(self, current: str | None, known: str) -> None:
        super().__init__(f"case store: its revision is {current}, this version of lantaarn knows up to {known}")
