"""CloudEvents 1.0 in Kafka binary mode, as the NL GOV profile asks [std].

Attributes travel as ``ce_`` headers. They hold nothing about a person: ids, kinds and the time of logging only.
"""

from collections.abc import Sequence
from datetime import UTC, datetime

CONTENT_TYPE = "application/avro"
RECEIVED_AT = "ce_receivedat"
"""Extension attribute `receivedat`: ms since 1970 at which the record that caused this event was received."""
TYPE_PREFIX = "nl.vroegsignalering"

EVENT_TYPES = {
    "RentArrears": f"{TYPE_PREFIX}.signaal.huur.v1",
    "MissedEnergyPayment": f"{TYPE_PREFIX}.signaal.energie.v1",
    "WaterArrears": f"{TYPE_PREFIX}.signaal.water.v1",
    "HealthInsuranceArrears": f"{TYPE_PREFIX}.signaal.zorg.v1",
    "ExperimentArrears": f"{TYPE_PREFIX}.signaal.experiment.v1",
    "HelpRequest": f"{TYPE_PREFIX}.signaal.hulpvraag.v1",
    "BenefitStop": f"{TYPE_PREFIX}.signaal.uitkeringsstop.v1",
    "HouseholdFact": f"{TYPE_PREFIX}.huishouden.feit.v1",
    "HouseholdEvent": f"{TYPE_PREFIX}.huishouden.gebeurtenis.v1",
    "HouseholdTransfer": f"{TYPE_PREFIX}.huishouden.verhuizing.v1",
    "OutreachTask": f"{TYPE_PREFIX}.taak.gewijzigd.v1",
    "TaskOutcome": f"{TYPE_PREFIX}.taak.uitkomst.v1",
    "BenefitConsultation": f"{TYPE_PREFIX}.uitkering.vraag.v1",
    "SignalReceipt": f"{TYPE_PREFIX}.signaal.ontvangst.v1",
    "SignalStatus": f"{TYPE_PREFIX}.signaal.status.v1",
    "DeadLetter": f"{TYPE_PREFIX}.signaal.onleesbaar.v1",
}


def headers(
    record: str, event_id: str, source: str, logged_at: datetime | None = None, received_at: int | None = None
) -> list[tuple[str, bytes]]:
    """Kafka headers of one event.

    Args:
        record: Name of the Avro record, for example ``OutreachTask``.
        event_id: Unique within the source; the same again when the same event is sent again.
        source: URN of the sender, for example ``urn:nld:oin:00000000000000000000:systeem:lantaarn``.
        logged_at: When it was logged (UTC); left out where the broker's append time says it. The moment in the real
            world belongs in the data: windows never run on this.
        received_at: Ms since 1970 at which the record that caused the event was received; only for measuring how long
            things take, so that no reader may decide anything by it.
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
    if received_at is not None:
        made.append((RECEIVED_AT, str(received_at).encode()))
    return made


def received_at(found: Sequence[tuple[str, bytes | str | None]] | None) -> int | None:
    """The `receivedat` among a record's headers (ms since 1970); null where there is none, or it is no number."""
    value = dict(found or ()).get(RECEIVED_AT)
    text = value.decode("ascii", "replace") if isinstance(value, bytes) else value
    return int(text) if text is not None and text.isdecimal() else None
