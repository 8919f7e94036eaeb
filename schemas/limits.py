"""How much a record may say: intake, sink and reconcile would else disagree on what counts."""

LONGEST_NAME = 200
"""Characters of what names something (ids, references, partners): PostgreSQL's indexes take 2,700 bytes at most."""

LAST_YEAR = 2999
"""Of a date or a moment: months can be added to it, and any time zone can tell it."""

LARGEST_BYTES = 100_000
"""Of a record that is judged: a hundred times what they have. What is made of one says parts of it several times (a
receipt its id, three times), and a client of ours takes 1,000,000 bytes; one that it does not take ends the process."""


def too_large(key: bytes | None, value: bytes | None) -> bool:
    """Whether a record that others sent is larger than what is judged."""
    return len(key or b"") + len(value or b"") > LARGEST_BYTES
