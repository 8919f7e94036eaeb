"""The households stage as it is in production, for whichever engine runs it."""

import sys
from dataclasses import replace
from pathlib import Path

import structlog

from bench.contenders.job import Job
from schemas.codec import Codec
from schemas.registry import SchemaRegistry
from schemas.topics import Catalogue
from streams.households.stage import Stage, States
from streams.outputs import Outputs

SOURCE = "urn:nld:kvknr:90000004:systeem:bench"


class OwnCatalogue(Catalogue):
    """The topics that all contenders read, and those that one run writes.

    Args:
        job: Names them.
    """

    def __init__(self, job: Job) -> None:
        self._run = job.run
        super().__init__(job.prefix, (), job.partitions)
        self.receipts = {}  # tasks are all that is written
        self.household_events = replace(self.household_events, name=job.source)
        self.outreach_tasks = replace(self.outreach_tasks, name=job.outputs)

    @property
    def households_app(self) -> str:
        """Another application for each run: none goes on where another stopped."""
        return f"{self.prefix}households.{self._run}"


def parts(job: Job) -> tuple[Catalogue, Codec, Outputs]:
    """What a stage is made of."""
    # Standard output is the harness's.
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
    catalogue = OwnCatalogue(job)
    codec = Codec(SchemaRegistry(job.registry_url))
    return catalogue, codec, Outputs(codec, catalogue, SOURCE)


def opened(job: Job, states: States) -> Stage:
    """A stage at the beginning of every partition."""
    catalogue, codec, outputs = parts(job)
    stage = Stage(codec, outputs, states, catalogue.household_events.name)
    for number in range(job.partitions):
        stage.open(number, [], "bench", 0)
    return stage


def own_folder(job: Job) -> Path:
    """A folder for this run's files."""
    folder = Path(job.folder) / job.run
    folder.mkdir(parents=True, exist_ok=True)
    return folder
