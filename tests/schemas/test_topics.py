"""The catalogue: one record type a topic, one kind of writer, and settings that keep what must be kept."""

import pytest

from schemas.cloudevents import EVENT_TYPES, headers
from schemas.codec import RECORDS
from schemas.codes import SignalType
from schemas.topics import OWN_PARTNER, SIGNAL_RECORDS, Catalogue, Role

SENDERS = [
    ("woonstichting-de-wende", SignalType.RENT),
    ("energie-noorderveld", SignalType.ENERGY),
    (OWN_PARTNER, SignalType.HOUSEHOLD),
    (OWN_PARTNER, SignalType.ADDRESS),
]


@pytest.fixture
def catalogue() -> Catalogue:
    return Catalogue("gm9990.", SENDERS)


def test_every_name_begins_with_the_prefix_and_is_there_once(catalogue: Catalogue) -> None:
    names = [topic.name for topic in catalogue]
    assert len(names) == len(set(names))
    assert all(name.startswith("gm9990.") for name in names)


def test_a_partner_has_one_topic_a_type_in_the_order_in_which_it_sends(catalogue: Catalogue) -> None:
    rent = catalogue.signals["woonstichting-de-wende", SignalType.RENT]
    assert (rent.name, rent.record, rent.partitions) == ("gm9990.signals.rent.woonstichting-de-wende", "RentArrears", 1)
    assert rent.config["message.timestamp.type"] == "LogAppendTime"
    assert rent.partner == "woonstichting-de-wende"


def test_facts_and_addresses_share_the_municipalitys_own_topic(catalogue: Catalogue) -> None:
    household, address = (catalogue.signals[OWN_PARTNER, kind] for kind in (SignalType.HOUSEHOLD, SignalType.ADDRESS))
    assert household == address
    assert [topic.name for topic in catalogue.intake_topics()].count(household.name) == 1


def test_what_is_keyed_by_household_has_the_same_number_of_partitions(catalogue: Catalogue) -> None:
    keyed = [topic for topic in catalogue if topic.key == "household"]
    assert {topic.partitions for topic in keyed} == {4}
    assert len(keyed) == 4


def test_only_state_is_compacted_and_dead_letters_go_first(catalogue: Catalogue) -> None:
    assert [topic for topic in catalogue if topic.compacted] == [catalogue.households_changelog]
    days = {topic.name: topic.retention_days for topic in catalogue if topic.retention_days is not None}
    short = {catalogue.rejected.name, catalogue.benefit_consultations.name}
    assert {name for name, kept in days.items() if kept == min(days.values())} == short


def test_the_benefits_office_reads_what_it_is_asked_and_nothing_else(catalogue: Catalogue) -> None:
    asked = [topic for topic in catalogue if Role.BENEFITS in topic.readers | topic.writers]
    assert asked == [catalogue.benefit_consultations]
    assert asked[0].writers == {Role.WORKER}
    assert asked[0].readers == {Role.BENEFITS, Role.AUDITOR}


def test_household_events_is_written_by_intake_ticker_and_policy_alone(catalogue: Catalogue) -> None:
    assert catalogue.household_events.writers == {Role.INTAKE, Role.TICKER, Role.POLICY}


def test_each_record_of_the_catalogue_is_a_contract_with_an_event_type(catalogue: Catalogue) -> None:
    records = {topic.record for topic in catalogue} - {catalogue.households_changelog.record}
    assert records <= set(RECORDS)
    assert {record for _, record in SIGNAL_RECORDS.values()} <= set(EVENT_TYPES)
    assert set(EVENT_TYPES) == set(RECORDS)


def test_cloudevents_attributes_are_short_and_lower_case() -> None:
    for name, _ in headers("OutreachTask", "id.1", "urn:nld:oin:00000009990000000001:systeem:lantaarn"):
        if name != "content-type":
            attribute = name.removeprefix("ce_")
            assert attribute.isascii()
            assert attribute.islower()
            assert attribute.isalnum()
            assert len(attribute) <= 20
