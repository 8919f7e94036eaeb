"""How answers look on a terminal: tables for people, in the words of `streams.core.wording`."""

from collections.abc import Mapping, Sequence
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.console import Group, RenderableType
from rich.markup import escape
from rich.table import Table

from lantaarn.explain import Explanation, Ground, Said
from lantaarn.reconcile import Report
from lantaarn.sorting import Unsorted
from sinks.fields import Address
from sinks.worklist import Worklist, WorklistRow
from streams.core.next_action import RUNGS
from streams.core.wording import GROUNDS, REASONS, SAID, STATUSES, STEPS, day, euros, in_words

MOST_FINDINGS = 50
MOST_SHOWN = 20
LAST_BAND = 3
DAYS_A_WEEK = 7


def worklist_table(found: Worklist, status: str) -> RenderableType:
    """What there is to do, in order of work, and how much is left out."""
    table = Table(box=SIMPLE_HEAD, show_lines=True, title=f"Werklijst: {STATUSES[status]}", title_justify="left")
    for heading in ("Uiterlijk", "Niveau", "Waarom", "Wie en wat nu"):
        table.add_column(heading)
    table.add_column("Adres en taak", overflow="fold", min_width=36)
    for row in found.rows:
        table.add_row(*_cells(row))
    return Group(table, _left_out(found.left_out) if found.capacity is None else _week(found))


def _week(found: Worklist) -> str:
    """What this week has no room for, said plainly."""
    urgent = sum(1 for row in found.not_done if row.band < LAST_BAND)
    late = sum(1 for row in found.not_done if row.days_left < DAYS_A_WEEK)
    lines = [f"Deze week is er ruimte voor {found.capacity} contacten; {found.done} zijn er geweest."]
    if found.not_done:
        lines.append(
            f"[bold]{len(found.not_done)} taken worden deze week niet gedaan[/], waarvan {urgent} met een dreigende "
            f"crisis en {late} met een uiterste datum binnen een week of al voorbij:"
        )
        lines += [
            f"  {row.task_id}  uiterlijk {day(row.due_on)}  {in_words(row.reasons)}"
            for row in found.not_done[:MOST_SHOWN]
        ]
    if len(found.not_done) > MOST_SHOWN:
        lines.append(f"  … en nog {len(found.not_done) - MOST_SHOWN}; --json heeft ze alle")
    return "\n".join(lines)


def _left_out(count: int) -> str:
    if not count:
        return "Dit is de hele lijst."
    return "1 taak staat niet op deze lijst." if count == 1 else f"{count} taken staan niet op deze lijst."


def _cells(row: WorklistRow) -> tuple[str, ...]:
    level = STEPS[row.level]
    if row.rung != row.level:
        level += f"\nnu: {STEPS[row.rung]}"
    then = f"\nuiterlijk {day(row.next_action_on)}" if row.next_action_on else ""
    return (
        f"{day(row.due_on)}\n{_left(row.days_left)}",
        level,
        in_words(row.reasons),
        f"{escape(row.owner)}\n{STEPS[row.next_action]}{then}",
        f"{escape(address(row.address))}\n{row.task_id}",
    )


def _left(days: int) -> str:
    if days < 0:
        return f"[bold]{-days} {'dag' if days == -1 else 'dagen'} te laat[/]"
    return {0: "vandaag", 1: "morgen"}.get(days, f"over {days} dagen")


def address(parts: Address) -> str:
    """An address on one line."""
    number = f"{parts.number}{parts.letter or ''}" + (f"-{parts.addition}" if parts.addition else "")
    return f"{parts.postcode} {number}"


def sorting_table(found: Sequence[Unsorted]) -> RenderableType:
    """Signals of which somebody has to find out whose they are."""
    table = _titled("Van wie is deze melding?", "Uiterlijk", "Wie meldt wat", "Ontvangen", "Adres en taak")
    for one in found:
        what = f"{one.partner}: {one.type}" + (f", {one.reference}" if one.reference else "")
        due_on = day(one.due_on) if one.due_on else "geen termijn"
        where = f"{address(one.address)}\n{one.task_id or 'nog geen taak'}"
        table.add_row(due_on, escape(what), day(one.received_on), escape(where))
    return table


def explanation(found: Explanation) -> RenderableType:
    """Why a task is as it is."""
    task = found.task
    head = Table.grid(padding=(0, 2))
    for name, value in (
        ("Taak", task["task_id"]),
        ("Adres", escape(address(Address(**task["address"])))),
        ("Stand", STATUSES[task["status"]]),
        ("Niveau", f"{STEPS[task['level']]}, nu: {STEPS[task['rung']]}"),
        ("Uiterlijk", day(task["due_on"])),
        ("Beleid", escape(task["policy_version"])),
        ("Wie en wat nu", f"{escape(task['owner'])}: {STEPS[_next(found)]}"),
    ):
        head.add_row(f"[bold]{name}[/]", value)
    return Group(head, _reasons(found), _grounds(found), _records(found), _versions(found), _verdict(found))


def _next(found: Explanation) -> str:
    """The next action, by all that has come: the last version may be from before somebody left."""
    action = str(found.task["next_action"])
    return found.asked_first if found.asked_first and action in RUNGS else action


