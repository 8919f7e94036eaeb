"""Writes the dashboards as Grafana reads them: ``python -m deploy.grafana.generate``."""

import json
from pathlib import Path
from typing import Any

from deploy.grafana.boards import BOARDS, Board, Panel

FOLDER = Path(__file__).parent / "dashboards"
COLUMNS = 24
HEIGHT = 8
SOURCE = {"type": "prometheus", "uid": "lantaarn-prometheus"}
SCHEMA_VERSION = 39


def files() -> dict[str, str]:
    """What each file must hold, by name."""
    return {f"{board.uid}.json": json.dumps(_board(board), indent=2) + "\n" for board in BOARDS}


def _board(board: Board) -> dict[str, Any]:
    panels, x, y = [], 0, 0
    for number, panel in enumerate(board.panels, start=1):
        if x + panel.width > COLUMNS:
            x, y = 0, y + HEIGHT
        panels.append(_panel(panel, number, x, y))
        x += panel.width
    return {
        "uid": board.uid,
        "title": board.title,
        "tags": ["lantaarn"],
        "timezone": "Europe/Amsterdam",
        "schemaVersion": SCHEMA_VERSION,
        "editable": False,
        "refresh": "30s",
        "time": {"from": "now-24h", "to": "now"},
        "templating": {"list": []},
        "panels": panels,
    }


def _panel(panel: Panel, number: int, x: int, y: int) -> dict[str, Any]:
    steps: list[dict[str, Any]] = [{"color": "green", "value": None}]
    if panel.bad_from is not None:
        steps.append({"color": "red", "value": panel.bad_from})
    instant = panel.kind != "timeseries"
    return {
        "id": number,
        "title": panel.title,
        "type": panel.kind,
        "datasource": SOURCE,
        "gridPos": {"x": x, "y": y, "w": panel.width, "h": HEIGHT},
        "fieldConfig": {
            "defaults": {"unit": panel.unit, "thresholds": {"mode": "absolute", "steps": steps}},
            "overrides": [],
        },
        "targets": [
            {
                "refId": chr(ord("A") + index),
                "datasource": SOURCE,
                "expr": expression,
                "legendFormat": legend or "__auto",
                "instant": instant,
                "range": not instant,
                "format": "table" if panel.kind == "table" else "time_series",
            }
            for index, (expression, legend) in enumerate(panel.queries)
        ],
    }


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    for name, text in files().items():
        (FOLDER / name).write_text(text, encoding="utf-8")
