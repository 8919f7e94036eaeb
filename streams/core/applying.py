"""What a record changes in a household, before the rules look at it again (rules sections 1, 3 and 5)."""

from msgspec.structs import replace

from schemas.codes import ACTS, CREDITOR_TYPES, AddressEvent, OutcomeKind, Result, RightKind, SignalType
from streams.core import told
from streams.core.acts import with_act
from streams.core.arriving import asks_again, asks_anew
from streams.core.calendar import last_day_read
from streams.core.claims import with_record
from streams.core.departing import as_theirs, destination, never_left, whose, with_theirs
from streams.core.outcomes import live_task, with_outcome
from streams.core.policy import Policy
from streams.core.records import Record
from streams.core.rights import with_right
from streams.core.situation import situation
from streams.core.state import Facts, Household, Move, Request, Status, Stop, claim_key, sender_key
from streams.core.task import HANDOVER, MOVED_WITHIN, known_now, lasting, see
from streams.core.transfers import stamp


def applied(household: Household, record: Record, policy: Policy) -> tuple[Household, Result]:
    """The household with a record, and whether it was accepted or is a `repeated` report.

    Raises:
        NoTaskError: When it is an outcome that belongs to no task.
        NoSubjectError: When it decides upon or disputes what is not there.
        ContradictionError: When it is one that does not fit what happened before.
    """
    if record.type is SignalType.OUTCOME:
        if record.kind is OutcomeKind.REOPENED:
            household = never_left(household)
        seen = see(household, situation(household, policy), policy)
        if isinstance(record.kind, RightKind):
            household = with_right(household, record.kind, record.id, record.disputed_signal, seen)
        elif record.kind in ACTS:
            household = with_act(household, live_task(household), record, seen, policy)
        else:
            after = with_outcome(household, record, seen, policy)
            household = told.by_outcome(household, after, record, seen.found)
        return remembered(household, record, policy), Result.ACCEPTED
    household = replace(household, address=record.address)
    left = whose(household, record, policy)
    if left is None:
        return _with_signal(household, record, policy)
    theirs, result = _with_signal(as_theirs(household, left), record, policy)
    return with_theirs(household, left, theirs), result


def _with_signal(household: Household, record: Record, policy: Policy) -> tuple[Household, Result]:
    if record.type in CREDITOR_TYPES:
        household, entry = with_record(household, record, policy.look_back)
        if asks_anew(entry):
            household = asks_again(household, claim_key(record.partner, record.type, record.reference))
        return household, Result.REPEATED if entry.repeated else Result.ACCEPTED
    head = (record.signalled_on, record.received_at, record.id)
    if record.type is SignalType.BENEFIT_STOP:
        assert record.stop_reason is not None
        household = replace(household, stops=(*household.stops, Stop(*head, record.stop_reason, record.partner)))
    elif record.type is SignalType.ADDRESS:
        household = _with_move(household, record, policy)
    elif record.type is SignalType.HOUSEHOLD:
        household = _with_facts(remembered(household, record, policy), record)
    else:
        household = replace(household, requests=(*household.requests, Request(*head, record.type, record.partner)))
    return household, Result.ACCEPTED


def _with_move(household: Household, record: Record, policy: Policy) -> Household:
    assert record.address_event is not None
    event, everyone = record.address_event, bool(record.everyone)
    gone = event in {AddressEvent.ABROAD, AddressEvent.DECEASED} or (
        event is AddressEvent.MOVED and not policy.inside(record.to_address)
    )
    to = None
    if event is AddressEvent.MOVED and everyone and not gone:
        to = destination(household, record)
    move = Move(record.signalled_on, record.received_at, record.id, event, everyone, gone, record.partner, to)
    household = replace(household, moves=(*household.moves, move))
    if not move.emptied:
        return household
    seen = see(household, situation(household, policy), policy)
    # Whoever objected has gone too.
    household = replace(household, ending=known_now(household, seen, record.id), objection=None)
    if household.task is None or not household.task.status.live:
        return household
    reason = HANDOVER[event] if to is None else MOVED_WITHIN
    return replace(household, task=replace(lasting(household.task, reason), status=Status.ENDED))


def _with_facts(household: Household, record: Record) -> Household:
    facts = Facts(
        record.signalled_on,
        record.received_at,
        record.id,
        record.children,
        record.known_at_debt_help,
        record.excluded,
        record.shared_address,
    )
    if household.facts is not None and stamp(household.facts) > stamp(facts):
        return household  # an older statement that came late
    return replace(household, facts=facts)


def remembered(household: Household, record: Record, policy: Policy) -> Household:
    """The household, knowing the id of a record that leaves no other trace."""
    return known(household, record.partner, record.id, policy)


def known(household: Household, partner: str, identity: str, policy: Policy) -> Household:
    """The household, knowing that this sender's id has come."""
    until = last_day_read(household.today, policy.look_back)
    return replace(household, seen={**household.seen, sender_key(partner, identity): until})
