"""Three addresses over HTTP, in threads of their own: /metrics, /health/live, /health/ready."""

import json
import threading
from collections.abc import Callable, Iterable
from socketserver import ThreadingMixIn
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

from prometheus_client import CollectorRegistry, make_wsgi_app

from lantaarn.observing.health import Answer, Health

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse

STUCK_SECONDS = 10.0


class _Threading(ThreadingMixIn, WSGIServer):
    daemon_threads = True  # a scraper that hangs must not keep the process


class _Quiet(WSGIRequestHandler):
    timeout = STUCK_SECONDS

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class calls it so
        """Nothing: a line for each scrape helps nobody."""


class Server:
    """Serves them while the ``with`` block lasts.

    Args:
        host: Address to listen on.
        port: 0 for a free one; see ``port``.
        metrics: What /metrics shows.
        health: What the other two ask.
    """

    def __init__(self, host: str, port: int, metrics: CollectorRegistry, health: Health) -> None:
        self._metrics = make_wsgi_app(metrics)
        self._health: dict[str, Callable[[], Answer]] = {"/health/live": health.live, "/health/ready": health.ready}
        self._server = make_server(host, port, self._answer, _Threading, _Quiet)
        self._thread = threading.Thread(target=self._server.serve_forever, name="metrics", daemon=True)

    @property
    def port(self) -> int:
        """Where it listens."""
        return self._server.server_port

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def _answer(self, environ: dict[str, Any], start_response: "StartResponse") -> Iterable[bytes]:
        path = environ["PATH_INFO"]
        if path == "/metrics":
            found: Iterable[bytes] = self._metrics(environ, start_response)
            return found
        if path in self._health:
            answer = self._health[path]()
            start_response("200 OK" if answer.ok else "503 Service Unavailable", [("Content-Type", "application/json")])
            return [json.dumps(answer._asdict()).encode()]
        start_response("404 Not Found", [("Content-Type", "text/plain")])
        return [b"/metrics, /health/live, /health/ready\n"]
