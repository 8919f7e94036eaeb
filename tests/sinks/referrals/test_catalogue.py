"""The referral catalogue is right as a whole, or every fault in it is told."""

from datetime import date
from pathlib import Path

import pytest

from sinks.letters.words import faults
from sinks.referrals.catalogue import CatalogueError, ReferralCatalogue

FOLDER = Path(__file__).parents[3] / "examples" / "referrals"
TODAY = date(2026, 11, 25)
FILE = """
[organisation]
name = "Fonds"
about = "Een fonds."
phone = "0599-900001"

[[entry]]
id = "bon"
name = "Een bon"
what = "Geld voor een fiets."
needs = ["wonen"]
income_limit = "120 procent"
alternatives = ["fonds/gesprek"]
owner = "het bestuur"
checked_on = 2026-10-01

[[entry]]
id = "gesprek"
name = "Een gesprek"
what = "Praten over wat kan."
needs = ["wonen", "praten"]
owner = "het bestuur"
checked_on = 2026-01-01
"""


def read(folder: Path, text: str) -> ReferralCatalogue:
    (folder / "fonds.toml").write_text(text, encoding="utf-8")
    return ReferralCatalogue.read(folder, TODAY)


def test_the_example_is_right_and_in_plain_words() -> None:
    catalogue = ReferralCatalogue.read(FOLDER, TODAY)
    assert len(list(catalogue)) >= 8
    for one in catalogue:
        told = ". ".join((one.entry.name, one.entry.what, one.organisation.about, *one.entry.conditions))
        assert list(faults(told)) == [], one.key


def test_an_entry_that_nobody_looked_at_is_stale(tmp_path: Path) -> None:
    catalogue = read(tmp_path, FILE)
    assert [one.key for one in catalogue.stale(TODAY)] == ["fonds/gesprek"]
    assert catalogue["fonds/bon"].is_stale(date(2027, 3, 31))
    assert not catalogue["fonds/bon"].is_stale(date(2027, 3, 30)), "180 days after"


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('needs = ["wonen"]', 'needs = ["auto"]', "fonds.toml: entry bon: needs.0: "),
        ('needs = ["wonen"]', "needs = []", "fonds.toml: entry bon: needs: "),
        ('name = "Een bon"', "", "fonds.toml: entry bon: name: "),
        ('id = "bon"', 'id = "Een Bon"', "fonds.toml: entry Een Bon: id: "),
        ('id = "bon"', "", "fonds.toml: entry 1: id: "),
        ('id = "bon"', 'id = "gesprek"', "fonds.toml: entry gesprek: id: is there twice"),
        ('phone = "0599-900001"', 'phone = "112?"', "fonds.toml: organisation: phone: "),
        ('phone = "0599-900001"', 'website = "http://x"\nphone = "0599-900001"', "organisation: website: "),
        ('income_limit = "120 procent"', 'income_limit = ""', "fonds.toml: entry bon: income_limit: "),
        ('alternatives = ["fonds/gesprek"]', "", "entry bon: alternatives: an income_limit needs help without one"),
        ("fonds/gesprek", "fonds/weg", "entry bon: alternatives: fonds/weg: is not in the catalogue"),
        ("fonds/gesprek", "fonds/bon", "entry bon: alternatives: fonds/bon: has an income_limit itself"),
        ('needs = ["wonen", "praten"]', 'needs = ["praten"]', "fonds/gesprek: helps with something else"),
        ('["wonen", "praten"]', '["wonen"]\narea = ["99"]', "fonds/gesprek: is not there for the whole area"),
        ('["wonen", "praten"]', '["wonen"]\naudience = ["ouderen"]', "fonds/gesprek: is not for everybody"),
        ("checked_on = 2026-10-01", "checked_on = 2026-11-26", "entry bon: checked_on: is after today"),
        ("checked_on = 2026-10-01", 'checked_on = "gisteren"', "entry bon: checked_on: "),
        ("[organisation]", "[organisation", "fonds.toml: "),
        ("[organisation]", "x = 1\n[organisation]", "fonds.toml: x: "),
    ],
)
def test_a_fault_is_told_with_file_entry_and_field(tmp_path: Path, old: str, new: str, told: str) -> None:
    assert old in FILE
    with pytest.raises(CatalogueError) as caught:
        read(tmp_path, FILE.replace(old, new, 1) if old != "fonds/gesprek" else FILE.replace(old, new))
    assert told in str(caught.value)


@pytest.mark.parametrize(
    ("limited", "other", "fits"),
    [
        ([], [], True),
        ([], ["ouderen"], False),
        (["ouderen"], [], True),
        (["ouderen"], ["ouderen"], True),
        (["ouderen"], ["ouderen", "jongeren"], True),
        (["ouderen", "jongeren"], ["ouderen"], False),
        (["ouderen"], ["jongeren"], False),
    ],
)
def test_help_without_a_limit_is_there_for_all_whom_the_limited_is_for(
    tmp_path: Path, limited: list[str], other: list[str], *, fits: bool
) -> None:
    text = FILE.replace('income_limit = "120', f'audience = {limited}\nincome_limit = "120')
    text = text.replace('needs = ["wonen", "praten"]', f'needs = ["wonen", "praten"]\naudience = {other}')
    if fits:
        assert read(tmp_path, text)["fonds/bon"].entry.alternatives == ("fonds/gesprek",)
    else:
        with pytest.raises(CatalogueError, match="fonds/gesprek: is not for everybody that this entry is for"):
            read(tmp_path, text)


def test_every_fault_of_every_file_is_told_at_once(tmp_path: Path) -> None:
    (tmp_path / "ander.toml").write_text("[organisation]\n", encoding="utf-8")
    with pytest.raises(CatalogueError) as caught:
        read(tmp_path, FILE.replace("fonds/gesprek", "fonds/weg"))
    assert {fault.split(":")[0] for fault in caught.value.faults} == {"ander.toml", "fonds.toml"}


def test_an_empty_folder_is_no_catalogue(tmp_path: Path) -> None:
    with pytest.raises(CatalogueError, match=r"no \*\.toml"):
        ReferralCatalogue.read(tmp_path, TODAY)
