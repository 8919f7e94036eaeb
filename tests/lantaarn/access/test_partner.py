"""One partner from its first day to its last, by the commands alone, on the real broker."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient

from lantaarn.embedded import KafkaBroker
from streams.core.agreements import Agreements
from tests.lantaarn.access.secured import MTLS, QUIET, SCRAM, Secured, described, readable, writable
from tests.streams.live import until

ADD = ("partner", "add", "water-b", "--type", "Water", "--until", "2026-12-31", "--replication", "1")


@pytest.fixture
def town(secure_broker: KafkaBroker, tmp_path: Path) -> Secured:
    prefix = f"t{uuid4().hex[:6]}."
    made = Secured(secure_broker, tmp_path, prefix, [("gemeente", '"Huishouden"', "2027-12-31")])
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


def names(town: Secured) -> tuple[str, str, str]:
    """User, signals, receipts."""
    return f"{town.user_prefix}partner-water-b", f"{town.prefix}signals.water.water-b", f"{town.prefix}receipts.water-b"


def state(town: Secured) -> tuple[object, ...]:
    return town.agreements.read_text(encoding="utf-8"), town.access.bindings(), town.access.has_user(names(town)[0])


@pytest.fixture
def partner(town: Secured) -> Mapping[str, Any]:
    """The partner's connection, after it was let in."""
    user, signals, _ = names(town)
    done = town.run(*ADD, *secrets(town), "--yes")
    assert done.exit_code == 0, done.output
    config = town.broker.secure_client(user, password(town)) | QUIET
    assert writable(config, [signals]) == {signals}
    return config


def secrets(town: Secured) -> tuple[str, str]:
    return "--secrets", str(town.folder / "secrets")


def password(town: Secured) -> str:
    return (town.folder / "secrets" / names(town)[0]).read_text(encoding="utf-8")


def test_a_partner_is_let_in_by_one_command_that_shows_its_plan_first(town: Secured) -> None:
    user, signals, receipts = names(town)
    folder = town.folder / "secrets"
    before = state(town)
    shown = town.run(*ADD, *secrets(town))
    assert shown.exit_code == 0, shown.output
    assert shown.output.splitlines()[0] == "+ agreement water-b version 2026-1: Water, 2026-06-15 to 2026-12-31"
    assert f"+ topic {signals}" in shown.output
    assert f"+ User:{user}: write topic {signals}" in shown.output
    assert shown.output.splitlines()[-1] == "Nothing done. Give --yes to do it."
    assert state(town) == before
    assert not folder.exists()

    done = town.run(*ADD, *secrets(town), "--yes")
    assert done.exit_code == 0, done.output
    file = folder / user
    assert (file.stat().st_mode & 0o777, folder.stat().st_mode & 0o777) == (0o600, 0o700)
    assert password(town) not in done.output
    handed = done.output.split("To hand over:\n")[1]
    ca = str(town.broker.authority.file)
    for line in (user, signals, receipts, "nl.lantaarn.WaterArrears", "nl.lantaarn.SignalReceipt", str(file), ca):
        assert line in handed
    assert "Restart intake" in done.output
    assert writable(town.client(SCRAM, "admin"), [receipts])  # so that there is something to read
    config = town.broker.secure_client(user, password(town)) | QUIET
    assert writable(config, [signals]) == {signals}
    assert readable(config, [receipts]) == {receipts}
    assert described(config, [topic.name for topic in town.catalogue]) == {
        signals,
        receipts,
        receipts.replace("receipts", "signal-status"),
    }


@pytest.mark.usefixtures("partner")
def test_a_partner_let_in_twice_is_let_in_once(town: Secured) -> None:
    before, word = state(town), password(town)
    again = town.run(*ADD, *secrets(town), "--yes", day="2026-06-20")  # the same, some days later
    assert "Nothing to do: all is as agreed." in again.output
    assert (state(town), password(town)) == (before, word)
    assert town.run("acls", "plan").output.strip() == "All bindings are as they should be."


