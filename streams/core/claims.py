"""Claims and their episodes: what a creditor's records together say, in whatever order they came (rules section 3)."""

from bisect import insort
from collections.abc import Iterator
from datetime import date

from msgspec import Struct
from msgspec.structs import replace

from schemas.codes import CREDITOR_TYPES, Crisis, Kind
from streams.core.calendar import add_months
from streams.core.records import Record
from streams.core.state import Claim, Dispute, Entry, Household

STATEMENTS = frozenset({Kind.REPORT, Kind.AMOUNT})
"""Records that say that arrears exist, or how high they are: those that can be wrong to the resident's harm."""


class Silent(Struct):
    """A repeated report, which changes no rule, in its place among the others."""

    entry: Entry
    place: int
    crises: frozenset[Crisis]  # that the claim had then


class Episode(Struct):
    """One run of arrears on a claim: from the first report to `paid`, `withdrawn` or its expiry."""

    reports: list[Entry]
    counted: list[Entry]  # reports that change rules: not the repeated ones
    last_report: date
    first_received_at: int
    amount_cents: int
    highest_cents: int
    months: int
    crises: dict[Crisis, int]  # with the moment each was first received
    given: dict[Crisis, int]  # the place of the last entry that said it
    silent: list[Silent]
    ended: Kind | None = None  # paid or withdrawn
    expired: bool = False
    upto: int = 0  # index after its last entry

    @property
    def open(self) -> bool:
        """Whether the arrears still exist, as far as we know."""
        return self.ended is None and not self.expired

    def says_no_more(self, report: Silent) -> bool:
        """Whether a repeated report still repeats: a late record can take away what the others said."""
        crisis = report.entry.crisis
        had = crisis is None or crisis in report.crises or self.given.get(crisis, 0) > report.place
        return had and (report.entry.amount_cents or 0) <= self.highest_cents


def in_order(entry: Entry) -> tuple[date, int, str]:
    """Records of a claim are ordered by the sender's date, then by receipt."""
    return (entry.signalled_on, entry.received_at, entry.id)


def episodes(claim: Claim, today: date, look_back: int, *, disputed: bool = False) -> list[Episode]:
    """The episodes of a claim, oldest first; only the last can be open.

    Args:
        claim: With its entries in order.
        today: The latest day applied.
        look_back: In months.
        disputed: Whether to read what is in dispute as well; it counts for nothing otherwise.
    """
    news: set[str] = set()
    while True:
        # What is in dispute is read here, too: a report that repeats it must not take its place.
        done = _episodes(claim, today, look_back, news, disputed=True)
        silent = ((episode, report) for episode in done for report in episode.silent)
        found = next((report.entry.id for episode, report in silent if not episode.says_no_more(report)), None)
        if found is None:
            break
        news.add(found)  # it counts, and what follows it may be its repetition
    if disputed or all(entry.dispute is None for entry in claim.entries):
        return done
    return _episodes(claim, today, look_back, news, disputed=False)


def _episodes(claim: Claim, today: date, look_back: int, news: set[str], *, disputed: bool) -> list[Episode]:
    """The same, with those of the repeated reports that count after all."""
    done: list[Episode] = []
    current: Episode | None = None
    for position, entry in _read(claim, disputed=disputed):
        if current is not None and entry.signalled_on > add_months(current.last_report, look_back):
            current.expired = True
            current = None
        if entry.kind is Kind.REPORT:
            if current is None:
                current = _begin(entry, position)
                done.append(current)
            else:
                _report(current, entry, position, counts=not entry.repeated or entry.id in news)
        elif current is None:
            continue  # nothing lives that it could change
        elif entry.kind is Kind.AMOUNT:
            _amend(current, entry, position)
        elif entry.kind is Kind.CRISIS_LIFTED:
            current.crises.clear()
        else:
            current.ended = entry.kind
        done[-1].upto = position
        if done[-1].ended:
            current = None
    if current is not None and today > add_months(current.last_report, look_back):
        current.expired = True
    return done


def _read(claim: Claim, *, disputed: bool) -> Iterator[tuple[int, Entry]]:
    for position, entry in enumerate(claim.entries, start=1):
        if disputed or entry.dispute is None:
            yield position, entry


