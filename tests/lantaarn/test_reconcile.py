"""The ledger balances; and each single thing that is taken from a copy of a book, or changed there, is named."""

import json
import shutil
from pathlib import Path

import pytest

from lantaarn.reconcile import AdapterBooks, Finding
from lantaarn.reconcile.logs import Logs
from lantaarn.reconcile.report import Ledger
from lantaarn.reconcile.tasks import Expected, _dead_letters
from schemas.codes import SignalType
from streams.households.guard import LogBounds
from tests.lantaarn.town import RENT, Town
from tests.streams.households.made import CATALOGUE, EVENTS


def test_a_town_that_was_left_alone_balances(town: Town) -> None:
    report = town.reconciled()
    assert report.unaccounted == ()
    assert report.balanced
    assert report.notes == ()
    adapters, intake = report.counts["adapters"], report.counts["intake"]
    assert adapters["lines at the source"] == adapters["lines in the outbox"] == 12
    assert (adapters["… sent"], adapters["… rejected"]) == (11, 1)
    assert intake["records on partners' topics"] == 28
    assert (intake["different ids"], intake["… accepted"], intake["… refused"]) == (25, 23, 2)
    assert intake["… unreadable"] == 1
    households = report.counts["households"]
    assert households["versions expected"] == households["versions in the case store"] > 20


def test_each_accepted_record_ended_in_one_place(town: Town) -> None:
    endings = dict(town.reconciled().counts["endings"])
    assert endings.pop("accepted records") == sum(endings.values()) == 25
    assert {name: number for name, number in endings.items() if number} == {
        "… in a task": 9,
        "… evidence": 10,
        "… report of arrears that were over": 1,
        "… held back by an ending": 1,
        "… repeated": 1,
        "… duplicate": 2,
        "… outcome without a task": 1,
    }


def test_without_the_adapters_books_it_begins_at_the_topics(town: Town) -> None:
    report = town.reconciled(books=[])
    assert report.balanced
    assert "adapters" not in report.counts


@pytest.mark.parametrize(
    ("statement", "where", "what"),
    [
        (
            "DELETE FROM task_members WHERE task_id = (SELECT min(task_id) FROM tasks) AND sequence = 1",
            "task_versions",
            "differs in members",
        ),
        (
            "DELETE FROM task_reasons WHERE task_id = (SELECT min(task_id) FROM tasks) AND sequence = 1",
            "task_versions",
            "differs in reasons",
        ),
        (
            "DELETE FROM task_versions WHERE task_id = (SELECT min(task_id) FROM tasks) AND sequence = 1",
            "task_versions",
            "version 1: missing",
        ),
        (
            "DELETE FROM tasks WHERE task_id = (SELECT min(task_id) FROM tasks)",
            "tasks",
            "missing, though it has versions",
        ),
        (
            "UPDATE task_versions SET due_on = '2026-09-09' WHERE task_id = (SELECT min(task_id) FROM tasks)",
            "task_versions",
            "due_on",
        ),
        (
            "UPDATE tasks SET level = 'letter', number = 99 WHERE task_id = (SELECT min(task_id) FROM tasks)",
            "tasks",
            "differs from its highest version in level, address",
        ),
        (
            "UPDATE task_versions SET task_id = 'other' WHERE task_id = (SELECT min(task_id) FROM tasks)",
            "task_versions",
            "does not make it",
        ),
    ],
)
def test_a_row_that_is_gone_or_altered_is_named_by_task_and_field(
    town: Town, statement: str, where: str, what: str
) -> None:
    with town.changed(town.database, statement) as copy:
        report = town.reconciled(case_store_url=f"sqlite:///{copy}")
    assert any(f.where == f"case store, {where}" and what in f.what for f in report.unaccounted), report.unaccounted
    assert all(finding.where.startswith("case store, ") for finding in report.unaccounted)


def test_a_report_whose_task_was_thrown_away_is_named(town: Town) -> None:
    member = town.stored()[0]["members"][0]["signal_id"]
    with town.changed(town.database, "DELETE FROM task_members WHERE signal_id = :it", it=member) as copy:
        report = town.reconciled(case_store_url=f"sqlite:///{copy}")
    assert Finding("case store, task_members", f"signal {member}: belongs in a task, and is in none") in (
        report.unaccounted
    )


