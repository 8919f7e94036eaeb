"""A live run, exported and replayed, gives what is stored."""

import json
import stat
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from lantaarn.exporting import Line, Order
from sinks.fields import TaskForm
from tests.lantaarn.town import AS_OF, Town


def replayed(town: Town, log: Path, folder: Path) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Tasks and receipts that ``lantaarn replay`` makes of a file."""
    out, receipts = folder / "tasks.jsonl", folder / "receipts.jsonl"
    policy = str(town.folder / "policy.toml")
    files = ("--out", str(out), "--receipts", str(receipts), str(log))
    done = town.run("replay", "--policy", policy, "--as-of", AS_OF.isoformat(), *files)
    assert done.exit_code == 0, done.output
    return [[json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()] for file in (out, receipts)]  # type: ignore[return-value]


def test_a_replay_of_the_exported_log_gives_the_stored_tasks(town: Town, tmp_path: Path) -> None:
    log = tmp_path / "log.jsonl"
    done = town.run("export-log", "--out", str(log))
    told = f"25 records; for the tasks as they stand: replay --as-of {AS_OF}\n"
    assert (done.exit_code, done.stdout, done.stderr) == (0, told, "")
    tasks, receipts = replayed(town, log, tmp_path)
    ours = {task["task_id"]: TaskForm.of_json(task) for task in tasks}
    theirs = {task["task_id"]: TaskForm.of_task(task) for task in town.stored()}
    assert ours == theirs
    assert len(ours) == 7
    results = [receipt["result"] for receipt in receipts]
    assert (results.count("duplicate"), results.count("repeated"), results.count("refused")) == (2, 1, 1)


def test_lines_have_the_form_of_the_interchange(town: Town, tmp_path: Path) -> None:
    log = tmp_path / "log.jsonl"
    log.write_text("once readable to all", encoding="utf-8")
    town.run("export-log", "--out", str(log))
    assert stat.S_IMODE(log.stat().st_mode) == 0o600
    lines = [json.loads(line) for line in log.read_text(encoding="utf-8").splitlines()]
    assert {line["type"] for line in lines} == {"Huur", "Water", "Uitkeringsstop", "Huishouden", "Adres", "Uitkomst"}
    report = next(line for line in lines if line["type"] == "Water" and line["kind"] == "report")
    assert set(report["preconditions"].values()) == {True}
    assert datetime.fromisoformat(report["received_at"]).tzinfo == UTC
    assert len(report["received_at"]) == len("2026-01-08T09:01:00.000Z")
    assert date.fromisoformat(report["signalled_on"])
    assert all(line["position"].partition(":")[1] for line in lines)
    paid = next(line for line in lines if line.get("kind") == "paid")
    assert "preconditions" not in paid


def test_a_malformed_line_is_refused_by_its_place_and_the_rest_is_applied(town: Town, tmp_path: Path) -> None:
    log = tmp_path / "log.jsonl"
    town.run("export-log", "--out", str(log))
    lines = log.read_text(encoding="utf-8").splitlines()
    spoilt = json.loads(lines[1]) | {"signalled_on": "yesterday"}
    log.write_text("\n".join(["{", lines[0], json.dumps(spoilt), *lines[2:]]) + "\n", encoding="utf-8")
    _, receipts = replayed(town, log, tmp_path)
    assert len(receipts) == 26
    assert receipts[0] == {"id": None, "result": "refused", "reason": "undecodable", "field": None}
    assert receipts[2] == {
        "id": spoilt["id"],
        "result": "refused",
        "reason": "invalid",
        "field": "signalled_on",
    }


def test_a_household_whose_order_differs_is_counted_once() -> None:
    order = Order()
    given = [("a", "2"), ("b", "1"), ("a", "1"), ("a", "0"), ("b", "1"), ("b", "2")]
    lines = [Line(household, (at, "id"), {}) for household, at in given]
    assert [*order.watch(lines)] == lines
    assert order.differing == 1
