"""The annex to a DPIA: purposes, parties, fields, retention, access and rules, as they are in the data today."""

from collections.abc import Iterable, Iterator
from datetime import date

from lantaarn.register.about import About
from lantaarn.register.entry import basis, in_force, level_rules, one_line
from lantaarn.register.words import ROLES, sender, values
from lantaarn.scenarios.words import contract_fields
from schemas.codes import SignalType
from schemas.topics import SIGNAL_RECORDS, Catalogue, Topic, types_of
from sinks.store.model import Base
from streams.core.agreements import OPTIONAL_FIELDS, Agreement, Agreements
from streams.core.policy import Policy
from streams.core.rulebook import RULEBOOK
from streams.core.wording import day

TOPIC_OF_PARTNER = "{partij}"
OF_TYPE = {**OPTIONAL_FIELDS, SignalType.ADDRESS: ("address_event", *OPTIONAL_FIELDS[SignalType.ADDRESS])}
"""Fields that only some of the types of a shared record fill."""


def annex(about: About, policy: Policy, agreements: Agreements, on: date) -> str:
    """The annex in Markdown, in Dutch; the rules' own text is in English, as it is tested.

    Args:
        about: The municipality's own words.
        policy: In force.
        agreements: Who may send what.
        on: The day that it tells of.
    """
    parts = (
        _head(about, policy, on),
        _purposes(about, policy),
        _parties(agreements, on),
        _fields(agreements, on),
        _retention(),
        _store(),
        _values(policy),
        _ladder(),
        _rules(),
    )
    return "\n".join(line for part in parts for line in (*part, ""))


def _head(about: About, policy: Policy, on: date) -> Iterator[str]:
    yield "# Bijlage bij de DPIA vroegsignalering"
    yield ""
    yield f"{about.organization}, {day(on)}, beleid {policy.version}. Gemaakt uit het beleid, de overeenkomsten, de"
    yield "berichtcontracten en de regels zoals zij die dag waren, met `lantaarn register dpia`. Verander dus die."


def _purposes(about: About, policy: Policy) -> Iterator[str]:
    yield "## Doelen en grondslagen"
    yield ""
    yield one_line(about.goal)
    yield ""
    yield from _table(("Grondslag", "Waarvoor"), ((law.title, law.purpose) for law in about.law))
    named = basis(policy)
    yield ""
    yield f"Gestopte uitkeringen als achtergrond: {named or 'niet gebruikt; zij worden bij binnenkomst geweigerd'}."
    yield "Niets hiervan gaat terug naar de handhaving van uitkeringen."


def _parties(agreements: Agreements, on: date) -> Iterator[str]:
    yield "## Partijen en overeenkomsten"
    yield ""
    yield "Wat buiten een overeenkomst valt, komt niet binnen."
    yield ""
    rows = []
    for entry in sorted(agreements.entries or (), key=lambda each: (each.partner, each.valid_from)):
        last = agreements.last_day(entry)
        if last < on:
            continue
        rows.append(
            (
                entry.partner,
                ", ".join(kind.value for kind in entry.types),
                entry.version,
                f"{day(entry.valid_from)} tot en met {day(last)}",
                entry.legal_basis or "wet",
                entry.processing or "",
            )
        )
    yield from _table(("Partij", "Soorten", "Versie", "Geldig", "Grondslag", "Verwerking"), rows)


def _fields(agreements: Agreements, on: date) -> Iterator[str]:
    yield "## Gegevens per partij"
    yield ""
    rows = []
    for kind, partners in in_force(agreements, on).items():
        for partner in partners:
            entry = agreements.covering(partner, kind, on)
            assert entry is not None  # noqa: S101 - it is in force
            allowed, withheld = _allowed(entry, kind)
            rows.append((partner, kind.value, sender(kind), ", ".join(allowed), ", ".join(withheld) or "geen"))
    yield from _table(("Partij", "Soort", "Wat het is", "Velden", "Niet toegestaan"), rows)
    yield ""
    yield "Wat elk veld betekent, staat in `docs/contracts`. Een partij krijgt terug: aangenomen, of geweigerd en"
    yield "waarom, en van wat is opgepakt niet meer dan de wet toelaat."


def _allowed(entry: Agreement, kind: SignalType) -> tuple[list[str], list[str]]:
    withheld = [name for name in OPTIONAL_FIELDS.get(kind, ()) if entry.withholds(kind, name)]
    record = SIGNAL_RECORDS[kind][1]
    of_others = {name for other in types_of(record) - {kind} for name in OF_TYPE.get(other, ())} - set(
        OF_TYPE.get(kind, ())
    )
    return sorted(contract_fields(record) - of_others - set(withheld)), withheld


def _retention() -> Iterator[str]:
    yield "## Bewaren, en wie wat mag lezen"
    yield ""
    rows = (
        (topic.name, topic.record, _kept(topic), _roles(topic.writers), _roles(topic.readers)) for topic in _topics()
    )
    yield from _table(("Topic", "Bericht", "Bewaard", "Schrijft", "Leest"), rows)
    yield ""
    yield "Sleutels, kopregels en namen van topics bevatten geen persoonsgegevens: een pseudoniem staat voor het adres."


def _topics() -> Iterator[Topic]:
    """Each topic once: those of partners by a placeholder."""
    seen: set[str] = set()
    for topic in Catalogue("", [(TOPIC_OF_PARTNER, kind) for kind in SIGNAL_RECORDS]):
        if topic.name not in seen:
            seen.add(topic.name)
            yield topic


def _kept(topic: Topic) -> str:
    if topic.compacted:
        return "de laatste stand"
    return "onbeperkt" if topic.retention_days is None else f"{topic.retention_days} dagen"


def _roles(roles: Iterable[str]) -> str:
    return ", ".join(sorted(words for role, words in ROLES.items() if role in roles)) or "niemand"


def _store() -> Iterator[str]:
    yield "## Zaakopslag"
    yield ""
    rows = ((name, ", ".join(table.columns.keys())) for name, table in sorted(Base.metadata.tables.items()))
    yield from _table(("Tabel", "Kolommen"), rows)


def _values(policy: Policy) -> Iterator[str]:
    yield f"## Beleid {policy.version}, geldig vanaf {day(policy.valid_from)}"
    yield ""
    yield from _table(
        ("Waarde", "Betekenis", "Naam"), ((value, words, f"`{name}`") for name, value, words in values(policy))
    )


def _ladder() -> Iterator[str]:
    yield "## Welke stap een huishouden krijgt"
    yield ""
    yield "De hoogste stap die een regel geeft, telt. Er wordt niet geleerd van het verleden."
    yield ""
    yield from (f"- {line}" for line in level_rules())


def _rules() -> Iterator[str]:
    yield "## Alle regels"
    yield ""
    yield "[law] wet of regeling · [std] standaard · [practice] praktijk · [ours] eigen keuze van de gemeente."
    yield ""
    yield from _table(("Regel", "Bron", "Tekst"), ((f"`{rule.id}`", rule.source, rule.text) for rule in RULEBOOK))


def _table(heads: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> Iterator[str]:
    yield "| " + " | ".join(heads) + " |"
    yield "|" + "---|" * len(heads)
    for row in rows:
        yield "| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in row) + " |"
