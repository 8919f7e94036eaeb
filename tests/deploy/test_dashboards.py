"""The dashboards: files as generated, every query parsed, every metric and label known, nothing overlaps."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from deploy.grafana import generate
from deploy.grafana.boards import BOARDS, Board, Panel
from lantaarn.observing.catalogue import METRICS, series
from tests.deploy.promql import asked, assert_known

PANELS = [(board, panel) for board in BOARDS for panel in board.panels]
NOT_ON_A_BOARD = {"lantaarn_sent_to_stored_seconds_sum", "lantaarn_sent_to_stored_seconds_count"}


def named(value: Any) -> str | None:
    return getattr(value, "uid", None) or getattr(value, "title", None)


def test_files_are_what_the_boards_say() -> None:
    there = {file.name: file.read_text(encoding="utf-8") for file in generate.FOLDER.glob("*.json")}
    assert there == generate.files(), "run python -m deploy.grafana.generate"


@pytest.mark.parametrize(("board", "panel"), PANELS, ids=named)
def test_every_query_asks_for_what_exists(board: Board, panel: Panel) -> None:
    assert panel.queries, board.title
    for expression, _ in panel.queries:
        assert_known(expression)


def test_every_metric_is_on_a_board() -> None:
    shown = {one.metric for _, panel in PANELS for expression, _ in panel.queries for one in asked(expression)}
    ours = {name for metric in METRICS for name in series(metric)}
    assert ours - shown == NOT_ON_A_BOARD


@pytest.mark.parametrize("board", BOARDS, ids=named)
def test_panels_do_not_overlap(board: Board) -> None:
    taken: set[tuple[int, int]] = set()
    for panel in json.loads(generate.files()[f"{board.uid}.json"])["panels"]:
        cells = set(cells_of(panel["gridPos"]))
        assert not cells & taken
        taken |= cells


def cells_of(place: dict[str, int]) -> Iterator[tuple[int, int]]:
    assert place["x"] + place["w"] <= generate.COLUMNS
    for x in range(place["x"], place["x"] + place["w"]):
        for y in range(place["y"], place["y"] + place["h"]):
            yield x, y


def test_provisioning_names_the_source_and_the_folder() -> None:
    folder = Path(generate.__file__).parent / "provisioning"
    assert generate.SOURCE["uid"] in (folder / "datasources" / "prometheus.yaml").read_text(encoding="utf-8")
    assert "/etc/lantaarn/dashboards" in (folder / "dashboards" / "lantaarn.yaml").read_text(encoding="utf-8")
