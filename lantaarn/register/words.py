"""Dutch words for what is made from data: policy values, roles, kinds of signal."""

from collections.abc import Iterator
from datetime import date
from typing import Any

from msgspec import Struct

from schemas.codes import SignalType
from schemas.topics import Role
from streams.core.policy import Policy
from streams.core.wording import euros

VALUES = {
    "threshold_cents": "onder dit bedrag is een melding niet terecht",
    "min_days": "zoveel dagen moet een achterstand minstens bestaan",
    "max_days": "zoveel dagen mag een achterstand bij een zorgverzekeraar hoogstens bestaan",
    "duo_cents": "vanaf dit bedrag mag DUO melden, als dat experiment aan staat",
    "cak_cents": "vanaf dit bedrag mag het CAK melden, als dat experiment aan staat",
    "cak_months": "zoveel maanden moet een achterstand bij het CAK bestaan, als dat experiment aan staat",
    "look_back": "zoveel maanden telt een melding mee",
    "consecutive_months": "binnen zoveel maanden zijn meldingen opeenvolgend",
    "near_days": "binnen zoveel dagen horen meldingen van twee partijen bij elkaar",
    "many": "vanaf zoveel partijen volgt een huisbezoek",
    "high_cents": "vanaf dit bedrag samen zijn de achterstanden hoog",
    "rent_months": "vanaf zoveel maanden huur volgt een huisbezoek",
    "lost_contact_days": "binnen zoveel dagen horen tekenen van verloren contact bij elkaar",
    "context_days": "binnen zoveel dagen van een melding telt een gestopte uitkering mee",
    "regular_days": "binnen zoveel dagen is er een eerste contact",
    "crisis_working_days": "binnen zoveel werkdagen is er contact als huisuitzetting of afsluiting dreigt",
    "wait_days.letter": "zoveel dagen na een brief zonder reactie wordt er gebeld",
    "wait_days.phone": "zoveel dagen na bellen zonder reactie volgt een huisbezoek",
    "points.lost_contact": "punten voor verloren contact",
    "points.further_partner": "punten voor elke partij na de eerste",
    "points.consecutive": "punten voor opeenvolgende meldingen",
    "points.rent_month": "punten voor elke maand huur",
    "points.rent_months_at_most": "punten voor maanden huur, hoogstens",
    "points.high_amount": "punten voor hoge achterstanden",
    "points.overdue": "punten als de uiterste datum voorbij is",
    "silence_days": "zoveel dagen stilte na een gesprek, dan komt de taak terug",
    "follow_up_days": "zoveel dagen na het begin van hulp vraagt iemand hoe het gaat",
    "cool_down_days": "zoveel dagen na een weigering wordt over dezelfde achterstand niets gevraagd",
    "partner_answer_days": "zoveel dagen na ontvangst hoort een partij dat haar melding niet is opgepakt",
    "contacts_per_week": "zoveel contacten kan een team in een week aan; wat daar niet in past, staat op de lijst",
    "answer_months": "binnen zoveel maanden beslist de gemeente op bezwaar of een verzoek om verbetering",
    "collection_pause_days": "zoveel dagen na aanvaarde hulp pauzeren schuldeisers de incasso",
}
"""Each number of the policy, in one line; with its value before it."""

NO_NUMBERS = frozenset({"version", "valid_from", "benefit_stop_basis", "postcodes", "teams", "team", "debt_help_team"})
"""Policy values that are told elsewhere."""

ROLES = {
    Role.ADAPTER: "de partij zelf",
    Role.INTAKE: "de intake",
    Role.TICKER: "de klok",
    Role.POLICY: "wie het beleid in gebruik neemt",
    Role.WORKER: "de verwerking",
    Role.SINK: "de zaakopslag",
    Role.CASEWORKER: "het systeem van de medewerkers",
    Role.AUDITOR: "de controle",
    Role.BENEFITS: "de uitkeringsinstantie",
}
"""Who connects to the broker."""

SENDERS = {
    SignalType.RENT: "huurachterstand, van een verhuurder",
    SignalType.ENERGY: "achterstand bij een leverancier van gas, stroom of warmte",
    SignalType.WATER: "achterstand bij een drinkwaterbedrijf",
    SignalType.HEALTH_INSURANCE: "premieachterstand, van een zorgverzekeraar",
    SignalType.BENEFIT_STOP: "een gestopte uitkering, van de uitkeringsinstantie",
    SignalType.SELF_REPORT: "een vraag om hulp van de inwoner zelf",
    SignalType.REFERRAL: "een doorverwijzing door een hulpverlener, met toestemming van de inwoner",
    SignalType.ADDRESS: "verhuizing, vertrek of overlijden, uit de Basisregistratie Personen",
    SignalType.HOUSEHOLD: "van de gemeente zelf: kinderen, al bekend bij schuldhulp, uitgesloten, gedeeld adres",
}
"""What the types are that the law names or that the municipality knows itself."""


def sender(kind: SignalType) -> str:
    """A kind of signal in words; those of experiments by their own name."""
    return SENDERS.get(kind, f"achterstand {kind.value} (experiment)")


def values(policy: Policy) -> Iterator[tuple[str, str, str]]:
    """Every number of a policy: its name, the value as people write it, what it means."""
    for name, value in _numbers("", policy):
        yield name, _written(name, value), VALUES.get(name, name)


def _numbers(prefix: str, part: Struct) -> Iterator[tuple[str, Any]]:
    for name in part.__struct_fields__:
        value = getattr(part, name)
        if not prefix and name in NO_NUMBERS:
            continue
        if isinstance(value, Struct):
            yield from _numbers(f"{name}.", value)
        else:
            yield prefix + name, value


def _written(name: str, value: Any) -> str:
    if value is None:
        return "niet gesteld"
    if name.endswith("_cents"):
        return euros(value)
    return value.isoformat() if isinstance(value, date) else str(value)
