"""Programs that a few tests need beside Python: used where they are, and never left out in silence."""

import os
import shutil

import pytest


def tool(name: str, comes_with: str) -> str:
    """Path of a program. Where it is absent a newcomer's run says what was left out; CI installs it, and fails."""
    found = shutil.which(name)
    if found is not None:
        return found
    told = f"{name} is not here; it comes with {comes_with}"
    if os.environ.get("CI"):
        pytest.fail(told)
    pytest.skip(told)
