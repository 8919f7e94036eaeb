"""What a household remembers, and when it forgets.

Ids are remembered for the look-back, so that a record that comes twice is known. A claim is kept for twice as long: a
record may arrive up to the look-back after its date, and join an episode whose last report was as long before that.
"""

from datetime import date

from msgspec.structs import replace

from streams.core.calendar import add_months, last_day_read, local_day
from streams.core.claims import episodes
from streams.core.policy import Policy
from streams.core.records import Record
from streams.core.state import Claim, Household, Move, Request, Stop, sender_key


def remembers(household: Household, record: Record) -> bool:
    """Whether this sender's record with this id has been applied before.

    Ids of others do not count: whoever can guess one would learn from `duplicate` that it is there, or keep it out.
    """
    return sender_key(record.partner, record.id) in household.seen or record.partner in _senders(household, record.id)


def used_by_another(household: Household, record: Record) -> bool:
    """Whether another sender's record with this id is known."""
    return bool(_senders(household, record.id) - {record.partner})


def _senders(household: Household, identity: str) -> set[str]:
    others: tuple[Stop | Move | Request, ...] = (*household.stops, *household.moves, *household.requests)
    found = {other.partner for other in others if other.id == identity}
    return found | {claim.partner for claim in household.claims if any(e.id == identity for e in claim.entries)}


def forgotten(household: Household, policy: Policy) -> Household:
    """The household without what no record can bring back into play."""
    if min(kept_until(household, policy), default=household.today) >= household.today:
        return household
    today, look_back = household.today, policy.look_back
    claims = tuple(
        _without_old_episodes(claim, today, look_back)
        for claim in household.claims
        if _claim_kept_until(claim, look_back) >= today
    )
    household = replace(
        household,
        claims=claims,
        stops=tuple(stop for stop in household.stops if _kept_until(stop, look_back) >= today),
        moves=tuple(move for move in household.moves if _kept_until(move, look_back) >= today),
        requests=tuple(r for r in household.requests if _kept_until(r, look_back) >= today),
        seen={known: until for known, until in household.seen.items() if until >= today},
    )
    ended = household.task is None or not household.task.status.live
    if ended and not (claims or household.stops or household.moves or household.requests or household.seen):
        return replace(household, task=None, ending=None)  # a stub stays, so that nothing old is applied again
    return household


def kept_until(household: Household, policy: Policy) -> list[date]:
    """The last days on which something is remembered; what is still of use then is kept longer."""
    look_back = policy.look_back
    days = [add_months(entry.signalled_on, 2 * look_back) for claim in household.claims for entry in claim.entries]
    days += [_kept_until(item, look_back) for item in household.stops]
    days += [_kept_until(item, look_back) for item in household.moves]
    days += [_kept_until(item, look_back) for item in household.requests]
    days += household.seen.values()
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
