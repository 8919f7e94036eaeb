"""The parts of the watch: each looks at one thing and shows it; what it cannot see, it does not show."""

import threading
import time
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Protocol

import structlog
from prometheus_client import Gauge

from lantaarn.observing import catalogue
from lantaarn.observing.looks import cases, partners
from lantaarn.observing.looks.groups import Groups
from lantaarn.observing.looks.ledger import difference
from lantaarn.observing.looks.letters import Letters
from lantaarn.observing.meter import Meter, replace
from lantaarn.observing.processes import in_force
from lantaarn.reconcile import Finding, Report
from lantaarn.wiring import Deployment
from streams.core.calendar import local_day
from streams.wire import millis

MOST_NAMED = 20
log = structlog.get_logger()


class Part(Protocol):
    """One thing to look at."""

    name: str

    def look(self) -> None:
        """Look, and show it; raises whatever it meets."""

    def forget(self) -> None:
        """Show nothing: an old figure would be taken for a new one."""


class GroupsPart:
    """Consumer groups."""

    name = "groups"

    def __init__(self, meter: Meter, made: Deployment) -> None:
        self._groups = Groups(made.settings.kafka(), made.catalogue)
        self._records = meter.gauge(catalogue.GROUP_RECORDS)
        self._seconds = meter.gauge(catalogue.GROUP_SECONDS)
        self._members = meter.gauge(catalogue.GROUP_MEMBERS)

    def look(self) -> None:
        """Look at them."""
        for found in self._groups.look():
            self._records.labels(found.group).set(found.lag_records)
            self._seconds.labels(found.group).set(found.lag_seconds)
            self._members.labels(found.group).set(found.members)

    def forget(self) -> None:
        """Show nothing."""
        clear(self._records, self._seconds, self._members)


class CasesPart:
    """The case store."""

    name = "cases"

    def __init__(self, meter: Meter, made: Deployment) -> None:
        self._url = made.settings.case_store_url
        self._tasks = meter.gauge(catalogue.TASKS)
        self._deadlines = meter.gauge(catalogue.DEADLINES)
        self._adrift = meter.gauge(catalogue.ADRIFT)

    def look(self) -> None:
        """Look at it."""
        found = cases.look(self._url, today())
        replace(self._tasks, {(status,): count for status, count in found.tasks.items()})
        replace(self._deadlines, {(state, str(band)): count for (state, band), count in found.deadlines.items()})
        replace(self._adrift, {(lacks,): count for lacks, count in found.adrift.items()})

    def forget(self) -> None:
        """Show nothing."""
        clear(self._tasks, self._deadlines, self._adrift)


class PartnersPart:
    """Partners and their agreements, and the policy: what the files say is read again each time."""

    name = "partners"

    def __init__(self, meter: Meter, made: Deployment) -> None:
        self._settings = made.settings
        self._last = meter.gauge(catalogue.LAST_SIGNAL)
        self._silent = meter.gauge(catalogue.SILENT_FOR)
        self._rhythm = meter.gauge(catalogue.RHYTHM)
        self._end = meter.gauge(catalogue.AGREEMENT_END)
        self._policy = meter.gauge(catalogue.POLICY)

    def look(self) -> None:
        """Look at them."""
        agreements = self._settings.load_agreements()
        in_force(self._policy, [self._settings.load_policies()])
        ending = partners.ending(agreements, today())
        replace(self._end, {(one.partner, one.type.value): one.ends_at for one in ending})
        found = partners.heard(self._settings.kafka(), self._settings.catalogue(), agreements, today())
        replace(self._last, {(one.partner,): one.last_at for one in found if one.last_at is not None})
        replace(self._silent, {(one.partner,): one.silent for one in found})
        replace(self._rhythm, {(one.partner,): one.rhythm for one in found if one.rhythm is not None})

    def forget(self) -> None:
        """Show nothing."""
        clear(self._last, self._silent, self._rhythm, self._end, self._policy)


class LettersPart:
    """Dead letters."""

    name = "dead letters"

    def __init__(self, meter: Meter, made: Deployment) -> None:
        self._letters = Letters(made.settings.kafka(), made.codec, made.catalogue)
        self._counts = meter.gauge(catalogue.LETTERS)
        self._oldest = meter.gauge(catalogue.OLDEST_LETTER)

    def look(self) -> None:
        """Look at them."""
        found = self._letters.look()
        replace(self._counts, {(reason, age): count for (reason, age), count in found.counts.items()})
        replace(self._oldest, {(reason,): at for reason, at in found.oldest.items()})

    def forget(self) -> None:
        """Show nothing."""
        clear(self._counts, self._oldest)


class LedgerPart:
    """The ledger, in a thread of its own: it reads everything there is, and the other parts do not wait for it.

    Args:
        meter: Makes the metrics.
        reconciled: Reconciles.
        every: Seconds from the beginning of one check to the next.
        pause: Seconds between the two reconciliations of one check.
        stop: Ends it.
    """

    name = "ledger"

    def __init__(
        self, meter: Meter, reconciled: Callable[[], Report], *, every: float, pause: float, stop: threading.Event
    ) -> None:
        self._findings = meter.gauge(catalogue.LEDGER)
        self._at = meter.gauge(catalogue.LEDGER_AT)
        self._reconciled = reconciled
        self._every = every
        self._pause = pause
        self._stop = stop
        self._begun = -float("inf")
        self._thread: threading.Thread | None = None
        self._error: Exception | None = None
        self.forget()  # before the first check nobody knows

    def look(self) -> None:
        """Begin a check when it is time, or the last one failed; raises what it failed with until one succeeds."""
        at_it = self._thread is not None and self._thread.is_alive()
        if not at_it and (self._error is not None or time.monotonic() - self._begun >= self._every):
            self._begun = time.monotonic()
            self._thread = threading.Thread(target=self._check, name="ledger", daemon=True)
            self._thread.start()
        if self._error is not None:
            raise self._error

    def forget(self) -> None:
        """Show what is neither balanced nor not."""
        self._findings.set(float("nan"))

    def _check(self) -> None:
        try:
            found = difference(self._reconciled, self._stop, self._pause)
        except Exception as error:  # noqa: BLE001 - the next look raises it
            self._error = error
            return
        self._error = None
        if self._stop.is_set():
            return
        _name(found)
        self._findings.set(len(found))
        self._at.set(time.time())


def _name(found: tuple[Finding, ...]) -> None:
    for finding in found[:MOST_NAMED]:
        log.error("unaccounted", where=finding.where, what=finding.what)


def clear(*gauges: Gauge) -> None:
    """Show none of them."""
    for gauge in gauges:
        gauge.clear()


def today() -> date:
    """The present day in Amsterdam."""
    return local_day(millis(datetime.now(UTC)))
