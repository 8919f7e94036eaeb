"""People who move, for those who look: the ledger names what is on its way or lost, and an explanation whose it is."""

from pathlib import Path

import pytest

from lantaarn.explain.said import said_in
from lantaarn.household_file import signals_in
from lantaarn.reconcile.logs import Logs, Seen
from lantaarn.reconcile.moves import check
from lantaarn.reconcile.report import Ledger
from lantaarn.reconcile.tasks import Expected
from lantaarn.settings import Settings, SettingsError
from schemas.samples import VALUES
from streams.core.records import Address
from streams.households.guard import LogBounds
from streams.households.stage import SourceRecord
from streams.rerun import Rerun
from streams.wire import arrival_of, transfer_of
from tests.streams.households.made import CATALOGUE, CODEC

TRANSFERS, EVENTS = CATALOGUE.household_transfers.name, CATALOGUE.household_events.name


def found(expected: set[str], left: set[str], arrived: set[str]) -> list[tuple[str, str]]:
    bounds = {name: LogBounds("t", {0: 0}, {0: 9}) for name in (TRANSFERS, EVENTS)}
    logs = Logs(CATALOGUE, bounds, 0)
    logs.transfers = {identity: Seen((TRANSFERS, 0, 0), 0) for identity in left}
    logs.arrivals = {identity: Seen((EVENTS, 0, 0), 0) for identity in arrived}
    made, ledger = Expected(), Ledger()
    made.transfers = dict.fromkeys(expected, 0)
    check(logs, made, ledger)
    return [(finding.where, finding.what) for finding in ledger.report().unaccounted]


def test_the_ledger_balances_when_each_transfer_has_arrived() -> None:
    assert found({"a", "b"}, {"a", "b"}, {"a", "b"}) == []


def test_the_ledger_names_what_never_left_never_arrived_or_nobody_made() -> None:
    assert found({"a"}, set(), set()) == [(TRANSFERS, "transfer a: missing")]
    assert found({"a"}, {"a"}, set()) == [(EVENTS, "transfer a: has left, and not arrived")]
    assert found(set(), set(), {"a"}) == [(EVENTS, "transfer a: has arrived, and never left")]
    assert found(set(), {"a"}, {"a"}) == [(TRANSFERS, "transfer a: the core does not make it of the events")]


def test_an_explanation_tells_each_record_that_came_along() -> None:
    transfer = VALUES["HouseholdTransfer"]
    value = CODEC.encode("HouseholdEvent", arrival_of(transfer))
    record = SourceRecord(0, transfer["household"].encode(), value)
    moved, rent = said_in(CODEC.decode("HouseholdEvent", value), Rerun(CODEC, CATALOGUE).step(0, record))
    assert (moved.type, moved.detail, moved.became) == ("Adres", "arrived", "evidence")
    assert (rent.partner, rent.type, rent.kind, rent.amount_cents) == (
        "woonstichting-de-wende",
        "Huur",
        "report",
        131250,
    )


def test_what_came_along_is_of_the_file_of_those_who_moved() -> None:
    transfer = VALUES["HouseholdTransfer"]
    event = CODEC.decode("HouseholdEvent", CODEC.encode("HouseholdEvent", arrival_of(transfer)))
    came_along = {(claim.partner, entry.id) for claim in transfer_of(event).carried.claims for entry in claim.entries}
    assert came_along
    assert set(signals_in(event)) == {(transfer["partner"], transfer["id"]), *came_along}


def test_the_list_of_shared_addresses_is_a_setting_and_a_mistake_names_the_file(tmp_path: Path) -> None:
    assert Settings().load_shared_addresses() == frozenset()
    file = tmp_path / "shared.toml"
    file.write_text('[[address]]\npostcode = "9901AB"\nnumber = 12\n', encoding="utf-8")
    settings = Settings(shared_addresses=file)
    assert settings.load_shared_addresses() == {Address("9901AB", 12)}
    file.write_text("[[address]]\nnumber = 12\n", encoding="utf-8")
    with pytest.raises(SettingsError, match=r"shared\.toml: address 1: postcode"):
        settings.load_shared_addresses()
