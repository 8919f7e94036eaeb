"""One form for each address, and the pseudonym that stands in for it."""

from typing import Any

import pytest

from streams.core.addresses import AddressError, normalised, pseudonym
from streams.core.records import Address

SECRET = b"geheim van Veenhaven"


@pytest.mark.rule("address")
@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ({"postcode": "9901 ab", "number": 12}, Address("9901AB", 12)),
        ({"postcode": "9901AB", "number": "12"}, Address("9901AB", 12)),
        ({"postcode": "9901AB", "number": "12A"}, Address("9901AB", 12, "A")),
        ({"postcode": "9901AB", "number": "12 a"}, Address("9901AB", 12, "A")),
        ({"postcode": "9901AB", "number": 12, "letter": "a"}, Address("9901AB", 12, "A")),
        ({"postcode": "9901AB", "number": "12-3"}, Address("9901AB", 12, None, "3")),
        ({"postcode": "9901AB", "number": "12 bis"}, Address("9901AB", 12, None, "BIS")),
        ({"postcode": "9901AB", "number": "12A-3"}, Address("9901AB", 12, "A", "3")),
        ({"postcode": "9901AB", "number": "12-bis-"}, Address("9901AB", 12, None, "BIS")),
        ({"postcode": "9901AB", "number": 12, "addition": "bis"}, Address("9901AB", 12, None, "BIS")),
        ({"postcode": "9901AB", "number": 12, "letter": " ", "addition": ""}, Address("9901AB", 12)),
        ({"postcode": "9901AB", "number": 12, "addition": "-bis"}, Address("9901AB", 12, None, "BIS")),
        ({"postcode": "9901AB", "number": 12, "addition": "xiv"}, Address("9901AB", 12, None, "XIV")),
        ({"postcode": "9901AB", "number": "12 xiv"}, Address("9901AB", 12, None, "XIV")),
        ({"postcode": "9901AB", "number": "12A-x"}, Address("9901AB", 12, "A", "X")),
        ({"postcode": "9901AB", "number": "12 3 b"}, Address("9901AB", 12, None, "3B")),
        ({"postcode": "9901AB", "number": 99_999}, Address("9901AB", 99_999)),
    ],
)
def test_an_address_has_one_form(raw: dict[str, Any], expected: Address) -> None:
    assert normalised(raw) == expected


@pytest.mark.rule("address", "intake.invalid")
@pytest.mark.parametrize(
    ("raw", "field"),
    [
        ({"number": 12}, "postcode"),
        ({"postcode": "0901AB", "number": 12}, "postcode"),
        ({"postcode": 9901, "number": 12}, "postcode"),
        ({"postcode": "9901AB"}, "number"),
        ({"postcode": "9901AB", "number": 0}, "number"),
        ({"postcode": "9901AB", "number": 100_000}, "number"),
        ({"postcode": "9901AB", "number": True}, "number"),
        ({"postcode": "9901AB", "number": 12.5}, "number"),
        ({"postcode": "9901AB", "number": "bis"}, "number"),
        ({"postcode": "9901AB", "number": 12, "letter": "AB"}, "letter"),
        ({"postcode": "9901AB", "number": 12, "addition": "achter"}, "addition"),
    ],
)
def test_an_address_that_cannot_be_one_names_the_part_and_not_its_value(raw: dict[str, Any], field: str) -> None:
    with pytest.raises(AddressError) as caught:
        normalised(raw)
    assert caught.value.field == field
    assert str(caught.value) == f"not a valid {field}"


@pytest.mark.rule("household_key")
def test_spellings_of_one_address_are_one_household() -> None:
    spelled = ({"postcode": "9901 ab", "number": "12 a"}, {"postcode": "9901AB", "number": 12, "letter": "A"})
    assert len({pseudonym(SECRET, normalised(raw)) for raw in spelled}) == 1


@pytest.mark.rule("household_key")
def test_neighbours_and_municipalities_have_different_keys() -> None:
    addresses = [
        Address("9901AB", 12),
        Address("9901AB", 1),
        Address("9901AC", 12),
        Address("9901AB", 12, "A"),
        Address("9901AB", 12, None, "A"),
    ]
    keys = {pseudonym(secret, address) for address in addresses for secret in (SECRET, b"een ander")}
    assert len(keys) == 2 * len(addresses)


@pytest.mark.rule("household_key")
def test_a_key_is_hexadecimal() -> None:
    key = pseudonym(SECRET, Address("9901AB", 12))
    assert len(key) == 64
    assert int(key, 16)


@pytest.mark.rule("household_key")
@pytest.mark.parametrize(
    ("address", "key"),
    [
        (Address("9901AB", 12), "e8ac8418e34d20453fb128bd5c290bc62327a47c66606f67dff208c69a1f974c"),
        (Address("9901AB", 12, "A", "3"), "8071d97cd2567b23d2eccdee4d524ff6d2f2a1c6b666a00a533bb5b5b2131da2"),
    ],
)
def test_a_key_is_the_same_in_every_version_of_the_software(address: Address, key: str) -> None:
    assert pseudonym(SECRET, address) == key
