"""Intake on a real broker: what it makes of many topics, and what is on household-events when it did it twice."""

import threading
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from confluent_kafka import Producer

from schemas.codes import SignalType
from streams.core.keys import Keys
from streams.intake.judge import Judge, Received
from streams.intake.process import DeliveryError, Intake, in_order
from tests.stacks import RunningStack
from tests.streams.live import OWN, RENT, SECRET, WATER, Load, Town, json_lines, until


class Forgetful:
    """A consumer whose process dies before a commit: what was written stays, what was read is not noted."""

    def __init__(self, consumer: Any, commits: int) -> None:
        self._consumer = consumer
        self._commits = commits

    def __getattr__(self, name: str) -> Any:
        return getattr(self._consumer, name)

    def commit(self, **given: Any) -> None:
        self._commits -= 1
        if self._commits < 0:
            raise ConnectionAbortedError
        self._consumer.commit(**given)


def intake(town: Town, batch: int = 50) -> Intake:
    judge = Judge(
        town.codec,
        town.outputs,
        town.catalogue,
        policies=town.settings.load_policies(),
        agreements=town.settings.load_agreements(),
        keys=Keys(SECRET.encode()),
        backfill=True,
    )
    member: dict[str, Any] = {"group.instance.id": "intake-1", "session.timeout.ms": 6000, "heartbeat.interval.ms": 500}
    member["topic.metadata.propagation.max.ms"] = 500  # a topic that is not there is given up so soon
    return Intake({**town.stack.client("intake"), **member}, town.catalogue, judge, batch=batch)


def run_until_done(town: Town, process: Intake) -> None:
    stop = threading.Event()
    thread = threading.Thread(target=process.run, args=(stop,))
    thread.start()
    try:
        until(lambda: town.intake_lag() == 0, check=lambda: thread.is_alive() or pytest.fail("intake ended"))
    finally:
        stop.set()
        thread.join(20)


def events(town: Town) -> dict[int, list[str]]:
    """Ids on each partition of household-events, in order."""
    found: dict[int, list[str]] = {}
    for message in town.messages(town.catalogue.household_events.name):
        event = town.codec.decode("HouseholdEvent", message.value())
        assert (message.key() or b"").decode() == event["household"]
        found.setdefault(message.partition() or 0, []).append(event["id"])
    return found


def assert_in_order(found: dict[int, list[str]], sent: dict[tuple[str, SignalType], list[str]]) -> None:
    """Each partner's records of a partition came in its order; repeated ones aside."""
    for ids in found.values():
        once = [*dict.fromkeys(ids)]
        for order in sent.values():
            place = {identity: number for number, identity in enumerate(order)}
            places = [place[identity] for identity in once if identity in place]
            assert places == sorted(places)


def by_topic(records: list[tuple[str, SignalType, dict[str, Any]]]) -> dict[tuple[str, SignalType], list[str]]:
    found: dict[tuple[str, SignalType], list[str]] = {}
    for partner, kind, value in records:
        found.setdefault((partner, kind), []).append(value["id"])
    return found


def test_what_came_first_goes_first_and_no_partition_is_swapped() -> None:
    def came(topic: str, partition: int, *moments: int) -> list[Received]:
        return [Received(topic, partition, offset, None, None, at) for offset, at in enumerate(moments)]

    behind = came("a", 0, 50, 10, 20, 60)  # the second was appended by a leader whose clock is behind
    other, third = came("b", 0, 15, 55), came("a", 1, 50, 70)
    assert in_order([*other, *behind, *third]) == [
        other[0],
        behind[0],
        behind[1],
        behind[2],
        third[0],
        other[1],
        behind[3],
        third[1],
    ]


def test_dying_before_a_commit_doubles_events_and_loses_none(stack: RunningStack, tmp_path: Path) -> None:
    with Town(stack, tmp_path) as town:
        records = list(Load(11, 40).records(0, 600))
        sent = town.sends(records)
        town.flush()
        for commits in (0, 2, 1):
            dying = intake(town)
            dying._consumer = Forgetful(dying._consumer, commits)  # type: ignore[assignment]
            with pytest.raises(ConnectionAbortedError):
                dying.run(threading.Event())
        run_until_done(town, intake(town))
        found = events(town)
        times = Counter(identity for ids in found.values() for identity in ids)
        assert times.keys() == set(sent)
        assert sum(times.values()) >= len(sent) + 3  # each death left a batch to be written again
        assert_in_order(found, by_topic(records))
        receipts = [r for topic in town.catalogue.receipts.values() for r in town.decoded(topic)]
        assert Counter(r["signal_id"] for r in receipts) == times
        assert {r["result"] for r in receipts} == {"accepted"}


