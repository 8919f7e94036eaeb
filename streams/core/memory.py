"""What a household remembers, and when it forgets.

Ids are remembered for the look-back, so that a record that comes twice is known. A claim is kept for twice as long: a
record may arrive up to the look-back after its date, and join an episode whose last report was as long before that.
"""

from collections.abc import Iterable
from datetime import date

from msgspec.structs import replace

from streams.core.calendar import add_months, last_day_read, local_day
from streams.core.claims import episodes
from streams.core.policy import Policy
from streams.core.records import Record
from streams.core.state import Claim, Departed, Household, Move, Of, Request, Stop, sender_key


def remembers(household: Household, record: Record) -> bool:
    """Whether this sender's record with this id has been applied before.

    Ids of others do not count: whoever can guess one would learn from `duplicate` that it is there, or keep it out.
    """
    return sender_key(record.partner, record.id) in household.seen or record.partner in _senders(household, record.id)


def used_by_another(household: Household, record: Record) -> bool:
    """Whether another sender's record with this id is known."""
    return bool(_senders(household, record.id) - {record.partner})


def _senders(household: Household, identity: str) -> set[str]:
    found = {left.move.partner for left in household.departed if left.move.id == identity}
    for one in household.everybody:
        found |= {other.partner for other in _dated(one) if other.id == identity}
        found |= {claim.partner for claim in one.claims if any(e.id == identity for e in claim.entries)}
    return found


def forgotten(household: Household, policy: Policy) -> Household:
    """The household without what no record can bring back into play."""
    if min(kept_until(household, policy), default=household.today) >= household.today:
        return household
    today, look_back = household.today, policy.look_back
    departed = (_remembered(left, today, look_back) for left in household.departed)
    household = replace(
        _remembered(household, today, look_back),
        departed=tuple(d for d in departed if _holds(d) or _kept_until(d.move, look_back) >= today),
        seen={known: until for known, until in household.seen.items() if until >= today},
    )
    ended = household.task is None or not household.task.status.live
    if ended and not (_holds(household) or household.departed or household.seen):
        return replace(household, task=None, ending=None)  # a stub stays, so that nothing old is applied again
    return household


def _remembered(one: Of, today: date, look_back: int) -> Of:
    return replace(
        one,
        claims=tuple(
            _without_old_episodes(claim, today, look_back)
            for claim in one.claims
            if _claim_kept_until(claim, look_back) >= today
        ),
        stops=tuple(stop for stop in one.stops if _kept_until(stop, look_back) >= today),
        moves=tuple(move for move in one.moves if _kept_until(move, look_back) >= today),
        requests=tuple(request for request in one.requests if _kept_until(request, look_back) >= today),
    )


def _dated(one: Household | Departed) -> Iterable[Stop | Move | Request]:
    return (*one.stops, *one.moves, *one.requests)


def _holds(one: Household | Departed) -> bool:
    return bool(one.claims or one.stops or one.moves or one.requests)


def kept_until(household: Household, policy: Policy) -> list[date]:
    """The last days on which something is remembered; what is still of use then is kept longer."""
    look_back = policy.look_back
    days = [*household.seen.values(), *(_kept_until(left.move, look_back) for left in household.departed)]
    for one in household.everybody:
        days += [add_months(entry.signalled_on, 2 * look_back) for claim in one.claims for entry in claim.entries]
        days += [_kept_until(item, look_back) for item in _dated(one)]
    return days


def _claim_kept_until(claim: Claim, look_back: int) -> date:
    return add_months(claim.entries[-1].signalled_on, 2 * look_back)


def _kept_until(item: Stop | Move | Request, look_back: int) -> date:
    return last_day_read(local_day(item.received_at), look_back)


def _without_old_episodes(claim: Claim, today: date, look_back: int) -> Claim:
    cut = 0
    for episode in episodes(claim, today, look_back, disputed=True)[:-1]:
        if add_months(claim.entries[episode.upto - 1].signalled_on, 2 * look_back) < today:
            cut = episode.upto
    return replace(claim, entries=claim.entries[cut:]) if cut else claim
