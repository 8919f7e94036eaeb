"""What a resident, and whoever writes to one, is told; and that each look is written down."""

import json
import stat
from pathlib import Path
from typing import Any

import pytest

from sinks.letters.words import faults
from tests.lantaarn.test_explain import at
from tests.lantaarn.town import AS_OF, Town

ON = ("--on", AS_OF.isoformat())
LATER = ("--on", "2026-11-25")  # the example catalogue has been looked at by then


def looks(town: Town) -> list[dict[str, Any]]:
    """What the access log holds."""
    file = town.folder / "access-log.jsonl"
    return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()] if file.exists() else []


def household(town: Town, task_id: str) -> str:
    return next(str(task["household"]) for task in town.stored() if task["task_id"] == task_id)


def test_a_resident_reads_who_said_what_why_and_what_to_do(town: Town) -> None:
    done = town.run("explain", at(town, 1), "--resident", *ON)
    assert done.exit_code == 0, done.output
    told = done.stdout
    for expected in (
        "5 januari 2026. Woonstichting A liet weten: de huur is nog niet betaald, € 500,00.",
        "8 januari 2026. Water B liet weten: de waterrekening is nog niet betaald, € 200,00.",
        "Wij spraken met u.",
        "Er kwamen kort na elkaar berichten van meer dan één organisatie.",
        "Een bericht telt mee: 6 maanden.",
        "248 dagen",
        "Noor Terpstra op 0599-900100",
        "bezwaar",
        "Autoriteit Persoonsgegevens",
    ):
        assert expected in told
    assert list(faults(told)) == []
    assert told.count("2 februari 2026. Woonstichting A") == 1, "what came twice is told once"


def test_every_resident_is_told_in_plain_words(town: Town) -> None:
    for task in town.stored():
        done = town.run("explain", task["task_id"], "--resident", *ON)
        assert done.exit_code == 0, done.output
        assert list(faults(done.stdout)) == []
        assert task["address"]["postcode"] not in done.stdout


def test_a_letter_speaks_of_one_signal(town: Town) -> None:
    done = town.run("letter", at(town, 12), *LATER)
    assert done.exit_code == 0, done.output
    assert "Woonstichting A" in done.stdout
    assert "Water B" not in done.stdout
    assert "€" not in done.stdout
    assert list(faults(done.stdout)) == []


def test_there_is_no_letter_for_who_is_left_alone(town: Town) -> None:
    done = town.run("letter", at(town, 9), *LATER)
    assert done.exit_code == 1
    assert "no text: the task is suppressed" in done.output
    assert "Beste bewoner" not in done.output


@pytest.mark.parametrize(
    ("command", "action"),
    [
        (("explain",), "taak uitleggen"),
        (("explain", "--resident"), "uitleg aan de bewoner"),
        (("letter",), "brief, telefoongesprek of huisbezoek voorbereiden"),
        (("referrals", "suggest"), "hulp zoeken bij een taak"),
    ],
)
def test_each_look_is_one_line_in_the_access_log(town: Town, command: tuple[str, ...], action: str) -> None:
    task, before = at(town, 12), len(looks(town))
    assert town.run(*command, task, *LATER).exit_code == 0
    (line,) = looks(town)[before:]
    assert line["name"] == action
    assert line["attributes"] == {
        "dpl.core.processing_activity_id": "urn:lantaarn:verwerking:vroegsignalering",
        "dpl.core.data_subject_id": household(town, task),
        "dpl.core.data_subject_id_type": "pseudonym",
    }
    assert {"trace_id", "span_id", "parent_span_id", "status", "start_time", "end_time", "resource"} <= line.keys()
    assert "9901XK" not in json.dumps(line)


