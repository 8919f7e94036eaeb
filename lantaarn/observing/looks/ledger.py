"""The ledger's difference, without what was only under way."""

import threading
from collections.abc import Callable

from lantaarn.reconcile import Finding, Report


def difference(reconciled: Callable[[], Report], stop: threading.Event, pause: float) -> tuple[Finding, ...]:
    """What two reconciliations, some seconds apart, both cannot account for.

    A record that was under way the first time has arrived the second, and what is under way then was not there before.

    Args:
        reconciled: Reconciles; raises ``LogError`` or ``SinkError``.
        stop: Ends the pause.
        pause: Seconds between the two; longer than anything is under way.
    """
    first = reconciled()
    if first.balanced or stop.wait(pause):
        return ()
    again = set(reconciled().unaccounted)
    return tuple(finding for finding in first.unaccounted if finding in again)
