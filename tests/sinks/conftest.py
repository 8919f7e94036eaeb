from collections.abc import Iterator
from pathlib import Path

import pytest

from schemas.registry import SchemaRegistry
from tests.sinks.live import Deployment
from tests.stacks import RunningStack


@pytest.fixture(scope="session")
def contracts(stack: RunningStack) -> RunningStack:
    """The stack with the contracts registered."""
    SchemaRegistry(stack.registry_url).register()
    return stack


@pytest.fixture
def deployment(contracts: RunningStack, tmp_path: Path) -> Iterator[Deployment]:
    with Deployment(contracts, tmp_path) as made:
        yield made
