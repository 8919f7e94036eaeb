"""The scenarios of the examples through intake, worker and sink, on a real broker; checked against the case store."""

from pathlib import Path

import pytest

from lantaarn.scenarios import on_broker
from lantaarn.scenarios.checking import CameOf, Difference, differences
from lantaarn.scenarios.making import make
from lantaarn.scenarios.reading import read
from tests.lantaarn.scenarios.test_examples import BASE, SCENARIOS
from tests.lantaarn.scenarios.test_reading import GOOD, written
from tests.stacks import RunningStack


def connect(stack: RunningStack, user: str) -> dict[str, str]:
    return {
        "LANTAARN_BOOTSTRAP_SERVERS": stack.bootstrap,
        "LANTAARN_SECURITY_PROTOCOL": stack.protocol,
        "LANTAARN_SASL_MECHANISM": stack.mechanism,
        "LANTAARN_SASL_USERNAME": user,
        "LANTAARN_SASL_PASSWORD": stack.passwords[user],
        "LANTAARN_REGISTRY_URL": stack.registry_url,
    }


@pytest.fixture(scope="module")
def found(stack: RunningStack, tmp_path_factory: pytest.TempPathFactory) -> dict[Path, CameOf]:
    made = [make(scenario, BASE, number) for number, scenario in enumerate(SCENARIOS, start=1)]
    folder = tmp_path_factory.mktemp("scenarios")
    return on_broker.run(made, lambda user: connect(stack, user), folder, lambda _: None)


def test_the_pipeline_makes_of_them_what_they_say(found: dict[Path, CameOf]) -> None:
    wrong: dict[str, list[Difference]] = {}
    for number, scenario in enumerate(SCENARIOS, start=1):
        made = make(scenario, BASE, number)
        if differing := differences(made, found[scenario.file]):
            wrong[scenario.file.stem] = differing
    assert wrong == {}


def test_what_differs_in_the_case_store_is_found(stack: RunningStack, tmp_path: Path) -> None:
    wrong = make(read(written(tmp_path, GOOD.replace("letter", "phone"))), BASE, 1)
    came_of = on_broker.run([wrong], lambda user: connect(stack, user), tmp_path / "run", lambda _: None)
    differing = differences(wrong, came_of[wrong.scenario.file])
    assert differing == [Difference("2026-02-02 home", "level", "phone", "letter")]
