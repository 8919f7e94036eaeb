"""Third hop: what the core makes of household-events, against all that the worker writes and the case store."""

from collections import Counter
from collections.abc import Mapping

from lantaarn.reconcile.logs import Key, Logs, consultation_key, status_key
from lantaarn.reconcile.report import Ledger
from lantaarn.reconcile.stored import Stored
from schemas.topics import DAY_MS, OWN_PARTNER
from sinks.store.rows import TaskDict, canonical
from streams.rerun import Rerun, Step

HOP = "households"
QUIET_DAYS = 62
"""Longest that household-events may have been silent (no tick) for its beginning to count as expired."""

LetterKey = tuple[int, int, bytes | None]
"""Partition and offset of a record on household-events, and the key that the letter names: of a record about many there
may be a letter for each household."""


class Expected:
    """Listens to a rerun: which partition each version and each dead letter comes from."""

    def __init__(self) -> None:
        self.versions: dict[Key, TaskDict] = {}
        self.partitions: dict[Key, int] = {}
        self.failed: set[LetterKey] = set()
        self.transfers: dict[str, int] = {}  # id -> partition of the household that was left

    def take(self, step: Step) -> None:
        """Note one step."""
        for version in step.versions:
            key = (version["task_id"], version["sequence"])
            self.versions[key] = canonical(version)
            self.partitions[key] = step.partition
        self.transfers.update((transfer["id"], step.partition) for transfer in step.transfers)
        self.failed.update((step.partition, step.offset, letter["key"]) for letter in step.dead_letters)


def check(logs: Logs, expected: Expected, rerun: Rerun, stored: Stored, ledger: Ledger) -> None:
    """Compare what ought to be with the topics and with every row of the case store."""
    late = _late(logs, ledger)
    whole = {key: task for key, task in expected.versions.items() if expected.partitions[key] not in late}
    on_topic = {key: task for key, task in logs.tasks.items() if logs.task_places[key][1] not in late}
    tasks = logs.catalogue.outreach_tasks
    _compare(whole, on_topic, tasks.name, ledger)
    for task_id, sequence in logs.differing:
        ledger.find(tasks.name, f"task {task_id} version {sequence}: stands there with two contents")
    if late:
        _count_agreement(logs, expected, late, ledger)
    _against_store(whole | logs.tasks, stored, ledger, older_are_expired=logs.begins_late(tasks))
    _receipts(logs, rerun, ledger, partly=bool(late))
    _statuses(logs, rerun, ledger, partly=bool(late))
    _consultations(logs, rerun, ledger, partly=bool(late))
    _dead_letters(logs, expected, late, ledger)
    ledger.count(
        HOP,
        {
            "events about households": sum(seen.count for seen in logs.events.values()),
            "ticks and policies": logs.other_events,
            "versions expected": len(expected.versions),
            "versions on outreach-tasks": len(logs.tasks),
            "versions in the case store": len(stored.versions),
            "tasks in the case store": len(stored.current),
        },
    )


def _late(logs: Logs, ledger: Ledger) -> set[int]:
    """Partitions whose log lacks its beginning: there a rerun agrees or proves nothing."""
    events = logs.catalogue.household_events
    bounds = logs.bounds[events.name]
    late = {partition for partition, start in bounds.starts.items() if start}
    youngest = logs.now - ((events.retention_days or 0) - QUIET_DAYS) * DAY_MS
    for partition in sorted(late):
        if logs.first_event.get(partition, logs.now) > youngest:
            gone = f"offsets 0 to {bounds.starts[partition] - 1} are gone, too young to have expired"
            ledger.find(f"{events.name}/{partition}", gone)
    return late


def _compare(expected: Mapping[Key, TaskDict], found: Mapping[Key, TaskDict], where: str, ledger: Ledger) -> None:
    for key in sorted(expected.keys() | found.keys()):
        version = f"task {key[0]} version {key[1]}"
        if key not in found:
            ledger.find(where, f"{version}: missing")
        elif key not in expected:
            ledger.find(where, f"{version}: the core does not make it of the events")
        elif fields := differences(expected[key], found[key]):
            ledger.find(where, f"{version}: differs in {', '.join(fields)}")


def differences(one: TaskDict, other: TaskDict) -> list[str]:
    """Names of the fields that differ: names only, so that they can be shown."""
    return [name for name in one if one[name] != other[name]]


