"""Replay: a file of records through intake and the core (section 7)."""

import json
from collections.abc import Iterable, Mapping
from datetime import date
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from lantaarn.commands import replaying
from streams.core.agreements import Agreements
from streams.core.household import Receipt
from streams.core.policy import Policies, always
from streams.core.records import Record
from streams.replay import Cadence, Outcome, replay, task_line
from tests.streams.core.driver import ADDRESS, ENERGY, RENT, Driver, policy, raw_report

SECRET = b"geheim van Veenhaven"
NEIGHBOURS = {"postcode": "9901AB", "number": 14, "letter": None, "addition": None}
CONVENANT = """
[[agreement]]
partner = "woonstichting"
types = ["Huur"]
municipality = "1969"
version = "convenant-1"
valid_from = 2026-01-01
valid_until = 2026-12-31
"""


def lines(*raws: Mapping[str, Any]) -> list[bytes]:
    return [json.dumps(raw).encode() for raw in raws]


def replayed(
    given: Iterable[bytes],
    *,
    as_of: str = "2026-12-31",
    cadence: Cadence = Cadence.DAILY,
    agreements: Agreements | None = None,
    policies: Policies | None = None,
) -> Outcome:
    return replay(
        given,
        policies=policies or always(policy()),
        as_of=date.fromisoformat(as_of),
        secret=SECRET,
        agreements=agreements,
        cadence=cadence,
    )


def tasks(outcome: Outcome) -> list[dict[str, Any]]:
    return [task_line(household.address, version.task) for household, version in outcome.tasks.values()]


def receipts(outcome: Outcome) -> list[tuple[str | None, str, str | None]]:
    return [(receipt.id, receipt.result, receipt.reason) for receipt in outcome.receipts]


def received(day: str, time: str = "09:00:00") -> str:
    return f"{day}T{time}+01:00"


def test_a_task_has_the_fields_of_the_exchange_format_in_their_fixed_forms() -> None:
    address = {"postcode": "9901 ab", "number": "12a"}
    outcome = replayed(lines(raw_report(address=address, months=2)), as_of="2026-02-02")
    (task,) = tasks(outcome)
    assert len(task.pop("task_id")) == 36
    assert task == {
        "address": {"postcode": "9901AB", "number": 12, "letter": "A", "addition": None},
        "status": "open",
        "level": "home_visit",
        "rung": "home_visit",
        "due_on": "2026-03-02",
        "band": 3,
        "score": 20,
        "reasons": ["first_signal", "rent_months"],
        "national": ["single"],
        "members": ["melding"],
        "sequence": 1,
        "opened_on": "2026-02-02",
    }


def test_reasons_members_and_national_are_sorted() -> None:
    january = raw_report(id="b", signalled_on="2026-01-20")
    given = lines(january, raw_report(ENERGY, id="a"), raw_report(ENERGY, id="c", signalled_on="2026-01-12"))
    (task,) = tasks(replayed(given, as_of="2026-02-02"))
    assert task["members"] == ["a", "b", "c"]
    assert task["reasons"] == ["consecutive", "first_signal", "multiple"]
    assert task["national"] == ["consecutive", "multiple"]


def test_there_is_one_receipt_for_each_line_in_its_order() -> None:
    again = raw_report(id="nogmaals", received_at=received("2026-02-05"), signalled_on="2026-02-05")
    contact = {**raw_report(id="gesprek", received_at=received("2026-02-04")), "type": "Uitkomst", "kind": "contact"}
    outcome = replayed(
        [
            *lines(again),
            b'{"id": "half',
            *lines(raw_report(id="eerste")),
            *lines(raw_report(id="eerste", received_at=received("2026-02-03"))),
            *lines(raw_report(id="klein", amount_cents=100)),
            *lines(contact),
            *lines({**contact, "id": "elders", "address": NEIGHBOURS}),
        ]
    )
    assert receipts(outcome) == [
        ("nogmaals", "repeated", None),
        (None, "refused", "undecodable"),
        ("eerste", "accepted", None),
        ("eerste", "duplicate", None),
        ("klein", "refused", "unjustified"),
        ("gesprek", "accepted", None),
        ("elders", "refused", "no_task"),
    ]


@pytest.mark.rule("intake.invalid")
def test_a_receipt_has_id_result_reason_and_field() -> None:
    outcome = replayed(lines(raw_report(), raw_report(id="mis", crisis="flood"), {"partner": "woonstichting"}))
    assert [receipt.line() for receipt in outcome.receipts] == [
        {"id": "melding", "result": "accepted", "reason": None, "field": None},
        {"id": "mis", "result": "refused", "reason": "invalid", "field": "crisis"},
        {"id": None, "result": "refused", "reason": "invalid", "field": "id"},
    ]


