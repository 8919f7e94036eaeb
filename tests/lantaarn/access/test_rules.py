"""Bindings, rights by date and the register, without a broker."""

from datetime import date
from pathlib import Path

import pytest

from lantaarn.access import register
from lantaarn.access.matrix import table
from lantaarn.access.plan import Scope, about, compare
from lantaarn.access.register import RegisterError
from lantaarn.access.rights import last_day_of, rights_on
from lantaarn.access.rules import Binding, Users, bindings
from lantaarn.sealing import compared
from schemas.codes import SignalType
from schemas.topics import Catalogue
from streams.core.agreements import Agreements
from tests.lantaarn.access.secured import AGREEMENT

ROOT = Path(__file__).parents[3]
RENT, WATER = SignalType.RENT, SignalType.WATER
TODAY, YESTERDAY, LATER = date(2026, 6, 15), date(2026, 6, 14), date(2026, 9, 30)


def version(found: Agreements, partner: str, kind: SignalType, day: date) -> str | None:
    covering = found.covering(partner, kind, day)
    return covering.version if covering else None


def agreements(*entries: tuple[str, str, str]) -> Agreements:
    return Agreements.from_toml("".join(AGREEMENT.format(*entry) for entry in entries))


AGREED = agreements(("verhuurder-a", '"Huur"', "2027-12-31"))


def wanted(given: Agreements, day: date = TODAY, prefix: str = "gm9999.", *, demo: bool = False) -> set[Binding]:
    catalogue = Catalogue(prefix, given.senders)
    return set(bindings(catalogue, Users(), rights_on(given, day, 31), demo_adapter=demo))


def of(found: set[Binding], principal: str) -> set[tuple[str, str, str]]:
    return {(b.operation, b.resource, b.name) for b in found if b.principal == principal}


def test_a_partner_writes_its_topic_and_reads_its_receipts() -> None:
    assert of(wanted(AGREED), "User:partner-verhuurder-a") == {
        ("write", "topic", "gm9999.signals.rent.verhuurder-a"),
        ("read", "topic", "gm9999.receipts.verhuurder-a"),
        ("read", "topic", "gm9999.signal-status.verhuurder-a"),
        ("read", "group", "gm9999.receipts.verhuurder-a"),
    }


def test_the_worker_has_its_group_and_its_changelog() -> None:
    found = of(wanted(AGREED), "User:worker")
    assert {("read", "group", "gm9999.households")} < found
    changelog = "gm9999.households-state-changelog"
    assert {("read", "topic", changelog), ("write", "topic", changelog)} < found


def test_every_binding_is_an_exact_name_and_none_is_on_the_cluster() -> None:
    assert {(b.pattern, b.permission, b.host) for b in wanted(AGREED)} == {("literal", "allow", "*")}
    assert {b.resource for b in wanted(AGREED)} == {"topic", "group", "transactional_id"}


def test_only_the_worker_writes_in_transactions_under_one_id_for_each_partition() -> None:
    found = {b for b in wanted(AGREED) if b.resource == "transactional_id"}
    assert {b.principal for b in found} == {"User:worker"}
    assert {(b.operation, b.name) for b in found} == {("write", f"gm9999.households-{number}") for number in range(4)}


def test_the_demo_adapter_is_let_in_only_when_asked_for() -> None:
    assert not of(wanted(AGREED), "User:adapter")
    assert ("write", "topic", "gm9999.signals.rent.verhuurder-a") in of(wanted(AGREED, demo=True), "User:adapter")


def test_writing_ends_with_the_last_day_and_receipts_a_month_later() -> None:
    given = agreements(("verhuurder-a", '"Huur"', "2026-06-15"))
    user = "User:partner-verhuurder-a"
    assert {operation for operation, _, _ in of(wanted(given, date(2026, 6, 15)), user)} == {"write", "read"}
    assert {operation for operation, _, _ in of(wanted(given, date(2026, 6, 16)), user)} == {"read"}
    assert of(wanted(given, date(2026, 7, 16)), user)
    assert not of(wanted(given, date(2026, 7, 17)), user)


