"""How every producer of ours writes: what the order of a topic depends on."""

IN_ORDER: dict[str, object] = {
    "enable.idempotence": True,
    "acks": "all",
    # One request at a time. A broker takes any first sequence number from a producer that it has no state of: where
    # the first of two requests is turned away (a leader that has moved, a topic just made), the second is taken, and
    # the first can only come after it or never. Kafka 4.5 closes this for empty partitions alone (KAFKA-15591).
    "max.in.flight": 1,
    "partitioner": "murmur2_random",
}
"""Settings of confluent-kafka, beside addresses and credentials."""
