"""A race: contenders in turn over the same topic, several rounds, medians; what they leave behind is checked."""

import statistics
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from bench.bed import PARTITIONS, Bed
from bench.contenders.job import Job
from bench.running import Contender, Run, measured

Check = Callable[[Contender, Job], None]
"""Raises ``WrongError`` when a contender did not do its work."""


CHANGELOGS = ("bench.households.{run}-state-changelog", "{run}-counts-changelog")
"""Of our workers, and of the textbook's table; other engines make their own."""


class WrongError(RuntimeError):
    """A contender was fast and wrong: its figure counts for nothing."""


@dataclass(frozen=True)
class Race:
    """What a race needs of the run as a whole.

    Args:
        bed: Broker and registry.
        contenders: Who takes part.
        rounds: How often each.
        quick: Whether the loads are small ones.
        tell: Told what goes on.
    """

    bed: Bed
    contenders: tuple[Contender, ...]
    rounds: int
    quick: bool
    tell: Callable[[str], None]

    def job(self, workload: str, source: str, run: str, records: int, outputs: str = "") -> Job:
        """What one contender is told; makes its topics for outputs and changelog."""
        return Job(
            workload=workload,
            kafka=self.bed.kafka,
            registry_url=self.bed.registry_url,
            prefix="bench.",
            run=run,
            source=source,
            outputs=outputs,
            partitions=PARTITIONS,
            records=records,
            folder=str(self.bed.folder / "runs"),
        )

    def turns(self) -> Iterator[tuple[int, Contender]]:
        """Round by round, each round beginning with another one."""
        for number in range(self.rounds):
            shift = number % len(self.contenders)
            for contender in self.contenders[shift:] + self.contenders[:shift]:
                yield number, contender

    def run(self, workload: str, source: str, whole: int, check: Check) -> dict[str, list[Run]]:
        """Let each run over a topic.

        Args:
            workload: Its name.
            source: The topic.
            whole: Records on it.
            check: Looks at what each left, in the first round.
        """
        runs: dict[str, list[Run]] = {each.name: [] for each in self.contenders}
        for number, contender in self.turns():
            name = f"{workload}-{contender.name}-{number}-{time.monotonic_ns() % 10**9}"
            job = self.job(workload, source, name, contender.records(workload, whole), f"bench.{name}-outputs")
            self.bed.make(job.outputs)
            for changelog in CHANGELOGS:
                self.bed.make(changelog.format(run=name), compacted=True)
            run = measured(contender, job)
            runs[contender.name].append(run)
            self.tell(f"{workload}: {contender.label} {run.rate:,.0f}/s, {run.rss_mib} MiB")
            if number == 0:
                check(contender, job)
            self.bed.drop(name)
        return runs


def summary(runs: dict[str, list[Run]]) -> dict[str, dict[str, Any]]:
    """Medians of the rounds, by contender."""
    return {
        name: {
            "per_second": round(median(run.rate for run in found)),
            "cpu_us": round(median(run.cpu_seconds / run.records * 1e6 for run in found), 1),
            "rss_mib": round(median(run.rss_mib for run in found)),
            "records": found[0].records,
            "all": [round(run.rate) for run in found],
        }
        for name, found in runs.items()
    }


def median(values: Iterable[float]) -> float:
    """The middle one."""
    return float(statistics.median(values))
