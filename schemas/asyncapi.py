"""The contracts as one AsyncAPI 3.0 document, made from the topic catalogue and the ``.avsc`` files.

Nothing is written twice: names, keys, partitions, retention and roles come from `schemas.topics`, fields and their
meaning from the contracts, headers from `schemas.cloudevents`. Only what neither knows is said here, in English.
"""

import json
import re
from collections.abc import Iterator
from typing import Any

from schemas.cloudevents import CONTENT_TYPE, EVENT_TYPES, RECEIVED_AT
from schemas.codec import RECORDS, schema_text, subject
from schemas.compatibility import releases
from schemas.samples import sample
from schemas.topics import DAY_MS, OWN_PARTNER, SIGNAL_RECORDS, Catalogue, Role, Topic
from schemas.yaml_text import as_yaml

BINDING = "0.5.0"
AVRO = "application/vnd.apache.avro;version=1.9.0"
PARTNER = "{partner}"
SENDERS = [(PARTNER, kind) for kind in SIGNAL_RECORDS]
HEAD = """\
# Made by `lantaarn schemas document` from schemas/topics.py and schemas/avro. Do not edit.
"""

ABOUT = (
    "Lantaarn matches early signals of arrears per household and publishes outreach tasks. Records are Avro in the "
    "Confluent wire format (a zero byte, the schema's id in four bytes, the record); subjects in the registry are "
    "full record names, whatever the topic. Delivery is at least once and in order for each key. "
    "How to read tasks safely: docs/contracts/reading-tasks.md."
)
KEYS = {
    "household": "Pseudonym of the household, 64 hex digits: all that concerns one household arrives in order.",
    "signal id": "Id of the signal, or of the outcome, concerned.",
    "outcome id": "The outcome's id.",
}
ROLES = {
    Role.ADAPTER: "A partner's adapter: sends its own signals and reads their receipts.",
    Role.INTAKE: "Lantaarn's intake: judges signals and outcomes.",
    Role.TICKER: "Lantaarn's clock: a tick to each partition.",
    Role.POLICY: "Activation of a policy, by a functional administrator.",
    Role.WORKER: "Lantaarn's households worker: decides.",
    Role.SINK: "Lantaarn's own case store.",
    Role.CASEWORKER: "A caseworker system: reads tasks and sends outcomes.",
    Role.BENEFITS: "The benefits caseworker: reads what the owner of a task asks, and nothing else.",
    Role.AUDITOR: "Reads everything, writes nothing.",
}


def document() -> dict[str, Any]:
    """The whole document, as plain values."""
    catalogue = Catalogue("{prefix}", SENDERS)
    topics = {channel_id(topic): topic for topic in catalogue if topic.record in RECORDS}
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Lantaarn: signals in, outreach tasks out",
            "version": f"1.{sum(len(releases(record)) - 1 for record in RECORDS)}.0",
            "description": ABOUT,
            "license": {"name": "EUPL-1.2"},
        },
        "defaultContentType": CONTENT_TYPE,
        "servers": {"municipality": _server()},
        "channels": {name: _channel(topic) for name, topic in topics.items()},
        "operations": dict(_operations(catalogue, topics)),
        "components": {
            "messages": {record: _message(record, topics) for record in RECORDS},
            "parameters": {
                "prefix": {"description": "Of the deployment, with its separator: gm9990., or nothing at all."},
                "partner": {"description": "Identifier of the partner, as in its agreement."},
            },
            "securitySchemes": {
                "scram": {
                    "type": "scramSha512",
                    "description": "SASL SCRAM-SHA-512 over TLS; a user of its own for each system.",
                },
                "mtls": {
                    "type": "X509",
                    "description": "TLS with a client certificate, where the municipality's cluster offers it.",
                },
            },
        },
    }


def text() -> str:
    """The document as it stands in ``docs/contracts/asyncapi.yaml``."""
    return HEAD + as_yaml(document())


def channel_id(topic: Topic) -> str:
    """Name of a topic's channel: its own name without what differs by deployment or partner."""
    words = re.sub(r"\{\w+\}", "", topic.name).strip(".").replace(".", "-").split("-")
    return words[0] + "".join(word.capitalize() for word in words[1:])


def _server() -> dict[str, Any]:
    return {
        "host": "{bootstrap}",
        "protocol": "kafka-secure",
        "description": "The municipality's Kafka cluster.",
        "variables": {
            "bootstrap": {
                "description": "Host and port of a broker, from the municipality.",
                "examples": ["kafka.gemeente.example:9093"],
            }
        },
        "security": [{"$ref": f"#/components/securitySchemes/{name}"} for name in ("scram", "mtls")],
        "bindings": {
            "kafka": {
                "schemaRegistryUrl": "https://registry.gemeente.example/apis/ccompat/v7",
                "schemaRegistryVendor": "confluent",
                "bindingVersion": BINDING,
            }
        },
    }


