"""The compose file's deployment does its work: the smoke test of CI, on processes instead of containers."""

import shutil
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import psutil
import pytest
from confluent_kafka.admin import AdminClient

from deploy.smoke import Answer, smoke
from streams.core.calendar import local_day
from streams.wire import millis
from tests.deploy.files import OURS, SERVICES
from tests.deploy.recipe import Recipe

PROCESSES = ("intake", "worker", "sink", "ticker", "watch", "adapter")
MIB = 2**20


@pytest.fixture(scope="module")
def recipe(tmp_path_factory: pytest.TempPathFactory, made_secrets: Path) -> Iterator[Recipe]:
    folder = tmp_path_factory.mktemp("recipe")
    passwords = shutil.copytree(made_secrets, folder / "secrets")
    with Recipe(folder, passwords) as made:
        made.start_postgres()
        made.start_kafka()
        made.start_registry()
        _until(lambda: made.healthy("registry"))
        made.set_up()
        for name in PROCESSES:
            made.start(name)
        yield made


def test_smoke_test_passes(recipe: Recipe) -> None:
    def tools(*arguments: str) -> Answer:
        done = recipe.tools(*arguments)
        return Answer(done.returncode, done.stdout + done.stderr)

    _until((recipe.folder / "adapter" / "landlord" / "in").is_dir)
    assert smoke(recipe.put, tools, local_day(millis(datetime.now(UTC))), 60) == 3
    rejected = list((recipe.folder / "adapter" / "landlord" / "done").glob("*.rejected.csv"))
    assert len(rejected) == 1, "the row that cannot be read is told of beside the delivery"


@pytest.mark.parametrize("name", [*PROCESSES, "kafka", "registry", "postgres"])
def test_health_check_passes(recipe: Recipe, name: str) -> None:
    try:
        _until(lambda: recipe.healthy(name), seconds=120)  # as long as Compose would wait
    except AssertionError:
        pytest.fail(recipe.where_is(name))


def test_users_have_the_passwords_of_their_files(recipe: Recipe) -> None:
    for service in OURS.values():
        user = service["environment"]["LANTAARN_SASL_USERNAME"]
        config = {
            "bootstrap.servers": f"127.0.0.1:{recipe.ports['kafka']}",
            "security.protocol": "SASL_PLAINTEXT",
            "sasl.mechanism": "SCRAM-SHA-512",
            "sasl.username": user,
            "sasl.password": recipe.secret(f"kafka-{user}"),
        }
        assert AdminClient(config).list_topics(timeout=10).brokers


def test_kafka_keeps_all_over_a_restart_and_doing_the_setup_again_changes_nothing(recipe: Recipe) -> None:
    recipe.processes.pop("kafka").stop()
    recipe.start_kafka()
    told = recipe.set_up()
    assert "All " in told
    assert "creating" not in told
    assert "registered\n" not in told


def test_processes_stay_well_below_their_limits(recipe: Recipe) -> None:
    used = {name: psutil.Process(recipe.processes[name].pid).memory_info().rss // MIB for name in recipe.processes}
    for name, mebibytes in used.items():
        limit = int(SERVICES[name]["mem_limit"].removesuffix("m"))
        assert mebibytes < 0.8 * limit, used


def test_processes_end_when_asked(recipe: Recipe) -> None:
    for name in PROCESSES:
        process = recipe.processes.pop(name)
        started = time.monotonic()
        process.stop(timeout=10)
        assert time.monotonic() - started < 9, f"{name}: Docker would kill it"


def _until(condition: Callable[[], bool], seconds: float = 120) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.2)
