"""What goes to another household when people move inside the municipality (rules section 6, record 0005)."""

from datetime import date
from uuid import NAMESPACE_URL, uuid5

from msgspec import Struct

from streams.core.calendar import local_day
from streams.core.records import Address
from streams.core.state import Claim, Ending, Facts, Move, Objection, Request

TRANSFERS = uuid5(NAMESPACE_URL, "urn:lantaarn:transfer")


class Carried(Struct, frozen=True, omit_defaults=True):
    """All that goes along, with its ids and dates."""

    claims: tuple[Claim, ...] = ()  # each with the entries of its open episode
    requests: tuple[Request, ...] = ()  # for help, unanswered
    deaths: tuple[Move, ...] = ()  # after which nobody gets a letter
    ending: Ending | None = None  # what of the claims a person has closed, or the resident refused
    objection: Objection | None = None
    facts: Facts | None = None  # of the people
    follows: bool = False  # one later record about them, and nothing else


class Transfer(Struct, frozen=True):
    """What goes from one household to another, and why."""

    id: str
    household: str  # pseudonym of the new one
    came_from: str  # pseudonym of the one that was left
    address: Address  # the new one
    partner: str  # who sent the record that caused it
    caused_by: str  # id of that record: the move, or a later one about those who moved
    received_at: int  # of that record, ms since 1970
    moved_on: date  # date of the move
    moved_at: int  # when the move was received, ms since 1970
    carried: Carried

    @property
    def day(self) -> date:
        """The local day on which its cause was received."""
        return local_day(self.received_at)

    @property
    def since(self) -> tuple[date, int]:
        """Where its move stands among the moves of a household."""
        return (self.moved_on, self.moved_at)


def transfer_id(came_from: str, cause: str) -> str:
    """The id of a transfer: the same whenever it is made again."""
    return str(uuid5(uuid5(TRANSFERS, came_from), cause))


def order(move: Move) -> tuple[date, int]:
    """Where a move stands among others."""
    return (move.signalled_on, move.received_at)


def stamp(facts: Facts) -> tuple[date, int, str]:
    """Where a statement stands among others: the latest holds."""
    return (facts.signalled_on, facts.received_at, facts.id)
