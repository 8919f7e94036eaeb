"""CloudEvents 1.0 in Kafka binary mode, as the NL GOV profile asks [std].

Attributes travel as ``ce_`` headers. They hold nothing about a person: ids, kinds and the time of logging only.
"""

from datetime import UTC, datetime

CONTENT_TYPE = "application/avro"
TYPE_PREFIX = "nl.vroegsignalering"

EVENT_TYPES = {
    "RentArrears": f"{TYPE_PREFIX}.signaal.huur.v1",
    "MissedEnergyPayment": f"{TYPE_PREFIX}.signaal.energie.v1",
    "WaterArrears": f"{TYPE_PREFIX}.signaal.water.v1",
    "HealthInsuranceArrears": f"{TYPE_PREFIX}.signaal.zorg.v1",
    "BenefitStop": f"{TYPE_PREFIX}.signaal.uitkeringsstop.v1",
    "HouseholdFact": f"{TYPE_PREFIX}.huishouden.feit.v1",
    "HouseholdEvent": f"{TYPE_PREFIX}.huishouden.gebeurtenis.v1",
    "OutreachTask": f"{TYPE_PREFIX}.taak.gewijzigd.v1",
    "TaskOutcome": f"{TYPE_PREFIX}.taak.uitkomst.v1",
    "SignalReceipt": f"{TYPE_PREFIX}.signaal.ontvangst.v1",
    "DeadLetter": f"{TYPE_PREFIX}.signaal.onleesbaar.v1",
}


def headers(
    record: str, event_id: str, source: str, logged_at: datetime | None = None
) -> list[tuple[str, bytes]]:
    """Kafka headers of one event.

    Args:
        record: Name of the Avro record, for example ``OutreachTask``.
        event_id: Unique within the source; the same again when the same event is sent again.
        source: URN of the sender, for example ``urn:nld:oin:00000000000000000000:systeem:lantaarn``.
        logged_at: When it was logged (UTC); left out where the broker's append time says it. The moment in the real
            world belongs in the data: windows never run on this.
    """
    made = [
        ("ce_specversion", b"1.0"),
        ("ce_type", EVENT_TYPES[record].encode()),
        ("ce_source", source.encode()),
        ("ce_id", event_id.encode()),
        ("content-type", CONTENT_TYPE.encode()),
    ]
    if logged_at is not None:
        made.append(("ce_time", logged_at.astimezone(UTC).isoformat(timespec="milliseconds").encode()))
    return made
