"""Commands for and about one household: the text for its next step, everything that is kept, the help that fits.

Each look is in the access log before anything is shown.
"""

import json
import os
import sys
from collections.abc import Callable, Mapping
from contextlib import closing
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from lantaarn.commands.one_task import agree_or_end, looked_at
from lantaarn.loading import load_settings
from lantaarn.settings import Settings, SettingsError
from lantaarn.wiring import deployment
from streams.core.calendar import local_day
from streams.wire import millis

if TYPE_CHECKING:
    from lantaarn.residents import Residents
    from sinks.letters.contact import Contact
    from sinks.referrals.catalogue import ReferralCatalogue
    from streams.core.keys import Keys

TaskId = Annotated[str, typer.Argument(metavar="TASK-ID")]
On = Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Day to read it on; today.")]
referral_commands = typer.Typer(help="Where a household can be referred to.", no_args_is_help=True)


def letter(task_id: TaskId, on: On = None) -> None:
    """Write the text for a task's next step: a letter, a call or a visit, in plain Dutch.

    It speaks of one signal of the resident's own. Exit code 1 where nobody should write, call or go.
    """
    from lantaarn.resident import circumstances_of, situation_of  # noqa: PLC0415
    from sinks.letters.texts import FaultyTextError, NoTextError, Place, text  # noqa: PLC0415
    from sinks.referrals.suggesting import suggestions  # noqa: PLC0415
    from streams.core.addresses import normalised  # noqa: PLC0415

    settings, today = load_settings(), _day(on)
    contact = read_contact(settings)
    catalogue = _catalogue(settings.referrals, today) if settings.referrals.is_dir() else None
    found = looked_at(task_id, "brief, telefoongesprek of huisbezoek voorbereiden")
    agree_or_end(found)
    listed = normalised(found.task["address"]) in settings.load_shared_addresses()
    near = suggestions(catalogue, circumstances_of(found), today) if catalogue else []
    fresh = [one.listed for one in near if not one.stale and one.listed.entry.income_limit is None]
    places = [Place(one.entry.name, one.organisation.name, one.organisation.phone) for one in fresh]
    try:
        made = text(situation_of(found)._replace(among_others=listed), contact, places, today)
    except NoTextError as error:
        sys.exit(f"lantaarn: task {task_id}: no text: {error}")
    except FaultyTextError as error:
        sys.exit(f"lantaarn: task {task_id}: this must not be sent: {error}")
    typer.echo(made)


def told_to_the_resident(task_id: str, on: datetime | None) -> None:
    """Tell a resident in plain Dutch who said what, why somebody came, what is kept and what to do."""
    from lantaarn.resident import SharedAddressError, story_of  # noqa: PLC0415
    from sinks.letters.explaining import explanation  # noqa: PLC0415
    from sinks.letters.texts import FaultyTextError  # noqa: PLC0415

    made, today = deployment(), _day(on)
    contact = read_contact(made.settings)
    found = looked_at(task_id, "uitleg aan de bewoner")
    agree_or_end(found)
    try:
        story = story_of(found, made.settings.load_policies().on(today), made.catalogue)
        told = explanation(story, contact, today)
    except SharedAddressError:
        sys.exit(f"lantaarn: task {task_id}: several households share this address: a person explains it to each")
    except FaultyTextError as error:
        sys.exit(f"lantaarn: task {task_id}: this must not be sent: {error}")
    typer.echo(told)


