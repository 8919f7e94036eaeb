"""What the person on call asks first: is everything there, is it moving, does anything need me."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any, NamedTuple, TypeVar

from lantaarn.logbook import LogError
from lantaarn.observing import health
from lantaarn.observing.limits import LAG_SECONDS, TICK_SECONDS
from lantaarn.observing.looks import cases, partners, ticks
from lantaarn.observing.looks.cases import CasesLook
from lantaarn.observing.looks.groups import GroupLook, Groups
from lantaarn.observing.looks.letters import Letters, LettersLook
from lantaarn.observing.looks.partners import AgreementLook, PartnerLook
from lantaarn.wiring import Deployment
from schemas.codec import UndecodableError
from sinks.errors import SinkError
from streams.core.calendar import local_day
from streams.wire import millis

OK = "ok"
Found = TypeVar("Found")


class Status(NamedTuple):
    """How a deployment stands; null is what could not be seen."""

    at: datetime
    reached: dict[str, str]  # broker, registry, case store: "ok" or what kind of error
    groups: list[GroupLook] | None
    last_tick: datetime | None
    letters: LettersLook | None
    cases: CasesLook | None
    partners: list[PartnerLook] | None
    agreements: list[AgreementLook]
    policy: str
    problems: tuple[str, ...]

    def to_json(self) -> dict[str, Any]:
        """What `json.dumps` takes."""
        letters, found = self.letters, self.cases
        return {
            "at": self.at.isoformat(timespec="seconds"),
            "needs_a_person": bool(self.problems),
            "problems": list(self.problems),
            "reached": self.reached,
            "groups": None if self.groups is None else [one._asdict() for one in self.groups],
            "last_tick": self.last_tick.isoformat() if self.last_tick else None,
            "dead_letters": None
            if letters is None
            else [{"reason": reason, "age": age, "count": n} for (reason, age), n in letters.counts.items() if n],
            "tasks": None if found is None else found.tasks,
            "adrift": None if found is None else found.adrift,
            "deadlines": None if found is None else {state: found.state(state) for state in cases.STATES},
            "partners": None if self.partners is None else [one._asdict() for one in self.partners],
            "agreements": [
                {"partner": one.partner, "type": one.type.value, "last_day": one.last_day.isoformat()}
                for one in self.agreements
            ],
            "policy": self.policy,
        }


def status(made: Deployment) -> Status:
    """Look at everything; what does not answer is told, and does not keep the rest from being looked at."""
    settings, topics = made.settings, made.catalogue
    kafka, auth = settings.kafka(), settings.registry_auth
    agreements, policies = settings.load_agreements(), settings.load_policies()
    now = datetime.now(UTC)
    today = local_day(millis(now))
    problems: list[str] = []

    def seen(what: str, look: Callable[[], Found]) -> Found | None:
        try:
            return look()
        except (LogError, SinkError, UndecodableError) as error:
            problems.append(f"{what}: {error}")
            return None

    reached = {
        "broker": _asked(health.broker(kafka, topics.household_events.name)),
        "registry": _asked(health.registry(settings.registry_url, auth.get_secret_value() if auth else None)),
    }
    problems += [f"{name}: {answer}" for name, answer in reached.items() if answer != OK]
    found_cases = seen("case store", lambda: cases.look(settings.case_store_url, today))
    reached["case store"] = "no answer" if found_cases is None else OK
    there = reached["broker"] == OK
    groups = seen("groups", lambda: Groups(kafka, topics).look()) if there else None
    tick = seen("ticks", lambda: ticks.last_tick(kafka, made.codec, topics)) if there else None
    letters = seen("dead letters", lambda: Letters(kafka, made.codec, topics).look()) if there else None
    heard = seen("partners", lambda: partners.heard(kafka, topics, agreements, today)) if there else None
    ending = partners.ending(agreements, today)
    problems += _moving(groups, tick, now) if there else []
    problems += _waiting(letters, found_cases)
    problems += _partners(heard, ending, today)
    return Status(
        now,
        reached,
        groups,
        tick,
        letters,
        found_cases,
        heard,
        ending,
        policies.on(today).version,
        tuple(problems),
    )


def _asked(ask: health.Ask) -> str:
    try:
        ask()
    except Exception as error:  # noqa: BLE001 - whatever it is, the answer is no; its text may be anything
        return f"no answer ({type(error).__name__})"
    return OK


def _moving(groups: list[GroupLook] | None, tick: datetime | None, now: datetime) -> list[str]:
    found = [f"{one.group}: nobody is in the group" for one in groups or () if not one.members]
    found += [
        f"{one.group}: {one.lag_records} records behind, the oldest for {one.lag_seconds:.0f} s"
        for one in groups or ()
        if one.lag_seconds > LAG_SECONDS
    ]
    if tick is None:
        found.append("ticks: none in the last hours; no deadline fires")
    elif (now - tick).total_seconds() > TICK_SECONDS:
        found.append(f"ticks: the last one is of {tick:%Y-%m-%d %H:%M} UTC; no deadline fires")
    return found


def _waiting(letters: LettersLook | None, found: CasesLook | None) -> list[str]:
    told = []
    if letters is not None and letters.recent:
        told.append(f"dead letters: {letters.recent} in the last day")
    if found is not None and (broken := found.state("broken")):
        told.append(f"deadlines: {broken} broken")
    return told


def _partners(heard: list[PartnerLook] | None, ending: list[AgreementLook], today: date) -> list[str]:
    told = [f"{one.partner}: silent for {one.silent / 86400:.0f} days" for one in heard or () if one.too_silent]
    for one in ending:
        left, within = one.left(today), one.within(today)
        if within is not None:
            when = f"ends in {left} days (within {within})" if left >= 0 else f"ended {-left} days ago"
            told.append(f"{one.partner}, {one.type.value}: the agreement {when}")
    return told
