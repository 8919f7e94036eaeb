"""Rounds of chaos: load, one fault in the midst of it, rest, and a comparison with the core."""

import random
import signal
import statistics
import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple, Self

from confluent_kafka import KafkaException

from lantaarn.reconcile import reconcile
from lantaarn.reconcile.report import Report
from sinks.store.store import CaseStore
from streams.core.policy import Policy
from streams.wakeups import activation
from tests.chaos.faults import FAULTS, WORKERS
from tests.chaos.place import Place, place
from tests.chaos.twin import Twin, Verdict
from tests.faults.keeping import Kept
from tests.streams.live import START, Load, Town, until

HOUSES = 2_000
"""With 250, each has a thousand records after a hundred rounds: to look at them takes longer than the faults do."""
MOVES = 2
"""Of some hundred records: people who go to another of the houses, or leave."""
DAYS_A_ROUND = 2
PATIENCE = 120.0
LOOK_AT_STORE = 10
"""Every so many rounds the whole case store is looked at."""
MAY_END_WITH = {0, 1, 70, -signal.SIGTERM}
"""When asked to: as asked, unsure, or before it had begun."""
NEW_POLICY = 6
"""Every so many rounds a policy is activated."""


class Engine(NamedTuple):
    """One of the engines that a worker can run on."""

    name: str
    fences: bool
    """Whether it stands workers that wake up after they have lost their partitions."""
    once: bool
    """Whether it writes each version once, whatever happens."""
    a_second: int
    """Records of the steady load."""
    at_once: int
    """Records that come at once, just before the fault, so that it falls in the midst of work."""
    settings: Mapping[str, str]


PLAIN = Engine("plain", fences=False, once=False, a_second=80, at_once=600, settings={})
BATCH = Engine(
    "batch",
    fences=True,
    once=True,
    a_second=150,
    at_once=1500,
    settings={"LANTAARN_ENGINE": "batch", "LANTAARN_BATCH_RECORDS": "20"},  # many transactions to meet
)
ENGINES = {engine.name: engine for engine in (PLAIN, BATCH)}


