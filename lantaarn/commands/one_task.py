"""What commands about one task share: the task as the rules make it, the look written down."""

import sys
from contextlib import closing
from typing import TYPE_CHECKING

from lantaarn.wiring import deployment

if TYPE_CHECKING:
    from lantaarn.explain import Explanation


def looked_at(task_id: str, action: str) -> "Explanation":
    """A task as the rules make it, once the look is in the access log.

    Args:
        task_id: Of a task in the case store.
        action: What for, as it stands in the access log.
    """
    from lantaarn.access_log import AccessLog  # noqa: PLC0415
    from lantaarn.explain import explain  # noqa: PLC0415
    from lantaarn.logbook import Logbook  # noqa: PLC0415
    from sinks.store.store import CaseStore  # noqa: PLC0415

    made = deployment()
    settings = made.settings
    with closing(CaseStore(settings.case_store_url)) as store:
        versions, current = store.versions(task_id), store.task(task_id)
        if current is None and not versions:
            sys.exit(f"lantaarn: {task_id}: no such task in the case store")
        AccessLog(settings).looked(action, [str((current or versions[-1])["household"])])
        logbook, policies = Logbook(settings.kafka()), settings.load_policies()
        return explain(logbook, made.codec, made.catalogue, versions, current, policies)


def agree_or_end(found: "Explanation") -> None:
    """Go on only where what is stored is what the rules give."""
    if not found.agrees:
        told = "; ".join(f"version {one.sequence}: {', '.join(one.fields)}" for one in found.differences)
        sys.exit(f"lantaarn: task {found.task['task_id']} differs from what the rules give: {told}")
