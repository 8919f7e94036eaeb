import json
from io import BytesIO
from typing import Any

import fastavro
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from producers.config import Feed
from producers.fields import FIELDS
from producers.mapping import Mapped, Mapper, revive
from producers.rows import Bad, Reason
from producers.signal_id import canonical
from schemas.codec import parsed
from schemas.codes import SignalType
from tests.producers.contract import BAD_BSN, BSN, expected, report


def feed(kind: SignalType, **changes: Any) -> Feed:
    columns = {field.name: field.name for field in FIELDS[kind]}
    return Feed.model_validate(
        {
            "name": "f",
            "partner": "partner-a",
            "type": kind,
            "urn": "urn:nld:kvknr:90000001",
            "source": {"kind": "jsonl", "folder": "f"},
            "columns": columns,
            "amounts": "cents",
            "bsn_allowed": True,
        }
        | changes
    )


ADDRESS = {"postcode": "9901 ab", "number": "7"}
ADDRESSED = {"postcode": "9901 ab", "number": 7, "letter": None, "addition": None}


def mapped(kind: SignalType, row: dict[str, Any], **changes: Any) -> Any:
    found = Mapper(feed(kind, **changes)).map(row)
    return found if isinstance(found, list) else dict(found.fields)


def test_a_report_becomes_the_contracts_record() -> None:
    found = mapped(SignalType.RENT, report(3, bsn=BSN))
    assert found.pop("id")
    assert {**found, "delivered_at": None} == expected(3)


def test_a_bsn_is_no_part_of_the_record_nor_of_its_id() -> None:
    assert mapped(SignalType.RENT, report(3, bsn=BSN)) == mapped(SignalType.RENT, report(3))
    assert mapped(SignalType.RENT, report(3, bsn=BAD_BSN)) == [Bad("bsn", Reason.CHECKSUM)]


def test_everything_wrong_with_a_row_is_named_at_once() -> None:
    assert mapped(SignalType.RENT, report(3, kind=None, months="-1", postcode="x", reminder="maybe")) == [
        Bad("kind", Reason.MISSING),
        Bad("months", Reason.RANGE),
        Bad("reminder", Reason.UNKNOWN_CODE),
        Bad("postcode", Reason.FORMAT),
    ]


def test_what_the_rules_ask_is_not_asked_here() -> None:
    found = mapped(SignalType.RENT, report(3, amount_cents=None, arisen_on=None, reminder=None, consent_offer="false"))
    assert found["amount_cents"] is None
    assert found["preconditions"]["reminder"] is None
    assert found["preconditions"]["consent_offer"] is False


def test_a_benefit_stop() -> None:
    row = {"signalled_on": "2026-01-05", "stop_reason": "whereabouts_unknown", **ADDRESS}
    found = mapped(SignalType.BENEFIT_STOP, row)
    assert found["stop_reason"] == "whereabouts_unknown"
    assert found["address"] == ADDRESSED
    assert "kind" not in found


def test_facts_and_changes_of_address_travel_in_one_contract() -> None:
    fact = mapped(
        SignalType.HOUSEHOLD, {"signalled_on": "2026-01-05", "children": True, "excluded": "unsafe", **ADDRESS}
    )
    assert (fact["type"], fact["children"], fact["excluded"], fact["shared_address"]) == (
        "Huishouden",
        True,
        "unsafe",
        None,
    )
    row = {"signalled_on": "2026-01-05", "address_event": "moved", "everyone": "true", **ADDRESS}
    moved = mapped(SignalType.ADDRESS, {**row, "to_postcode": "9902AB", "to_number": "3-2"})
    assert (moved["type"], moved["everyone"], moved["address_event"]) == ("Adres", True, "moved")
    assert moved["to_address"] == {"postcode": "9902AB", "number": 3, "letter": None, "addition": "2"}
    assert mapped(SignalType.ADDRESS, row)["to_address"] is None
    assert mapped(SignalType.ADDRESS, {**row, "to_postcode": "9902AB"}) == [Bad("to_number", Reason.MISSING)]
    assert mapped(SignalType.ADDRESS, {**row, "to_number": "2"}) == [Bad("to_postcode", Reason.MISSING)]


def test_what_stands_behind_a_number_and_in_a_column_of_its_own_must_agree() -> None:
    assert mapped(SignalType.RENT, report(3, letter="a"))["address"]["letter"] == "A"
    assert mapped(SignalType.RENT, report(3, letter="B")) == [Bad("letter", Reason.CONFLICT)]
    assert mapped(SignalType.RENT, report(3, number="3", letter="B", addition="bis"))["address"] == {
        "postcode": "9901AB",
        "number": 3,
        "letter": "B",
        "addition": "bis",
    }


def test_the_partners_codes_are_translated_whatever_their_case_and_unknown_ones_refused() -> None:
    own = {
        "values": {"kind": {"O": "report", "": "amount"}, "crisis": {"N": "", "J": "eviction"}, "flag": {"ja": True}}
    }
    row = report(3, personal_contact="JA", debt_help="ja", reminder="ja", consent_offer=None)
    found = mapped(SignalType.RENT, {**row, "kind": "o", "crisis": "n"}, **own)
    assert (found["kind"], found["crisis"]) == ("report", None)
    assert mapped(SignalType.RENT, {**row, "kind": None, "crisis": "j"}, **own)["kind"] == "amount"
    assert mapped(SignalType.RENT, {**row, "kind": "report"}, **own) == [Bad("kind", Reason.UNKNOWN_CODE)]


def test_a_crisis_belongs_to_its_type() -> None:
    assert mapped(SignalType.WATER, report(3, crisis="eviction")) == [Bad("crisis", Reason.UNKNOWN_CODE)]


Values = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.decimals(),
    st.floats(),
    st.text(max_size=8),
    st.lists(st.integers()),
    st.sampled_from(["report", "2026-01-05", "9901AB", "12A-3", "J\ud800", "left", "other", "123456782"]),
)


@pytest.mark.parametrize("kind", FIELDS)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_whatever_a_row_holds_it_is_a_record_of_the_contract_or_named_as_bad(kind: SignalType, data: Any) -> None:
    good = {**report(3), "stop_reason": "other", "address_event": "left", "excluded": "other"}
    names = data.draw(st.sets(st.sampled_from([field.name for field in FIELDS[kind]]), max_size=3))
    found = Mapper(feed(kind)).map({**good, **{name: data.draw(Values) for name in names}})
    if isinstance(found, Mapped):
        stored = json.loads(canonical(found.fields))
        fastavro.schemaless_writer(BytesIO(), parsed(found.record), revive(stored, 1))
    else:
        assert {bad.field for bad in found} <= {field.name for field in FIELDS[kind]}
