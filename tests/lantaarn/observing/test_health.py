"""Health tells the truth: about the loop, about the work, about those whom the process needs."""

import pytest

from lantaarn.embedded.ports import free_port
from lantaarn.observing import health
from lantaarn.observing.health import Ask, Health
from lantaarn.observing.meter import Meter
from lantaarn.observing.server import Server
from tests.lantaarn.observing.scraping import get
from tests.lantaarn.observing.scraping import health as asked
from tests.stacks import RunningStack
from tests.streams.live import until


@pytest.fixture
def nobody() -> dict[str, Ask]:
    return {
        "broker": health.broker({"bootstrap.servers": f"127.0.0.1:{free_port()}"}, "t"),
        "registry": health.registry(f"http://127.0.0.1:{free_port()}", None),
    }


def test_a_loop_that_stands_still_is_not_alive() -> None:
    state = Health(0.2, {}, works_alone=True)
    with Server("127.0.0.1", 0, Meter("ticker").registry, state) as server:
        assert asked(server.port, "live") == (200, {"ok": True, "checks": {"loop": "ok"}})
        until(lambda: asked(server.port, "live")[0] == 503)
        assert asked(server.port, "ready")[0] == 503
        state.turned()
        assert asked(server.port, "live")[0] == 200


def test_not_ready_before_the_work_is_taken_over() -> None:
    state = Health(60, {})
    assert state.ready() == (False, {"loop": "ok", "work": "nothing taken over"})
    state.at_work(yes=True)
    assert state.ready().ok
    state.at_work(yes=False)
    assert not state.ready().ok


def test_ready_when_broker_and_registry_answer(stack: RunningStack) -> None:
    others = {
        "broker": health.broker(stack.client("sink"), "no-such-topic"),
        "registry": health.registry(stack.registry_url, None),
    }
    state = Health(60, others, works_alone=True)
    assert state.ready() == (True, {"loop": "ok", "work": "ok", "broker": "ok", "registry": "ok"})


def test_not_ready_when_nobody_answers_and_alive_all_the_same(nobody: dict[str, Ask]) -> None:
    state = Health(60, nobody, works_alone=True)
    with Server("127.0.0.1", 0, Meter("ticker").registry, state) as server:
        status, told = asked(server.port, "ready")
        assert status == 503
        assert told["checks"]["broker"].startswith("no answer: ")
        assert told["checks"]["registry"].startswith("no answer: ")
        assert asked(server.port, "live")[0] == 200


def test_many_who_ask_make_one_question() -> None:
    times = []
    state = Health(60, {"broker": lambda: times.append(1)}, works_alone=True)
    for _ in range(20):
        assert state.ready().ok
    assert len(times) == 1


def test_other_addresses_are_not_there() -> None:
    with Server("127.0.0.1", 0, Meter("ticker").registry, Health(60, {})) as server:
        assert get(server.port, "/")[0] == 404
        assert get(server.port, "/metrics")[0] == 200
        port = server.port
    assert get(port, "/metrics")[0] == 0
