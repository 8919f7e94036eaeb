from datetime import date
from uuid import UUID

import pytest

from producers.signal_id import canonical, signal_id

FIELDS = {"type": "Huur", "reference": "1", "signalled_on": date(2026, 1, 2), "address": {"number": 1, "letter": None}}


def test_an_id_never_changes() -> None:
    assert signal_id("p", FIELDS) == "b2884a3d-444d-5c21-9550-6c90be81dff3"


def test_the_order_of_fields_and_nulls_do_not_matter() -> None:
    other = {"address": {"number": 1}, "crisis": None, **{k: FIELDS[k] for k in ("signalled_on", "reference", "type")}}
    assert signal_id("p", other) == signal_id("p", FIELDS)
    assert UUID(signal_id("p", other)).version == 5


@pytest.mark.parametrize(
    "change", [{"reference": "2"}, {"type": "Water"}, {"signalled_on": date(2026, 1, 3)}, {"address": {"number": 2}}]
)
def test_any_field_makes_another_signal(change: dict[str, object]) -> None:
    assert signal_id("p", {**FIELDS, **change}) != signal_id("p", FIELDS)


def test_another_partner_makes_another_signal() -> None:
    assert signal_id("q", FIELDS) != signal_id("p", FIELDS)


def test_nothing_without_one_spelling_is_accepted() -> None:
    with pytest.raises(TypeError, match="object"):
        canonical({"a": object()})
