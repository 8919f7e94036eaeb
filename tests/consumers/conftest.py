from collections.abc import Iterator

import pytest

from schemas.registry import SchemaRegistry
from tests.consumers.town import Town
from tests.stacks import RunningStack


@pytest.fixture
def town(stack: RunningStack) -> Iterator[Town]:
    """A deployment's two topics for caseworker systems, with the contracts registered."""
    SchemaRegistry(stack.registry_url).register()
    with Town(stack) as made:
        yield made
