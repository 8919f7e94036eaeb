"""Runs scenarios and gives a verdict on each."""

from collections.abc import Sequence

from lantaarn.scenarios import on_core as core
from lantaarn.scenarios.checking import differences
from lantaarn.scenarios.making import Made
from lantaarn.scenarios.showing import Verdict


def on_core(made: Sequence[Made]) -> list[Verdict]:
    """Each on the core, in milliseconds."""
    return [Verdict(one.scenario, differences(one, core.run(one))) for one in made]