def _reasons(found: Explanation) -> RenderableType:
    table = _titled("Waarom dit niveau", "", "Regel", "In woorden", "Geeft", "Bron")
    for reason in found.reasons:
        level = STEPS[reason.level] if reason.level else ""
        decides = "→" if reason.decides else ""
        table.add_row(decides, reason.code, REASONS[reason.code], level, escape(reason.source))
    if found.known_at_debt_help:
        return Group(table, "Schuldhulpverlening kent dit huishouden al: één taak voor dat team, niveau bellen.")
    return table


def _grounds(found: Explanation) -> RenderableType:
    table = _titled("Waarom deze datum", "", "Uiterlijk", "Grond", "Van", "Ontvangen", "Bron")
    for ground in found.grounds:
        decides = "→" if ground.decides else ""
        table.add_row(decides, day(ground.on), *_ground(ground), day(ground.received_on), escape(ground.source))
    if not any(ground.decides for ground in found.grounds):
        return Group(table, "Niets van wat nu openstaat geeft deze datum: zij is van eerder en blijft staan.")
    return table


def _ground(ground: Ground) -> tuple[str, str]:
    detail = f" ({SAID[ground.detail]})" if ground.detail else ""
    return GROUNDS[ground.ground] + detail, escape(" ".join(filter(None, (ground.partner, ground.type))))


def _records(found: Explanation) -> RenderableType:
    table = _titled("Wat er binnenkwam", "Datum", "Ontvangen", "Van", "Wat", "Bedrag", "Gevolg")
    for said in found.said:
        amount = "" if said.amount_cents is None else euros(said.amount_cents)
        sender = escape(f"{said.partner} {said.type}")
        table.add_row(
            day(said.signalled_on), day(said.received_on), sender, _what(said), amount, SAID.get(said.became, "gegeven")
        )
    return table


def _what(said: Said) -> str:
    return ", ".join(SAID[code] for code in (said.kind, said.detail) if code)


def _versions(found: Explanation) -> RenderableType:
    causes = {said.id: said for said in found.said}
    table = _titled("Hoe het zo kwam", "Nr", "Datum", "Stand", "Niveau", "Nu", "Uiterlijk", "Waardoor", "Beleid")
    for version in found.versions:
        cause = version["caused_by"]
        known = causes.get(cause) if cause else None
        by = "een termijn" if cause is None else escape(cause)
        if known is not None:
            by = f"{escape(known.partner)}: {_what(known) or known.type}"
        table.add_row(
            str(version["sequence"]),
            day(version["changed_on"]),
            STATUSES[version["status"]],
            STEPS[version["level"]],
            STEPS[version["rung"]],
            day(version["due_on"]),
            by,
            escape(version["policy_version"]),
        )
    return table


def _verdict(found: Explanation) -> RenderableType:
    if found.agrees:
        return "[bold]Nagerekend:[/] de regels geven hetzelfde als wat er is opgeslagen."
    lines = [f"  versie {one.sequence}: {', '.join(one.fields)}" for one in found.differences]
    cut = "\nHet logboek is aan het begin ingekort; de geschiedenis kan onvolledig zijn." if found.log_start else ""
    return "[bold red]Nagerekend: wat er is opgeslagen wijkt af.[/]\n" + "\n".join(lines) + cut


def report(found: Report) -> RenderableType:
    """The ledger: what was counted, and what is unaccounted."""
    table = _titled("Ledger", "Hop", "Counted", "")
    table.columns[2].justify = "right"
    for hop, counts in found.counts.items():
        for index, (name, number) in enumerate(counts.items()):
            table.add_row(hop if index == 0 else "", name, f"{number:,}")
    parts: list[RenderableType] = [table, *(f"Note: {escape(note)}" for note in found.notes)]
    if found.balanced:
        return Group(*parts, "[bold green]Balanced: everything is accounted for.[/]")
    shown = found.unaccounted[:MOST_FINDINGS]
    parts += [f"[bold red]Unaccounted[/] {escape(finding.where)}: {escape(finding.what)}" for finding in shown]
    if len(found.unaccounted) > MOST_FINDINGS:
        parts.append(f"… and {len(found.unaccounted) - MOST_FINDINGS} more; --json has all")
    return Group(*parts)


def explanation_json(found: Explanation) -> Mapping[str, Any]:
    """The same for programs; dates are for `json.dumps` to turn into text."""
    return {
        "agrees": found.agrees,
        "differences": [one._asdict() for one in found.differences],
        "task": found.task,
        "reasons": [one._asdict() | {"words": REASONS[one.code]} for one in found.reasons],
        "due": [one._asdict() for one in found.grounds],
        "signals": [one._asdict() for one in found.said],
        "versions": list(found.versions),
        "known_at_debt_help": found.known_at_debt_help,
        "asked_first": found.asked_first,
        "log_start": found.log_start,
    }


def _titled(title: str, *headings: str) -> Table:
    table = Table(*headings, box=SIMPLE_HEAD, title=title, title_justify="left", title_style="bold")
    for column in table.columns:
        column.overflow = "fold"
    return table
