"""What every case store does, whatever database it is on: each database's tests inherit this suite."""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sinks.errors import ConflictingVersionError, StaleSinkError, TopicReplacedError
from sinks.store.store import CaseStore
from sinks.worklist import day_points
from tests.sinks.made import START, histories, history, task

TOPIC = "gm9999.outreach-tasks"
INHERITED = [HealthCheck.differing_executors]  # each database runs a test that it inherits in its own way


def dump(store: CaseStore) -> dict[str, list[dict[str, Any]]]:
    """All that a store says of its tasks; the current version comes first in each list."""
    return {each["task_id"]: [each, *store.versions(each["task_id"])] for each in store.all_tasks()}


def expected(versions: Sequence[Mapping[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    """What `dump` gives after these versions, worked out without a database."""
    by_key = {(each["task_id"], each["sequence"]): dict(each) for each in versions}
    made: dict[str, list[dict[str, Any]]] = {}
    for key in sorted(by_key):
        made.setdefault(key[0], []).append(by_key[key])
    return {task_id: [numbered[-1], *numbered] for task_id, numbered in made.items()}


class CaseStoreContract(ABC):
    @abstractmethod
    @contextmanager
    def fresh_url(self) -> Iterator[str]:
        """Address of an empty database, gone afterwards."""

    @contextmanager
    def fresh(self) -> Iterator[CaseStore]:
        with self.fresh_url() as url:
            store = CaseStore(url)
            store.create()
            yield store
            store.close()

    def test_what_goes_in_comes_out(self) -> None:
        with self.fresh() as store:
            store.apply(TOPIC, 0, None, 7, history(5, 3))
            assert dump(store) == expected(history(5, 3))
            assert store.task(task(2)["task_id"]) == task(2, 3)
            assert store.task("unknown") is None
            assert store.versions("unknown") == []
            assert store.offsets(TOPIC) == {0: 7}
            assert store.offsets("another") == {}

    def test_lists_come_back_sorted(self) -> None:
        backwards = task(1, reasons=["multiple", "crisis"], national=["multiple", "consecutive"])
        members = [{"signal_id": "b", "repeated": True}, {"signal_id": "a", "repeated": False}]
        with self.fresh() as store:
            store.apply(TOPIC, 0, None, 1, [backwards | {"members": members}])
            found = store.task(backwards["task_id"])
            assert found is not None
            assert found["reasons"] == ["crisis", "multiple"]
            assert found["national"] == ["consecutive", "multiple"]
            assert found["members"] == members[::-1]

    def test_the_last_task_of_a_household_is_the_one_that_changed_last(self) -> None:
        mine: dict[str, Any] = {"household": "ours"}
        first, second = task(1, 1, **mine), task(1, 3, **mine, changed_on=START + timedelta(days=2))
        later, same_day = (task(n, **mine, changed_on=START + timedelta(days=5)) for n in (2, 3))
        with self.fresh() as store:
            assert store.last_of_household("ours") is None
            store.apply(TOPIC, 0, None, 2, [first, task(9)])
            assert store.last_of_household("ours") == first
            store.apply(TOPIC, 0, 2, 3, [second])
            assert store.last_of_household("ours") == second
            store.apply(TOPIC, 0, 3, 5, [same_day, later])
            assert store.last_of_household("ours") == later

    def test_more_tasks_than_one_statement_takes(self) -> None:
        with self.fresh() as store:
            store.apply(TOPIC, 0, None, 1020, history(510, 2))
            assert dump(store) == expected(history(510, 2))

    @given(versions=histories(), data=st.data())
    @settings(max_examples=15, deadline=None, suppress_health_check=INHERITED)
    def test_any_order_and_repetition_gives_the_same(self, versions: list[dict[str, Any]], data: st.DataObject) -> None:
        some = st.lists(st.sampled_from(versions), max_size=6)
        batches = data.draw(st.lists(some, max_size=5), label="batches before")
        order = data.draw(st.permutations(versions), label="order")
        cut = data.draw(st.integers(0, len(order)), label="cut")
        batches += [order[:cut], order[cut:], data.draw(some, label="batch after")]
        with self.fresh() as store:
            for number, batch in enumerate(batches):
                store.apply(TOPIC, 0, number or None, number + 1, batch)
            assert dump(store) == expected(versions)

    def test_offset_moves_by_compare_and_set(self) -> None:
        with self.fresh() as store:
            store.apply(TOPIC, 0, None, 10, [task(1)])
            store.apply(TOPIC, 3, None, 4, [])
            store.apply(TOPIC, 0, 10, 12, [])
            store.apply(TOPIC, 0, 12, 12, [])
            assert store.offsets(TOPIC) == {0: 12, 3: 4}
            with pytest.raises(ValueError, match="before"):
                store.apply(TOPIC, 0, 12, 11, [])

    @pytest.mark.parametrize("lost", [None, 9, 11])
    def test_stale_sink_writes_nothing(self, lost: int | None) -> None:
        with self.fresh() as store:
            store.apply(TOPIC, 0, None, 10, [task(1)])
            with pytest.raises(StaleSinkError):
                store.apply(TOPIC, 0, lost, 20, [task(1, 2), task(2)])
            assert dump(store) == expected([task(1)])
            assert store.offsets(TOPIC) == {0: 10}

    def test_expecting_an_offset_where_there_is_none_is_stale(self) -> None:
        with self.fresh() as store:
            with pytest.raises(StaleSinkError):
                store.apply(TOPIC, 0, 5, 20, [task(1)])
            assert dump(store) == {}

    @pytest.mark.parametrize(
        "changes",
        [
            {"score": 1000},
            {"reasons": ["crisis", "lost_contact"]},
            {"members": [{"signal_id": "x", "repeated": False}]},
            {"address": {"postcode": "9999XA", "number": 1, "letter": None, "addition": None}},
            {"collection_paused_until": START + timedelta(days=400)},
        ],
    )
    @pytest.mark.parametrize("same_batch", [True, False])
    def test_same_version_with_other_content_stops_and_writes_nothing(
        self, changes: dict[str, Any], *, same_batch: bool
    ) -> None:
        other = task(1, 2) | changes
        with self.fresh() as store:
            store.apply(TOPIC, 0, None, 1, [task(1), task(1, 2)])
            before = [task(2), task(2) | changes] if same_batch else [task(2), other]
            with pytest.raises(ConflictingVersionError) as caught:
                store.apply(TOPIC, 0, 1, 9, before)
            assert str(caught.value) == (
                f"task {before[1]['task_id']} version {before[1]['sequence']} is stored with different content"
            )
            assert dump(store) == expected([task(1), task(1, 2)])
            assert store.offsets(TOPIC) == {0: 1}

    def test_restart_finds_everything(self) -> None:
        with self.fresh_url() as url:
            first = CaseStore(url)
            first.create()
            first.apply(TOPIC, 0, None, 5, history(3, 2))
            first.close()
            second = CaseStore(url)
            second.create()
            assert dump(second) == expected(history(3, 2))
            assert second.offsets(TOPIC) == {0: 5}
            second.apply(TOPIC, 0, 5, 8, history(3, 3))
            assert dump(second) == expected(history(3, 3))
            second.close()

    def test_a_store_keeps_to_one_topic(self) -> None:
        with self.fresh() as store:
            store.bind(TOPIC, "id-1")
            store.bind(TOPIC, "id-1")
            store.bind("another", "id-2")
            with pytest.raises(TopicReplacedError, match="id-1"):
                store.bind(TOPIC, "id-3")

    @given(late=st.integers(-40, 40), limit=st.integers(0, 30), regular_days=st.sampled_from([28, 14]))
    @settings(max_examples=10, deadline=None, suppress_health_check=INHERITED)
    def test_worklist_is_in_order_of_work(self, late: int, limit: int, regular_days: int) -> None:
        today = START + timedelta(days=late)
        tasks = [task(n, band=n % 2 + 1, status="open" if n % 5 else "waiting") for n in range(1, 40)]
        tasks += [task(n, band=1, score=7, due_on=START, status="open") for n in range(40, 44)]  # ties: by task id
        with self.fresh() as store:
            store.apply(TOPIC, 0, None, 1, tasks)
            in_order = sorted(
                (each for each in tasks if each["status"] == "open"),
                key=lambda each: (
                    each["band"],
                    -each["score"] - day_points(each["due_on"], today, regular_days),
                    each["due_on"],
                    each["task_id"],
                ),
            )
            assert store.worklist("open", limit, today, regular_days) == in_order[:limit]
            assert store.worklist("open", None, today, regular_days) == in_order
            assert store.counts() == {"open": len(in_order), "waiting": len(tasks) - len(in_order)}
