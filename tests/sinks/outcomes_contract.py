"""What every case store does with outcomes, and what its reports say, whatever database it is on."""

import re
from abc import ABC, abstractmethod
from contextlib import AbstractContextManager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sinks.errors import StaleSinkError
from sinks.store.outcomes import ReceivedOutcome, Refusal
from sinks.store.store import CaseStore
from sinks.store.views import VIEWS
from tests.sinks.contract import INHERITED
from tests.sinks.made import START, outcome, task

TASKS = "gm9999.outreach-tasks"
OUTCOMES = "gm9999.task-outcomes"
AT = datetime(2026, 1, 20, 10, 30, tzinfo=UTC)
RECEIPTS = "gm9999.receipts.gemeente"
OBSTACLE: dict[str, Any] = {
    "obstacle_rule": "Kostendelersnorm",
    "obstacle_procedure": "aanvraag",
    "obstacle_place": "loket",
    "obstacle_on": date(2026, 1, 9),
}


def received(*records: dict[str, Any]) -> list[ReceivedOutcome]:
    return [ReceivedOutcome(AT + timedelta(minutes=number), each) for number, each in enumerate(records)]


def keep(store: CaseStore, *records: dict[str, Any]) -> None:
    before = store.offsets(OUTCOMES).get(0)
    store.apply_outcomes(OUTCOMES, 0, before, (before or 0) + len(records), received(*records))


def refuse(store: CaseStore, reason: str, number: int, minute: int = 0) -> None:
    """The delivery of an outcome that `keep` had as its ``minute``-th was refused."""
    before = store.offsets(RECEIPTS).get(0)
    refused = Refusal(f"outcome-{number}", AT + timedelta(minutes=minute), reason)
    store.apply_refusals(RECEIPTS, 0, before, (before or 0) + 1, [refused])


def on(day: int) -> date:
    """Days after the tasks of these tests were opened."""
    return START + timedelta(days=day)


