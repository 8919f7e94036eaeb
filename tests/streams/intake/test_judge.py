"""What intake writes for one record on a partner's topic: each reason to refuse, receipts, dead letters, backfill."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from schemas.codec import parsed
from schemas.codes import SignalType
from schemas.samples import VALUES
from schemas.topics import OWN_PARTNER, Catalogue, Topic
from streams.core.agreements import Agreements
from streams.core.keys import Keys
from streams.core.policy import Policies, Policy
from streams.core.records import Address
from streams.intake.judge import Judge, Received
from streams.outputs import Output, Outputs
from streams.wire import millis, transfer_of
from tests.streams.households.made import CODEC
from tests.streams.live import SECRET

RENTER, INSURER, ISD, WELFARE, LENDER = "verhuurder", "zorgverzekeraar", "isd", "welzijn", "studielening"
TYPES = {
    RENTER: '"Huur"',
    INSURER: '"Zorg"',
    ISD: '"Uitkeringsstop"',
    OWN_PARTNER: '"Huishouden", "Adres"',
    WELFARE: '"Zelfmelding", "Doorverwijzing"',
    LENDER: '"DUO"',
}
AGREEMENTS = Agreements.from_toml(
    "".join(
        f'[[agreement]]\npartner = "{partner}"\ntypes = [{types}]\nmunicipality = "9990"\nversion = "2026-1"\n'
        "valid_from = 2026-01-01\nvalid_until = 2026-12-31\nlegal_basis = 'Experiment'\n"
        for partner, types in TYPES.items()
    )
)
CATALOGUE = Catalogue("gm9999.", AGREEMENTS.senders)
RENT = CATALOGUE.signals[RENTER, SignalType.RENT]
HEALTH = CATALOGUE.signals[INSURER, SignalType.HEALTH_INSURANCE]
STOPS = CATALOGUE.signals[ISD, SignalType.BENEFIT_STOP]
LOANS = CATALOGUE.signals[LENDER, SignalType.STUDENT_LOAN]
HELP = CATALOGUE.signals[WELFARE, SignalType.REFERRAL]
FACTS = CATALOGUE.signals[OWN_PARTNER, SignalType.HOUSEHOLD]
OUTCOMES = CATALOGUE.task_outcomes
SHARED = frozenset({Address("9901XK", 500)})
ON_THE_LIST = {"postcode": "9901XK", "number": 500}
NOW = datetime(2026, 7, 15, 10, tzinfo=UTC)
WITH_BASIS = Policy.from_toml(
    'version = "b"\nvalid_from = 2020-01-01\n[benefit_stop_basis]\nlegal_basis = "artikel 6"\ndpia = "DPIA-1"'
)


def judge(*, backfill: bool = False, policies: Policies | None = None) -> Judge:
    return Judge(
        CODEC,
        Outputs(CODEC, CATALOGUE, "urn:nld:oin:00000000000000000000:systeem:lantaarn"),
        CATALOGUE,
        policies=policies or Policies(),
        agreements=AGREEMENTS,
        keys=Keys(SECRET.encode(), SHARED),
        backfill=backfill,
    )


def received(topic: Topic, value: bytes | None) -> Received:
    return Received(topic.name, 0, 7, b"key", value, millis(NOW))


def judged(topic: Topic, value: dict[str, Any], **options: Any) -> list[tuple[str, dict[str, Any], Output]]:
    """Contract, value and output of everything written for a record."""
    records = {each.name: each.record for each in CATALOGUE}
    outputs = judge(**options).outputs_for(received(topic, CODEC.encode(topic.record, value)))
    return [(records[o.topic], CODEC.decode(records[o.topic], o.value), o) for o in outputs]


def rent(**more: Any) -> dict[str, Any]:
    return {
        "id": "signal-1",
        "partner": RENTER,
        "kind": "report",
        "reference": "KLANT-12",
        "signalled_on": NOW.date(),
        "arisen_on": NOW.date() - timedelta(days=45),
        "amount_cents": 25_000,
        "months": 2,
        "preconditions": dict.fromkeys(("personal_contact", "debt_help", "reminder", "consent_offer"), True),
        "address": {"postcode": "9901XK", "number": 12},
    } | more


def health(**more: Any) -> dict[str, Any]:
    value = rent(partner=INSURER, **more)
    del value["months"]
    return value


def test_an_accepted_record_becomes_an_event_and_a_receipt() -> None:
    (first, event, output), (second, receipt, told) = judged(RENT, rent(address={"postcode": "9901 xk", "number": 12}))
    assert (first, second) == ("HouseholdEvent", "SignalReceipt")
    assert output.topic == "gm9999.household-events"
    assert output.key == event["household"].encode()
    assert len(event["household"]) >= 32
    assert event["id"] == "signal-1"
    assert event["received_at"] == NOW
    assert event["body"]["agreement"] == "2026-1"
    assert event["body"]["address"] == {"postcode": "9901XK", "number": 12, "letter": None, "addition": None}
    assert told.topic == f"gm9999.receipts.{RENTER}"
    assert told.key == b"signal-1"
    assert receipt == {
        "signal_id": "signal-1",
        "partner": RENTER,
        "result": "accepted",
        "reason": None,
        "field": None,
        "received_at": NOW,
    }


def test_records_of_one_address_have_one_key_whoever_sends_them() -> None:
    fact = {
        "id": "fact-1",
        "partner": OWN_PARTNER,
        "type": "Huishouden",
        "signalled_on": NOW.date(),
        "address": {"postcode": "9901xk", "number": 12},
        "children": True,
    }
    outcome = {
        "id": "outcome-1",
        "partner": OWN_PARTNER,
        "kind": "contact",
        "channel": "Telefoon",
        "signalled_on": NOW.date(),
        "address": {"postcode": "9901 XK", "number": 12},
    }
    keys = {judged(topic, value)[0][2].key for topic, value in ((RENT, rent()), (FACTS, fact), (OUTCOMES, outcome))}
    assert len(keys) == 1


REFUSED: list[tuple[str, Topic, dict[str, Any], str, str | None]] = [
    ("a date after receipt", RENT, rent(signalled_on=NOW.date() + timedelta(days=1)), "invalid", "signalled_on"),
    ("an empty reference", RENT, rent(reference=" "), "invalid", "reference"),
    ("a kind that is none", RENT, rent(kind="onzin"), "invalid", "kind"),
    ("an address that is none", RENT, rent(address={"postcode": "99", "number": 1}), "invalid", "address.postcode"),
    ("a report without an amount", RENT, rent(amount_cents=None), "invalid", "amount_cents"),
    ("a report without its date", RENT, rent(arisen_on=None), "invalid", "arisen_on"),
    ("a crisis that is none", RENT, rent(crisis="brand"), "invalid", "crisis"),
    ("no id", RENT, rent(id=""), "invalid", "id"),
    ("a forged partner", RENT, rent(partner=INSURER), "no_agreement", None),
    ("the municipality on a partner's topic", RENT, rent(partner=OWN_PARTNER), "no_agreement", None),
    ("before the agreement", RENT, rent(signalled_on=datetime(2025, 12, 31, tzinfo=UTC).date()), "no_agreement", None),
    (
        "a benefit stop without a basis",
        STOPS,
        {
            "id": "stop-1",
            "partner": ISD,
            "signalled_on": NOW.date(),
            "stop_reason": "other",
            "address": {"postcode": "9901XK", "number": 12},
        },
        "no_agreement",
        None,
    ),
    *(
        (
            f"without {name}",
            RENT,
            rent(preconditions=rent()["preconditions"] | {name: answer}),
            "precondition",
            f"preconditions.{name}",
        )
        for name in ("personal_contact", "debt_help", "reminder", "consent_offer")
        for answer in (False, None)
    ),
    ("too little", RENT, rent(amount_cents=7499), "unjustified", "amount_cents"),
    ("too young", RENT, rent(arisen_on=NOW.date() - timedelta(days=29)), "unjustified", "arisen_on"),
    ("too old for Zorg", HEALTH, health(arisen_on=NOW.date() - timedelta(days=101)), "unjustified", "arisen_on"),
    (
        "too long ago",
        RENT,
        rent(signalled_on=datetime(2026, 1, 14, tzinfo=UTC).date(), arisen_on=datetime(2025, 11, 1, tzinfo=UTC).date()),
        "expired",
        "signalled_on",
    ),
]


@pytest.mark.parametrize(
    ("topic", "value", "reason", "field"),
    [pytest.param(*rest, id=f"{name}-{number}") for number, (name, *rest) in enumerate(REFUSED)],
)
def test_a_record_is_refused_for_the_first_reason_that_applies(
    topic: Topic, value: dict[str, Any], reason: str, field: str | None
) -> None:
    ((contract, receipt, output),) = judged(topic, value)
    assert contract == "SignalReceipt"
    assert (receipt["result"], receipt["reason"], receipt["field"]) == ("refused", reason, field)
    assert receipt["signal_id"] == value["id"]
    assert output.topic == f"gm9999.receipts.{topic.partner}"


@pytest.mark.rule("shared.alone", "non_interference")
def test_a_receipt_does_not_tell_that_the_address_is_on_the_list() -> None:
    (first, event, _), (second, receipt, _) = judged(RENT, rent(address=ON_THE_LIST))
    assert (first, second) == ("HouseholdEvent", "SignalReceipt")
    assert event["body"]["unsorted"]
    (_, usual, _), (_, elsewhere, _) = judged(RENT, rent())
    assert not usual["body"]["unsorted"]
    assert receipt == elsewhere
    stop = {"id": "signal-1", "partner": ISD, "signalled_on": NOW.date(), "stop_reason": "other"}
    (_, event, _), (_, answer, _) = judged(STOPS, {**stop, "address": ON_THE_LIST}, policies=Policies((WITH_BASIS,)))
    assert event["body"]["unsorted"]
    assert answer == {**receipt, "partner": ISD}


@pytest.mark.rule("shared.sort")
def test_the_municipality_is_told_that_its_own_record_does_not_say_whom_it_means() -> None:
    fact = {"id": "f", "partner": OWN_PARTNER, "type": "Huishouden", "signalled_on": NOW.date(), "children": True}
    (first, letter, _), (second, receipt, _) = judged(FACTS, {**fact, "address": ON_THE_LIST})
    assert (first, second) == ("DeadLetter", "SignalReceipt")
    assert (letter["reason"], letter["error"], letter["offset"]) == ("sort", "shared address", 7)
    assert (receipt["result"], receipt["reason"], receipt["field"]) == ("refused", "sort", None)


@pytest.mark.rule("placed")
def test_whoever_a_signal_is_placed_with_goes_no_further_than_the_key() -> None:
    person = {"birth_date": date(2001, 5, 17), "surname": "van der Wal"}
    (_, event, _), _ = judged(RENT, rent(address=ON_THE_LIST))
    (_, hers, _), _ = judged(RENT, rent(address=ON_THE_LIST, **person))
    placed = {"id": "p", "partner": OWN_PARTNER, "kind": "placed", "signalled_on": NOW.date(), "acted_by": "consulent"}
    value = {**placed, **person, "address": ON_THE_LIST, "household": event["household"]}
    (_, act, output), _ = judged(OUTCOMES, value)
    assert (act["household"], act["body"]["to_household"]) == (event["household"], hers["household"])
    assert b"Wal" not in output.value
    ((_, refused, _),) = judged(OUTCOMES, {**value, "surname": None})
    assert (refused["reason"], refused["field"]) == ("invalid", "surname")


@pytest.mark.rule("shared.person")
def test_a_person_at_a_shared_address_goes_no_further_than_the_key() -> None:
    person = {"birth_date": date(2001, 5, 17), "surname": "van der Wal"}
    (_, event, output), _ = judged(RENT, rent(address=ON_THE_LIST, **person))
    assert b"Wal" not in output.value
    assert not {"birth_date", "surname"} & event["body"].keys()
    outcome = {"id": "o", "partner": OWN_PARTNER, "kind": "contact", "channel": "Brief", "signalled_on": NOW.date()}
    (_, answer, _), _ = judged(OUTCOMES, {**outcome, "address": ON_THE_LIST, "household": event["household"]})
    assert answer["household"] == event["household"]


@pytest.mark.rule("moved.along")
def test_what_people_who_moved_take_along_is_an_event_alone() -> None:
    transfer = VALUES["HouseholdTransfer"]
    ((contract, event, output),) = judged(CATALOGUE.household_transfers, transfer)
    assert contract == "HouseholdEvent"
    assert (event["id"], output.key) == (transfer["id"], transfer["household"].encode())
    assert transfer_of(event).carried.claims[0].reference == "HC-20417"


def test_a_forged_partner_is_told_to_the_owner_of_the_topic() -> None:
    ((_, receipt, output),) = judged(RENT, rent(partner=INSURER))
    assert receipt["partner"] == RENTER
    assert output.topic.endswith(RENTER)


def test_an_outcome_in_another_name_than_the_municipality_is_refused() -> None:
    address = {"postcode": "9901XK", "number": 12}
    outcome: dict[str, Any] = {"id": "o", "partner": RENTER, "signalled_on": NOW.date(), "address": address}
    outcome |= {"kind": "contact", "channel": "Brief"}
    ((_, receipt, output),) = judged(OUTCOMES, outcome)
    assert receipt["reason"] == "no_agreement"
    assert output.topic == f"gm9999.receipts.{OWN_PARTNER}"


def test_a_benefit_stop_with_a_basis_comes_in() -> None:
    value = {
        "id": "stop-1",
        "partner": ISD,
        "signalled_on": NOW.date(),
        "stop_reason": "whereabouts_unknown",
        "address": {"postcode": "9901XK", "number": 12},
    }
    (contract, *_), _ = judged(STOPS, value, policies=Policies((WITH_BASIS,)))
    assert contract == "HouseholdEvent"


@pytest.mark.parametrize(
    "value",
    [
        None,
        b"",
        b"\x00\x00",
        b"9901XK 12",
        b"\x00\x00\x00\x00\x63rest",
        CODEC.encode("RentArrears", rent())[:-2],
        CODEC.encode("HealthInsuranceArrears", health()),
    ],
    ids=["nothing", "empty", "short", "no wire format", "unknown schema", "cut", "another contract"],
)
def test_what_cannot_be_decoded_is_kept_whole_as_a_dead_letter(value: bytes | None) -> None:
    (output,) = judge().outputs_for(received(RENT, value))
    assert output.topic == "gm9999.signals.rejected"
    assert output.key is None
    letter = CODEC.decode("DeadLetter", output.value)
    assert (letter["topic"], letter["partition"], letter["offset"]) == (RENT.name, 0, 7)
    assert (letter["reason"], letter["key"], letter["value"]) == ("undecodable", b"key", value)
    assert "9901" not in letter["error"]


def test_a_records_own_time_counts_in_a_backfill_only() -> None:
    earlier = NOW - timedelta(days=100)
    value = rent(delivered_at=earlier, signalled_on=earlier.date(), arisen_on=earlier.date() - timedelta(days=45))
    (_, live, _), _ = judged(RENT, value)
    (_, backfilled, _), (_, receipt, _) = judged(RENT, value, backfill=True)
    assert live["received_at"] == NOW
    assert backfilled["received_at"] == receipt["received_at"] == earlier
    (_, without, _), _ = judged(RENT, rent(), backfill=True)
    assert without["received_at"] == NOW


def test_the_same_record_twice_gives_the_same_bytes() -> None:
    value = received(RENT, CODEC.encode("RentArrears", rent()))
    assert judge().outputs_for(value) == judge().outputs_for(value)


def test_no_header_and_no_key_holds_anything_about_a_person() -> None:
    for _, _, output in [*judged(RENT, rent()), *judged(RENT, rent(kind="onzin"))]:
        for word in (b"9901", b"KLANT", b"verhuurder"):
            assert word not in (output.key or b"")
            assert all(word not in value for _, value in output.headers)


texts = st.none() | st.text(max_size=6) | st.sampled_from(["Huur", "Uitkomst", "Adres", "eviction", "moved", "report"])
addresses = st.fixed_dictionaries(
    {
        "postcode": st.sampled_from(["9901XK", "", "x"]) | st.text(max_size=8),
        "number": st.integers(-(2**31), 2**31 - 1),
        "letter": texts,
        "addition": texts,
    }
)
moments = st.datetimes(min_value=datetime(1900, 1, 1), max_value=datetime(9000, 1, 1)).map(  # noqa: DTZ001
    lambda at: at.replace(tzinfo=UTC)
)


def anything(topic: Topic) -> st.SearchStrategy[dict[str, Any]]:
    """Any value that the contract of a topic can hold."""
    contract: Any = parsed(topic.record)
    fields: dict[str, st.SearchStrategy[Any]] = {}
    for field in contract["fields"]:
        name, kind = field["name"], str(field["type"])
        if name in {"address", "to_address"}:
            fields[name] = addresses if name == "address" else st.none() | addresses
        elif name == "preconditions":
            fields[name] = st.fixed_dictionaries(dict.fromkeys(rent()["preconditions"], st.none() | st.booleans()))
        elif name == "delivered_at":
            fields[name] = st.one_of(st.none(), moments)
        elif "date" in kind:
            dates = st.dates()
            fields[name] = st.one_of(st.none(), dates) if "null" in kind else dates
        elif "boolean" in kind:
            fields[name] = st.one_of(st.none(), st.booleans()) if "null" in kind else st.booleans()
        elif "long" in kind or "int" in kind:
            fields[name] = st.one_of(st.none(), st.integers(-(2**31), 2**31 - 1))
        else:
            fields[name] = texts if "null" in kind else texts.filter(lambda text: text is not None)
    return st.fixed_dictionaries(fields)


def help_request(**more: Any) -> dict[str, Any]:
    return {
        "id": "hulp-1",
        "partner": WELFARE,
        "type": "Doorverwijzing",
        "signalled_on": NOW.date(),
        "consent": True,
        "address": {"postcode": "9901XK", "number": 12},
    } | more


@pytest.mark.parametrize("kind", ["Zelfmelding", "Doorverwijzing"])
def test_a_request_for_help_becomes_an_event_of_its_type(kind: str) -> None:
    (_, event, _), _ = judged(HELP, help_request(type=kind))
    assert (event["body"]["type"], event["body"]["agreement"]) == (kind, "2026-1")


def test_a_request_without_consent_is_refused() -> None:
    [(_, receipt, _)] = judged(HELP, help_request(consent=False))
    assert (receipt["reason"], receipt["field"]) == ("precondition", "consent")


def test_a_signal_of_an_experiment_becomes_an_event_of_its_type() -> None:
    (_, event, _), _ = judged(LOANS, rent(partner=LENDER, type="DUO", amount_cents=27_000))
    assert event["body"]["type"] == "DUO"
    [(_, receipt, _)] = judged(LOANS, rent(partner=LENDER, type="Overige"))
    assert receipt["reason"] == "no_agreement"


@pytest.mark.rule("intake.topics_types")
@pytest.mark.parametrize("kind", ["Uitkomst", "Huur", "Zelfmelding", "Huishouden"])
def test_nobody_passes_for_another_by_the_type_it_writes(kind: str) -> None:
    [(_, receipt, _)] = judged(
        LOANS, rent(partner=LENDER, type=kind, kind="closed" if kind == "Uitkomst" else "report")
    )
    assert (receipt["reason"], receipt["field"]) == ("invalid", "type")


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(st.data())
def test_whatever_a_partner_sends_it_gets_an_answer(data: st.DataObject) -> None:
    """One bad record must never stop intake: it would stop it again after each start."""
    topic = data.draw(st.sampled_from([RENT, HEALTH, LOANS, HELP, STOPS, FACTS, OUTCOMES]))
    value = data.draw(anything(topic))
    outputs = judge(backfill=True, policies=Policies((WITH_BASIS,))).outputs_for(
        received(topic, CODEC.encode(topic.record, value))
    )
    assert [o.topic for o in outputs][-1] == f"gm9999.receipts.{topic.partner or OWN_PARTNER}"
