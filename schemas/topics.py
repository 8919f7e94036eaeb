"""The topic catalogue: the only place that names a topic, what is in it, who writes it and who reads it.

A deployment serves one municipality; its topics share a prefix, so that a region can run several on one cluster.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from schemas.codes import ANSWERED_TYPES, EXPERIMENT_TYPES, SignalType

DAY_MS = 24 * 3600 * 1000
LOOK_BACK_AND_SLACK_DAYS = 8 * 31  # look-back of six months, and two
DEAD_LETTER_DAYS = 30  # they hold personal data
CONSULTATION_DAYS = 30  # so do these; long enough for whoever is asked to come back from leave
TRANSFER_DAYS = 62  # shorter than a household remembers an id: none is ever read again and taken for a new one
HOUSEHOLDS_TABLE = "state"
OWN_PARTNER = "gemeente"  # the municipality itself: its facts, and its caseworkers' outcomes


class Role(StrEnum):
    """Who connects to the broker, each as a user of its own.

    ``ADAPTER`` stands for the partner whose topic it is: each partner is a user of its own, ``partner-…``. Only the
    embedded demo, whose feed adapter publishes for several partners, has one user by this name.
    """

    ADAPTER = "adapter"
    INTAKE = "intake"
    TICKER = "ticker"
    POLICY = "policy"
    WORKER = "worker"
    SINK = "sink"
    CASEWORKER = "caseworker"
    BENEFITS = "benefits"
    AUDITOR = "auditor"


@dataclass(frozen=True, slots=True)
class Topic:
    """One topic: its record, how it is laid out, and who may touch it."""

    name: str
    record: str
    key: str
    partitions: int
    writers: frozenset[Role]
    readers: frozenset[Role]
    retention_days: int | None = None
    compacted: bool = False
    partner: str | None = None
    append_time: bool = False

    @property
    def config(self) -> dict[str, str]:
        """Kafka's settings for this topic."""
        config = {"cleanup.policy": "compact" if self.compacted else "delete"}
        if self.append_time:  # the broker's clock, so that a second intake run gives the same deadlines
            config["message.timestamp.type"] = "LogAppendTime"
        if self.retention_days is not None:
            config["retention.ms"] = str(self.retention_days * DAY_MS)
        return config


SIGNAL_RECORDS: dict[SignalType, tuple[str, str]] = {
    SignalType.RENT: ("rent", "RentArrears"),
    SignalType.ENERGY: ("energy", "MissedEnergyPayment"),
    SignalType.WATER: ("water", "WaterArrears"),
    SignalType.HEALTH_INSURANCE: ("health-insurance", "HealthInsuranceArrears"),
    **dict.fromkeys(sorted(EXPERIMENT_TYPES), ("experiment", "ExperimentArrears")),
    SignalType.BENEFIT_STOP: ("benefit-stop", "BenefitStop"),
    SignalType.SELF_REPORT: ("help-request", "HelpRequest"),
    SignalType.REFERRAL: ("help-request", "HelpRequest"),
    SignalType.HOUSEHOLD: ("household-fact", "HouseholdFact"),
    SignalType.ADDRESS: ("household-fact", "HouseholdFact"),
}
"""Type -> (name in the topic, record). One record type per topic, so that rent evolves once for all landlords."""


def types_of(record: str) -> frozenset[SignalType]:
    """The types that a record of partners may be about; where they are several, it has a field `type`."""
    return frozenset(kind for kind, (_, known) in SIGNAL_RECORDS.items() if known == record)