OTHERS = Binding("User:other", "read", "topic", "elsewhere")
WIDE = Binding("User:region", "read", "topic", "*")
BY_HAND = [
    Binding("User:other", "read", "topic", "gm9999.household-events"),
    Binding("User:partner-verhuurder-a", "read", "topic", "*"),
    Binding("User:partner-vergeten", "read", "topic", "gm", "prefixed"),
    Binding("User:worker", "alter", "broker", "kafka-cluster"),
    Binding("User:other", "write", "topic", "gm9999.", "prefixed"),
    Binding("User:worker", "write", "topic", "gm9999.household-events", permission="deny"),
]


@pytest.mark.parametrize("extra", BY_HAND, ids=str)
def test_what_should_not_be_there_is_removed(extra: Binding) -> None:
    scope = Scope(Catalogue("gm9999.", AGREED.senders), Users())
    plan = compare(wanted(AGREED), [*wanted(AGREED), extra, OTHERS, WIDE], scope)
    assert (plan.added, plan.removed, plan.foreign) == ((), (extra,), (WIDE,))


def test_what_is_of_others_is_not_touched() -> None:
    scope = Scope(Catalogue("gm9999.", AGREED.senders), Users())
    neighbour = wanted(AGREED, prefix="gm99.")  # users of the same names, by an oversight
    assert compare(wanted(AGREED), wanted(AGREED) | neighbour, scope).empty
    assert compare([], neighbour, Scope(Catalogue("gm9999.", AGREED.senders), Users("gm9999-"))).empty


def test_without_a_prefix_only_names_of_the_catalogue_and_our_users_are_ours() -> None:
    scope = Scope(Catalogue("", AGREED.senders), Users())
    strange = Binding("User:partner-vergeten", "write", "topic", "signals.rent.vergeten")
    there = [Binding("User:other", "read", "topic", "household-events"), OTHERS, strange]
    assert compare([], there, scope).removed == (there[0], strange)


def test_the_plan_of_one_partner_has_the_roles_on_its_topics_too() -> None:
    given = agreements(("verhuurder-a", '"Huur"', "2027-12-31"), ("verhuurder-b", '"Huur"', "2027-12-31"))
    catalogue = Catalogue("gm9999.", given.senders)
    plan = about(compare(wanted(given), [], Scope(catalogue, Users())), catalogue, Users(), "verhuurder-b")
    assert {b.principal for b in plan.added} == {
        "User:intake",
        "User:worker",
        "User:auditor",
        "User:partner-verhuurder-b",
    }
    assert not [b for b in plan.added if "verhuurder-a" in b.name]


def test_an_agreement_is_added_once() -> None:
    [entry] = register.agreed(AGREED, "water-b", [WATER], "9999", TODAY, LATER)
    assert (entry.version, entry.valid_from, entry.valid_until) == ("2026-1", TODAY, LATER)
    after = Agreements((*(AGREED.entries or ()), entry))
    assert not register.agreed(after, "water-b", [WATER], "9999", TODAY, LATER)
    assert not register.agreed(after, "water-b", [WATER], "9999", date(2026, 7, 1), LATER)  # given again later
    [longer] = register.agreed(after, "water-b", [WATER], "9999", TODAY, date(2027, 1, 1))
    assert longer.version == "2026-2"


@pytest.mark.parametrize(
    ("partner", "types", "until", "version", "why"),
    [
        ("Water B", [WATER], LATER, None, "a-z"),
        ("water.b", [WATER], LATER, None, "a-z"),
        ('b"\n[[agreement]]', [WATER], LATER, None, "a-z"),
        ("water-b", [], LATER, None, "at least one type"),
        ("water-b", [SignalType.OUTCOME], LATER, None, "no partner sends"),
        ("water-b", [SignalType.STUDENT_LOAN], LATER, None, "legal_basis: needed for DUO"),
        ("water-b", [WATER], YESTERDAY, None, "before it begins"),
        ("water-b", [WATER], LATER, 'x"', "version is made of"),
        ("verhuurder-a", [WATER], LATER, "2026-1", "versions never change"),
    ],
)
def test_an_agreement_that_will_not_do_is_refused(
    partner: str, types: list[SignalType], until: date, version: str | None, why: str
) -> None:
    with pytest.raises(RegisterError, match=why):
        register.agreed(AGREED, partner, types, "9999", TODAY, until, version)


