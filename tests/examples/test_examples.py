"""The committed examples are what the generator writes, and hold what they promise."""

import csv
import itertools
import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from examples.generate import OWN, main
from producers.ledger import outbox_lines, source_lines
from producers.outbox import Status
from schemas.codes import SignalType
from schemas.topics import Catalogue
from streams.core.admission import Refused, admit
from streams.core.agreements import Agreements
from streams.core.policy import Policies, Policy
from tests.examples.playing import EXAMPLES, Played, lines, play
from tests.producers.deployment import Deployment, messages
from tests.stacks import RunningStack

Row = tuple[str, int, int, dict[str, Any]]
TYPES = {
    "isd": SignalType.BENEFIT_STOP,
    "energie-noorderveld": SignalType.ENERGY,
    "waterbedrijf-het-diep": SignalType.WATER,
    "zorgverzekeraar-eendracht": SignalType.HEALTH_INSURANCE,
    "zorgverzekeraar-veldzicht": SignalType.HEALTH_INSURANCE,
}


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Played:
    return play(tmp_path_factory.mktemp("played"), Catalogue("", senders()))


def senders() -> set[tuple[str, SignalType]]:
    return Agreements.from_toml((EXAMPLES / "agreements.toml").read_text(encoding="utf-8")).senders


@pytest.fixture(scope="module")
def rows(played: Played) -> list[Row]:
    return list(played.pending())


def test_the_generator_writes_the_same_again(tmp_path: Path) -> None:
    main(tmp_path)
    written = {path.relative_to(tmp_path) for path in tmp_path.rglob("*") if path.is_file()}
    committed = {path.relative_to(EXAMPLES) for own in OWN for path in (EXAMPLES / own).rglob("*") if path.is_file()}
    assert written == committed | {
        Path(name) for name in ("deliveries.jsonl", "expected-refusals.jsonl", "outcomes.jsonl")
    }
    for path in written:
        if path.suffix == ".sqlite":
            assert _dump(tmp_path / path) == _dump(EXAMPLES / path)
        else:
            assert (tmp_path / path).read_bytes() == (EXAMPLES / path).read_bytes(), path


def _dump(path: Path) -> list[str]:
    with closing(sqlite3.connect(path)) as db:
        return list(db.iterdump())


def test_the_size_stays_small() -> None:
    assert sum(path.stat().st_size for own in OWN for path in (EXAMPLES / own).rglob("*")) < 3_000_000


def test_the_schedule_is_in_order_and_minutes_apart() -> None:
    times = [datetime.fromisoformat(entry["at"]) for entry in lines("deliveries.jsonl")]
    assert min(b - a for a, b in itertools.pairwise(times)) >= timedelta(minutes=4)
    assert 70 <= len(times) <= 115


def test_the_adapters_reject_what_is_expected_and_nothing_else(played: Played) -> None:
    found = []
    for path in played.outboxes.values():
        with closing(sqlite3.connect(path)) as db:
            found += db.execute("SELECT delivery, line, field, reason, noted FROM refusal").fetchall()
    expected = [
        (one["delivery"], one["line"], one["field"], one["reason"], int(one["stage"] == "note"))
        for one in lines("expected-refusals.jsonl")
        if one["stage"] != "intake"
    ]
    assert sorted(found) == sorted(expected)


def test_the_rejection_files_say_so_to_the_partner(played: Played) -> None:
    told = Counter[tuple[str, int, str, str]]()
    for name in ("landlord", "feed"):
        root = played.configs[name].root
        for feed in played.configs[name].feeds:
            for beside in (root / str(getattr(feed.source, "folder", ""))).glob("*/*.rejected.csv"):
                with beside.open(encoding="utf-8", newline="") as file:
                    delivery = f"{feed.name}/{beside.name.removesuffix('.rejected.csv')}"
                    told.update((delivery, int(r["line"]), r["field"], r["reason"]) for r in csv.DictReader(file))
    assert told == Counter(
        (one["delivery"], one["line"], one["field"], one["reason"])
        for one in lines("expected-refusals.jsonl")
        if one["stage"] != "intake" and not one["delivery"].startswith("energie/")
    )


