"""One broker for all of this folder: it denies by default and listens with TLS."""

from collections.abc import Iterator

import pytest

from lantaarn.embedded import KafkaBroker
from lantaarn.embedded.jars import ensure_jars
from tests.lantaarn.access.secured import Secured


@pytest.fixture(scope="package")
def secure_broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KafkaBroker]:
    folder = tmp_path_factory.mktemp("secure")
    jars = ensure_jars(print)
    broker = KafkaBroker(folder, {"admin": "lamp-oil"}, jars=jars, allow_everyone_without_acl=False, tls=True)
    try:
        broker.start()
        yield broker
    finally:
        broker.stop()


@pytest.fixture(scope="package")
def deployment(secure_broker: KafkaBroker, tmp_path_factory: pytest.TempPathFactory) -> Secured:
    """The deployment that the matrix is about, with its bindings; tests leave them as they are."""
    made = Secured(secure_broker, tmp_path_factory.mktemp("gm9999"), "gm9999.")
    made.make_topics()
    result = made.run("acls", "apply", "--yes")
    assert result.exit_code == 0, result.output
    return made


@pytest.fixture(scope="package")
def neighbour(secure_broker: KafkaBroker, tmp_path_factory: pytest.TempPathFactory) -> Secured:
    """Another municipality on the same cluster, whose prefix begins as the first one's does."""
    made = Secured(secure_broker, tmp_path_factory.mktemp("gm99"), "gm99.", [("verhuurder-a", '"Huur"', "2027-12-31")])
    made.make_topics()
    result = made.run("acls", "apply", "--yes")
    assert result.exit_code == 0, result.output
    return made
