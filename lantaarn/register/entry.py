"""The entry for the national algorithm register, from the rules, the policy, the agreements and the municipality."""

from collections.abc import Iterable
from datetime import date

from lantaarn.register.about import About
from lantaarn.register.standard import Entry, Reference
from lantaarn.register.words import sender, values
from schemas.codes import SignalType
from streams.core.agreements import Agreements
from streams.core.policy import Policy
from streams.core.rulebook import RULEBOOK
from streams.core.rules import RULES
from streams.core.wording import REASONS, STEPS, day

NAME = "Huishoudens met betalingsachterstanden vroeg vinden en rangschikken"
SHORT = (
    "Dit algoritme brengt meldingen van betalingsachterstanden per adres bij elkaar. Met vaste regels stelt het voor "
    "of de gemeente een brief stuurt, belt of langsgaat, hoe snel, en bij wie het eerst. Een medewerker beslist."
)
TAGS = "vroegsignalering, schulden, schuldhulpverlening, betalingsachterstanden, huurachterstand, Wgs"
PEOPLE = (
    "Het algoritme doet alleen een voorstel: een taak met een stap, een datum en de redenen in woorden. Een medewerker "
    "neemt contact op, kan elke taak afsluiten of heropenen, en legt vast wat er gebeurde. Een huishouden dat is "
    "uitgesloten (bedrijf, onveilig, detentie) houdt zijn taak, met een datum waarop een medewerker dat moet hebben "
    "bevestigd; de taak vervalt alleen als er niets meer openstaat (betaald, ingetrokken of te oud). Een gezamenlijk "
    "bezoek met een verhuurder beslist alleen een medewerker. Bezwaar van de inwoner, of de mededeling dat een melding "
    "niet klopt, legt de taak stil tot een mens beslist."
)
RISKS = (
    "Fouten: elke beslissing noemt haar regels en is na te rekenen; de gemeente controleert of elke melding ergens is "
    "terechtgekomen. Ongelijke behandeling: er wordt niet geleerd van het verleden en er zijn geen gegevens over "
    "herkomst, inkomen of gezondheid; per buurt wordt geteld welke stap huishoudens krijgen en wie niet bereikt wordt, "
    "waarbij aantallen onder de 10 niet worden getoond. Privacy: adressen staan niet in sleutels of logboeken; een "
    "partij hoort alleen of haar melding is opgepakt, of er contact was en of hulp is aanvaard; gegevens worden na de "
    "termijn gewist. Te laat zijn: een termijn die verstrijkt, is zichtbaar en geeft voorrang."
)

OF_ARREARS = (
    "Van een achterstand: adres, klantnummer, bedrag, begindatum, aantal maanden huur, dreigende uitzetting of "
    "afsluiting, en dat de partij zelf eerst contact heeft gezocht. Geen inkomen, geen oorzaak, geen gezondheid, geen "
    "burgerservicenummer in de regels. Of er kinderen wonen en of schuldhulp het huishouden kent, komt alleen van de "
    "gemeente zelf."
)
WORKING = (
    "Het algoritme is een vaste set regels en leert niet. Meldingen over één adres komen samen in één taak. De hoogste "
    "stap die een regel geeft, telt; elke regel die geldt, staat als reden bij de taak. Tussen haakjes de bron van de "
    "regel: law (wet), std (standaard), practice (praktijk), ours (eigen keuze)."
)
ORDER = (
    "Volgorde: eerst dreigende uitzetting met kinderen, dan andere dreigende uitzetting of afsluiting, dan de rest op "
    "punten."
)


def entry(about: About, policy: Policy, agreements: Agreements, on: date, source: str | None = None) -> Entry:
    """Make the entry.

    Args:
        about: The municipality's own words.
        policy: In force.
        agreements: Who may send what.
        on: The day that it tells of.
        source: Where the program's source is published.

    Raises:
        ValueError: When a text is longer than the standard allows; pydantic names the field.
    """
    return Entry(
        name=NAME,
        description_short=SHORT,
        organization=about.organization,
        category=about.themes,
        status=about.status,
        begin_date=about.since,
        end_date=about.until,
        contact_email=about.contact,
        website=about.website,
        publication_category="Impactvolle algoritmes",
        goal=one_line(about.goal),
        proportionality=one_line(about.weighing),
        human_intervention=PEOPLE,
        risks=RISKS,
        lawful_basis=_laws(about, policy, agreements, on),
        lawful_basis_grouping=tuple(Reference(title=law.title, link=law.link) for law in about.law if law.link),
        process_index_url=about.processing_register,
        impacttoetsen_grouping=tuple(Reference(title=each.title, link=each.link) for each in about.assessment),
        impacttoetsen=about.no_assessment,
        source_data=_data(policy, agreements, on),
        methods_and_models=_method(policy),
        provider="Lantaarn, open software",
        publiccode=source,
        source_id=f"lantaarn-{policy.version}",
        tags=TAGS,
    )


def in_force(agreements: Agreements, on: date) -> dict[SignalType, list[str]]:
    """Which partners may send each type on a day."""
    found: dict[SignalType, list[str]] = {}
    for partner, kind in sorted(agreements.senders):
        if agreements.covering(partner, kind, on) is not None:
            found.setdefault(kind, []).append(partner)
    return found


def basis(policy: Policy) -> str | None:
    """On what ground benefit stops are used, in words."""
    named = policy.benefit_stop_basis
    return None if named is None else f"{named.legal_basis} (DPIA: {named.dpia})"


def level_rules() -> Iterable[str]:
    """Each rule of the ladder in Dutch, with the step it gives and its source."""
    marks = {rule.id: rule.source for rule in RULEBOOK}
    for rule in RULES:
        yield f"{REASONS[rule.code]}: {STEPS[rule.level.code]} {marks[rule.code]}"
    yield f"{REASONS['context_raise']}: één stap hoger, hoogstens huisbezoek {marks['context_raise']}"


def one_line(text: str) -> str:
    """A text of several lines as one."""
    return " ".join(text.split())


def _laws(about: About, policy: Policy, agreements: Agreements, on: date) -> str:
    lines = [f"{law.title}: {law.purpose}" for law in about.law]
    if (named := basis(policy)) is not None:
        lines.append(f"Gestopte uitkeringen als achtergrond bij een melding: {named}.")
    grounds = {
        f"{kind.value}: {covering.legal_basis}"
        for kind, partners in in_force(agreements, on).items()
        for partner in partners
        if (covering := agreements.covering(partner, kind, on)) is not None and covering.legal_basis
    }
    return "\n".join([*lines, *(f"Meldingen {ground}." for ground in sorted(grounds))])


def _data(policy: Policy, agreements: Agreements, on: date) -> str:
    senders = in_force(agreements, on)
    lines = [
        f"- {sender(kind)}" + (f" ({len(partners)} partijen)" if len(partners) > 1 else "")
        for kind, partners in senders.items()
        if kind is not SignalType.BENEFIT_STOP or policy.benefit_stop_basis is not None
    ]
    return "\n".join(
        [
            f"Op {day(on)} mogen binnenkomen:",
            *lines,
            OF_ARREARS,
        ]
    )


def _method(policy: Policy) -> str:
    return "\n".join(
        [
            WORKING,
            *(f"- {line}" for line in level_rules()),
            ORDER,
            f"Beleid {policy.version}, geldig vanaf {day(policy.valid_from)}:",
            *(f"- {value}: {meaning}" for _, value, meaning in values(policy)),
        ]
    )
