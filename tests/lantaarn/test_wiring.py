"""What every process gets from the wiring."""

import subprocess
import sys


def test_asked_to_end_in_the_middle_of_a_wait_a_process_ends() -> None:
    # What a signal meets in a process that has just begun to wait: the event's own lock, held by the same thread.
    inside = "stop = stop_on_signals()\nwith stop._cond: os.kill(os.getpid(), signal.SIGTERM)\nassert stop.wait(5)"
    code = f"import os, signal\nfrom lantaarn.wiring import stop_on_signals\n{inside}"
    assert subprocess.run([sys.executable, "-c", code], timeout=30, check=False).returncode == 0
