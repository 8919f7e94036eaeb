"""Fixtures for every room. ``stack`` is real and started once per run; see ``tests/stacks.py``."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from tests.stacks import RunningStack, running_stack


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningStack]:
    """A broker and a schema registry, shared by all tests: use topics and groups of your own."""
    kind = os.environ.get("LANTAARN_TEST_STACK", "embedded")
    with running_stack(kind, tmp_path_factory.mktemp("stack")) as running:
        yield running
