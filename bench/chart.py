"""Bars in SVG: one file for each workload, drawn from the figures and nothing else."""

from collections.abc import Mapping
from html import escape
from pathlib import Path

WIDTH, LEFT, BAR, GAP, TOP = 640, 130, 22, 10, 46
OURS, OTHERS = "#c2410c", "#64748b"


def draw(file: Path, title: str, unit: str, values: Mapping[str, float], ours: str) -> None:
    """Write a chart.

    Args:
        file: To write.
        title: Above it.
        unit: Of the values.
        values: Label -> value.
        ours: The label that stands out.
    """
    most = max(values.values(), default=1) or 1
    room = WIDTH - LEFT - 90
    lines = [
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{TOP + len(values) * (BAR + GAP)}"'
            f' font-family="sans-serif" font-size="13" role="img" aria-label="{escape(title)}">'
        ),
        '<rect width="100%" height="100%" fill="white"/>',
        f'<text x="8" y="20" font-size="15" font-weight="bold">{escape(title)}</text>',
        f'<text x="8" y="37" fill="#475569">{escape(unit)}</text>',
    ]
    for number, (label, value) in enumerate(values.items()):
        y = TOP + number * (BAR + GAP)
        long = max(1.0, value / most * room)
        shown = f"{value:,.0f}" if value >= 100 else f"{value:,.1f}"
        lines += [
            f'<text x="{LEFT - 8}" y="{y + 16}" text-anchor="end">{escape(label)}</text>',
            f'<rect x="{LEFT}" y="{y}" width="{long:.1f}" height="{BAR}" fill="{OURS if label == ours else OTHERS}"/>',
            f'<text x="{LEFT + long + 6:.1f}" y="{y + 16}">{shown}</text>',
        ]
    file.write_text("\n".join([*lines, "</svg>", ""]), encoding="utf-8")
