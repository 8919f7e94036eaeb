"""Commands about access: bindings for all, and everything for one partner. Each shows its plan first."""

import sys
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from lantaarn import sealing
from lantaarn.access import matrix as matrices
from lantaarn.access import register
from lantaarn.access.handover import ending, handover
from lantaarn.access.partners import Change, Office
from lantaarn.access.rights import last_day_of
from lantaarn.loading import load_settings
from lantaarn.settings import load_agreements
from schemas.codes import SignalType
from streams.core.calendar import local_day
from streams.wire import millis

acls = typer.Typer(help="Who may do what on the broker: plan, apply, matrix.", no_args_is_help=True)
partner_commands = typer.Typer(help="Partners: add, rotate and end one; overview of a month.", no_args_is_help=True)


class Auth(StrEnum):
    """How a partner signs in."""

    SCRAM = "scram"
    MTLS = "mtls"


Day = Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="As if it were this day; today.")]
Yes = Annotated[bool, typer.Option("--yes", help="Do it; without, only show what would be done.")]
Adapter = Annotated[bool, typer.Option("--with-demo-adapter", help="Let the demo's one adapter act for all partners.")]
Partner = Annotated[str, typer.Argument(help="Its name in the agreements: a-z, 0-9 and -.")]
Secrets = Annotated[Path, typer.Option(help="Folder for passwords; made for you alone.")]
SECRETS = Path("secrets")
RESTART = "Restart intake, one after the other: it reads the agreements at its start."


@acls.command("plan")
def plan_acls(demo_adapter: Adapter = False, day: Day = None) -> None:
    """Show which bindings are missing and which should not be there. Changes nothing."""
    plan = Office(load_settings(), SECRETS).whole_plan(_day(day), demo_adapter=demo_adapter)
    _show(plan.lines() or ["All bindings are as they should be."])


@acls.command("apply")
def apply_acls(yes: Yes = False, demo_adapter: Adapter = False, day: Day = None) -> None:
    """Add the bindings that are missing and remove those of this deployment that should not be there."""
    office = Office(load_settings(), SECRETS)
    plan = office.whole_plan(_day(day), demo_adapter=demo_adapter)
    _show(plan.lines())
    if plan.empty:
        _show(["All bindings are as they should be."])
    elif yes:
        office.apply(plan)
        _show([f"{len(plan.added)} added, {len(plan.removed)} removed."])
    else:
        _show(["Nothing done. Give --yes to apply."])


@acls.command("matrix")
def show_matrix() -> None:
    """Print the matrix of users and topics (Markdown)."""
    typer.echo(matrices.table(), nl=False)


@partner_commands.command("add")
def add_partner(
    partner: Partner,
    types: Annotated[list[SignalType], typer.Option("--type", help="What it may send; repeatable.")],
    until: Annotated[datetime, typer.Option(formats=["%Y-%m-%d"], help="Last day of the agreement.")],
    begin: Annotated[datetime | None, typer.Option("--from", formats=["%Y-%m-%d"], help="First day; today.")] = None,
    version: Annotated[str | None, typer.Option(help="Of the agreement; the next free one of the year.")] = None,
    municipality: Annotated[str | None, typer.Option(help="Code (CBS); that of the settings.")] = None,
    legal_basis: Annotated[str | None, typer.Option(help="On what ground it sends; needed in an experiment.")] = None,
    processing: Annotated[str | None, typer.Option(help="URI of the processing activity.")] = None,
    kvk: Annotated[str | None, typer.Option(help="Number in the trade register, 8 digits.")] = None,
    oin: Annotated[str | None, typer.Option(help="Number as an organisation in government, 20 digits.")] = None,
    contact: Annotated[str | None, typer.Option(help="Whom to call.")] = None,
    rhythm_days: Annotated[int | None, typer.Option(min=1, help="Days that it may be silent.")] = None,
    fields: Annotated[
        list[str], typer.Option("--fields", help="Huur=months: what may be filled beyond what Huur needs; repeatable.")
    ] = [],  # noqa: B006 - typer copies it
    auth: Annotated[Auth, typer.Option(help="A password (scram) or a certificate (mtls).")] = Auth.SCRAM,
    secrets: Secrets = SECRETS,
    replication: Annotated[int, typer.Option(min=1, help="Copies of each record; 3 in production.")] = 3,
    day: Day = None,
    yes: Yes = False,
) -> None:
    """Let a partner in: agreement, topics, bindings, user; and print what to hand over."""
    office, today = Office(load_settings(), secrets), _day(day)
    of = municipality or office.settings.municipality
    if of is None:
        raise register.RegisterError("municipality: not set (LANTAARN_MUNICIPALITY or --municipality)")
    if office.settings.municipality not in {None, of}:
        raise register.RegisterError(f"municipality: this deployment is of {office.settings.municipality}")
    first = begin.date() if begin else today
    details = {
        "legal_basis": legal_basis,
        "processing": processing,
        "kvk": kvk,
        "oin": oin,
        "contact": contact,
        "rhythm_days": rhythm_days,
        "fields": _fields(partner, fields),
    }
    entries = register.agreed(office.agreements(), partner, types, of, first, until.date(), version, **details)
    change = office.change(partner, entries, today, password=auth is Auth.SCRAM)
    _carry_out(office, change, replication, yes=yes)
    if yes or change.empty:
        agreements = office.agreements()
        file = office.password_file(partner) if auth is Auth.SCRAM else None
        rights = office.rights(agreements, today)
        _show(["", "To hand over:"])
        catalogue = office.catalogue(agreements)
        _show(handover(office.settings, agreements, catalogue, rights, partner, file))
        _show(["", RESTART] if change.entries else [])


