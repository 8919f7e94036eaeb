"""What happens to claims afterwards, and what the benefits office and the municipality know besides."""

from datetime import date, timedelta
from typing import Any

from examples.making.claims import CRISES, Claim, Teller
from examples.making.said import Said
from examples.making.town import Household


def turns(teller: Teller) -> None:
    """Payments, withdrawals, corrections and crises on claims that were reported before."""
    rng = teller.rng
    for claim, slot in teller.claims:
        last = len(teller.slots[claim.feed]) - 1
        if slot == last:
            continue
        later = min(last, slot + rng.choice((1, 1, 2)))
        if claim.crisis and teller.chance(0.3):
            teller.change(claim, later, "crisis_lifted")
            continue
        match rng.choices(("paid", "withdrawn", "more", "less", "crisis", ""), (11, 2, 4, 1, 2, 80))[0]:
            case "more":
                teller.change(claim, later, "amount", amount_cents=claim.amount + rng.randrange(2500, 40000, 25))
            case "less":
                teller.change(claim, later, "amount", amount_cents=claim.amount - 500)
            case "crisis" if not claim.crisis:
                teller.change(claim, later, "amount", crisis=CRISES[claim.branch][0])
            case "paid" | "withdrawn" as kind:
                teller.change(claim, later, kind)


class Knowledge:
    """What the benefits office and the municipality say.

    Args:
        teller: Has told the claims.
    """

    def __init__(self, teller: Teller) -> None:
        self.teller = teller
        self.rng = teller.rng
        self.rent = [one for one in teller.claims if one[0].branch == "huur"]

    def tell(self) -> None:
        """Everything besides claims."""
        for claim, slot in self.rng.sample(self.rent, 14):  # gone, and the rent is not paid: lost contact
            self._stop(claim.household, self._moment(claim, slot), "whereabouts_unknown")
        for claim, slot in self.rng.sample(self.rent, 9):
            self._moves(claim.household, self._moment(claim, slot), "left", everyone=self.teller.chance(0.5))
        for claim, slot in self.rng.sample(self.teller.claims, 22):  # a stop beside a claim: context
            self._stop(claim.household, self._moment(claim, slot), "other")
        for _ in range(12):  # a stop alone opens nothing
            self._stop(next(self.teller.doors), self._any_day(), self.rng.choice(("other", "whereabouts_unknown")))
        self._address_events()
        self._facts()

    def _address_events(self) -> None:
        for event, count in (("moved", 22), ("abroad", 6), ("deceased", 7), ("left", 5)):
            for claim, slot in self.rng.sample(self.teller.claims, count):
                to: dict[str, Any] = {}
                if event == "moved" and self.teller.chance(0.7):  # within the town
                    to = {f"to_{name}": value for name, value in next(self.teller.doors).address.items()}
                day = self._moment(claim, slot)
                self._moves(claim.household, day, event, everyone=self.teller.chance(0.75), **to)

    def _facts(self) -> None:
        threatened = [claim for claim, _ in self.rent if claim.crisis]
        for claim in self.rng.sample(threatened, min(12, len(threatened))):
            self._fact(claim.household, children=True, shared_address=False)
        for claim, _ in self.rng.sample(self.teller.claims, 95):
            self._fact(claim.household, children=self.teller.chance(0.8))
        for claim, _ in self.rng.sample(self.teller.claims, 30):
            self._fact(claim.household, known_at_debt_help=True, children=None)
        for claim, _ in self.rng.sample(self.teller.claims, 14):
            self._fact(claim.household, excluded=self.rng.choice(("legal_person", "unsafe", "detention", "other")))
        for claim, slot in self.rng.sample(self.teller.claims, 20):  # two tenants behind one door
            self._fact(claim.household, shared_address=True)
            other = self.teller.claim(claim.feed, claim.household)
            other.arisen_on = self.teller.slots[claim.feed][slot].day - timedelta(days=60)
            self.teller.report(other, slot)

    def _moment(self, claim: Claim, slot: int) -> date:
        return self.teller.slots[claim.feed][slot].day + timedelta(days=self.rng.randrange(-40, 41))

    def _any_day(self) -> date:
        return self._slot_day("uitkeringsstop", 0) + timedelta(days=self.rng.randrange(200))

    def _slot_day(self, feed: str, slot: int) -> date:
        return self.teller.slots[feed][slot].day

    def _stop(self, door: Household, day: date, reason: str) -> None:
        self._put("uitkeringsstop", door, day, {"stop_reason": reason})

    def _moves(self, door: Household, day: date, event: str, *, everyone: bool, **to: Any) -> None:
        self._put("adres", door, day, {"address_event": event, "everyone": everyone, **to})

    def _fact(self, door: Household, **facts: Any) -> None:
        day = self._slot_day("huishouden", 0) + timedelta(days=self.rng.randrange(-3, 150))
        self._put("huishouden", door, day, facts)

    def _put(self, feed: str, door: Household, day: date, fields: dict[str, Any]) -> None:
        """Into the first delivery after that day; what comes after the last one is never said."""
        for slot in self.teller.slots[feed]:
            if slot.day >= day:
                said = Said(feed, slot.index, door, {"signalled_on": day, **fields, **door.address})
                self.teller.said.append(said)
                return