def test_everything_gets_its_answer_where_its_sender_reads(stack: RunningStack, tmp_path: Path) -> None:
    with Town(stack, tmp_path) as town:
        good = {partner: value for partner, _, value in Load(12, 3).records(0, 40) if value.get("kind") == "report"}
        rent, water = good[RENT], good[WATER]
        topic = town.topic_of(RENT, SignalType.RENT)
        forged = {**rent, "id": "forged", "partner": WATER}
        for identity, value in (("a", rent), ("b", {**rent, "id": "b", "amount_cents": 100}), ("c", forged)):
            town.put(topic.name, town.codec.encode("RentArrears", value), identity.encode())
        town.put(topic.name, b"9901XK 12, J. Jansen", b"d")
        town.put(topic.name, None, b"e")
        town.sends([(WATER, SignalType.WATER, water)])
        outcome = {**Load(1, 1)._base(1, Load(1, 1).day(0), OWN), "id": "o", "kind": "contact", "channel": "Brief"}
        town.sends([(OWN, SignalType.OUTCOME, outcome)])
        town.flush()
        run_until_done(town, intake(town))
        told = {
            partner: {
                (r["signal_id"], r["result"], r["reason"]) for r in town.decoded(town.catalogue.receipts[partner])
            }
            for partner in (RENT, WATER, OWN)
        }
        assert told == {
            RENT: {
                (rent["id"], "accepted", None),
                ("b", "refused", "unjustified"),
                ("forged", "refused", "no_agreement"),
            },
            WATER: {(water["id"], "accepted", None)},
            OWN: {("o", "accepted", None)},
        }
        letters = town.decoded(town.catalogue.rejected)
        assert {(letter["offset"], letter["value"]) for letter in letters} == {(3, b"9901XK 12, J. Jansen"), (4, None)}
        assert {identity for ids in events(town).values() for identity in ids} == {rent["id"], water["id"], "o"}


def test_a_record_too_large_to_pass_on_does_not_keep_up_the_next(stack: RunningStack, tmp_path: Path) -> None:
    with Town(stack, tmp_path) as town:
        rent = next(value for partner, _, value in Load(12, 3).records(0, 40) if partner == RENT)
        topic = town.topic_of(RENT, SignalType.RENT)
        garbage, long = b"9901XK!" * 150_000, "i" * 340_000
        zeros = Producer({**stack.client("admin"), "compression.type": "gzip", "message.max.bytes": 20_000_000})
        zeros.produce(topic.name, bytes(10_000_000), b"zeros")
        assert zeros.flush(30) == 0
        large = Producer({**stack.client("admin"), "message.max.bytes": 1_048_000})
        large.produce(topic.name, garbage[:1_010_000], b"garbage")
        assert large.flush(30) == 0
        town.put(topic.name, town.codec.encode("RentArrears", {**rent, "id": long}), long.encode())
        town.put(topic.name, town.codec.encode("RentArrears", rent), rent["id"].encode())
        town.flush()
        run_until_done(town, intake(town))
        told = town.decoded(town.catalogue.receipts[RENT])
        assert [receipt["signal_id"] for receipt in told] == [rent["id"]]
        letters = town.decoded(town.catalogue.rejected)
        assert [(letter["offset"], letter["reason"], letter["key"]) for letter in letters] == [
            (0, "undecodable", b"zeros"),
            (1, "undecodable", b"garbage"),
            (2, "invalid", long.encode()),
        ]
        assert letters[1]["value"] == garbage[:400_000]
        assert letters[1]["error"].endswith("; value cut, 1010000 bytes in all")
        assert [*events(town).values()] == [[rent["id"]]]


def test_of_two_intakes_with_one_name_the_first_ends_and_says_why(stack: RunningStack, tmp_path: Path) -> None:
    with Town(stack, tmp_path) as town:
        first = town.spawn("intake")
        town.sends(Load(13, 40).records(0, 20))
        town.flush()
        until(lambda: town.intake_lag() == 0, check=first.check)
        second = town.spawn("intake")
        until(lambda: not first.running, check=second.check)
        assert first.code == 1
        assert any("group.instance.id" in line.get("detail", "") for line in json_lines(first.said()))
        town.sends(Load(14, 40).records(1, 20))
        town.flush()
        until(lambda: town.intake_lag() == 0, check=second.check)
        second.end()


def test_what_cannot_be_delivered_is_not_committed(stack: RunningStack, tmp_path: Path) -> None:
    with Town(stack, tmp_path) as town:
        town.sends(Load(13, 3).records(0, 20))
        town.flush()
        process = intake(town)
        write = process._write
        process._write = lambda output: write(output._replace(topic=f"{output.topic}-missing"))  # type: ignore[method-assign]
        with pytest.raises(DeliveryError, match="not delivered"):
            process.run(threading.Event())
        assert town.intake_lag() == 20
        run_until_done(town, intake(town))
        assert sum(len(ids) for ids in events(town).values()) == 20