@pytest.mark.rule("intake.undecodable")
@pytest.mark.parametrize(
    "line", [b"{", b"geen json", b"[1, 2]", b"null", b'"tekst"', b"7", b'{"id": "\xff"}', b'{"id": "a"} {"id": "b"}']
)
def test_a_line_that_is_no_json_object_is_undecodable_and_the_rest_goes_on(line: bytes) -> None:
    outcome = replayed([line, *lines(raw_report())])
    assert receipts(outcome) == [(None, "refused", "undecodable"), ("melding", "accepted", None)]


def test_empty_lines_are_passed_over() -> None:
    outcome = replayed([b"", b"\n", *lines(raw_report()), b"  \r\n"])
    assert receipts(outcome) == [("melding", "accepted", None)]


@pytest.mark.rule("intake.ignored")
def test_unknown_members_are_ignored_and_absent_ones_are_null() -> None:
    plain = {name: value for name, value in raw_report().items() if value is not None}
    extra = {**plain, "huisdier": "kat", "crisis": None, "months": None}
    assert tasks(replayed(lines(extra))) == tasks(replayed(lines(plain)))


@pytest.mark.rule("intake.invalid")
@pytest.mark.parametrize("values", [{"preconditions": "ja"}, {"received_at": "9999-12-31T23:30:00Z"}])
def test_one_bad_line_does_not_stop_the_others(values: dict[str, Any]) -> None:
    outcome = replayed(lines(raw_report(id="slecht", **values), raw_report()))
    assert ("melding", "accepted", None) in receipts(outcome)


@pytest.mark.rule("claim.order")
def test_the_order_of_lines_does_not_matter() -> None:
    raws = [
        raw_report(id="a"),
        {**raw_report(id="b", received_at=received("2026-02-03")), "type": "Uitkomst", "kind": "contact"},
        raw_report(id="c", received_at=received("2026-02-04"), signalled_on="2026-02-04"),
        raw_report(ENERGY, id="d", received_at=received("2026-02-05"), signalled_on="2026-02-05", crisis="cutoff"),
    ]
    told = {json.dumps(tasks(replayed(lines(*order)))) for order in permutations(raws)}
    assert len(told) == 1


def test_records_of_one_moment_are_applied_by_id() -> None:
    contact = {**raw_report(), "type": "Uitkomst", "kind": "contact"}
    report = raw_report(id="m")
    before = replayed(lines(report, {**contact, "id": "a"}))
    after = replayed(lines({**contact, "id": "z"}, report))
    assert receipts(before) == [("m", "accepted", None), ("a", "refused", "no_task")]
    assert receipts(after) == [("z", "accepted", None), ("m", "accepted", None)]


def test_moments_are_compared_whatever_their_zone() -> None:
    contact = {**raw_report(id="a", received_at="2026-02-02T08:30:00Z"), "type": "Uitkomst", "kind": "contact"}
    outcome = replayed(lines(contact, raw_report(id="m", received_at="2026-02-02T09:15:00+01:00")))
    assert [receipt[1] for receipt in receipts(outcome)] == ["accepted", "accepted"]


@pytest.mark.rule("time")
def test_days_advance_to_and_including_as_of() -> None:
    given = lines(raw_report())
    assert [tasks(replayed(given, as_of=day))[0]["rung"] for day in ("2026-02-15", "2026-02-16")] == ["letter", "phone"]


@pytest.mark.rule("day")
def test_records_received_after_as_of_are_ignored() -> None:
    given = lines(
        raw_report(id="eerste"),
        raw_report(ENERGY, id="net", received_at=received("2026-02-05", "23:59:59")),
        raw_report(id="later", amount_cents=50_000, received_at="2026-02-05T23:00:00Z"),
    )
    outcome = replayed(given, as_of="2026-02-05")
    assert [identity for identity, _, _ in receipts(outcome)] == ["eerste", "net"]
    assert tasks(outcome)[0]["members"] == ["eerste", "net"]


@pytest.mark.rule("task.version")
def test_out_comes_the_last_version_of_each_task() -> None:
    raws = [
        raw_report(id="a"),
        {**raw_report(id="b", received_at=received("2026-02-03"), signalled_on="2026-02-03"), "kind": "withdrawn"},
        raw_report(id="c", received_at=received("2026-02-10"), signalled_on="2026-02-10"),
        raw_report(id="d", address=NEIGHBOURS),
    ]
    told = [(task["address"]["number"], task["status"], task["sequence"]) for task in tasks(replayed(lines(*raws)))]
    assert min(told)[:2] == (12, "withdrawn")
    assert len(told) == 3
    assert len({task["task_id"] for task in tasks(replayed(lines(*raws)))}) == 3