def _against_store(reference: dict[Key, TaskDict], stored: Stored, ledger: Ledger, *, older_are_expired: bool) -> None:
    versions = stored.versions
    if older_are_expired:  # the store keeps what the topic no longer has
        beyond = versions.keys() - reference.keys()
        ledger.count(HOP, {"versions older than outreach-tasks": len(beyond)})
        versions = {key: task for key, task in versions.items() if key not in beyond}
    _compare(reference, versions, "case store, task_versions", ledger)
    highest: dict[str, Key] = {}
    for key in sorted(stored.versions):
        highest[key[0]] = key
    for task_id in sorted(highest.keys() | stored.current.keys()):
        current = stored.current.get(task_id)
        where = "case store, tasks"
        if current is None:
            ledger.find(where, f"task {task_id}: missing, though it has versions")
        elif task_id not in highest:
            ledger.find(where, f"task {task_id}: there, without any version")
        elif fields := differences(stored.versions[highest[task_id]], current):
            ledger.find(where, f"task {task_id}: differs from its highest version in {', '.join(fields)}")
    for name, (task_id, sequence) in stored.orphans:
        ledger.find(f"case store, {name}", f"task {task_id} version {sequence}: rows without their version")


def _count_agreement(logs: Logs, expected: Expected, late: set[int], ledger: Ledger) -> None:
    theirs = {key for key in logs.tasks if logs.task_places[key][1] in late}
    theirs |= {key for key in expected.versions if expected.partitions[key] in late}
    agree = sum(1 for key in theirs if expected.versions.get(key) == logs.tasks.get(key))
    ledger.count(HOP, {"versions in logs without their beginning": len(theirs), "… that agree": agree})
    if agree < len(theirs):
        ledger.note([f"{len(theirs) - agree} versions rest on events that have expired: not proven, not disproven"])


def _receipts(logs: Logs, rerun: Rerun, ledger: Ledger, *, partly: bool) -> None:
    expected = Counter((r["partner"], r["signal_id"], r["result"], r["reason"]) for r in rerun.receipts)
    found = Counter(
        {
            (*sender, kind.result, kind.reason): number
            for sender, kinds in logs.receipts.items()
            for kind, number in kinds.items()
            if not kind.of_intake
        }
    )
    ledger.count(HOP, Counter(f"receipts: {reason or result}" for _, _, result, reason in expected.elements()))
    if partly:
        return  # which duplicates a partition knows of depends on what it has lost
    for key in sorted(expected.keys() | found.keys(), key=str):
        partner, identity, result, reason = key
        topic = logs.catalogue.receipts[partner]
        missing = expected[key] - found[key]
        event = logs.events.get((partner, identity))
        if missing > 0 and not (event and logs.expired(topic, event.timestamp)):
            ledger.find(topic.name, f"signal {identity}: {missing} receipts missing: {reason or result}")
        elif found[key] and not expected[key]:
            ledger.find(topic.name, f"signal {identity}: {reason or result}, which the core does not say")


def _statuses(logs: Logs, rerun: Rerun, ledger: Ledger, *, partly: bool) -> None:
    expected = {status_key(status) for status in rerun.statuses}
    ledger.count(HOP, {"statuses told to partners": len(expected)})
    if partly:
        return
    for key in sorted(expected ^ logs.statuses.keys()):
        topic = logs.catalogue.statuses[key[0]]
        if key not in expected:
            ledger.find(topic.name, f"signal {key[1]}: a status that the core does not tell")
        elif not logs.begins_late(topic):
            ledger.find(topic.name, f"signal {key[1]}: a status is missing")


def _consultations(logs: Logs, rerun: Rerun, ledger: Ledger, *, partly: bool) -> None:
    expected = {consultation_key(asked) for asked in rerun.consultations}
    topic = logs.catalogue.benefit_consultations
    ledger.count(HOP, {"questions to the benefits caseworker": len(expected)})
    if partly:
        return  # which questions an owner could ask depends on what has been lost
    for key in sorted(expected ^ logs.consultations.keys()):
        event = logs.events.get((OWN_PARTNER, key[0]))
        if key not in expected:
            ledger.find(topic.name, f"outcome {key[0]}: a question that the core does not ask")
        elif not (event and logs.expired(topic, event.timestamp)):
            ledger.find(topic.name, f"outcome {key[0]}: a question is missing")


def _dead_letters(logs: Logs, expected: Expected, late: set[int], ledger: Ledger) -> None:
    events = logs.catalogue.household_events.name
    told = {(place[1], place[2], key) for place, keys in logs.letter_keys.items() if place[0] == events for key in keys}
    ledger.count(HOP, {"dead letters": len(expected.failed)})
    for one in sorted(expected.failed ^ told, key=lambda letter: (letter[:2], letter[2] or b"")):
        partition, offset, _ = one
        what = "could not be applied, and no dead letter"
        if one in told:
            what = "a dead letter, though it can be applied"
        elif logs.begins_late(logs.catalogue.rejected):
            continue
        if partition not in late:
            ledger.find(f"{events}/{partition} offset {offset}", what)
