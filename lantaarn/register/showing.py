"""How the figures by neighbourhood look on a terminal."""

from rich.box import SIMPLE_HEAD
from rich.console import Group, RenderableType
from rich.table import Table

from sinks.holding_back import FEWEST
from sinks.neighbourhoods import LEVELS, Figures, Neighbourhood, Share
from streams.core.wording import STEPS

HELD_BACK = "<"


def table(found: Figures) -> RenderableType:
    """One row for each neighbourhood, the whole town below; two tables, for a terminal of usual width."""
    if found.town is None:
        return f"Er zijn geen cijfers te tonen: nergens {FEWEST} taken of meer."
    rows = [*found.neighbourhoods, found.town]
    return Group(
        _levels("Niveau per buurt", rows, rung=False),
        _levels("Stap waar het nu is, per buurt", rows, rung=True),
        _contacts(rows),
        f"{HELD_BACK} = achtergehouden: minder dan {FEWEST}, of anders af te leiden",
        "* = wijkt meer af dan toeval vaak doet",
        *([_too_small(found.held_back)] if found.held_back else []),
    )


def _too_small(count: int) -> str:
    return "1 buurt is te klein om te tonen." if count == 1 else f"{count} buurten zijn te klein om te tonen."


def _levels(title: str, rows: list[Neighbourhood], *, rung: bool) -> Table:
    made = _titled(title, *(STEPS[level] for level in LEVELS))
    for row in rows:
        shares = row.rung if rung else row.level
        made.add_row(row.name or "samen", str(row.tasks), *(_cell(shares[level]) for level in LEVELS))
    return made


def _contacts(rows: list[Neighbourhood]) -> Table:
    made = _titled("Bereikt en op tijd, per buurt", "geen contact", "te laat")
    for row in rows:
        made.add_row(row.name or "samen", str(row.tasks), _cell(row.no_contact), _cell(row.overdue))
    return made


def _titled(title: str, *headings: str) -> Table:
    made = Table("buurt", "taken", *headings, box=SIMPLE_HEAD, title=title, title_justify="left", title_style="bold")
    for column in made.columns[1:]:
        column.justify = "right"
    return made


def _cell(share: Share) -> str:
    if share.share is None:
        return HELD_BACK
    return f"{share.share:.0%}" + ("*" if share.stands_out else "")
