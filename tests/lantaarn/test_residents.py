"""Who lives at an address now is told nothing of who lived there before, nor are those told of who came after."""

from collections.abc import Sequence
from typing import Any

import pytest

from lantaarn.explain import Explanation, explain
from lantaarn.logbook import Entry
from lantaarn.resident import story_of
from lantaarn.residents import Residents, residents_of
from schemas.codes import AddressEvent, Crisis, Kind, OutcomeKind, SignalType
from sinks.store.rows import canonical
from streams.core.policy import BUILT_IN
from streams.core.records import Address, Record
from streams.households.guard import LogBounds
from streams.households.stage import SourceRecord
from streams.rerun import Rerun
from tests.streams.households.made import CATALOGUE, CODEC, EVENTS, activation_of, event, key_of, report
from tests.streams.live import OWN, POSTCODE

HOME = key_of(1)


class OneLog:
    """A log with one partition, in memory."""

    def __init__(self, records: Sequence[Record]) -> None:
        policy = activation_of('version = "1"\nvalid_from = 2020-01-01\n', -1)
        self._values = [policy, *(event(record) for record in records)]

    def all(self, _: object) -> tuple[LogBounds, list[Entry]]:
        entries = [Entry(EVENTS, 0, at, 0, HOME.encode() if at else None, v) for at, v in enumerate(self._values)]
        return LogBounds("t", {0: 0}, {0: len(entries)}), entries

    def tasks(self) -> list[list[dict[str, Any]]]:
        """Each task's versions, the oldest task first."""
        rerun = Rerun(CODEC, CATALOGUE)
        for at, value in enumerate(self._values):
            rerun.step(0, SourceRecord(at, HOME.encode() if at else None, value))
        return [[canonical(each) for each in versions.values()] for versions in rerun.tasks.values()]

    def explained(self, number: int) -> Explanation:
        stored = self.tasks()[number]
        return explain(self, CODEC, CATALOGUE, stored, stored[-1])  # type: ignore[arg-type]

    def residents(self) -> Residents:
        return residents_of(HOME, self, CODEC, CATALOGUE)  # type: ignore[arg-type]


def own(identity: str, kind_of: SignalType, day: int, **values: Any) -> Record:
    at = report(identity, 1, day)
    head: dict[str, Any] = {"signalled_on": at.signalled_on, "received_at": at.received_at}
    return Record(
        **{"id": identity, "partner": OWN, "type": kind_of, "address": Address(POSTCODE, 1), **head, **values}
    )


ABROAD: dict[str, Any] = {"address_event": AddressEvent.ABROAD}
WITHIN: dict[str, Any] = {
    "address_event": AddressEvent.MOVED,
    "to_address": Address(POSTCODE, 2),
    "to_household": key_of(2),
}


def story(move: dict[str, Any]) -> OneLog:
    return OneLog(
        [
            report("huur-oud", 1, 0, amount_cents=123_456, crisis=Crisis.EVICTION),
            own("gesprek", SignalType.OUTCOME, 1, kind=OutcomeKind.CONTACT),
            own("vertrek", SignalType.ADDRESS, 3, everyone=True, **move),
            report("huur-laat", 1, 20, kind=Kind.AMOUNT, amount_cents=234_567),
            report("huur-nieuw", 1, 40, reference="NIEUW", amount_cents=9_900),
            own("gesprek-nieuw", SignalType.OUTCOME, 41, kind=OutcomeKind.CONTACT),
        ]
    )


@pytest.mark.parametrize("move", [ABROAD, WITHIN])
def test_each_is_told_what_was_said_of_them_and_nothing_of_the_others(move: dict[str, Any]) -> None:
    log = story(move)
    old, new = log.explained(0), log.explained(1)
    assert old.agrees
    assert new.agrees
    assert {one.id for one in old.said} == {"huur-oud", "gesprek", "vertrek", "huur-laat"}
    assert {one.id for one in new.said} == {"huur-nieuw", "gesprek-nieuw"}
    assert [told.amount_cents for told in story_of(new, BUILT_IN, CATALOGUE).told] == [9_900, None]
    assert {ground.ground for ground in old.grounds} == {"regular", "crisis"}, "what ended is explained by what was"


@pytest.mark.parametrize("move", [ABROAD, WITHIN])
def test_what_has_no_place_in_the_log_is_of_who_lived_there_on_its_day(move: dict[str, Any]) -> None:
    log = story(move)
    residents, (old, new) = log.residents(), log.tasks()
    left = report("vertrek", 1, 3).signalled_on
    assert residents.of_row({"id": "geweigerd", "signalled_on": left}) == {"vertrek"}
    assert residents.of_row({"id": "geweigerd", "signalled_on": report("x", 1, 4).signalled_on}) == {None}
    assert residents.of_row({"signal_id": "huur-laat"}) == {"vertrek"}
    assert residents.of_row(old[-1]) == {"vertrek"}
    assert residents.of_row(new[-1]) == {None}
    assert residents.of_row({"task_id": "ouder-dan-het-log"}) == frozenset()


def test_when_the_register_was_wrong_it_is_all_theirs_again() -> None:
    log = OneLog(
        [
            report("huur", 1, 0),
            own("vertrek", SignalType.ADDRESS, 3, everyone=True, **ABROAD),
            own("hersteld", SignalType.OUTCOME, 4, kind=OutcomeKind.REOPENED),
        ]
    )
    assert {one.id for one in log.explained(0).said} == {"huur", "vertrek", "hersteld"}
    assert log.residents().of_record(OWN, "hersteld") is None
