"""One town for all of a module's questions."""

import pytest

from tests.lantaarn.town import Town
from tests.stacks import RunningStack


@pytest.fixture(scope="package")
def town(stack: RunningStack, tmp_path_factory: pytest.TempPathFactory) -> Town:
    """A town that has been lived through; whoever spoils it uses a copy, or has one of its own."""
    return Town(stack, tmp_path_factory.mktemp("town")).play()
