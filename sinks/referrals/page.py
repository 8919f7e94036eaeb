"""One page with all help there is, for everybody: HTML without scripts, cookies or anything from elsewhere."""

from datetime import date

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

from sinks.letters.words import long_day
from sinks.referrals.catalogue import Need, ReferralCatalogue

HEADINGS = {
    Need.HOUSING: "Huur en wonen",
    Need.ENERGY: "Gas, licht en warmte",
    Need.WATER: "Water",
    Need.CARE: "Zorg en zorgverzekering",
    Need.DEBTS: "Schulden en geld",
    Need.PAPERWORK: "Post en papieren",
    Need.CHILDREN: "Kinderen",
    Need.TALKING: "Praten met iemand",
}
_environment = Environment(
    loader=PackageLoader("sinks.referrals"),
    autoescape=select_autoescape(("html.j2",)),
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_environment.filters["dag"] = long_day


def page(catalogue: ReferralCatalogue, municipality: str, today: date) -> str:
    """The page as HTML.

    Args:
        catalogue: What stands on it.
        municipality: Its name.
        today: The day it is made on.
    """
    sections = [(need.name.lower(), heading, _of(catalogue, need)) for need, heading in HEADINGS.items()]
    by_key = {one.key: one for one in catalogue}
    return _environment.get_template("page.html.j2").render(
        municipality=municipality,
        today=today,
        sections=[section for section in sections if section[2]],
        alternatives={key: [by_key[other] for other in one.entry.alternatives] for key, one in by_key.items()},
    )


def _of(catalogue: ReferralCatalogue, need: Need) -> list[object]:
    # Each entry stands once in full, under the first thing that it is for; elsewhere there is a link to it.
    return [(one, one.entry.needs[0] is need) for one in catalogue if need in one.entry.needs]
