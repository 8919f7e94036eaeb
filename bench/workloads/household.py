"""The decision itself: Avro, each household's state, tasks written, with the same stage in every engine."""

from collections.abc import Mapping
from typing import Any

from bench import events
from bench.bed import PARTITIONS
from bench.contenders.job import Job
from bench.field import RAW
from bench.racing import Race, WrongError, summary
from bench.running import Contender

RECORDS = 200_000
QUICK = 20_000


def measure(race: Race) -> dict[str, Any]:
    """Events a second, by contender."""
    whole = QUICK if race.quick else RECORDS
    race.tell(f"household: {whole:,} events")
    bed = race.bed
    source = bed.make("bench.household-events")
    bed.fill(source, events.log(bed.codec, whole, PARTITIONS))
    made: dict[str, set[tuple[str, int]]] = {}
    complete: set[str] = set()

    def check(contender: Contender, job: Job) -> None:
        tasks = [bed.codec.decode("OutreachTask", message.value()) for message in bed.read(job.outputs)]
        made[contender.name] = {(task["task_id"], task["sequence"]) for task in tasks}
        if len(tasks) != len(made[contender.name]):
            raise WrongError(f"{contender.name} wrote a version twice")
        if job.records == whole:
            complete.add(contender.name)

    runs = race.run("household", source, whole, check)
    if RAW in made:
        _compare(made, complete)
    else:
        race.tell("household: the versions are compared with the raw client's, which did not run")
    bed.drop(source)
    return summary(runs)


def _compare(made: Mapping[str, set[tuple[str, int]]], complete: set[str]) -> None:
    wanted = made[RAW]
    for name, versions in made.items():
        if versions != wanted if name in complete else not (versions and versions <= wanted):
            raise WrongError(f"{name} made {len(versions)} versions, the stage alone {len(wanted)}")
