from pathlib import Path

import pytest

from producers.config import ConfigError, load

GOOD = """
name = "erp"
[[feed]]
name = "huur"
partner = "p"
type = "Huur"
urn = "urn:nld:kvknr:90000001"
source = { kind = "csv", folder = "erp" }
columns = { kind = "S", reference = "R", signalled_on = "D", postcode = "P", number = "N" }
"""
SECOND = GOOD.replace('name = "erp"\n', "")


def test_a_good_file_has_its_root_beside_it_unless_told_otherwise(tmp_path: Path) -> None:
    file = tmp_path / "a.toml"
    file.write_text(GOOD)
    assert load(file).root == tmp_path
    assert load(file, Path("elsewhere")).root == Path("elsewhere")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("name = ", "a.toml: not TOML"),
        ("colour = 1\n" + GOOD, "a.toml: colour: unknown key"),
        ('root = "x"\n' + GOOD, "a.toml: root: unknown key"),
        (GOOD.replace('folder = "erp"', 'folder = "erp", colour = 1'), "feed.0.source.csv.colour: unknown key"),
        (GOOD.replace('"csv"', '"soap"'), "feed.0.source"),
        (GOOD.replace("Huur", "Uitkomst"), "Uitkomst has no topic"),
        (GOOD.replace("Huur", "Sport"), "feed.0.type"),
        (GOOD.replace("postcode =", "zipcode ="), "Huur has no field zipcode"),
        (GOOD.replace(', number = "N"', ""), "Huur needs number"),
        (GOOD.replace(', number = "N"', ', number = "N", bsn = "B"'), "columns.bsn: this partner may not hold it"),
        (GOOD + "values = { kind = { M = 'rumour' } }", "values.kind.M: 'rumour' is none of ours"),
        (GOOD + "values = { crisis = { J = 'cutoff' } }", "values.crisis.J"),
        (GOOD + "values = { reference = { J = 'x' } }", "values.reference: not a code field"),
        (GOOD + "values = { flag = { ja = 'yes' } }", "values.flag.ja"),
        (GOOD + SECOND, "name used twice: huur"),
        (GOOD + SECOND.replace("huur", "twee"), "source used twice: erp"),
        ('name = "erp"', "a.toml: feed"),
    ],
)
def test_a_wrong_file_is_refused_with_its_name_and_the_key(tmp_path: Path, text: str, message: str) -> None:
    file = tmp_path / "a.toml"
    file.write_text(text)
    with pytest.raises(ConfigError) as caught:
        load(file)
    assert message in str(caught.value)
    assert str(tmp_path) not in str(caught.value)
