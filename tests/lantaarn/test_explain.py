"""What a caseworker is told of a task, and that it is what the rules give."""

import json

from schemas.codes import SignalType
from tests.lantaarn.town import RENT, Town


def at(town: Town, number: int) -> str:
    """Id of the task at a house number."""
    return next(str(task["task_id"]) for task in town.stored() if task["address"]["number"] == number)


def test_every_task_is_explained_and_agrees(town: Town) -> None:
    for task in town.stored():
        done = town.run("explain", task["task_id"], "--json")
        assert done.exit_code == 0, done.output
        told = json.loads(done.stdout)
        assert told["agrees"]
        assert [reason["code"] for reason in told["reasons"]] == task["reasons"]
        assert len(told["versions"]) == task["sequence"]


def test_it_says_which_rule_gives_the_level_and_which_fact_the_date(town: Town) -> None:
    told = json.loads(town.run("explain", at(town, 4), "--json").stdout)
    (rule,) = [reason for reason in told["reasons"] if reason["decides"]]
    assert (rule["code"], rule["level"], rule["source"]) == ("children_at_risk", "joint_home_visit", "founding text B")
    (ground,) = [ground for ground in told["due"] if ground["decides"]]
    assert (ground["ground"], ground["detail"], ground["source"]) == ("crisis", "eviction", "[law]")
    assert (ground["received_on"], ground["on"]) == ("2026-01-05", "2026-01-08")
    assert told["task"]["due_on"] == "2026-01-08"
    report, fact = told["signals"]
    assert (report["partner"], report["type"], report["amount_cents"]) == (RENT, SignalType.RENT.value, 50_000)
    assert (report["became"], fact["became"]) == ("member", "evidence")
    assert told["versions"][-1]["caused_by"] == fact["id"]


def test_it_tells_what_became_of_what_came_again(town: Town) -> None:
    told = json.loads(town.run("explain", at(town, 1), "--json").stdout)
    assert [said["became"] for said in told["signals"]] == ["member", "member", "evidence", "repeated", "duplicate"]


def test_it_is_readable(town: Town) -> None:
    told = town.run("explain", at(town, 2)).output
    for expected in (
        "het contact is kwijt",
        "founding text E",
        "gezamenlijk huisbezoek",
        "isd Uitkeringsstop",
        "verblijfplaats onbekend",
        "€ 900,00",
        "drie werkdagen nadat bleek dat het contact kwijt is",
        "town-1",
        "9901XK 2",
        "Nagerekend: de regels geven hetzelfde",
    ):
        assert expected in told


def test_a_stored_row_that_differs_fails_and_names_the_fields(town: Town) -> None:
    task = at(town, 4)
    statement = "UPDATE tasks SET due_on = '2026-09-09', rung = 'letter' WHERE task_id = :it"
    with town.changed(town.database, statement, it=task) as copy:
        done = town.run("explain", task, LANTAARN_CASE_STORE_URL=f"sqlite:///{copy}")
    assert done.exit_code == 1
    assert f"task {task} differs from what the rules give: version 3: rung, due_on" in done.output
    assert "wijkt af" in done.output


def test_a_version_that_is_gone_or_added_fails(town: Town) -> None:
    task = at(town, 1)
    statement = "DELETE FROM task_versions WHERE task_id = :it AND sequence = 2"
    with town.changed(town.database, statement, it=task) as copy:
        gone = town.run("explain", task, LANTAARN_CASE_STORE_URL=f"sqlite:///{copy}")
    statement = "UPDATE task_versions SET sequence = 70 WHERE task_id = :it AND sequence = 2"
    with town.changed(town.database, statement, it=task) as copy:
        added = town.run("explain", task, LANTAARN_CASE_STORE_URL=f"sqlite:///{copy}")
    assert (gone.exit_code, added.exit_code) == (1, 1)
    assert "version 2: missing" in gone.output
    assert "version 70: extra" in added.output


def test_a_task_that_is_not_there_is_said_to_be_so(town: Town) -> None:
    done = town.run("explain", "00000000-0000-5000-8000-000000000000")
    assert done.exit_code == 1
    assert "no such task in the case store" in done.output
