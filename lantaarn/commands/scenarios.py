"""The scenarios command: stories in files, run on the core or through the broker."""

import sys
from pathlib import Path
from typing import Annotated

import structlog
import typer
from rich.console import Console

from lantaarn.settings import SettingsError

POLICY_FILE = "policy.toml"


def scenarios(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Folder with scenario files, or one file.")],
    policy: Annotated[
        Path | None, typer.Option(help="Policy to run them with; the policy.toml beside or above them.")
    ] = None,
    broker: Annotated[
        bool, typer.Option("--broker", help="Through intake, worker and sink on a broker of their own (a minute).")
    ] = False,
) -> None:
    """Run scenarios and show what came of each; exit code 1 when one differs from what it expects.

    Nothing is changed or sent: with --broker everything happens on servers of its own, which are stopped afterwards.
    """
    from lantaarn.scenarios.making import base_policy, make  # noqa: PLC0415
    from lantaarn.scenarios.reading import ScenarioError, read_folder  # noqa: PLC0415
    from lantaarn.scenarios.running import on_broker, on_core  # noqa: PLC0415
    from lantaarn.scenarios.showing import verdicts  # noqa: PLC0415

    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger("error"))
    try:
        base = base_policy(policy or _nearest(folder))
        made = [make(scenario, base, number) for number, scenario in enumerate(read_folder(folder), start=1)]
        found = on_broker(made, Console(stderr=True).print) if broker else on_core(made)
    except ScenarioError as error:
        raise SettingsError(str(error)) from error
    root = folder.parent if folder.is_file() else folder
    Console().print(verdicts(found, root))
    if any(verdict.differences for verdict in found):
        sys.exit(1)


def _nearest(folder: Path) -> Path:
    """The policy file beside the scenarios, or above them."""
    for place in (folder, *folder.absolute().parents):
        if (place / POLICY_FILE).is_file():
            return place / POLICY_FILE
    raise SettingsError(f"{folder}: no {POLICY_FILE} there or above; name a policy with --policy")
