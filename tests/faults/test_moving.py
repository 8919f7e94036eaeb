"""People move while worker and intake are killed: what is open is at the new address, once, and nowhere else."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from schemas.codes import SignalType
from streams.core.calendar import local_day
from streams.core.policy import Policies
from streams.core.situation import situation
from streams.core.state import Status
from streams.households import stored
from tests.stacks import RunningStack
from tests.streams.live import ENGINES, OWN, POSTCODE, RENT, Load, Process, Town, on, until

ROUNDS, HOUSES, NEW = 2, 20, 1000


def reports(first: int) -> list[tuple[str, SignalType, dict[str, Any]]]:
    load = Load(1, 1)
    told = dict.fromkeys(("personal_contact", "debt_help", "reminder", "consent_offer"), True)
    more = {"kind": "report", "amount_cents": 20_000, "arisen_on": local_day(0), "preconditions": told}
    return [
        (
            RENT,
            SignalType.RENT,
            load._base(house, load.day(0), RENT) | more | {"id": f"r{house}", "reference": f"K{house}"},
        )
        for house in range(first, first + HOUSES)
    ]


def moves(first: int) -> list[tuple[str, SignalType, dict[str, Any]]]:
    load = Load(1, 1)
    return [
        (
            OWN,
            SignalType.ADDRESS,
            load._base(house, load.day(3), OWN)
            | {"id": f"m{house}", "type": "Adres", "address_event": "moved", "everyone": True}
            | {"to_address": {"postcode": POSTCODE, "number": house + NEW}},
        )
        for house in range(first, first + HOUSES)
    ]


@pytest.mark.parametrize("engine", ENGINES)
def test_who_moves_between_two_kills_is_carried_once(stack: RunningStack, tmp_path: Path, engine: str) -> None:
    with Town(stack, tmp_path) as town:
        transfers, events = town.catalogue.household_transfers.name, town.catalogue.household_events.name
        running: list[Process] = []

        def alive() -> None:
            for process in running:
                process.check()

        for first in range(1, 1 + ROUNDS * HOUSES, HOUSES):
            running = [town.spawn("intake"), town.spawn("worker", **on(engine))]
            intake, worker = running
            town.sends(reports(first))
            town.flush()
            until(town.at_rest, check=alive)
            before, known = town.size(transfers), town.size(events)
            town.sends(moves(first))
            town.flush()
            until(lambda before=before: town.size(transfers) > before, check=alive)  # type: ignore[misc]
            worker.kill()
            running = [intake]
            until(lambda known=known: town.size(events) > known + HOUSES, check=alive)  # type: ignore[misc]
            intake.kill()
            running = []
        running = [town.spawn("intake"), town.spawn("worker", **on(engine))]
        until(town.at_rest, check=alive)
        for process in running:
            process.end()
        assert_each_is_carried_once(town)


def assert_each_is_carried_once(town: Town) -> None:
    town.assert_as_the_core_says()
    states = town.changelog()
    for house in range(1, 1 + ROUNDS * HOUSES):
        old, new = (stored.household(states[town.pseudonym(one).encode()]).household for one in (house, house + NEW))
        policy = Policies().on(new.today + timedelta(days=1))
        assert situation(old, policy).open == []
        assert situation(new, policy).members == (f"r{house}",)
        assert old.task is not None
        assert new.task is not None
        assert (old.task.status, new.task.status, new.task.sequence) == (Status.ENDED, Status.OPEN, 1)
        assert new.task.due_on == old.task.due_on
