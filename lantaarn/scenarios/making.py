"""Makes of a scenario what intake and the core read: records in the interchange form, policies, agreements."""

import json
import tomllib
from collections.abc import Iterable, Mapping
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from lantaarn.scenarios.reading import RecordEntry, Scenario, ScenarioError, label_of
from schemas.codes import CREDITOR_TYPES, REQUEST_TYPES, Channel, Kind, OutcomeKind, Precondition, SignalType
from streams.core.addresses import normalised
from streams.core.agreements import AgreementError, Agreements
from streams.core.calendar import AMSTERDAM
from streams.core.fields import InvalidError
from streams.core.keys import Keys
from streams.core.policy import Policies, Policy, PolicyError
from streams.core.reading import read

NOON = time(12)
BEGINNING = date(2000, 1, 1)
OWED = 300.0  # euros, where a report does not say
AGE_DAYS = 45  # of arrears, where a report does not say
POSTCODE = "9901AB"
MUNICIPALITY = "9990"
SECRET = b"scenarios"  # of the pseudonyms
LEAVE_OUT = "leave_out"  # of [policy]: names that the policy then has the usual value of
APART = 100  # house numbers that one scenario has to itself
OPEN_ENDED = {
    "municipality": MUNICIPALITY,
    "valid_from": BEGINNING,
    "valid_until": date(2099, 12, 31),
    "legal_basis": "assumed",
}


SAID: dict[str, dict[str, Any]] = {
    OutcomeKind.ATTEMPT: {"channel": Channel.PHONE.value},
    OutcomeKind.CONTACT: {"channel": Channel.PHONE.value},
    OutcomeKind.ACCEPTED: {"channel": Channel.PHONE.value, "wish": "rust in de post"},
    OutcomeKind.REFUSED: {"channel": Channel.PHONE.value},
    OutcomeKind.REOPENED: {"acted_by": "teamleider", "why": "verkeerde zaak"},
    OutcomeKind.PLACED: {"acted_by": "consulent"},
}
"""What an outcome of a kind says, where the scenario does not: without it nobody would take it."""


class Made(NamedTuple):
    """A scenario, ready to run."""

    scenario: Scenario
    records: list[dict[str, Any]]  # in the interchange form, in order of the file
    ids: dict[str, str]  # label -> id
    addresses: dict[str, dict[str, Any]]  # nickname -> address
    policies: tuple[dict[str, Any], ...]  # documents, the first from the beginning
    agreements: tuple[dict[str, Any], ...]
    until: date  # the last day that matters

    @property
    def shared(self) -> list[dict[str, Any]]:
        """The addresses at which each person is a household."""
        return [self.addresses[name] for name in self.scenario.shared]

    def in_force(self) -> Policies:
        """The policies, as the core has them.

        Raises:
            ScenarioError: When one cannot be used.
        """
        try:
            return Policies(tuple(msgspec.convert(document, Policy) for document in self.policies))
        except (msgspec.ValidationError, PolicyError) as error:
            raise ScenarioError(f"{self.scenario.file}: policy: {error}") from error

    def agreed(self) -> Agreements:
        """The agreements, as the core has them.

        Raises:
            ScenarioError: When one cannot be used.
        """
        try:
            return Agreements.from_toml(agreements_text(self.agreements))
        except AgreementError as error:
            raise ScenarioError(f"{self.scenario.file}: agreement: {error}") from error


def base_policy(file: Path) -> dict[str, Any]:
    """The document of the policy that scenarios are run with.

    Raises:
        ScenarioError: When it cannot be used; names it.
    """
    try:
        text = file.read_text(encoding="utf-8")
        Policy.from_toml(text)
    except OSError as error:
        raise ScenarioError(f"{file}: {error.strerror}") from error
    except (UnicodeDecodeError, PolicyError) as error:
        raise ScenarioError(f"{file}: {error}") from error
    return tomllib.loads(text) | {"valid_from": BEGINNING}


def make(scenario: Scenario, policy: Mapping[str, Any], number: int = 0) -> Made:
    """Make a scenario ready.

    Args:
        scenario: As read.
        policy: The base policy's document.
        number: Keeps scenarios that run together apart: each has house numbers, ids and, where it has agreements of its
            own, partners of its own.

    Raises:
        ScenarioError: When its policy or its agreements cannot be used.
    """
    addresses = _addresses(scenario, number)
    ours = {str(entry.get("partner")) for entry in scenario.agreement}
    records: list[dict[str, Any]] = []
    ids: dict[str, str] = {}
    for index, entry in enumerate(scenario.record):
        label = label_of(scenario, index)
        received_at = _received(entry, index)
        if entry.again is not None:
            ids[label] = ids[entry.again]
            sent = next(record for record in records if record["id"] == ids[label])
            records.append(sent | {"received_at": received_at})
            continue
        ids[label] = f"{number}-{label}"
        partner = f"{entry.sender}-{number}" if entry.sender in ours else entry.sender
        records.append(_raw(entry, ids[label], partner, received_at, addresses))
        if entry.disputed_signal is not None:
            records[-1]["disputed_signal"] = ids[entry.disputed_signal]
        if entry.household is not None:
            meant = next(record for record in records if record["id"] == ids[entry.household])
            shared = [addresses[name] for name in scenario.shared]
            records[-1]["household"] = _household(meant, shared, f"{scenario.file}: {label}")
    agreements = [
        OPEN_ENDED | {"version": f"{place}"} | entry | {"partner": f"{entry.get('partner')}-{number}"}
        for place, entry in enumerate(scenario.agreement, 1)
    ]
    own = {entry["partner"] for entry in agreements}
    types: dict[str, set[str]] = {}
    for record in records:
        if record["type"] != SignalType.OUTCOME and record["partner"] not in own:
            types.setdefault(record["partner"], set()).add(record["type"])
    agreements += [
        {"partner": partner, "types": sorted(kinds), "version": "1", **OPEN_ENDED} for partner, kinds in types.items()
    ]
    days = [entry.on.date() if isinstance(entry.on, datetime) else entry.on for entry in scenario.record]
    made = Made(
        scenario,
        records,
        ids,
        addresses,
        _policies(scenario, policy),
        tuple(agreements),
        max([*days, *(expected.on for expected in scenario.expect)]),
    )
    made.in_force()
    made.agreed()
    return made


