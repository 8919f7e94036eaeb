import hashlib
from dataclasses import dataclass

import pytest

from streams.core.agreements import Agreements
from streams.core.seal import compare, sealed

ENTRY = """
[[agreement]]
partner = "water-b"
types = ["Water", "Overige"]
fields.Water = ["months"]
municipality = "9990"
version = "2026-1"
valid_from = 2026-01-01
valid_until = 2026-12-31
legal_basis = "Convenant, artikel 4"
contact = "A. de Boer"
"""
SECOND = ENTRY.replace("2026-1", "2026-2", 1)


@dataclass(frozen=True)
class Edit:
    before: str
    after: str
    field: str


EDITS = (
    Edit('"Water", "Overige"', '"Water"', "types"),
    Edit('["months"]', '["months", "crisis"]', "fields"),
    Edit("valid_from = 2026-01-01", "valid_from = 2025-01-01", "valid_from"),
    Edit("valid_until = 2026-12-31", "valid_until = 2027-12-31", "valid_until"),
    Edit("artikel 4", "artikel 5", "legal_basis"),
    Edit('contact = "A. de Boer"', 'contact = "B. de Wit"', "contact"),
    Edit('contact = "A. de Boer"\n', "", "contact"),
    Edit('contact = "A. de Boer"', 'contact = "A. de Boer"\nreplaces = "2025-1"', "replaces"),
)


@pytest.mark.parametrize("edit", EDITS, ids=lambda edit: f"{edit.field}: {edit.after[-12:]}")
def test_an_entry_that_was_edited_is_named_with_the_field(edit: Edit) -> None:
    edited = Agreements.from_toml(ENTRY.replace(edit.before, edit.after))
    found = compare(sealed(Agreements.from_toml(ENTRY)), edited)
    assert found.broken == (f"water-b version 2026-1 (9990): changed in {edit.field}",)
    assert found.unsealed == ()


def test_each_field_that_was_edited_is_named() -> None:
    edited = Agreements.from_toml(ENTRY.replace("artikel 4", "artikel 5").replace("A. de Boer", "B. de Wit"))
    found = compare(sealed(Agreements.from_toml(ENTRY)), edited)
    assert found.broken == ("water-b version 2026-1 (9990): changed in contact, legal_basis",)


def test_an_entry_that_was_taken_away_is_named() -> None:
    found = compare(sealed(Agreements.from_toml(ENTRY + SECOND)), Agreements.from_toml(SECOND))
    assert found.broken == ("water-b version 2026-1 (9990): is gone",)


def test_a_new_entry_is_new_and_breaks_nothing() -> None:
    found = compare(sealed(Agreements.from_toml(ENTRY)), Agreements.from_toml(SECOND + ENTRY))
    assert found.broken == ()
    assert [str(entry) for entry in found.unsealed] == ["water-b version 2026-2 (9990)"]


def test_comments_order_and_layout_are_no_change() -> None:
    otherwise = "# Signed on paper.\n" + ENTRY.replace('["Water", "Overige"]', "[ 'Water',\n 'Overige' ]") + "\n\n"
    assert compare(sealed(Agreements.from_toml(ENTRY)), Agreements.from_toml(otherwise)) == ((), ())


def test_the_order_of_types_with_fields_is_no_change() -> None:
    more = ENTRY.replace('fields.Water = ["months"]', 'fields.Water = ["months"]\nfields.Overige = ["crisis"]')
    turned = ENTRY.replace('fields.Water = ["months"]', 'fields.Overige = ["crisis"]\nfields.Water = ["months"]')
    assert compare(sealed(Agreements.from_toml(more)), Agreements.from_toml(turned)) == ((), ())


def test_a_seal_of_today_is_read_by_every_later_version() -> None:
    (entry,) = sealed(Agreements.from_toml(ENTRY.replace("A. de Boer", "A. de Boér")))
    assert entry.fields["contact"] == hashlib.sha256('"A. de Boér"'.encode()).hexdigest()[:16]


def test_a_seal_repeats_nothing_of_what_it_has_seen() -> None:
    digests = "".join(digest for entry in sealed(Agreements.from_toml(ENTRY)) for digest in entry.fields.values())
    assert set(digests) <= set("0123456789abcdef")
