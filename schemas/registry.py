"""The schema registry: one step registers the contracts; everyone else only looks up."""

from dataclasses import dataclass

from confluent_kafka.schema_registry import Schema, SchemaRegistryClient
from confluent_kafka.schema_registry.error import SchemaRegistryError

from schemas.codec import RECORDS, NotRegisteredError, UndecodableError, schema_text, subject

COMPATIBILITY = "BACKWARD_TRANSITIVE"
HTTP_NOT_FOUND = 404
NOT_FOUND = {HTTP_NOT_FOUND, 40401, 40402, 40403}


class SchemaRegistry:
    """Our contracts in a Confluent-compatible registry (Apicurio, Karapace, Confluent).

    Args:
        url: Base address of the Confluent API.
        auth: ``user:password``, where the registry asks for it.
    """

    def __init__(self, url: str, auth: str | None = None) -> None:
        config = {"url": url}
        if auth:
            config["basic.auth.user.info"] = auth
        self._client = SchemaRegistryClient(config)

    def id_of(self, record: str) -> int:
        """Id of our own schema of a record.

        Raises:
            NotRegisteredError: When it has not been registered yet.
        """
        try:
            found = self._client.lookup_schema(subject(record), Schema(schema_text(record), "AVRO"))
        except SchemaRegistryError as error:
            if error.error_code in NOT_FOUND or error.http_status_code == HTTP_NOT_FOUND:
                raise NotRegisteredError(
                    f"{subject(record)}: this version is not registered; run `lantaarn schemas register`"
                ) from error
            raise
        if found.schema_id is None:
            raise NotRegisteredError(f"{subject(record)}: the registry gave no id")
        return found.schema_id

    def schema(self, schema_id: int) -> str:
        """Text of the schema with this id.

        Raises:
            UndecodableError: When the registry has none; any other failure of the registry is raised as it is.
        """
        try:
            text = self._client.get_schema(schema_id).schema_str
        except SchemaRegistryError as error:
            if error.error_code in NOT_FOUND or error.http_status_code == HTTP_NOT_FOUND:
                raise UndecodableError(f"schema {schema_id} is not in the registry") from error
            raise
        if text is None:
            raise UndecodableError(f"schema {schema_id} has no text")
        return text

    def plan(self) -> list["Registration"]:
        """What `register` would do, contract by contract."""
        return [Registration(record, self._id_or_none(record)) for record in RECORDS]

    def register(self) -> list["Registration"]:
        """Register every contract that is not there yet, compatibility first.

        Raises:
            SchemaRegistryError: When a contract does not read what was written before it (HTTP 409).
        """
        self._client.set_compatibility(level=COMPATIBILITY)
        done = []
        for record in RECORDS:
            known = self._id_or_none(record)
            if known is None:
                self._client.register_schema(subject(record), Schema(schema_text(record), "AVRO"))
            done.append(Registration(record, known))
        return done

    def _id_or_none(self, record: str) -> int | None:
        try:
            return self.id_of(record)
        except NotRegisteredError:
            return None


@dataclass(frozen=True, slots=True)
class Registration:
    """One contract and the id it had before, if any."""

    record: str
    known_id: int | None