@partner_commands.command("rotate")
def rotate_partner(partner: Partner, secrets: Secrets = SECRETS, yes: Yes = False) -> None:
    """Give a partner another password. With the old one no new connection is made from then on."""
    office = Office(load_settings(), secrets)
    user = office.users.partner(partner)
    if not office.has_user(partner):
        raise register.RegisterError(
            f"{user} has no password. With a certificate: sign a new request; the old one counts until it expires"
        )
    _show([f"~ password of {user}, in {office.password_file(partner).absolute()}"])
    if yes:
        office.rotate(partner)
    _show(["Done." if yes else "Nothing done. Give --yes to do it."])


@partner_commands.command("end")
def end_partner(
    partner: Partner,
    on: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Last day; today.")] = None,
    at_once: Annotated[bool, typer.Option("--at-once", help="Yesterday was the last day.")] = False,
    secrets: Secrets = SECRETS,
    day: Day = None,
    yes: Yes = False,
) -> None:
    """End a partner's agreements. Its right to write goes after the last day; its user when receipts are over."""
    office, today = Office(load_settings(), secrets), _day(day)
    last = today - timedelta(days=1) if at_once else on.date() if on else today
    # Given again later, it only does what has fallen due.
    before = last_day_of(office.agreements(), partner)
    over = before is not None and before < today
    entries = [] if over else register.ended(office.agreements(), partner, last, today)
    change = office.change(partner, entries, today, password=office.has_user(partner))
    _carry_out(office, change, 1, yes=yes)
    final = last_day_of(office.agreements(change.entries if not yes else ()), partner)
    if final is not None:
        _show(ending(partner, final, final + timedelta(days=office.settings.receipts_days), today))
    _show([RESTART] if change.entries else [])


@partner_commands.command("seal")
def seal_agreements(yes: Yes = False) -> None:
    """Check that no entry of the agreements file was changed, and seal those that were added by hand.

    A seal (agreements.lock, beside the file) holds a digest of each field of each entry. Exit code 1 names the entry
    and the fields that changed: put them back, and add a new version instead.
    """
    file = load_settings().agreements
    agreements = load_agreements(file)
    found = sealing.compared(file, agreements)
    _show([*(f"! {told}" for told in found.broken), *(f"+ seal {entry}" for entry in found.unsealed)])
    if found.broken:
        sys.exit(f"lantaarn: {file}: an entry is never changed, a later one takes its place")
    if not found.unsealed:
        _show(["All entries are sealed, and as they were."])
    elif yes:
        sealing.seal(file, agreements)
        _show(["Sealed. Commit the seal with the file."])
    else:
        _show(["Nothing done. Give --yes to seal."])


def _carry_out(office: Office, change: Change, replication: int, *, yes: bool) -> None:
    _show(change.lines())
    if change.empty:
        _show(["Nothing to do: all is as agreed."])
    elif yes:
        office.carry_out(change, replication)
        _show(["Done."])
    else:
        _show(["Nothing done. Give --yes to do it."])


def _fields(partner: str, given: list[str]) -> dict[SignalType, tuple[str, ...]]:
    found = {}
    for one in given:
        kind, equals, names = one.partition("=")
        if not equals or kind not in set(SignalType):
            raise register.RegisterError(f"{partner}: fields: {one} is not TYPE=FIELD,FIELD")
        found[SignalType(kind)] = tuple(name for name in names.split(",") if name)
    return found


def _day(day: datetime | None) -> date:
    return day.date() if day else local_day(millis(datetime.now(UTC)))


def _show(lines: list[str]) -> None:
    for line in lines:
        typer.echo(line)
