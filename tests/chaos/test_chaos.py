"""The short form of ``make chaos``: a few rounds with known faults, for every change."""

from pathlib import Path

import pytest

from tests.chaos.faults import FAULTS
from tests.chaos.rounds import ENGINES, Chaos

ROUNDS = {
    "plain": ("worker killed", "intake cut off"),
    "batch": ("worker cut off past its session",),
}


@pytest.mark.parametrize("engine", [*ENGINES])
def test_a_few_faults_leave_everything_as_the_core_says(engine: str, tmp_path: Path) -> None:
    faults = ROUNDS[engine]
    with Chaos(tmp_path, ENGINES[engine], 20261125, print, faults) as chaos:
        for number in range(1, len(faults) + 1):
            chaos.round(number)
        result = chaos.result()
        assert chaos.verdict.clean, chaos.verdict.lines()
    assert result["faults"] == dict.fromkeys(faults, 1)
    assert result["versions"] > 100


def test_every_engine_has_its_rounds_and_every_fault_a_name() -> None:
    assert ROUNDS.keys() == ENGINES.keys()
    assert {name for faults in ROUNDS.values() for name in faults} <= FAULTS.keys()
