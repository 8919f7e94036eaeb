"""Veenhaven, 90,000 inhabitants, invented: its streets end nowhere and its people do not exist.

Postcodes use the letters SA, SD and SS, which are never issued. BSNs begin with 9999, as in official test data.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass

FIRST = ("A.", "B.", "C.", "D.", "E.", "F.", "G.", "H.", "J.", "K.", "L.", "M.", "N.", "P.", "R.", "S.", "T.", "Z.")
LAST = (
    "Brinkveld", "Daalwijk", "Elzenga", "Fluitsma", "Grutteveen", "Hollewiek", "IJsvogel", "Jansema", "Klaverdijk",
    "Loenebrug", "Meerstra", "Noordgaarde", "Oeverlân", "Pannekoekema", "Rietgöors", "Sluiswachter", "Turfsteker",
    "Uiterwaard", "Veenstroom", "Wadlooper", "Zoëtsma",
)  # fmt: skip
NEIGHBOURHOODS = range(9910, 9940)
LETTERS = ("SA", "SD", "SS")
LETTERED, ADDED = 0.08, 0.06  # shares of the front doors
_WEIGHTS = (9, 8, 7, 6, 5, 4, 3, 2)


@dataclass(frozen=True, slots=True)
class Household:
    """One front door, with the person whose name is on the papers."""

    postcode: str
    number: int
    letter: str | None
    addition: str | None
    name: str
    bsn: str
    serial: int

    @property
    def address(self) -> dict[str, str | int | None]:
        """In our field names."""
        return {
            "postcode": self.postcode,
            "number": self.number,
            "letter": self.letter,
            "addition": self.addition,
        }


def households(rng: random.Random) -> Iterator[Household]:
    """Front doors, each once, without end."""
    seen: set[tuple[str, int, str | None, str | None]] = set()
    bsns = test_bsns()
    serial = 0
    while True:
        postcode = f"{rng.choice(NEIGHBOURHOODS)}{rng.choice(LETTERS)}"
        letter = rng.choice("ABCD") if rng.random() < LETTERED else None
        addition = rng.choice(("1", "2", "3", "bis", "hs")) if letter is None and rng.random() < ADDED else None
        place = (postcode, rng.randint(1, 240), letter, addition)
        if place in seen:
            continue
        seen.add(place)
        serial += 1
        yield Household(*place, f"{rng.choice(FIRST)} {rng.choice(LAST)}", next(bsns), serial)


def test_bsns() -> Iterator[str]:
    """Numbers that pass the 11-check and are nobody's: the well-known samples, then those from 9999 on."""
    yield from ("123456782", "111222333", "999993653")
    for number in range(99990000, 99999999):
        check = sum(w * int(d) for w, d in zip(_WEIGHTS, str(number), strict=True)) % 11
        if check < 10:  # noqa: PLR2004 - a remainder of ten has no digit
            yield f"{number}{check}"
