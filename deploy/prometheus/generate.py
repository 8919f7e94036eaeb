"""Writes the rule file: ``python -m deploy.prometheus.generate``."""

from pathlib import Path

from deploy.prometheus.alerts import rules
from schemas.yaml_text import as_yaml

FILE = Path(__file__).parent / "rules" / "lantaarn.yaml"
HEAD = "# Made by `python -m deploy.prometheus.generate` from alerts.py: change that.\n"


def text() -> str:
    """What the file must hold."""
    return HEAD + as_yaml(rules())


if __name__ == "__main__":
    FILE.parent.mkdir(exist_ok=True)
    FILE.write_text(text(), encoding="utf-8")