def test_an_end_takes_the_place_of_what_runs_and_changes_no_day_before_it() -> None:
    [entry] = register.ended(AGREED, "verhuurder-a", LATER, TODAY)
    assert (entry.valid_from, entry.valid_until, entry.replaces) == (TODAY, LATER, "2026-1")
    after = Agreements((*(AGREED.entries or ()), entry))
    days = [YESTERDAY, TODAY, LATER, date(2026, 10, 1), date(2027, 12, 31)]
    assert [version(AGREED, "verhuurder-a", RENT, day) for day in days] == ["2026-1"] * 5
    assert [version(after, "verhuurder-a", RENT, day) for day in days] == ["2026-1", "2026-2", "2026-2", None, None]
    assert last_day_of(after, "verhuurder-a") == LATER
    assert not register.ended(after, "verhuurder-a", LATER, TODAY)
    [sooner] = register.ended(after, "verhuurder-a", TODAY, TODAY)
    assert last_day_of(Agreements((*(after.entries or ()), sooner)), "verhuurder-a") == TODAY


def test_an_end_at_once_lets_nothing_in_from_today() -> None:
    [entry] = register.ended(AGREED, "verhuurder-a", YESTERDAY, TODAY)
    after = Agreements((*(AGREED.entries or ()), entry))
    assert version(after, "verhuurder-a", RENT, YESTERDAY) == "2026-1"
    assert version(after, "verhuurder-a", RENT, TODAY) is None
    assert not rights_on(after, TODAY, 31).writers
    assert rights_on(after, TODAY, 31).readers == {"verhuurder-a"}
    assert not register.ended(after, "verhuurder-a", YESTERDAY, TODAY)


def test_an_end_in_the_past_or_of_nobody_is_refused() -> None:
    with pytest.raises(RegisterError, match="before yesterday"):
        register.ended(AGREED, "verhuurder-a", date(2026, 6, 13), TODAY)
    with pytest.raises(RegisterError, match="no agreement"):
        register.ended(AGREED, "niemand", TODAY, TODAY)


def test_the_register_keeps_every_letter_of_what_was_there(tmp_path: Path) -> None:
    file = tmp_path / "agreements.toml"
    before = "# Signed on paper.\n" + AGREEMENT.format("verhuurder-a", '"Huur"', "2027-12-31") + "\n# The end.\n\n"
    file.write_text(before, encoding="utf-8")
    file.chmod(0o640)
    entries = [
        *register.agreed(AGREED, "water-b", [WATER, RENT], "9999", TODAY, LATER),
        *register.ended(AGREED, "verhuurder-a", LATER, TODAY),
    ]
    register.append(file, entries)
    text = file.read_text(encoding="utf-8")
    assert text.startswith(before.rstrip("\n"))
    assert Agreements.from_toml(text).entries == (*(AGREED.entries or ()), *entries)
    assert file.stat().st_mode & 0o777 == 0o640
    assert sorted(each.name for each in tmp_path.iterdir()) == ["agreements.lock", "agreements.toml"]
    assert compared(file, Agreements.from_toml(text)) == ((), ())


def test_the_handbook_shows_the_matrix_of_the_catalogue() -> None:
    text = (ROOT / "docs" / "access.md").read_text(encoding="utf-8")
    shown = text.split("<!-- matrix -->\n")[1].split("<!-- /matrix -->")[0]
    assert shown == table(), "run `lantaarn acls matrix` and put its output between the marks"
