"""The owner of a task asks the benefits caseworker: on purpose, with a name and a reason, and once."""

import json
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from typer.testing import Result

from schemas.topics import OWN_PARTNER
from sinks.store.store import CaseStore
from tests.lantaarn.test_resident import looks
from tests.lantaarn.town import Town, address
from tests.sinks.live import until
from tests.sinks.made import task
from tests.stacks import RunningStack

ASKED = ("--by", "consulent-7", "--why", "wij vinden niemand thuis")
LOST = task(1, owner="wijkteam", status="open", reasons=["lost_contact"], address=address(1))
KNOWN = task(2, owner="wijkteam", status="open", reasons=["crisis"], address=address(2))


@pytest.fixture
def house(stack: RunningStack, tmp_path: Path) -> Town:
    """A town in whose case store are a resident that nobody can find and one that was found."""
    town = Town(stack, tmp_path)
    with closing(CaseStore(town.settings.case_store_url)) as store:
        store.create()
        store.apply("tasks", 0, None, 2, [LOST, KNOWN])
    return town


def consult(town: Town, given: dict[str, Any], *options: str, team: str = "wijkteam") -> Result:
    command = ("consult", given["task_id"], "--team", team, *ASKED, *options)
    return town.run(*command, **town.environment("caseworker"))


def test_the_owner_asks_about_a_lost_contact_and_nothing_goes_before_yes(house: Town) -> None:
    topic = house.catalogue.task_outcomes
    for refused, why in (
        (consult(house, {"task_id": "nobody"}, "--yes"), "no such task"),
        (consult(house, KNOWN, "--yes"), "no lost contact"),
        (consult(house, LOST, "--yes", team="schuldhulpverlening"), "only its owner may ask"),
    ):
        assert (refused.exit_code, why in refused.output) == (1, True)
    shown = consult(house, LOST)
    assert (shown.exit_code, "Nothing asked." in shown.output) == (0, True)
    assert "consulent-7, wijkteam: wij vinden niemand thuis" in shown.output
    assert "9901XK" not in shown.output
    assert house.log(topic) == []
    for _ in range(2):  # given twice it is one question: the household knows it by its id
        assert consult(house, LOST, "--yes").output.endswith("Asked.\n")
    first, second = [house.codec.decode(topic.record, entry.value) for entry in house.log(topic)]
    assert first == second
    asked = {
        name: first[name]
        for name in ("kind", "task_id", "household", "acted_by", "acting_for", "why", "address", "partner")
    }
    assert asked == {
        "kind": "consultation",
        "task_id": LOST["task_id"],
        "household": LOST["household"],
        "acted_by": "consulent-7",
        "acting_for": "wijkteam",
        "why": "wij vinden niemand thuis",
        "address": address(1),
        "partner": OWN_PARTNER,
    }
    subjects = [line["attributes"]["dpl.core.data_subject_id"] for line in looks(house)]
    assert subjects == [KNOWN["household"], *[LOST["household"]] * 4], "each look is written down"
    receipts = house.catalogue.receipts[OWN_PARTNER]
    with house.intake():
        until(lambda: len(house.log(receipts)) == 2)
    told = [house.codec.decode(receipts.record, entry.value) for entry in house.log(receipts)]
    assert {(one["signal_id"], one["result"]) for one in told} == {(first["id"], "accepted")}


def test_what_a_caseworker_said_at_a_shared_address_is_in_the_file_of_whom_it_names(
    house: Town, tmp_path: Path
) -> None:
    shared, out = tmp_path / "shared.toml", tmp_path / "inzage.json"
    shared.write_text('[[address]]\npostcode = "9901XK"\nnumber = 1\n', encoding="utf-8")
    assert consult(house, LOST, "--yes").exit_code == 0
    everything = ("--all-residents", "--yes")  # the task is in the case store alone, not in the log
    done = house.run(
        "access-file", LOST["task_id"], "--out", str(out), *everything, LANTAARN_SHARED_ADDRESSES=str(shared)
    )
    assert done.exit_code == 0, done.output
    kept = json.loads(out.read_text(encoding="utf-8"))["topics"][house.catalogue.task_outcomes.name]
    assert [one["record"]["household"] for one in kept] == [LOST["household"]]
