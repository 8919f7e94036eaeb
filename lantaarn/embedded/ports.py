"""Ports on 127.0.0.1: free ones, never fixed ones, and the same ones again after a restart."""

from __future__ import annotations

import contextlib
import json
import random
import socket
from pathlib import Path

# Below the kernel's range for outgoing connections: while a broker is down its clients keep dialling, and one
# of their sockets could otherwise be given the very port that the broker needs back.
_RANGE = range(15_000, 32_000)


def port_is_open(port: int) -> bool:
    """Whether something accepts connections on 127.0.0.1:``port``."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def free_port() -> int:
    """A port on 127.0.0.1 that nothing uses now.

    Raises:
        OSError: none found; the machine must be in an odd state.
    """
    for port in random.sample(_RANGE, 200):
        with socket.socket() as probe:
            # As a JVM does: a port whose last connections are still winding down counts as free.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            with contextlib.suppress(OSError):
                probe.bind(("127.0.0.1", port))
                return port
    raise OSError(f"no free port found between {_RANGE.start} and {_RANGE.stop}")


def kept_ports(file: Path, *names: str) -> dict[str, int]:
    """One port per name: those written in ``file`` by an earlier run, unless one is in use by now.

    A client that remembers an address, or a bookmark, then survives a restart of the whole demo.
    """
    if file.exists():
        kept: dict[str, int] = json.loads(file.read_text(encoding="utf-8"))
        if set(kept) == set(names) and not any(port_is_open(port) for port in kept.values()):
            return kept
    ports: dict[str, int] = {}
    while len(ports) < len(names):
        port = free_port()
        if port not in ports.values():
            ports[names[len(ports)]] = port
    file.write_text(json.dumps(ports), encoding="utf-8")
    return ports
