"""A household under test: pipe records in, let days pass, read the task. No broker, no clock.

Records go through intake and the decision as they do live. Days are ISO text, so that a scenario reads like a story::

    home = Driver()
    home.report(RENT, months=2)
    home.wait(days=14)
    assert home.rung == "home_visit"
"""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any, NamedTuple

from msgspec.structs import replace

from streams.core.admission import Refused, admit
from streams.core.agreements import Agreements
from streams.core.household import Decision, Version, advance, decide, reconsider, take_in
from streams.core.policy import BenefitStopBasis, Policies, Policy, always
from streams.core.records import Record
from streams.core.state import Household, Task
from streams.core.transfers import Transfer

START = "2026-02-02"
ADDRESS = {"postcode": "9901AB", "number": 12}
TOLD = {"personal_contact": True, "debt_help": True, "reminder": True, "consent_offer": True}
BASIS = BenefitStopBasis(legal_basis="Verordening vroegsignalering 2026, artikel 6", dpia="DPIA-2026-1")
ELSEWHERE = {"postcode": "1011AA", "number": 1}


class Claim(NamedTuple):
    partner: str
    type: str
    reference: str


RENT = Claim("woonstichting", "Huur", "H-100")
ENERGY = Claim("stroomnet", "Energie", "E-200")
WATER = Claim("waterbedrijf", "Water", "W-300")
CARE = Claim("zorgpolis", "Zorg", "Z-400")


class Answer(NamedTuple):
    """What became of a record."""

    id: str
    result: str
    reason: str | None = None
    field: str | None = None


def policy(**values: Any) -> Policy:
    return Policy(**{"version": "test-1", "valid_from": date(2020, 1, 1), "benefit_stop_basis": BASIS, **values})


def later(day: str, days: int) -> str:
    return (date.fromisoformat(day) + timedelta(days=days)).isoformat()


def raw_report(claim: Claim = RENT, /, **values: Any) -> dict[str, Any]:
    """A report as a partner's adapter would hand it over."""
    return {
        "id": "melding",
        **claim._asdict(),
        "kind": "report",
        "amount_cents": 30_000,
        "arisen_on": "2025-01-01",
        "signalled_on": START,
        "received_at": f"{START}T09:00:00+01:00",
        "address": ADDRESS,
        "preconditions": TOLD,
        **values,
    }


