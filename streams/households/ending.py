"""A worker that ends when it is asked to, also when the broker is away."""

import threading

from faust import Worker

from streams.households.pipeline import fatal

END_SECONDS = 20.0
"""Less than a supervisor waits before it kills."""


class EndingWorker(Worker):
    """Faust's own waits for the broker for as long as it is away. What is not delivered by then is done again."""

    async def stop(self) -> None:
        """Stop; the process ends at the latest after `END_SECONDS`."""
        late = threading.Timer(END_SECONDS, fatal, ("not ended in time", TimeoutError("the broker may be away")))
        late.daemon = True
        late.start()
        await super().stop()