def test_of_the_letters_of_one_tick_each_is_looked_for() -> None:
    rejected = CATALOGUE.rejected.name
    logs = Logs(CATALOGUE, {rejected: LogBounds("t", {0: 0}, {0: 1})}, now=0)
    expected, ledger = Expected(), Ledger()
    expected.failed = {(1, 7, b"a"), (1, 7, b"b"), (1, 9, None)}
    logs.letter_keys = {(EVENTS, 1, 7): {b"a"}, (EVENTS, 1, 9): {None}, ("signals.rent.a", 1, 7): {b"b"}}
    _dead_letters(logs, expected, set(), ledger)
    assert ledger.report().unaccounted == (Finding(f"{EVENTS}/1 offset 7", "could not be applied, and no dead letter"),)
    assert ledger.report().counts["households"]["dead letters"] == 3


def test_a_line_that_the_outbox_has_lost_is_named_with_its_signal(town: Town) -> None:
    statement = "DELETE FROM outbox WHERE delivery = 'huur/huur-2026-02-02.jsonl' AND line = 2"
    with town.changed(town.outbox, statement) as copy:
        report = town.reconciled(books=[AdapterBooks(town.config, copy)])
    lost, unknown = report.unaccounted
    assert lost == Finding("source of landlord", "huur/huur-2026-02-02.jsonl line 2: not in the outbox")
    assert unknown.where == town.catalogue.signals[RENT, SignalType.RENT].name
    assert "in no outbox that was given" in unknown.what


def test_a_line_that_is_not_published_yet_is_named(town: Town) -> None:
    with town.changed(town.outbox, "UPDATE outbox SET status = 'pending' WHERE line = 3") as copy:
        report = town.reconciled(books=[AdapterBooks(town.config, copy)])
    assert {finding.what.partition(": ")[2] for finding in report.unaccounted} == {"still to be published"}


def test_a_record_that_the_broker_never_got_is_named(town: Town) -> None:
    with town.changed(town.outbox, "UPDATE outbox SET aggregateid = 'never' WHERE line = 4") as copy:
        report = town.reconciled(books=[AdapterBooks(town.config, copy)])
    topic = town.catalogue.signals[RENT, SignalType.RENT].name
    assert Finding(topic, "signal never: published 1 times, on the topic 0 times") in report.unaccounted


def test_a_line_that_was_never_at_the_source_is_named(town: Town, tmp_path: Path) -> None:
    shutil.copytree(town.folder / "huur", tmp_path / "huur")
    file = tmp_path / "huur" / "done" / "huur-2026-02-02.jsonl"
    file.write_text("".join(file.read_text(encoding="utf-8").splitlines(keepends=True)[:-1]), encoding="utf-8")
    config = town.config.model_copy(update={"root": tmp_path})
    report = town.reconciled(books=[AdapterBooks(config, town.outbox)])
    assert report.unaccounted == (
        Finding("outbox of landlord", "huur/huur-2026-02-02.jsonl line 3: not at the source"),
    )


def test_the_command_tells_and_its_exit_code_says(town: Town) -> None:
    books = ("--adapter", str(town.folder / "landlord.toml"), "--outbox", str(town.outbox))
    good = town.run("reconcile", *books)
    assert good.exit_code == 0
    assert "Balanced: everything is accounted for." in good.output
    with town.changed(town.database, "DELETE FROM tasks WHERE task_id = (SELECT min(task_id) FROM tasks)") as copy:
        bad = town.run("reconcile", "--json", LANTAARN_CASE_STORE_URL=f"sqlite:///{copy}")
    assert bad.exit_code == 1
    told = json.loads(bad.stdout)
    assert told["balanced"] is False
    assert [finding["where"] for finding in told["unaccounted"]] == ["case store, tasks"]
    assert set(told["counts"]) == {"intake", "households", "moves", "endings"}


def test_an_adapter_without_its_outbox_is_refused(town: Town) -> None:
    done = town.run("reconcile", "--adapter", str(town.folder / "landlord.toml"))
    assert done.exit_code == 1
    assert "give each its outbox" in str(done.exception)


def test_no_word_of_the_report_tells_about_a_person(town: Town) -> None:
    statement = (
        "UPDATE task_versions SET postcode = '1111AA', number = 7 WHERE task_id = (SELECT min(task_id) FROM tasks)"
    )
    with town.changed(town.database, statement) as copy:
        told = json.dumps(town.reconciled(case_store_url=f"sqlite:///{copy}").to_json())
    assert "address" in told
    assert "1111AA" not in told
    assert "9901XK" not in told
