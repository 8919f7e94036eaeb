"""One partner from its first day to its last, by the commands alone, on the real broker."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient

from lantaarn.embedded import KafkaBroker
from streams.core.agreements import Agreements
from tests.lantaarn.access.secured import MTLS, QUIET, SCRAM, Secured, described, readable, writable
from tests.streams.live import until

USER = "gm7777-partner-water-b"
SIGNALS, RECEIPTS = "gm7777.signals.water.water-b", "gm7777.receipts.water-b"
ADD = ("partner", "add", "water-b", "--type", "Water", "--until", "2026-12-31", "--replication", "1")


@pytest.fixture
def town(secure_broker: KafkaBroker, tmp_path: Path) -> Secured:
    made = Secured(secure_broker, tmp_path, "gm7777.", [("gemeente", '"Huishouden"', "2027-12-31")])
    made.make_topics()
    assert made.run("acls", "apply", "--yes").exit_code == 0
    return made


def refused(config: Mapping[str, Any]) -> bool:
    client = AdminClient({**config})
    try:
        client.list_topics(timeout=1)
    except KafkaException:
        return True
    return False


def state(town: Secured) -> tuple[object, ...]:
    return town.agreements.read_text(encoding="utf-8"), town.access.bindings(), town.access.has_user(USER)


def test_a_partner_comes_changes_its_password_and_goes(town: Secured) -> None:
    folder = town.folder / "secrets"
    where = ("--secrets", str(folder))
    before = state(town)

    shown = town.run(*ADD, *where)
    assert shown.exit_code == 0, shown.output
    assert shown.output.splitlines()[0] == (
        "+ agreement water-b version 2026-1: Water, 2026-06-15 to 2026-12-31"
    )
    assert f"+ topic {SIGNALS}" in shown.output
    assert f"+ User:{USER}: write topic {SIGNALS}" in shown.output
    assert shown.output.splitlines()[-1] == "Nothing done. Give --yes to do it."
    assert state(town) == before
    assert not folder.exists()

    done = town.run(*ADD, *where, "--yes")
    assert done.exit_code == 0, done.output
    file = folder / USER
    password = file.read_text(encoding="utf-8")
    assert (file.stat().st_mode & 0o777, folder.stat().st_mode & 0o777) == (0o600, 0o700)
    assert password not in done.output
    handed = done.output.split("To hand over:\n")[1]
    ca = town.broker.authority.file
    for line in (USER, SIGNALS, RECEIPTS, "nl.lantaarn.WaterArrears", "nl.lantaarn.SignalReceipt", str(file), str(ca)):
        assert line in handed
    assert "Restart intake" in done.output
    admin = town.client(SCRAM, "admin")
    writable(admin, [RECEIPTS])
    config = town.broker.secure_client(USER, password) | QUIET
    assert writable(config, [SIGNALS]) == {SIGNALS}
    assert readable(config, [RECEIPTS]) == {RECEIPTS}
    assert described(config, [topic.name for topic in town.catalogue]) == {SIGNALS, RECEIPTS}

    after = state(town)
    again = town.run(*ADD, *where, "--yes", day="2026-06-20")  # the same, some days later
    assert "Nothing to do: all is as agreed." in again.output
    assert state(town) == after
    assert file.read_text(encoding="utf-8") == password
    assert town.run("acls", "plan").output.strip() == "All bindings are as they should be."

    assert "Nothing done" in town.run("partner", "rotate", "water-b", *where, day=None).output
    assert file.read_text(encoding="utf-8") == password
    assert town.run("partner", "rotate", "water-b", *where, "--yes", day=None).exit_code == 0
    newer = file.read_text(encoding="utf-8")
    assert newer != password
    assert [each.name for each in folder.iterdir()] == [USER]
    until(lambda: refused(config))
    config = town.broker.secure_client(USER, newer) | QUIET
    assert writable(config, [SIGNALS]) == {SIGNALS}

    end = ("partner", "end", "water-b", "--on", "2026-06-30", *where)
    kept = town.agreements.read_text(encoding="utf-8")
    assert "2026-06-15 to 2026-06-30, instead of version 2026-1" in town.run(*end).output
    assert town.agreements.read_text(encoding="utf-8") == kept
    done = town.run(*end, "--yes")
    assert "may write until 2026-06-30; receipts stay readable until 2026-07-31." in done.output
    text = town.agreements.read_text(encoding="utf-8")
    assert text.startswith(kept)
    assert [e.version for e in Agreements.from_toml(text).entries or () if e.partner == "water-b"] == [
        "2026-1",
        "2026-2",
    ]
    assert "Nothing to do" in town.run(*end, "--yes").output
    assert writable(config, [SIGNALS]) == {SIGNALS}  # its last day has not come

    done = town.run(*end, "--yes", day="2026-07-01")
    assert f"- User:{USER}: write topic {SIGNALS}" in done.output
    assert "cannot write since 2026-06-30; receipts stay readable until 2026-07-31." in done.output
    assert not writable(config, [SIGNALS])
    assert readable(config, [RECEIPTS]) == {RECEIPTS}

    done = town.run(*end, "--yes", day="2026-08-01")
    assert "Nothing is left." in done.output
    assert not town.access.has_user(USER)
    assert not file.exists()
    until(lambda: refused(config))
    assert not [each for each in town.access.bindings() if each.principal == f"User:{USER}"]
    assert "Nothing to do" in town.run(*end, "--yes", day="2026-08-02").output
    assert town.agreements.read_text(encoding="utf-8") == text


def test_a_partner_with_a_certificate_has_no_password(town: Secured) -> None:
    done = town.run(*ADD, "--auth", "mtls", "--secrets", str(town.folder / "secrets"), "--yes")
    assert done.exit_code == 0, done.output
    assert f"-subj /CN={USER} -keyout {USER}.key -out {USER}.csr" in done.output
    assert not town.access.has_user(USER)
    assert not (town.folder / "secrets").exists()
    assert writable(town.client(MTLS, USER), [SIGNALS]) == {SIGNALS}
    wrong = town.run("partner", "rotate", "water-b", day=None)
    assert "has no password" in str(wrong.exception)
    assert town.run("partner", "end", "water-b", "--at-once", "--yes").exit_code == 0
    assert not writable(town.client(MTLS, USER), [SIGNALS])  # its certificate is still good, and good for nothing


def test_an_add_that_was_broken_off_goes_on_with_the_same_password(town: Secured) -> None:
    folder = town.folder / "secrets"
    folder.mkdir(mode=0o700)
    (folder / USER).write_text("made-before-the-crash", encoding="utf-8")
    assert town.run(*ADD, "--secrets", str(folder), "--yes").exit_code == 0
    config = town.broker.secure_client(USER, "made-before-the-crash") | QUIET
    assert writable(config, [SIGNALS]) == {SIGNALS}
