"""The town from the first signal to the figures: every process, every step, in phases."""

import json
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from datetime import UTC, date, datetime
from multiprocessing import get_context
from pathlib import Path

from rich.progress import Progress, TaskID

from lantaarn.demo.figures import Figures, figures
from lantaarn.demo.partners import Partners
from lantaarn.demo.player import Player
from lantaarn.demo.schedule import Step, schedule
from lantaarn.demo.worth import months
from lantaarn.exporting import exported
from lantaarn.local import LocalDeployment
from lantaarn.logbook import Logbook
from lantaarn.producing import Writer, for_every_partition
from lantaarn.reconcile import AdapterBooks, reconcile
from lantaarn.settings import load_policy
from lantaarn.wiring import case_store, deployment
from schemas.topics import Role
from sinks.worklist import Worklist, worklist
from streams.core.calendar import local_day
from streams.core.policy import Policies, always
from streams.replay import Cadence
from streams.wakeups import activation
from streams.wire import millis

MOST_URGENT = 10


class Phases:
    """Seconds by phase, and a line of progress for each."""

    def __init__(self, progress: Progress) -> None:
        self.seconds: dict[str, float] = {}
        self._progress = progress
        self._task: TaskID | None = None
        self._name = ""
        self._began = 0.0

    def begin(self, name: str, description: str, total: int | None = None) -> None:
        """End the phase before, and begin another."""
        self.end()
        self._name, self._began = name, time.monotonic()
        self._task = self._progress.add_task(description, total=total)

    def tell(self, text: str) -> None:
        """What goes on within the phase."""
        if self._task is not None:
            self._progress.update(self._task, description=text)

    def step(self, text: str) -> None:
        """One step further."""
        if self._task is not None:
            self._progress.update(self._task, description=text, advance=1)

    def end(self) -> None:
        """End the phase."""
        if self._task is not None:
            self.seconds[self._name] = round(time.monotonic() - self._began, 1)
            self._progress.remove_task(self._task)
            self._task = None


@contextmanager
def play_town(
    examples: Path, policy: Path, folder: Path, progress: Progress, *, postgres: bool = False
) -> Iterator[tuple[Figures, Worklist, Path]]:
    """Play the town; everything is still running while the result is looked at.

    Args:
        examples: Deliveries, schedule, agreements, outcomes.
        policy: The town's policy.
        folder: For data, logs and secrets.
        progress: Shows what goes on.
        postgres: Whether the case store is in PostgreSQL.

    Yields:
        The figures, the most urgent tasks, and a file with the environment for other commands.
    """
    phases = Phases(progress)
    phases.begin("start", "starting Kafka and the schema registry")
    with LocalDeployment(
        folder,
        agreements=examples / "agreements.toml",
        policies=policy,
        backfill=True,
        postgres=postgres,
        progress=phases.tell,
    ) as local:
        phases.tell("starting adapters, intake, worker and sink")
        partners = Partners(examples / "adapters", examples, folder.absolute() / "partners")
        _start(local, partners)
        steps = schedule(examples)
        _activate(local, policy, steps[0].at)
        player = Player(local, partners)
        phases.begin("play", "playing the months", total=len(steps))
        player.play(steps, lambda step: phases.step(f"playing {step.at:%d %B %Y}"))
        phases.begin("settle", "waiting for the last tasks")
        player.settle()
        yield (*_result(local, partners, policy, steps[-1], phases), local.write_environment(Role.AUDITOR))


def _start(local: LocalDeployment, partners: Partners) -> None:
    for role in (Role.INTAKE, Role.WORKER, Role.SINK):
        local.spawn(role, role, role)
    for adapter in partners.adapters:
        outbox = {"LANTAARN_OUTBOX": str(partners.outbox(adapter))}
        local.spawn(f"adapter-{adapter}", Role.ADAPTER, "publish", str(partners.file(adapter)), **outbox)


def _activate(local: LocalDeployment, policy: Path, at: datetime) -> None:
    made = deployment(local.settings(Role.POLICY))
    event = activation(load_policy(policy), policy.read_text(encoding="utf-8"), at)
    Writer(made.settings.kafka()).write(for_every_partition(made, event))


def _result(
    local: LocalDeployment, partners: Partners, policy: Path, last: Step, phases: Phases
) -> tuple[Figures, Worklist]:
    made = deployment(local.settings(Role.AUDITOR))
    settings = made.settings
    as_of: date = local_day(millis(last.at))
    policies: Policies = always(load_policy(policy))
    phases.begin("check", "checking that the ledger balances, and replaying the months")
    entries = Logbook(settings.kafka()).all(made.catalogue.household_events)[1]
    log = [json.dumps(line.values).encode() for line in exported(entries, made.codec)]
    with ProcessPoolExecutor(len(Cadence), get_context("spawn")) as beside:
        daily, monthly = (
            beside.submit(months, log, policies, as_of, settings.secret(), cadence)
            for cadence in (Cadence.DAILY, Cadence.MONTHLY)
        )
        report = reconcile(
            settings.kafka(),
            made.codec,
            made.catalogue,
            settings.case_store_url,
            now=datetime.now(UTC),
            books=[AdapterBooks(config, partners.outbox(name)) for name, config in partners.adapters.items()],
        )
        with case_store(settings) as store:
            tasks = list(store.all_tasks())
            urgent = worklist(store, as_of, MOST_URGENT)
        found = figures(
            made,
            partners,
            report=report,
            daily=daily.result(),
            monthly=monthly.result(),
            tasks=tasks,
            policy_version=policies.activated[0].version,
            seconds=phases.seconds,
        )
    phases.end()
    return found, urgent
