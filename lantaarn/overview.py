"""What each partner delivered in a month, counted on the live topics: for the monthly consultation (founding text B).

Counts and sums only. What came is taken from the partners' own topics, what became of it from their receipts.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, NamedTuple

from lantaarn.logbook import Logbook
from lantaarn.observing.looks.partners import AgreementLook, ending
from lantaarn.wiring import Deployment
from schemas.codec import UndecodableError
from schemas.codes import Kind, Result
from streams.core.agreements import Agreements
from streams.core.calendar import ONE_DAY, add_months, local_day
from streams.wire import millis

Sender = tuple[str, str]
"""Partner and id."""


class Sum(NamedTuple):
    """Reports with their amounts together, in cents."""

    number: int
    cents: int

    def plus(self, cents: int) -> "Sum":
        """With one more."""
        return Sum(self.number + 1, self.cents + cents)


NOTHING = Sum(0, 0)


@dataclass(slots=True)
class PartnerMonth:
    """One partner's month. Of copies of one record only the first counts as accepted, repeated or refused.

    Attributes:
        partner: Identifier.
        delivered: Records on its topics.
        accepted: Of them, let in and not `repeated`.
        repeated: Of them, reports of arrears that were picked up already.
        duplicate: Of them, copies of a record that had come before.
        unreadable: Of them, in no form that can be read.
        unanswered: Of them, without a receipt.
        refused: Reason -> number.
        reported: Reports among what was delivered.
        let_in: Reports among what was accepted or repeated.
        last_on: Day of its last record up to the end of the month; null before the first.
        silent_days: From then, or since its agreement began, to the end of the month.
        too_silent: Whether that is longer than its agreement expects.
        ends: Agreements that end within 90 days of the end of the month.
        lacking: What the register does not say of it.
    """

    partner: str
    delivered: int = 0
    accepted: int = 0
    repeated: int = 0
    duplicate: int = 0
    unreadable: int = 0
    unanswered: int = 0
    refused: Counter[str] = field(default_factory=Counter)
    reported: Sum = NOTHING
    let_in: Sum = NOTHING
    last_on: date | None = None
    silent_days: int = 0
    too_silent: bool = False
    ends: list[AgreementLook] = field(default_factory=list)
    lacking: tuple[str, ...] = ()


class Overview(NamedTuple):
    """A month of all partners with an agreement. `complete` is false where topics no longer hold all of it."""

    month: date  # its first day
    until: date  # its last day, or today
    complete: bool
    partners: list[PartnerMonth]


def overview(made: Deployment, month: date, today: date) -> Overview:
    """Count a month.

    Args:
        made: The deployment.
        month: Its first day.
        today: The present day in Amsterdam; a month that has not ended is counted up to it.

    Raises:
        LogError: When a topic cannot be read.
    """
    agreements = made.settings.load_agreements()
    until = min(add_months(month, 1) - ONE_DAY, today)
    logbook = Logbook(made.settings.kafka())
    said = _receipts(made, logbook)
    found = {partner: PartnerMonth(partner) for partner, _ in sorted(agreements.senders)}
    bounds = logbook.bounds({topic.name: topic for topic in made.catalogue.signals.values()}.values())
    topics = {topic.name: topic for topic in made.catalogue.signals.values()}
    earlier = False
    seen: set[Sender] = set()
    for entry in logbook.read(bounds):
        topic = topics[entry.topic]
        assert topic.partner is not None  # noqa: S101 - each signals topic is a partner's
        one = found[topic.partner]
        try:
            value: Mapping[str, Any] | None = made.codec.decode(topic.record, entry.value)
        except UndecodableError:
            value = None
        at = entry.timestamp
        if value is not None and made.settings.backfill and value["delivered_at"] is not None:
            at = millis(value["delivered_at"])
        day = local_day(at)
        earlier |= day < month
        if day > until:
            continue
        one.last_on = max(one.last_on or day, day)
        sender = (topic.partner, value["id"]) if value is not None else None
        again = sender in seen
        if sender is not None:
            seen.add(sender)
        if day >= month:
            _count(one, value, None if sender is None else said.get(sender), again=again)
    for one in found.values():
        _stand(one, agreements, until)
    whole = earlier or not any(known.starts[0] for known in bounds.values())
    return Overview(month, until, whole, list(found.values()))


def _receipts(made: Deployment, logbook: Logbook) -> dict[Sender, dict[str, str | None]]:
    """Sender -> result -> reason, of all receipts."""
    said: dict[Sender, dict[str, str | None]] = {}
    for entry in logbook.read(logbook.bounds(made.catalogue.receipts.values())):
        try:
            receipt = made.codec.decode("SignalReceipt", entry.value)
        except UndecodableError:
            continue  # `lantaarn reconcile` names it
        said.setdefault((receipt["partner"], receipt["signal_id"]), {})[receipt["result"]] = receipt["reason"]
    return said


def _count(
    one: PartnerMonth, value: Mapping[str, Any] | None, said: dict[str, str | None] | None, *, again: bool
) -> None:
    one.delivered += 1
    if value is None:
        one.unreadable += 1
        return
    report = value.get("kind") == Kind.REPORT.value
    cents = value.get("amount_cents") or 0
    if report:
        one.reported = one.reported.plus(cents)
    if said is None:
        one.unanswered += 1
    elif Result.ACCEPTED.value not in said:
        one.refused[said.get(Result.REFUSED.value) or "?"] += 1
    elif again:
        one.duplicate += 1
    else:
        if Result.REPEATED.value in said:
            one.repeated += 1
        else:
            one.accepted += 1
        if report:
            one.let_in = one.let_in.plus(cents)


def _stand(one: PartnerMonth, agreements: Agreements, until: date) -> None:
    """How it stands at the end: silence, agreements, the register."""
    entries = [entry for entry in agreements.entries or () if entry.partner == one.partner]
    in_force = [entry for entry in entries if entry.valid_from <= until <= agreements.last_day(entry)]
    if in_force:
        since = one.last_on or min(entry.valid_from for entry in in_force)
        one.silent_days = (until - since).days
        rhythms = [entry.rhythm_days for entry in in_force if entry.rhythm_days is not None]
        one.too_silent = bool(rhythms) and one.silent_days > min(rhythms)
    looks = ending(agreements, until)
    one.ends = [look for look in looks if look.partner == one.partner and look.within(until) is not None]
    one.lacking = tuple(sorted({name for entry in in_force for name in entry.lacking}))


def to_json(found: Overview) -> dict[str, Any]:
    """What `json.dumps` takes."""
    return {
        "month": f"{found.month:%Y-%m}",
        "until": found.until.isoformat(),
        "complete": found.complete,
        "partners": [_partner_json(one, found.until) for one in found.partners],
    }


def _partner_json(one: PartnerMonth, until: date) -> dict[str, Any]:
    return {
        "partner": one.partner,
        "delivered": one.delivered,
        "accepted": one.accepted,
        "repeated": one.repeated,
        "duplicate": one.duplicate,
        "unreadable": one.unreadable,
        "unanswered": one.unanswered,
        "refused": dict(sorted(one.refused.items())),
        "reports": {"count": one.reported.number, "sum_cents": one.reported.cents},
        "reports_let_in": {"count": one.let_in.number, "sum_cents": one.let_in.cents},
        "last_on": one.last_on.isoformat() if one.last_on else None,
        "silent_days": one.silent_days,
        "too_silent": one.too_silent,
        "ends": [
            {"type": look.type.value, "last_day": look.last_day.isoformat(), "days": look.left(until)}
            for look in one.ends
        ],
        "lacking": list(one.lacking),
    }


def lines(found: Overview) -> Iterable[str]:
    """The overview for a person."""
    yield f"Partners in {found.month:%Y-%m}, up to {found.until}"
    if not found.complete:
        yield "The topics no longer hold the whole month: the figures are too low."
    for one in found.partners:
        yield ""
        yield one.partner
        yield f"  delivered   {one.delivered}: {', '.join(_parts(one)) or 'nothing'}"
        if one.refused:
            yield f"  refused     {', '.join(f'{n} {reason}' for reason, n in one.refused.most_common())}"
        if one.reported.number:
            yield f"  reports     {_sum(one.reported)}; let in: {_sum(one.let_in)}"
        heard = f"last heard on {one.last_on}" if one.last_on else "never heard"
        yield f"  rhythm      {heard}{f': SILENT for {one.silent_days} days' if one.too_silent else ''}"
        for look in one.ends:
            left = look.left(found.until)
            when = f"ends in {left} days" if left >= 0 else f"ended {-left} days ago"
            yield f"  agreement   {look.type.value} {when}, on {look.last_day}"
        if one.lacking:
            yield f"  register    does not say: {', '.join(one.lacking)}"


def _parts(one: PartnerMonth) -> Iterable[str]:
    for name in ("accepted", "repeated", "duplicate", "unreadable", "unanswered"):
        if count := getattr(one, name):
            yield f"{count} {name}"
    if one.refused:
        yield f"{one.refused.total()} refused"


def _sum(found: Sum) -> str:
    return f"{found.number}, EUR {found.cents // 100:,}.{found.cents % 100:02}"
