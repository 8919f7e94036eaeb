"""The code lists of the field, each once, with the official spelling as value.

Official codes travel as strings, not as Avro enums: they hold spaces and colons, and a list that grows must not break
a reader. Sources: DDAS-vroegsignalering v1.2 [std]; our own codes are in English.
"""

from datetime import time
from enum import StrEnum


class SignalType(StrEnum):
    """What a record is about. The first eleven are DDAS codes for creditors; the rest are ours [std]."""

    RENT = "Huur"
    ENERGY = "Energie"
    WATER = "Water"
    HEALTH_INSURANCE = "Zorg"
    MORTGAGE = "Hypotheek"
    STUDENT_LOAN = "DUO"
    CAK_CONTRIBUTION = "CAK Eigen bijdrage"
    CAK_INSURANCE = "CAK Zorgverzekeringen"
    TAX = "Belastingdienst"
    BENEFITS_TAX = "Dienst Toeslagen"
    OTHER = "Overige"
    BENEFIT_STOP = "Uitkeringsstop"
    SELF_REPORT = "Zelfmelding"
    REFERRAL = "Doorverwijzing"
    ADDRESS = "Adres"
    HOUSEHOLD = "Huishouden"
    OUTCOME = "Uitkomst"


CREDITOR_TYPES = frozenset(list(SignalType)[:11])
"""Types that carry a claim: the statutory four and those of experiments."""
EXPERIMENT_TYPES = CREDITOR_TYPES - set(list(SignalType)[:4])
"""Types that are signalled in experiments: only where an agreement names its own legal basis."""
REQUEST_TYPES = frozenset({SignalType.SELF_REPORT, SignalType.REFERRAL})
"""Types with which somebody asks for help, with the resident's consent."""
ANSWERED_TYPES = CREDITOR_TYPES | REQUEST_TYPES
"""Types whose sender is told what came of them; of a benefit stop nothing ever flows back."""


class Kind(StrEnum):
    """What a creditor record says of its claim."""

    REPORT = "report"
    AMOUNT = "amount"
    PAID = "paid"
    WITHDRAWN = "withdrawn"
    CRISIS_LIFTED = "crisis_lifted"


class Crisis(StrEnum):
    """What threatens within days."""

    EVICTION = "eviction"
    CUTOFF = "cutoff"
    INSURANCE_END = "insurance_end"


class StopReason(StrEnum):
    """Why a benefit stopped."""

    WHEREABOUTS_UNKNOWN = "whereabouts_unknown"
    OTHER = "other"


class AddressEvent(StrEnum):
    """What the municipality's register says of where people are."""

    LEFT = "left"
    MOVED = "moved"
    ABROAD = "abroad"
    DECEASED = "deceased"


class Exclusion(StrEnum):
    """Why a household is not visited."""

    LEGAL_PERSON = "legal_person"
    UNSAFE = "unsafe"
    DETENTION = "detention"
    OTHER = "other"


class OutcomeKind(StrEnum):
    """What a caseworker reports."""

    ATTEMPT = "attempt"
    CONTACT = "contact"
    ACCEPTED = "accepted"
    REFUSED = "refused"
    CLOSED = "closed"
    REOPENED = "reopened"
    CONSULTATION = "consultation"
    JOINT_VISIT = "joint_visit"
    PLACED = "placed"


ACTS = frozenset({OutcomeKind.CONSULTATION, OutcomeKind.JOINT_VISIT, OutcomeKind.PLACED})
"""Deliberate acts of a task's owner: no outcomes, so that nothing is picked up and no clock moves by them."""


class RightKind(StrEnum):
    """What a resident asks by right, and what a person decides on it; it comes the way outcomes come [law]."""

    OBJECTION = "objection"
    OBJECTION_UPHELD = "objection_upheld"
    OBJECTION_LIFTED = "objection_lifted"
    DISPUTED = "disputed"
    DISPUTE_LIFTED = "dispute_lifted"


