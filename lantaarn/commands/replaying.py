"""The replay command: a file through the core, without Kafka."""

import gc
import json
import time
from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from lantaarn.loading import load_settings
from lantaarn.places import check_place, written_to
from lantaarn.settings import SettingsError, load_agreements, load_policy
from streams.core.policy import always
from streams.replay import Cadence, task_line
from streams.replay import replay as replay_lines

UNSET_SECRET = b"replay"


def replay(
    records: Annotated[Path, typer.Argument(metavar="INPUT", help="Records, one JSON object a line.")],
    policy: Annotated[Path, typer.Option(help="Policy file (TOML); it holds for every day.")],
    as_of: Annotated[datetime, typer.Option(formats=["%Y-%m-%d"], help="Last day; later records are ignored.")],
    out: Annotated[Path, typer.Option(help="Where the last version of each task goes, one JSON object a line.")],
    receipts: Annotated[Path, typer.Option(help="Where one line per record goes: what became of it.")],
    agreements: Annotated[Path | None, typer.Option(help="Agreements; without, everything is allowed.")] = None,
    cadence: Annotated[Cadence, typer.Option(help="monthly: records wait until the next 1st.")] = Cadence.DAILY,
) -> None:
    """Apply the records of a file and write the tasks that they lead to.

    The same core as in the live stream, over months of a region in seconds. The pseudonym secret comes from
    LANTAARN_PSEUDONYM_SECRET; task ids follow from it.
    """
    started = time.monotonic()
    for file in (out, receipts):
        check_place(file)
    settings = load_settings()
    secret = settings.secret() if settings.pseudonym_secret is not None else UNSET_SECRET
    gc.disable()  # values are frozen and hold no cycles: collecting finds nothing and takes an eighth of the time
    try:
        with records.open("rb") as lines:
            outcome = replay_lines(
                lines,
                policies=always(load_policy(policy)),
                as_of=as_of.date(),
                secret=secret,
                shared=settings.load_shared_addresses(),
                agreements=load_agreements(agreements) if agreements else None,
                cadence=cadence,
            )
    except OSError as error:
        raise SettingsError(f"{records}: {error.strerror}") from error
    _write(out, (task_line(household.address, version.task) for household, version in outcome.tasks.values()))
    _write(receipts, (receipt.line() for receipt in outcome.receipts))
    seconds = time.monotonic() - started
    typer.echo(f"{len(outcome.receipts)} records, {len(outcome.tasks)} tasks, {seconds:.1f} s")


def _write(file: Path, lines: Iterable[Mapping[str, Any]]) -> None:
    with written_to(file), file.open("w", encoding="utf-8") as opened:
        opened.writelines(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)
