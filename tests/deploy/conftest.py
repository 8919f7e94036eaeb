"""Fixtures for what is deployed in containers."""

import subprocess
from pathlib import Path

import pytest

from tests.deploy.files import DEPLOY


@pytest.fixture(scope="session")
def made_secrets(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that ``deploy/make-secrets`` has made."""
    folder = tmp_path_factory.mktemp("deploy") / "secrets"
    subprocess.run([DEPLOY / "make-secrets", folder], check=True, capture_output=True)
    return folder
