"""One task explained: the core run again over its household's events, beside what is stored."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from lantaarn.before_visits import asked_first
from lantaarn.explain.said import ARRIVED, Said, said_in
from lantaarn.explain.why import Ground, Reason, known_at_debt_help, why
from lantaarn.logbook import Logbook
from lantaarn.residents import Residents, event_in, events_of
from schemas.codec import Codec
from schemas.topics import Catalogue
from sinks.store.rows import TaskDict, canonical
from streams.core.departing import with_who_left
from streams.core.policy import Policies
from streams.core.situation import situation
from streams.core.state import Household
from streams.rerun import Rerun


class Difference(NamedTuple):
    """A version in the case store that is not what the core makes."""

    sequence: int
    fields: tuple[str, ...]  # names only; `missing` or `extra` for a whole version


class Explanation(NamedTuple):
    """All there is to say of a task."""

    task: TaskDict  # as it is stored
    reasons: tuple[Reason, ...]
    grounds: tuple[Ground, ...]
    said: tuple[Said, ...]  # about those whose task it is
    versions: tuple[TaskDict, ...]  # as the core makes them
    differences: tuple[Difference, ...]
    known_at_debt_help: bool  # then the level is phone, whatever the rules give
    deceased: bool  # somebody who lived there has died
    shared_address: bool  # households that do not know each other
    asked_first: str | None  # what a person does before anybody is approached, whatever the last version says
    log_start: int  # offset at which the household's partition begins; above 0 its history may be cut

    @property
    def agrees(self) -> bool:
        """Whether what is stored is what the core makes of the events."""
        return not self.differences


def explain(
    logbook: Logbook,
    codec: Codec,
    catalogue: Catalogue,
    stored: Sequence[TaskDict],
    current: TaskDict | None,
    policies: Policies | None = None,
) -> Explanation:
    """Run the core again for one task.

    Args:
        logbook: Reads household-events.
        codec: For the contracts.
        catalogue: Names the topics.
        stored: All versions of the task in the case store, the first one first.
        current: The task as the case store gives it to caseworkers; null where only its versions are there.
        policies: Used only where the log no longer has their activations.

    Raises:
        LogError: When household-events cannot be read.
    """
    task = current or stored[-1]
    partition, log_start, records = events_of(task["household"], logbook, catalogue)
    residents = Residents(task["household"])
    rerun = Rerun(codec, catalogue, policies=policies if log_start else None)
    said: list[Said] = []
    decided: tuple[Household, Policies] | None = None  # as they were at the last version
    present: tuple[Household, Policies] | None = None
    for record in records:
        step = rerun.step(partition, record)
        event = event_in(record, codec)
        residents.take(step, event, rerun.policies(partition))
        told = [] if event is None else said_in(event, step)
        again = bool(told) and told[0].detail == ARRIVED and told[0].id in {one.id for one in said}
        said += [] if again else told  # what people bring along counts once, however often it comes
        household = step.household(task["household"])
        present = present if household is None else (household, rerun.policies(partition))
        if any(version["task_id"] == task["task_id"] for version in step.versions):
            decided = present
    made = rerun.tasks.get(task["task_id"], {})
    versions = tuple(canonical(made[sequence]) for sequence in sorted(made))
    members = {member["signal_id"] for member in versions[-1]["members"]} if versions else set()
    people = residents.of_task(task["task_id"]) if versions else None
    # What was said of people who lived there before, or came after, is none of theirs.
    said = [one for one in said if residents.of_record(one.partner, one.id) == people]
    if decided is not None:
        decided = (with_who_left(decided[0], task["task_id"]), decided[1])
    reasons, grounds = why(versions[-1], *decided) if versions and decided else ((), ())
    return Explanation(
        task=task,
        reasons=reasons,
        grounds=grounds,
        said=tuple(
            one._replace(became="member") if one.became == "evidence" and one.id in members else one for one in said
        ),
        versions=versions,
        differences=_differences(stored, current, versions),
        known_at_debt_help=decided is not None and known_at_debt_help(decided[0]),
        deceased=any(_deceased(*known) for known in (decided, present) if known is not None),
        shared_address=present is not None and _shared(present[0]),
        asked_first=None if present is None else asked_first(present[0], task["task_id"], present[1]),
        log_start=log_start,
    )


def _deceased(household: Household, policies: Policies) -> bool:
    return situation(household, policies.on(household.today)).deceased


def _shared(household: Household) -> bool:
    return household.unsorted or (household.facts is not None and household.facts.shared_address is True)


def _differences(
    stored: Sequence[TaskDict], current: TaskDict | None, made: Sequence[TaskDict]
) -> tuple[Difference, ...]:
    theirs = {task["sequence"]: task for task in stored}
    ours = {task["sequence"]: task for task in made}
    found = []
    for sequence in sorted(theirs.keys() | ours.keys()):
        if sequence not in ours:
            found.append(Difference(sequence, ("extra",)))
        elif sequence not in theirs:
            found.append(Difference(sequence, ("missing",)))
        elif fields := _differing(ours[sequence], theirs[sequence]):
            found.append(Difference(sequence, fields))
    if made and current is None:
        found.append(Difference(made[-1]["sequence"], ("not the current one",)))
    elif made and current is not None and (fields := _differing(made[-1], current)):
        found.append(Difference(made[-1]["sequence"], fields))
    return tuple(dict.fromkeys(found))


def _differing(one: Mapping[str, Any], other: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(name for name in one if one[name] != other[name])
