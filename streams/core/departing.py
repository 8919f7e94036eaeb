"""People who all leave their address, and what was said of them (rules section 6, record 0012).

It leaves with them: here it counts for nobody who comes after, and stays known only so that what comes twice or late is
no news. Where they have moved inside the municipality, what is open goes along; a household cannot touch another one,
so the one that is left makes a transfer.
"""

from msgspec.structs import replace

from schemas.codes import CREDITOR_TYPES, AddressEvent, Kind, SignalType
from streams.core.arriving import with_claim
from streams.core.calendar import add_months
from streams.core.claims import episodes, with_record
from streams.core.policy import Policy
from streams.core.records import Record
from streams.core.state import Claim, Departed, Destination, Ending, Facts, Household, Move, claim_key, known_as
from streams.core.transfers import Carried, Transfer, order, stamp, transfer_id

DATED = frozenset({SignalType.BENEFIT_STOP, SignalType.ADDRESS, SignalType.HOUSEHOLD})
"""What the municipality says of an address: of a day up to that on which people left, it is about them."""


def destination(household: Household, record: Record) -> Destination | None:
    """Where the register says that everybody has gone; null where that is not known, or is here."""
    if record.to_household is None or record.to_address is None or record.to_household == household.key:
        return None
    return Destination(record.to_household, record.to_address)


def whose(household: Household, record: Record, policy: Policy) -> Departed | None:
    """The people who have left that a record is about; null when it is about who lives there now.

    A creditor hears late of a new address: what it sends about a claim of theirs is about them. Not so a new report
    from after they left the municipality: arrears at an address may not be lost, and a person finds out whose they are.
    """
    left = sorted((one for one in household.departed if one.move.emptied), key=lambda one: order(one.move))
    if record.type in DATED:
        return next((one for one in left if _said_of(one, record)), None)
    key = claim_key(record.partner, record.type, record.reference)
    if record.type not in CREDITOR_TYPES or _knows(household, key):
        return None
    late = next((one for one in reversed(left) if _knows(one, key)), None)
    return None if late is None or _is_news(household, late, record, policy) else late


def _said_of(left: Departed, record: Record) -> bool:
    """Whether the municipality's word is about people who have left; so is what it says of that day, save a move."""
    on, since = record.signalled_on, left.move.signalled_on
    return on < since if record.type is SignalType.ADDRESS else on <= since


def _is_news(household: Household, left: Departed, record: Record, policy: Policy) -> bool:
    """Whether it is a report that would open a task after a close: none that repeats what was picked up."""
    if record.kind is not Kind.REPORT or left.move.to is not None or record.signalled_on <= left.move.signalled_on:
        return False
    _, entry = with_record(as_theirs(household, left), record, policy.look_back)
    return not entry.repeated


def _knows(one: Household | Departed, key: str) -> bool:
    return any(claim.key == key for claim in one.claims)


def as_theirs(household: Household, left: Departed) -> Household:
    """The household as it is for people who have left, to put there what is said of them."""
    return Household(
        household.key,
        today=household.today,
        claims=left.claims,
        stops=left.stops,
        moves=left.moves,
        requests=left.requests,
        facts=left.facts,
        seen=household.seen,
    )


def with_theirs(household: Household, left: Departed, theirs: Household) -> Household:
    """The household, with what has been put to people who have left."""
    now = replace(
        left,
        claims=theirs.claims,
        stops=theirs.stops,
        moves=theirs.moves,
        requests=theirs.requests,
        facts=theirs.facts,
    )
    departed = tuple(now if one is left else one for one in household.departed)
    return replace(household, seen=theirs.seen, departed=departed)


def with_who_left(household: Household, task: str) -> Household:
    """The household with those who left by which its last task ended: as that task is read."""
    left = _left_by(household, task)
    if left is None:
        return household
    here = household
    for claim in left.claims:
        household = with_claim(household, claim, follows=True)
    return replace(
        household,
        stops=(*left.stops, *here.stops),
        moves=(*left.moves, left.move, *here.moves),
        requests=(*left.requests, *here.requests),
        facts=max((f for f in (left.facts, here.facts) if f is not None), key=stamp, default=None),
        objection=left.objection or here.objection,
        ending=left.ending,
        departed=tuple(one for one in here.departed if one is not left),
    )


def never_left(household: Household) -> Household:
    """The household as if the register had not said that everybody left the municipality, where its task ended so."""
    left = None if household.task is None else _left_by(household, household.task.id)
    return household if left is None or not left.move.gone else with_who_left(household, left.task or "")


def _left_by(household: Household, task: str) -> Departed | None:
    if household.task is None or household.task.id != task or household.task.status.live:
        return None
    return next((one for one in reversed(household.departed) if one.task == task), None)