def test_intake_refuses_what_is_expected_and_nothing_else(rows: list[Row]) -> None:
    policy = Policy.from_toml((EXAMPLES / "policy-default.toml").read_text(encoding="utf-8"))
    agreements = Agreements.from_toml((EXAMPLES / "agreements.toml").read_text(encoding="utf-8"))
    found = []
    for delivery, line, at, payload in rows:
        received = datetime.fromtimestamp(at / 1000, UTC).isoformat()
        kind = payload.get("type") or TYPES.get(payload["partner"], SignalType.RENT)
        answer = admit({**payload, "type": kind, "received_at": received}, Policies((policy,)), agreements)
        if isinstance(answer, Refused):
            found.append((delivery, line, answer.reason, answer.field, payload["id"]))
    expected = [
        (one["delivery"], one["line"], one["reason"], one["field"], one["signal_id"])
        for one in lines("expected-refusals.jsonl")
        if one["stage"] == "intake"
    ]
    assert sorted(found, key=str) == sorted(expected, key=str)


def test_the_ledger_balances(played: Played) -> None:
    for name, config in played.configs.items():
        taken = [(one.delivery, one.line) for one in outbox_lines(played.outboxes[name])]
        assert sorted(taken) == sorted((one.delivery, one.line) for one in source_lines(config))


def test_each_kind_of_refusal_occurs_at_least_three_times() -> None:
    found = Counter((one["stage"], one["reason"]) for one in lines("expected-refusals.jsonl"))
    assert set(found) == {
        *(("adapter", reason) for reason in _ADAPTER),
        *(("intake", reason) for reason in ("invalid", "no_agreement", "precondition", "unjustified", "expired")),
        ("note", "unknown_column"),
        ("note", "forbidden_column"),
    }
    assert not {kind: count for kind, count in found.items() if count < 3}


_ADAPTER = (
    "missing", "format", "range", "checksum", "unknown_code", "columns", "json", "truncated", "encoding", "header",
)  # fmt: skip


def test_each_kind_of_turn_occurs_at_least_three_times(rows: list[Row]) -> None:
    found: Counter[str] = Counter()
    last: dict[tuple[str, str], dict[str, Any]] = {}
    newest: dict[str, date] = {}
    for delivery, _, at, says in sorted(rows, key=lambda row: row[2]):
        received = datetime.fromtimestamp(at / 1000, UTC).date()
        day = date.fromisoformat(says["signalled_on"])
        found["late"] += (received - day).days > 14
        found["out of order"] += day < newest.get(delivery, day)
        newest[delivery] = max(day, newest.get(delivery, day))
        if "kind" not in says:
            continue
        claim = (says["partner"], says["reference"])
        before = last.get(claim)
        found.update(_turns(says, before))
        last[claim] = {**(before or {}), **says}
    few = {kind: count for kind, count in found.items() if count < 3}
    assert not few, found
    assert {"late", "out of order", "paid", "withdrawn", "corrected upwards", "crisis on a known claim"} <= set(found)
    assert {"crisis_lifted", "repeated higher", "repeated equal", "repeated lower"} <= set(found)


def _turns(says: dict[str, Any], before: dict[str, Any] | None) -> Iterator[str]:
    if says["kind"] in ("paid", "withdrawn", "crisis_lifted"):
        yield says["kind"]
    if before is None:
        return
    then, now = before.get("amount_cents"), says.get("amount_cents")
    if says["kind"] == "amount" and now and then and now > then:
        yield "corrected upwards"
    if says.get("crisis") and not before.get("crisis"):
        yield "crisis on a known claim"
    if says["kind"] == "report" and now and then:
        yield "repeated higher" if now > then else "repeated equal" if now == then else "repeated lower"


