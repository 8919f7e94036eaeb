"""Every process of the pipeline on a real broker, looked at from outside: metrics, health, the watch, the status."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from lantaarn.cli import app
from lantaarn.embedded.ports import free_port
from lantaarn.embedded.process import ManagedProcess
from lantaarn.observing.catalogue import EVERY, METRICS, PREFIX, series
from schemas.codes import SignalType
from streams.wakeups import nominal_hour
from tests.lantaarn import town as towns
from tests.lantaarn.observing.scraping import Seen, health, scrape
from tests.stacks import RunningStack
from tests.streams.live import OWN, POSTCODE, RENT, WATER, Load, Town, until

COMMANDS = {
    "adapter": ("publish", "landlord.toml"),
    "intake": ("intake",),
    "worker": ("worker",),
    "sink": ("sink",),
    "ticker": ("tick", "--every-hour"),
    "watch": ("watch", "--every", "1", "--reconcile-every", "2"),
}
USERS = {"watch": "auditor"}
RHYTHM = "rhythm_days = 35\n"
NOW = datetime.now(UTC)
PATIENCE = 120


@dataclass
class Running:
    town: Town
    ports: dict[str, int]
    processes: dict[str, ManagedProcess] = field(default_factory=dict)

    def seen(self, process: str) -> Seen:
        return scrape(self.ports[process])

    def status(self, *options: str, **more: str) -> Result:
        environment = self.town.environment("auditor", COLUMNS="160", **more)
        return CliRunner().invoke(app, ["status", *options], env=environment, prog_name="lantaarn")


def report(load: Load, house: int, partner: str, **more: Any) -> dict[str, Any]:
    load.count += 1
    said = load._creditor("report", house, NOW, rent=partner == RENT)
    return said | {"arisen_on": (NOW - timedelta(days=60)).date(), "amount_cents": 50_000, "delivered_at": None} | more


@pytest.fixture(scope="module")
def running(stack: RunningStack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    folder = tmp_path_factory.mktemp("observed")
    with ExitStack() as exits:
        town = exits.enter_context(Town(stack, folder))
        agreements = folder / "agreements.toml"
        agreements.write_text(agreements.read_text(encoding="utf-8").replace("valid_from", RHYTHM + "valid_from"))
        (folder / "landlord.toml").write_text(towns.ADAPTER.replace(towns.RENT, RENT), encoding="utf-8")
        made = Running(town, {name: free_port() for name in EVERY})
        for name, command in COMMANDS.items():
            more = {
                "LANTAARN_METRICS_PORT": str(made.ports[name]),
                "LANTAARN_BACKFILL": "false",
                "LANTAARN_OUTBOX": str(folder / "outbox.db"),
            }
            arguments = [str(folder / part) if part.endswith(".toml") else part for part in command]
            made.processes[name] = ManagedProcess(
                name,
                [sys.executable, "-m", "lantaarn", *arguments],
                folder / f"{name}.log",
                env=town.environment(USERS.get(name, name), **more),
            )
            exits.callback(made.processes[name].stop)
        send(town, folder)
        until(lambda: settled(made), PATIENCE)
        # The next hour by now: the ticker has made this one's, and it may be another than when the module was read.
        town.ticks(nominal_hour(datetime.now(UTC)) + timedelta(hours=1))
        town.flush()
        until(lambda: delayed(made.seen("worker")))
        yield made


def send(town: Town, folder: Path) -> None:
    day = NOW.date().isoformat()
    lines = [towns.rent(1, day, arisen_on="2026-01-01"), towns.rent(8, day, postcode="nowhere")]
    file = folder / "huur" / "in" / "huur.jsonl"
    file.parent.mkdir(parents=True, exist_ok=True)
    draft = file.with_suffix(".part")
    draft.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    draft.replace(file)
    load = Load(1, 1)
    again = report(load, 2, WATER)
    load.count = 10
    outcome = {**load._base(77, NOW, OWN), "kind": "attempt", "channel": "Telefoon", "delivered_at": None}
    town.sends([(WATER, SignalType.WATER, again), (WATER, SignalType.WATER, again)])
    town.sends(
        [(WATER, SignalType.WATER, report(load, 3, WATER, amount_cents=100)), (OWN, SignalType.OUTCOME, outcome)]
    )
    town.put(town.topic_of(RENT, SignalType.RENT).name, b"9901XK 12, J. Jansen", b"poison")
    town.flush()


def settled(running: Running) -> bool:
    watch = running.seen("watch")
    return (
        running.seen("sink").value("lantaarn_sent_to_stored_seconds_count") == 2
        and watch.value("lantaarn_tasks", status="open") == 2
        and watch.value("lantaarn_ledger_unaccounted_findings") == 0
        and watch.sum("lantaarn_group_lag_records") == 0
        and ticked(running.seen("worker"))
        and all(health(port, "ready")[0] == 200 for port in running.ports.values())
    )


def ticked(worker: Seen) -> bool:
    """Whether each partition has a tick; else the moment of taking over stands there, which is no full hour."""
    hours = [worker.value("lantaarn_tick_last_hour_timestamp_seconds", partition=str(number)) for number in range(4)]
    return all(hour is not None and hour % 3600 == 0 for hour in hours)


def delayed(worker: Seen) -> bool:
    """Whether a tick was seen to be applied in each partition."""
    return all(worker.value("lantaarn_tick_delay_seconds", partition=str(number)) is not None for number in range(4))


def test_each_process_is_alive_and_ready_and_says_why(running: Running) -> None:
    for port in running.ports.values():
        assert health(port, "live") == (200, {"ok": True, "checks": {"loop": "ok"}})
        assert health(port, "ready")[1]["checks"].keys() == {"loop", "work", "broker", "registry"}


def test_the_adapter_counts_rows_and_what_was_wrong(running: Running) -> None:
    seen = running.seen("adapter")
    assert seen.value("lantaarn_adapter_rows_total", feed="huur", result="accepted") == 1
    assert seen.value("lantaarn_adapter_rows_total", feed="huur", result="rejected") == 1
    assert seen.sum("lantaarn_adapter_faults_total", feed="huur", reason="format") == 1
    assert seen.value("lantaarn_records_written_total", topic=f"signals.rent.{RENT}") == 1


def test_intake_counts_in_out_and_refused_by_reason(running: Running) -> None:
    seen = running.seen("intake")
    assert seen.sum("lantaarn_records_read_total") == 6
    assert seen.value("lantaarn_records_written_total", topic="household-events") == 4
    assert seen.value("lantaarn_receipts_total", partner=WATER, result="refused", reason="unjustified") == 1
    assert seen.value("lantaarn_receipts_total", partner=WATER, result="accepted", reason="") == 2
    assert seen.value("lantaarn_dead_letters_written_total", reason="undecodable") == 1
    assert seen.value("lantaarn_lag_records", topic=f"signals.rent.{RENT}", partition="0") == 0


def test_the_worker_tells_of_state_ticks_and_answers(running: Running) -> None:
    seen = running.seen("worker")
    assert seen.value("lantaarn_partitions") == 4
    assert seen.sum("lantaarn_state_households") == 3
    until(lambda: running.seen("worker").sum("lantaarn_state_bytes") > 500)
    assert seen.value("lantaarn_recovery_remaining_records") == 0
    assert seen.value("lantaarn_receipts_total", partner=WATER, result="duplicate", reason="") == 1
    assert seen.value("lantaarn_receipts_total", partner=OWN, result="refused", reason="no_task") == 1
    hours = {seen.value("lantaarn_tick_last_hour_timestamp_seconds", partition=str(number)) for number in range(4)}
    assert hours <= {(nominal_hour(NOW) + timedelta(hours=later)).timestamp() for later in (0, 1, 2)}
    assert seen.value("lantaarn_policy_info", version="built-in") == 1


def test_the_sink_measures_from_sent_to_stored(running: Running) -> None:
    seen = running.seen("sink")
    count = seen.value("lantaarn_sent_to_stored_seconds_count")
    total = seen.value("lantaarn_sent_to_stored_seconds_sum")
    assert count == 2
    assert total is not None
    assert 0 < total < PATIENCE * count
    assert seen.value("lantaarn_records_read_total", topic="task-outcomes") == 1


def test_the_watch_sees_what_no_process_knows(running: Running) -> None:
    seen = running.seen("watch")
    for group in ("intake", "households", "case-store"):
        assert seen.value("lantaarn_group_members", group=group) == 1
        assert seen.value("lantaarn_group_lag_seconds", group=group) == 0
    assert seen.sum("lantaarn_deadlines_tasks") == 2
    assert seen.value("lantaarn_dead_letters_records", reason="undecodable", age="hour") == 1
    assert (seen.value("lantaarn_partner_last_signal_timestamp_seconds", partner=RENT) or 0) >= NOW.timestamp() - 1
    assert seen.value("lantaarn_partner_last_signal_timestamp_seconds", partner=OWN) is None
    assert (seen.value("lantaarn_partner_silent_seconds", partner=OWN) or 0) > 35 * 86400
    assert seen.value("lantaarn_partner_rhythm_seconds", partner=OWN) == 35 * 86400
    assert seen.value("lantaarn_agreement_end_timestamp_seconds", partner=RENT, type="Huur") == 1_924_988_400
    assert seen.sum("lantaarn_watch_part_up") == 5


def test_what_is_shown_is_the_catalogue(running: Running) -> None:
    shown = {name for process in EVERY for name in running.seen(process).names() if name.startswith(PREFIX)}
    listed = {name for metric in METRICS for name in series(metric)}
    assert {name for name in shown if not name.endswith("_created")} == listed


def test_nothing_shown_is_about_a_person(running: Running) -> None:
    told = "".join(running.seen(process).text for process in EVERY) + running.status().output
    for word in (POSTCODE, "9901XK", "Jansen", "H1", "KLANT", *(running.town.pseudonym(house) for house in (1, 2, 3))):
        assert word not in told


def test_the_status_says_what_needs_a_person(running: Running) -> None:
    done = running.status("--json")
    assert done.exit_code == 1
    told = json.loads(done.output)
    assert told["reached"] == {"broker": "ok", "registry": "ok", "case store": "ok"}
    assert [(one["group"], one["members"], one["lag_records"]) for one in told["groups"]] == [
        ("intake", 1, 0),
        ("households", 1, 0),
        ("case-store", 1, 0),
    ]
    assert datetime.fromisoformat(told["last_tick"]) >= nominal_hour(NOW)
    assert told["tasks"]["open"] == 2
    assert told["problems"][0] == "dead letters: 1 in the last day"
    assert told["problems"][1].startswith(f"{OWN}: silent for ")
    assert len(told["problems"]) == 2
    screen = running.status().output
    assert "! dead letters: 1 in the last day" in screen
    assert "2 open" in screen


def test_the_status_without_a_broker(running: Running) -> None:
    done = running.status(
        LANTAARN_BOOTSTRAP_SERVERS=f"127.0.0.1:{free_port()}",
        LANTAARN_REGISTRY_URL=f"http://127.0.0.1:{free_port()}",
    )
    assert done.exit_code == 1
    assert "! broker: no answer" in done.output
    assert "! registry: no answer" in done.output
    assert "2 open" in done.output


def test_a_port_that_is_taken_or_missing_is_told_in_one_line(running: Running) -> None:
    command = [sys.executable, "-m", "lantaarn", "watch"]
    env = {**os.environ, **running.town.environment("auditor")}
    told = [
        subprocess.Popen(command, env=env | {"LANTAARN_METRICS_PORT": port}, stderr=subprocess.PIPE, text=True)
        for port in (str(running.ports["watch"]), "0")
    ]
    for process in told:
        (line,) = process.communicate(timeout=30)[1].splitlines()
        assert json.loads(line)["reason"].startswith("metrics_port: ")
        assert process.returncode == 1


def test_asked_to_end_they_end_well(running: Running) -> None:
    for process in running.processes.values():
        process._popen.terminate()
    codes = {}
    for name, process in running.processes.items():
        codes[name] = process._popen.wait(timeout=30)
    assert codes == dict.fromkeys(EVERY, 0), subprocess.list2cmdline(codes)
    nobody = {f"{group}: nobody is in the group" for group in ("intake", "households", "case-store")}
    # They have fixed names in their groups, and are expected back until their session ends.
    until(lambda: nobody <= {*json.loads(running.status("--json").output)["problems"]})