DISPUTES = frozenset({RightKind.DISPUTED, RightKind.DISPUTE_LIFTED})
"""Those that are about one signal."""


def answer_kind(code: str) -> OutcomeKind | RightKind:
    """The kind of an Uitkomst.

    Raises:
        ValueError: When there is none of this name.
    """
    return OutcomeKind(code) if code in set(OutcomeKind) else RightKind(code)


class Precondition(StrEnum):
    """What the sender has done first, in the order in which it is checked [law]."""

    PERSONAL_CONTACT = "personal_contact"
    DEBT_HELP = "debt_help"
    REMINDER = "reminder"
    CONSENT_OFFER = "consent_offer"


class Channel(StrEnum):
    """Contact kinds [std]."""

    ADMINISTRATIVE = "Administratief"
    APPOINTMENT = "Afspraak op locatie"
    LETTER = "Brief"
    VISIT = "Huisbezoek"
    CARD = "Kaartje"
    MAIL = "Mail"
    UNKNOWN = "Onbekend"
    OTHER = "Overige"
    MESSAGE = "SMS/Whatsapp"
    PHONE = "Telefoon"


class PartOfDay(StrEnum):
    """When on a day a contact was [std]."""

    MORNING = "Ochtend"
    AFTERNOON = "Middag"
    EVENING = "Avond"

    @classmethod
    def at(cls, local: time) -> "PartOfDay":
        """The part of the day that a local time falls in: morning before 12:00, evening from 18:00 on."""
        if local < time(12):
            return cls.MORNING
        return cls.AFTERNOON if local < time(18) else cls.EVENING


class Help(StrEnum):
    """What help was given; a direct investment is money or goods for the household (founding text D) [ours]."""

    DIRECT_INVESTMENT = "direct_investment"
    ADVICE = "advice"
    ARRANGEMENT = "arrangement"
    APPLICATION = "application"
    REFERRAL = "referral"
    OTHER = "other"


class EndResult(StrEnum):
    """End results of a case [std]."""

    REPEATED = "Niet opgepakt: herhaalde melding"
    UNJUSTIFIED = "Niet opgepakt: onterecht signaal"
    OTHER_REASON = "Niet opgepakt: andere reden"
    DECEASED = "Inwoner is overleden"
    NOT_RESIDENT = "Persoon is geen inwoner (meer) in de gemeente"
    KNOWN_AT_DEBT_HELP = "Inwoner al bekend bij schuldhulpverlening"
    OTHER_PROGRAMME = "Inwoner heeft al een ander lopend traject"
    NO_CONTACT = "Definitief geen contact kunnen krijgen"
    NO_REACTION = "Geen reactie na eerder contact"
    SELF_RELIANT = "Inwoner regelt het zelf/hoeft geen hulp vanuit vroegsignalering"
    PAID_OR_ARRANGED = "Inwoner heeft zelf al betaald/betalingsregeling getroffen"
    ADVICE = "(Budget)advies en/of quick fix"
    REFERRAL = "Vervolghulp en/of verwijzing"
    REFERRAL_FINANCIAL = "Vervolghulp en/of verwijzing financieel"
    REFERRAL_OTHER = "Vervolghulp en/of verwijzing niet financieel"
    REFERRAL_WITHOUT = "Verwijzing zonder tussenkomst inwoner"


class Refusal(StrEnum):
    """Why a record was refused, in the order in which the reasons are tried."""

    UNDECODABLE = "undecodable"
    INVALID = "invalid"
    NO_AGREEMENT = "no_agreement"
    PRECONDITION = "precondition"
    UNJUSTIFIED = "unjustified"
    EXPIRED = "expired"
    SORT = "sort"  # the municipality's own record of a shared address, and it does not tell whose it is
    NO_TASK = "no_task"
    NO_SUBJECT = "no_subject"
    CONTRADICTION = "contradiction"


class Result(StrEnum):
    """What became of one record."""

    ACCEPTED = "accepted"
    REPEATED = "repeated"
    DUPLICATE = "duplicate"
    REFUSED = "refused"