def test_a_list_of_tasks_is_a_line_for_each_household_under_one_trace(town: Town) -> None:
    before = len(looks(town))
    rows = json.loads(town.run("tasks", *ON, "--limit", "2", "--json").stdout)["tasks"]
    lines = looks(town)[before:]
    assert {line["attributes"]["dpl.core.data_subject_id"] for line in lines} == {
        household(town, row["task_id"]) for row in rows
    }
    assert len(lines) == len(rows) == 2
    assert len({line["trace_id"] for line in lines}) == 1
    assert len({line["span_id"] for line in lines}) == 2


def test_an_exported_log_and_a_list_of_visits_are_a_line_for_each_household(town: Town, tmp_path: Path) -> None:
    before, out = len(looks(town)), tmp_path / "log.jsonl"
    assert town.run("export-log", "--out", str(out)).exit_code == 0
    lines = [line["attributes"]["dpl.core.data_subject_id"] for line in looks(town)[before:]]
    assert len(lines) == len(set(lines))
    assert set(lines) >= {str(task["household"]) for task in town.stored()}
    addresses = {json.dumps(json.loads(line)["address"]) for line in out.read_text(encoding="utf-8").splitlines()}
    assert len(lines) == len(addresses)
    before = len(looks(town))
    (visit,) = json.loads(town.run("report", "visits", "--json").stdout)
    (line,) = looks(town)[before:]
    assert line["attributes"]["dpl.core.data_subject_id"] == household(town, visit["task_id"])
    none = town.run("export-log", "--out", str(out), LANTAARN_ACCESS_LOG=str(tmp_path / "none" / "log.jsonl"))
    assert none.exit_code != 0
    assert "9901XK" in out.read_text(encoding="utf-8"), "the file of before is left as it was"


@pytest.mark.parametrize("command", [("explain",), ("letter",), ("explain", "--resident"), ("referrals", "suggest")])
def test_what_cannot_be_written_down_is_not_shown(town: Town, command: tuple[str, ...]) -> None:
    done = town.run(*command, at(town, 12), *LATER, LANTAARN_ACCESS_LOG=str(town.folder / "none" / "log.jsonl"))
    assert done.exit_code != 0
    assert "9901XK" not in done.output
    assert "Woonstichting" not in done.output


def test_the_file_holds_everything_about_the_household_and_nothing_of_another(town: Town, tmp_path: Path) -> None:
    out, task = tmp_path / "inzage.json", at(town, 1)
    shown = town.run("access-file", task, "--out", str(out))
    assert shown.exit_code == 0, shown.output
    assert "Nothing written" in shown.output
    assert not out.exists()
    done = town.run("access-file", task, "--out", str(out), "--yes")
    assert done.exit_code == 0, done.output
    assert stat.S_IMODE(out.stat().st_mode) == 0o600
    found = json.loads(out.read_text(encoding="utf-8"))
    kept = {name.removeprefix(town.prefix): records for name, records in found["topics"].items()}
    assert len(kept["signals.rent.woonstichting-a"]) == 3, "what was sent again is kept again"
    assert len(kept["signals.water.water-b"]) == 1
    assert len(kept["task-outcomes"]) == 1
    assert len(kept["household-events"]) == 5
    receipts = [one["record"]["result"] for one in kept["receipts.woonstichting-a"]]
    assert sorted(receipts) == ["accepted", "accepted", "accepted", "duplicate", "repeated"]
    mine = {one["record"]["id"] for one in kept["signals.rent.woonstichting-a"]}
    told = {one["record"]["signal_id"]: one["record"] for one in kept["signal-status.woonstichting-a"]}
    assert set(told) <= mine
    assert [one["reached"] for one in told.values()] == [True], "what its sender was told of it last"
    assert len(kept["outreach-tasks"]) == len(found["case store"]["task versions"]) > 1
    assert [one["kind"] for one in found["case store"]["outcomes"]] == ["contact"]
    numbers = {record["record"]["address"]["number"] for record in kept["outreach-tasks"]}
    numbers |= {int(one["record"]["address"]["number"]) for one in kept["signals.rent.woonstichting-a"]}
    assert numbers == {1}


