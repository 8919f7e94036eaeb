"""What a household's records say today: open claims, reports that are read, lost contact, context.

A function of the present facts: whatever the order in which records were applied, the same records give the same
situation on the same day.
"""

from datetime import date, timedelta

from msgspec import Struct

from schemas.codes import AddressEvent, Crisis, SignalType, StopReason
from streams.core.calendar import add_months, last_day_read
from streams.core.claims import Episode, episodes
from streams.core.policy import Policy
from streams.core.state import Claim, Household, Move, Request, Stop, known_as

AWAY = frozenset({AddressEvent.LEFT, AddressEvent.MOVED, AddressEvent.ABROAD})


class OpenClaim(Struct):
    """A claim whose last episode has not ended."""

    claim: Claim
    episode: Episode


class Report(Struct):
    """A report within the look-back that changes rules."""

    signalled_on: date
    received_at: int
    partner: str
    type: SignalType
    in_open: bool  # of an episode that is still open


class Pair(Struct):
    """A benefit stop and a sign that the resident has gone: together a lost contact."""

    stop: Stop
    complete_at: int  # the later of the two receipts


class Situation(Struct):
    """Everything that the rules of section 4 look at."""

    open: list[OpenClaim]
    reports: list[Report]  # by date
    members: tuple[str, ...]  # sorted ids
    pairs: list[Pair]
    loose_stops: list[Stop]  # in no pair, near a report of an open episode
    requests: list[Request]
    deceased: bool

    @property
    def calls(self) -> bool:
        """Whether anything here asks for a task."""
        return bool(self.open or self.pairs or self.requests)

    @property
    def crises(self) -> list[tuple[OpenClaim, Crisis, int]]:
        """Each crisis of an open claim, with the moment it was first received."""
        return [(claim, crisis, at) for claim in self.open for crisis, at in claim.episode.crises.items()]


def situation(household: Household, policy: Policy, *, disputed: bool = False) -> Situation:
    """Read a household's records as of its `today`.

    Args:
        household: With its records.
        policy: In force today.
        disputed: Whether to read what is in dispute as well, as if nobody had said that it is wrong.
    """
    today = household.today
    since = add_months(today, -policy.look_back)
    open_claims: list[OpenClaim] = []
    reports: list[Report] = []
    members: list[str] = []
    for claim in household.claims:
        for episode in episodes(claim, today, policy.look_back, disputed=disputed):
            if episode.ended == "withdrawn":
                continue  # should never have been sent: counts for nothing
            is_open = episode.open
            if is_open:
                open_claims.append(OpenClaim(claim, episode))
                members.extend(report.id for report in episode.reports if report.signalled_on >= since)
            reports.extend(
                Report(report.signalled_on, report.received_at, claim.partner, claim.type, is_open)
                for report in episode.counted
                if report.signalled_on >= since
            )
    reports.sort(key=lambda report: report.signalled_on)
    stops = [stop for stop in household.stops if stop.signalled_on >= since] if policy.benefit_stop_basis else []
    if not disputed:
        stops = [stop for stop in stops if stop.dispute is None]
    moves = [move for move in household.moves if move.signalled_on >= since]
    pairs = [pair for stop in stops for pair in _pairs(stop, reports, moves, policy.lost_contact_days)]
    spent = household.ending.requests if household.ending else ()  # a request ends with its task
    paired = {known_as(pair.stop) for pair in pairs}
    return Situation(
        open=open_claims,
        reports=reports,
        members=tuple(sorted(set(members))),  # two senders may use one id
        pairs=pairs,
        loose_stops=[
            stop for stop in stops if known_as(stop) not in paired and _near_report(stop, reports, policy.context_days)
        ],
        requests=[r for r in household.requests if r.signalled_on >= since and known_as(r) not in spent],
        deceased=any(move.event is AddressEvent.DECEASED for move in moves),
    )


def _pairs(stop: Stop, reports: list[Report], moves: list[Move], within_days: int) -> list[Pair]:
    if stop.reason is not StopReason.WHEREABOUTS_UNKNOWN:
        return []
    within = timedelta(days=within_days)
    signs: list[Report | Move] = [r for r in reports if r.in_open and r.type is SignalType.RENT]
    signs += [move for move in moves if move.event in AWAY]
    return [
        Pair(stop, max(stop.received_at, sign.received_at))
        for sign in signs
        if abs(sign.signalled_on - stop.signalled_on) <= within
    ]


def _near_report(stop: Stop, reports: list[Report], within_days: int) -> bool:
    within = timedelta(days=within_days)
    return any(abs(r.signalled_on - stop.signalled_on) <= within for r in reports if r.in_open)


def next_change(found: Situation, household: Household, policy: Policy) -> date | None:
    """The first day after today on which time alone changes the situation: a record is read no longer."""
    look_back = policy.look_back
    days = [
        # A later report, or one that does not count, keeps an episode open: its end is a date of its own.
        add_months(claim.episode.last_report, look_back)
        for claim in found.open
    ]
    days += [last_day_read(r.signalled_on, look_back) for r in found.reports]
    days += [last_day_read(r.signalled_on, look_back) for claim in found.open for r in claim.episode.reports]
    days += [last_day_read(r.signalled_on, look_back) for r in found.requests]
    days += [last_day_read(s.signalled_on, look_back) for s in household.stops]
    days += [last_day_read(m.signalled_on, look_back) for m in household.moves]
    ends = [day + timedelta(days=1) for day in days if day >= household.today]
    return min(ends, default=None)
