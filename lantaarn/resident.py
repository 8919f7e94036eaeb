"""What is known of a task, turned to the resident: the explanation, and the text for the next step."""

from lantaarn.explain import Explanation, Said
from schemas.codes import CREDITOR_TYPES, SignalType
from schemas.topics import Catalogue
from sinks.letters.explaining import Kept, Story, Told
from sinks.letters.texts import OwnSignal, Situation
from sinks.referrals.suggesting import Circumstances
from streams.core.policy import Policy

UNCOUNTED = {"failed", "no_task", "no_subject", "duplicate"}


class SharedAddressError(RuntimeError):
    """Several households live there: what is another's would be told."""


def story_of(found: Explanation, policy: Policy, catalogue: Catalogue) -> Story:
    """What the resident's explanation says of a task.

    Args:
        found: The task as `explain` sees it.
        policy: In force now: says for how long a signal counts, and within how many months an objection is decided on.
        catalogue: Says for how long topics keep it.

    Raises:
        SharedAddressError: When it is not known whose the signals at this address are.
    """
    if found.shared_address:
        raise SharedAddressError
    task = found.task
    told = tuple(
        Told(one.signalled_on, one.partner, one.type, one.kind, one.amount_cents)
        for one in found.said
        if one.became not in UNCOUNTED
    )
    return Story(
        told,
        task["reasons"],
        task["rung"],
        task["status"],
        task["due_on"],
        task["owner"],
        policy.answer_months,
        kept(policy, catalogue),
    )


def kept(policy: Policy, catalogue: Catalogue) -> tuple[Kept, ...]:
    """How long what is kept, from the policy and the topics."""
    log, letters = catalogue.household_events.retention_days, catalogue.rejected.retention_days
    return (
        Kept("Een bericht telt mee", f"{policy.look_back} maanden"),
        Kept("Alles wat binnenkwam en wat wij deden, staat in ons logboek", f"{log} dagen"),
        Kept("Een bericht dat wij niet konden lezen", f"{letters} dagen"),
        Kept("Wat wij met u afspraken, staat in uw dossier", "zo lang als de wet dat vraagt"),
    )


def situation_of(found: Explanation) -> Situation:
    """What decides on the text for a task's next step."""
    asked = [one for one in found.said if one.became == "evidence"]
    reasons = set(found.task["reasons"])
    handed_over = [one.partner for one in asked if one.type == SignalType.REFERRAL.value]
    return Situation(
        task=found.task,
        signals=tuple(OwnSignal(m.partner, m.type, m.received_on, m.detail is not None) for m in _members(found)),
        deceased=found.deceased,
        shared_address=found.shared_address,
        asked_first=found.asked_first,
        asked_self="self_report" in reasons,
        asked_by=handed_over[-1] if handed_over and "warm_handover" in reasons else None,
    )


def circumstances_of(found: Explanation) -> Circumstances:
    """What decides on the help that is suggested."""
    return Circumstances(
        postcode=found.task["address"]["postcode"],
        types=frozenset(member.type for member in _members(found)),
        reasons=frozenset(found.task["reasons"]),
    )


def _members(found: Explanation) -> list[Said]:
    creditors = {kind.value for kind in CREDITOR_TYPES}
    members = {member["signal_id"] for member in found.task["members"]}
    mine = {one.id: one for one in found.said if one.type in creditors and one.id in members}
    return list(mine.values())
