from collections.abc import Iterator
from pathlib import Path

import pytest

from schemas.registry import SchemaRegistry
from tests.sinks.databases import Databases
from tests.sinks.live import Deployment
from tests.stacks import RunningStack


def pytest_configure(config: pytest.Config) -> None:
    """pytest-alembic's own tests bear its mark; its plugin, which would declare it, is not needed for them."""
    config.addinivalue_line("markers", "alembic: a test of the migrations")


@pytest.fixture(scope="session")
def contracts(stack: RunningStack) -> RunningStack:
    """The stack with the contracts registered."""
    SchemaRegistry(stack.registry_url).register()
    return stack


@pytest.fixture
def on_postgres(contracts: RunningStack, databases: Databases, tmp_path: Path) -> Iterator[Deployment]:
    """As `deployment`, with its store on PostgreSQL."""
    with databases.upgraded() as url, Deployment(contracts, tmp_path, url) as made:
        yield made


@pytest.fixture
def deployment(contracts: RunningStack, tmp_path: Path) -> Iterator[Deployment]:
    with Deployment(contracts, tmp_path) as made:
        yield made
