"""`lantaarn acls` on a real broker: plan first, twice is once, what is added by hand goes, what is of others stays."""

from lantaarn.access.plan import Plan
from lantaarn.access.rules import Binding
from tests.lantaarn.access.secured import MTLS, SCRAM, Secured, writable
from tests.streams.live import until

ALL_WELL = "All bindings are as they should be."


def test_applied_twice_is_applied_once(deployment: Secured, neighbour: Secured) -> None:
    before = deployment.access.bindings()
    for each in (deployment, neighbour):
        for command in (("acls", "plan"), ("acls", "apply", "--yes")):
            assert each.run(*command).output.strip() == ALL_WELL
    assert deployment.access.bindings() == before


def test_what_was_added_by_hand_is_shown_and_removed_and_others_are_left_alone(
    deployment: Secured, neighbour: Secured
) -> None:
    before = deployment.access.bindings()
    partner = "User:gm9999-partner-verhuurder-a"
    strange = Binding("User:somebody", "read", "topic", "gm9999.household-events")
    reaching = Binding(partner, "write", "topic", "*")
    others = Binding("User:somebody", "read", "topic", "elsewhere")
    monitoring = Binding("User:region", "describe", "topic", "gm", "prefixed")
    deployment.applied(Plan(added=(strange, reaching, others, monitoring)))
    until(lambda: len(deployment.access.bindings()) == len(before) + 4)
    events = deployment.catalogue.household_events.name
    assert writable(deployment.client(MTLS, partner.removeprefix("User:")), [events]) == {events}

    shown = deployment.run("acls", "apply")
    assert shown.exit_code == 0
    assert shown.output.splitlines() == [
        "- User:gm9999-partner-verhuurder-a: write topic *",
        "- User:somebody: read topic gm9999.household-events",
        "! User:region: describe topic gm (prefixed): not ours, but it covers our names",
        "Nothing done. Give --yes to apply.",
    ]
    assert len(deployment.access.bindings()) == len(before) + 4
    assert "0 added, 2 removed." in deployment.run("acls", "apply", "--yes").output
    until(lambda: deployment.access.bindings() == before | {others, monitoring})
    assert not writable(deployment.client(SCRAM, partner.removeprefix("User:")), [events])
    assert neighbour.run("acls", "plan").output.splitlines()[-1].startswith("! User:region")
    deployment.applied(Plan(removed=(others, monitoring)))
    until(lambda: deployment.access.bindings() == before)


def test_a_day_later_rights_are_those_of_that_day(deployment: Secured) -> None:
    plan = deployment.run("acls", "plan", day="2026-07-16").output.splitlines()
    assert plan == [
        "- User:gm9999-partner-waterbedrijf-uit: read group gm9999.receipts.waterbedrijf-uit",
        "- User:gm9999-partner-waterbedrijf-uit: read topic gm9999.receipts.waterbedrijf-uit",
        "- User:gm9999-partner-waterbedrijf-uit: read topic gm9999.signal-status.waterbedrijf-uit",
    ]
