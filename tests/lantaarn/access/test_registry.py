"""A registry that partners can read and cannot write: two ways, and the door that must be shut beside one."""

import http.client
import json
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from lantaarn.embedded.jars import ensure_all
from lantaarn.embedded.java import SMALL_JVM, java
from lantaarn.embedded.ports import kept_ports
from lantaarn.embedded.process import ManagedProcess
from lantaarn.embedded.registry import PATH, SchemaRegistry
from schemas.codec import RECORDS, Codec, schema_text, subject
from schemas.registry import SchemaRegistry as Contracts
from tests.streams.live import until

READ_ONLY = {"APICURIO_STORAGE_READ_ONLY_ENABLED": "true", "APICURIO_CONFIG_DYNAMIC_ALLOW_ALL": "false"}
SWITCH = "/apis/registry/v3/admin/config/properties/apicurio.storage.read-only.enabled"
BY_HEADER = {
    "APICURIO_AUTHN_ENABLED": "true",
    "APICURIO_AUTHN_PROXY_HEADER_ENABLED": "true",
    "APICURIO_AUTH_ROLE_BASED_AUTHORIZATION": "true",
    "APICURIO_AUTH_ROLE_SOURCE": "token",
    "QUARKUS_OIDC_TENANT_ENABLED": "false",
}
ANYTHING = {"compatibility": "NONE"}
LONGER = {"name": "since", "type": ["null", "string"], "default": None}


class Kept(SchemaRegistry):
    """The embedded registry, started again on the same data with other settings."""

    @contextmanager
    def again(self, settings: dict[str, str]) -> Iterator[None]:
        command = [str(java()), "-Xms64m", "-Xmx320m", *SMALL_JVM, "-jar", f"{self._installation}/quarkus-run.jar"]
        log = self.data_dir / "again.log"
        process = ManagedProcess("the registry again", command, log, self._settings() | settings)
        try:
            process.wait_for_port(self._ports["http"], 60)
            until(lambda: self.ask("GET", "/apis/registry/v3/system/info") != 503)
            yield
        finally:
            process.stop()

    def ask(self, method: str, path: str, body: object = None, **headers: str) -> int:
        """Status of the answer."""
        kind = "application/json" if "/v3/" in path else "application/vnd.schemaregistry.v1+json"
        connection = http.client.HTTPConnection("127.0.0.1", self._ports["http"], timeout=20)
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        try:
            content = None if body is None else json.dumps(body)
            connection.request(method, path, content, {"Content-Type": kind, **named})
            return connection.getresponse().status
        finally:
            connection.close()


PARTNER = {"X_Forwarded_User": "partner-a", "X_Forwarded_Groups": "sr-readonly"}
US = {"X_Forwarded_User": "lantaarn", "X_Forwarded_Groups": "sr-admin"}
RENT = f"{PATH}/subjects/{subject('RentArrears')}"


@pytest.fixture(scope="module")
def answers(registry: Kept) -> dict[str, int]:
    """What a registry behind a proxy that names users answered, while we put the contracts there; now it is stopped."""
    ours = {"schema": schema_text("RentArrears")}
    with registry.again(BY_HEADER):
        for record in RECORDS:
            path = f"{PATH}/subjects/{subject(record)}/versions"
            assert registry.ask("POST", path, {"schema": schema_text(record)}, **US) == 200
        return {
            "nobody looks up": registry.ask("POST", RENT, ours),
            "a partner looks up": registry.ask("POST", RENT, ours, **PARTNER),
            "a partner registers": registry.ask("POST", f"{RENT}/versions", evolved(), **PARTNER),
            "a partner allows anything": registry.ask("PUT", f"{PATH}/config", ANYTHING, **PARTNER),
            "a partner switches": registry.ask("PUT", SWITCH, {"value": "true"}, **PARTNER),
            "we allow what is compatible": registry.ask("PUT", f"{PATH}/config", {"compatibility": "FULL"}, **US),
        }


@pytest.fixture(scope="module")
def registry(tmp_path_factory: pytest.TempPathFactory) -> Kept:
    """Not running, and with ports of its own."""
    kept = Kept(tmp_path_factory.mktemp("registry"), installation=ensure_all(print)[1])
    kept._ports = kept_ports(kept.data_dir / "ports.json", "http", "management")
    return kept


def evolved() -> dict[str, str]:
    """A contract with one field more: compatible, so only the lock is in its way."""
    schema = json.loads(schema_text("RentArrears"))
    schema["fields"].append(LONGER)
    return {"schema": json.dumps(schema)}


def test_behind_a_proxy_that_names_users_partners_read_and_only_we_write(answers: dict[str, int]) -> None:
    assert answers == {
        "nobody looks up": 401,
        "a partner looks up": 200,
        "a partner registers": 403,
        "a partner allows anything": 403,
        "a partner switches": 403,
        "we allow what is compatible": 200,
    }


@pytest.mark.usefixtures("answers")
def test_a_read_only_registry_serves_clients_and_takes_nothing(registry: Kept) -> None:
    with registry.again(READ_ONLY):
        codec = Codec(Contracts(registry.url))  # what every client of ours asks: its id, a writer's schema
        receipt = {"signal_id": "s", "partner": "p", "result": "accepted", "reason": None, "field": None}
        encoded = codec.encode("SignalReceipt", receipt | {"received_at": 0})
        assert codec.decode("SignalReceipt", encoded)["signal_id"] == "s"
        assert registry.ask("POST", f"{RENT}/versions", evolved()) == 409
        assert registry.ask("PUT", f"{PATH}/config", ANYTHING) == 409
        assert registry.ask("DELETE", RENT) == 409
        assert registry.ask("POST", "/apis/registry/v3/admin/rules", {"ruleType": "VALIDITY", "config": "FULL"}) == 409
        # And nobody can switch it off over HTTP, which is possible where dynamic settings are left on.
        assert registry.ask("PUT", SWITCH, {"value": "false"}) == 404
        assert registry.ask("POST", f"{RENT}/versions", evolved()) == 409
