"""The seal beside the agreements file (``agreements.lock``): read, checked, written."""

import os
from collections.abc import Iterable
from pathlib import Path

import msgspec

from lantaarn.settings import Settings, SettingsError, load_agreements
from streams.core.agreements import Agreements
from streams.core.seal import Compared, SealedEntry, compare, sealed


def seal_of(file: Path) -> Path:
    """Where the seal of an agreements file lies."""
    return file.with_suffix(".lock")


def unbroken_agreements(settings: Settings) -> Agreements:
    """The agreements, provided that each entry is as it was when it was sealed. A file without a seal is let pass.

    Raises:
        SettingsError: When the file cannot be used, or an entry was changed, taken away or not sealed; names it.
    """
    file = settings.agreements
    agreements = load_agreements(file)
    if seal_of(file).exists():
        _check(file, compared(file, agreements))
    return agreements.of(settings.municipality)


def compared(file: Path, agreements: Agreements) -> Compared:
    """An agreements file beside its seal; without one all entries are new.

    Raises:
        SettingsError: When the seal cannot be read.
    """
    return compare(_read(seal_of(file)), agreements)


def seal(file: Path, agreements: Agreements) -> None:
    """Seal what is new; the seal is replaced as a whole, so a crash leaves the old one or the new one.

    Raises:
        SettingsError: When an entry that was sealed is not as it was.
    """
    if broken := compared(file, agreements).broken:
        raise SettingsError(_told(file, broken))
    target = seal_of(file)
    draft = target.with_name(f".{target.name}.draft")
    draft.write_bytes(msgspec.json.format(msgspec.json.encode(sealed(agreements)), indent=1) + b"\n")
    with draft.open("rb") as opened:
        os.fsync(opened.fileno())
    draft.replace(target)


def _read(file: Path) -> list[SealedEntry]:
    if not file.exists():
        return []
    try:
        return msgspec.json.decode(file.read_bytes(), type=list[SealedEntry])
    except (OSError, msgspec.DecodeError) as error:
        raise SettingsError(f"{file}: {error}") from error


def _check(file: Path, found: Compared) -> None:
    new = (f"{entry}: is not sealed; look at it, then `lantaarn partner seal --yes`" for entry in found.unsealed)
    if told := (*found.broken, *new):
        raise SettingsError(_told(file, told))


def _told(file: Path, faults: Iterable[str]) -> str:
    return f"{file}: an entry is never changed, a later one takes its place: {'; '.join(faults)}"