def test_what_was_refused_is_in_the_file_of_its_address(town: Town, tmp_path: Path) -> None:
    out, where = tmp_path / "inzage.json", tmp_path / "adres.json"
    where.write_text('{"postcode": "9901 xk", "number": "6"}', encoding="utf-8")
    done = town.run("access-file", "--address", str(where), "--out", str(out), "--yes")
    assert done.exit_code == 0, done.output
    found = json.loads(out.read_text(encoding="utf-8"))
    kept = {name.removeprefix(town.prefix): records for name, records in found["topics"].items()}
    assert len(kept["signals.rent.woonstichting-a"]) == 1
    assert [one["record"]["reason"] for one in kept["receipts.woonstichting-a"]] == ["unjustified"]
    assert kept["household-events"] == []


def test_who_lives_there_next_gets_no_file_of_those_who_left(town: Town, tmp_path: Path) -> None:
    where = tmp_path / "adres.json"
    where.write_text('{"postcode": "9901 xk", "number": "2"}', encoding="utf-8")

    def kept(*asked: str) -> tuple[str, dict[str, Any]]:
        out = tmp_path / f"{len(list(tmp_path.iterdir()))}.json"
        done = town.run("access-file", *asked, "--out", str(out), "--yes")
        assert done.exit_code == 0, done.output
        return done.stdout, json.loads(out.read_text(encoding="utf-8"))

    told, next_ones = kept("--address", str(where))
    assert "left out: of who lived there before or after" in told
    assert not any(next_ones["topics"].values())
    assert next_ones["case store"] == {"task versions": [], "outcomes": []}
    _, theirs = kept(at(town, 2))
    _, everything = kept("--address", str(where), "--all-residents")
    assert len(theirs["case store"]["task versions"]) > 1
    assert theirs["topics"] == everything["topics"]


def test_a_file_that_is_there_is_not_written_over(town: Town, tmp_path: Path) -> None:
    out = tmp_path / "inzage.json"
    out.write_text("van iemand anders", encoding="utf-8")
    done = town.run("access-file", at(town, 1), "--out", str(out), "--yes")
    assert done.exit_code != 0
    assert out.read_text(encoding="utf-8") == "van iemand anders"


@pytest.mark.parametrize(
    ("text", "told"),
    [('{"postcode": "99XK", "number": 6}', "postcode: not well-formed"), ("[]", "not an object"), ("{", "as JSON")],
)
def test_an_address_that_is_none_is_told_without_repeating_it(town: Town, tmp_path: Path, text: str, told: str) -> None:
    where = tmp_path / "adres.json"
    where.write_text(text, encoding="utf-8")
    done = town.run("access-file", "--address", str(where), "--out", str(tmp_path / "uit.json"))
    assert told in str(done.exception)
    assert "99XK" not in str(done.exception)


def test_suggestions_say_why_and_by_when(town: Town) -> None:
    found = json.loads(town.run("referrals", "suggest", at(town, 12), *LATER, "--json").stdout)
    by_key = {one["key"]: one for one in found}
    assert by_key["gemeente-veenhaven/budgetcoach"]["answer_by"] == "2026-11-30"
    assert all(one["because"] for one in found)
    assert "omdat: " in town.run("referrals", "suggest", at(town, 12), *LATER).stdout


def test_the_catalogue_is_checked_and_its_page_made(town: Town, tmp_path: Path) -> None:
    done = town.run("referrals", "check", "--on", "2027-03-01")
    assert done.exit_code == 0, done.output
    assert "8 entries of 4 organisations" in done.stdout
    assert "stale: energieklus/tochtstrips" in done.output
    out = tmp_path / "hulp.html"
    assert town.run("referrals", "page", "--out", str(out), "--on", "2026-11-25").exit_code == 0
    assert "<h1>Hulp bij geldzorgen in Gemeente Veenhaven</h1>" in out.read_text(encoding="utf-8")
