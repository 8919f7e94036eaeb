"""The examples for builders of caseworker systems, run as they would run them."""

import shutil
import sys
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from confluent_kafka import Message

from schemas.cloudevents import headers
from streams.core.agreements import Agreements
from streams.core.keys import Keys
from streams.core.policy import Policies, Policy
from streams.intake.judge import Judge, Received
from tests.consumers.town import EXAMPLES, OTHER, TASK, WAITING, Town, shown
from tests.tools import tool

PAGE = EXAMPLES / "README.md"
FIRST_BUILD = 300  # seconds: Maven may have everything to download


def test_python_applies_each_version_once_and_sends_one_outcome(town: Town, tmp_path: Path) -> None:
    command = [sys.executable, str(EXAMPLES / "python" / "caseworker.py")]
    town.publish(TASK, WAITING, TASK, WAITING)  # as after a crash of the worker: the last ones again
    example = town.run(command, tmp_path)
    seen = example.lines(3, 60)
    outcome = the_attempt(town)
    example.stop()

    again = town.run(command, tmp_path)  # goes on where it was
    town.publish(OTHER)
    seen += again.lines(1, 60)

    assert seen == shown(PAGE, "## Python")
    assert outcome["channel"] == "Telefoon"
    assert len(town.outcomes(1)) == 1


def test_java_applies_each_version_once_and_sends_one_outcome(town: Town, tmp_path: Path) -> None:
    tool("javac", "a JDK, 17 or later")
    tool("mvn", "Maven")
    project = tmp_path / "java"
    shutil.copytree(EXAMPLES / "java", project, ignore=shutil.ignore_patterns("target"))
    town.publish(TASK, WAITING, TASK, WAITING)
    example = town.run(["mvn", "-B", "-q", "compile", "exec:java"], project)
    seen = example.lines(3, FIRST_BUILD)
    outcome = the_attempt(town)
    town.publish(TASK, OTHER)
    seen += example.lines(1, 60)

    assert seen == shown(PAGE, "## Java")
    assert outcome["channel"] == "Telefoon"
    assert len(town.outcomes(1)) == 1


def the_attempt(town: Town) -> dict[str, Any]:
    """The one outcome that was sent, after our intake has let it in."""
    [message] = town.outcomes(1)
    value = town.codec.decode("TaskOutcome", message.value())
    assert value["task_id"] == TASK["task_id"]
    assert value["address"] == TASK["address"]
    assert value["signalled_on"] == datetime.now(ZoneInfo("Europe/Amsterdam")).date()
    assert (message.key() or b"").decode() == value["id"]
    wanted = dict(headers("TaskOutcome", value["id"], "urn:nld:oin:00000000000000000000:systeem:voorbeeld"))
    assert dict(message.headers() or ()) == wanted

    event, receipt = judged(town, message)
    assert event["body"]["kind"] == "attempt"
    assert receipt["result"] == "accepted"
    return value


def judged(town: Town, message: Message) -> tuple[dict[str, Any], dict[str, Any]]:
    """What intake makes of an outcome: the event, and the receipt."""
    policies = Policies().with_activated(Policy.from_toml('version = "p"\nvalid_from = 2025-01-01\n'))
    judge = Judge(
        town.codec,
        town.outputs,
        town.catalogue,
        policies=policies,
        agreements=Agreements.from_toml(""),
        keys=Keys(b"s"),
    )
    place = (message.topic() or "", message.partition() or 0, message.offset() or 0)
    event, receipt = judge.outputs_for(Received(*place, message.key(), message.value(), message.timestamp()[1]))
    return town.codec.decode("HouseholdEvent", event.value), town.codec.decode("SignalReceipt", receipt.value)
