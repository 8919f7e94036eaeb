"""The log of looks at people's data: the standard Logboek dataverwerkingen, a line for each action and each household.

A line is on disk before anything is shown: whoever cannot be written down sees nothing. It holds the household's
pseudonym, never an address.
"""

import getpass
import json
import os
from collections.abc import Iterable
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from uuid import uuid4

from lantaarn.settings import Settings, SettingsError


class AccessLog:
    """Appends to one file; several processes may.

    Args:
        settings: Name the file, and the processing activity in the municipality's register.
    """

    def __init__(self, settings: Settings) -> None:
        self._file: Path = settings.access_log
        self._activity = settings.processing_activity
        self._source = settings.source

    def looked(self, action: str, households: Iterable[str]) -> None:
        """Write down that somebody is about to see these households.

        Args:
            action: What for, as a short name.
            households: Pseudonyms; each gets its line, under one trace.

        Raises:
            SettingsError: When the file cannot be written; then nothing may be shown.
        """
        trace, now = uuid4().hex, datetime.now(UTC).isoformat(timespec="milliseconds")
        lines = [json.dumps(self._line(action, household, trace, now)) for household in dict.fromkeys(households)]
        if not lines:
            return
        try:
            descriptor = os.open(self._file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
            with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                file.write("\n".join(lines) + "\n")  # one write: lines of two processes do not mix
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            raise SettingsError(f"access_log: {self._file}: {error.strerror}: nothing is shown") from error

    def _line(self, action: str, household: str, trace: str, now: str) -> dict[str, object]:
        return {
            "trace_id": trace,
            "span_id": uuid4().hex[:16],
            "parent_span_id": None,
            "status": "Ok",
            "name": action,
            "start_time": now,
            "end_time": now,
            "resource": {"service.name": self._source, "service.version": version("lantaarn"), "user": _user()},
            "attributes": {
                "dpl.core.processing_activity_id": self._activity,
                "dpl.core.data_subject_id": household,
                "dpl.core.data_subject_id_type": "pseudonym",
            },
        }


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container's user may have no name
        return str(os.getuid())
