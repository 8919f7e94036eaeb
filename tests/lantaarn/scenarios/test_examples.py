"""The scenarios of the examples: each comes out as it says, on the core."""

from pathlib import Path

import pytest

from lantaarn.scenarios import on_core
from lantaarn.scenarios.checking import differences
from lantaarn.scenarios.making import base_policy, make
from lantaarn.scenarios.reading import Scenario, read_folder

FOLDER = Path(__file__).parents[3] / "examples" / "scenarios"
BASE = base_policy(FOLDER / "policy.toml")
SCENARIOS = read_folder(FOLDER)


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.file.relative_to(FOLDER).as_posix())
def test_it_comes_out_as_it_says(scenario: Scenario) -> None:
    made = make(scenario, BASE)
    assert differences(made, on_core.run(made)) == []


@pytest.mark.parametrize("text", "ABCDE")
def test_each_founding_text_has_a_folder_of_its_own(text: str) -> None:
    (folder,) = FOLDER.glob(f"{text}-*")
    assert {scenario.text for scenario in SCENARIOS if scenario.file.parent == folder} == {text}


def test_no_two_scenarios_tell_the_same_story() -> None:
    stories = [(scenario.policy, scenario.record, scenario.expect) for scenario in SCENARIOS]
    assert [s.file.stem for s, story in zip(SCENARIOS, stories, strict=True) if stories.count(story) > 1] == []
    titles = [scenario.title for scenario in SCENARIOS]
    assert len(set(titles)) == len(titles)
