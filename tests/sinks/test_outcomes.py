"""The sink and the outcomes that caseworkers send."""

from datetime import UTC, datetime

import pytest

from sinks.errors import TopicReplacedError
from sinks.member import Progress
from tests.sinks.live import Deployment, until
from tests.sinks.made import history, outcome, task

MINE = {"task_id": task(1)["task_id"]}


def test_outcomes_are_stored_beside_the_tasks(deployment: Deployment) -> None:
    topic = deployment.catalogue.task_outcomes.name
    seen: list[Progress] = []
    before = datetime.now(UTC)
    with deployment.running(observe=seen.append):
        deployment.report([outcome(1, **MINE), outcome(2, **MINE), outcome(1, **MINE)])
        until(lambda: deployment.store.offsets(topic) == {0: 3})
        deployment.produce(history(3, 2))
        until(lambda: deployment.stored == 6)
    found = deployment.store.outcomes(MINE["task_id"])
    assert [each["outcome_id"] for each in found] == ["outcome-1", "outcome-2"]
    assert all(
        before.timestamp() - 1 < each["received_at"].timestamp() < datetime.now(UTC).timestamp() + 1 for each in found
    )
    assert sum(each.records for each in seen if each.topic == topic) == 3
    assert {each.topic for each in seen} == {topic, deployment.topic}


@pytest.mark.parametrize("backfill", [True, False])
def test_delivery_time_counts_only_where_the_deployment_allows_it(deployment: Deployment, *, backfill: bool) -> None:
    delivered = datetime(2025, 3, 1, 12, tzinfo=UTC)
    with deployment.running(backfill=backfill):
        deployment.report([outcome(1, delivered_at=delivered, **MINE)])
        until(lambda: len(deployment.store.outcomes(MINE["task_id"])) == 1)
    [found] = deployment.store.outcomes(MINE["task_id"])
    assert (found["received_at"] == delivered) is backfill


def test_a_record_that_is_no_outcome_is_passed_over(deployment: Deployment, capsys: pytest.CaptureFixture[str]) -> None:
    """Other systems write there: one bad record must not hold up the town. Intake keeps it as a dead letter."""
    producer = deployment.producer()
    producer.produce(deployment.catalogue.task_outcomes.name, b"Straatnaam 12, 9999XK", "x")
    producer.flush(20)
    with deployment.running():
        # Intake judges neither: the one fits no index, the other is larger than what is judged.
        deployment.report([outcome(2, **MINE, id="x" * 5000), outcome(3, **MINE, wish="x" * 100_000)])
        deployment.report([outcome(1, **MINE)])
        until(lambda: len(deployment.store.outcomes(MINE["task_id"])) == 1)
    printed = capsys.readouterr()
    assert printed.out.count("outcome passed over") == 3
    assert "9999XK" not in printed.out + printed.err


def test_an_outcome_that_was_refused_is_kept_and_counts_nowhere(deployment: Deployment) -> None:
    with deployment.running():
        deployment.report([outcome(1, **MINE), outcome(2, **MINE)])
        until(lambda: len(deployment.store.outcomes(MINE["task_id"])) == 2)
        at = {each["outcome_id"]: each["received_at"] for each in deployment.store.outcomes(MINE["task_id"])}
        said = {"partner": "gemeente", "field": None, "received_at": at["outcome-2"]}
        accepted = {"signal_id": "outcome-1", "result": "accepted", "reason": None, **said}
        refused = {"signal_id": "outcome-2", "result": "refused", "reason": "no_task", **said}
        deployment.answer([accepted, refused])
        until(lambda: deployment.store.offsets(deployment.receipts.name) == {0: 2})
    assert [each["refused"] for each in deployment.store.outcomes(MINE["task_id"])] == [None, "no_task"]
    assert len(deployment.store.report_answers()) == 1


def test_outcomes_made_anew_are_refused(deployment: Deployment) -> None:
    deployment.store.bind(deployment.catalogue.task_outcomes.name, "another id")
    with pytest.raises(TopicReplacedError, match="task-outcomes"), deployment.running() as ended:
        ended.event.wait(20)
