"""What a partner's bookkeeping gets for each delivery: nothing more, nothing less and nothing twice."""

import json
from pathlib import Path
from typing import Any

import pytest

from producers.outbox import Outbox
from schemas.codes import SignalType
from tests.lantaarn.town import RENT, Delivery, Town, rent
from tests.sinks.live import until
from tests.stacks import RunningStack

NOTHING = {"rows": 0, "sum_cents": 0}


class KilledError(Exception):
    """Stands in for the signal that nobody catches."""


def ask(town: Town) -> int:
    return asked(town, town.outbox)[0]


def asked(town: Town, outbox: Path, *options: str) -> tuple[int, list[dict[str, Any]]]:
    file = str(town.folder / "landlord.toml")
    done = town.run("delivery-receipts", file, "--json", *options, LANTAARN_OUTBOX=str(outbox))
    return done.exit_code, json.loads(done.stdout)["deliveries"]


def beside(town: Town, day: str) -> dict[str, Any]:
    file = town.folder / "huur" / "done" / f"huur-{day}.jsonl.receipt.json"
    found: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return found


def test_each_row_and_each_cent_of_a_delivery_is_in_one_place(town: Town) -> None:
    assert ask(town) == 0
    assert beside(town, "2026-01-05") == {
        "partner": RENT,
        "type": "Huur",
        "feed": "huur",
        "delivery": "huur-2026-01-05.jsonl",
        "unreadable": None,
        "rows": 7,
        "lines_skipped": 0,
        "rejected": {"format": 1},
        "published": {"rows": 6, "sum_cents": 295_000},
        "accepted": {"rows": 4, "sum_cents": 240_000},
        "repeated": NOTHING,
        "duplicate": NOTHING,
        "refused": {
            "precondition": {"rows": 1, "sum_cents": 50_000},
            "unjustified": {"rows": 1, "sum_cents": 5_000},
        },
        "unanswered": NOTHING,
        "expired": NOTHING,
    }
    later = beside(town, "2026-02-02")
    assert (later["accepted"]["rows"], later["repeated"]) == (2, {"rows": 1, "sum_cents": 50_000})
    again = beside(town, "2026-02-03")
    assert (again["accepted"], again["duplicate"]) == (NOTHING, {"rows": 1, "sum_cents": 50_000})
    assert town.reconciled().balanced, "a receipt is no delivery"


def test_it_is_right_after_the_adapter_was_killed_and_comes_once_all_is_answered(
    stack: RunningStack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    town, marked = Town(stack, tmp_path), Outbox.mark_sent

    def killed(*_: object) -> None:
        monkeypatch.setattr(Outbox, "mark_sent", marked)
        raise KilledError

    monkeypatch.setattr(Outbox, "mark_sent", killed)
    row = rent(1, "2026-01-05")
    with pytest.raises(KilledError):  # the broker has them, and that was not noted
        town.deliver(Delivery("2026-01-05", (row, rent(2, "2026-01-05", postcode="nowhere"), rent(3, "2026-01-05"))))
    town.deliver(Delivery("2026-01-06", (row, rent(6, "2026-01-05", 5_000))))
    assert len(town.log(town.catalogue.signals[RENT, SignalType.RENT])) == 6
    assert ask(town) == 1
    assert not [*tmp_path.rglob("*.receipt.json")], "nothing has been answered yet"
    with town.intake():
        until(lambda: ask(town) == 0)
    first, second = beside(town, "2026-01-05"), beside(town, "2026-01-06")
    assert (first["rows"], first["rejected"]) == (3, {"format": 1})
    assert first["published"] == first["accepted"] == {"rows": 2, "sum_cents": 100_000}
    assert second["duplicate"] == {"rows": 1, "sum_cents": 50_000}
    assert second["refused"] == {"unjustified": {"rows": 1, "sum_cents": 5_000}}
    told = "".join(file.read_text(encoding="utf-8") for file in tmp_path.rglob("*.receipt.json"))
    assert "9901XK" not in told
    assert "H1" not in told


def test_once_the_answers_have_expired_nobody_is_kept_waiting_for_them(stack: RunningStack, tmp_path: Path) -> None:
    town = Town(stack, tmp_path)
    town.deliver(Delivery("2026-01-05", (rent(1, "2026-01-05"),)))
    with town.intake():
        until(lambda: ask(town) == 0)
    written = beside(town, "2026-01-05")
    topic = town.catalogue.receipts[RENT]
    town.delete(topic.name, 0, len(town.log(topic)))
    assert asked(town, town.outbox, "--wait", "600") == (0, []), "what was written is done"
    assert beside(town, "2026-01-05") == written
    next(tmp_path.rglob("*.receipt.json")).unlink()
    code, (young,) = asked(town, town.outbox)
    assert (code, young["unanswered"]["rows"], young["expired"]["rows"]) == (1, 1, 0), "too young to have expired"
    with town.changed(town.outbox, "UPDATE taken_in SET at = 0") as copy:
        code, (old,) = asked(town, copy, "--wait", "600")
    assert (code, old["unanswered"]["rows"], old["expired"]["rows"]) == (0, 0, 1)
    assert not [*tmp_path.rglob("*.receipt.json")], "nobody knows what became of it"
