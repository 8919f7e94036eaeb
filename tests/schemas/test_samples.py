"""The samples are what the pipeline really takes and gives."""

import base64
import json
from pathlib import Path
from typing import Any

import pytest

from producers.signal_id import signal_id
from schemas.codec import RECORDS, Codec
from schemas.registry import SchemaRegistry
from schemas.samples import HOME, HOUSEHOLD, RECEIVED, VALUES, decoded, sample
from schemas.topics import Catalogue
from streams.core.addresses import pseudonym
from streams.core.admission import admit
from streams.core.agreements import Agreements
from streams.core.household import decide
from streams.core.policy import Policies, Policy
from streams.core.records import Address, Record
from streams.core.state import Household
from streams.outputs import Outputs
from streams.wire import TYPES, event_of, millis, raw_record, task_of
from tests.stacks import RunningStack

ROOT = Path(__file__).parents[2]
SAMPLES = ROOT / "docs" / "contracts" / "samples"
SIGNALS = [*TYPES, "HouseholdFact"]
POLICY = Policy.from_toml((ROOT / "examples" / "policy-default.toml").read_text(encoding="utf-8"))


@pytest.fixture
def codec(stack: RunningStack) -> Codec:
    registry = SchemaRegistry(stack.registry_url)
    registry.register()
    return Codec(registry)


@pytest.mark.parametrize("record", RECORDS)
def test_each_sample_goes_through_the_contract_and_back(codec: Codec, record: str) -> None:
    file = json.loads((SAMPLES / f"{record}.json").read_text(encoding="utf-8"))
    body = base64.b64decode(file["avro_base64"])
    wire = codec.encode(record, VALUES[record])
    assert wire[5:] == body
    assert decoded(record, body) == file["value"]
    read = codec.decode(record, wire)
    assert read.keys() == file["value"].keys()


def test_key_and_headers_are_those_of_the_pipeline(codec: Codec) -> None:
    outputs = Outputs(codec, Catalogue("", []), "urn:nld:oin:00000000000000000000:systeem:lantaarn")
    made = {
        "HouseholdEvent": outputs.event(VALUES["HouseholdEvent"]),
        "OutreachTask": outputs.task(VALUES["OutreachTask"]),
        "SignalReceipt": outputs.receipt(VALUES["SignalReceipt"] | {"partner": "gemeente"}),
        "DeadLetter": outputs.dead_letter(VALUES["DeadLetter"]),
    }
    for record, output in made.items():
        assert output is not None
        shown = sample(record)
        assert (None if output.key is None else output.key.decode()) == shown["key"]
        assert {name: value.decode() for name, value in output.headers} == shown["headers"]


@pytest.mark.parametrize("record", SIGNALS)
def test_intake_takes_each_sample_that_others_send(record: str) -> None:
    assert isinstance(admitted(record), Record)


@pytest.mark.parametrize("record", [record for record in SIGNALS if record != "TaskOutcome"])
def test_ids_of_signals_are_those_of_their_content(record: str) -> None:
    value = VALUES[record]
    fields = {name: given for name, given in value.items() if name not in ("id", "partner", "delivered_at")}
    kind = {} if record == "HouseholdFact" else {"type": TYPES[record].value}
    assert signal_id(value["partner"], fields | kind) == value["id"]


def test_the_task_is_what_the_core_makes_of_the_rent_arrears() -> None:
    record = admitted("RentArrears")
    assert isinstance(record, Record)
    assert pseudonym(b"voorbeeld", Address(**HOME)) == HOUSEHOLD
    event = event_of(record, HOUSEHOLD)
    name, fields = VALUES["HouseholdEvent"]["body"]
    assert event["body"][0] == name
    assert {field: event["body"][1][field] for field in fields} == fields

    decision = decide(Household(HOUSEHOLD), record, Policies().with_activated(POLICY))
    [version] = decision.versions
    assert task_of(decision.household, version, POLICY) == VALUES["OutreachTask"]


def admitted(record: str) -> Any:
    senders = [(VALUES[name]["partner"], kind.value) for name, kind in TYPES.items() if name != "TaskOutcome"]
    agreements = Agreements.from_toml("".join(map(agreement, [*senders, ("gemeente", "Huishouden")])))
    received = millis(RECEIVED) if record == "RentArrears" else millis(RECEIVED) + 7 * 24 * 3600 * 1000
    raw = raw_record(record, VALUES[record])
    policies = Policies().with_activated(POLICY)
    return admit(raw, policies, agreements, owner=VALUES[record]["partner"], received_at=received)


def agreement(sender: tuple[str, str]) -> str:
    partner, kind = sender
    return (
        f'[[agreement]]\npartner = "{partner}"\ntypes = ["{kind}"]\nmunicipality = "9990"\nversion = "2025-1"\n'
        "valid_from = 2025-01-01\nvalid_until = 2027-12-31\n"
    )
