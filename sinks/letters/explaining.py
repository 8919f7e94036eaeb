"""What a resident is told of what was done with their data: who said what, why somebody came, what is kept, what to do.

Here everything about the household may be told, for it is theirs; what others at the address have is not.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from types import MappingProxyType
from typing import NamedTuple

from schemas.codes import CREDITOR_TYPES, SignalType
from sinks.letters.contact import Contact
from sinks.letters.texts import environment, fit
from sinks.letters.words import BILLS, euros, long_day

BECAUSE = MappingProxyType(
    {
        "first_signal": "Er staat een rekening open.",
        "consecutive": "Er kwam in een eerdere maand ook al een bericht.",
        "multiple": "Er kwamen kort na elkaar berichten van meer dan één organisatie.",
        "many_partners": "Er staan rekeningen open bij veel organisaties.",
        "high_amount": "Het gaat samen om veel geld.",
        "rent_months": "Er staat meer dan één maand huur open.",
        "crisis": "Er is haast bij. Het gaat om uw huis, uw energie, uw water of uw verzekering.",
        "children_at_risk": "Er wonen kinderen, en het gaat om uw huis.",
        "lost_contact": "Wij wisten niet meer waar u was, en wilden weten of het goed met u gaat.",
        "self_report": "U vroeg zelf om hulp.",
        "warm_handover": "Iemand die u helpt vroeg ons om mee te denken. U vond dat goed.",
        "context_raise": "Er veranderde ook iets in uw inkomen.",
        "overdue": "Wij hadden al eerder contact willen zoeken.",
        "no_response": "Wij probeerden het eerder, en hoorden niets terug.",
        "silence": "Wij spraken elkaar, en daarna bleef het stil.",
        "follow_up": "Wij hielpen u eerder, en willen weten hoe het nu gaat.",
        "promise": "Wij beloofden u iets, en willen weten of dat is gelukt.",
        "cured": "Er staat nu niets meer open.",
        "abroad": "Volgens onze gegevens bent u naar het buitenland gegaan.",
        "deceased": "Volgens onze gegevens is er iemand overleden.",
        "moved_out": "Volgens onze gegevens woont u nu in een andere gemeente.",
        "moved_within": "Volgens onze gegevens woont u nu op een ander adres in de gemeente.",
        "placed": "Een medewerker zocht uit voor wie het bericht was.",
        "legal_person": "Volgens onze gegevens gaat het om een bedrijf.",
        "unsafe": "Een medewerker kijkt eerst hoe wij het beste contact kunnen zoeken.",
        "detention": "Een medewerker kijkt eerst hoe wij het beste contact kunnen zoeken.",
        "other": "Een medewerker kijkt eerst hoe wij het beste contact kunnen zoeken.",
        "objection": "U maakte bezwaar. Wij doen niets, tot iemand daarover heeft beslist.",
        "disputed": "U zei dat een bericht niet klopt. Dat bericht telt nu niet mee.",
        "disputed_crisis": "U zei dat een bericht met haast niet klopt. Iemand kijkt daar snel naar.",
    }
)
"""Each reason of a task, said to the resident; a reason that is not here is told in general words."""
OTHERWISE = "Er was een bericht dat wij wilden bekijken."
STEPS = MappingProxyType(
    {
        "letter": "Wij schrijven u een brief.",
        "phone": "Wij bellen u.",
        "home_visit": "Wij komen bij u langs.",
        "joint_home_visit": "Wij komen met twee mensen bij u langs.",
    }
)
DONE = MappingProxyType(
    {
        "attempt": "Wij zochten contact, maar dat lukte niet.",
        "contact": "Wij spraken met u.",
        "accepted": "U wilde graag hulp.",
        "refused": "U wilde geen hulp.",
        "closed": "Wij rondden het af.",
        "reopened": "Wij pakten het weer op.",
        "consultation": "Wij vroegen de afdeling voor uitkeringen om te helpen u te vinden.",
        "joint_visit": "Wij spraken af om samen bij u langs te komen.",
        "placed": "Wij zochten uit voor wie het bericht was.",
        "objection": "U maakte bezwaar.",
        "objection_upheld": "U kreeg gelijk met uw bezwaar.",
        "objection_lifted": "Het bezwaar is klaar.",
        "disputed": "U zei dat een bericht niet klopt.",
        "dispute_lifted": "Wij keken het bericht na. Het klopte toch.",
    }
)
SAID = MappingProxyType(
    {
        "report": "{bill} is nog niet betaald",
        "amount": "het bedrag is veranderd voor {bill}",
        "paid": "{bill} is betaald",
        "withdrawn": "het bericht over {bill} was niet nodig",
        "crisis_lifted": "er is geen haast meer bij {bill}",
    }
)


class Told(NamedTuple):
    """One record about the household."""

    on: date
    partner: str
    type: str
    kind: str | None
    amount_cents: int | None


class Kept(NamedTuple):
    """How long something is kept."""

    what: str
    long: str


class Story(NamedTuple):
    """All that the explanation says of one task."""

    told: Sequence[Told]
    reasons: Sequence[str]
    rung: str
    status: str
    due_on: date
    owner: str
    answer_months: int  # within which a person decides on an objection
    kept: Sequence[Kept]


def explanation(story: Story, contact: Contact, today: date) -> str:
    """The explanation in plain Dutch.

    Raises:
        FaultyTextError: When names that it was given bring in a threat.
    """
    made = environment.get_template("uitleg.txt.j2").render(
        story=story,
        lines=[_line(one, contact) for one in sorted(story.told, key=lambda one: one.on)],
        because=list(dict.fromkeys(BECAUSE.get(reason, OTHERWISE) for reason in story.reasons)),
        step=STEPS[story.rung],
        contact=contact,
        person=contact.person_of(story.owner),
        today=today,
    )
    return fit(made)


def _line(one: Told, contact: Contact) -> str:
    kind = SignalType(one.type)
    if kind is SignalType.OUTCOME:
        what = DONE.get(one.kind or "", "Een medewerker schreef iets op.")
    elif kind in CREDITOR_TYPES:
        said = SAID[one.kind or "report"].format(bill=BILLS[kind])
        amount = "" if one.amount_cents is None else f", {euros(one.amount_cents)}"
        what = f"{contact.partner(one.partner)} liet weten: {said}{amount}."
    else:
        what = OTHER[kind].format(partner=contact.partner(one.partner))
    return f"{long_day(one.on)}. {what}"


OTHER: Mapping[SignalType, str] = MappingProxyType(
    {
        SignalType.BENEFIT_STOP: "{partner} liet weten dat een uitkering is gestopt.",
        SignalType.SELF_REPORT: "U vroeg zelf om hulp.",
        SignalType.REFERRAL: "{partner} vroeg ons om u te helpen.",
        SignalType.ADDRESS: "Onze eigen gegevens over uw adres veranderden.",
        SignalType.HOUSEHOLD: "Wij schreven iets op over uw huishouden.",
    }
)
