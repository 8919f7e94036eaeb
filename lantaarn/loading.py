"""Reads the settings, and says what is wrong with them without repeating what they hold: it may be a password."""

import os
import tomllib
from collections.abc import Iterator
from pathlib import Path

from pydantic import ValidationError

from lantaarn.settings import CONFIG, PREFIX, Settings, SettingsError


def load_settings() -> Settings:
    """The settings of this process: its environment, then the file that `LANTAARN_CONFIG` names.

    Raises:
        SettingsError: When one cannot be used, or the file cannot be read; names each, never what it holds.
    """
    file = os.environ.get(CONFIG)
    if file and not Path(file).is_file():  # else it would be passed over, and the defaults hold
        raise SettingsError(f"{CONFIG}: {file}: no such file")
    try:
        return Settings()
    except ValidationError as error:
        told = "; ".join(_problems(error))
    except OSError as error:
        told = f"{CONFIG}: {file}: {error.strerror}"
    except UnicodeDecodeError:
        told = f"{CONFIG}: {file}: not UTF-8"
    except tomllib.TOMLDecodeError as error:
        told = f"{CONFIG}: {file}: not TOML: {error}"
    raise SettingsError(told)  # outside of the handlers: what it came from has the values


def _problems(error: ValidationError) -> Iterator[str]:
    for problem in error.errors(include_input=False, include_url=False):
        name = ".".join(str(part) for part in problem["loc"])
        if problem["type"] == "extra_forbidden":
            yield f"{name}: unknown setting, in the file that {CONFIG} names"  # unknown variables are not looked at
        elif name in Settings.model_fields:
            yield f"{name} ({PREFIX}{name.upper()}): {problem['msg']}"
        else:  # of no one field: our own checks, which name the setting
            yield problem["msg"].removeprefix("Value error, ")
