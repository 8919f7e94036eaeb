#!/usr/bin/env python3
"""Makes or changes Kafka's users: one for each file ``kafka-<name>`` in a folder of passwords.

Signs in as the settings say (``LANTAARN_SASL_USERNAME`` and the rest). Doing it again does no harm: a password that is
the same stays valid, one that was changed is changed. A user whose file is gone is left alone; remove it by hand.
"""

import sys
from pathlib import Path

from lantaarn.access.broker import AccessBroker
from lantaarn.loading import load_settings
from lantaarn.settings import Settings

PREFIX = "kafka-"


def make_users(settings: Settings, folder: Path) -> list[str]:
    """Give each user the password of its file.

    Args:
        settings: Of a user who may change others.
        folder: Holds the files.

    Raises:
        AccessError: When the broker refuses one.
    """
    broker = AccessBroker(settings.kafka())
    names = []
    for file in sorted(folder.glob(f"{PREFIX}*")):
        names.append(file.name.removeprefix(PREFIX))
        broker.set_password(names[-1], file.read_text(encoding="utf-8").strip())
    return names


if __name__ == "__main__":
    users = make_users(load_settings(), Path(sys.argv[1]))
    sys.stdout.write(f"users: {', '.join(users)}\n")
