"""A wire carries, is silent when it is cut, and drops what was under way when it is healed."""

import asyncio
import socket
import threading
from collections.abc import Iterator

import pytest

from lantaarn.embedded.ports import free_port
from tests.chaos.proxy import Wires


@pytest.fixture
def echo() -> Iterator[int]:
    """Port of a server that says what it hears."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(100):
            writer.write(data)
        writer.close()

    port = free_port()
    server = asyncio.run_coroutine_threadsafe(asyncio.start_server(answer, "127.0.0.1", port), loop).result()
    yield port
    loop.call_soon_threadsafe(server.close)
    loop.call_soon_threadsafe(loop.stop)
    thread.join()
    loop.close()


def said(wire: socket.socket, text: bytes) -> bytes:
    wire.sendall(text)
    return wire.recv(100)


def gone(wire: socket.socket) -> bool:
    """Whether the other side has hung up."""
    try:
        return said(wire, b"again") == b""
    except ConnectionError:
        return True


def test_a_wire_can_be_cut_and_healed(echo: int) -> None:
    near = free_port()
    with Wires({"one": (near, echo)}) as wires:
        first = socket.create_connection(("127.0.0.1", near), timeout=1)
        assert said(first, b"hello") == b"hello"
        wires["one"].cut()
        with pytest.raises(TimeoutError):
            said(first, b"anybody")
        during = socket.create_connection(("127.0.0.1", near), timeout=1)
        with pytest.raises(TimeoutError):
            said(during, b"anybody")
        wires["one"].heal()
        assert gone(first)
        assert gone(during)
        after = socket.create_connection(("127.0.0.1", near), timeout=5)
        assert said(after, b"again") == b"again"
        for each in (first, during, after):
            each.close()
