"""A difference that stays is one; what was only under way is none."""

import threading
from collections.abc import Callable

from lantaarn.observing.looks.ledger import difference
from lantaarn.observing.meter import Meter
from lantaarn.observing.parts import LedgerPart
from lantaarn.reconcile import Finding, Report
from tests.lantaarn.observing.scraping import read
from tests.streams.live import until

MISSING, UNDER_WAY, LATER = (Finding("case store", text) for text in ("missing", "under way", "came later"))


def told(*reports: tuple[Finding, ...]) -> Callable[[], Report]:
    left = list(reports)
    return lambda: Report({}, left.pop(0) if len(left) > 1 else left[0], ())


def test_only_what_both_miss_counts() -> None:
    stop = threading.Event()
    assert difference(told((MISSING, UNDER_WAY), (LATER, MISSING)), stop, 0) == (MISSING,)
    assert difference(told((UNDER_WAY,), ()), stop, 0) == ()
    assert difference(told(()), stop, 1e9) == ()


def test_nobody_knows_before_the_first_check_and_after_a_failed_one() -> None:
    meter, stop = Meter("watch"), threading.Event()
    answer: list[Callable[[], Report]] = [told((MISSING,))]

    def reconciled() -> Report:
        return answer[0]()

    part = LedgerPart(meter, reconciled, every=0, pause=0, stop=stop)
    name = "lantaarn_ledger_unaccounted_findings"
    assert str(read(meter.registry, name)) == "nan"

    def looked() -> bool:
        part.look()
        return True

    looked()
    until(lambda: read(meter.registry, name) == 1)

    def broken() -> Report:
        raise ConnectionError

    def failed() -> bool:
        try:
            part.look()
        except ConnectionError:
            part.forget()
            return True
        return False

    answer[0] = broken
    until(failed)
    assert str(read(meter.registry, name)) == "nan"
    answer[0] = told(())
    until(lambda: not failed())
    until(lambda: read(meter.registry, name) == 0)
