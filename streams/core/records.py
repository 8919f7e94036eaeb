"""What the core reads: records about one household, already validated, and nothing of the outside world."""

from datetime import date

from msgspec import Struct

from schemas.codes import (
    AddressEvent,
    Channel,
    Crisis,
    EndResult,
    Exclusion,
    Kind,
    OutcomeKind,
    RightKind,
    SignalType,
    StopReason,
)
from streams.core.calendar import local_day


class Address(Struct, frozen=True):
    """An address, normalised: upper case, no spaces; letter and addition null when there is none."""

    postcode: str
    number: int
    letter: str | None = None
    addition: str | None = None


class Record(Struct, frozen=True):
    """One accepted record. Which fields are set depends on the type (rules section 1).

    ``signalled_on`` is the sender's date, ``received_at`` milliseconds since 1970 (UTC), money whole cents.
    """

    id: str
    partner: str
    type: SignalType
    signalled_on: date
    received_at: int
    address: Address
    kind: Kind | OutcomeKind | RightKind | None = None
    reference: str | None = None
    arisen_on: date | None = None
    amount_cents: int | None = None
    crisis: Crisis | None = None
    months: int | None = None
    stop_reason: StopReason | None = None
    address_event: AddressEvent | None = None
    everyone: bool | None = None
    to_address: Address | None = None
    to_household: str | None = None  # pseudonym at to_address; of the person with whom a signal is placed
    unsorted: bool = False  # at a shared address, and nobody can tell yet whose it is
    children: bool | None = None
    known_at_debt_help: bool | None = None
    excluded: Exclusion | None = None
    shared_address: bool | None = None
    channel: Channel | None = None
    result: EndResult | None = None
    disputed_signal: str | None = None
    reached: bool | None = None
    promised_on: date | None = None
    promised_by: str | None = None
    visit_at: int | None = None  # ms since 1970
    visit_with: str | None = None  # a partner
    acted_by: str | None = None  # role or staff number
    acting_for: str | None = None  # the owner of the task
    why: str | None = None
    strict: bool = False  # intake asks that it does not contradict what happened before
    agreement: str | None = None

    @property
    def day(self) -> date:
        """The local day on which it was received."""
        return local_day(self.received_at)
