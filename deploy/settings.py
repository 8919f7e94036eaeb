#!/usr/bin/env python3
"""The table of settings in docs/operations.md, made from the settings themselves.

uv run python -m deploy.settings        # writes it into the page
"""

from pathlib import Path

from pydantic_core import PydanticUndefined

from lantaarn.settings import Settings

PAGE = Path(__file__).parents[1] / "docs" / "operations.md"
BEGIN, END = "<!-- settings: made by deploy/settings.py -->\n", "<!-- end of settings -->\n"


def table() -> str:
    """Name, default and meaning of every setting (Markdown)."""
    lines = ["| Environment variable | Default | Meaning |", "|---|---|---|"]
    for name, field in Settings.model_fields.items():
        if field.default is PydanticUndefined:
            default = "must be set"
        else:
            default = "none" if field.default in {None, ""} else f"`{_text(field.default)}`"
        meaning = field.description or f"File that holds `{name.removesuffix('_file')}`."
        lines.append(f"| `LANTAARN_{name.upper()}` | {default} | {meaning} |")
    return "\n".join(lines) + "\n"


def with_table(page: str) -> str:
    """The page with its table as it should be."""
    before, rest = page.split(BEGIN)
    _, after = rest.split(END)
    return f"{before}{BEGIN}\n{table()}\n{END}{after}"


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


if __name__ == "__main__":
    PAGE.write_text(with_table(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
