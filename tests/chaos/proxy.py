"""A piece of wire between a client and the broker, which a test can cut."""

import asyncio
import threading
from collections.abc import Callable, Coroutine
from contextlib import suppress
from typing import Any, Self

CHUNK = 64 * 1024


class Wire:
    """Forwards connections on one port of 127.0.0.1 to another.

    Cut, it is silent as a pulled cable is: connections stay, nothing comes through, new ones are not answered.
    Healed, it drops the old connections, since what was under way in them is gone.

    Args:
        loop: Where it runs.
        port: On which it listens.
        to: Port that it forwards to.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop, port: int, to: int) -> None:
        self._loop = loop
        self._port = port
        self._to = to
        self._whole = asyncio.Event()
        self._whole.set()
        self._open: set[asyncio.StreamWriter] = set()
        self._server: asyncio.Server | None = None

    async def listen(self) -> None:
        """Begin."""
        self._server = await asyncio.start_server(self._connected, "127.0.0.1", self._port)

    def cut(self) -> None:
        """From any thread: nothing comes through any more."""
        self._loop.call_soon_threadsafe(self._whole.clear)

    def heal(self) -> None:
        """From any thread: connections can be made again."""

        def healed() -> None:
            for writer in self._open:
                writer.transport.abort()
            self._whole.set()

        self._loop.call_soon_threadsafe(healed)

    async def close(self) -> None:
        """End, with all connections."""
        assert self._server is not None
        self._server.close()
        for writer in self._open:
            writer.transport.abort()

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with self._kept(writer):
            await self._whole.wait()
            with suppress(OSError):
                far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self._to)
                with self._kept(far_writer):
                    await asyncio.wait(
                        [
                            asyncio.create_task(self._carry(reader, far_writer)),
                            asyncio.create_task(self._carry(far_reader, writer)),
                        ],
                        return_when=asyncio.FIRST_COMPLETED,
                    )

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while data := await reader.read(CHUNK):
                await self._whole.wait()
                if writer.transport.is_closing():  # what was under way when the wire was cut
                    return
                writer.write(data)
                await writer.drain()

    def _kept(self, writer: asyncio.StreamWriter) -> "_Kept":
        return _Kept(self._open, writer)


class _Kept:
    """A connection that is known as long as it is open."""

    def __init__(self, among: set[asyncio.StreamWriter], writer: asyncio.StreamWriter) -> None:
        self._among, self._writer = among, writer

    def __enter__(self) -> None:
        self._among.add(self._writer)

    def __exit__(self, *_: object) -> None:
        self._among.discard(self._writer)
        self._writer.close()


class Wires:
    """A wire for each of some clients, in a thread of its own; a context manager.

    Args:
        ends: Client -> port that it dials, port of the broker behind it.
    """

    def __init__(self, ends: dict[str, tuple[int, int]]) -> None:
        self._loop = asyncio.new_event_loop()
        self._wires = {name: Wire(self._loop, port, to) for name, (port, to) in ends.items()}
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)

    def __getitem__(self, name: str) -> Wire:
        return self._wires[name]

    def __enter__(self) -> Self:
        self._thread.start()
        self._all(Wire.listen)
        return self

    def __exit__(self, *_: object) -> None:
        self._all(Wire.close)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()

    def _all(self, what: Callable[[Wire], Coroutine[Any, Any, None]]) -> None:
        for wire in self._wires.values():
            asyncio.run_coroutine_threadsafe(what(wire), self._loop).result(10)
