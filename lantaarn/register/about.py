"""What only the municipality can say: who it is, why it does this, on which laws. The rest is made from data."""

import tomllib
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from lantaarn.settings import SettingsError


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Law(_Part):
    """A law on which this rests, and what it is for, in words that are no lawyer's."""

    title: str = Field(min_length=1, max_length=100)
    link: str | None = Field(None, pattern=r"^https://", max_length=500)
    purpose: str = Field(min_length=1)


class Assessment(_Part):
    """An impact assessment that was made."""

    title: str = Field(min_length=1)
    link: str | None = Field(None, pattern=r"^https://", max_length=500)


class About(_Part):
    """The municipality's own words, in Dutch at level B1."""

    organization: str = Field(min_length=1)
    contact: str = Field(min_length=1, description="An e-mail address or a page where people can ask.")
    status: Literal["In ontwikkeling", "In gebruik", "Buiten gebruik"]
    since: str | None = Field(None, pattern=r"^\d{4}-\d{2}$", description="Month of first use.")
    until: str | None = Field(None, pattern=r"^\d{4}-\d{2}$", description="Month of last use.")
    website: str | None = None
    processing_register: str | None = None
    themes: tuple[str, ...] = ()
    goal: str = Field(min_length=1)
    weighing: str = Field(min_length=1, description="Advantages and disadvantages, and what else was considered.")
    law: tuple[Law, ...] = Field(min_length=1)
    assessment: tuple[Assessment, ...] = ()
    no_assessment: str | None = Field(None, description="Why an assessment was not made.")


def load(file: Path) -> About:
    """Read the file.

    Raises:
        SettingsError: When it cannot be used; names file, entry and field.
    """
    try:
        return About.model_validate(tomllib.loads(file.read_text(encoding="utf-8")))
    except OSError as error:
        raise SettingsError(f"{file}: {error.strerror}") from error
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SettingsError(f"{file}: {error}") from error
    except ValidationError as error:
        told = [".".join(str(part) for part in one["loc"]) + f": {one['msg']}" for one in error.errors()]
        raise SettingsError("\n".join(f"{file}: {line}" for line in told)) from error
