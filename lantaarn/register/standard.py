"""The national algorithm register's publication standard, version 1.0: its fields, and how long each may be [std].

Source: Algoritmeregister Publicatiestandaard 1.0 (Ministerie van BZK), and the schema that the register itself checks
deliveries with.
"""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

THEMES = (
    "Organisatie en bedrijfsvoering",
    "Cultuur en recreatie",
    "Economie",
    "Overheidsfinanciën",
    "Wonen",
    "Internationaal",
    "Migratie en integratie",
    "Natuur en milieu",
    "Onderwijs en wetenschap",
    "Openbare orde en veiligheid",
    "Recht",
    "Ruimte en infrastructuur",
    "Sociale zekerheid",
    "Verkeer",
    "Werk",
    "Zorg en gezondheid",
)
TEXT = Field(None, max_length=2500)
LINK = Field(None, max_length=500, pattern=r"^https://")


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Reference(_Part):
    """A law or an assessment, and where it is."""

    title: str = Field(min_length=1, max_length=100)
    link: str | None = LINK


class Entry(_Part):
    """One registration, under the field names of the standard."""

    name: str = Field(min_length=1, max_length=100)
    description_short: str = Field(min_length=1, max_length=350)
    organization: str = Field(min_length=1, max_length=100)
    category: tuple[Literal[THEMES], ...] = Field((), max_length=3)  # type: ignore[valid-type]
    status: Literal["In ontwikkeling", "In gebruik", "Buiten gebruik"]
    begin_date: str | None = Field(None, max_length=7)
    end_date: str | None = Field(None, max_length=7)
    contact_email: str = Field(min_length=1, max_length=500)
    website: str | None = LINK
    publication_category: Literal["Hoog-risico AI-systeem", "Impactvolle algoritmes", "Overige algoritmes"]
    url: str | None = LINK
    goal: str | None = TEXT
    proportionality: str | None = TEXT
    human_intervention: str | None = TEXT
    risks: str | None = TEXT
    lawful_basis: str | None = TEXT
    lawful_basis_grouping: tuple[Reference, ...] = ()
    process_index_url: str | None = LINK
    impacttoetsen_grouping: tuple[Reference, ...] = ()
    impacttoetsen: str | None = TEXT
    source_data: str | None = TEXT
    methods_and_models: str | None = Field(None, max_length=5000)
    provider: str | None = Field(None, max_length=200)
    publiccode: str | None = LINK
    lang: Literal["nld"] = "nld"
    standard_version: Literal["1.0"] = "1.0"
    source_id: str | None = Field(None, max_length=100)
    tags: str | None = TEXT