def _begin(entry: Entry, place: int) -> Episode:
    amount = entry.amount_cents or 0
    return Episode(
        reports=[entry],
        counted=[entry],  # the report that begins an episode counts, even one that was marked when it came
        last_report=entry.signalled_on,
        first_received_at=entry.received_at,
        amount_cents=amount,
        highest_cents=amount,
        months=entry.months or 0,
        crises={entry.crisis: entry.received_at} if entry.crisis else {},
        given={entry.crisis: place} if entry.crisis else {},
        silent=[],
    )


def _report(episode: Episode, entry: Entry, place: int, *, counts: bool) -> None:
    episode.reports.append(entry)
    episode.last_report = entry.signalled_on
    if not counts:
        episode.silent.append(Silent(entry, place, frozenset(episode.crises)))
        return
    episode.counted.append(entry)
    episode.first_received_at = min(episode.first_received_at, entry.received_at)
    _amend(episode, entry, place)


def _amend(episode: Episode, entry: Entry, place: int) -> None:
    # What a record leaves out stays as it was.
    if entry.amount_cents is not None:
        episode.amount_cents = entry.amount_cents
        episode.highest_cents = max(episode.highest_cents, entry.amount_cents)
    if entry.months is not None:
        episode.months = entry.months
    if entry.crisis is not None:
        known = episode.crises.get(entry.crisis, entry.received_at)
        episode.crises[entry.crisis] = min(known, entry.received_at)
        episode.given[entry.crisis] = place


def with_record(household: Household, record: Record, look_back: int) -> tuple[Household, Entry]:
    """Put a creditor's record on its claim.

    Returns:
        The household, and the record as it stands on its claim: whether it falls under a dispute, and whether it is a
        `repeated` report, of arrears that a task was picked up for not longer than the look-back ago, no higher than
        before and without a new crisis.
    """
    assert record.type in CREDITOR_TYPES
    assert record.reference is not None
    assert isinstance(record.kind, Kind)
    entry = Entry(
        record.signalled_on,
        record.received_at,
        record.id,
        record.kind,
        record.amount_cents,
        record.months,
        record.crisis,
    )
    claims = list(household.claims)
    for position, claim in enumerate(claims):
        if (claim.partner, claim.type, claim.reference) == (record.partner, record.type, record.reference):
            entry = replace(entry, dispute=_restates(claim, entry))
            if entry.dispute is None and _repeats(claim, entry, household.today, look_back):
                entry = replace(entry, repeated=True)
            claims[position] = _with(claim, entry)
            return replace(household, claims=tuple(claims)), entry
    claims.append(Claim(record.partner, record.type, record.reference, (entry,)))
    return replace(household, claims=tuple(claims)), entry


def _with(claim: Claim, entry: Entry) -> Claim:
    entries = list(claim.entries)
    insort(entries, entry, key=in_order)
    return replace(claim, entries=tuple(entries))


def _restates(claim: Claim, entry: Entry) -> Dispute | None:
    """The dispute that a statement falls under: it says no more than what is in dispute already.

    Whatever says something else is the partner's correction, and counts.
    """
    if entry.kind not in STATEMENTS:
        return None
    said: list[Entry] = []
    for known in reversed(claim.entries):
        if known.kind in {Kind.PAID, Kind.WITHDRAWN}:
            break  # what came before is another run of arrears
        if known.kind in STATEMENTS:
            said.append(known)
    if not said or said[0].dispute is None:
        return None
    disputed = [known for known in said if known.dispute is not None]
    same = (
        entry.amount_cents in {None, *(known.amount_cents for known in disputed)}
        and entry.months in {None, *(known.months for known in disputed)}
        and entry.crisis in {None, *(known.crisis for known in disputed)}
    )
    return said[0].dispute if same else None


def _repeats(claim: Claim, entry: Entry, today: date, look_back: int) -> bool:
    if entry.kind is not Kind.REPORT or claim.picked_up_on is None:
        return False
    if claim.picked_up_on < add_months(today, -look_back):
        return False
    # Put in its place without what it says: the arrears that it would repeat are all the rest of its episode.
    silent = replace(entry, amount_cents=None, crisis=None)
    episode = episodes(_with(claim, silent), today, look_back)[-1]
    # It must fall into the open episode, and not begin it: what begins an episode is not a repetition.
    if not episode.open or not any(report is silent for report in episode.reports[1:]):
        return False
    same_crisis = entry.crisis is None or entry.crisis in episode.crises
    return same_crisis and (entry.amount_cents or 0) <= episode.highest_cents
