"""Signals of a shared address that tell nobody: listed, placed with a person or given up, and the ledger balances."""

import json
from contextlib import closing
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from lantaarn.commands.sorting import _person
from lantaarn.lag import come_to_rest
from lantaarn.settings import SettingsError
from schemas.topics import OWN_PARTNER
from sinks.store.store import CaseStore
from streams.core.policy import Policy
from streams.wakeups import activation
from tests.lantaarn.test_resident import looks
from tests.lantaarn.town import POLICY, RENT, Delivery, Town, address, rent, water
from tests.sinks.live import until
from tests.stacks import RunningStack

TODAY = f"{datetime.now(UTC):%Y-%m-%d}"
HOUSE = 7
ANNA = {"birth_date": "2001-05-17", "surname": "van der Wal"}


class Shelter(Town):
    """A town with one house on the list of shared addresses."""

    def environment(self, user: str) -> dict[str, str]:
        file = self.folder / "shared.toml"
        file.write_text(f'[[address]]\npostcode = "9901XK"\nnumber = {HOUSE}\nwhat = "opvang"\n', encoding="utf-8")
        return super().environment(user) | {"LANTAARN_SHARED_ADDRESSES": str(file)}

    def settle(self, *deliveries: Delivery) -> None:
        """Let intake, worker and sink work until nothing is left, transfers included."""
        judged = self._lag(self.catalogue.intake_group, self.catalogue.read_by_intake())
        applied = self._lag(self.catalogue.households_app, [self.catalogue.household_events])
        with self._worker(), self.intake(), closing(CaseStore(self.settings.case_store_url)) as store:
            for delivery in deliveries:
                self.deliver(delivery)
            come_to_rest([judged, applied], until)
            self._fill(store)

    def sorting(self, *command: str) -> str:
        """What a command tells; it must end well."""
        user = "auditor" if command[0] == "list" else "caseworker"
        found = self.run("sorting", *command, **self.environment(user))
        assert found.exit_code == 0, found.output
        return found.output


@pytest.fixture
def shelter(stack: RunningStack, tmp_path: Path) -> Shelter:
    town = Shelter(stack, tmp_path)
    (tmp_path / "anna.json").write_text(json.dumps(ANNA), encoding="utf-8")
    town._everywhere(activation(Policy.from_toml(POLICY), POLICY, datetime(2026, 1, 1, tzinfo=UTC)))
    return town


def receipts(town: Town, partner: str) -> list[tuple[str, str | None]]:
    topic = town.catalogue.receipts[partner]
    told = [town.codec.decode(topic.record, entry.value) for entry in town.log(topic)]
    return [(one["result"], one["reason"]) for one in told]


@pytest.mark.rule("shared.alone", "placed")
def test_what_tells_nobody_is_listed_and_placed_or_given_up_once(shelter: Shelter) -> None:
    partner, kind, said = water(HOUSE, TODAY)
    anna = (partner, kind, {**said, **ANNA, "birth_date": date(2001, 5, 17)})
    shelter.settle(Delivery(TODAY, (rent(HOUSE, TODAY, reference="A"), rent(HOUSE, TODAY, reference="B")), (anna,)))
    assert receipts(shelter, RENT) == [("accepted", None)] * 2
    listed = json.loads(shelter.sorting("list", "--json"))
    assert {one["reference"]: one["partner"] for one in listed} == {"A": RENT, "B": RENT}
    assert listed[0]["address"] == address(HOUSE)
    tasks = {one["reference"]: one["task_id"] for one in listed}
    shown = shelter.sorting("list")
    assert all(part in shown for part in (tasks["A"], "Huur, A", f"9901XK {HOUSE}"))

    person = str(shelter.folder / "anna.json")
    place = ("place", tasks["A"], "--person", person, "--by", "consulent-7")
    outcomes = shelter.catalogue.task_outcomes
    assert "Nothing placed." in shelter.sorting(*place)
    assert shelter.log(outcomes) == []
    for _ in range(2):
        told = shelter.sorting(*place, "--yes")
        assert "Wal" not in told
    assert "Nothing closed." in shelter.sorting("dismiss", tasks["B"], "--by", "consulent-7", "--why", "onbekend")
    shelter.sorting("dismiss", tasks["B"], "--by", "consulent-7", "--why", "onbekend", "--yes")
    shelter.settle()

    assert "Nothing to sort." in shelter.sorting("list")
    assert receipts(shelter, OWN_PARTNER) == [("accepted", None)] * 3 + [("duplicate", None)]
    assert receipts(shelter, RENT) == [("accepted", None)] * 2, "its partner is told nothing"
    after = {task["task_id"]: task for task in shelter.stored()}
    assert (after[tasks["A"]]["status"], "placed" in after[tasks["A"]]["reasons"]) == ("ended", True)
    assert after[tasks["B"]]["status"] == "ended"
    (hers,) = (task for task in after.values() if task["task_id"] not in tasks.values())
    assert (hers["status"], hers["level"], len(hers["members"])) == ("open", "phone", 2)
    report = shelter.reconciled()
    assert report.balanced, report.to_json()
    again = shelter.run("sorting", *place, "--yes", **shelter.environment("caseworker"))
    assert (again.exit_code, "nothing to sort" in again.output) == (1, True)
    actions = {line["name"] for line in looks(shelter)}
    assert "melding bij een bewoner plaatsen" in actions
    assert not any("Wal" in json.dumps(line) for line in looks(shelter))


@pytest.mark.parametrize(
    "text", ['{"surname": "Geheim"}', "[]", "geen json: Geheim", '{"birth_date": 5, "surname": "G"}']
)
def test_a_person_that_cannot_be_read_is_told_without_repeating_it(text: str, tmp_path: Path) -> None:
    file = tmp_path / "person.json"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(SettingsError) as raised:
        _person(file)
    assert "Geheim" not in str(raised.value)