def _household(raw: Mapping[str, Any], shared: Iterable[Mapping[str, Any]], where: str) -> str:
    """The pseudonym of the household that a record is about, as its task will have it."""
    try:
        placed = Keys(SECRET, frozenset(map(normalised, shared))).place(read(raw), raw)
    except InvalidError as error:
        raise ScenarioError(f"{where}: household: that record's {error.field} is not well-formed") from None
    if placed is None:
        raise ScenarioError(f"{where}: household: that record does not tell whose it is")
    return placed[0]


def _addresses(scenario: Scenario, number: int) -> dict[str, dict[str, Any]]:
    return {
        name: {"postcode": scenario.addresses.get(name, POSTCODE), "number": number * APART + place}
        for place, name in enumerate(scenario.places, start=1)
    }


def _received(entry: RecordEntry, index: int) -> str:
    # Of one day, records arrive in the order of the file.
    if isinstance(entry.on, datetime):
        return entry.on.replace(tzinfo=entry.on.tzinfo or AMSTERDAM).isoformat()
    return (datetime.combine(entry.on, NOON, AMSTERDAM) + timedelta(seconds=index)).isoformat()


def _raw(
    entry: RecordEntry, identity: str, partner: str, received_at: str, addresses: Mapping[str, Any]
) -> dict[str, Any]:
    assert entry.type is not None  # noqa: S101 - reading has seen to it
    day = entry.on.date() if isinstance(entry.on, datetime) else entry.on
    signalled_on = entry.signalled_on or day
    raw: dict[str, Any] = {
        "id": identity,
        "partner": partner,
        "type": entry.type.value,
        "signalled_on": signalled_on,
        "received_at": received_at,
        "address": addresses[entry.address],
    }
    if entry.type in REQUEST_TYPES:
        raw["consent"] = True
    if entry.type is SignalType.OUTCOME:
        raw |= SAID.get(str(entry.more.get("kind")), {})
    if entry.to is not None:
        raw["to_address"] = addresses[entry.to]
    if entry.type in CREDITOR_TYPES:
        stated = {each.value: each not in entry.missing for each in Precondition}
        raw |= {"kind": Kind.REPORT.value, "reference": f"klant-{entry.address}", "preconditions": stated}
        if entry.more.get("kind", Kind.REPORT) == Kind.REPORT:
            raw |= {
                "amount_cents": round(OWED * 100),
                "arisen_on": signalled_on - timedelta(days=AGE_DAYS),
            }
        if entry.amount is not None:
            raw["amount_cents"] = round(entry.amount * 100)
    return raw | entry.more


def _policies(scenario: Scenario, base: Mapping[str, Any]) -> tuple[dict[str, Any], ...]:
    first = _merged(base, scenario.policy)
    documents = [first]
    for change in scenario.policy_change:
        since = change.get("from")
        if not isinstance(since, date):
            raise ScenarioError(f"{scenario.file}: policy_change: from: is not a date like 2026-02-02, without quotes")
        more = {name: value for name, value in change.items() if name != "from"}
        documents.append(_merged(documents[-1], more) | {"version": f"from-{since}", "valid_from": since})
    return tuple(documents)


def _merged(base: Mapping[str, Any], more: Mapping[str, Any]) -> dict[str, Any]:
    merged = {name: value for name, value in base.items() if name not in more.get(LEAVE_OUT, ())}
    for name, value in more.items():
        if name == LEAVE_OUT:
            continue
        known = merged.get(name)
        merged[name] = _merged(known, value) if isinstance(known, dict) and isinstance(value, dict) else value
    return merged


def together(made: Iterable[Made]) -> tuple[dict[str, Any], ...]:
    """The agreements of several scenarios: a partner that they share may send what any of them needs."""
    found: dict[str, dict[str, Any]] = {}
    for entry in (entry for one in made for entry in one.agreements):
        same = {name: value for name, value in entry.items() if name != "types"}
        known = found.setdefault(json.dumps(same, default=str), same | {"types": []})
        known["types"] = sorted({*known["types"], *entry["types"]})
    return tuple(found.values())


def agreements_text(agreements: tuple[dict[str, Any], ...]) -> str:
    """An agreements file."""
    return "".join(f"[[agreement]]\n{toml(entry)}\n" for entry in agreements)


def shared_text(made: Iterable[Made]) -> str:
    """The list of shared addresses of several scenarios."""
    return "".join(f"[[address]]\n{toml(address)}\n" for one in made for address in one.shared)


def toml(document: Mapping[str, Any]) -> str:
    """A document as TOML, one key a line; tables inline."""
    return "".join(f"{_key(name)} = {_value(value)}\n" for name, value in document.items())


def _value(value: Any) -> str:
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{_key(name)} = {_value(each)}" for name, each in value.items()) + " }"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(_value(each) for each in value) + "]"
    return json.dumps(value, ensure_ascii=False)


def _key(name: str) -> str:
    return json.dumps(name, ensure_ascii=False)
