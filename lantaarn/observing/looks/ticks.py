"""When time last passed: the newest tick on household-events."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from confluent_kafka import KafkaException, TopicPartition
from confluent_kafka.admin import AdminClient, OffsetSpec  # type: ignore[attr-defined]

from lantaarn.logbook import ANSWER_SECONDS, Logbook, LogError
from schemas.codec import Codec
from schemas.topics import Catalogue
from streams.households.guard import LogBounds
from streams.wire import millis

LOOK_BACK = timedelta(hours=6)


def last_tick(kafka: Mapping[str, Any], codec: Codec, topics: Catalogue) -> datetime | None:
    """Nominal hour of the newest tick written in the last six hours; null where there is none.

    Raises:
        LogError: When the topic cannot be read.
    """
    topic = topics.household_events
    logbook = Logbook(kafka)
    bounds = logbook.bounds([topic])[topic.name]
    spec = OffsetSpec.for_timestamp(millis(datetime.now(UTC) - LOOK_BACK))
    partitions = [TopicPartition(topic.name, number) for number in bounds.ends]
    admin = AdminClient(dict(kafka))  # kept until it has answered: without it its futures never end
    asked = admin.list_offsets(dict.fromkeys(partitions, spec), request_timeout=ANSWER_SECONDS)
    try:
        since = {each.partition: answer.result().offset for each, answer in asked.items()}
    except KafkaException as error:
        raise LogError(f"{topic.name}: {error.args[0].name()}") from None
    starts = {number: offset if offset >= 0 else bounds.ends[number] for number, offset in since.items()}
    hours = [
        codec.decode(topic.record, entry.value)["body"].get("hour")
        for entry in logbook.read({topic.name: LogBounds(bounds.topic_id, starts, bounds.ends)})
        if entry.key is None
    ]
    return max((hour for hour in hours if hour is not None), default=None)
