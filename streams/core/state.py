"""What is remembered of one household: dates, ids, amounts. No name, no BSN, no birth date.

All values are frozen; a decision makes a new one. Entries are kept for as long as a record that may still arrive could
be changed by them, tasks for the life of the household.
"""

from datetime import date
from enum import IntEnum, StrEnum
from typing import TypeVar

from msgspec import Struct

from schemas.codes import AddressEvent, Crisis, Exclusion, Kind, SignalType, StopReason
from streams.core.calendar import local_day
from streams.core.records import Address


class Level(IntEnum):
    """The ladder. A task's level and its rung are places on it."""

    LETTER = 1
    PHONE = 2
    HOME_VISIT = 3
    JOINT_HOME_VISIT = 4

    @property
    def code(self) -> str:
        """As it stands in the contract: ``letter``, ``phone``, ``home_visit``, ``joint_home_visit``."""
        return self.name.lower()


class Status(StrEnum):
    """Where a task is."""

    OPEN = "open"
    WAITING = "waiting"
    HELPED = "helped"
    SUPPRESSED = "suppressed"
    WITHDRAWN = "withdrawn"
    ENDED = "ended"

    @property
    def live(self) -> bool:
        """Whether the task still asks something of somebody."""
        return self not in {Status.WITHDRAWN, Status.ENDED}


class Dispute(Struct, frozen=True):
    """A record that the resident says is wrong."""

    signal: str  # id of the record in dispute: this one, or the one that this one says again
    since: date


class Told(Struct, frozen=True, omit_defaults=True):
    """What a partner has been told last of one of its signals; null is not yet known."""

    on: date
    picked_up: bool = False
    reached: bool | None = None
    accepted: bool | None = None
    paused_until: date | None = None
    repeated: bool = False  # told by its receipt, and that was all


class Entry(Struct, frozen=True, omit_defaults=True):
    """One creditor record on a claim."""

    signalled_on: date
    received_at: int
    id: str
    kind: Kind = Kind.REPORT
    amount_cents: int | None = None
    months: int | None = None
    crisis: Crisis | None = None
    repeated: bool = False
    dispute: Dispute | None = None
    told: Told | None = None


def sender_key(partner: str, identity: str) -> str:
    """One string for a record: its id is unique within its sender only."""
    return f"{partner}\x1f{identity}"


def claim_key(partner: str, kind: SignalType, reference: str | None) -> str:
    """One string for what names a claim."""
    return f"{partner}\x1f{kind}\x1f{reference}"


class Claim(Struct, frozen=True, omit_defaults=True):
    """All that is known of one claim: (partner, type, reference) and its entries in order of date."""

    partner: str
    type: SignalType
    reference: str
    entries: tuple[Entry, ...]
    picked_up_on: date | None = None  # first outcome of the latest task that it was a member of

    @property
    def key(self) -> str:
        """One string for (partner, type, reference)."""
        return claim_key(self.partner, self.type, self.reference)


class Stop(Struct, frozen=True, omit_defaults=True):
    """A benefit that stopped."""

    signalled_on: date
    received_at: int
    id: str
    reason: StopReason
    partner: str
    dispute: Dispute | None = None


class Destination(Struct, frozen=True):
    """Another household of the municipality, and its address."""

    household: str
    address: Address


class Move(Struct, frozen=True):
    """A change of address, or a death, in the municipality's register."""

    signalled_on: date
    received_at: int
    id: str
    event: AddressEvent
    everyone: bool
    gone: bool  # abroad, deceased or moved out of the municipality
    partner: str
    to: Destination | None = None  # where whatever was open has gone along to

    @property
    def emptied(self) -> bool:
        """Whether with it everybody has left the address."""
        return self.everyone and (self.gone or self.to is not None)


class Request(Struct, frozen=True):
    """A resident's own report, or a welfare partner's referral."""

    signalled_on: date
    received_at: int
    id: str
    type: SignalType
    partner: str
    told: Told | None = None


def known_as(one: Stop | Move | Request) -> str:
    """What an ending, or another household, knows it as: its sender and id."""
    return sender_key(one.partner, one.id)


class Facts(Struct, frozen=True, omit_defaults=True):
    """The municipality's own facts of a household (Huishouden); null is unknown."""

    signalled_on: date
    received_at: int
    id: str
    children: bool | None = None
    known_at_debt_help: bool | None = None
    excluded: Exclusion | None = None
    shared_address: bool | None = None


