"""One invented record of each contract, for the contract pages: people and places here do not exist.

They belong together: rent arrears at one address, the event and the task that follow from them, a caseworker's
attempt, a receipt. ``tests/schemas/test_samples.py`` plays the story through intake and the core.
"""

import base64
import json
from collections.abc import Mapping
from datetime import UTC, date, datetime
from io import BytesIO
from typing import Any

import fastavro

from schemas.cloudevents import headers
from schemas.codec import RECORDS, parsed

SOURCE = "urn:nld:oin:00000000000000000000:systeem:lantaarn"
CASEWORKER_SOURCE = "urn:nld:oin:00000000000000000000:systeem:zaaksysteem"
HOME: dict[str, Any] = {"postcode": "9999XK", "number": 12, "letter": "A", "addition": None}
NEW_HOME: dict[str, Any] = {"postcode": "9999XL", "number": 7, "letter": None, "addition": None}
NEW_HOUSEHOLD = "5b1f0c5e4a0f7d3c9be26f4d8a3e7c10b2d95f6e8c7a4b3d1e0f9a8b7c6d5e4f"
HOUSEHOLD = "d03322dfcf0305bdd698e0f9dfe4b5f494460ecb62938af7a894871f58cfd9bb"
RECEIVED = datetime(2026, 3, 2, 6, 15, tzinfo=UTC)
DONE = dict.fromkeys(("personal_contact", "debt_help", "reminder", "consent_offer"), True)
TASK_ID = "e6e95474-3965-5017-a0b7-2c7b87673790"
RENT_ID = "e4eaaea0-9d67-5a76-aa20-83be87cb7cec"


def _signal(signal_id: str, partner: str, **fields: Any) -> dict[str, Any]:
    return {"id": signal_id, "partner": partner, "address": HOME, "delivered_at": None} | fields


def _report(signal_id: str, partner: str, **fields: Any) -> dict[str, Any]:
    return _signal(signal_id, partner, kind="report", preconditions=DONE, crisis=None) | fields


RENT = {
    "reference": "HC-20417",
    "signalled_on": date(2026, 3, 2),
    "arisen_on": date(2026, 1, 1),
    "amount_cents": 131250,
    "months": 2,
}
CARRIED = {
    "claims": [
        {
            "partner": "woonstichting-de-wende",
            "type": "Huur",
            "reference": "HC-20417",
            "entries": [
                {
                    "signalled_on": "2026-03-02",
                    "received_at": int(RECEIVED.timestamp() * 1000),
                    "id": RENT_ID,
                    "amount_cents": 131250,
                    "months": 2,
                }
            ],
        }
    ]
}
VALUES: dict[str, dict[str, Any]] = {
    "RentArrears": _report(RENT_ID, "woonstichting-de-wende", **RENT),
    "MissedEnergyPayment": _report(
        "eed2bd47-05f5-5698-a8f4-6bceb1f689fa",
        "energie-noorderveld",
        reference="83-551-9",
        signalled_on=date(2026, 3, 3),
        arisen_on=date(2026, 1, 5),
        amount_cents=41800,
        crisis="cutoff",
        months=2,
    ),
    "WaterArrears": _report(
        "9cbbdf52-ab0a-5261-8dca-9457a29b5571",
        "waterbedrijf-het-diep",
        reference="W5520",
        signalled_on=date(2026, 3, 3),
        arisen_on=date(2026, 1, 20),
        amount_cents=9640,
        months=None,
    ),
    "HealthInsuranceArrears": _report(
        "41107015-6126-59ed-8418-73e125c3127d",
        "zorgverzekeraar-eendracht",
        reference="P-7002218",
        signalled_on=date(2026, 3, 3),
        arisen_on=date(2026, 1, 1),
        amount_cents=29980,
        months=2,
    ),
    "ExperimentArrears": _report(
        "19af1275-2955-5830-a6b1-cbf81ea5729f",
        "dienst-studieleningen",
        type="DUO",
        reference="SL-118203",
        signalled_on=date(2026, 3, 3),
        arisen_on=date(2026, 1, 1),
        amount_cents=31200,
        months=None,
    ),
    "BenefitStop": _signal(
        "75d46ddf-4749-55dd-984e-5634d0edb2c6",
        "isd",
        signalled_on=date(2026, 3, 4),
        stop_reason="other",
    ),
    "HelpRequest": _signal(
        "fed91fe8-8f3c-5ded-9b3a-59b75d319900",
        "buurthuis-de-linde",
        type="Doorverwijzing",
        signalled_on=date(2026, 3, 4),
        consent=True,
    ),
    "HouseholdFact": _signal(
        "2089eff7-e808-521c-9ea1-596b399fa926",
        "gemeente",
        type="Huishouden",
        signalled_on=date(2026, 3, 1),
        children=True,
        known_at_debt_help=False,
        excluded=None,
        shared_address=False,
        address_event=None,
        everyone=None,
        to_address=None,
    ),
    "HouseholdEvent": {
        "id": RENT_ID,
        "household": HOUSEHOLD,
        "received_at": RECEIVED,
        "body": (
            "nl.lantaarn.Signal",
            {
                "type": "Huur",
                "partner": "woonstichting-de-wende",
                "kind": "report",
                "crisis": None,
                "stop_reason": None,
                "agreement": "2025-1",
                "address": HOME,
                **RENT,
            },
        ),
    },
    "HouseholdTransfer": {
        "id": "5c6b3a0a-9f0e-5d0c-8f52-6a1f6d5f7c11",
        "household": NEW_HOUSEHOLD,
        "received_at": RECEIVED,
        "came_from": HOUSEHOLD,
        "partner": "gemeente",
        "caused_by": "0b0d7c38-60f5-5b6e-9d0e-5d2f1c7f2a10",
        "moved_on": date(2026, 3, 2),
        "moved_at": RECEIVED,
        "carried": json.dumps(CARRIED),
        "address": NEW_HOME,
    },
    "OutreachTask": {
        "task_id": TASK_ID,
        "sequence": 1,
        "household": HOUSEHOLD,
        "address": HOME,
        "status": "open",
        "level": "home_visit",
        "rung": "home_visit",
        "due_on": date(2026, 3, 30),
        "band": 3,
        "score": 30,
        "reasons": ["first_signal", "high_amount", "rent_months"],
        "national": ["single"],
        "members": [{"signal_id": RENT_ID, "repeated": False}],
        "opened_on": date(2026, 3, 2),
        "changed_on": date(2026, 3, 2),
        "caused_by": RENT_ID,
        "policy_version": "default-1",
        "owner": "wijkteam",
        "next_action": "home_visit",
        "next_action_on": date(2026, 3, 30),
        "collection_paused_until": None,
        "promised_on": None,
        "promised_by": None,
        "visit_at": None,
        "visit_by": None,
        "visit_with": None,
    },
    "TaskOutcome": {
        "id": "e47162ba-02e2-5c20-9252-461c6e2db1e6",
        "partner": "gemeente",
        "kind": "attempt",
        "signalled_on": date(2026, 3, 5),
        "task_id": TASK_ID,
        "channel": "Telefoon",
        "contacted_at": datetime(2026, 3, 5, 18, 20, tzinfo=UTC),
        "reached": False,
        "result": None,
        "acted_by": None,
        "why": None,
        "address": HOME,
        "delivered_at": None,
    },
    "BenefitConsultation": {
        "id": "8a1c4c0e-5a5d-5b0f-9d5e-3f1f6b0c2a77",
        "asked_on": date(2026, 3, 9),
        "asked_by": "consulent wijkteam",
        "team": "wijkteam",
        "why": "Wij willen hulp aanbieden en vinden niemand thuis. Weet u hoe wij contact krijgen? Bel ons.",
        "address": HOME,
    },
    "SignalReceipt": {
        "signal_id": RENT_ID,
        "partner": "woonstichting-de-wende",
        "result": "accepted",
        "reason": None,
        "field": None,
        "received_at": RECEIVED,
    },
    "SignalStatus": {
        "signal_id": RENT_ID,
        "partner": "woonstichting-de-wende",
        "picked_up": True,
        "reached": None,
        "help_accepted": None,
        "collection_paused_until": None,
        "changed_on": date(2026, 3, 5),
    },
    "DeadLetter": {
        "topic": "signals.rent.woonstichting-de-wende",
        "partition": 0,
        "offset": 4711,
        "reason": "undecodable",
        "error": "not in the Confluent wire format",
        "key": RENT_ID.encode(),
        "value": b"no Avro at all",
    },
}
KEYS = {
    "HouseholdEvent": "household",
    "HouseholdTransfer": "household",
    "OutreachTask": "household",
    "SignalReceipt": "signal_id",
    "SignalStatus": "signal_id",
    "DeadLetter": None,
}
"""Field that is the record's key on its topic, where it is not ``id``."""


