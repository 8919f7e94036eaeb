"""A rerun makes what the worker makes."""

from streams.core.policy import Policies, Policy
from streams.households.stage import SourceRecord
from streams.rerun import Rerun, only
from tests.streams.households.made import (
    CATALOGUE,
    CODEC,
    Desk,
    activation_of,
    event,
    key_of,
    months,
    report,
    source,
    tick_of,
)


def keyed(values: list[bytes | None]) -> list[SourceRecord]:
    """Records with the keys that they have on the topic."""
    found = []
    for record in source(values):
        household = CODEC.decode("HouseholdEvent", record.value)["household"]
        found.append(record._replace(key=household.encode() if household else None))
    return found


def test_it_gives_what_the_stage_wrote_and_the_states_it_left() -> None:
    records = source(months(1))
    desk = Desk().feed(records)
    rerun = Rerun(CODEC, CATALOGUE)
    rerun.apply(0, records)
    versions = [task for task_id in rerun.tasks for task in rerun.tasks[task_id].values()]
    assert {(v["task_id"], v["sequence"]): v for v in versions} == {
        (task["task_id"], task["sequence"]): task for task in desk.tasks
    }
    assert rerun.receipts == desk.decoded("SignalReceipt")
    assert {key: household.key for key, household in rerun.households().items()}
    assert rerun.policies(0).activated[-1].version == "3"


def test_leaving_the_other_households_out_changes_nothing_for_one() -> None:
    records = keyed([*months(2)])
    whole, one = Rerun(CODEC, CATALOGUE), Rerun(CODEC, CATALOGUE)
    whole.apply(0, records)
    household = key_of(1)
    one.apply(0, only(household, records))
    assert one.households() == {household: whole.households()[household]}
    assert one.tasks == {
        task_id: versions for task_id, versions in whole.tasks.items() if versions[1]["household"] == household
    }
    assert one.tasks


def test_a_step_tells_what_one_record_led_to() -> None:
    rerun = Rerun(CODEC, CATALOGUE)
    first = rerun.step(0, source([event(report("r1", 1))])[0])
    again = rerun.step(0, SourceRecord(1, None, event(report("r1", 1))))
    bad = rerun.step(0, SourceRecord(2, None, b"no record"))
    woken = rerun.step(0, SourceRecord(3, None, tick_of(20)))
    assert [version["sequence"] for version in first.versions] == [1]
    household = first.household(key_of(1))
    assert household is not None
    assert household.task is not None
    assert [receipt["result"] for receipt in again.receipts] == ["duplicate"]
    assert [letter["offset"] for letter in bad.dead_letters] == [2]
    assert [version["rung"] for version in woken.versions] == ["phone"]
    assert len(rerun.dead_letters) == 1


def test_a_log_without_its_beginning_goes_on_with_the_policies_given() -> None:
    known = Policies((Policy.from_toml('version = "old"\nvalid_from = 2020-01-01\n'),))
    rerun = Rerun(CODEC, CATALOGUE, policies=known)
    rerun.apply(3, source([event(report("r1", 1)), activation_of('version = "new"\nvalid_from = 2030-01-01\n', 1)], 70))
    ((version,),) = [list(versions.values()) for versions in rerun.tasks.values()]
    assert version["policy_version"] == "old"
    assert [policy.version for policy in rerun.policies(3).activated] == ["old", "new"]
