"""The seeded caseworker: works down the list each working day and reports what came of it.

The deliveries go through the real adapters as far as their outboxes, and through the real core, so that what the
caseworker answers are the tasks that the pipeline will have opened by then.
"""

import json
import random
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import ExitStack, closing
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from lantaarn.demo.partners import Partners
from lantaarn.demo.schedule import Delivery
from producers.adapter import Desk, route_of, source_of
from producers.outbox import Outbox
from schemas.codes import Channel, EndResult
from schemas.topics import OWN_PARTNER, Catalogue
from streams.core.addresses import pseudonym
from streams.core.admission import admit
from streams.core.agreements import Agreements
from streams.core.household import advance, decide
from streams.core.policy import Policies, Policy, always
from streams.core.records import Record
from streams.core.state import Household, Level, Status, Task

SECRET = b"examples"  # pseudonyms are made anew in each deployment; here they only keep households apart
ACTIONS_A_DAY = 14
DAYS_BETWEEN = 5
AFTERNOON = time(14, tzinfo=UTC)
REACHED = {Level.LETTER: 0.12, Level.PHONE: 0.5, Level.HOME_VISIT: 0.46, Level.JOINT_HOME_VISIT: 0.55}
CHANNEL = {
    Level.LETTER: Channel.LETTER,
    Level.PHONE: Channel.PHONE,
    Level.HOME_VISIT: Channel.VISIT,
    Level.JOINT_HOME_VISIT: Channel.VISIT,
}
WISHES = ("eerst de huur", "rust", "overzicht", "hulp bij een regeling", "weten waar ik recht op heb")
Line = dict[str, Any]


def outcomes(folder: Path, adapters: Path, agreements: Path, policy: Path, deliveries: list[Delivery]) -> list[Line]:
    """All outcomes of the months, in the interchange form and in order of time.

    Args:
        folder: Where the deliveries have been written.
        adapters: Folder of the adapters' configurations.
        agreements: Agreements file.
        policy: Policy file.
        deliveries: The schedule.
    """
    known = Agreements.from_toml(agreements.read_text(encoding="utf-8"))
    town = Town(always(Policy.from_toml(policy.read_text(encoding="utf-8"))), known)
    caseworker = Caseworker(town, random.Random("caseworker"))
    with TemporaryDirectory() as root:
        arriving = _arriving(folder, adapters, Path(root), known, deliveries)
        day = deliveries[0].at.date()
        for at, raw, received_at in arriving:
            while day < at.date():
                caseworker.work(day)
                day += timedelta(days=1)
            town.receive(raw, received_at)
        for _ in range(12):
            caseworker.work(day)
            day += timedelta(days=1)
    return caseworker.reported


class Town:
    """The households, as the core has them."""

    def __init__(self, policies: Policies, agreements: Agreements) -> None:
        self._policies = policies
        self._agreements = agreements
        self.households: dict[str, Household] = {}

    def receive(self, raw: Line, received_at: int | None = None) -> None:
        """A record comes in."""
        record = admit(raw, self._policies, self._agreements, received_at=received_at)
        if isinstance(record, Record):
            key = pseudonym(SECRET, record.address)
            decision = decide(self.households.get(key) or Household(key), record, self._policies)
            self.households[key] = decision.household

    def on(self, day: date) -> list[Household]:
        """Households with a task, as they are on a day, most urgent first."""
        for key, household in self.households.items():
            self.households[key], _ = advance(household, day, self._policies)
        return sorted((h for h in self.households.values() if h.task is not None), key=_urgency)


def _urgency(household: Household) -> tuple[int, int, date, str]:
    task = household.task
    assert task is not None  # noqa: S101
    return (task.band, -task.score, task.due_on, task.id)