def test_whole_files_go_wrong_too() -> None:
    schedule = lines("deliveries.jsonl")
    whole = Counter(entry["file"] for entry in schedule if "file" in entry and not entry.get("partial"))
    assert sum(count > 1 for count in whole.values()) >= 3  # sent twice
    assert sum(bool(entry.get("partial")) for entry in schedule) >= 3  # still being written
    with closing(sqlite3.connect(EXAMPLES / "energy" / "billing.sqlite")) as db:
        (late,) = db.execute(
            "SELECT count(*) FROM arrears_event WHERE julianday(committed_at) - julianday(updated_at) > 1.0 / 1440"
        ).fetchone()
    assert late >= 3


def test_signals_come_in_the_proportions_of_the_field(rows: list[Row]) -> None:
    reports = {says["id"]: says for *_, says in rows if says.get("kind") == "report"}
    assert len(reports) >= 2850
    kinds = Counter(TYPES.get(says["partner"], SignalType.RENT) for says in reports.values())
    assert kinds[SignalType.HEALTH_INSURANCE] / len(reports) == pytest.approx(0.43, abs=0.03)
    assert kinds[SignalType.RENT] / len(reports) == pytest.approx(0.20, abs=0.03)
    homes: dict[tuple[Any, ...], set[tuple[str, str]]] = {}
    for says in reports.values():
        address = tuple(says["address"].get(name) for name in ("postcode", "number", "letter", "addition"))
        homes.setdefault(address, set()).add((says["signalled_on"][:7], says["partner"]))
    shares = Counter(_national(home) for home in homes.values())
    assert shares["multiple"] / len(homes) == pytest.approx(0.11, abs=0.03)
    assert shares["consecutive"] / len(homes) == pytest.approx(0.40, abs=0.04)
    assert shares["single"] / len(homes) == pytest.approx(0.50, abs=0.04)


def _national(home: set[tuple[str, str]]) -> str:
    months = Counter(month for month, _ in home)
    if max(months.values()) > 1:
        return "multiple"
    return "consecutive" if len(months) > 1 else "single"


def test_lost_contact_and_children_at_risk_occur(rows: list[Row]) -> None:
    rent = {str(says["address"]) for *_, says in rows if says["partner"] in _LANDLORDS and says["kind"] == "report"}
    gone = {
        str(says["address"])
        for *_, says in rows
        if says.get("stop_reason") == "whereabouts_unknown" or says.get("address_event") == "left"
    }
    evicted = {str(says["address"]) for *_, says in rows if says.get("crisis") == "eviction"}
    children = {str(says["address"]) for *_, says in rows if says.get("children")}
    assert len(rent & gone) >= 8
    assert len(evicted & children) >= 3


_LANDLORDS = ("woonstichting-de-wende", "verhuur-lichthuis")


def test_no_bsn_leaves_the_adapters(played: Played) -> None:
    for path in played.outboxes.values():
        stored = b"".join(one.read_bytes() for one in path.parent.glob(f"{path.name}*"))
        assert b"9999000" not in stored
        assert {line.status for line in outbox_lines(path)} <= {Status.PENDING, Status.REJECTED, Status.SKIPPED}


def test_every_record_reaches_its_partners_topic_once_and_in_order(stack: RunningStack, tmp_path: Path) -> None:
    deployment = Deployment(stack, senders())
    played = play(tmp_path, deployment.catalogue)
    for name, config in played.configs.items():
        deployment.run(config, played.outboxes[name], backfill=True)
        topics = {topic.name for topic in (deployment.topic(feed.partner, feed.type) for feed in config.feeds)}
        keys = [(one.key() or b"").decode() for topic in sorted(topics) for one in messages(stack, topic)]
        with closing(sqlite3.connect(played.outboxes[name])) as db:
            sent = db.execute("SELECT aggregateid FROM outbox WHERE status = 'sent' ORDER BY topic, id").fetchall()
        assert keys == [key for (key,) in sent]
        assert not any(line.status is Status.PENDING for line in outbox_lines(played.outboxes[name]))