class Driver:
    """One household; `on` is the day on which a record is received, `signalled` the sender's date if not that day."""

    def __init__(
        self,
        policies: Policy | Policies | None = None,
        *,
        start: str = START,
        agreements: Agreements | None = None,
        key: str = "huishouden",
    ) -> None:
        chosen = policies or policy()
        self.policies = chosen if isinstance(chosen, Policies) else always(chosen)
        self.agreements = agreements or Agreements()
        self.household = Household(key)
        self.day = start
        self.versions: list[Version] = []
        self.raws: list[Mapping[str, Any]] = []
        self.transfers: list[Transfer] = []

    def report(self, claim: Claim = RENT, *, amount: int = 30_000, **values: Any) -> Answer:
        return self._claim(claim, "report", amount_cents=amount, preconditions=TOLD, **values)

    def amount(self, claim: Claim = RENT, amount: int | None = None, **values: Any) -> Answer:
        return self._claim(claim, "amount", amount_cents=amount, **values)

    def paid(self, claim: Claim = RENT, **values: Any) -> Answer:
        return self._claim(claim, "paid", **values)

    def withdrawn(self, claim: Claim = RENT, **values: Any) -> Answer:
        return self._claim(claim, "withdrawn", **values)

    def crisis_lifted(self, claim: Claim = RENT, **values: Any) -> Answer:
        return self._claim(claim, "crisis_lifted", **values)

    def stop(self, reason: str = "whereabouts_unknown", **values: Any) -> Answer:
        return self._record("Uitkeringsstop", "sociale-dienst", stop_reason=reason, **values)

    def moved(self, event: str = "left", *, everyone: bool | None = None, **values: Any) -> Answer:
        return self._record("Adres", "burgerzaken", address_event=event, everyone=everyone, **values)

    def facts(self, **values: Any) -> Answer:
        return self._record("Huishouden", "gemeente", **values)

    def asks(self, **values: Any) -> Answer:
        return self._record("Zelfmelding", "inwoner", **values)

    def referred(self, **values: Any) -> Answer:
        return self._record("Doorverwijzing", "buurthuis", **values)

    def outcome(self, kind: str, **values: Any) -> Answer:
        return self._record("Uitkomst", "gemeente", kind=kind, **values)

    def decided(self, claim: Claim, on: str) -> Decision:
        """A report, with the whole decision on it."""
        before = self.household
        self.report(claim, on=on)
        record = admit(self.raws[-1], self.policies, self.agreements)
        assert isinstance(record, Record)
        return decide(before, record, self.policies)

    def pipe(self, raw: Mapping[str, Any]) -> Answer:
        """Put a raw record through intake and the decision."""
        identity = str(raw.get("id"))
        record = admit(raw, self.policies, self.agreements)
        if isinstance(record, Refused):
            return Answer(identity, "refused", record.reason, record.field)
        self.raws.append(raw)
        placed = replace(record, to_household=raw.get("to"), unsorted=raw.get("unsorted") is True)
        return self._decided(identity, decide(self.household, placed, self.policies))

    def take_in(self, transfer: Transfer) -> Answer:
        """What people bring along who move here."""
        self.day = max(self.day, transfer.day.isoformat())
        return self._decided(transfer.id, take_in(self.household, transfer, self.policies))

    def _decided(self, identity: str, decision: Decision) -> Answer:
        self.household = decision.household
        self.versions += decision.versions
        self.transfers += [decision.transfer] if decision.transfer else []
        receipt = decision.receipt
        return Answer(identity, receipt.result, receipt.reason, receipt.field)

    def moves_to(self, other: "Driver", *, on: str | None = None, **values: Any) -> "Driver":
        """Everybody moves to another household of the municipality; what goes along arrives there at once."""
        to_address = {"postcode": "9901AB", "number": 90}
        self.moved("moved", everyone=True, on=on, to=other.household.key, to_address=to_address, **values)
        return self.delivers_to(other)

    def delivers_to(self, other: "Driver") -> "Driver":
        """What has left here arrives there, once more."""
        for transfer in self.transfers:
            other.take_in(transfer)
        return other

    def advance_to(self, day: str) -> "Driver":
        """Let time pass, up to and including a day."""
        self.day = day
        self.household, versions = advance(self.household, date.fromisoformat(day), self.policies)
        self.versions += versions
        return self

    def wait(self, days: int) -> "Driver":
        return self.advance_to(later(self.day, days))

    def activate(self, chosen: Policy) -> None:
        """Bring a policy into use today."""
        before, self.policies = self.policies, self.policies.with_activated(chosen)
        today, cause = date.fromisoformat(self.day), f"policy.{chosen.version}"
        self.household, versions = reconsider(self.household, today, before, self.policies, cause)
        self.versions += versions

    @property
    def tasks(self) -> list[Task]:
        """The last version of each task, oldest first."""
        return list({version.task.id: version.task for version in self.versions}.values())

    @property
    def task(self) -> Task:
        """The last task, as it was told to the world."""
        return self.versions[-1].task

    @property
    def live(self) -> bool:
        return bool(self.versions) and self.task.status.live

    @property
    def status(self) -> str:
        return self.task.status.value

    @property
    def level(self) -> str:
        return self.task.level.code

    @property
    def rung(self) -> str:
        return self.task.rung.code

    @property
    def due(self) -> str:
        return self.task.due_on.isoformat()

    @property
    def reasons(self) -> set[str]:
        return set(self.task.reasons)

    @property
    def members(self) -> set[str]:
        return set(self.task.members)

    @property
    def national(self) -> set[str]:
        return set(self.task.national)

    @property
    def changed_on(self) -> str:
        return self.versions[-1].changed_on.isoformat()

    def _claim(self, claim: Claim, kind: str, **values: Any) -> Answer:
        return self._record(claim.type, claim.partner, kind=kind, reference=claim.reference, **values)

    def _record(
        self,
        kind_of: str,
        sender: str,
        *,
        on: str | None = None,
        signalled: str | None = None,
        clock: str | None = None,
        **values: Any,
    ) -> Answer:
        self.day = max(self.day, on or self.day)
        day = on or self.day
        signalled = signalled or day
        count = len(self.raws) + 1
        return self.pipe(
            {
                "id": f"{sender}-{count}",
                "partner": sender,
                "type": kind_of,
                "signalled_on": signalled,
                "received_at": f"{day}T{clock or f'12:{count // 60:02}:{count % 60:02}'}+01:00",
                "arisen_on": later(signalled, -45),
                "address": ADDRESS,
                **values,
            }
        )