def along(before: Household, household: Household, record: Record, policy: Policy) -> tuple[Household, Transfer | None]:
    """Who leaves, and what goes to another household, because of a record.

    Args:
        before: As the record found it.
        household: As the record left it, settled and told.
        record: Accepted just now.
        policy: In force.

    Returns:
        The household of who lives there now, and the transfer; null when nothing goes.
    """
    late = whose(before, record, policy)
    if late is not None:
        return household, _follower(household, late.move, record)
    ours = (m for m in household.moves if m.emptied and (m.id, m.partner) == (record.id, record.partner))
    move = next(ours, None)
    if move is None:
        return household, None
    carried = _carried(before, household, move, policy)
    # Nothing is written of whom nobody has ever said anything; that a visit is unsafe is said.
    heard_of = household.claims or household.requests or carried.objection or (carried.facts and carried.facts.excluded)
    transfer = _transfer(household, move, record, carried) if move.to is not None and heard_of else None
    return _without(before, household, move), transfer


def _without(before: Household, household: Household, move: Move) -> Household:
    working = before.task is not None and before.task.status.live
    theirs = _theirs(household.facts, move)
    left = Departed(
        move,
        before.task.id if before.task is not None and working else None,
        claims=household.claims,
        stops=household.stops,
        moves=tuple(other for other in household.moves if other is not move),
        requests=household.requests,
        facts=theirs,
        objection=before.objection,
        ending=household.ending,
    )
    return replace(
        household,
        claims=(),
        stops=(),
        moves=(),
        requests=(),
        facts=household.facts if theirs is None else _of_address(theirs),
        ending=None,
        departed=(*household.departed, left),
    )


def _theirs(facts: Facts | None, move: Move) -> Facts | None:
    """What was stated of those who leave; a statement of a later day is about who lives there next."""
    return facts if facts is not None and facts.signalled_on <= move.signalled_on else None


def _of_address(facts: Facts) -> Facts | None:
    if facts.shared_address is None:
        return None
    return replace(facts, children=None, known_at_debt_help=None, excluded=None)


def _follower(household: Household, move: Move, record: Record) -> Transfer | None:
    """What goes on to people who have moved: of one record about them."""
    left = next(one for one in household.departed if one.move == move)
    carried = Carried(
        claims=tuple(
            replace(claim, entries=tuple(entry for entry in claim.entries if entry.id == record.id))
            for claim in left.claims
            if claim.key == claim_key(record.partner, record.type, record.reference)
        ),
        deaths=tuple(m for m in left.moves if m.id == record.id and m.event is AddressEvent.DECEASED),
        facts=_of_people(left.facts) if left.facts is not None and left.facts.id == record.id else None,
        follows=True,
    )
    if move.to is None or not (carried.claims or carried.deaths or carried.facts):
        return None
    return _transfer(household, move, record, carried)


def _of_people(facts: Facts | None) -> Facts | None:
    return None if facts is None else replace(facts, shared_address=None)


def _carried(before: Household, household: Household, move: Move, policy: Policy) -> Carried:
    today, look_back = household.today, policy.look_back
    claims = []
    for claim in household.claims:
        found = episodes(claim, today, look_back, disputed=True)
        if found and found[-1].open:
            since = found[-2].upto if len(found) > 1 else 0
            claims.append(replace(claim, entries=claim.entries[since:]))
    read_since = add_months(today, -look_back)
    spent = before.ending.requests if before.ending else ()
    working = before.task is not None and before.task.status.live
    return Carried(
        claims=tuple(claims),
        requests=tuple(r for r in household.requests if known_as(r) not in spent and r.signalled_on >= read_since),
        deaths=tuple(m for m in household.moves if m.event is AddressEvent.DECEASED and m.signalled_on >= read_since),
        # While somebody works on a task, nothing of it is held back any more.
        ending=None if working else _known(before.ending, claims),
        objection=before.objection,
        facts=_of_people(_theirs(household.facts, move)),
    )


def _known(ending: Ending | None, claims: list[Claim]) -> Ending | None:
    if ending is None:
        return None
    gone = {claim.key for claim in claims}
    known = {key: claim for key, claim in ending.claims.items() if key in gone}
    return Ending(ending.by, known) if known else None


def _transfer(household: Household, move: Move, record: Record, carried: Carried) -> Transfer:
    assert move.to is not None
    return Transfer(
        transfer_id(household.key, record.id),
        move.to.household,
        household.key,
        move.to.address,
        record.partner,
        record.id,
        record.received_at,
        move.signalled_on,
        move.received_at,
        carried,
    )
