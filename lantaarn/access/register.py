"""The agreements file as a register that only grows: entries are added at its end, and none is ever changed."""

import json
import os
import re
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from lantaarn.sealing import seal
from lantaarn.settings import SettingsError
from schemas.codes import SignalType
from schemas.topics import SIGNAL_RECORDS
from streams.core.agreements import Agreement, AgreementError, Agreements

PARTNER = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?")
VERSION = re.compile(r"[A-Za-z0-9._-]+")


class RegisterError(SettingsError):
    """An entry that cannot be added; says why."""


def agreed(
    agreements: Agreements,
    partner: str,
    types: Sequence[SignalType],
    municipality: str,
    begin: date,
    until: date,
    version: str | None = None,
    **details: Any,
) -> list[Agreement]:
    """The entry to add for an agreement; none where these types are agreed to that day already.

    Args:
        agreements: Those that are there.
        partner: Its name.
        types: What it may send.
        municipality: Code (CBS).
        begin: First day.
        until: Last day.
        version: Of the entry; the next free one of the year when null.
        details: The entry's other fields: legal basis, fields that may be filled, whom to call.

    Raises:
        RegisterError: When the name, the version, the days or a detail will not do.
    """
    if not PARTNER.fullmatch(partner):
        raise RegisterError(
            f"{partner}: a partner's name is 1-64 of a-z, 0-9 and -, and neither begins nor ends with -"
        )
    if not types:
        raise RegisterError(f"{partner}: name at least one type")
    if unknown := [kind.value for kind in types if kind not in SIGNAL_RECORDS]:
        raise RegisterError(f"{partner}: no partner sends {', '.join(unknown)}")
    if until < begin:
        raise RegisterError(f"{partner}: the agreement would end on {until}, before it begins on {begin}")
    theirs = [e for e in agreements.entries or () if (e.partner, e.municipality) == (partner, municipality)]
    covered = {
        kind
        for e in theirs
        for kind in e.types
        if e.valid_from <= begin and until <= agreements.last_day(e) and (version is None or e.version == version)
    }
    if covered >= set(types):
        return []
    if version is None:
        version = _next_version(theirs, begin)
    if not VERSION.fullmatch(version):
        raise RegisterError(f"{partner}: a version is made of letters, digits and . _ -")
    if any(e.version == version for e in theirs):
        raise RegisterError(f"{partner}: version {version} is there, and says something else; versions never change")
    try:
        entry = Agreement(partner, tuple(types), municipality, version, begin, until, **details)
        Agreements.from_toml(written(entry))  # what a detail should look like is told where it is read
    except AgreementError as error:
        raise RegisterError(f"{partner}: {error}") from error
    return [entry]


def ended(agreements: Agreements, partner: str, last_day: date, today: date) -> list[Agreement]:
    """The entries that end a partner's agreements; none where they have ended by then.

    Each takes an entry's place from today on. Where the last day has gone, it takes its place with nothing.

    Raises:
        RegisterError: When the partner is unknown, or the last day lies before yesterday: intake has gone by that.
    """
    theirs = [entry for entry in agreements.entries or () if entry.partner == partner]
    if not theirs:
        raise RegisterError(f"{partner}: has no agreement")
    if last_day < today - timedelta(days=1):
        raise RegisterError(f"{partner}: an agreement cannot end before yesterday: what came was judged by it")
    made: list[Agreement] = []
    for entry in theirs:
        last = agreements.last_day(entry)
        if not entry.types or last <= last_day or last < entry.valid_from:
            continue
        begin = max(today, entry.valid_from)
        types = entry.types if begin <= last_day else ()
        of_it = [e for e in theirs + made if e.municipality == entry.municipality]
        version = _next_version(of_it, today)
        until = max(begin, last_day)
        shape = {"types": types, "fields": {kind: names for kind, names in entry.fields.items() if kind in types}}
        days = {"valid_from": begin, "valid_until": until}
        made.append(replace(entry, version=version, replaces=entry.version, **shape, **days))
    return made


def append(file: Path, entries: Iterable[Agreement]) -> None:
    """Add entries at the end of the file and seal them. Each file is replaced as a whole, so a crash spoils neither.

    Raises:
        RegisterError: When the result would not be the old entries and these.
    """
    text = file.read_text(encoding="utf-8")
    entries = list(entries)
    before = Agreements.from_toml(text).entries or ()
    text = text.rstrip("\n") + "\n" + "".join(f"\n{written(entry)}" for entry in entries)
    try:
        after = Agreements.from_toml(text).entries
    except AgreementError as error:
        raise RegisterError(f"{file}: {error}") from error
    if after != (*before, *entries):
        raise RegisterError(f"{file}: would not be read back as it was written")
    draft = file.with_name(f".{file.name}.draft")
    draft.write_text(text, encoding="utf-8")
    draft.chmod(file.stat().st_mode & 0o777)
    with draft.open("rb") as opened:
        os.fsync(opened.fileno())
    draft.replace(file)
    seal(file, Agreements(after))


def written(entry: Agreement) -> str:
    """An entry as it stands in the file."""
    lines = ["[[agreement]]"]
    for name in entry.__struct_fields__:
        value = getattr(entry, name)
        if name == "fields":
            lines += [f"fields.{_quoted(kind.value)} = {_listed(names)}" for kind, names in value.items()]
        elif value is not None:
            lines.append(f"{name} = {_toml(value)}")
    return "\n".join(lines) + "\n"


def _toml(value: str | int | date | tuple[str, ...]) -> str:
    if isinstance(value, tuple):
        return _listed(value)
    return _quoted(value) if isinstance(value, str) else str(value)


def _listed(values: Iterable[str]) -> str:
    return f"[{', '.join(_quoted(value) for value in values)}]"


def _quoted(text: str) -> str:
    return json.dumps(str(text), ensure_ascii=False)  # JSON's strings are TOML's


def _next_version(theirs: Iterable[Agreement], day: date) -> str:
    taken = {entry.version for entry in theirs}
    return next(name for number in range(1, len(taken) + 2) if (name := f"{day.year}-{number}") not in taken)
