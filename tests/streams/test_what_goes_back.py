"""Non-interference on a real broker: two towns with one landlord's records, and all else different."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from schemas.codes import SignalType
from tests.stacks import RunningStack
from tests.streams.live import OWN, POSTCODE, RENT, WATER, Town, until

BEGIN = datetime(2026, 2, 2, 12, tzinfo=UTC)
EXCLUDED, KNOWN, NEIGHBOURLY, HELPED = 1, 2, 3, 4  # houses
Sent = tuple[str, SignalType, dict[str, Any]]


class Back(NamedTuple):
    """What a partner can read."""

    receipts: list[tuple[Any, ...]]
    statuses: list[tuple[Any, ...]]


def said(identity: str, partner: str, house: int, day: int, **fields: Any) -> dict[str, Any]:
    at = BEGIN + timedelta(days=day, minutes=house)
    address = {"postcode": POSTCODE, "number": house}
    base = {"id": identity, "partner": partner, "signalled_on": at.date(), "address": address, "delivered_at": at}
    return base | fields


def report(partner: str, house: int, day: int, identity: str | None = None) -> Sent:
    steps = dict.fromkeys(("personal_contact", "debt_help", "reminder", "consent_offer"), True)
    claim = {"kind": "report", "reference": f"K{house}", "amount_cents": 30_000, "preconditions": steps}
    arisen = {"arisen_on": BEGIN.date() - timedelta(days=60)}
    kind = SignalType.RENT if partner == RENT else SignalType.WATER
    return partner, kind, said(identity or f"{partner}-{house}-{day}", partner, house, day, **claim, **arisen)


def fact(house: int, **facts: Any) -> Sent:
    return OWN, SignalType.HOUSEHOLD, said(f"feit-{house}", OWN, house, 0, type="Huishouden", **facts)


def outcome(house: int, day: int, kind: str) -> Sent:
    more = {"channel": "Telefoon", "wish": "rust"} if kind == "accepted" else {"channel": "Telefoon"}
    return OWN, SignalType.OUTCOME, said(f"{kind}-{house}-{day}", OWN, house, day, kind=kind, **more)


HOUSES = (EXCLUDED, KNOWN, NEIGHBOURLY, HELPED)
OURS = {0: [report(RENT, house, 0) for house in HOUSES], 30: [report(RENT, house, 30) for house in HOUSES]}
OURS[30].append(report(RENT, NEIGHBOURLY, 0))  # sent again
OTHERS: dict[int, list[Sent]] = {
    0: [
        fact(EXCLUDED, excluded="unsafe"),
        fact(KNOWN, known_at_debt_help=True),
        report(WATER, EXCLUDED, 0, f"{RENT}-{EXCLUDED}-0"),  # under the landlord's own id
        report(WATER, NEIGHBOURLY, 0),
    ],
    5: [*(outcome(house, 5, "contact") for house in (EXCLUDED, KNOWN)), outcome(HELPED, 5, "accepted")],
}


def played(stack: RunningStack, folder: Path, days: dict[int, list[Sent]]) -> Back:
    folder.mkdir()
    with Town(stack, folder) as town:
        intake, worker = town.spawn("intake"), town.spawn("worker")

        def check() -> None:
            intake.check()
            worker.check()

        for day in (0, 5, 30, 60):
            town.ticks(BEGIN + timedelta(days=day - 1))
            town.sends(days.get(day, []))
            town.flush()
            until(lambda: town.intake_lag() == 0, check=check)
        town.ticks(BEGIN + timedelta(days=61))
        town.flush()
        until(lambda: town.worker_lag() == 0, check=check)
        receipts = town.decoded(town.catalogue.receipts[RENT])
        statuses = town.decoded(town.catalogue.statuses[RENT])
        for process in (intake, worker):
            process.end()
        town.assert_as_the_core_says()
        return Back(*(sorted(tuple(sorted(one.items(), key=str)) for one in found) for found in (receipts, statuses)))


def of(found: list[tuple[Any, ...]], house: int) -> list[dict[str, Any]]:
    return [known for known in map(dict, found) if known["signal_id"].startswith(f"{RENT}-{house}-")]


@pytest.mark.rule("non_interference")
def test_what_others_know_changes_nothing_that_a_landlord_reads_but_the_values_it_may_know(
    stack: RunningStack, tmp_path: Path
) -> None:
    alone = played(stack, tmp_path / "alone", OURS)
    among = {day: [*OTHERS.get(day, []), *OURS.get(day, [])] for day in OURS.keys() | OTHERS.keys()}
    crowd = played(stack, tmp_path / "crowd", among)
    for house in (EXCLUDED, KNOWN, NEIGHBOURLY):
        assert of(crowd.receipts, house) == of(alone.receipts, house)
        assert of(crowd.statuses, house) == of(alone.statuses, house)
        assert [status["picked_up"] for status in of(alone.statuses, house)] == [False, False]
    (helped, *_) = of(crowd.statuses, HELPED)
    assert (helped["picked_up"], helped["reached"], helped["help_accepted"]) == (True, True, True)
    assert helped["collection_paused_until"] == BEGIN.date() + timedelta(days=35)
    assert {one["result"] for one in of(crowd.receipts, HELPED)} == {"accepted", "repeated"}
    assert {one["result"] for one in of(alone.receipts, HELPED)} == {"accepted"}
    assert "duplicate" in {one["result"] for one in of(crowd.receipts, NEIGHBOURLY)}
