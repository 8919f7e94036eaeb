"""Events without a broker: a codec without a registry, a log made of the load, a stage with a dictionary."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

from schemas.codec import RECORDS, Codec, UndecodableError, schema_text
from schemas.codes import Kind, SignalType
from schemas.topics import Catalogue
from streams.core.addresses import pseudonym
from streams.core.admission import Refused, admit
from streams.core.agreements import Agreements
from streams.core.policy import Policies, Policy
from streams.core.records import Address, Record
from streams.households.stage import Effects, SourceRecord, Stage
from streams.outputs import Output, Outputs
from streams.wakeups import activation, tick
from streams.wire import event_of, millis, raw_record
from tests.streams.live import OWN, POSTCODE, RENT, SECRET, START, WATER, Load

NOON = datetime(START.year, START.month, START.day, 12, tzinfo=UTC)


class NoRegistry:
    """Ids by the place in the list of contracts."""

    def id_of(self, record: str) -> int:
        return RECORDS.index(record)

    def schema(self, schema_id: int) -> str:
        if schema_id >= len(RECORDS):
            raise UndecodableError(f"schema {schema_id} is not in the registry")
        return schema_text(RECORDS[schema_id])


CODEC = Codec(NoRegistry())
CATALOGUE = Catalogue("gm9999.", [(RENT, SignalType.RENT), (WATER, SignalType.WATER), (OWN, SignalType.HOUSEHOLD)])
OUTPUTS = Outputs(CODEC, CATALOGUE, "urn:nld:oin:00000000000000000000:systeem:lantaarn")
EVENTS = CATALOGUE.household_events.name
TOPIC_ID = "topic-1"


def key_of(house: int) -> str:
    return pseudonym(SECRET.encode(), Address(POSTCODE, house))


def report(identity: str, house: int, day: int = 0, **more: Any) -> Record:
    """A rent report of so many days after the start."""
    at = NOON + timedelta(days=day)
    given: dict[str, Any] = {
        "signalled_on": at.date(),
        "received_at": millis(at),
        "kind": Kind.REPORT,
        "reference": f"KLANT-{house}",
        "arisen_on": at.date() - timedelta(days=40),
        "amount_cents": 20_000,
        "months": 1,
    }
    return Record(id=identity, partner=RENT, type=SignalType.RENT, address=Address(POSTCODE, house), **given | more)


def event(record: Record) -> bytes:
    return CODEC.encode("HouseholdEvent", event_of(record, pseudonym(SECRET.encode(), record.address)))


def tick_of(day: int, hour: int = 12) -> bytes:
    return CODEC.encode("HouseholdEvent", tick(NOON.replace(hour=hour) + timedelta(days=day)))


def activation_of(document: str, day: int) -> bytes:
    return CODEC.encode("HouseholdEvent", activation(Policy.from_toml(document), document, NOON + timedelta(days=day)))


def source(values: Sequence[bytes | None], first: int = 0) -> list[SourceRecord]:
    """Records as the broker would give them, one offset after the other."""
    return [SourceRecord(offset, None, value) for offset, value in enumerate(values, start=first)]


def admitted(load: Iterable[tuple[str, SignalType, Mapping[str, Any]]]) -> list[Record]:
    """The load as intake lets it in."""
    found = []
    for partner, kind, value in load:
        contract = "TaskOutcome" if kind is SignalType.OUTCOME else CATALOGUE.signals[partner, kind].record
        record = admit(raw_record(contract, value), Policies(), Agreements(), received_at=millis(value["delivered_at"]))
        assert not isinstance(record, Refused)
        found.append(record)
    return found


def months(seed: int, *, houses: int = 6, days: int = 60, a_day: int = 2) -> list[bytes]:
    """Some months of one partition: records, ticks and two activations."""
    load = Load(seed, houses)
    values = []
    for day in range(0, days, 5):
        values += [event(record) for record in admitted(load.records(day, a_day))]
        values.append(tick_of(day))
        if day == 20:
            values.append(activation_of(f'version = "2"\nvalid_from = {START}\nhigh_cents = 9000\n', day))
        if day == 40:
            values.append(activation_of('version = "3"\nvalid_from = 2026-03-20\nmany = 2\nregular_days = 7\n', day))
    return values


class Desk:
    """A stage and its table; `feed` does what the worker does, and notes each step."""

    def __init__(self, states: Mapping[bytes, bytes] | None = None, log_start: int = 0) -> None:
        self.states = dict(states or {})
        self.stage = Stage(CODEC, OUTPUTS, self.states, EVENTS)
        self.position = self.stage.open(0, list(self.states.items()), TOPIC_ID, log_start)
        self.steps: list[Effects] = []

    def feed(self, records: Sequence[SourceRecord]) -> "Desk":
        for effects in self.stage.apply(0, records):
            self.states.update(effects.changes)
            self.steps.append(effects)
        return self

    @property
    def outputs(self) -> list[Output]:
        return [output for step in self.steps for output in step.outputs]

    def decoded(self, contract: str) -> list[dict[str, Any]]:
        topics = {topic.name: topic.record for topic in CATALOGUE}
        return [CODEC.decode(contract, o.value) for o in self.outputs if topics[o.topic] == contract]

    @property
    def tasks(self) -> list[dict[str, Any]]:
        return self.decoded("OutreachTask")


def day(number: int) -> date:
    return START + timedelta(days=number)


def impossible() -> Iterator[tuple[str, bytes | None]]:
    """Values on household-events that nothing can be made of, and what is wrong with each."""
    good = CODEC.decode("HouseholdEvent", event(report("r9", 9)))

    def broken(**body: object) -> bytes:
        return CODEC.encode("HouseholdEvent", good | {"body": ("nl.lantaarn.Signal", {**good["body"], **body})})

    yield "nothing", None
    yield "garbage", b"9901XK 12, mevrouw Jansen"
    yield "cut short", event(report("r9", 9))[:-3]
    yield "too long", event(report("r9", 9)) + b"9901XK"
    yield "unknown type", broken(type="Straatnaam 12, 9901XK")
    yield "unknown kind", broken(kind="9901XK")
    yield "kind of another type", broken(kind="accepted")
    yield "no reference", broken(kind="report", reference=None)
    yield "no household", CODEC.encode("HouseholdEvent", good | {"household": None})