@pytest.mark.rule("household_key", "address")
def test_spellings_of_one_address_are_one_household() -> None:
    given = lines(
        raw_report(id="a", address={"postcode": "9901 ab", "number": "12 A"}),
        raw_report(ENERGY, id="b", address={"postcode": "9901AB", "number": 12, "letter": "a"}),
    )
    (task,) = tasks(replayed(given))
    assert task["members"] == ["a", "b"]


@pytest.mark.rule("task.id", "household_key")
def test_task_ids_follow_from_the_secret_and_nothing_else_does() -> None:
    given = lines(raw_report())
    day = date(2026, 2, 2)
    ours = replay(given, policies=always(policy()), as_of=day, secret=SECRET)
    theirs = replay(given, policies=always(policy()), as_of=day, secret=b"een ander")
    again = replay(given, policies=always(policy()), as_of=day, secret=SECRET)
    assert tasks(ours) == tasks(again)
    assert tasks(ours)[0]["task_id"] != tasks(theirs)[0]["task_id"]
    assert {**tasks(ours)[0], "task_id": ""} == {**tasks(theirs)[0], "task_id": ""}


@pytest.mark.rule("intake.no_agreement", "intake.benefit_stop_basis")
def test_without_agreements_everyone_is_allowed_but_stops_need_a_basis() -> None:
    stop = {**raw_report(id="stop"), "type": "Uitkeringsstop", "stop_reason": "other"}
    given = lines(raw_report(partner="wie dan ook"), stop)
    assert [receipt[1] for receipt in receipts(replayed(given))] == ["accepted", "accepted"]
    without = replayed(given, policies=always(policy(benefit_stop_basis=None)))
    assert receipts(without) == [("melding", "accepted", None), ("stop", "refused", "no_agreement")]


@pytest.mark.rule("intake.no_agreement")
def test_an_agreements_file_decides_who_may_send() -> None:
    contact = {**raw_report(id="d", received_at=received("2026-02-03")), "type": "Uitkomst", "kind": "contact"}
    given = lines(
        raw_report(id="a"), raw_report(ENERGY, id="b"), raw_report(id="c", signalled_on="2025-12-31"), contact
    )
    outcome = replayed(given, agreements=Agreements.from_toml(CONVENANT))
    assert receipts(outcome) == [
        ("a", "accepted", None),
        ("b", "refused", "no_agreement"),
        ("c", "refused", "no_agreement"),
        ("d", "accepted", None),
    ]


@pytest.mark.rule("policy.in_force")
def test_the_policy_holds_for_every_day_whatever_its_date() -> None:
    future = policy(valid_from=date(2030, 1, 1), high_cents=30_000)
    (task,) = tasks(replayed(lines(raw_report()), policies=always(future), as_of="2026-02-02"))
    assert "high_amount" in task["reasons"]


def test_monthly_lets_records_wait_until_the_next_first_of_a_month() -> None:
    given = lines(raw_report(crisis="eviction"))
    waiting = replayed(given, cadence=Cadence.MONTHLY, as_of="2026-02-28")
    assert (tasks(waiting), receipts(waiting)) == ([], [])
    (task,) = tasks(replayed(given, cadence=Cadence.MONTHLY, as_of="2026-03-01"))
    assert (task["opened_on"], task["due_on"]) == ("2026-03-01", "2026-02-05")
    assert "overdue" in task["reasons"]


def test_monthly_a_record_of_the_first_waits_for_the_next_first() -> None:
    first = raw_report(received_at=received("2026-03-01"), signalled_on="2026-03-01")
    (task,) = tasks(replayed(lines(first), cadence=Cadence.MONTHLY))
    assert task["opened_on"] == "2026-04-01"


def test_monthly_what_was_paid_in_the_meantime_is_withdrawn_at_once() -> None:
    paid = {
        **raw_report(id="betaald", received_at=received("2026-02-20")),
        "kind": "paid",
        "signalled_on": "2026-02-20",
    }
    (task,) = tasks(replayed(lines(raw_report(), paid), cadence=Cadence.MONTHLY))
    assert (task["status"], task["opened_on"], task["sequence"]) == ("withdrawn", "2026-03-01", 2)


