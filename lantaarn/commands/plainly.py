"""What commands about one task share: errors in one line, the task as the rules make it, the look written down."""

import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING

from lantaarn.wiring import deployment
from schemas.codec import UndecodableError

if TYPE_CHECKING:
    from lantaarn.explain import Explanation


@contextmanager
def plainly() -> Iterator[None]:
    """What cannot be read is told in one line; none of these texts holds what is in a record."""
    from lantaarn.logbook import LogError  # noqa: PLC0415
    from sinks.errors import SinkError  # noqa: PLC0415

    try:
        yield
    except (LogError, SinkError, UndecodableError) as error:
        sys.exit(f"lantaarn: {error}")


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
    with plainly(), closing(CaseStore(settings.case_store_url)) as store:
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
