"""What the chaos harness would say of a pipeline that loses, doubles or bends: each kind is seen, and named once."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sinks.store.store import CaseStore
from streams.households import stored
from streams.outputs import Output
from streams.wire import event_of
from tests.chaos.twin import Twin
from tests.stacks import RunningStack
from tests.streams.households.made import report
from tests.streams.live import Expected, Town

HOUSES = range(1, 9)


@pytest.fixture
def town(stack: RunningStack, tmp_path: Path) -> Iterator[Town]:
    """Some households, of which nobody has written anything yet."""
    with Town(stack, tmp_path) as made:
        for house in HOUSES:
            made.event(event_of(report(f"r{house}", house), made.pseudonym(house)))
        made.flush()
        yield made


SENT = {f"r{house}" for house in HOUSES}


def write(town: Town, outputs: list[Output], states: dict[bytes, bytes]) -> None:
    """What a worker, and intake before it, would have written."""
    where = {m.key(): m.partition() or 0 for m in town.messages(town.catalogue.household_events.name)}
    for output in outputs:
        town.put(output.topic, output.value, output.key)
    for key, value in states.items():
        town.put(town.catalogue.households_changelog.name, value, key, where[key])
    for identity in SENT:
        answer = {"partner": "gemeente", "result": "accepted", "reason": None, "field": None}
        receipt = town.outputs.receipt({"signal_id": identity, "received_at": 0, **answer})
        assert receipt is not None
        town.put(receipt.topic, receipt.value, receipt.key)
    town.flush()


def told(town: Town, *, once: bool = False) -> dict[str, set[str]]:
    twin = Twin(town, once=once)
    twin.compare(SENT)
    twin.compare(SENT)
    twin.close()
    found = twin.verdict
    return {"lost": found.lost, "doubled": found.doubled, "wrong": found.wrong}


NOTHING: dict[str, set[str]] = {"lost": set(), "doubled": set(), "wrong": set()}


def test_a_pipeline_that_does_as_the_core_says_is_clean(town: Town) -> None:
    core = town.expected()
    write(town, core.outputs, core.states)
    assert told(town) == NOTHING


def test_a_version_that_comes_again_is_a_fault_only_where_once_was_promised(town: Town) -> None:
    core = town.expected()
    write(town, [*core.outputs, core.outputs[0]], core.states)
    assert told(town) == NOTHING
    assert len(told(town, once=True)["doubled"]) == 1


def test_what_is_missing_is_lost(town: Town) -> None:
    core = town.expected()
    key = next(iter(core.states))
    write(town, core.outputs[1:], {name: state for name, state in core.states.items() if name != key})
    found = told(town)
    task = next(iter(first_version(core)))
    assert found == NOTHING | {"lost": {f"version {task}.1", f"state {key.decode()}"}}


def test_a_record_that_is_on_no_log_is_lost(town: Town) -> None:
    core = town.expected()
    write(town, core.outputs, core.states)
    twin = Twin(town, once=False)
    twin.compare(SENT | {"never came"})
    twin.close()
    assert twin.verdict.lost == {"record never came, not on household-events", "receipt of never came"}


def test_an_older_state_and_another_content_are_wrong(town: Town) -> None:
    core = town.expected()
    key, data = next(iter(core.states.items()))
    known = stored.household(data)
    bent = stored.packed(stored.StoredHousehold(known.offset - 1, known.household))
    task = town.codec.decode("OutreachTask", core.outputs[0].value)
    other = town.outputs.task(task | {"score": task["score"] + 1})
    write(town, [other, *core.outputs[1:]], core.states | {key: bent})
    assert told(town) == NOTHING | {"wrong": {f"version {task['task_id']}.1", f"state {key.decode()}"}}


def test_a_version_of_nobodys_making_counts_twice(town: Town) -> None:
    core = town.expected()
    task = town.codec.decode("OutreachTask", core.outputs[0].value)
    more = town.outputs.task(task | {"task_id": "another"})
    write(town, [*core.outputs, more], core.states)
    assert told(town) == NOTHING | {"doubled": {"version another.1, of ours alone"}}


def test_the_case_store_is_compared_with_the_core(town: Town, tmp_path: Path) -> None:
    core = town.expected()
    write(town, core.outputs, core.states)
    versions: list[dict[str, Any]] = list(core.versions.values())
    url = f"sqlite:///{tmp_path / 'cases.db'}"
    store = CaseStore(url)
    store.create()
    bent = versions[1] | {"score": versions[1]["score"] + 1}
    store.apply("tasks", 0, None, 1, [bent, *versions[2:], versions[0] | {"task_id": "another"}])
    twin = Twin(town, once=True)
    twin.compare(SENT)
    twin.compare_store(url)
    twin.close()
    store.close()

    def both(name: str, what: str) -> set[str]:
        return {f"task {name}, {what} the store", f"version {name}.1, {what} the store"}

    assert twin.verdict.lost == both(versions[0]["task_id"], "not in")
    assert twin.verdict.wrong == both(bent["task_id"], "in")
    assert twin.verdict.doubled == both("another", "only in")


def first_version(core: Expected) -> list[str]:
    """Task id of the first version that the core makes."""
    return [task_id for task_id, _ in core.versions]
