"""How often a library may say the same."""

import logging  # noqa: TID251 - what libraries speak through
import subprocess
import sys

from lantaarn.log_lines import QUIET_SECONDS, OnceInAWhile


def line(at: float, place: int = 1, broker: str = "b1") -> logging.LogRecord:
    record = logging.LogRecord(
        "aiokafka", logging.ERROR, "client.py", place, "Unable to connect to %s", (broker,), None
    )
    record.created = at
    return record


def test_what_is_said_again_and_again_is_said_once_in_a_while_and_counted() -> None:
    once = OnceInAWhile()
    now = 1_000_000.0
    assert once.filter(line(now))
    assert not once.filter(line(now + 0.1))
    assert not once.filter(line(now + QUIET_SECONDS - 0.1, broker="b2"))
    again = line(now + QUIET_SECONDS)
    assert once.filter(again)
    assert again.getMessage() == "Unable to connect to b1 (and 2 more like it since the last)"
    later = line(now + 2 * QUIET_SECONDS)
    assert once.filter(later)
    assert later.getMessage() == "Unable to connect to b1", "nothing was held back since"


def test_another_line_or_another_kind_of_error_is_not_held_back() -> None:
    once = OnceInAWhile()
    assert once.filter(line(1_000_000.0))
    assert once.filter(line(1_000_000.0, place=2))
    crashed = line(1_000_000.0)
    crashed.exc_info = (OSError, OSError(), None)
    assert once.filter(crashed)


def test_a_process_says_what_a_library_repeats_once() -> None:
    code = (
        "import logging\nfrom lantaarn.log_lines import log_as_json\nlog_as_json('worker')\n"
        "for _ in range(50): logging.getLogger('aiokafka').error('away')"
    )
    said = subprocess.run([sys.executable, "-c", code], timeout=60, check=True, capture_output=True, text=True).stderr
    assert said.count("away") == 1
