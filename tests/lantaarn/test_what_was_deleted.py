"""The ledger names what is gone from a topic, or was put there by nobody.

That cannot be undone: these tests have a town of their own.
"""

from datetime import UTC, datetime, timedelta

import pytest

from lantaarn.reconcile import Finding, Report
from schemas.codes import SignalType
from tests.lantaarn.town import OWN, RENT, WATER, Town
from tests.stacks import RunningStack


@pytest.fixture(scope="module")
def town(stack: RunningStack, tmp_path_factory: pytest.TempPathFactory) -> Town:
    return Town(stack, tmp_path_factory.mktemp("spoilt")).play()


def named(report: Report) -> set[str]:
    """Where something is unaccounted."""
    assert not report.balanced
    return {finding.where for finding in report.unaccounted}


def test_a_question_to_the_benefits_caseworker_that_is_gone_is_named(town: Town) -> None:
    topic = town.catalogue.benefit_consultations
    (asked,) = [town.codec.decode(topic.record, entry.value) for entry in town.log(topic)]
    report = town.reconciled()
    assert report.counts["households"]["questions to the benefits caseworker"] == 1
    town.write(topic, {**asked, "why": "iets anders"}, asked["id"])
    town.delete(topic.name, 0, 1)
    assert set(town.reconciled().unaccounted) - set(report.unaccounted) == {
        Finding(topic.name, f"outcome {asked['id']}: a question that the core does not ask"),
        Finding(topic.name, f"outcome {asked['id']}: a question is missing"),
    }
    town.delete(topic.name, 0, 2)
    town.write(topic, asked, asked["id"])
    assert town.reconciled().unaccounted == report.unaccounted, "and put back it balances"


def test_a_missing_receipt_is_named(town: Town) -> None:
    topic = town.catalogue.receipts[WATER].name
    town.delete(topic, 0, 1)
    report = town.reconciled()
    (finding,) = report.unaccounted
    assert finding.where == f"{town.catalogue.signals[WATER, SignalType.WATER].name}/0 offset 0"
    assert finding.what.endswith(f"no receipt on {topic}")
    assert f"{topic}/0 begins at offset 1: what was before it cannot be counted" in report.notes


def test_a_deleted_signal_is_named_by_what_it_left_behind(town: Town) -> None:
    topic = town.catalogue.signals[RENT, SignalType.RENT].name
    before = len(town.reconciled().unaccounted)
    town.delete(topic, 0, 1)
    found = [finding for finding in town.reconciled().unaccounted if finding.where == topic]
    assert len(found) == 2, "by its adapter's outbox, and by its receipt"
    assert "published 1 times, on the topic 0 times" in found[0].what
    assert "a receipt and an event" in found[1].what
    assert len(town.reconciled().unaccounted) == before + 2


def test_what_went_by_retention_is_counted_not_accused(town: Town) -> None:
    later = datetime.now(UTC) + timedelta(days=400)
    report = town.reconciled(now=later)
    assert report.balanced
    assert report.counts["adapters"]["records expired on their topics"] == 1


def test_what_nobody_sent_is_named(town: Town) -> None:
    before = set(town.reconciled().unaccounted)
    task, catalogue = town.stored()[0], town.catalogue
    household, signal, now = task["household"], task["members"][0]["signal_id"], datetime.now(UTC)
    home = next(e.partition for e in town.log(catalogue.household_events) if e.key == household.encode())
    said = {"partner": OWN, "kind": "attempt", "signalled_on": now.date(), "address": task["address"]}
    forged = {"id": "forged", "household": household, "received_at": now, "body": ("nl.lantaarn.Outcome", said)}
    receipt = {"signal_id": signal, "partner": RENT, "result": "repeated", "received_at": now}
    town.write(catalogue.household_events, forged, household, home)
    town.write(catalogue.receipts[RENT], receipt, signal)
    town.write(catalogue.outreach_tasks, {**task, "sequence": 99}, household, home)
    town.write(catalogue.receipts[OWN], None, signal)
    found = [f"{where}: {what}" for where, what in town.reconciled().unaccounted if (where, what) not in before]
    for expected in (
        "task-outcomes: signal forged: an event at",
        f"receipts.{RENT}: signal {signal}: repeated, which the core does not say",
        f"outreach-tasks: task {task['task_id']} version 99: the core does not make it of the events",
        ": cannot be read, though only our own processes write there",
    ):
        assert [line for line in found if expected in line], found


def test_a_deleted_event_is_named(town: Town) -> None:
    topic = town.catalogue.household_events.name
    for partition in range(town.catalogue.partitions):
        town.delete(topic, partition, 2)
    report = town.reconciled(policies=town.settings.load_policies())
    assert {f"{topic}/0", f"{topic}/1", topic} <= named(report)
    lost = [finding.what for finding in report.unaccounted if finding.where == topic]
    assert lost
    assert all("accepted, and not on the topic" in what for what in lost)