def test_monthly_applies_a_months_records_in_order_of_receipt() -> None:
    december = raw_report(id="a", received_at=received("2025-12-30"), signalled_on="2025-12-30")
    contact = {**raw_report(id="b", received_at=received("2026-01-02"), signalled_on="2026-01-02"), "type": "Uitkomst"}
    again = raw_report(id="c", received_at=received("2026-01-20"), signalled_on="2026-01-20")
    given = lines(again, {**contact, "kind": "contact"}, december)
    assert [receipt[1] for receipt in receipts(replayed(given, cadence=Cadence.MONTHLY))] == [
        "repeated",
        "accepted",
        "accepted",
    ]


def test_a_replay_tells_each_version_and_record_as_it_goes() -> None:
    versions: list[tuple[int, str]] = []
    records: list[tuple[str, str]] = []

    def on_record(record: Record, receipt: Receipt) -> None:
        records.append((record.id, receipt.result))

    replay(
        lines(raw_report(id="a"), raw_report(id="klein", amount_cents=1)),
        policies=always(policy()),
        as_of=date(2026, 2, 23),
        secret=SECRET,
        on_version=lambda _, version: versions.append((version.task.sequence, version.changed_on.isoformat())),
        on_record=on_record,
    )
    assert versions == [(1, "2026-02-02"), (2, "2026-02-16"), (3, "2026-02-23")]
    assert records == [("a", "accepted")]


@pytest.mark.rule("time", "level.order")
def test_a_replay_gives_what_a_live_run_gave() -> None:
    home = Driver()
    home.report(RENT)
    home.outcome("contact", on="2026-02-09")
    home.report(RENT, on="2026-03-03")
    home.stop(on="2026-03-10")
    home.outcome("refused", on="2026-03-12")
    home.report(ENERGY, on="2026-03-13", crisis="cutoff")
    home.advance_to("2026-06-01")
    outcome = replayed(lines(*home.raws), as_of="2026-06-01")
    live = [{**task_line(home.household.address, task), "task_id": ""} for task in home.tasks]
    assert [{**task, "task_id": ""} for task in tasks(outcome)] == live


def test_the_command_reads_and_writes_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gc.disable", lambda: None)
    monkeypatch.chdir(tmp_path)
    records = tmp_path / "records.jsonl"
    records.write_bytes(b"\n".join([*lines(raw_report(), raw_report(ENERGY, id="b")), b"half"]))
    (tmp_path / "policy.toml").write_text('version = "1"\nvalid_from = 2030-01-01\n', encoding="utf-8")
    (tmp_path / "agreements.toml").write_text(CONVENANT, encoding="utf-8")
    options = ["--policy", "policy.toml", "--as-of", "2026-02-05", "--agreements", "agreements.toml"]
    files = ["--cadence", "daily", "--out", "tasks.jsonl", "--receipts", "receipts.jsonl", str(records)]
    app = typer.Typer()
    app.command()(replaying.replay)
    result = CliRunner().invoke(app, [*options, *files])
    assert result.exit_code == 0, result.output
    out = [json.loads(line) for line in (tmp_path / "tasks.jsonl").read_text(encoding="utf-8").splitlines()]
    assert [task["members"] for task in out] == [["melding"]]
    receipts_read = (tmp_path / "receipts.jsonl").read_text(encoding="utf-8").splitlines()
    assert [json.loads(line)["reason"] for line in receipts_read] == [None, "no_agreement", "undecodable"]


@pytest.mark.rule("moved.along")
def test_what_goes_along_arrives_at_once_and_later_records_find_it_there() -> None:
    move = {
        "id": "verhuizing",
        "partner": "gemeente",
        "type": "Adres",
        "address_event": "moved",
        "everyone": True,
        "signalled_on": "2026-02-05",
        "received_at": "2026-02-05T09:00:00Z",
        "address": ADDRESS,
        "to_address": NEIGHBOURS,
    }
    later = {"signalled_on": "2026-02-06", "received_at": "2026-02-06T09:00:00Z", "address": NEIGHBOURS}
    given = lines(raw_report(RENT, id="huur"), move, raw_report(ENERGY, id="stroom", **later))
    old, new = sorted(tasks(replayed(given, as_of="2026-02-06")), key=lambda task: str(task["opened_on"]))
    assert (old["status"], old["members"], old["reasons"]) == ("ended", ["huur"], ["first_signal", "moved_within"])
    assert (new["address"], new["members"], new["due_on"]) == (NEIGHBOURS, ["huur", "stroom"], "2026-03-02")
