"""Real Kafka and a real schema registry on a laptop, with nothing but Python: for the demo and the tests."""

from lantaarn.embedded.artefact import ArtefactError
from lantaarn.embedded.kafka import KafkaBroker
from lantaarn.embedded.process import ProcessError
from lantaarn.embedded.registry import SchemaRegistry
from lantaarn.embedded.stack import EmbeddedStack, Endpoints

__all__ = ["ArtefactError", "EmbeddedStack", "Endpoints", "KafkaBroker", "ProcessError", "SchemaRegistry"]
