"""The contact file says who writes, or what is wrong with it."""

from pathlib import Path

import pytest

from sinks.letters.contact import Contact, ContactError
from tests.sinks.letters.made import CONTACT, ROOT

EXAMPLE = (ROOT / "examples" / "contact.toml").read_text(encoding="utf-8")


def test_each_owner_has_a_person() -> None:
    assert CONTACT.person_of("schuldhulpverlening").name == "Sem de Wal"
    assert CONTACT.person_of("wijkteam") == CONTACT.person


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('phone = "0599-900100"', 'phone = "bel ons"', "person.phone: "),
        ('municipality = "Gemeente Veenhaven"', "", "municipality: "),
        ("[partners]", 'fax = "0599-900102"\n[partners]', "teams.schuldhulpverlening.fax: "),
        ("[person]", "[person", "contact.toml: "),
    ],
)
def test_a_fault_is_told_with_file_and_field(tmp_path: Path, old: str, new: str, told: str) -> None:
    file = tmp_path / "contact.toml"
    file.write_text(EXAMPLE.replace(old, new), encoding="utf-8")
    with pytest.raises(ContactError) as caught:
        Contact.read(file)
    assert "contact.toml" in str(caught.value)
    assert told in str(caught.value)


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(ContactError, match=r"contact\.toml"):
        Contact.read(tmp_path / "contact.toml")
