"""A ``lantaarn`` command that has loaded all it needs and waits for a line before it begins.

So that a test can have the next process ready while it kills the present one.
"""

import importlib
import sys

from lantaarn.cli import main

NEEDED = {
    "intake": ("streams.intake.process",),
    "worker": ("faust", "faust.transport.drivers.aiokafka", "streams.households.app", "streams.engine.app"),
    "sink": ("sinks.tasks",),
}

if __name__ == "__main__":
    for module in NEEDED[sys.argv[1]]:
        importlib.import_module(module)
    sys.stdin.readline()
    main()
