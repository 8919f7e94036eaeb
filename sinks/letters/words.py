"""The words of residents' texts, and what may not stand in them: threats, office language, sentences that go on."""

import re
from collections.abc import Iterator
from datetime import date

from schemas.codes import SignalType

MONTHS = (
    "januari",
    "februari",
    "maart",
    "april",
    "mei",
    "juni",
    "juli",
    "augustus",
    "september",
    "oktober",
    "november",
    "december",
)
BILLS = {
    SignalType.RENT: "de huur",
    SignalType.ENERGY: "de rekening voor gas, licht of warmte",
    SignalType.WATER: "de waterrekening",
    SignalType.HEALTH_INSURANCE: "de zorgverzekering",
    SignalType.MORTGAGE: "de hypotheek",
    SignalType.STUDENT_LOAN: "de studieschuld",
    SignalType.CAK_CONTRIBUTION: "de eigen bijdrage voor zorg",
    SignalType.CAK_INSURANCE: "de zorgverzekering",
    SignalType.TAX: "een aanslag van de Belastingdienst",
    SignalType.BENEFITS_TAX: "een toeslag die terug moet",
    SignalType.OTHER: "een rekening",
}
"""What has not been paid, as a resident says it."""

THREATS = (
    r"afgesloten",
    r"afsluit\w*",
    r"beslag\w*",
    r"boetes?",
    r"consequenties?",
    r"dagvaard\w*",
    r"deurwaarder\w*",
    r"dwang\w*",
    r"fraude\w*",
    r"gerechtelijk\w*",
    r"gevolgen",
    r"incasso\w*",
    r"korting op uw uitkering",
    r"laatste (kans|waarschuwing)",
    r"maatregel\w*",
    r"moet u",
    r"ontruim\w*",
    r"rechter",
    r"sancties?",
    r"sommatie",
    r"stopzet\w*",
    r"strafbaar",
    r"u bent verplicht",
    r"u dient",
    r"u moet",
    r"uitgezet",
    r"uithuiszetting\w*",
    r"verplicht\w*",
    r"waarschuw\w*",
)
OFFICE = (
    r"alsmede",
    r"betreffende",
    r"conform",
    r"derhalve",
    r"desalniettemin",
    r"dien(en|t) te",
    r"echter",
    r"hierbij",
    r"indien",
    r"ingevolge",
    r"inzake",
    r"jegens",
    r"middels",
    r"mits",
    r"omtrent",
    r"onderhavige?",
    r"tenzij",
    r"teneinde",
    r"voornoemde?",
    r"wederom",
    r"welke",
)
MOST_WORDS = 20
MOST_WORDS_MEAN = 12.0
MOST_LETTERS = 22
_THREAT = re.compile(rf"\b({'|'.join(THREATS)})\b", re.IGNORECASE)
_OFFICE = re.compile(rf"\b({'|'.join(OFFICE)})\b", re.IGNORECASE)
_SENTENCE = re.compile(r"(?<=[.!?:])\s+|\n\s*[-*#>]+ +|\n{2,}")
_WORD = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")


def euros(cents: int) -> str:
    """An amount as people write it: € 1.234,50."""
    whole, rest = divmod(cents, 100)
    return f"€ {whole:,}".replace(",", ".") + f",{rest:02}"


def long_day(on: date) -> str:
    """A date as a letter has it: 5 januari 2026."""
    return f"{on.day} {MONTHS[on.month - 1]} {on.year}"


def sentences(text: str) -> list[str]:
    """The sentences of a plain text; a line of a list is one."""
    return [part for raw in _SENTENCE.split(text) if (part := " ".join(raw.split())) and _WORD.search(part)]


def faults(text: str) -> Iterator[str]:
    """What a text for residents may not have: threats, office language, long sentences and words (B1)."""
    for found in _THREAT.finditer(text):
        yield f"threat: {found.group()}"
    for found in _OFFICE.finditer(text):
        yield f"office language: {found.group()}"
    lengths = []
    for sentence in sentences(text):
        words = _WORD.findall(sentence)
        lengths.append(len(words))
        if len(words) > MOST_WORDS:
            yield f"{len(words)} words: {sentence}"
        yield from (f"long word: {word}" for word in words if max(map(len, word.split("-"))) > MOST_LETTERS)
    mean = sum(lengths) / max(1, len(lengths))
    if mean > MOST_WORDS_MEAN:
        yield f"{mean:.1f} words a sentence"
