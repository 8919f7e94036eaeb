"""The dirt: what goes wrong at partners, each kind at least three times."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from examples.making.claims import STEPS, Claim, Teller
from examples.making.said import Said

# feed, field, what is written instead, what the adapter must answer
BAD_VALUES: tuple[tuple[str, str, Any, str], ...] = (
    ("huur-wende", "postcode", "9912 S", "format"),
    ("energie", "postcode", "0912SA", "format"),
    ("zorg-eendracht", "postcode", "99l2SD", "format"),
    ("water", "postcode", "9913", "format"),
    ("huur-lichthuis", "postcode", None, "missing"),
    ("energie", "postcode", None, "missing"),
    ("huur-wende", "postcode", "", "missing"),
    ("zorg-eendracht", "bsn", "123456783", "checksum"),
    ("zorg-veldzicht", "bsn", "999900011", "checksum"),
    ("zorg-veldzicht", "bsn", "000000000", "checksum"),
    ("zorg-eendracht", "bsn", "12345", "format"),
    ("zorg-veldzicht", "bsn", "onbekend", "format"),
    ("zorg-eendracht", "bsn", "99.99.000", "format"),
    ("huur-wende", "amount_cents", "1,234.56", "format"),
    ("huur-wende", "amount_cents", "onbekend", "format"),
    ("water", "amount_cents", "81,5", "format"),
    ("huur-wende", "amount_cents", "-310,00", "range"),
    ("zorg-veldzicht", "amount_cents", -45.2, "range"),
    ("energie", "amount_cents", -1200, "range"),
    ("huur-wende", "signalled_on", "31-02-2026", "format"),
    ("zorg-eendracht", "signalled_on", "01-02-2026", "format"),
    ("water", "arisen_on", "2026-00-00", "format"),
    ("huur-wende", "kind", "X", "unknown_code"),
    ("energie", "kind", "LEGACY", "unknown_code"),
    ("zorg-veldzicht", "kind", "rappel", "unknown_code"),
    ("huur-lichthuis", "crisis", "misschien", "unknown_code"),
    ("huur-wende", "reference", "", "missing"),
    ("water", "reference", None, "missing"),
    ("huur-lichthuis", "reference", None, "missing"),
    ("huur-wende", "number", "0", "range"),
    ("energie", "number", 0, "range"),
    ("water", "number", 123456, "range"),
    ("huur-wende", "number", "t.o. 12", "format"),
    ("zorg-eendracht", "number", "woonboot", "format"),
    ("zorg-veldzicht", "number", "12 achterhuis", "format"),
    ("huur-wende", "months", "-1", "range"),
    ("water", "months", 2026, "range"),
    ("zorg-eendracht", "months", 99999, "range"),
    ("huur-wende", "consent_offer", "misschien", "unknown_code"),
)
LATE_ROWS = 45
SENT_AGAIN_ROWS = 8
EARLY = 5  # deliveries
LATE_COMMITS = 5


class Dirt:
    """Spoils what a teller has told.

    Args:
        teller: Has told everything else.
    """

    def __init__(self, teller: Teller) -> None:
        self.teller = teller
        self.rng = teller.rng

    def spread(self) -> None:
        """All kinds of dirt that sit in rows; those that sit in whole files are made with the files."""
        self._late()
        self._sent_again()
        self._bad_values()
        self._broken_rows()
        self._for_intake()
        self._late_commits()

    def _late(self) -> None:
        said = self.teller.said
        for index in self.rng.sample(range(len(said)), LATE_ROWS):
            last = len(self.teller.slots[said[index].feed]) - 1
            said[index] = replace(said[index], slot=min(last, said[index].slot + self.rng.randrange(1, 4)))

    def _sent_again(self) -> None:
        early = [one for one in self.teller.said if one.slot < EARLY and one.feed != "energie"]
        for one in self.rng.sample(early, SENT_AGAIN_ROWS):
            self.teller.said.append(replace(one, slot=one.slot + 1))

    def _bad_values(self) -> None:
        for feed, field, text, reason in BAD_VALUES:
            claim, slot = self._fresh(feed)
            good = self.teller.report(claim, slot)
            self._spoil(good, spelled={field: text}, bad=((field, reason),))
            if self.teller.chance(0.5):  # half are mended in the next delivery
                self.teller.said.append(replace(good, slot=slot + 1))
        claim, slot = self._fresh("huur-wende")  # everything at once, and all of it is named
        good = self.teller.report(claim, slot)
        texts = {"kind": "?", "months": "twee", "postcode": "Veenhaven"}
        bad = (("kind", "unknown_code"), ("months", "format"), ("postcode", "format"))
        self._spoil(good, spelled=texts, bad=bad)
        for door in (next(self.teller.doors) for _ in range(3)):
            fields = {"signalled_on": self.teller.day_before("uitkeringsstop", 3), "stop_reason": "other"}
            said = Said("uitkeringsstop", 3, door, {**fields, **door.address})
            self.teller.said.append(replace(said, spelled={"bsn": "999993654"}, bad=(("bsn", "checksum"),)))

    def _broken_rows(self) -> None:
        for feed, broken, reason in (
            ("huur-wende", "shifted", "columns"),
            ("huur-wende", "shifted", "columns"),
            ("huur-wende", "shifted", "columns"),
            ("water", "garbage", "json"),
            ("zorg-eendracht", "garbage", "json"),
            ("huur-lichthuis", "garbage", "json"),
        ):
            claim, slot = self._fresh(feed)
            self._spoil(self.teller.report(claim, slot), broken=broken, bad=(("", reason),))

    def cut(self, feed: str, slot: int) -> None:
        """The last row of a delivery is cut off; the next delivery has it whole."""
        claim = self._claim(feed, slot)
        good = self.teller.report(claim, slot)
        self._spoil(good, broken="cut", bad=(("", "truncated"),))
        self.teller.said.append(replace(good, slot=slot + 1))

    def _for_intake(self) -> None:
        for step in STEPS:
            for stated in (False, None, False):
                claim, slot = self._fresh(self.rng.choice(("huur-wende", "energie", "zorg-veldzicht", "water")))
                said = self.teller.report(claim, slot, **{step: stated})
                if self.teller.chance(0.5):
                    self.teller.report(claim, slot + 1, signalled_on=said.day)
        for feed in ("water", "water", "zorg-eendracht", "energie", "huur-lichthuis"):
            self._refused(feed, amount_cents=self.rng.randrange(1200, 7500))
        for feed in ("huur-wende", "energie", "water", "zorg-veldzicht"):
            self._refused(feed, arisen=12)
        for feed in ("zorg-eendracht", "zorg-eendracht", "zorg-veldzicht", "zorg-veldzicht"):
            self._refused(feed, arisen=140)
        for feed in ("huur-wende", "energie", "water", "zorg-eendracht"):
            self._refused(feed, amount_cents=None)
            self._refused(feed, arisen_on=None)
            self._refused(feed, ahead=6)
        for feed in ("huur-wende", "energie", "water", "zorg-veldzicht", "huur-wende"):
            slot = len(self.teller.slots[feed]) - 1
            claim = self._claim(feed, slot)
            day = self.teller.slots[feed][slot].day - timedelta(days=self.rng.randrange(190, 230))
            self.teller.report(claim, slot, signalled_on=day, arisen_on=day - timedelta(days=50))

    def _refused(self, feed: str, arisen: int | None = None, ahead: int | None = None, **changes: Any) -> None:
        claim, slot = self._fresh(feed)
        if ahead is not None:
            changes["signalled_on"] = self.teller.slots[feed][slot].day + timedelta(days=ahead)
        if arisen is not None:
            day = self.teller.day_before(feed, slot)
            changes |= {"signalled_on": day, "arisen_on": day - timedelta(days=arisen)}
        self.teller.report(claim, slot, **changes)

    def _late_commits(self) -> None:
        chosen: set[int] = set()
        said = self.teller.said
        for index in self.rng.sample(range(len(said)), len(said)):
            one = said[index]
            if one.feed == "energie" and one.slot not in chosen and not one.bad:
                chosen.add(one.slot)
                said[index] = replace(one, late_commit=True)
                if len(chosen) == LATE_COMMITS:
                    return

    def _fresh(self, feed: str) -> tuple[Claim, int]:
        slot = self.rng.randrange(len(self.teller.slots[feed]) - 1)
        return self._claim(feed, slot), slot

    def _claim(self, feed: str, slot: int) -> Claim:
        claim = self.teller.claim(feed)
        claim.arisen_on = self.teller.slots[feed][slot].day - timedelta(days=self.rng.randrange(44, 80))
        return claim

    def _spoil(self, good: Said, **how: Any) -> None:
        self.teller.said[self.teller.said.index(good)] = replace(good, **how)