def test_after_a_rotation_the_old_password_opens_nothing(town: Secured, partner: Mapping[str, Any]) -> None:
    user, signals, _ = names(town)
    word = password(town)
    rotate = ("partner", "rotate", "water-b", *secrets(town))
    assert "Nothing done" in town.run(*rotate, day=None).output
    assert password(town) == word
    done = town.run(*rotate, "--yes", day=None)
    assert done.exit_code == 0, done.output
    newer = password(town)
    assert newer not in {word, *done.output.split()}
    assert [each.name for each in (town.folder / "secrets").iterdir()] == [user]
    until(lambda: refused(partner))
    assert writable(town.broker.secure_client(user, newer) | QUIET, [signals]) == {signals}


def test_an_end_takes_rights_away_as_their_days_pass(town: Secured, partner: Mapping[str, Any]) -> None:
    user, signals, receipts = names(town)
    end = ("partner", "end", "water-b", "--on", "2026-06-30", *secrets(town))
    kept = town.agreements.read_text(encoding="utf-8")
    assert "2026-06-15 to 2026-06-30, instead of version 2026-1" in town.run(*end).output
    assert town.agreements.read_text(encoding="utf-8") == kept
    done = town.run(*end, "--yes")
    assert "may write until 2026-06-30; receipts stay readable until 2026-07-31." in done.output
    text = town.agreements.read_text(encoding="utf-8")
    assert text.startswith(kept)
    theirs = [entry for entry in Agreements.from_toml(text).entries or () if entry.partner == "water-b"]
    assert [entry.version for entry in theirs] == ["2026-1", "2026-2"]
    assert "Nothing to do" in town.run(*end, "--yes").output
    assert writable(partner, [signals]) == {signals}  # its last day has not come

    done = town.run(*end, "--yes", day="2026-07-01")
    assert f"- User:{user}: write topic {signals}" in done.output
    assert "cannot write since 2026-06-30; receipts stay readable until 2026-07-31." in done.output
    assert not writable(partner, [signals])
    assert writable(town.client(SCRAM, "admin"), [receipts])
    assert readable(partner, [receipts]) == {receipts}

    done = town.run(*end, "--yes", day="2026-08-01")
    assert "Nothing is left." in done.output
    assert not town.access.has_user(user)
    assert not (town.folder / "secrets" / user).exists()
    until(lambda: refused(partner))
    assert not [each for each in town.access.bindings() if each.principal == f"User:{user}"]
    assert "Nothing to do" in town.run(*end, "--yes", day="2026-08-02").output
    assert town.agreements.read_text(encoding="utf-8") == text


def test_a_partner_with_a_certificate_has_no_password(town: Secured) -> None:
    user, signals, _ = names(town)
    done = town.run(*ADD, "--auth", "mtls", "--secrets", str(town.folder / "secrets"), "--yes")
    assert done.exit_code == 0, done.output
    assert f"-subj /CN={user} -keyout {user}.key -out {user}.csr" in done.output
    assert not town.access.has_user(user)
    assert not (town.folder / "secrets").exists()
    assert writable(town.client(MTLS, user), [signals]) == {signals}
    wrong = town.run("partner", "rotate", "water-b", day=None)
    assert "has no password" in str(wrong.exception)
    assert town.run("partner", "end", "water-b", "--at-once", "--yes").exit_code == 0
    assert not writable(town.client(MTLS, user), [signals])  # its certificate is still good, and good for nothing


def test_an_add_that_was_broken_off_goes_on_with_the_same_password(town: Secured) -> None:
    user, signals, _ = names(town)
    folder = town.folder / "secrets"
    folder.mkdir(mode=0o700)
    (folder / user).write_text("made-before-the-crash", encoding="utf-8")
    assert town.run(*ADD, "--secrets", str(folder), "--yes").exit_code == 0
    config = town.broker.secure_client(user, "made-before-the-crash") | QUIET
    assert writable(config, [signals]) == {signals}
