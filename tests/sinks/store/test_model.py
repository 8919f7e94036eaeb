import json

from sqlalchemy import ForeignKeyConstraint

from schemas.codec import schema_text
from sinks.store.model import Base, Help, Obstacle, Outcome, Task, TaskVersion, table
from sinks.store.outcomes import HELP, LEFT_OUT, OBSTACLE, PLAIN
from sinks.store.rows import ADDRESS, SCALARS

CHILDREN = {"reasons", "members"}


def test_tables_hold_every_field_of_the_contract_and_nothing_else() -> None:
    contract = {field["name"]: field for field in json.loads(schema_text("OutreachTask"))["fields"]}
    assert set(SCALARS) == set(contract) - CHILDREN - {"address"}
    assert {field["name"] for field in contract["address"]["type"]["fields"]} == set(ADDRESS)
    for model in (Task, TaskVersion):
        assert {column.name for column in table(model).columns} == set(SCALARS) | set(ADDRESS)


def test_what_may_be_null_is_what_the_contract_says() -> None:
    contract = json.loads(schema_text("OutreachTask"))["fields"]
    address = next(field for field in contract if field["name"] == "address")["type"]["fields"]
    nullable = {f["name"] for f in [*contract, *address] if isinstance(f["type"], list) and "null" in f["type"]}
    assert {column.name for column in table(TaskVersion).columns if column.nullable} == nullable


def test_outcomes_hold_every_field_of_the_contract_but_those_left_out() -> None:
    contract = {field["name"]: field for field in json.loads(schema_text("TaskOutcome"))["fields"]}
    own = {"outcome_id": "id", **{name: name for name in PLAIN}}
    assert {column.name for column in table(Outcome).columns} == {*own, *ADDRESS, "received_at", "part_of_day"}
    beside = set(OBSTACLE.values()) | set(HELP.values())
    assert set(own.values()) | beside | LEFT_OUT | {"address"} == set(contract)
    assert {column.name for column in table(Help).columns} == {"partner", "outcome_id", "received_at", *HELP}
    assert {column.name for column in table(Obstacle).columns} == {"partner", "outcome_id", "received_at", *OBSTACLE}


def test_every_constraint_has_a_name() -> None:
    for each in Base.metadata.sorted_tables:
        assert all(constraint.name for constraint in each.constraints), each.name
        assert all(index.name for index in each.indexes), each.name


def test_names_follow_the_convention() -> None:
    tasks = table(Task)
    assert tasks.primary_key.name == "pk_tasks"
    assert {index.name for index in tasks.indexes} == {
        "ix_tasks_status_band",
        "ix_tasks_postcode_number",
        "ix_tasks_household",
    }
    foreign = [each.name for each in tasks.constraints if isinstance(each, ForeignKeyConstraint)]
    assert foreign == ["fk_tasks_task_id_sequence_task_versions"]