class Chaos:
    """A town on a broker of its own, two workers, and what befalls them; a context manager.

    Args:
        folder: For data and logs.
        engine: Under test.
        seed: Of the load and the faults.
        tell: Told what goes on.
        only: The faults that are dealt; without, all that the engine stands.
    """

    def __init__(
        self, folder: Path, engine: Engine, seed: int, tell: Callable[[str], None], only: Sequence[str] = ()
    ) -> None:
        self._folder = folder
        self._engine = engine
        self._dice = random.Random(seed)  # noqa: S311 - seeded on purpose
        self._load = Load(seed, HOUSES, MOVES)
        self._tell = tell
        self._exits = ExitStack()
        self._sent: set[str] = set()
        self._sending = threading.Lock()
        self._pack = only or [name for name, fault in FAULTS.items() if engine.fences or not fault.fences]
        self._deck: list[str] = []
        self.faults: Counter[str] = Counter()
        self.took: list[float] = []
        self.kept: dict[str, Kept] = {}
        self.down: set[str] = set()

    def __enter__(self) -> Self:
        with self._exits:
            self.place: Place = self._exits.enter_context(place(self._folder / "stack"))
            town_folder = self._folder / "town"
            town_folder.mkdir()
            self.town = self._exits.enter_context(Town(self.place.stack, town_folder))
            self._store_url = f"sqlite:///{town_folder / 'cases.db'}"
            self._store = CaseStore(self._store_url)
            self._store.create()
            self._exits.callback(self._store.close)
            self._twin = Twin(self.town, once=self._engine.once)
            self._exits.callback(self._twin.close)
            for member in ("intake", *WORKERS, "sink"):
                self.add(member)
            self._exits = self._exits.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._exits.close()

    @property
    def verdict(self) -> Verdict:
        """What was found so far."""
        return self._twin.verdict

    def add(self, member: str) -> None:
        """Start a member behind its own wire."""
        command = member.partition("-")[0]
        settings = self._engine.settings if command == "worker" else {}
        self.kept[member] = Kept(
            self.town,
            command,
            {"LANTAARN_INSTANCE_ID": member, "LANTAARN_BOOTSTRAP_SERVERS": self.place.dial[member], **settings},
            may_fail=True,
        )

    def end_member(self, member: str) -> None:
        """Ask a member to end, and wait until it has."""
        process = self.kept[member].process
        process.signal(signal.SIGTERM)
        code = process.wait(PATIENCE)
        assert code in MAY_END_WITH, f"{member} ended with {code}"

    def wait(self, seconds: float) -> None:
        """Let time pass, while what ends is started again."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            self._check()
            time.sleep(0.02)

    def round(self, number: int) -> None:
        """One round.

        Raises:
            AssertionError: When a process ended as it should not, or the town did not come to rest.
        """
        name = self._next_fault()
        self.faults[name] += 1
        stop = threading.Event()
        feeder = threading.Thread(target=self._feed, args=(number, stop))
        feeder.start()
        try:
            self.wait(self._dice.uniform(0.2, 1))
            self._get_busy(number)
            struck = time.monotonic()
            FAULTS[name].strike(self, self._dice)
            over = time.monotonic()
        finally:
            stop.set()
            feeder.join()
        self._settle()
        self.took.append(time.monotonic() - over)
        self._twin.compare(self._sent)
        if number % LOOK_AT_STORE == 0:
            self._twin.compare_store(self._store_url)
        found = self.verdict
        self._tell(
            f"round {number}: {name}, for {over - struck:.1f} s; at rest after {self.took[-1]:.1f} s; "
            f"{len(self._sent)} records, {len(self._twin.versions)} versions; "
            f"lost {len(found.lost)}, doubled {len(found.doubled)}, wrong {len(found.wrong)}"
        )

    def result(self) -> dict[str, Any]:
        """Look at everything once more; the result."""
        self._twin.compare(self._sent)
        self._twin.compare_store(self._store_url)
        found = self.verdict
        found.lost |= {f"{each.where}: {each.what}" for each in self._reconciled().unaccounted}
        ended = Counter[str]()
        for member, kept in self.kept.items():
            ended.update({f"{member}: {code}": count for code, count in kept.ended.items()})
        return {
            "engine": self._engine.name,
            "rounds": len(self.took),
            "faults": dict(sorted(self.faults.items())),
            "records": len(self._sent),
            "versions": len(self._twin.versions),
            "lost": len(found.lost),
            "doubled": len(found.doubled),
            "wrong": len(found.wrong),
            "written_again": self._twin.again,
            "ended_of_themselves": dict(sorted(ended.items())),
            "recovery_seconds": {
                "median": round(statistics.median(self.took), 1),
                "most": round(max(self.took), 1),
            },
        }

    def _reconciled(self) -> Report:
        """The ledger, as `lantaarn reconcile` draws it up; each activation is on the log, so it needs no policies."""
        kafka, url = self.town.stack.client("admin"), self._store_url
        return reconcile(kafka, self.town.codec, self.town.catalogue, url, now=datetime.now(UTC))

    def _next_fault(self) -> str:
        """As from a pack of cards: each kind comes once before any comes twice."""
        if not self._deck:
            self._deck = [*self._pack]
            self._dice.shuffle(self._deck)
        return self._deck.pop()

    def _feed(self, number: int, stop: threading.Event) -> None:
        """A steady load until told to stop, with a tick now and then."""
        day = number * DAYS_A_ROUND
        if number % NEW_POLICY == 1:
            document = f'version = "{number}"\nvalid_from = {START}\nhigh_cents = {50_000 + 1000 * number}\n'
            self.town.event(activation(Policy.from_toml(document), document, self._load.day(day)))
        self.town.ticks(self._load.day(day))
        turns = 0
        while not stop.wait(0.1):
            turns += 1
            self._put(day + min(1, turns // 20), self._engine.a_second // 10)
            if turns % 30 == 0:
                self.town.ticks(self._load.day(day + 1))
        self.town.flush()

    def _get_busy(self, number: int) -> None:
        """More at once than the workers can do in a moment, and wait until they are in the midst of it."""
        tasks = self.town.catalogue.outreach_tasks.name
        written = self.town.size(tasks)
        self._put(number * DAYS_A_ROUND, self._engine.at_once)
        self.town.flush()
        goal = written + self._dice.randrange(1, self._engine.at_once // 4)
        until(lambda: self.town.size(tasks) >= goal, PATIENCE, self._check)

    def _put(self, day: int, count: int) -> None:
        with self._sending:
            self._sent |= set(self.town.sends(self._load.records(day, count)))

    def _check(self) -> None:
        for member, kept in self.kept.items():
            if member not in self.down:
                kept.check()

    def _settle(self) -> None:
        """Wait until everything that was sent has come through."""
        until(self._still, PATIENCE, self._check)
        tasks = self.town.catalogue.outreach_tasks.name
        ends = self._twin.follow_tasks()

        def stored() -> bool:
            offsets = self._store.offsets(tasks)
            return all(offsets.get(partition, 0) >= end for partition, end in ends.items())

        until(stored, PATIENCE, self._check)

    def _still(self) -> bool:
        """Whether nothing is under way; not known while the broker has just come back."""
        try:
            return self.town.at_rest()
        except (TimeoutError, KafkaException):
            return False
