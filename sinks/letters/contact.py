"""Who writes: the municipality, a named person in each team, and where a resident can complain. One TOML file."""

import tomllib
from pathlib import Path
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
Phone = Annotated[str, StringConstraints(pattern=r"^0[0-9 -]{7,14}$")]
Email = Annotated[str, StringConstraints(pattern=r"^[^@\s]+@[^@\s]+\.[a-z]{2,}$")]
Website = Annotated[str, StringConstraints(pattern=r"^https://[^\s\"<>]+$")]


class ContactError(ValueError):
    """The contact file cannot be used; one line a fault, with file and field."""


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Person(_Strict):
    """Whom a resident can ask for by name, and when."""

    name: Text
    phone: Phone
    hours: Text


class Contact(_Strict):
    """What every text for a resident bears.

    `partners` gives the names of partners as residents know them, by identifier; `teams` a person for each owner of
    tasks, `person` the one for all others.
    """

    municipality: Text
    sender: Text
    address: Text
    email: Email
    website: Website
    privacy_officer: Email
    person: Person
    teams: Annotated[dict[str, Person], Field(default_factory=dict)]
    partners: Annotated[dict[str, Text], Field(default_factory=dict)]

    @classmethod
    def read(cls, file: Path) -> Self:
        """Read and check the file.

        Raises:
            ContactError: Naming every fault there is.
        """
        try:
            return cls.model_validate(tomllib.loads(file.read_text(encoding="utf-8")))
        except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
            raise ContactError(f"{file}: {error}") from error
        except ValidationError as error:
            told = (f"{file}: {'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors())
            raise ContactError("\n".join(told)) from error

    def person_of(self, owner: str) -> Person:
        """Whom a resident calls about a task of this owner."""
        return self.teams.get(owner, self.person)

    def partner(self, identifier: str) -> str:
        """A partner's name; made of its identifier where the file has none."""
        return self.partners.get(identifier) or identifier.replace("-", " ").title()
