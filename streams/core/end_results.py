"""Which end results fit what happened on a task before it is closed [ours].

The national list says how a case can end, not when which end makes sense. An end result that contradicts what was
told before is a slip of the pen that would spoil the figures for years, so it goes back to whoever entered it.
"""

from enum import Enum, auto

from schemas.codes import EndResult
from streams.core.state import Task


class Fits(Enum):
    """What must have happened."""

    ALWAYS = auto()  # known from elsewhere: it needs no contact, and contact does not contradict it
    UNREACHED = auto()  # not picked up: nobody spoke with the resident
    TRIED = auto()  # tried before, and never reached
    SPOKEN_BEFORE = auto()  # reached before, and not now
    SPOKEN = auto()  # the resident said so: reached before, or in the closing contact itself


FITS: dict[EndResult, Fits] = {
    EndResult.REPEATED: Fits.UNREACHED,
    EndResult.UNJUSTIFIED: Fits.UNREACHED,
    EndResult.OTHER_REASON: Fits.UNREACHED,
    EndResult.DECEASED: Fits.ALWAYS,
    EndResult.NOT_RESIDENT: Fits.ALWAYS,
    EndResult.KNOWN_AT_DEBT_HELP: Fits.ALWAYS,
    EndResult.OTHER_PROGRAMME: Fits.ALWAYS,
    EndResult.NO_CONTACT: Fits.TRIED,
    EndResult.NO_REACTION: Fits.SPOKEN_BEFORE,
    EndResult.SELF_RELIANT: Fits.SPOKEN,
    EndResult.PAID_OR_ARRANGED: Fits.ALWAYS,
    EndResult.ADVICE: Fits.SPOKEN,
    EndResult.REFERRAL: Fits.SPOKEN,
    EndResult.REFERRAL_FINANCIAL: Fits.SPOKEN,
    EndResult.REFERRAL_OTHER: Fits.SPOKEN,
    EndResult.REFERRAL_WITHOUT: Fits.ALWAYS,
}
"""Each end result and what must have happened; a task nobody tried may be closed by those that ask for nothing."""


def fits(result: EndResult, task: Task, *, reached_now: bool) -> bool:
    """Whether an end result agrees with what happened on a task.

    Args:
        result: With which it is closed.
        task: As it is before that.
        reached_now: Whether the resident was reached in the closing contact itself.
    """
    reached = task.reached > 0
    match FITS[result]:
        case Fits.ALWAYS:
            return True
        case Fits.UNREACHED:
            return not reached and not reached_now
        case Fits.TRIED:
            return task.picked_up_on is not None and not reached and not reached_now
        case Fits.SPOKEN_BEFORE:
            return reached and not reached_now
        case Fits.SPOKEN:
            return reached or reached_now
