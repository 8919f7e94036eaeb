"""Errors that whoever runs a command or a process can mend: their own text is told. Of others only the kind is.

One is named here once it is certain that no text it is made with can repeat what is in a record, a row or a secret.
"""

from confluent_kafka import KafkaError, KafkaException

TOLD = frozenset(
    {
        "lantaarn.access.broker.AccessError",
        "lantaarn.logbook.LogError",
        "lantaarn.producing.NotDeliveredError",
        "lantaarn.settings.SettingsError",
        "lantaarn.topics.TopicError",
        "producers.config.ConfigError",
        "producers.outbox.OutboxInUseError",
        "producers.publisher.PublishError",
        "producers.sources.sql_poll.SqlError",
        "schemas.codec.NotRegisteredError",
        "schemas.codec.UndecodableError",
        "sinks.errors.SinkError",
        "streams.engine.app.StandbyError",
        "streams.intake.process.DeliveryError",
    }
)
"""By name: no process loads another's room, least of all to end."""


def reason_of(error: BaseException) -> str | None:
    """What to tell of an error; none where its text may hold what nobody should see."""
    if isinstance(error, KafkaException):
        about = error.args[0] if error.args else None
        return f"the broker: {about.str()}" if isinstance(about, KafkaError) else None
    kinds = {f"{kind.__module__}.{kind.__qualname__}" for kind in type(error).__mro__}
    return str(error) if kinds & TOLD else None
