"""The rulebook: every rule that the core keeps, each with an id, one line of text and where it comes from.

Tests name the rules that they show; a rule without a test, or a test of a rule that is not here, fails the run. The
reasons of section 4 have their own code as id.
"""

from msgspec import Struct

LAW = "[law]"
STD = "[std]"
PRACTICE = "[practice]"
OURS = "[ours]"


class Rule(Struct, frozen=True):
    """One rule. `section` is that of the rules' text, `source` the mark of where the rule comes from."""

    id: str
    section: int
    source: str
    text: str


RULEBOOK: tuple[Rule, ...] = (
    # 1. Records
    Rule("day", 1, OURS, "A day is the local date in Europe/Amsterdam."),
    Rule("months", 1, OURS, "Months are calendar months, clamped to the month's end."),
    Rule("address", 1, OURS, "An address has one form: upper case, no spaces; 12A is a letter, 12-3 an addition."),
    Rule("household_key", 1, LAW, "A household is a keyed hash of postcode, number, letter and addition."),
    Rule(
        "facts.latest", 1, OURS, "The latest Huishouden replaces all four facts; what it leaves out is unknown again."
    ),
    Rule("facts.last", 3, OURS, "What Huishouden says does not expire."),
    Rule("tick", 1, OURS, "A tick only wakes: one that comes twice or late changes nothing."),
    # 2. Intake
    Rule("intake.order", 2, OURS, "The first reason that applies is the one given."),
    Rule("intake.undecodable", 2, OURS, "What cannot be decoded is refused as such."),
    Rule("intake.invalid", 2, OURS, "What is needed and missing or malformed is refused, with the field's name."),
    Rule("intake.future", 2, OURS, "A sender's date after the day received is invalid."),
    Rule("intake.ignored", 2, OURS, "Unknown members are ignored, and so is what the type has no use for."),
    Rule(
        "intake.no_agreement", 2, LAW, "Partner, type, municipality and date need an agreement; a topic has one owner."
    ),
    Rule("agreement.fields", 2, LAW, "A field that the agreement does not allow for the type refuses the record."),
    Rule(
        "agreement.mistake",
        2,
        OURS,
        "A mistake in the agreements is named by entry and field; a version is there once.",
    ),
    Rule(
        "intake.topics_types",
        2,
        OURS,
        "A record whose type is none of its topic's is invalid: nobody passes for another.",
    ),
    Rule(
        "intake.benefit_stop_basis",
        4,
        LAW,
        "Benefit stops come in only where the policy names their legal basis and DPIA.",
    ),
    Rule("intake.precondition", 2, LAW, "A report needs all four statements of what its sender did first."),
    Rule("intake.unjustified", 2, LAW, "A report below the threshold, too young, or of insurance too old, is refused."),
    Rule(
        "intake.experiment",
        2,
        LAW,
        "DUO from EUR 270; CAK from EUR 100 and five months: where an agreement switches it on.",
    ),
    Rule("intake.consent", 2, LAW, "A request for help without the resident's consent is refused."),
    Rule("intake.crisis", 2, LAW, "A report with a crisis is never unjustified."),
    Rule("intake.reports_only", 2, OURS, "Preconditions, amounts and ages are asked of reports only."),
    Rule(
        "intake.expired", 2, PRACTICE, "A sender's date longer than the look-back before the day received is expired."
    ),
    Rule("intake.stamp", 2, OURS, "An accepted record bears the version of its agreement."),
    # 3. Claims and episodes
    Rule("duplicate", 3, OURS, "An id that was applied before changes nothing, also when its claim is closed."),
    Rule("duplicate.sender", 3, LAW, "An id is unique within its sender: nobody learns by it what another has sent."),
    Rule("claim", 3, OURS, "A claim is a partner's type and reference."),
    Rule("claim.order", 3, OURS, "A claim's records order by date, receipt and id, whatever order they came in."),
    Rule("claim.amount", 3, OURS, "An amount changes what it says; what it leaves out stays as it was."),
    Rule(
        "claim.no_episode", 3, OURS, "A creditor's record other than a report, with no live episode, changes nothing."
    ),
    Rule(
        "episode.paid", 3, OURS, "Paid ends an episode; the next report begins another, and only the last one counts."
    ),
    Rule("episode.withdrawn", 3, OURS, "Records of an episode that was withdrawn count for nothing."),
    Rule("episode.expiry", 3, PRACTICE, "An episode ends the day after its latest report's date plus the look-back."),
    Rule("episode.whole", 3, OURS, "Amount, months, crises and first receipt come from the whole last episode."),
    Rule("crisis.holds", 3, LAW, "A crisis holds until it is lifted or its episode ends."),
    Rule("crisis.lifted", 3, OURS, "Lifting takes all the claim's crises away."),
    Rule("look_back", 3, PRACTICE, "Reports, stops and address events are read while not older than the look-back."),
    Rule("members", 3, OURS, "A task's members are the reports of open episodes within the look-back."),
    Rule("picked_up", 3, PRACTICE, "The first outcome picks a task up, and its claims with it, for the look-back."),
    Rule(
        "repeated",
        3,
        PRACTICE,
        "A report of a claim picked up, no higher and no new crisis, is marked and changes no rule.",
    ),
    Rule("repeated.higher_amount", 3, LAW, "A higher amount must be picked up."),
    Rule("repeated.new_crisis", 3, LAW, "A crisis that the claim did not have is no repetition."),
    Rule("repeated.prolongs", 3, OURS, "A repeated report prolongs its episode; one that begins an episode counts."),
    Rule("retention", 3, PRACTICE, "What no record can bring back into play is forgotten."),
    Rule("retention.stub", 3, OURS, "Of a household that is forgotten a stub stays, and what is old opens nothing."),
    # 4. Classification and level
    Rule("national.single", 4, PRACTICE, "Neither multiple nor consecutive."),
    Rule("national.multiple", 4, PRACTICE, "Reports of two partners or more in one calendar month."),
    Rule(
        "national.consecutive",
        4,
        PRACTICE,
        "A report in an earlier month, not more than six months before a later one.",
    ),
    Rule("level.highest", 4, OURS, "The level is the highest that any rule gives; each that fires is a reason."),
    Rule("first_signal", 4, PRACTICE, "An open claim: letter."),
    Rule("consecutive", 4, PRACTICE, "Consecutive, the later report in an open episode: phone."),
    Rule("multiple", 4, PRACTICE, "Multiple in open episodes, or two partners at most 31 days apart: phone."),
    Rule("many_partners", 4, OURS, "Open claims of three partners: home visit."),
    Rule("high_amount", 4, OURS, "Open amounts of EUR 1000 together: phone."),
    Rule("rent_months", 4, PRACTICE, "Two months of rent on one open claim: home visit."),
    Rule("crisis", 4, LAW, "An open claim with a crisis: home visit."),
    Rule("children_at_risk", 4, OURS, "Eviction where children live: joint home visit."),
    Rule(
        "lost_contact",
        4,
        OURS,
        "Whereabouts unknown with rent owed or an address left, within 90 days: joint home visit.",
    ),
    Rule("self_report", 4, OURS, "The resident's own report: phone."),
    Rule("warm_handover", 4, OURS, "A referral by a welfare partner: phone."),
    Rule("context_raise", 4, OURS, "A benefit stop in no pair, near a report: one level up, at most home visit."),
    Rule("context.alone", 4, OURS, "A benefit stop opens nothing alone; an address event with it does."),
    Rule("level.order", 4, OURS, "Any order of the same records gives the same level, due, members and reasons."),
    Rule("level.monotone", 4, OURS, "A report of a claim not seen before never lowers the level."),
    Rule("level.falls", 4, OURS, "The level falls when a claim is cured."),
    # 5. Task
    Rule("task.one", 5, PRACTICE, "A household has one open task."),
    Rule("task.id", 5, OURS, "A task's id follows from the household and the record that opened it."),
    Rule("task.version", 5, OURS, "A visible change makes one version, per record; no change makes none."),
    Rule("due.regular", 5, LAW, "Four weeks after the first receipt of an open claim's episode."),
    Rule("due.crisis", 5, LAW, "Three working days after the first receipt of a crisis."),
    Rule("due.lost_contact", 5, OURS, "Three working days after the first pair was complete."),
    Rule("due.request", 5, OURS, "Four weeks after the receipt of a self-report or referral."),
    Rule("due.earliest", 5, OURS, "The earliest of all holds."),
    Rule("working_days", 5, LAW, "Algemene termijnenwet; Good Friday and 5 May of every year are no working days."),
    Rule("time", 5, OURS, "Deadlines fire in order, each on its own date, before a later record is applied."),
    Rule("wakes_on", 5, OURS, "The state says on which day time alone may change something."),
    Rule("rung", 5, OURS, "The rung starts at the level, is never below it and never goes back."),
    Rule("rung.no_response", 5, PRACTICE, "Without contact the next rung, after 14 days of letter or 7 of phone."),
    Rule("rung.visit", 5, OURS, "Timers stop at home visit: a joint visit is no matter of waiting."),
    Rule("rung.raised", 5, OURS, "When the level rises above the rung, the rung begins anew that day."),
    Rule("overdue", 5, OURS, "Due before today, open and no outcome yet, as long as that holds."),
    Rule(
        "reasons.lasting",
        5,
        OURS,
        "No_response, silence, follow_up and cured stay; the other reasons are the present ones.",
    ),
    Rule("band", 5, OURS, "Children at risk first, crises second, the rest third."),
    Rule("score", 5, OURS, "Points for lost contact, partners, months of rent and so on, each named by the policy."),
    Rule("suppressed", 5, LAW, "An exclusion suppresses the task, with its reason, until a person ends it."),
    Rule("known_at_debt_help", 5, PRACTICE, "One task for debt help's own team: level phone, due kept."),
    Rule("policy.in_force", 5, OURS, "The policy in force on the day applied decides."),
    Rule("policy.activated", 5, OURS, "An activation looks at every household again."),
    Rule(
        "policy.immutable",
        5,
        OURS,
        "A policy never changes under its version, and one that contradicts itself is refused.",
    ),
    Rule("owner", 6, OURS, "Every open task has a team by neighbourhood and a next action with a date."),
    Rule("answer.codes", 6, STD, "A contact kind or end result that is not on the official list is invalid."),
    Rule(
        "answer.needed",
        6,
        OURS,
        "Intake asks of each answer what its kind cannot do without: a channel, a result, a wish, who and why.",
    ),
    Rule("answer.only_with", 6, OURS, "What contradicts the kind of an answer is invalid, with the field's name."),
    Rule("answer.part_of_day", 6, STD, "Ochtend before 12:00, Avond from 18:00 on, Middag between."),
    Rule("answer.obstacle", 6, OURS, "A rule that stands in the way has a procedure, a place and a day not after it."),
    Rule("answer.investment", 6, OURS, "A direct investment is help given, with its amount and what it was for."),
    Rule("answer.wish", 6, OURS, "Help is accepted, and given by several together, with the resident's wish told."),
    Rule("answer.lenient", 6, OURS, "The interchange format asks none of this, beyond the official codes."),
    Rule("end_result.fits", 6, OURS, "An end result may not contradict what happened before, where intake asks that."),
    Rule("promise", 6, OURS, "A promise or joint visit whose day passes without an outcome: open, the same rung."),
    Rule("promise.kept", 6, OURS, "An outcome on its day or later keeps it; any contact keeps a promise early."),
    Rule("consultation", 6, LAW, "Only the task's owner asks the benefits caseworker, only about a lost contact."),
    Rule("consultation.deliberate", 6, LAW, "Without such a question nothing at all goes to the benefits office."),
    Rule("joint_visit", 6, OURS, "A caseworker decides on a joint visit; its landlord has signalled rent arrears."),
    Rule("acts", 6, OURS, "A deliberate act picks nothing up and moves no clock."),
    # 6. Outcomes and status
    Rule("outcome.attempt.open", 6, OURS, "Noted; changes nothing for the timers."),
    Rule("outcome.attempt.waiting", 6, OURS, "Noted."),
    Rule("outcome.attempt.helped", 6, OURS, "Noted."),
    Rule("outcome.contact.open", 6, OURS, "The resident thinks: waiting."),
    Rule("outcome.contact.waiting", 6, OURS, "Noted; the clock restarts."),
    Rule("outcome.contact.helped", 6, OURS, "Noted."),
    Rule("outcome.accepted.open", 6, PRACTICE, "Helped; collection pauses for 30 days."),
    Rule("outcome.accepted.waiting", 6, PRACTICE, "Helped; collection pauses for 30 days."),
    Rule("outcome.accepted.helped", 6, OURS, "Noted; the pause is not prolonged."),
    Rule("outcome.refused.open", 6, OURS, "Ended, with a cool-down."),
    Rule("outcome.refused.waiting", 6, OURS, "Ended, with a cool-down."),
    Rule("outcome.refused.helped", 6, OURS, "Ended."),
    Rule("outcome.closed", 6, OURS, "Open, waiting or helped: ended."),
    Rule("outcome.reopened.open", 6, OURS, "Nothing to undo."),
    Rule("outcome.reopened.waiting", 6, OURS, "Open; the rung begins that day."),
    Rule("outcome.reopened.helped", 6, OURS, "Open; the rung begins that day, and the pause is no more."),
    Rule("outcome.reopened.ended", 6, OURS, "Open, the same task, as if it had not ended."),
    Rule("outcome.no_task", 6, OURS, "Any other outcome on a task that has ended, or on none, is refused."),
    Rule(
        "told.outcome",
        6,
        LAW,
        "A partner is told of its open signals: picked up, reached, help accepted, pause; no more.",
    ),
    Rule("told.own_time", 6, LAW, "Nobody is told of what was done before its own signal came."),
    Rule("told.fixed_day", 6, OURS, "What is not picked up is told 28 days after its receipt, whatever the reason."),
    Rule("told.hidden", 6, LAW, "Exclusions and households that debt help knows look like any other not picked up."),
    Rule("told.repeated", 6, LAW, "A repeated report is told to be one only to who was told that somebody came."),
    Rule("told.reopened", 6, OURS, "Taken back is what an entry told, not that it was picked up, nor an older pause."),
    Rule(
        "non_interference",
        6,
        LAW,
        "What others know changes nothing of what a partner sees but the values it may know.",
    ),
    Rule("silence", 6, PRACTICE, "Waiting without an outcome for 21 days: open, one rung up, at most home visit."),
    Rule("follow_up", 6, OURS, "Helped without an outcome for 56 days: open, the same rung."),
    Rule("reopens.raised", 6, OURS, "A raised level opens a waiting or helped task; its rung begins that day."),
    Rule("reopens.crisis", 6, LAW, "A crisis new to the task opens a waiting or helped one; its rung begins that day."),
    Rule("withdrawn", 6, OURS, "Nothing left and no outcome: withdrawn."),
    Rule("cured", 6, OURS, "Nothing left after an outcome: cured, with level, due and members kept."),
    Rule("cool_down", 6, OURS, "After a refusal claims known then open nothing for 60 days; the day after they do."),
    Rule("cool_down.crisis", 6, LAW, "A crisis that was not there at the refusal opens a task."),
    Rule("cool_down.lost_contact", 6, OURS, "A lost contact that was not there at the refusal opens a task."),
    Rule("cool_down.higher_amount", 6, LAW, "A higher amount on a claim known at the refusal opens a task."),
    Rule("cool_down.new_claim", 6, LAW, "A claim not known at the refusal opens a task."),
    Rule("closed.known", 6, OURS, "After a close claims known then open nothing until a report that is not repeated."),
    Rule("closed.new_claim", 6, LAW, "A claim not known at the close opens a task."),
    Rule("handover", 6, STD, "Abroad, deceased or moved out with everyone ends the task, with that reason."),
    Rule("handover.stays", 6, OURS, "In every other case the task stays."),
    Rule("departed", 6, OURS, "When everybody leaves, what was said of them goes along; who comes next begins anew."),
    Rule("departed.late", 6, OURS, "What comes later about a claim, or a day, of people who left stays with them."),
    Rule("departed.news", 6, OURS, "A new report from after they left the municipality opens, as after a close."),
    Rule("departed.facts", 6, OURS, "On arrival the later statement holds; an exclusion always does."),
    Rule("departed.undone", 6, OURS, "Reopened: who had not left the municipality after all is back with all of it."),
    Rule("moved.along", 6, STD, "Moved inside with everyone: what is open goes along, with its ids and dates."),
    Rule(
        "moved.once", 6, OURS, "What goes along is at one household at a time, and arrives once however often it comes."
    ),
    Rule(
        "moved.memory", 6, OURS, "What was told, picked up, closed, refused or objected to is known at the new address."
    ),
    Rule("moved.follows", 6, OURS, "What a creditor sends later about a claim that went along follows it."),
    Rule("shared.person", 1, OURS, "At a listed shared address a household is a person: birth date and surname."),
    Rule("shared.alone", 2, OURS, "There, a signal that does not tell the person is accepted and matched with none."),
    Rule("shared.sort", 2, OURS, "There, the municipality's own record that does not tell the person is refused."),
    Rule("placed", 6, OURS, "A person says whose such a signal is: it goes there with its dates, and is told there."),
    Rule("shared.unlisted", 6, OURS, "Huishouden says shared, and no list does: first somebody sorts whose it is."),
    Rule("register_check", 6, OURS, "Left the address: before a visit somebody looks in the register who lives there."),
    # 6, and ours beside it: what a resident asks by right
    Rule("objection", 6, LAW, "An objection suppresses the task, with its reason, until a person decides."),
    Rule(
        "objection.opens", 6, LAW, "While it stands only a new crisis or the resident's own request opens: to decide."
    ),
    Rule("objection.upheld", 6, LAW, "Upheld: the task ends with its reason, and the objection goes on standing."),
    Rule("objection.lifted", 6, LAW, "Lifted: the task goes on that day, or what is open then opens one."),
    Rule("objection.gone", 6, OURS, "When everybody leaves, their objection leaves with them."),
    Rule("disputed", 6, LAW, "A disputed report, amount or benefit stop is marked and counts for nothing."),
    Rule("disputed.held", 6, LAW, "Nothing left but what is in dispute: suppressed, until a person decides."),
    Rule("disputed_crisis", 6, LAW, "A crisis in dispute is still shown to a person, among the crises."),
    Rule(
        "disputed.restated", 6, OURS, "The same said again is in dispute too; anything else is a correction and counts."
    ),
    Rule("disputed.lifted", 6, LAW, "A dispute that is lifted makes its records count again."),
    Rule("rights.decide_by", 6, LAW, "A person decides within a month; with a crisis, by the task's own date."),
    Rule("rights.no_subject", 6, OURS, "A decision or dispute about what is not there is refused."),
    Rule(
        "rights.no_outcome", 6, OURS, "An objection or dispute reaches nobody: it picks nothing up and moves no timer."
    ),
    Rule("handover.deceased", 6, OURS, "After a death never a letter."),
)
