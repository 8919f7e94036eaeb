"""Health that tells the truth: live when the main loop goes round, ready when the work can be done.

Live says nothing of others: a restart would not bring a broker back. Ready asks them, at most every few seconds.
"""

import threading
import time
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import structlog
from confluent_kafka.admin import AdminClient
from confluent_kafka.schema_registry import SchemaRegistryClient

ASK_AGAIN_SECONDS = 5.0
ANSWER_SECONDS = 3.0
log = structlog.get_logger()

Ask = Callable[[], None]
"""Raises whatever it meets when somebody does not answer."""


class Answer(NamedTuple):
    """What a probe is told."""

    ok: bool
    checks: dict[str, str]  # by name: "ok", or what is wrong in a few words of ours


class Health:
    """Of one process.

    Args:
        patience: Seconds that one round of the main loop may take.
        others: Those whom this process cannot do without, by name.
        works_alone: Whether there is nothing to be assigned: ready needs the others only.
    """

    def __init__(self, patience: float, others: Mapping[str, Ask], *, works_alone: bool = False) -> None:
        self._patience = patience
        self._others = {name: _Asked(name, ask) for name, ask in others.items()}
        self._at_work = works_alone
        self._turned = time.monotonic()
        self.turned_at = time.time()

    def turned(self) -> None:
        """The main loop goes round."""
        self._turned = time.monotonic()
        self.turned_at = time.time()

    def at_work(self, *, yes: bool) -> None:
        """Whether what is ours to do is known and taken over."""
        self._at_work = yes

    def live(self) -> Answer:
        """Whether the process is not stuck."""
        since = time.monotonic() - self._turned
        stuck = since > self._patience
        return Answer(not stuck, {"loop": f"stands still for {since:.0f} s" if stuck else "ok"})

    def ready(self) -> Answer:
        """Whether it can do its work."""
        checks = self.live().checks | {"work": "ok" if self._at_work else "nothing taken over"}
        checks |= {name: asked.state() for name, asked in self._others.items()}
        return Answer(all(state == "ok" for state in checks.values()), checks)


class _Asked:
    """Asks once for all who want to know within some seconds."""

    def __init__(self, name: str, ask: Ask) -> None:
        self._name = name
        self._ask = ask
        self._lock = threading.Lock()
        self._at = -ASK_AGAIN_SECONDS
        self._state = ""

    def state(self) -> str:
        with self._lock:
            if time.monotonic() - self._at >= ASK_AGAIN_SECONDS:
                self._state = self._asked()
                self._at = time.monotonic()
            return self._state

    def _asked(self) -> str:
        try:
            self._ask()
        except Exception as error:  # noqa: BLE001 - whatever it is, the answer is no; its text may be anything
            log.warning("no answer", of=self._name, error=type(error).__name__)
            return f"no answer: {type(error).__name__}"
        return "ok"


def broker(kafka: Mapping[str, Any], topic: str) -> Ask:
    """Asks the broker for a topic: any answer will do."""
    admin = AdminClient({**kafka, "log_level": 2})

    def ask() -> None:
        admin.list_topics(topic, timeout=ANSWER_SECONDS)

    return ask


def registry(url: str, auth: str | None) -> Ask:
    """Asks the schema registry for its settings, which its client does not keep."""
    config: dict[str, Any] = {"url": url, "timeout": ANSWER_SECONDS, "max.retries": 0}
    if auth:
        config["basic.auth.user.info"] = auth
    client = SchemaRegistryClient(config)

    def ask() -> None:
        client.get_compatibility()

    return ask
