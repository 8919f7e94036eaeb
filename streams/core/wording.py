"""What the codes mean, in the words of a caseworker: plain Dutch, and the one place that has it.

Codes are for machines and for the rules' text; whoever visits a household reads these.
"""

from collections.abc import Iterable
from datetime import date
from types import MappingProxyType

REASONS = MappingProxyType(
    {
        "first_signal": "er is een betalingsachterstand gemeld",
        "consecutive": "in een eerdere maand was er ook al een melding",
        "multiple": "meer dan één instantie meldt kort na elkaar een achterstand",
        "many_partners": "er zijn achterstanden bij veel verschillende instanties",
        "high_amount": "de achterstanden zijn samen hoog",
        "rent_months": "er staan meerdere maanden huur open",
        "crisis": "er dreigt huisuitzetting, afsluiting of het einde van de zorgverzekering",
        "children_at_risk": "er dreigt huisuitzetting en er wonen kinderen",
        "lost_contact": "het contact is kwijt: de uitkering is gestopt omdat niemand weet waar de bewoner is",
        "self_report": "de bewoner vraagt zelf om hulp",
        "warm_handover": "een hulpverlener draagt de bewoner over, met toestemming",
        "context_raise": "er is ook een uitkering gestopt",
        "overdue": "de uiterste datum voor het eerste contact is voorbij",
        "no_response": "er kwam geen reactie op een eerdere poging",
        "silence": "na een eerder contact bleef het stil",
        "follow_up": "de hulp is lang geleden gestart: vraag hoe het gaat",
        "promise": "wat was afgesproken ging voorbij zonder dat er iets van te horen was",
        "cured": "er staat geen achterstand meer open",
        "abroad": "iedereen is naar het buitenland vertrokken",
        "deceased": "de bewoner is overleden",
        "moved_out": "iedereen is naar een andere gemeente verhuisd",
        "moved_within": "iedereen is binnen de gemeente verhuisd: wat openstaat gaat mee naar het nieuwe adres",
        "placed": "het is bekend om wie het gaat: wat openstaat is bij die bewoner geplaatst",
        "legal_person": "het gaat om een bedrijf, niet om een bewoner",
        "unsafe": "een bezoek is niet veilig",
        "detention": "de bewoner zit vast",
        "other": "de gemeente heeft dit adres uitgesloten",
        "objection": "de bewoner maakt bezwaar: doe niets tot daarover is beslist",
        "disputed": "de bewoner zegt dat een melding niet klopt: die telt nu niet mee",
        "disputed_crisis": "de bewoner zegt dat een dreiging niet klopt: laat iemand er snel naar kijken",
    }
)
"""Each reason that a task may have."""

STEPS = MappingProxyType(
    {
        "letter": "brief",
        "phone": "bellen",
        "home_visit": "huisbezoek",
        "joint_home_visit": "gezamenlijk huisbezoek",
        "wait": "afwachten",
        "follow_up": "navragen",
        "confirm": "laten bevestigen",
        "decide": "beslissen over bezwaar of correctie",
        "promise": "nakomen wat is afgesproken",
        "register_check": "eerst nagaan in de BRP wie er nog woont",
        "place": "eerst uitzoeken van wie deze melding is: op dit adres wonen meer bewoners",
        "sort": "eerst uitzoeken om wie het gaat: hier wonen meer huishoudens",
        "none": "niets meer",
    }
)
"""Levels and rungs, and the other next actions."""

STATUSES = MappingProxyType(
    {
        "open": "open",
        "waiting": "wacht op de bewoner",
        "helped": "hulp loopt",
        "suppressed": "tegengehouden",
        "withdrawn": "vervallen",
        "ended": "afgesloten",
    }
)
"""Where a task is."""

SAID = MappingProxyType(
    {
        "report": "melding",
        "amount": "bedrag gewijzigd",
        "paid": "betaald",
        "withdrawn": "ingetrokken",
        "crisis_lifted": "dreiging voorbij",
        "attempt": "poging, niet bereikt",
        "contact": "gesproken",
        "accepted": "hulp aanvaard",
        "refused": "hulp geweigerd",
        "closed": "afgesloten",
        "reopened": "heropend",
        "objection": "bezwaar van de bewoner",
        "objection_upheld": "bezwaar gegrond",
        "objection_lifted": "bezwaar van tafel",
        "disputed": "melding betwist door de bewoner",
        "dispute_lifted": "betwiste melding klopt toch",
        "consultation": "uitkeringsconsulent gevraagd",
        "joint_visit": "gezamenlijk huisbezoek afgesproken",
        "placed": "geplaatst bij een bewoner",
        "eviction": "huisuitzetting dreigt",
        "cutoff": "afsluiting dreigt",
        "insurance_end": "verzekering eindigt",
        "whereabouts_unknown": "verblijfplaats onbekend",
        "other": "andere reden",
        "left": "vertrokken van het adres",
        "moved": "verhuisd",
        "arrived": "hierheen verhuisd, of bij deze bewoner geplaatst",
        "abroad": "naar het buitenland",
        "deceased": "overleden",
        "member": "hoort bij de taak",
        "repeated": "herhaalde melding",
        "duplicate": "dubbel ontvangen",
        "no_task": "er was geen taak",
        "no_subject": "er was niets om over te beslissen",
        "contradiction": "past niet bij wat er eerder was",
        "failed": "kon niet worden verwerkt",
    }
)
"""What a record says, and what became of it."""

GROUNDS = MappingProxyType(
    {
        "regular": "vier weken na de eerste melding van deze achterstand",
        "crisis": "drie werkdagen na de melding dat dit dreigt",
        "lost_contact": "drie werkdagen nadat bleek dat het contact kwijt is",
        "request": "vier weken na de vraag om hulp",
    }
)
"""Why a task is due when it is; the numbers are those of the usual policy, so tell the dates beside them."""

MONTHS = ("jan", "feb", "mrt", "apr", "mei", "jun", "jul", "aug", "sep", "okt", "nov", "dec")


def in_words(reasons: Iterable[str]) -> str:
    """Reasons as one sentence.

    Raises:
        KeyError: For a reason that has no words yet.
    """
    said = "; ".join(REASONS[reason] for reason in reasons)
    return said[:1].upper() + said[1:]


def day(on: date) -> str:
    """A date as people write it: 5 jan 2026."""
    return f"{on.day} {MONTHS[on.month - 1]} {on.year}"


def euros(cents: int) -> str:
    """An amount as people write it: € 1.234,50."""
    whole, rest = divmod(cents, 100)
    return f"€ {whole:,}".replace(",", ".") + f",{rest:02}"
