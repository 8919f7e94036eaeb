"""Household-events as a city makes them: each household's records come near one another, households come and go.

So any stretch of the log is like any other, and a slow contender may be measured over a shorter one.
"""

import heapq
import random
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

from bench.bed import POLICY, Item
from lantaarn.settings import load_policy
from schemas.codec import Codec
from schemas.codes import Crisis, Kind, OutcomeKind, SignalType
from streams.core.addresses import pseudonym
from streams.core.records import Address, Record
from streams.wakeups import activation
from streams.wire import event_of, millis

FIRST = date(2026, 1, 5)
SECRET = b"bench"
TYPES = {SignalType.HEALTH_INSURANCE: 43, SignalType.RENT: 20, SignalType.ENERGY: 20, SignalType.WATER: 17}
"""By their share of all signals in the country."""
MONTHS = {1: 50, 2: 25, 3: 15, 4: 10}
"""For how many months a household is reported."""
NEAR = 5000
"""Within how many records a household's next one comes."""


def log(codec: Codec, count: int, partitions: int, seed: int = 1) -> Iterator[Item]:
    """So many events, an activation of the policy on each partition before them."""
    loaded, document = load_policy(POLICY), POLICY.read_text(encoding="utf-8")
    start = datetime(FIRST.year, FIRST.month, FIRST.day, tzinfo=UTC)
    value = codec.encode("HouseholdEvent", activation(loaded, document, start))
    yield from ((None, value, partition) for partition in range(partitions))
    for record in records(random.Random(seed), count - partitions):
        household = pseudonym(SECRET, record.address)
        yield household.encode(), codec.encode("HouseholdEvent", event_of(record, household)), -1


def reports(codec: Codec, count: int, partitions: int) -> Iterator[Item]:
    """As many households, one report each."""
    yield from log(codec, partitions, partitions)
    dice = random.Random(2)
    for house in range(count):
        record = _report(dice, _address(house), SignalType.RENT, 0, FIRST)
        household = pseudonym(SECRET, record.address)
        yield household.encode(), codec.encode("HouseholdEvent", event_of(record, household)), -1


def records(dice: random.Random, count: int) -> Iterator[Record]:
    """What intake has let in: reports by type and month, payments, outcomes of caseworkers."""
    waiting: list[tuple[int, int, Record]] = []
    made = house = 0
    while made < count:
        if waiting and waiting[0][0] <= made:
            yield heapq.heappop(waiting)[2]
            made += 1
            continue
        history = list(_history(dice, _address(house)))
        house += 1
        yield history[0]
        made += 1
        for number, record in enumerate(history[1:], start=1):
            at = made + number * NEAR // len(history) + dice.randrange(NEAR // 20)
            heapq.heappush(waiting, (at, house * 100 + number, record))


def _history(dice: random.Random, address: Address) -> Iterator[Record]:
    kind = dice.choices([*TYPES], [*TYPES.values()])[0]
    months = dice.choices([*MONTHS], [*MONTHS.values()])[0]
    for month in range(months):
        day = FIRST + timedelta(days=30 * month + dice.randrange(20))
        yield _report(dice, address, kind, month, day)
        if dice.random() < 0.2:
            outcome = dice.choice((OutcomeKind.ATTEMPT, OutcomeKind.CONTACT, OutcomeKind.ACCEPTED))
            yield _record(dice, address, "gemeente", SignalType.OUTCOME, day + timedelta(days=5), kind=outcome)
    if dice.random() < 0.3:
        paid = FIRST + timedelta(days=30 * months)
        yield _record(dice, address, f"partner-{kind.lower()}", kind, paid, kind=Kind.PAID, reference="K1")


def _report(dice: random.Random, address: Address, kind: SignalType, month: int, day: date) -> Record:
    rent = kind is SignalType.RENT
    return _record(
        dice,
        address,
        f"partner-{kind.lower()}",
        kind,
        day,
        kind=Kind.REPORT,
        reference="K1",
        arisen_on=day - timedelta(days=45),
        amount_cents=dice.randrange(8_000, 60_000),
        months=month + 1 if rent else None,
        crisis=Crisis.EVICTION if rent and dice.random() < 0.05 else None,
        agreement="2026-1",
    )


def _record(
    dice: random.Random, address: Address, partner: str, type_: SignalType, day: date, **fields: object
) -> Record:
    at = datetime(day.year, day.month, day.day, 9, tzinfo=UTC) + timedelta(seconds=dice.randrange(28_000))
    identity = str(UUID(int=dice.getrandbits(128), version=4))
    return Record(
        id=identity,
        partner=partner,
        type=type_,
        signalled_on=day,
        received_at=millis(at),
        address=address,
        **fields,  # type: ignore[arg-type]
    )


def _address(house: int) -> Address:
    block, number = divmod(house, 500)
    return Address(f"{1000 + block % 9000}{'ABCDEFGH'[block // 9000]}A", number + 1)
