"""The whole chain under load, its processes killed at random: the store is as the core says, logs name nobody.

Signals, outcomes and ticks flow in waves; before each wave is worked off, one process dies.
"""

import random
import re
import signal
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from schemas.codes import Kind, SignalType
from sinks.store.rows import canonical
from sinks.store.store import CaseStore
from streams.households import stored
from tests.faults.keeping import Kept
from tests.sinks.contract import dump, expected
from tests.sinks.databases import Databases
from tests.stacks import RunningStack
from tests.streams.live import ENGINES, RENT, Expected, Load, Town, json_lines, on, until

TELLS = re.compile(rb"9901\s*XK|KLANT-|Jansen|123456782", re.IGNORECASE)
"""Postcode, customer's reference, name, BSN: whatever the load holds of a person."""
VICTIMS = ("intake", "worker", "sink") * 2
WAVE = {"intake": 1000, "worker": 100, "sink": 300}  # records before each is killed: enough that there is work left


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("seed", [20260510])
def test_chain_killed_six_times_under_load(
    stack: RunningStack, databases: Databases, tmp_path: Path, seed: int, engine: str
) -> None:
    dice = random.Random(seed)  # noqa: S311 - seeded on purpose
    with databases.upgraded() as url, Town(stack, tmp_path, LANTAARN_CASE_STORE_URL=url) as town:
        load = Load(seed, 150)
        kept = {command: Kept(town, command, on(engine)) for command in ("intake", "worker", "sink")}
        store = CaseStore(url)
        sent: list[tuple[str, SignalType, Mapping[str, Any]]] = []
        left: list[tuple[str, int]] = []

        def check() -> None:
            for process in kept.values():
                process.check()

        def behind(command: str) -> int:
            if command == "intake":
                return town.intake_lag()
            if command == "worker":
                return town.unapplied()
            written = sum(town.written(town.catalogue.outreach_tasks.name).values())
            return written - sum(store.offsets(town.catalogue.outreach_tasks.name).values())

        def stopped_with_work(command: str) -> bool:
            process = kept[command].process
            process.signal(signal.SIGSTOP)
            until(lambda: process.sleeping, check=process.check)
            if behind(command) > 0:
                return True
            process.signal(signal.SIGCONT)
            return False

        outputs = {
            "intake": town.catalogue.household_events.name,
            "worker": town.catalogue.outreach_tasks.name,
            "sink": town.catalogue.outreach_tasks.name,  # it has work as soon as there is more here
        }
        wave(town, load, 0, 100, sent)
        until(lambda: behind("sink") == 0 and store.offsets(town.catalogue.outreach_tasks.name), check=check)
        for number, victim in enumerate(dice.sample(VICTIMS, len(VICTIMS)), start=1):
            written = town.size(outputs[victim])
            wave(town, load, number * 5, WAVE[victim], sent)
            goal = written + dice.randrange(1, 30)
            until(lambda goal=goal, name=outputs[victim]: town.size(name) >= goal, check=check)  # type: ignore[misc]
            until(lambda victim=victim: stopped_with_work(victim), check=check)  # type: ignore[misc]
            kept[victim].kill()
            left.append((victim, behind(victim)))
            kept[victim].again()
        assert all(work > 0 for _, work in left), f"no work left: {left}"
        until(lambda: town.intake_lag() == 0, check=check)
        until(lambda: town.worker_lag() == 0, check=check)
        until(lambda: behind("sink") == 0, check=check)
        for process in kept.values():
            assert process.end() < 10

        core = town.expected()
        town.assert_as_the_core_says()
        assert dump(store) == expected([canonical(version) for version in core.versions.values()])
        store.close()
        assert_accounted_for(town, sent, core)
        assert_nobody_is_named(town)


def wave(town: Town, load: Load, day: int, count: int, sent: list[tuple[str, SignalType, Mapping[str, Any]]]) -> None:
    """Records of a day, unreadable ones among them, and a tick."""
    records = list(load.records(day, count))
    town.sends(records)
    town.put(town.topic_of(RENT, SignalType.RENT).name, b"J. Jansen, BSN 123456782, 9901XK 12", b"unreadable")
    town.ticks(load.day(day))
    town.flush()
    sent += records


def assert_accounted_for(town: Town, sent: list[tuple[str, SignalType, Mapping[str, Any]]], core: Expected) -> None:
    """Every record has its receipt, is on household-events, and has left its trace in a state and in a task."""
    receipts: dict[str, set[str]] = {}
    for topic in town.catalogue.receipts.values():
        for receipt in town.decoded(topic):
            receipts.setdefault(receipt["signal_id"], set()).add(receipt["result"])
    ids = {value["id"] for _, _, value in sent}
    assert receipts.keys() == ids
    on_the_log = {event["id"] for event in town.decoded(town.catalogue.household_events) if event["household"]}
    assert on_the_log == {identity for identity in ids if "accepted" in receipts[identity]} == ids
    has_ended = {version["household"] for version in core.versions.values() if version["status"] == "ended"}
    remembered: set[str] = set()
    explained: set[str] = set()  # reports that no task needs to answer: paid since, or of who had a task that ended
    for key, data in core.states.items():
        if key.startswith(stored.MARK_PREFIX):
            continue
        household = stored.household(data).household
        remembered |= {known.partition("\x1f")[2] for known in household.seen}
        for claim in household.claims:
            ids_of = [entry.id for entry in claim.entries]
            remembered |= set(ids_of)
            paid = max((n for n, entry in enumerate(claim.entries) if entry.kind is Kind.PAID), default=0)
            explained |= set(ids_of if household.key in has_ended else ids_of[:paid])
    assert ids == remembered
    members = {member["signal_id"] for version in core.versions.values() for member in version["members"]}
    reports = {value["id"] for _, _, value in sent if value.get("kind") == "report"}
    assert reports <= members | explained
    assert len(reports & members) > len(reports) / 2


def assert_nobody_is_named(town: Town) -> None:
    """In no log line, key or header of a full run; every line is JSON."""
    for log in town.logs:
        text = log.read_bytes()
        assert not TELLS.search(text), log
        json_lines(text.decode())
    count = 0
    for topic in town.catalogue:
        for message in town.messages(topic.name):
            for part in marks(message):
                count += 1
                assert not TELLS.search(part), topic.name
    assert count > 1000


def marks(message: Any) -> Iterator[bytes]:
    """Key and headers of a record."""
    if message.key() is not None:
        yield message.key()
    for name, value in message.headers() or []:
        yield name.encode()
        yield value or b""
