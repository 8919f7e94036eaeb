"""Real Kafka, schema registry and PostgreSQL on a laptop, with nothing but Python: for the demo and the tests."""

from lantaarn.embedded.artefact import ArtefactError
from lantaarn.embedded.kafka import KafkaBroker
from lantaarn.embedded.postgres import PostgresServer
from lantaarn.embedded.process import ProcessError
from lantaarn.embedded.registry import SchemaRegistry
from lantaarn.embedded.stack import EmbeddedStack, Endpoints

__all__ = [
    "ArtefactError",
    "EmbeddedStack",
    "Endpoints",
    "KafkaBroker",
    "PostgresServer",
    "ProcessError",
    "SchemaRegistry",
]
