"""What an adapter does as a whole, beside the contract that each kind of source passes."""

import threading
import time
from pathlib import Path

import pytest

from producers.adapter import run
from producers.config import ConfigError
from producers.ledger import outbox_lines, source_lines
from producers.outbox import Status
from producers.publisher import PublishError
from schemas.codes import SignalType
from schemas.topics import Catalogue
from tests.producers.contract import PARTNER, drop, report
from tests.producers.deployment import Deployment
from tests.producers.sources.test_csv_drop import TestCsvDrop as Csv
from tests.producers.sources.test_csv_drop import config
from tests.stacks import RunningStack

RENT = [(PARTNER, SignalType.RENT)]


@pytest.fixture
def deployment(stack: RunningStack) -> Deployment:
    return Deployment(stack, RENT)


def test_a_file_that_cannot_be_read_is_put_aside_and_the_next_one_is_read(
    deployment: Deployment, tmp_path: Path
) -> None:
    drop(tmp_path / "erp", "broken.csv", b"Naam;Soort\r\nx;y\r\n")
    Csv().deliver(tmp_path, "good", [report(1)])
    deployment.run(config(tmp_path), tmp_path / "outbox.db")
    assert [one.value["reference"] for one in deployment.published(PARTNER, SignalType.RENT)] == ["C-1"]
    lines = [(one.delivery, one.line, one.status, one.reason) for one in outbox_lines(tmp_path / "outbox.db")]
    assert lines == [("huur/broken.csv", 0, Status.REJECTED, "header"), ("huur/good.csv", 2, Status.SENT, None)]
    assert [(one.delivery, one.line) for one in source_lines(config(tmp_path))] == [
        ("huur/good.csv", 2),
        ("huur/broken.csv", 0),
    ]


def test_a_partner_without_an_agreement_is_no_configuration(deployment: Deployment, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no agreement for partner-a, Huur"):
        run(
            config(tmp_path),
            {},
            deployment.codec,
            Catalogue("x."),
            tmp_path / "o.db",
            backfill=False,
            once=True,
            stop=threading.Event(),
        )


def test_a_topic_that_is_not_there_ends_the_run_and_nothing_is_lost(
    deployment: Deployment, stack: RunningStack, tmp_path: Path
) -> None:
    Csv().deliver(tmp_path, "one", [report(1)])
    nowhere = Catalogue(f"{deployment.catalogue.prefix}nowhere.", RENT)
    kafka = {**stack.client("adapter"), "message.timeout.ms": 1500, "topic.metadata.propagation.max.ms": 500}
    with pytest.raises(PublishError):
        run(
            config(tmp_path),
            kafka,
            deployment.codec,
            nowhere,
            tmp_path / "o.db",
            backfill=False,
            once=True,
            stop=threading.Event(),
        )
    assert [one.status for one in outbox_lines(tmp_path / "o.db")] == [Status.PENDING]


def test_it_stops_when_told_though_the_broker_is_away(
    deployment: Deployment, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("producers.publisher._STOP_SECONDS", 0.2)
    Csv().deliver(tmp_path, "one", [report(1)])
    stop = threading.Event()
    threading.Timer(1.5, stop.set).start()
    away = {"bootstrap.servers": "127.0.0.1:9", "log_level": 0}
    began = time.monotonic()
    run(
        config(tmp_path),
        away,
        deployment.codec,
        deployment.catalogue,
        tmp_path / "o.db",
        backfill=False,
        once=False,
        stop=stop,
    )
    assert time.monotonic() - began < 10
    assert [one.status for one in outbox_lines(tmp_path / "o.db")] == [Status.PENDING]


def test_it_goes_on_watching_until_it_is_told_to_stop(deployment: Deployment, tmp_path: Path) -> None:
    stop = threading.Event()
    adapter = threading.Thread(
        target=run,
        args=(config(tmp_path), deployment.stack.client("adapter"), deployment.codec, deployment.catalogue),
        kwargs={"outbox_path": tmp_path / "o.db", "backfill": False, "once": False, "stop": stop},
    )
    adapter.start()
    try:
        for count in (1, 2):
            Csv().deliver(tmp_path, f"file-{count}", [report(count)])
            until(lambda count=count: _sent(tmp_path / "o.db") == count)
    finally:
        stop.set()
        adapter.join(15)
    assert not adapter.is_alive()


def until(true: object, seconds: float = 120) -> None:
    deadline = time.monotonic() + seconds
    while not true():  # type: ignore[operator]
        assert time.monotonic() < deadline
        time.sleep(0.02)


def _sent(path: Path) -> int:
    return sum(one.status is Status.SENT for one in outbox_lines(path))