class Objection(Struct, frozen=True, omit_defaults=True):
    """The resident's objection to being looked for, until it is lifted."""

    by: str  # id of the record that made it
    since: date
    upheld_by: str | None = None  # id of the record with which a person decided that it is right
    crises: tuple[str, ...] = ()  # claim and crisis, each that was known then


class Known(Struct, frozen=True):
    """A claim as it was when a task ended."""

    reports: tuple[str, ...]  # of its open episode
    amount_cents: int
    crises: tuple[Crisis, ...] = ()
    cool_down_until: date | None = None  # after a refusal


class Ending(Struct, frozen=True, omit_defaults=True):
    """What was known when the last task ended, so that the same facts do not open another at once."""

    by: str  # id of the outcome or register event
    claims: dict[str, Known] = {}
    stops: tuple[str, ...] = ()  # those that took part in a lost contact, by sender and id
    requests: tuple[str, ...] = ()  # by sender and id
    before: "Ending | None" = None  # the one that this one replaced; wanted again when it is undone


class Promise(Struct, frozen=True, omit_defaults=True):
    """What somebody will do for the resident, on a day."""

    on: date
    by: str  # role or staff number
    passed: bool = False  # the day went by and nothing was heard


class Visit(Struct, frozen=True, omit_defaults=True):
    """A joint home visit that a caseworker has decided on."""

    at: int  # ms since 1970
    by: str  # role or staff number
    partner: str | None = None  # the landlord that comes along
    passed: bool = False  # the day went by and nothing was heard

    @property
    def on(self) -> date:
        """The local day of it."""
        return local_day(self.at)


class Task(Struct, frozen=True, omit_defaults=True):
    """The household's last task."""

    id: str
    opened_on: date
    level: Level
    rung: Level
    rung_since: date
    due_on: date
    status: Status = Status.OPEN
    sequence: int = 0
    band: int = 3
    score: int = 0
    reasons: tuple[str, ...] = ()
    national: tuple[str, ...] = ()
    members: tuple[str, ...] = ()
    lasting: tuple[str, ...] = ()  # reasons that stay once given
    crises: tuple[str, ...] = ()  # claim and crisis, each that the task has met
    picked_up_on: date | None = None  # the first outcome
    last_outcome_on: date | None = None
    collection_paused_until: date | None = None
    reached: int = 0  # outcomes in which the resident was reached
    reached_last: bool = False  # by the latest outcome
    checked_on: date | None = None  # when somebody last looked in the registers
    promise: Promise | None = None
    visit: Visit | None = None


class Departed(Struct, frozen=True, omit_defaults=True):
    """People who have all left, with what was said of them: it is remembered, and counts for nobody who comes after."""

    move: Move  # with which they left
    task: str | None = None  # id of the one that ended with it
    claims: tuple[Claim, ...] = ()
    stops: tuple[Stop, ...] = ()
    moves: tuple[Move, ...] = ()  # that were known of them before
    requests: tuple[Request, ...] = ()
    facts: Facts | None = None
    objection: Objection | None = None
    ending: Ending | None = None


class Household(Struct, frozen=True, omit_defaults=True):
    """One household: the whole of what a decision reads and changes. All but `departed` is of who lives there now."""

    key: str
    address: Address | None = None
    today: date = date.min  # the latest day applied
    claims: tuple[Claim, ...] = ()
    stops: tuple[Stop, ...] = ()
    moves: tuple[Move, ...] = ()
    requests: tuple[Request, ...] = ()
    facts: Facts | None = None
    seen: dict[str, date] = {}  # senders and ids of outcomes and facts, until when they are remembered
    task: Task | None = None
    ending: Ending | None = None
    objection: Objection | None = None
    departed: tuple[Departed, ...] = ()  # who lived there before, in the order in which we heard of it
    wakes_on: date | None = None  # the first day on which time alone may change something
    unsorted: bool = False  # stands for one signal at a shared address, until a person finds out whose it is

    @property
    def everybody(self) -> tuple["Household | Departed", ...]:
        """What was said of who lives there now, and of each who lived there before."""
        return (self, *self.departed)


Of = TypeVar("Of", Household, Departed)
"""Whatever is true of what was said of people, wherever they live."""
