"""People who move to another address in the municipality: what is open goes along (rules section 6, record 0005).

A household cannot touch another one. The one that is left makes a transfer of what goes along, and keeps its own copy
marked: it counts for nothing here any more, and what comes twice is still known.
"""

from msgspec.structs import replace

from schemas.codes import CREDITOR_TYPES, AddressEvent
from streams.core.calendar import add_months
from streams.core.claims import episodes, with_record
from streams.core.policy import Policy
from streams.core.records import Record
from streams.core.state import Claim, Destination, Ending, Household, Move, claim_key
from streams.core.transfers import Carried, Transfer, order, transfer_id


def destination(household: Household, record: Record) -> Destination | None:
    """Where the register says that everybody has gone; null where that is not known, or is here."""
    if record.to_household is None or record.to_address is None or record.to_household == household.key:
        return None
    return Destination(record.to_household, record.to_address)


def gone_along(household: Household, record: Record) -> Move | None:
    """The move with which the claim of a creditor's record has gone to another household.

    Creditors hear late of a new address: what they send about such a claim follows it.
    """
    key = claim_key(record.partner, record.type, record.reference)
    with_moves = {entry.went_with for claim in household.claims if claim.key == key for entry in claim.entries}
    return max((m for m in household.moves if m.to is not None and m.id in with_moves), key=order, default=None)


def with_follower(household: Household, record: Record, move: Move, policy: Policy) -> tuple[Household, bool]:
    """Put a creditor's record on a claim that has gone along.

    Returns:
        The household, and whether the record is a `repeated` report, by what was known when the claim went.
    """
    key = claim_key(record.partner, record.type, record.reference)
    whole = tuple(_marked(claim, {}) if claim.key == key else claim for claim in household.claims)
    after, repeated = with_record(replace(household, claims=whole), record, policy.look_back)
    marks = {e.id: e.went_with for claim in household.claims if claim.key == key for e in claim.entries}
    marks[record.id] = move.id
    claims = tuple(_marked(claim, marks) if claim.key == key else claim for claim in after.claims)
    return replace(household, claims=claims), repeated


def along(before: Household, household: Household, record: Record, policy: Policy) -> tuple[Household, Transfer | None]:
    """What goes to another household because of a record.

    Args:
        before: As the record found it.
        household: As the record left it, settled and told.
        record: Accepted just now.
        policy: In force.

    Returns:
        The household, with what has gone marked, and the transfer; null when nothing goes.
    """
    if record.type in CREDITOR_TYPES:
        return household, _follower(household, record)
    ours = (m for m in household.moves if m.to is not None and (m.id, m.partner) == (record.id, record.partner))
    move = next(ours, None)
    if move is None:
        return household, None
    carried = _carried(before, household, policy)
    gone: dict[str, dict[str, str | None]] = {c.key: {e.id: move.id for e in c.entries} for c in carried.claims}
    asked = {request.id for request in carried.requests}
    left = replace(
        household,
        claims=tuple(_marked(c, _marks(c) | gone[c.key]) if c.key in gone else c for c in household.claims),
        requests=tuple(replace(r, went_with=move.id) if r.id in asked else r for r in household.requests),
    )
    if not (household.claims or household.requests or carried.objection):
        return left, None  # nobody has ever said anything of them
    return left, _transfer(household, move, record, carried)


def _follower(household: Household, record: Record) -> Transfer | None:
    move = gone_along(household, record)
    if move is None:
        return None
    key = claim_key(record.partner, record.type, record.reference)
    claim = next(claim for claim in household.claims if claim.key == key)
    entries = tuple(replace(entry, went_with=None) for entry in claim.entries if entry.id == record.id)
    return _transfer(household, move, record, Carried(claims=(replace(claim, entries=entries),), follows=True))


def _carried(before: Household, household: Household, policy: Policy) -> Carried:
    today, look_back = household.today, policy.look_back
    claims = []
    for claim in household.claims:
        found = episodes(claim, today, look_back, disputed=True)
        if found and found[-1].open:
            since = found[-2].upto if len(found) > 1 else 0
            entries = tuple(entry for entry in claim.entries[since:] if entry.went_with is None)
            claims.append(replace(claim, entries=entries))
    read_since = add_months(today, -look_back)
    spent = before.ending.requests if before.ending else ()
    working = before.task is not None and before.task.status.live
    return Carried(
        claims=tuple(claims),
        requests=tuple(
            r for r in household.requests if r.went_with is None and r.id not in spent and r.signalled_on >= read_since
        ),
        deaths=tuple(m for m in household.moves if m.event is AddressEvent.DECEASED and m.signalled_on >= read_since),
        # While somebody works on a task, nothing of it is held back any more.
        ending=None if working else _known(before.ending, claims),
        objection=before.objection,
        facts=replace(household.facts, shared_address=None) if household.facts else None,
    )


def _known(ending: Ending | None, claims: list[Claim]) -> Ending | None:
    if ending is None:
        return None
    gone = {claim.key for claim in claims}
    known = {key: claim for key, claim in ending.claims.items() if key in gone}
    return Ending(ending.by, known, cool_down_until=ending.cool_down_until) if known else None


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


def _marks(claim: Claim) -> dict[str, str | None]:
    return {entry.id: entry.went_with for entry in claim.entries}


def _marked(claim: Claim, marks: dict[str, str | None]) -> Claim:
    """The claim with each entry marked with the move it went with; those that are not among the marks are here."""
    entries = tuple(
        entry if entry.went_with == marks.get(entry.id) else replace(entry, went_with=marks.get(entry.id))
        for entry in claim.entries
    )
    return replace(claim, entries=entries)
