"""A national year: 1.2 million signals of four partners through intake and decision, with two workers."""

import random
import time
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

from bench.bed import Bed, Item
from bench.field import PLAIN, QUIX, RAW
from bench.racing import Race
from bench.running import Contender
from lantaarn.wiring import Deployment
from schemas.codes import SignalType

SIGNALS = 1_200_000
QUICK = 30_000
WORKERS = ("worker-1", "worker-2")
FIRST = date(2026, 1, 1)
SENDERS = {
    ("zorgverzekeraar-eendracht", SignalType.HEALTH_INSURANCE): 43,
    ("woonstichting-de-wende", SignalType.RENT): 20,
    ("energie-noorderveld", SignalType.ENERGY): 20,
    ("waterbedrijf-het-diep", SignalType.WATER): 17,
}
PATIENCE = 3600.0


def measure(race: Race) -> dict[str, Any]:
    """Seconds from the start of intake, workers waiting, until every signal is decided upon."""
    count = QUICK if race.quick else SIGNALS
    found = {}
    for contender in race.contenders:
        whole = count if contender.name != PLAIN else min(count, QUICK)
        if contender.name in {QUIX, RAW}:
            continue  # two workers with intake before them: ours alone
        found[contender.name] = _one(race, contender, f"national-{contender.name}.", whole)
    return found


def _one(race: Race, contender: Contender, prefix: str, count: int) -> dict[str, Any]:
    bed = race.bed
    made = bed.deployment(prefix)
    race.tell(f"national: writing {count:,} signals")
    signals = {topic.name: _signals(made, partner, kind, count) for (partner, kind), topic in _topics(made).items()}
    for topic, items in signals.items():
        bed.fill(topic, items)
    with ExitStack() as exits:
        catalogue = made.catalogue
        processes = []
        for number, name in enumerate(WORKERS, start=1):  # one after the other: no supervisor is here to help
            processes.append(bed.spawn(name, "worker", prefix, **contender.environment))
            exits.callback(processes[-1].kill)
            _until_none(lambda number=number: bed.working(catalogue.households_app) < number, time.monotonic())
        began = time.monotonic()
        processes.append(bed.spawn("intake", "intake", prefix, LANTAARN_BACKFILL="true"))
        exits.callback(processes[-1].kill)
        taken_in = _until_none(lambda: _behind(bed, catalogue.intake_group, [*signals]), began)
        events = catalogue.household_events.name
        decided = _until_none(lambda: bed.behind(catalogue.households_app, events), began)
        for process in processes:
            process.check()
    tasks = bed.size(catalogue.outreach_tasks.name)
    race.tell(f"national: {contender.label}: {count:,} signals in {decided:.1f} s, {tasks:,} task versions")
    bed.drop(prefix)
    return {
        "per_second": round(count / decided),
        "seconds": round(decided, 1),
        "seconds_of_intake": round(taken_in, 1),
        "records": count,
        "versions": tasks,
    }


def _topics(made: Deployment) -> dict[tuple[str, SignalType], Any]:
    return {sender: made.catalogue.signals[sender] for sender in SENDERS}


def _behind(bed: Bed, group: str, topics: list[str]) -> int:
    return sum(bed.behind(group, topic) for topic in topics)


def _until_none(left: Any, began: float) -> float:
    """Seconds until nothing is left."""
    while left():
        if time.monotonic() - began > PATIENCE:
            raise TimeoutError(f"{left()} records left")
        time.sleep(0.1)
    return time.monotonic() - began


def _signals(made: Deployment, partner: str, kind: SignalType, whole: int) -> Iterator[Item]:
    """A partner's year, in order of delivery: customers who are reported for one to four months."""
    dice = random.Random(partner)
    count = whole * SENDERS[partner, kind] // sum(SENDERS.values())
    record = made.catalogue.signals[partner, kind].record
    customers = max(1, count // 2)
    for number in range(count):
        day = FIRST + timedelta(days=number * 364 // count)
        house = int(customers * ((number / count) + 0.15 * dice.random())) % customers
        identity = str(UUID(int=dice.getrandbits(128), version=4))
        block, door = divmod(house, 200)
        value = {
            "id": identity,
            "partner": partner,
            "kind": "report",
            "reference": f"K{house}",
            "signalled_on": day,
            "arisen_on": day - timedelta(days=45),
            "amount_cents": dice.randrange(8_000, 60_000),
            "crisis": None,
            "months": 1,
            "preconditions": dict.fromkeys(("personal_contact", "debt_help", "reminder", "consent_offer"), True),
            "address": {
                "postcode": f"{1000 + block % 9000}{'ABCDEFGH'[block // 9000]}A",
                "number": door + 1,
                "letter": None,
                "addition": None,
            },
            "delivered_at": datetime(day.year, day.month, day.day, 9, tzinfo=UTC),
        }
        yield identity.encode(), made.codec.encode(record, value), -1