def body(record: str) -> bytes:
    """The sample in Avro, without the five bytes before it on the wire: those name a schema of one registry."""
    out = BytesIO()
    fastavro.schemaless_writer(out, parsed(record), VALUES[record])
    return out.getvalue()


def sample(record: str) -> dict[str, Any]:
    """What stands in the sample file of a record: made from its bytes, not from the values above."""
    encoded = body(record)
    value = decoded(record, encoded)
    key = KEYS.get(record, "id")
    head = headers(record, _event_id(record, value), CASEWORKER_SOURCE if record == "TaskOutcome" else SOURCE)
    return {
        "record": record,
        "key": None if key is None else value[key],
        "headers": {name: text.decode() for name, text in head},
        "value": value,
        "avro_base64": base64.b64encode(encoded).decode(),
    }


def sample_files() -> dict[str, str]:
    """File name -> text, one for each record."""
    return {f"{r}.json": json.dumps(sample(r), ensure_ascii=False, indent=2) + "\n" for r in RECORDS}


def decoded(record: str, encoded: bytes) -> dict[str, Any]:
    """Avro bytes of a record in JSON's types.

    Dates and moments become ISO text, bytes base64; what is one of several records gets that record's name around it.
    """
    read = fastavro.schemaless_reader(
        BytesIO(encoded), parsed(record), return_record_name=True, return_record_name_override=True
    )
    plain: dict[str, Any] = _plain(read)
    return plain


def _event_id(record: str, value: Mapping[str, Any]) -> str:
    """As the process that writes it makes it (``streams/outputs.py``, ``producers/publisher.py``)."""
    if record == "OutreachTask":
        return f"{value['task_id']}.{value['sequence']}"
    if record == "SignalReceipt":
        return f"{value['signal_id']}.{value['result']}"
    if record == "SignalStatus":
        return f"{value['signal_id']}.{value['changed_on']}"
    if record == "DeadLetter":
        return f"{value['topic']}.{value['partition']}.{value['offset']}"
    return str(value["id"])


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    if isinstance(value, tuple):  # (name, record): which of a union's records it is
        name, inner = value
        return {name: _plain(inner)}
    if isinstance(value, Mapping):
        return {name: _plain(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_plain(inner) for inner in value]
    return value
