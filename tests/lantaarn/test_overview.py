"""What each partner delivered in a month, on the live topics."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.lantaarn.town import AGREEMENTS, ISD, OWN, RENT, WATER, Town


def month(town: Town, month: str, **environment: str) -> dict[str, Any]:
    done = town.run("partner", "overview", "--month", month, "--json", **environment)
    assert done.exit_code == 0, done.output
    found = json.loads(done.stdout)
    return {"complete": found["complete"], **{one["partner"]: one for one in found["partners"]}}


def test_a_month_counts_what_came_and_what_became_of_it(town: Town) -> None:
    found = month(town, "2026-01")
    landlord, water = found[RENT], found[WATER]
    assert {name: landlord[name] for name in ("delivered", "accepted", "repeated", "duplicate", "unanswered")} == {
        "delivered": 7,
        "accepted": 5,
        "repeated": 0,
        "duplicate": 0,
        "unanswered": 0,
    }
    assert landlord["refused"] == {"precondition": 1, "unjustified": 1}
    assert landlord["reports"] == {"count": 6, "sum_cents": 295_000}
    assert landlord["reports_let_in"] == {"count": 4, "sum_cents": 240_000}
    assert (water["delivered"], water["accepted"], water["duplicate"]) == (5, 4, 1)
    assert (found[OWN]["accepted"], found[ISD]["accepted"]) == (1, 2)
    assert found["complete"]


def test_repeated_reports_and_copies_of_an_earlier_delivery_are_told_apart(town: Town) -> None:
    landlord = month(town, "2026-02")[RENT]
    assert [landlord[name] for name in ("delivered", "accepted", "repeated", "duplicate")] == [4, 2, 1, 1]
    assert landlord["reports_let_in"] == {"count": 3, "sum_cents": 150_000}


def test_what_cannot_be_read_counts_in_the_month_in_which_it_came(town: Town) -> None:
    now = datetime.now(UTC)
    assert month(town, f"{now:%Y-%m}")[WATER]["unreadable"] == 1
    assert month(town, "2026-01")[WATER]["unreadable"] == 0


def test_it_says_who_is_silent_whose_agreement_ends_and_what_the_register_lacks(town: Town) -> None:
    file = town.folder / "other-agreements.toml"
    text = AGREEMENTS.replace("valid_until = 2030-12-31", "valid_until = 2026-04-15\nrhythm_days = 20", 1)
    file.write_text(text, encoding="utf-8")
    landlord = month(town, "2026-02", LANTAARN_AGREEMENTS=str(file))[RENT]
    assert landlord["ends"] == [{"type": "Huur", "last_day": "2026-04-15", "days": 46}]
    assert (landlord["last_on"], landlord["silent_days"], landlord["too_silent"]) == ("2026-02-03", 25, True)
    assert landlord["lacking"] == ["contact", "kvk or oin", "legal_basis", "processing"]
    told = town.run("partner", "overview", "--month", "2026-02", LANTAARN_AGREEMENTS=str(file)).output
    for words in (
        "Partners in 2026-02, up to 2026-02-28",
        "4: 2 accepted, 1 repeated, 1 duplicate",
        "4, EUR 2,000.00; let in: 3, EUR 1,500.00",
        "last heard on 2026-02-03: SILENT for 25 days",
        "Huur ends in 46 days, on 2026-04-15",
        "does not say: contact, kvk or oin, legal_basis, processing",
    ):
        assert words in told


@pytest.mark.parametrize("given", ["2026", "2026-13", "march"])
def test_a_month_that_is_none_is_refused(town: Town, given: str) -> None:
    assert town.run("partner", "overview", "--month", given).exit_code == 2
