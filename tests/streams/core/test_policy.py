"""Policies: immutable, versioned, and the one in force decides."""

import re
from datetime import date
from pathlib import Path

import pytest
from msgspec.structs import asdict

from streams.core.policy import BUILT_IN, Policies, Policy, PolicyError, WaitDays, always
from streams.core.records import Address
from tests.streams.core.driver import policy

SPRING = policy(version="voorjaar", valid_from=date(2026, 3, 1))
SUMMER = policy(version="zomer", valid_from=date(2026, 6, 1))


@pytest.mark.rule("policy.in_force")
@pytest.mark.parametrize(
    ("day", "expected"),
    [
        (date(2026, 2, 28), "built-in"),
        (date(2026, 3, 1), "voorjaar"),
        (date(2026, 5, 31), "voorjaar"),
        (date(2026, 6, 1), "zomer"),
        (date(2030, 1, 1), "zomer"),
    ],
)
def test_the_policy_in_force_is_the_latest_that_has_begun(day: date, expected: str) -> None:
    assert Policies((SUMMER, SPRING)).on(day).version == expected


@pytest.mark.rule("policy.in_force")
def test_of_two_policies_from_one_day_the_one_activated_last_holds() -> None:
    mended = policy(version="voorjaar-2", valid_from=SPRING.valid_from)
    assert Policies((SPRING, mended)).on(SPRING.valid_from) is mended
    assert Policies((mended, SPRING)).on(SPRING.valid_from) is SPRING


@pytest.mark.rule("policy.in_force")
def test_the_next_change_is_the_first_day_after_on_which_another_begins() -> None:
    both = Policies((SPRING, SUMMER))
    assert both.next_change(date(2026, 2, 28)) == date(2026, 3, 1)
    assert both.next_change(date(2026, 3, 1)) == date(2026, 6, 1)
    assert both.next_change(date(2026, 6, 1)) is None


@pytest.mark.rule("policy.immutable")
def test_the_same_policy_again_changes_nothing_and_other_content_is_refused() -> None:
    known = Policies((SPRING,))
    assert known.with_activated(SPRING) is known
    with pytest.raises(PolicyError, match="voorjaar"):
        known.with_activated(policy(version="voorjaar", valid_from=date(2026, 3, 2)))


def test_a_replays_policy_holds_for_every_day() -> None:
    assert always(SUMMER).on(date(1990, 1, 1)).version == "zomer"


def test_absent_keys_have_the_defaults_of_the_rules() -> None:
    read = Policy.from_toml('version = "1"\nvalid_from = 2026-01-01\n')
    assert (read.threshold_cents, read.min_days, read.max_days, read.look_back) == (7500, 30, 100, 6)
    assert (read.near_days, read.many, read.high_cents, read.rent_months) == (31, 3, 100_000, 2)
    assert (read.lost_contact_days, read.context_days) == (90, 90)
    assert (read.regular_days, read.crisis_working_days) == (28, 3)
    assert (read.wait_days.letter, read.wait_days.phone) == (14, 7)
    assert (read.silence_days, read.follow_up_days, read.cool_down_days) == (21, 56, 60)
    assert read.benefit_stop_basis is None
    assert BUILT_IN.benefit_stop_basis is None


def test_the_default_policy_file_holds_just_a_version_a_date_and_a_basis() -> None:
    read = Policy.from_toml(Path("examples/policy-default.toml").read_text(encoding="utf-8"))
    plain = policy(version=read.version, valid_from=read.valid_from, benefit_stop_basis=read.benefit_stop_basis)
    assert read.benefit_stop_basis is not None
    assert read == plain


def handbook() -> dict[str, str]:
    """Each value that the handbook's table names, with the rest of its row."""
    page = Path("docs/policy.md").read_text(encoding="utf-8")
    table = page.split("| Name | Usual | Means |\n")[1].split("\n\n")[0]
    rows = [row.strip("|").partition("|") for row in table.splitlines()[1:]]
    return {name: rest for names, _, rest in rows for name in re.findall(r"`(\w+)`", names)}


def test_the_handbook_names_every_value_with_the_usual_one() -> None:
    told = handbook()
    assert set(told) == set(Policy.__struct_fields__)
    numbers = {name: getattr(BUILT_IN, name) for name in told}
    assert all(str(usual) in told[name] for name, usual in numbers.items() if isinstance(usual, int))
    assert all(f"{name} {days}" in told["wait_days"] for name, days in asdict(BUILT_IN.wait_days).items())
    assert all(f"`{name}` {points}" in told["points"] for name, points in asdict(BUILT_IN.points).items())


@pytest.mark.rule("policy.immutable")
@pytest.mark.parametrize(
    ("line", "named"),
    [
        ("threshhold_cents = 5000", "threshhold_cents"),
        ("near_days = 0", "near_days"),
        ("many = -1", "many"),
        ('look_back = "zes"', "look_back"),
        ("min_days = 101", "max_days: 100 is less than min_days, 101"),
        ("wait_days = { letter = 0 }", "^wait_days: less than 1$"),
        ("wait_days = { brief = 14 }", "brief"),
        ("regular_days =", "Invalid value"),
        ('benefit_stop_basis = "Verordening"', r"\$\.benefit_stop_basis"),
        ('benefit_stop_basis = { legal_basis = "Verordening" }', r"`dpia` - at `\$\.benefit_stop_basis`"),
        ('benefit_stop_basis = { dpia = "DPIA-1" }', r"`legal_basis` - at `\$\.benefit_stop_basis`"),
        (
            'benefit_stop_basis = { legal_basis = "Verordening", dpia = " " }',
            "^benefit_stop_basis: legal_basis or dpia is",
        ),
        ('benefit_stop_basis = { legal_basis = "", dpia = "DPIA-1" }', "leave it out where there is none$"),
    ],
)
def test_a_policy_that_contradicts_itself_stops_with_the_key(line: str, named: str) -> None:
    with pytest.raises(PolicyError, match=named):
        Policy.from_toml(f'version = "1"\nvalid_from = 2026-01-01\n{line}\n')


def test_a_policy_without_a_version_is_refused() -> None:
    with pytest.raises(PolicyError, match=r"^version: empty$"):
        policy(version="")


@pytest.mark.rule("owner")
def test_the_owner_is_the_team_with_the_longest_prefix_of_the_postcode() -> None:
    teams = policy(teams={"99": "wijkteam Noord", "9901": "wijkteam Haven"}, team="wijkteam")
    assert teams.team_for(Address("9901AB", 12)) == "wijkteam Haven"
    assert teams.team_for(Address("9902AB", 12)) == "wijkteam Noord"
    assert teams.team_for(Address("1011AA", 1)) == "wijkteam"


@pytest.mark.rule("handover")
def test_inside_is_what_the_policys_postcodes_say() -> None:
    listed = policy(postcodes=("9901", "9902"))
    assert listed.inside(Address("9902ZZ", 3))
    assert not listed.inside(Address("9903AA", 3))
    assert not listed.inside(None)
    assert policy().inside(Address("1011AA", 1))


@pytest.mark.rule("policy.immutable")
def test_a_policy_may_be_as_narrow_as_one_day() -> None:
    narrow = policy(min_days=100, wait_days=WaitDays(letter=1, phone=1))
    assert (narrow.max_days, narrow.wait_days.phone) == (100, 1)