class OutcomesContract(ABC):
    @abstractmethod
    def fresh(self) -> AbstractContextManager[CaseStore]:
        """An empty store, gone afterwards."""

    def test_an_outcome_is_stored_without_what_no_database_holds(self) -> None:
        """Intake refuses it; the store reads it all the same, and may not stop at it."""
        nobody = {"joint_with": ["\x00"], "contacted_at": datetime.max.replace(tzinfo=UTC)}
        given = outcome(1, task_id="t", id="o\x00", kind="accepted", wish="\x00", channel="Telefoon", **nobody)
        with self.fresh() as store:
            for _ in range(2):
                keep(store, given)
            store.apply_refusals(RECEIPTS, 0, None, 1, [Refusal("o\x00", AT, "invalid")])
            [found] = store.outcomes("t")
        assert (found["outcome_id"], found["refused"], found["part_of_day"]) == ("o\ufffd", "invalid", None)

    def test_outcomes_are_stored_once_and_the_first_one_holds(self) -> None:
        given = outcome(1, task_id="t", kind="closed", result="Vervolghulp en/of verwijzing", channel="Telefoon")
        with self.fresh() as store:
            keep(store, given, outcome(1, task_id="t", kind="attempt"))
            keep(store, outcome(1, task_id="t", kind="contact"), outcome(2, task_id="t"))
            first, second = store.outcomes("t")
            assert store.offsets(OUTCOMES) == {0: 4}
        assert second["outcome_id"] == outcome(2)["id"]
        assert first == {
            "partner": "gemeente",
            "outcome_id": given["id"],
            "kind": "closed",
            "signalled_on": given["signalled_on"],
            "received_at": AT,
            "channel": "Telefoon",
            "result": "Vervolghulp en/of verwijzing",
            "part_of_day": None,
            "reached": None,
            "promised_on": None,
            "promised_by": None,
            "refused": None,
            "undone": False,
            "by_address": False,
            "task_id": "t",
        }

    def test_same_id_of_two_partners_is_two_outcomes(self) -> None:
        with self.fresh() as store:
            keep(store, outcome(1, task_id="t"), outcome(1, task_id="t", partner="wijkteam"))
            assert [each["partner"] for each in store.outcomes("t")] == ["gemeente", "wijkteam"]

    @given(data=st.data())
    @settings(max_examples=10, deadline=None, suppress_health_check=INHERITED)
    def test_repeated_batches_change_nothing(self, data: st.DataObject) -> None:
        records = [outcome(number, task_id="t", **(OBSTACLE if number % 2 else {})) for number in range(1, 7)]
        order = data.draw(st.lists(st.sampled_from(records), max_size=12), label="order") + records
        cut = data.draw(st.integers(0, len(order)), label="cut")
        with self.fresh() as store:
            keep(store, *order[:cut])
            keep(store, *order[cut:])
            assert {each["outcome_id"] for each in store.outcomes("t")} == {each["id"] for each in records}
            assert len(store.outcomes("t")) == len(records)
            assert len(store.report_obstacles()) == 3

    def test_stale_sink_stores_no_outcome(self) -> None:
        with self.fresh() as store:
            keep(store, outcome(1, task_id="t"))
            for expected in (None, 0, 2):
                with pytest.raises(StaleSinkError):
                    store.apply_outcomes(OUTCOMES, 0, expected, 9, received(outcome(2, task_id="t")))
            with pytest.raises(ValueError, match="before"):
                store.apply_outcomes(OUTCOMES, 0, 1, 0, [])
            assert len(store.outcomes("t")) == 1
            assert store.offsets(OUTCOMES) == {0: 1}

    @pytest.mark.parametrize("task_first", [True, False])
    def test_an_outcome_without_a_task_id_is_linked_by_address(self, *, task_first: bool) -> None:
        """Whichever the sink meets first: a store that is filled anew gives the same report."""
        old = task(1, opened_on=on(0), status="ended")
        new = task(2, opened_on=on(30), address=old["address"], household=old["household"])
        elsewhere = task(3, opened_on=on(0))
        typed = old["address"] | {"postcode": "9999 xk", "addition": (old["address"]["addition"] or "").lower()}
        given = [
            outcome(1, address=typed, signalled_on=on(29)),
            outcome(2, address=typed, signalled_on=on(30)),
            outcome(3, address=typed, signalled_on=on(-1)),
            outcome(4, address=typed, signalled_on=on(40), task_id=elsewhere["task_id"]),
        ]
        with self.fresh() as store:
            if not task_first:
                keep(store, *given)
            store.apply(TASKS, 0, None, 3, [old, new, elsewhere])
            if task_first:
                keep(store, *given)
            linked = {
                each["outcome_id"]: (each["task_id"], each["by_address"])
                for known in (old, new, elsewhere)
                for each in store.outcomes(known["task_id"])
            }
        assert linked == {
            given[0]["id"]: (old["task_id"], True),
            given[1]["id"]: (new["task_id"], True),
            given[3]["id"]: (elsewhere["task_id"], False),
        }

    def test_two_who_share_an_address_have_their_own_outcomes_and_nobody_anothers(self) -> None:
        a = task(1, status="open")
        b = task(2, status="open", opened_on=on(1), address=a["address"])
        shared: dict[str, Any] = {"address": a["address"], "signalled_on": on(9)}
        given = [
            outcome(1, household=a["household"], kind="accepted", **shared),
            outcome(2, household=a["household"], kind="closed", task_id=b["task_id"], **shared),
            outcome(3, household=b["household"], **shared),
            outcome(4, **shared),
            outcome(5, household=f"{7:064x}", **shared),
            outcome(6, **shared | {"signalled_on": on(0)}),  # there was one household then, and yet
        ]
        with self.fresh() as store:
            store.apply(TASKS, 0, None, 2, [a, b])
            keep(store, *given)
            refuse(store, "sort", 6, minute=5)
            mine, others = (store.outcomes(each["task_id"]) for each in (a, b))
            rows = [row for row in store.report_tasks() if row["attempts"]]
        assert [each["outcome_id"] for each in mine] == ["outcome-1", "outcome-2"]
        assert [(each["outcome_id"], each["by_address"]) for each in others] == [("outcome-3", False)]
        assert [row["attempts"] for row in rows] == [1]

    @pytest.mark.parametrize("receipt_first", [True, False])
    def test_what_was_refused_counts_nowhere_and_is_kept_with_its_reason(self, *, receipt_first: bool) -> None:
        """Whichever the sink meets first."""
        made = task(1, status="ended")
        mine: dict[str, Any] = {"task_id": made["task_id"], "signalled_on": on(3), **OBSTACLE}
        kinds = ("contact", "closed")
        with self.fresh() as store:
            store.apply(TASKS, 0, None, 1, [made])
            if receipt_first:
                refuse(store, "contradiction", 2, minute=1)
            keep(store, *(outcome(n, kind=kind, **mine) for n, kind in enumerate(kinds, start=1)))
            if not receipt_first:
                refuse(store, "contradiction", 2, minute=1)
            refuse(store, "contradiction", 2, minute=1)
            [row] = store.report_tasks()
            assert [each["refused"] for each in store.outcomes(made["task_id"])] == [None, "contradiction"]
            assert [each["kind"] for each in store.report_answers()] == ["contact"]
            assert len(store.report_obstacles()) == 1
        assert (row["decision"], row["first_contact_on"]) == (None, on(3))

    def test_an_id_that_intake_refused_may_come_again_mended_and_one_that_was_applied_may_not(self) -> None:
        gift = {"help": "direct_investment", "help_cents": 45_000, "help_for": "wasmachine"}
        given = [
            outcome(1, task_id="t", kind="attempt"),
            outcome(1, task_id="t", kind="accepted", **gift),
            outcome(1, task_id="t", kind="refused"),
            outcome(2, task_id="t", kind="closed"),
            outcome(2, task_id="t", kind="refused"),
        ]
        with self.fresh() as store:
            keep(store, *given)
            refuse(store, "invalid", 1)
            refuse(store, "no_task", 2, minute=3)
            found = [(each["outcome_id"], each["kind"], each["refused"]) for each in store.outcomes("t")]
            [answer] = store.report_answers()
        assert found == [("outcome-1", "accepted", None), ("outcome-2", "closed", "no_task")]
        assert (answer["kind"], answer["cents"]) == ("accepted", 45_000)

    def test_what_was_undone_counts_nowhere_and_what_was_noted_beside_it_does(self) -> None:
        """Undone is what gave the task the status that was taken away; a second `reopened` took nothing away."""
        mine: dict[str, Any] = {"task_id": task(1)["task_id"]}
        kinds = ("contact", "accepted", "attempt", "reopened", "reopened")
        statuses = ("open", "waiting", "helped", "helped", "open", "open")
        causes = ("a report", *(f"outcome-{n}" for n in range(1, 5)), "another report")
        versions = [
            task(1, number, status=status, caused_by=cause)
            for number, (status, cause) in enumerate(zip(statuses, causes, strict=True), start=1)
        ]
        with self.fresh() as store:
            store.apply(TASKS, 0, None, 6, versions)
            keep(store, *(outcome(n, kind=kind, **mine) for n, kind in enumerate(kinds, start=1)))
            found = [each["outcome_id"] for each in store.outcomes(mine["task_id"]) if each["undone"]]
            assert found == ["outcome-2"]
            counted = sorted(each["kind"] for each in store.report_answers())
            assert counted == ["attempt", "contact", "reopened", "reopened"]
            [row] = store.report_tasks()
        assert (row["attempts"], row["first_contact_on"], row["decision"]) == (2, on(1), "reopened")

    def test_report_of_a_task(self) -> None:
        made = task(1, due_on=on(28), reasons=["multiple", "crisis"], national=["multiple"], status="ended")
        mine = {"task_id": made["task_id"]}
        with self.fresh() as store:
            store.apply(TASKS, 0, None, 2, [made, task(2, due_on=on(5), reasons=["overdue"])])
            keep(
                store,
                outcome(1, kind="attempt", signalled_on=on(3), channel="Telefoon", **mine),
                outcome(2, kind="contact", signalled_on=on(9), channel="Huisbezoek", **mine),
                outcome(3, kind="accepted", signalled_on=on(9), **mine),
                outcome(4, kind="closed", signalled_on=on(40), result="Vervolghulp en/of verwijzing", **mine),
                outcome(5, kind="attempt", signalled_on=on(41), task_id="a task that is not there"),
            )
            [row] = [each for each in store.report_tasks() if each["attempts"]]
            [other] = [each for each in store.report_tasks() if not each["attempts"]]
        assert row == {
            "neighbourhood": "9999",
            "status": "ended",
            "level": made["level"],
            "rung": made["rung"],
            "national": "multiple",
            "reasons": "crisis multiple",
            "reports": len(made["members"]),
            "opened_on": on(0),
            "due_on": on(28),
            "first_outcome_on": on(3),
            "first_contact_on": on(9),
            "days_to_first_outcome": 3,
            "days_to_first_contact": 9,
            "within_deadline": True,
            "attempts": 2,
            "decision": "closed",
            "result": "Vervolghulp en/of verwijzing",
            "policy_version": "2026-1",
        }
        silent = ("first_outcome_on", "first_contact_on", "days_to_first_contact", "decision", "result")
        assert [other[name] for name in silent] == [None] * 5
        assert (other["within_deadline"], other["attempts"]) == (False, 0)

    @pytest.mark.parametrize(("first", "within"), [(27, True), (28, True), (29, False), (None, None)])
    def test_within_the_deadline(self, first: int | None, within: bool | None) -> None:  # noqa: FBT001
        made = task(1, due_on=on(28), reasons=["multiple"])
        with self.fresh() as store:
            store.apply(TASKS, 0, None, 1, [made])
            keep(store, outcome(9, kind="reopened", signalled_on=on(1), task_id=made["task_id"]))
            if first is not None:
                keep(store, outcome(1, signalled_on=on(first), task_id=made["task_id"]))
            [row] = store.report_tasks()
        assert row["within_deadline"] is within

    def test_a_task_that_was_reopened_has_no_result(self) -> None:
        made = task(1)
        mine = {"task_id": made["task_id"]}
        with self.fresh() as store:
            store.apply(TASKS, 0, None, 1, [made])
            keep(
                store,
                outcome(1, kind="closed", signalled_on=on(3), result="Definitief geen contact kunnen krijgen", **mine),
                outcome(2, kind="reopened", signalled_on=on(4), **mine),
            )
            [row] = store.report_tasks()
        assert (row["decision"], row["result"]) == ("reopened", None)

    def test_obstacles_tell_where_and_when(self) -> None:
        undated = OBSTACLE | {"obstacle_on": None, "obstacle_procedure": None}
        with self.fresh() as store:
            keep(store, outcome(1, **OBSTACLE), outcome(2, signalled_on=on(7), **undated), outcome(3))
            found = sorted(store.report_obstacles(), key=lambda row: str(row["found_on"]))
        assert [row["rule"] for row in found] == ["Kostendelersnorm"] * 2
        assert [row["procedure"] for row in found] == ["aanvraag", None]
        assert [row["found_on"] for row in found] == [date(2026, 1, 9), on(7)]
        assert {row["neighbourhood"] for row in found} == {"9999"}

    def test_views_have_the_columns_that_the_code_names(self) -> None:
        with self.fresh() as store, store._engine.connect() as connection:
            for view in VIEWS:
                found = connection.exec_driver_sql(f"SELECT * FROM {view.name}").keys()  # noqa: S608
                assert list(found) == [column.name for column in view.columns]

    def test_the_handbooks_queries_run(self) -> None:
        page = (Path(__file__).parents[2] / "docs" / "case-store.md").read_text(encoding="utf-8")
        queries = re.findall(r"^(?:--.*\n)(SELECT[^;]+);", page, re.MULTILINE)
        assert len(queries) == 4
        with self.fresh() as store, store._engine.connect() as connection:
            store.apply(TASKS, 0, None, 1, [task(1, reasons=["crisis", "multiple"])])
            keep(store, outcome(1, task_id=task(1)["task_id"], **OBSTACLE))
            answers = [connection.exec_driver_sql(query.replace("%", "%%")).all() for query in queries]
        assert [len(answer) for answer in answers] == [0, 1, 1, 1]
        assert answers[2][0][0] == 1

    def test_reports_hold_no_address_and_no_pseudonym(self) -> None:
        with self.fresh() as store:
            store.apply(TASKS, 0, None, 1, [task(4242)])
            keep(store, outcome(1, address=task(4242)["address"], **OBSTACLE))
            told = repr([*store.report_tasks(), *store.report_obstacles(), *store.report_answers()])
        assert not any(hidden in told for hidden in ("9999XK", "4243", task(4242)["household"], task(4242)["task_id"]))
