"""Which of Kafka's errors a sink waits for, and which end it."""

import pytest
from confluent_kafka import KafkaError

from sinks.errors import KafkaFailureError, KafkaUnavailableError, TopicReplacedError
from sinks.positions import failure


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        (KafkaError._DESTROY_BROKER, KafkaUnavailableError),  # cannot be provoked: seen once, at a broker's return
        (KafkaError._TRANSPORT, KafkaUnavailableError),
        (KafkaError._AUTO_OFFSET_RESET, TopicReplacedError),
        (KafkaError.TOPIC_AUTHORIZATION_FAILED, KafkaFailureError),
    ],
)
def test_a_broker_that_is_away_is_waited_for_and_nothing_else(code: int, kind: type[Exception]) -> None:
    error = failure(KafkaError(code), "outreach-tasks")
    assert type(error) is kind
    assert "outreach-tasks" in str(error)
