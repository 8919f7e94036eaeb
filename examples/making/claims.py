"""Who falls behind, with whom, and how that goes on: the bulk of the rows.

Proportions are those of the field: 43 % health insurance, 20 % rent, the rest energy and water; about half of the
households are reported once, four in ten again in a later month, one in nine by several partners in one month.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from examples.making.said import Said
from examples.making.slots import MONTHS, RHYTHMS, Slot, slots
from examples.making.town import Household

SHARES = {  # of claims; a little more health insurance than of reports, because nobody has two insurers
    "zorg-eendracht": 0.265,
    "zorg-veldzicht": 0.205,
    "energie": 0.21,
    "huur-wende": 0.12,
    "huur-lichthuis": 0.065,
    "water": 0.135,
}
CRISES = {
    "huur": ("eviction", 0.07),
    "energie": ("cutoff", 0.24),
    "water": ("cutoff", 0.06),
    "zorg": ("insurance_end", 0.02),
}
STEPS = ("personal_contact", "debt_help", "reminder", "consent_offer")


@dataclass(slots=True)
class Claim:
    """A claim while its story is told: what was said of it last."""

    feed: str
    household: Household
    reference: str
    amount: int
    monthly: int
    arisen_on: date
    crisis: str | None = None

    @property
    def branch(self) -> str:
        """Rent, energy, water or health insurance, by the feed's name."""
        return self.feed.split("-")[0]


class Teller:
    """Tells the stories; everything random comes from one generator.

    Args:
        rng: Seeded.
        doors: The town's households.
    """

    def __init__(self, rng: random.Random, doors: Iterator[Household]) -> None:
        self.rng = rng
        self.doors = doors
        self.slots: dict[str, list[Slot]] = {feed: slots(feed) for feed in RHYTHMS}
        self.said: list[Said] = []
        self.claims: list[tuple[Claim, int]] = []  # with the slot of the last report

    def tell(self, households: int) -> None:
        """The stories of so many households."""
        for _ in range(households):
            fate = self.rng.choices(("once", "again", "several"), (44, 46, 10))[0]  # some of two months fall in one
            door = next(self.doors)
            if fate == "once":
                self._story(self._claim(door), self.rng.randrange(len(MONTHS)), 1)
            elif fate == "again":
                again = self.rng.choices((2, 3, 4), (82, 14, 4))[0]
                first = self.rng.randrange(len(MONTHS) - again + 1)
                if self.chance(0.7):  # mostly the same claim again
                    self._story(self._claim(door), first, again)
                else:
                    feeds = self._feeds(2)
                    self._story(self._claim(door, feeds[0]), first, 1)
                    self._story(self._claim(door, feeds[1]), first + 1, again - 1)
            else:
                month = self.rng.randrange(len(MONTHS))
                for feed in self._feeds(self.rng.choices((2, 3), (85, 15))[0]):
                    longer = 2 if month < len(MONTHS) - 1 and self.chance(0.15) else 1
                    self._story(self._claim(door, feed), month, longer)

    def chance(self, probability: float) -> bool:
        """Whether something happens this time."""
        return self.rng.random() < probability

    def report(self, claim: Claim, slot: int, **changes: Any) -> Said:
        """A report of a claim in a delivery, some days old when it is delivered."""
        day = self.day_before(claim.feed, slot)
        fields = {
            "kind": "report",
            "reference": claim.reference,
            "signalled_on": day,
            "arisen_on": claim.arisen_on,
            "amount_cents": claim.amount,
            "months": max(1, round(claim.amount / claim.monthly)),
            "crisis": claim.crisis,
            **dict.fromkeys(STEPS, True),
            **claim.household.address,
        }
        return self.say(claim, slot, {**fields, **changes})

    def say(self, claim: Claim, slot: int, fields: dict[str, Any]) -> Said:
        """Put a row into a delivery."""
        said = Said(claim.feed, slot, claim.household, fields)
        self.said.append(said)
        return said

    def change(self, claim: Claim, slot: int, kind: str, **fields: Any) -> Said:
        """A record other than a report: it says what changed and leaves the rest out."""
        day = self.day_before(claim.feed, slot)
        base = {"kind": kind, "reference": claim.reference, "signalled_on": day, **claim.household.address}
        return self.say(claim, slot, {**base, **fields})

    def day_before(self, feed: str, slot: int) -> date:
        """A sender's date: up to a week before the delivery."""
        return self.slots[feed][slot].day - timedelta(days=self.rng.randrange(7))

    def claim(self, feed: str, door: Household | None = None) -> Claim:
        """A new claim of a feed, on a new household unless one is given."""
        return self._claim(door or next(self.doors), feed)

    def _feeds(self, count: int) -> list[str]:
        found: list[str] = []
        while len(found) < count:
            feed = self.rng.choices(list(SHARES), list(SHARES.values()))[0]
            # One rent, one insurer: nobody has two.
            if all(feed.split("-")[0] != other.split("-")[0] for other in found):
                found.append(feed)
        return found

    def _claim(self, door: Household, feed: str | None = None) -> Claim:
        feed = feed or self._feeds(1)[0]
        monthly = {
            "huur": self.rng.randrange(45000, 90000, 50),
            "energie": self.rng.randrange(9000, 26000, 100),
            "water": self.rng.randrange(2500, 6000, 25),
            "zorg": self.rng.randrange(13500, 18500, 5),
        }[feed.split("-")[0]]
        months = self.rng.choices((1, 2, 3, 4), (45, 35, 15, 5))[0]
        cents = self.rng.randrange(99) if feed in ("energie", "water") else 0
        prefix = "".join(part[0] for part in feed.split("-")).upper()
        reference = f"{prefix}-{100000 + door.serial * 7 % 900000}-{self.rng.randrange(10, 99)}"
        amount = max(monthly * months + cents, 7600)
        return Claim(feed, door, reference, amount, monthly, date.min)

    def _story(self, claim: Claim, month: int, reports: int) -> None:
        crisis, chance = CRISES[claim.branch]
        threatened = self.rng.random() < chance
        slot = self._slot(claim.feed, month)
        claim.arisen_on = self.slots[claim.feed][slot].day - timedelta(days=self.rng.randrange(44, 80))
        for number in range(reports):
            slot = self._slot(claim.feed, month + number)
            if number:
                claim.amount = self._next_amount(claim)
                if claim.branch == "zorg":  # older premiums were paid, newer ones were not: 30 to 100 days
                    claim.arisen_on = self.slots[claim.feed][slot].day - timedelta(days=self.rng.randrange(44, 96))
            if threatened and number == reports - 1:
                claim.crisis = crisis
            self.report(claim, slot)
        self.claims.append((claim, slot))

    def _slot(self, feed: str, month: int) -> int:
        if not RHYTHMS[feed].twice:
            return month
        return month * 2 + (self.chance(0.25))  # most come at the turn of the month

    def _next_amount(self, claim: Claim) -> int:
        match self.rng.choices(("higher", "equal", "lower"), (45, 30, 25))[0]:
            case "higher":
                return claim.amount + claim.monthly
            case "lower":
                return max(7600, claim.amount - self.rng.randrange(1000, 6000))
        return claim.amount
