import json
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sinks.fields import TaskForm
from tests.sinks.made import task

REPLAY_FIELDS = {
    "task_id", "address", "status", "level", "rung", "due_on", "band", "score", "reasons", "national", "members",
    "sequence", "opened_on",
}  # fmt: skip


@given(number=st.integers(1, 1000), sequence=st.integers(1, 9))
def test_there_and_back(number: int, sequence: int) -> None:
    form = TaskForm.of_task(task(number, sequence))
    line = json.loads(json.dumps(form.to_json()))
    assert set(line) == REPLAY_FIELDS
    assert TaskForm.of_json(line) == form
    assert form.differences(TaskForm.of_json(line)) == ()


def test_the_form_of_the_rules() -> None:
    made = task(
        1,
        reasons=["multiple", "crisis"],
        national=["single"],
        members=[{"signal_id": "b", "repeated": True}, {"signal_id": "a", "repeated": False}],
        due_on=date(2026, 2, 1),
        address={"postcode": "9999XK", "number": 2, "letter": None, "addition": "BIS"},
    )
    line = TaskForm.of_task(made).to_json()
    assert line["address"] == {"postcode": "9999XK", "number": 2, "letter": None, "addition": "BIS"}
    assert line["reasons"] == ["crisis", "multiple"]
    assert line["members"] == ["a", "b"]
    assert line["due_on"] == "2026-02-01"


def test_differences_are_names_and_nothing_is_printed_of_the_address() -> None:
    one, other = task(1), task(1, score=1000, address=task(1)["address"] | {"number": 4242})
    assert TaskForm.of_task(one).differences(TaskForm.of_task(other)) == ("address", "score")
    assert "4242" not in repr(TaskForm.of_task(other))
    assert "9999XK" not in repr(TaskForm.of_task(other))


def test_a_missing_field_is_an_error() -> None:
    line = TaskForm.of_task(task(1)).to_json()
    del line["rung"]
    with pytest.raises(KeyError, match="rung"):
        TaskForm.of_json(line)