def access_file(
    out: Annotated[Path, typer.Option(help="Where it goes; only you can read it.")],
    task_id: Annotated[str | None, typer.Argument(metavar="[TASK-ID]")] = None,
    address: Annotated[
        Path | None,
        typer.Option(
            help="A JSON file with postcode, number, letter, addition, and at a shared address birth_date and surname; "
            "- is standard input."
        ),
    ] = None,
    all_residents: Annotated[
        bool,
        typer.Option(
            "--all-residents",
            help="Also what is of others at the address, before, after or beside: somebody takes that out first.",
        ),
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Write it; without, only show what would be in it.")] = False,
) -> None:
    """Put everything that is kept about one household into one file, for the right of access."""
    from lantaarn.access_log import AccessLog  # noqa: PLC0415
    from lantaarn.household_file import household_file  # noqa: PLC0415
    from lantaarn.logbook import Logbook  # noqa: PLC0415
    from lantaarn.residents import residents_of  # noqa: PLC0415
    from sinks.store.store import CaseStore  # noqa: PLC0415

    made = deployment()
    settings, today = made.settings, _day(None)
    policy = settings.load_policies().on(today)
    with closing(CaseStore(settings.case_store_url)) as store:
        if task_id is not None and address is None:
            task = store.task(task_id)
            if task is None:
                sys.exit(f"lantaarn: {task_id}: no such task in the case store")
            household = str(task["household"])
        elif address is not None and task_id is None:
            household = _household_at(address, settings.keys())
        else:
            raise SettingsError("give a TASK-ID or an --address")
        AccessLog(settings).looked("inzage geven" if yes else "inzage voorbereiden", [household])
        typer.echo("Reading every topic …", err=True)
        logbook = Logbook(settings.kafka())
        residents = residents_of(household, logbook, made.codec, made.catalogue, settings.load_policies())
        theirs = _any if all_residents else _of_the_same(residents, task_id)
        found = household_file(logbook, made.codec, made.catalogue, store, household, settings.keys(), theirs)
    for name, count in found.counts.items():
        typer.echo(f"{count:>6} {name}")
    if found.shared_address and not all_residents:
        sys.exit(
            "lantaarn: several households share this address: what is another's must not reach this resident. Give "
            "--all-residents if somebody takes that out of the file first."
        )
    if not yes:
        typer.echo(f"Nothing written. Give --yes to write {out}.")
        return
    try:
        descriptor = os.open(out, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as error:
        raise SettingsError(f"{out}: {error.strerror}") from error
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        json.dump(found.to_json(today, policy), file, ensure_ascii=False, indent=2)
    typer.echo(f"Written: {out}")


def _any(_: Mapping[str, Any]) -> bool:
    return True


def _of_the_same(residents: "Residents", task_id: str | None) -> Callable[[Mapping[str, Any]], bool]:
    """Whether something is of the people of a task; without one, of who lives there now."""
    try:
        people = None if task_id is None else residents.of_task(task_id)
    except KeyError:
        sys.exit(f"lantaarn: task {task_id}: older than the log: a person finds out whose it is. See --all-residents")
    return lambda row: residents.of_row(row) == {people}


@referral_commands.command("check")
def check_referrals(
    folder: Annotated[Path | None, typer.Argument(help="The catalogue; that of the settings.")] = None, on: On = None
) -> None:
    """Check the catalogue; exit code 1 names each fault by file, entry and field. Stale entries are a warning."""
    today = _day(on)
    catalogue = _catalogue(folder or load_settings().referrals, today)
    for one in catalogue.stale(today):
        typer.echo(f"stale: {one.key}: checked on {one.entry.checked_on}: ask {one.entry.owner}", err=True)
    typer.echo(f"{len(list(catalogue))} entries of {len({one.key.split('/')[0] for one in catalogue})} organisations")


@referral_commands.command("page")
def referral_page(
    out: Annotated[Path, typer.Option(help="Where the page goes (HTML).")],
    folder: Annotated[Path | None, typer.Argument(help="The catalogue; that of the settings.")] = None,
    on: On = None,
) -> None:
    """Make the page with all help there is, for everybody: one file, no scripts, nothing about anybody."""
    from sinks.referrals.page import page  # noqa: PLC0415

    settings, today = load_settings(), _day(on)
    made = page(_catalogue(folder or settings.referrals, today), read_contact(settings).municipality, today)
    try:
        out.write_text(made, encoding="utf-8")
    except OSError as error:
        raise SettingsError(f"{out}: {error.strerror}") from error
    typer.echo(f"Written: {out}")


@referral_commands.command("suggest")
def suggest(
    task_id: TaskId, on: On = None, as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False
) -> None:
    """Say which help fits a task, why, what to ask first, and by when the organisation answers."""
    from lantaarn.resident import circumstances_of  # noqa: PLC0415
    from sinks.letters.words import long_day  # noqa: PLC0415
    from sinks.referrals.suggesting import suggestions  # noqa: PLC0415

    settings, today = load_settings(), _day(on)
    catalogue = _catalogue(settings.referrals, today)
    task = looked_at(task_id, "hulp zoeken bij een taak")
    agree_or_end(task)
    found = suggestions(catalogue, circumstances_of(task), today)
    if as_json:
        told = [
            {
                "key": one.listed.key,
                "name": one.listed.entry.name,
                "organisation": one.listed.organisation.name,
                "phone": one.listed.organisation.phone,
                "because": one.because,
                "ask_first": one.ask_first,
                "alternative_to": one.alternative_to,
                "answer_by": one.answer_by.isoformat(),
                "stale": one.stale,
            }
            for one in found
        ]
        typer.echo(json.dumps(told, ensure_ascii=False, indent=2))
        return
    for one in found:
        typer.echo(f"{one.listed.entry.name} ({one.listed.organisation.name}, {one.listed.organisation.phone})")
        typer.echo(f"  omdat: {'; '.join(one.because) or 'het een andere weg is'}")
        if one.ask_first:
            typer.echo(f"  vraag eerst: {'; '.join(one.ask_first)}")
        if one.alternative_to:
            typer.echo(f"  zonder grens, naast: {catalogue[one.alternative_to].entry.name}")
        typer.echo(f"  antwoord uiterlijk {long_day(one.answer_by)}: zet die datum als afspraak op de taak")
        if one.stale:
            typer.echo(f"  let op: nagekeken op {long_day(one.listed.entry.checked_on)}; bel eerst")


def read_contact(settings: Settings) -> "Contact":
    """Who writes.

    Raises:
        SettingsError: When the file cannot be used; names it and the field.
    """
    from sinks.letters.contact import Contact, ContactError  # noqa: PLC0415

    try:
        return Contact.read(settings.contact)
    except ContactError as error:
        raise SettingsError(str(error)) from error


def _catalogue(folder: Path, today: date) -> "ReferralCatalogue":
    from sinks.referrals.catalogue import CatalogueError, ReferralCatalogue  # noqa: PLC0415

    try:
        return ReferralCatalogue.read(folder, today)
    except CatalogueError as error:
        raise SettingsError(str(error)) from error


def _household_at(file: Path, keys: "Keys") -> str:
    from streams.core.addresses import AddressError, normalised  # noqa: PLC0415

    try:
        raw = json.loads(sys.stdin.read() if str(file) == "-" else file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        raise SettingsError(f"{file}: cannot be read as JSON") from None  # the cause may repeat the address
    if not isinstance(raw, dict):
        raise SettingsError(f"{file}: not an object")
    try:
        household = keys.of(normalised(raw), raw)
    except AddressError as error:
        raise SettingsError(f"{file}: {error.field}: not well-formed") from None
    if household is None:
        raise SettingsError(f"{file}: birth_date, surname: needed at a shared address")
    return household


def _day(on: datetime | None) -> date:
    return on.date() if on else local_day(millis(datetime.now(UTC)))
