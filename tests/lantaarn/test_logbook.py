"""Reading topics whole."""

import pytest
from confluent_kafka.admin import (  # type: ignore[attr-defined]
    AclBinding,
    AclBindingFilter,
    AclOperation,
    AclPermissionType,
    AdminClient,
    ResourcePatternType,
    ResourceType,
)

from lantaarn.logbook import GROUP, Logbook, LogError
from schemas.topics import Catalogue
from tests.lantaarn.town import Town
from tests.stacks import RunningStack


def test_every_record_of_every_partition_comes_in_order(town: Town, stack: RunningStack) -> None:
    logbook = Logbook(stack.client("auditor"))
    bounds = logbook.bounds([town.catalogue.outreach_tasks, town.catalogue.rejected])
    entries = [*logbook.read(bounds)]
    assert len(entries) == sum(sum(each.ends.values()) for each in bounds.values())
    for topic, known in bounds.items():
        for partition, end in known.ends.items():
            offsets = [e.offset for e in entries if (e.topic, e.partition) == (topic, partition)]
            assert offsets == list(range(known.starts[partition], end))


def test_what_is_written_while_it_reads_is_left_for_the_next_time(town: Town, stack: RunningStack) -> None:
    logbook = Logbook(stack.client("auditor"))
    topic = town.catalogue.outreach_tasks
    bounds, entries = logbook.all(topic)
    earlier = {topic.name: bounds._replace(ends=dict.fromkeys(bounds.ends, 1))}
    assert len([*logbook.read(earlier)]) == topic.partitions < len([*entries])


def test_it_needs_no_right_to_any_group(town: Town, stack: RunningStack) -> None:
    literal, nothing = ResourcePatternType.LITERAL, (AclOperation.ALL, AclPermissionType.DENY)
    denied = (ResourceType.GROUP, GROUP, literal, "User:auditor", "*", *nothing)
    binding, asked = AclBinding(*denied), AclBindingFilter(*denied)
    admin = AdminClient(stack.client("admin"))
    admin.create_acls([binding])[binding].result()
    try:
        _, entries = Logbook(stack.client("auditor")).all(town.catalogue.outreach_tasks)
        assert [*entries]
    finally:
        admin.delete_acls([asked])[asked].result()


def test_a_topic_that_is_not_there_is_named(stack: RunningStack) -> None:
    topic = Catalogue("nowhere.").outreach_tasks
    with pytest.raises(LogError, match=r"nowhere\.outreach-tasks: UNKNOWN_TOPIC"):
        Logbook(stack.client("auditor")).bounds([topic])
