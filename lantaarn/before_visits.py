"""What a person does before anybody goes to a door, by all that has come until now.

Somebody who leaves an address makes no version of a task (record 0005): what is published may still say to go (0013).
"""

from collections.abc import Mapping

from msgspec.structs import replace

from lantaarn.logbook import Logbook
from schemas.codec import Codec
from schemas.topics import Catalogue
from streams.core.next_action import REGISTER_CHECK, RUNGS, next_action
from streams.core.policy import Policies
from streams.core.state import Household, Status
from streams.households.stage import SourceRecord
from streams.rerun import Rerun


def is_live(household: Household, task_id: str) -> bool:
    """Whether this is the household's task, and it has not ended."""
    return household.task is not None and household.task.id == task_id and household.task.status.live


def asked_first(household: Household, task_id: str, policies: Policies) -> str | None:
    """The next action that comes before anybody is approached: register_check, for example; null where none does.

    Also where something else comes before both: a promise, or the day until which somebody waits.

    Args:
        household: As it is now.
        task_id: Of its task; of one that has ended there is nothing to say.
        policies: Those activated so far.
    """
    task = household.task
    if task is None or not is_live(household, task_id):
        return None
    going = replace(task, status=Status.OPEN, promise=None)
    action, _ = next_action(household, going, policies.on(household.today))
    return None if action in RUNGS else action


def asked_before_each(
    logbook: Logbook, codec: Codec, catalogue: Catalogue, tasks: Mapping[str, str], policies: Policies
) -> dict[str, str | None]:
    """What is asked first for some tasks of the case store; reads household-events once, from its beginning.

    Where the events do not show the task as one that is live, its history is cut or the case store is behind: then
    somebody looks in the register, whatever there is to be found.

    Args:
        logbook: Reads household-events.
        codec: For the contracts.
        catalogue: Names the topics.
        tasks: Their ids, with their households.
        policies: Used only where the log no longer has their activations.

    Raises:
        LogError: When household-events cannot be read.
    """
    wanted = {household.encode() for household in tasks.values()}
    bounds, entries = logbook.all(catalogue.household_events)
    reruns = {
        partition: Rerun(codec, catalogue, policies=policies if start else None)
        for partition, start in bounds.starts.items()
    }
    applied = dict.fromkeys(reruns, 0)  # numbered anew: only what concerns these households
    for entry in entries:
        if entry.key is None or entry.key in wanted:
            record = SourceRecord(applied[entry.partition], entry.key, entry.value)
            reruns[entry.partition].apply(entry.partition, [record])
            applied[entry.partition] += 1
    found: dict[str, str | None] = {}
    for partition, rerun in reruns.items():
        for key, household in rerun.households().items():
            found |= {
                task_id: asked_first(household, task_id, rerun.policies(partition))
                for task_id, of in tasks.items()
                if of == key and is_live(household, task_id)
            }
    return {task_id: found.get(task_id, REGISTER_CHECK) for task_id in tasks}