class Caseworker:
    """Answers tasks.

    Args:
        town: Where the tasks are.
        rng: Decides who answers the telephone.
    """

    def __init__(self, town: Town, rng: random.Random) -> None:
        self._town = town
        self._rng = rng
        self.reported: list[Line] = []
        self._attempts: dict[str, int] = {}
        self._last: dict[str, date] = {}
        self._reached: set[str] = set()  # tasks whose resident was spoken to
        self._mistakes: list[tuple[date, Household]] = []

    def work(self, day: date) -> None:
        """One day: at most so many actions, none in a weekend."""
        if day.weekday() > 4:  # noqa: PLR2004 - Friday
            return
        moment = datetime.combine(day, AFTERNOON)
        actions = 0
        for household in self._town.on(day):
            task = household.task
            if actions >= ACTIONS_A_DAY or task is None:
                break
            done = self._act(household, task, day)
            if done is not None:
                moment += timedelta(seconds=self._rng.randint(40, 400), milliseconds=self._rng.randint(1, 900))
                self._report(household, moment, *done)
                self._last[task.id] = day
                if done[0] in {"contact", "accepted", "refused"}:
                    self._reached.add(task.id)
                actions += 1
        self._undo(day, moment)

    def _act(self, household: Household, task: Task, day: date) -> tuple[str, Channel | None, EndResult | None] | None:
        if day - self._last.get(task.id, date.min) < timedelta(days=DAYS_BETWEEN):
            return None
        chance = self._rng.random()
        match task.status:
            case Status.OPEN if day > task.rung_since or task.band < 3:  # noqa: PLR2004 - crises the same day
                return self._reach_out(task, chance)
            case Status.WAITING if chance < 0.12:  # noqa: PLR2004
                return self._spoken(household, day)
            case Status.HELPED if chance < 0.04:  # noqa: PLR2004
                return "closed", Channel.ADMINISTRATIVE, EndResult.REFERRAL_FINANCIAL
            case Status.SUPPRESSED if chance < 0.3:  # noqa: PLR2004
                known = EndResult.OTHER_PROGRAMME if task.id in self._reached else EndResult.OTHER_REASON
                return "closed", Channel.ADMINISTRATIVE, known
        return None

    def _reach_out(self, task: Task, chance: float) -> tuple[str, Channel | None, EndResult | None]:
        channel = CHANNEL[task.rung]
        tried = self._attempts[task.id] = self._attempts.get(task.id, 0) + 1
        if chance < REACHED[task.rung]:
            if chance < 0.2 * REACHED[task.rung]:
                return "accepted", channel, None
            return "contact", channel, None
        if tried > 5:  # noqa: PLR2004
            return "closed", channel, EndResult.NO_REACTION if task.id in self._reached else EndResult.NO_CONTACT
        return "attempt", channel, None

    def _spoken(self, household: Household, day: date) -> tuple[str, Channel | None, EndResult | None]:
        chance = self._rng.random()
        if chance < 0.3:  # noqa: PLR2004
            return "accepted", Channel.PHONE, None
        if chance < 0.65:  # noqa: PLR2004
            return "refused", Channel.PHONE, None
        if chance < 0.72:  # noqa: PLR2004
            self._mistakes.append((day + timedelta(days=1), household))
        return (
            "closed",
            Channel.PHONE,
            self._rng.choice([EndResult.SELF_RELIANT, EndResult.PAID_OR_ARRANGED, EndResult.ADVICE]),
        )

    def _undo(self, day: date, moment: datetime) -> None:
        due = [household for on, household in self._mistakes if on <= day]
        self._mistakes = [(on, household) for on, household in self._mistakes if on > day]
        for household in due:
            moment += timedelta(minutes=3)
            self._report(household, moment, "reopened", None, None)

    def _report(
        self, household: Household, at: datetime, kind: str, channel: Channel | None, result: EndResult | None
    ) -> None:
        address = household.address
        assert address is not None  # noqa: S101
        line = {
            "id": str(uuid5(NAMESPACE_URL, f"urn:lantaarn:outcome:{len(self.reported)}")),
            "partner": OWN_PARTNER,
            "type": "Uitkomst",
            "kind": kind,
            "channel": channel.value if channel else None,
            "result": result.value if result else None,
            **self._more(kind),
            "signalled_on": at.date().isoformat(),
            "received_at": at.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "address": {name: getattr(address, name) for name in address.__struct_fields__},
        }
        self.reported.append(line)
        self._town.receive(line)

    def _more(self, kind: str) -> Line:
        if kind == "accepted":
            return {"wish": WISHES[len(self.reported) % len(WISHES)]}
        return {"acted_by": "teamleider", "why": "verkeerde taak gekozen"} if kind == "reopened" else {}


def _arriving(
    folder: Path, adapters: Path, root: Path, agreements: Agreements, deliveries: list[Delivery]
) -> Iterator[tuple[datetime, Line, int]]:
    """What the adapters make of each delivery: its moment, the raw record and when it counts as received."""
    partners = Partners(adapters, folder, root)
    catalogue = Catalogue("", agreements.senders)
    desks: dict[str, Desk] = {}
    types: dict[str, str] = {}
    with ExitStack() as stack:
        for name, config in partners.adapters.items():
            settled = config.model_copy(update={"settle_seconds": 0})
            outbox = stack.enter_context(Outbox(partners.outbox(name)))
            for feed in settled.feeds:
                source = source_of(settled, feed, outbox)
                route = route_of(settled, feed, catalogue)
                desks[feed.name] = Desk(settled, feed, route, outbox, source, backfill=True)
                types[feed.name] = feed.type.value
        seen = dict.fromkeys(partners.adapters, 0)
        for delivery in deliveries:
            taken_in = partners.put(delivery)
            while not taken_in():
                desks[delivery.feed].take_in(threading.Event())
            fresh = _fresh(partners.outbox(delivery.adapter), seen[delivery.adapter])
            for number, record, at in fresh:
                seen[delivery.adapter] = number
                yield delivery.at, {**record, "type": types[delivery.feed]}, at


def _fresh(outbox: Path, after: int) -> list[tuple[int, Line, int]]:
    with closing(sqlite3.connect(outbox)) as db:
        rows = db.execute(
            "SELECT id, payload, delivered_at FROM outbox WHERE id > ? AND status = 'pending' ORDER BY id", (after,)
        ).fetchall()
    return [(number, json.loads(payload), at) for number, payload, at in rows]
