"""The worklist on a caseworker's terminal."""

import json

from tests.lantaarn.town import AS_OF, Town

ON = ("--on", AS_OF.isoformat())


def test_the_list_is_in_order_of_work_and_in_words(town: Town) -> None:
    told = town.run("tasks", *ON).output
    assert told.index("9901XK 4") < told.index("9901XK 12") < told.index("9901XK 1 ")
    for expected in (
        "61 dagen te laat",
        "8 jan 2026",
        "gezamenlijk huisbezoek",
        "Er dreigt huisuitzetting",
        "wijkteam",
    ):
        assert expected in told
    assert "Dit is de hele lijst." in told
    assert "children_at_risk" not in told


def test_it_says_how_much_it_leaves_out(town: Town) -> None:
    assert "2 taken staan niet op deze lijst." in town.run("tasks", *ON, "--limit", "1").output


def test_each_status_has_its_list(town: Town) -> None:
    excluded = json.loads(town.run("tasks", *ON, "--status", "suppressed", "--json").stdout)
    (task,) = excluded["tasks"]
    assert (task["address"]["number"], task["reasons"]) == (9, ["detention", "first_signal", "no_response"])
    assert (task["next_action"], excluded["left_out"]) == ("confirm", 0)
    assert "De bewoner zit vast" in town.run("tasks", *ON, "--status", "suppressed").output


def test_programs_get_every_field(town: Town) -> None:
    first = json.loads(town.run("tasks", *ON, "--limit", "1", "--json").stdout)
    (task,) = first["tasks"]
    assert first["left_out"] == 2
    assert (task["due_on"], task["days_left"], task["band"]) == ("2026-01-08", -61, 1)


def test_a_store_that_is_not_there_is_told_in_one_line(town: Town) -> None:
    done = town.run("tasks", *ON, LANTAARN_CASE_STORE_URL=f"sqlite:///{town.folder}/none/cases.db")
    assert done.exit_code == 1
    assert done.output.startswith("lantaarn: case store: ")
