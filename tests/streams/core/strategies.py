"""Histories of one household whose records meet each other: few creditors, dates that cluster around the deadlines."""

from datetime import date, timedelta
from typing import Any

from hypothesis import strategies as st

from schemas.codes import EndResult
from streams.core.admission import admit
from streams.core.agreements import Agreements
from streams.core.policy import Policies, always
from streams.core.records import Record
from tests.streams.core.driver import ADDRESS, CARE, ELSEWHERE, ENERGY, RENT, TOLD, policy

DEFAULT = always(policy())
STRICTER = policy(version="strenger", valid_from=date(2026, 3, 15), high_cents=30_000, silence_days=7, regular_days=21)
CHANGING = Policies((policy(), STRICTER))
STARTS = (date(2026, 1, 5), date(2025, 8, 31), date(2026, 2, 27), date(2026, 3, 31))
CLUSTERED = (0, 0, 0, 0, 1, 1, 2, 3, 6, 7, 8, 13, 14, 15, 20, 21)
SPREAD = (*CLUSTERED, 28, 31, 56, 60, 61, 90, 91)
LAGS = (0, 0, 0, 1, 3, 14, 31, 60, 90, 91)
ENDING = ("refused", "closed")

claims = st.sampled_from([RENT, RENT, ENERGY, ENERGY, CARE, RENT._replace(reference="H-101")])
amounts = st.sampled_from([7_500, 30_000, 30_000, 30_001, 60_000, 100_000])
crises = st.sampled_from([None, None, None, "eviction", "cutoff"])
months = st.sampled_from([None, 0, 1, 2, 3])


def _claimed(kind: st.SearchStrategy[str], **values: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    return st.builds(
        lambda claim, kind, values: {**claim._asdict(), "kind": kind, **values},
        claims,
        kind,
        st.fixed_dictionaries(values),
    )


def _own(kind_of: str, **values: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    fixed = {"type": st.just(kind_of), "partner": st.just("gemeente")}
    return st.fixed_dictionaries({**fixed, **values})


reports = _claimed(st.just("report"), amount_cents=amounts, crisis=crises, months=months, preconditions=st.just(TOLD))
changes = _claimed(st.just("amount"), amount_cents=st.none() | amounts, crisis=crises, months=months)
endings = _claimed(st.sampled_from(["paid", "paid", "withdrawn", "crisis_lifted"]))
stops = _own("Uitkeringsstop", stop_reason=st.sampled_from(["whereabouts_unknown", "whereabouts_unknown", "other"]))
requests = st.sampled_from(["Zelfmelding", "Doorverwijzing"]).flatmap(_own)
facts = _own(
    "Huishouden",
    children=st.sampled_from([None, True, True, False]),
    known_at_debt_help=st.sampled_from([None, None, None, True]),
    excluded=st.sampled_from([None, None, None, "unsafe"]),
)


def moves(*, handover: bool) -> st.SearchStrategy[dict[str, Any]]:
    return _own(
        "Adres",
        address_event=st.sampled_from(["left", "moved", "abroad", "deceased"]),
        everyone=st.sampled_from([None, False, True] if handover else [None, False]),
        to_address=st.sampled_from([None, ELSEWHERE]),
    )


def outcomes(*kinds: str) -> st.SearchStrategy[dict[str, Any]]:
    """Some promise something, some days later; some are asked not to contradict what happened."""
    return _own(
        "Uitkomst",
        kind=st.sampled_from(kinds),
        promised=st.sampled_from([None, None, None, 0, 3, 20]),
        result=st.sampled_from([None, *EndResult]),
        strict=st.booleans(),
    )


acts = st.one_of(
    _own(
        "Uitkomst",
        kind=st.just("joint_visit"),
        visit=st.sampled_from([0, 1, 4]),
        visit_with=st.sampled_from([None, RENT.partner, ENERGY.partner]),
        acted_by=st.just("consulent"),
    ),
    _own(
        "Uitkomst",
        kind=st.just("consultation"),
        acted_by=st.just("consulent"),
        acting_for=st.sampled_from(["wijkteam", "wijkteam", "schuldhulpverlening"]),
        why=st.just("wij vinden niemand thuis"),
    ),
)


def _dated(values: dict[str, Any], day: date) -> dict[str, Any]:
    """With the days that a record names counted from its own."""
    made = {name: value for name, value in values.items() if name not in {"promised", "visit"}}
    if values.get("promised") is not None:
        made |= {"promised_on": (day + timedelta(days=values["promised"])).isoformat(), "promised_by": "consulent"}
    if values.get("visit") is not None:
        made |= {"visit_at": f"{day + timedelta(days=values['visit'])}T15:00:00+01:00"}
    return made


rights = _own("Uitkomst", kind=st.sampled_from(["objection", "objection", "objection_upheld", "objection_lifted"]))
disputes = _own(
    "Uitkomst",
    kind=st.sampled_from(["disputed", "disputed", "dispute_lifted"]),
    disputed_signal=st.sampled_from([f"r{number:02}" for number in range(5)]),
)


@st.composite
def histories(
    draw: st.DrawFn,
    *,
    outcome: tuple[str, ...] = ("attempt", "contact", "accepted", "reopened", *ENDING),
    acting: bool = True,
    handover: bool = True,
    gaps: tuple[int, ...] = SPREAD,
    most: int = 12,
) -> list[Record]:
    """Accepted records in order of receipt, each a minute after the one before."""
    kinds = [*[reports] * 8, changes, changes, endings, endings, stops, requests, facts, moves(handover=handover)]
    if outcome:
        kinds += [*[outcomes(*outcome)] * 4, rights, disputes, disputes]
    if outcome and acting:
        kinds += [acts]
    step = st.sampled_from(kinds).flatmap(lambda kind: kind)  # `one_of` would count each kind once
    steps = st.tuples(st.sampled_from(gaps), st.sampled_from(LAGS), step)
    day = draw(st.sampled_from(STARTS))
    records = []
    for number, (gap, lag, values) in enumerate(draw(st.lists(steps, min_size=3, max_size=most))):
        day += timedelta(days=gap if number else 0)
        signalled = day if values["type"] == "Uitkomst" else day - timedelta(days=lag)
        raw = {
            "id": f"r{number:02}",
            "signalled_on": signalled.isoformat(),
            "arisen_on": (signalled - timedelta(days=45)).isoformat(),
            "received_at": f"{day}T12:{number:02}:00+01:00",
            "address": ADDRESS,
            **_dated(values, day),
        }
        record = admit(raw, DEFAULT, Agreements())
        assert isinstance(record, Record), f"{raw} was refused: {record}"
        records.append(record)
    return records