def _channel(topic: Topic) -> dict[str, Any]:
    writers, readers = (", ".join(sorted(roles)) for roles in (topic.writers, topic.readers))
    about = _doc(topic.record)
    if topic.partner == OWN_PARTNER:
        about = f"{about} For the municipality itself: its facts, and the outcomes of its caseworkers."
    if topic.partitions > 1:
        about = f"{about} The number of partitions is the deployment's own choice, made once."
    kept = f" Kept {topic.retention_days} days, then deleted by age." if topic.retention_days else ""
    parameters = sorted(set(re.findall(r"\{(\w+)\}", topic.name)), reverse=True)
    return {
        "address": topic.name,
        "title": channel_id(topic),
        "description": f"{about} Written by: {writers}. Read by: {readers}.{kept}",
        "messages": {topic.record: {"$ref": f"#/components/messages/{topic.record}"}},
        "parameters": {name: {"$ref": f"#/components/parameters/{name}"} for name in parameters},
        "bindings": {
            "kafka": {
                "partitions": topic.partitions,
                "topicConfiguration": _configuration(topic),
                "bindingVersion": BINDING,
            }
        },
    }


def _configuration(topic: Topic) -> dict[str, Any]:
    given: dict[str, Any] = {**topic.config, "cleanup.policy": ["compact" if topic.compacted else "delete"]}
    if topic.retention_days is not None:
        given["retention.ms"] = topic.retention_days * DAY_MS
    return given


def _operations(catalogue: Catalogue, topics: dict[str, Topic]) -> Iterator[tuple[str, dict[str, Any]]]:
    groups = {role: group for group, role in catalogue.groups.items()}
    groups[Role.ADAPTER] = catalogue.receipts_group(PARTNER)
    for role in Role:
        for action, verb in (("send", "Sends"), ("receive", "Receives")):
            for name, topic in topics.items():
                if role not in (topic.writers if action == "send" else topic.readers):
                    continue
                operation: dict[str, Any] = {
                    "action": action,
                    "channel": {"$ref": f"#/channels/{name}"},
                    "title": f"{role.capitalize()} {verb.lower()} {topic.record}",
                    "description": ROLES[role],
                    "tags": [{"name": role.value}],
                    "messages": [{"$ref": f"#/channels/{name}/messages/{topic.record}"}],
                }
                if action == "receive" and role in groups:
                    group = {"type": "string", "const": groups[role]}
                    operation["bindings"] = {"kafka": {"groupId": group, "bindingVersion": BINDING}}
                yield f"{role.value}{verb}{name[0].upper()}{name[1:]}", operation


def _message(record: str, topics: dict[str, Topic]) -> dict[str, Any]:
    made = sample(record)
    example = {"name": f"{record}Sample", "headers": made["headers"], "payload": made["value"]}
    keys = {topic.key for topic in topics.values() if topic.record == record}
    kafka: dict[str, Any] = {
        "schemaIdLocation": "payload",
        "schemaIdPayloadEncoding": "confluent",
        "schemaLookupStrategy": "RecordNameStrategy",
        "bindingVersion": BINDING,
    }
    if described := [KEYS[key] for key in sorted(keys) if key in KEYS]:
        kafka = {"key": {"type": "string", "description": " ".join(described)}, **kafka}
    return {
        "name": subject(record),
        "title": record,
        "summary": _doc(record),
        "contentType": CONTENT_TYPE,
        "headers": _headers(record),
        "payload": {"schemaFormat": AVRO, "schema": json.loads(schema_text(record))},
        "bindings": {"kafka": kafka},
        "examples": [example],
        "x-release": len(releases(record)),
    }


def _headers(record: str) -> dict[str, Any]:
    properties: dict[str, Any] = {
        "ce_specversion": {"type": "string", "const": "1.0"},
        "ce_type": {"type": "string", "const": EVENT_TYPES[record]},
        "ce_source": {
            "type": "string",
            "pattern": "^urn:nld:",
            "description": "URN of the system that sends, by OIN (government) or KvK number (companies).",
        },
        "ce_id": {
            "type": "string",
            "description": "Unique within the source; the same again when the same event is sent again.",
        },
        "content-type": {"type": "string", "const": CONTENT_TYPE},
    }
    required = list(properties)
    logged = "When it was logged, where the broker's time does not say it. Never the moment in the real world."
    properties["ce_time"] = {"type": "string", "format": "date-time", "description": logged}
    if record == "OutreachTask":
        measured = "Ms since 1970 at which the record that caused it was received, for measuring only."
        properties[RECEIVED_AT] = {"type": "string", "description": measured}
    return {"type": "object", "properties": properties, "required": required}


def _doc(record: str) -> str:
    return str(json.loads(schema_text(record))["doc"])
