#!/usr/bin/env python3
"""Makes or changes Kafka's users: one for each file ``kafka-<name>`` in a folder of passwords.

Signs in as the settings say (``LANTAARN_SASL_USERNAME`` and the rest). Doing it again does no harm: a password that is
the same stays valid, one that was changed is changed. A user whose file is gone is left alone; remove it by hand.
"""

import sys
from pathlib import Path

from confluent_kafka.admin import AdminClient, ScramCredentialInfo, ScramMechanism, UserScramCredentialUpsertion

from lantaarn.settings import Settings

ITERATIONS = 4096  # Kafka's least; the passwords are random, so that guessing is hopeless anyway
PREFIX = "kafka-"


def make_users(settings: Settings, folder: Path) -> list[str]:
    """Upsert the users and wait until the broker has them all.

    Args:
        settings: Of a user who may change others.
        folder: Holds the files.

    Raises:
        KafkaException: When the broker refuses one.
    """
    info = ScramCredentialInfo(ScramMechanism.SCRAM_SHA_512, ITERATIONS)
    wanted = [
        UserScramCredentialUpsertion(file.name.removeprefix(PREFIX), info, file.read_bytes().strip())
        for file in sorted(folder.glob(f"{PREFIX}*"))
    ]
    admin = AdminClient(settings.kafka())
    changes = admin.alter_user_scram_credentials(wanted)
    for change in changes.values():
        change.result()
    return list(changes)


if __name__ == "__main__":
    names = make_users(Settings(), Path(sys.argv[1]))
    sys.stdout.write(f"users: {', '.join(names)}\n")
