"""Fixtures for every room. ``stack`` is real and started once per run; see ``tests/stacks.py``."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
import structlog

from tests.sinks.databases import Databases
from tests.stacks import RunningStack, running_postgres, running_stack

KIND = os.environ.get("LANTAARN_TEST_STACK", "embedded")


@pytest.fixture(autouse=True)
def logs_as_ever() -> Iterator[None]:
    """A command that runs in this process changes how it logs, and would hide the lines that another test looks for."""
    yield
    structlog.reset_defaults()


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningStack]:
    """A broker and a schema registry, shared by all tests: use topics and groups of your own."""
    with running_stack(KIND, tmp_path_factory.mktemp("stack")) as running:
        yield running


@pytest.fixture(scope="session")
def databases(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Databases]:
    """A PostgreSQL shared by all tests: make a database of your own."""
    with running_postgres(KIND, tmp_path_factory.mktemp("postgres")) as running:
        yield Databases(running)
