"""What the group is told of how far we are: read by nobody but those who look at its lag."""

from collections.abc import Mapping

from faust.transport.drivers import aiokafka as driver
from faust.types import TP

TELL_SECONDS = 0.05
"""Between two times that it is told, on both engines: whoever waits for an idle pipeline waits for this."""


class TellsAgain(driver.Consumer):
    """Faust's consumer; a position that the group did not take is told once more.

    Faust counts it as told. The next record would bring the next position; a partition without one would lag for ever.
    """

    async def _commit_offsets(self, offsets: Mapping[TP, int], start_new_transaction: bool = True) -> bool:  # noqa: FBT001, FBT002 - as in Faust
        told: bool = await super()._commit_offsets(offsets, start_new_transaction)
        if not told:
            self._committed_offset.update(dict.fromkeys(offsets))
        return told
