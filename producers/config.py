"""An adapter's configuration: one TOML file, checked before anything is read or sent.

```toml
name = "landlord"

[[feed]]
name = "huur"
partner = "woonstichting"
type = "Huur"
urn = "urn:nld:kvknr:90000001"
amounts = "dutch"
dates = "dd-mm-yyyy"
source = { kind = "csv", folder = "landlord", encoding = "cp1252", delimiter = ";", totals = "Totaal" }
columns = { reference = "Contractnr", postcode = "Postcode" }   # and so on: our field = the partner's column
ignored = ["Naam"]                                              # known, never read
[feed.values]
kind = { M = "report", B = "paid" }
```
"""

import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError, model_validator

from producers.fields import FIELDS
from producers.values import AmountStyle, DateStyle
from schemas.codes import SignalType

FLAGS = {"true": True, "false": False}
Name = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]*$", max_length=60)]


class ConfigError(ValueError):
    """A configuration that cannot be used; the text names file, key and what is wrong."""


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class CsvDrop(_Strict):
    """A drop folder of CSV files."""

    kind: Literal["csv"]
    folder: str
    encoding: Literal["utf-8", "cp1252", "iso-8859-15"] = "utf-8"
    delimiter: Annotated[str, StringConstraints(min_length=1, max_length=1)] = ";"
    totals: str | None = None  # the first cell of a totals row begins with this
    final_newline: bool = True  # the export ends each line, so a last line that is not ended was cut off


class JsonLines(_Strict):
    """A drop folder of JSON-lines files, UTF-8; a nested member is a column ``outer.inner``."""

    kind: Literal["jsonl"]
    folder: str


class SqlPoll(_Strict):
    """A query on a SQLite database, run again and again from a watermark on.

    ``query`` takes ``:since`` and orders by the watermark column, which holds ISO 8601 timestamps (UTC).
    """

    kind: Literal["sqlite"]
    database: str
    query: str
    row_key: str  # column with a whole number that never changes for a row
    watermark: str
    since_format: str = "%Y-%m-%d %H:%M:%S"  # as the database writes timestamps, without the fraction
    overlap_seconds: float = Field(3600, ge=0)  # how late a row may be committed and still be seen


Source = Annotated[CsvDrop | JsonLines | SqlPoll, Field(discriminator="kind")]


class Feed(_Strict):
    """One kind of record of one partner from one source."""

    name: Name
    partner: Name
    type: SignalType
    urn: Annotated[str, StringConstraints(pattern=r"^urn:nld:[A-Za-z0-9:._-]+$")]
    source: Source
    columns: dict[str, str]
    ignored: frozenset[str] = frozenset()
    values: dict[str, dict[str, str | bool]] = {}
    amounts: AmountStyle = "plain"
    dates: DateStyle = "yyyy-mm-dd"
    bsn_allowed: bool = False

    @model_validator(mode="after")
    def _fits_its_type(self) -> Self:
        if self.type not in FIELDS:
            raise ValueError(f"type: {self.type} has no topic")
        fields = {field.name: field for field in FIELDS[self.type]}
        if unknown := sorted(set(self.columns) - set(fields)):
            raise ValueError(f"columns: {self.type} has no field {', '.join(unknown)}")
        if missing := sorted(f.name for f in fields.values() if f.needed and f.name not in self.columns):
            raise ValueError(f"columns: {self.type} needs {', '.join(missing)}")
        if "bsn" in self.columns and not self.bsn_allowed:
            raise ValueError("columns.bsn: this partner may not hold it (bsn_allowed is false)")
        self._check_values()
        return self

    def _check_values(self) -> None:
        fields = {field.name: field for field in FIELDS[self.type]}
        for name, mapped in self.values.items():
            if name != "flag" and (name not in fields or fields[name].shape != "code"):
                raise ValueError(f"values.{name}: not a code field of {self.type}, nor flag")
            for theirs, ours in mapped.items():
                fits = isinstance(ours, bool) if name == "flag" else ours in ("", *fields[name].codes)
                if not fits:
                    raise ValueError(f"values.{name}.{theirs}: {ours!r} is none of ours")


class AdapterConfig(_Strict):
    """One adapter process: its feeds and its rhythm. Seconds throughout."""

    name: Name
    feeds: Annotated[tuple[Feed, ...], Field(alias="feed", min_length=1)]
    poll_seconds: float = Field(5.0, gt=0)
    settle_seconds: float = Field(5.0, ge=0)  # a file that has not changed for so long is complete
    batch_rows: int = Field(500, ge=1, le=50_000)  # under way to the broker at once
    pause_seconds: float = Field(0.0, ge=0)  # between two batches, to spare a slow line
    root: Path = Path()  # where folders and databases are; set by `load`

    @model_validator(mode="after")
    def _feeds_apart(self) -> Self:
        for what, found in (
            ("name", [feed.name for feed in self.feeds]),
            ("source", [str(location(feed)) for feed in self.feeds if feed.source.kind != "sqlite"]),
        ):
            if twice := sorted({one for one in found if found.count(one) > 1}):
                raise ValueError(f"feed: {what} used twice: {', '.join(twice)}")
        return self


def location(feed: Feed, root: Path = Path()) -> Path:
    """Folder or database of a feed."""
    source = feed.source
    return root / (source.database if isinstance(source, SqlPoll) else source.folder)


def load(path: Path, root: Path | None = None) -> AdapterConfig:
    """Read a configuration.

    Args:
        path: The TOML file.
        root: Folder that drop folders and databases are relative to; by default the file's own.

    Raises:
        ConfigError: It cannot be read, is not TOML, has an unknown key or a contradiction.
    """
    try:
        found: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(f"{path}: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path.name}: not TOML: {error}") from error
    if "root" in found:
        raise ConfigError(f"{path.name}: root: unknown key")
    try:
        return AdapterConfig.model_validate({**found, "root": root or path.parent})
    except ValidationError as error:
        raise ConfigError("; ".join(f"{path.name}: {problem}" for problem in _problems(error))) from error


def _problems(error: ValidationError) -> Iterator[str]:
    for problem in error.errors(include_input=False, include_url=False):
        key = ".".join(str(part) for part in problem["loc"])
        what = "unknown key" if problem["type"] == "extra_forbidden" else problem["msg"]
        yield f"{key}: {what}" if key else what
