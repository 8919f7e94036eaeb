"""What the core reads: records about one household, already validated, and nothing of the outside world."""

from datetime import date

from msgspec import Struct

from schemas.codes import AddressEvent, Crisis, Exclusion, Kind, OutcomeKind, RightKind, SignalType, StopReason
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
    children: bool | None = None
    known_at_debt_help: bool | None = None
    excluded: Exclusion | None = None
    shared_address: bool | None = None
    channel: str | None = None
    result: str | None = None
    disputed_signal: str | None = None
    agreement: str | None = None

    @property
    def day(self) -> date:
        """The local day on which it was received."""
        return local_day(self.received_at)
