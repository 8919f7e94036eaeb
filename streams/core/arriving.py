"""People who arrive from another address in the municipality, with what is open (rules section 6, record 0005)."""

from msgspec.structs import replace

from schemas.codes import Kind
from streams.core.claims import in_order
from streams.core.state import Claim, Departed, Ending, Entry, Facts, Household, Move, known_as
from streams.core.transfers import Transfer, order, stamp, transfer_id


def arrived(household: Household, transfer: Transfer) -> Household:
    """The household with what a transfer brings, all but an objection."""
    carried = transfer.carried
    known = {known_as(move) for move in household.moves}
    household = replace(
        household,
        address=transfer.address,
        moves=(*household.moves, *(death for death in carried.deaths if known_as(death) not in known)),
        facts=_facts(household.facts, carried.facts, transfer),
        departed=tuple(_come_back(left, transfer) for left in household.departed),
    )
    for claim in carried.claims:
        household = with_claim(household, claim, follows=carried.follows)
    brought = {known_as(request) for request in carried.requests}
    kept = (request for request in household.requests if known_as(request) not in brought)
    ending = household.ending
    if ending is not None:  # a request that comes back is as unanswered as it was
        ending = replace(ending, requests=tuple(known for known in ending.requests if known not in brought))
    return replace(household, requests=(*kept, *carried.requests), ending=_together(ending, carried.ending))


def _facts(here: Facts | None, brought: Facts | None, transfer: Transfer) -> Facts | None:
    """The later statement of two, with whichever exclusion there is: a move makes no visit safe."""
    if here is None or brought is None:
        return here or brought
    if (here.signalled_on, here.received_at) > transfer.since:
        return here  # said of who lives here since they came
    first, last = sorted((here, brought), key=stamp)
    return replace(last, excluded=last.excluded or first.excluded, shared_address=here.shared_address)


def left_since(household: Household, transfer: Transfer) -> Departed | None:
    """Those who left again, where the register told of it before the transfer came."""
    later = (one for one in household.departed if one.move.emptied and order(one.move) > transfer.since)
    return max(later, key=lambda one: order(one.move), default=None)


def sent_on(household: Household, transfer: Transfer, move: Move) -> Transfer:
    """The transfer, on to where its people went next."""
    assert move.to is not None
    return replace(
        transfer,
        id=transfer_id(household.key, transfer.id),
        household=move.to.household,
        came_from=household.key,
        address=move.to.address,
        moved_on=move.signalled_on,
        moved_at=move.received_at,
    )


def asks_again(household: Household, key: str) -> Household:
    """A closed claim may open a task again once its creditor reports it anew; a refusal cools down first."""
    known = household.ending.claims.get(key) if household.ending is not None else None
    return household if known is None or known.cool_down_until is not None else _without(household, key)


def asks_anew(entry: Entry) -> bool:
    """Whether an entry is a report that counts: no repetition, and not of what is in dispute."""
    return entry.kind is Kind.REPORT and not entry.repeated and entry.dispute is None


def _come_back(left: Departed, transfer: Transfer) -> Departed:
    # Whoever comes back is no longer elsewhere: what is sent about them from now on stays here.
    move = left.move
    if move.to is None or move.to.household != transfer.came_from or order(move) > transfer.since:
        return left
    return replace(left, move=replace(move, to=None))


def with_claim(household: Household, brought: Claim, *, follows: bool) -> Household:
    """The household with a claim that comes from elsewhere.

    Args:
        household: As it is.
        brought: With the entries that come.
        follows: Whether it is one record about a claim that came before.
    """
    known = next((claim for claim in household.claims if claim.key == brought.key), replace(brought, entries=()))
    theirs = {entry.id for entry in known.entries}
    ours = {entry.id for entry in brought.entries}
    entries = sorted((*(e for e in known.entries if e.id not in ours), *brought.entries), key=in_order)
    picked_up_on = max((on for on in (known.picked_up_on, brought.picked_up_on) if on is not None), default=None)
    claim = replace(brought, entries=tuple(entries), picked_up_on=picked_up_on)
    others = (other for other in household.claims if other.key != brought.key)
    household = replace(household, claims=(*others, claim))
    if not follows:  # what was known of it when its people left here is over: now it is as the other household left it
        return _without(household, claim.key)
    anew = any(asks_anew(e) and e.id not in theirs for e in brought.entries)
    return asks_again(household, claim.key) if anew else household


def _without(household: Household, key: str) -> Household:
    if household.ending is None:
        return household
    claims = {known: then for known, then in household.ending.claims.items() if known != key}
    return replace(household, ending=replace(household.ending, claims=claims))


def _together(mine: Ending | None, theirs: Ending | None) -> Ending | None:
    """What two endings hold back; who refused is left alone for the longer of two cool-downs."""
    if mine is None or theirs is None:
        return mine or theirs
    claims = mine.claims | theirs.claims
    until = max((known.cool_down_until for known in claims.values() if known.cool_down_until is not None), default=None)
    both = {key: replace(known, cool_down_until=known.cool_down_until and until) for key, known in claims.items()}
    return replace(mine, claims=both)
