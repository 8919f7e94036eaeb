"""publiccode.yml: what the catalogues of public software read is complete, and true of this version."""

import tomllib
from typing import Any

import pytest
import yaml

from tests.deploy.files import ROOT

MADE: dict[str, Any] = yaml.safe_load((ROOT / "publiccode.yml").read_text(encoding="utf-8"))
PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def test_everything_that_the_standard_asks_is_there() -> None:
    asked = {"publiccodeYmlVersion", "name", "url", "platforms", "developmentStatus", "softwareType", "description"}
    assert asked | {"legal", "maintenance", "localisation"} <= MADE.keys()
    assert MADE["maintenance"]["contacts"]
    assert {"localisationReady", "availableLanguages"} <= MADE["localisation"].keys()


@pytest.mark.parametrize("language", MADE["description"])
def test_descriptions_have_the_length_that_the_standard_asks(language: str) -> None:
    text = MADE["description"][language]
    assert len(text["shortDescription"]) <= 150
    assert 150 <= len(text["longDescription"]) <= 10_000
    assert text["features"]


def test_version_and_licence_are_those_of_the_project() -> None:
    assert MADE["softwareVersion"] == PROJECT["version"]
    assert MADE["legal"]["license"] == PROJECT["license"]
