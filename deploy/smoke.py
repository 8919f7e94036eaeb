#!/usr/bin/env python3
"""Looks whether a deployment that has just been brought up works: a delivery in, tasks out, and a ledger that balances.

    docker compose up --detach --wait && deploy/smoke.py

Needs nothing but Python. What it delivers is invented, and stays: for a trial, not for a city's own deployment.
"""

import json
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import date, timedelta
from typing import NamedTuple

COMPOSE = ("docker", "compose")
HEADER = (
    "Contractnr;Naam huurder;Postcode;Huisnr;Soort;Datum signaal;Achterstand sinds;Bedrag;Maanden;Ontruiming;"
    "Pers. contact;Gewezen op hulp;Aanmaning;Aanbod gegevens"
)
FOLDER = "/var/lib/lantaarn/landlord/in"
LEAST_TASKS = 3


class Answer(NamedTuple):
    """What a command said."""

    code: int
    output: str


class SmokeError(RuntimeError):
    """The deployment does not do what it should."""


def delivery(today: date) -> bytes:
    """A landlord's export: two evictions, an ordinary arrear, one too small to report and one that cannot be read."""
    yesterday, since = f"{today - timedelta(days=1):%d-%m-%Y}", f"{today - timedelta(days=70):%d-%m-%Y}"
    rows = [
        f"ROOK-1;A. Voorbeeld;9911AB;1;M;{yesterday};{since};2.310,00;3;J;ja;ja;ja;ja",
        f"ROOK-2;B. Voorbeeld;9911AB;2;M;{yesterday};{since};1.876,50;3;J;ja;ja;ja;ja",
        f"ROOK-3;C. Voorbeeld;9911AB;3;M;{yesterday};{since};1.204,00;2;N;ja;ja;ja;ja",
        f"ROOK-4;D. Voorbeeld;9911AB;4;M;{yesterday};{since};4,00;1;N;ja;ja;ja;ja",
        f"ROOK-5;E. Voorbeeld;9911AB;5;M;{yesterday};binnenkort;900,00;2;N;ja;ja;ja;ja",
    ]
    return "".join(f"{line}\r\n" for line in (HEADER, *rows)).encode("cp1252")


def smoke(put: Callable[[str, bytes], None], tools: Callable[..., Answer], today: date, seconds: float) -> int:
    """Deliver, wait for the tasks, and let the ledger be counted.

    Args:
        put: Puts a file where the landlord's adapter looks.
        tools: Runs ``lantaarn`` with the auditor's settings.
        today: The day of the delivery.
        seconds: How long to wait for the tasks.

    Returns:
        The number of tasks.

    Raises:
        SmokeError: Says what is not as it should be.
    """
    put(f"rook-{today:%Y-%m-%d}.csv", delivery(today))
    deadline = time.monotonic() + seconds
    while True:
        answer = tools("tasks", "--json")
        found = len(json.loads(answer.output)["tasks"]) if answer.code == 0 else 0
        if found >= LEAST_TASKS:
            break
        if time.monotonic() > deadline:
            raise SmokeError(f"{found} tasks after {seconds:.0f} s; expected {LEAST_TASKS}: {answer.output[-2000:]}")
        time.sleep(1)
    balance = tools("reconcile", "--wait", "60")
    if balance.code != 0:
        raise SmokeError(f"the ledger does not balance:\n{balance.output}")
    return found


def _put(name: str, data: bytes) -> None:
    arriving = f"cat > {FOLDER}/{name}.tmp && mv {FOLDER}/{name}.tmp {FOLDER}/{name}"
    subprocess.run([*COMPOSE, "exec", "-T", "adapter", "sh", "-c", arriving], input=data, check=True)


def _tools(*arguments: str) -> Answer:
    command = [*COMPOSE, "run", "--rm", "--no-TTY", "tools", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return Answer(done.returncode, done.stdout + (done.stderr if done.returncode else ""))


if __name__ == "__main__":
    try:
        count = smoke(_put, _tools, date.today(), 120)  # noqa: DTZ011 - a day of the calendar, where the script is run
    except SmokeError as error:
        sys.exit(f"deploy/smoke.py: {error}")
    sys.stdout.write(f"{count} tasks, and the ledger balances\n")