class Catalogue:
    """All topics of one deployment, each by a method or attribute of its own.

    Args:
        prefix: Put before each name, with its separator, for example ``gm9999.``; empty for none.
        senders: (partner, type) pairs, from the agreements.
        partitions: Of the keyed topics. Fixed for the life of a deployment: a household is found by it.
    """

    def __init__(self, prefix: str, senders: Iterable[tuple[str, SignalType]] = (), partitions: int = 4) -> None:
        self.prefix = prefix
        self.partitions = partitions
        self.household_events = Topic(
            f"{prefix}household-events",
            record="HouseholdEvent",
            key="household",
            partitions=partitions,
            writers=frozenset({Role.INTAKE, Role.TICKER, Role.POLICY}),
            readers=frozenset({Role.WORKER, Role.AUDITOR}),
            retention_days=LOOK_BACK_AND_SLACK_DAYS,
        )
        self.household_transfers = Topic(
            f"{prefix}household-transfers",
            record="HouseholdTransfer",
            key="household",
            partitions=partitions,
            writers=frozenset({Role.WORKER}),
            readers=frozenset({Role.INTAKE, Role.AUDITOR}),
            retention_days=TRANSFER_DAYS,
            append_time=True,
        )
        self.outreach_tasks = Topic(
            f"{prefix}outreach-tasks",
            record="OutreachTask",
            key="household",
            partitions=partitions,
            writers=frozenset({Role.WORKER}),
            readers=frozenset({Role.SINK, Role.CASEWORKER, Role.AUDITOR}),
            retention_days=LOOK_BACK_AND_SLACK_DAYS,
        )
        self.task_outcomes = Topic(
            f"{prefix}task-outcomes",
            record="TaskOutcome",
            key="outcome id",
            partitions=1,
            writers=frozenset({Role.CASEWORKER}),
            readers=frozenset({Role.INTAKE, Role.SINK, Role.AUDITOR}),
            retention_days=LOOK_BACK_AND_SLACK_DAYS,
            append_time=True,
        )
        self.benefit_consultations = Topic(
            f"{prefix}benefit-consultations",
            record="BenefitConsultation",
            key="outcome id",
            partitions=1,
            writers=frozenset({Role.WORKER}),
            readers=frozenset({Role.BENEFITS, Role.AUDITOR}),
            retention_days=CONSULTATION_DAYS,
        )
        self.rejected = Topic(
            f"{prefix}signals.rejected",
            record="DeadLetter",
            key="none",
            partitions=1,
            writers=frozenset({Role.INTAKE, Role.WORKER}),
            readers=frozenset({Role.AUDITOR}),
            retention_days=DEAD_LETTER_DAYS,
        )
        self.households_changelog = Topic(  # named by Faust: application, table
            f"{self.households_app}-{HOUSEHOLDS_TABLE}-changelog",
            record="household state",
            key="household",
            partitions=partitions,
            writers=frozenset({Role.WORKER}),
            readers=frozenset({Role.WORKER}),
            compacted=True,
        )
        self.signals: dict[tuple[str, SignalType], Topic] = {}
        self.receipts: dict[str, Topic] = {}
        self.statuses: dict[str, Topic] = {}
        self.receipts[OWN_PARTNER] = self._receipts(OWN_PARTNER)
        for partner, kind in sorted(senders):
            if kind in SIGNAL_RECORDS:
                self.signals[partner, kind] = self._signals(partner, kind)
            self.receipts.setdefault(partner, self._receipts(partner))
            if kind in ANSWERED_TYPES:
                self.statuses.setdefault(partner, self._statuses(partner))

    @property
    def households_app(self) -> str:
        """Faust's application id, which is also its consumer group."""
        return f"{self.prefix}households"

    def transactional_id(self, partition: int) -> str:
        """Under which a worker writes for a partition of household-events, so that only one at a time can."""
        return f"{self.households_app}-{partition}"

    @property
    def transactional_ids(self) -> list[str]:
        """One for each partition of household-events."""
        return [self.transactional_id(partition) for partition in range(self.partitions)]

    @property
    def intake_group(self) -> str:
        """Consumer group of intake."""
        return f"{self.prefix}intake"

    @property
    def sink_group(self) -> str:
        """Consumer group of the case-store sink."""
        return f"{self.prefix}case-store"

    @property
    def caseworker_group(self) -> str:
        """Consumer group of the caseworkers' system."""
        return f"{self.prefix}caseworker"

    @property
    def benefits_group(self) -> str:
        """Consumer group of the benefits caseworker's system."""
        return f"{self.prefix}benefits"

    def receipts_group(self, partner: str) -> str:
        """Consumer group in which a partner reads its receipts."""
        return f"{self.prefix}receipts.{partner}"

    @property
    def groups(self) -> dict[str, Role]:
        """Our own consumer groups, and who is in them."""
        return {
            self.intake_group: Role.INTAKE,
            self.households_app: Role.WORKER,
            self.sink_group: Role.SINK,
            self.caseworker_group: Role.CASEWORKER,
            self.benefits_group: Role.BENEFITS,
        }

    def intake_topics(self) -> list[Topic]:
        """What others send to intake: each partner's signals, and the outcomes."""
        return [*{t.name: t for t in self.signals.values()}.values(), self.task_outcomes]

    def read_by_intake(self) -> list[Topic]:
        """All that intake reads: what others send, and what people who moved take along."""
        return [*self.intake_topics(), self.household_transfers]

    def __iter__(self) -> Iterator[Topic]:
        yield from self.intake_topics()
        yield from self.receipts.values()
        yield self.benefit_consultations
        yield from self.statuses.values()
        yield self.rejected
        yield self.household_events
        yield self.household_transfers
        yield self.outreach_tasks
        yield self.households_changelog

    def _signals(self, partner: str, kind: SignalType) -> Topic:
        slug, record = SIGNAL_RECORDS[kind]
        return Topic(
            f"{self.prefix}signals.{slug}.{partner}",
            record=record,
            key="signal id",
            partitions=1,  # one partner's records stay in the order in which it sent them
            writers=frozenset({Role.ADAPTER}),
            readers=frozenset({Role.INTAKE, Role.AUDITOR}),
            retention_days=LOOK_BACK_AND_SLACK_DAYS,
            partner=partner,
            append_time=True,
        )

    def _receipts(self, partner: str) -> Topic:
        # What caseworkers send is the municipality's own: its receipts tell them, and the case store, what was refused.
        own = {Role.CASEWORKER, Role.SINK} if partner == OWN_PARTNER else set()
        return Topic(
            f"{self.prefix}receipts.{partner}",
            record="SignalReceipt",
            key="signal id",
            partitions=1,
            writers=frozenset({Role.INTAKE, Role.WORKER}),
            readers=frozenset({Role.ADAPTER, Role.AUDITOR} | own),
            retention_days=LOOK_BACK_AND_SLACK_DAYS,
            partner=partner,
        )

    def _statuses(self, partner: str) -> Topic:
        return Topic(
            f"{self.prefix}signal-status.{partner}",
            record="SignalStatus",
            key="signal id",
            partitions=1,
            writers=frozenset({Role.WORKER}),
            readers=frozenset({Role.ADAPTER, Role.AUDITOR}),
            retention_days=LOOK_BACK_AND_SLACK_DAYS,
            partner=partner,
        )
