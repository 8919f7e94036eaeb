"""The register entry and the DPIA annex: as data says today, within the standard, and nobody's handwork."""

import json
from datetime import date
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from lantaarn.cli import app
from lantaarn.register.about import load
from lantaarn.register.dpia import annex
from lantaarn.register.entry import entry
from lantaarn.register.standard import Entry
from lantaarn.register.words import NO_NUMBERS, ROLES, VALUES, values
from lantaarn.settings import load_agreements, load_policy
from schemas.codec import RECORDS
from schemas.topics import SIGNAL_RECORDS, Role
from streams.core.agreements import Agreements
from streams.core.policy import Policy
from streams.core.rulebook import RULEBOOK
from streams.core.rules import RULES
from streams.core.wording import REASONS

ROOT = Path(__file__).parents[3]
EXAMPLES = ROOT / "examples"
ABOUT = load(EXAMPLES / "register" / "about.toml")
POLICY = load_policy(EXAMPLES / "policy-default.toml")
AGREEMENTS = load_agreements(EXAMPLES / "agreements.toml")
ON = date(2026, 11, 25)
GIVEN = (
    *("--about", str(EXAMPLES / "register" / "about.toml"), "--policy", str(EXAMPLES / "policy-default.toml")),
    *("--agreements", str(EXAMPLES / "agreements.toml"), "--on", ON.isoformat()),
)


def run(*command: str) -> Result:
    return CliRunner().invoke(app, ["register", *command], prog_name="lantaarn")


@pytest.mark.parametrize(("document", "file"), [("entry", "entry.json"), ("dpia", "dpia.md")])
def test_what_is_published_is_what_the_data_says(document: str, file: str) -> None:
    done = run(document, *GIVEN)
    assert done.exit_code == 0, done.output
    stored = (EXAMPLES / "register" / file).read_text(encoding="utf-8")
    assert done.stdout == stored, f"make examples/register/{file} anew: docs/policy.md tells how"


def test_the_entry_holds_to_the_standard() -> None:
    stored = json.loads((EXAMPLES / "register" / "entry.json").read_text(encoding="utf-8"))
    made = Entry.model_validate(stored)
    assert made == entry(ABOUT, POLICY, AGREEMENTS, ON)
    filled = {name for name, field in Entry.model_fields.items() if field.is_required()}
    assert filled <= set(stored)


def test_every_rule_of_the_ladder_is_told_with_its_source() -> None:
    method = entry(ABOUT, POLICY, AGREEMENTS, ON).methods_and_models
    assert method is not None
    for code in [*(rule.code for rule in RULES), "context_raise"]:
        (line,) = [line for line in method.splitlines() if line.startswith(f"- {REASONS[code]}: ")]
        assert line.endswith(("[law]", "[std]", "[practice]", "[ours]"))


def test_another_policy_makes_another_entry() -> None:
    stricter = Policy(version="stricter", valid_from=ON, high_cents=50_000)
    before, after = (entry(ABOUT, policy, AGREEMENTS, ON) for policy in (POLICY, stricter))
    assert "€ 500,00: vanaf dit bedrag samen zijn de achterstanden hoog" in str(after.methods_and_models)
    assert "Gestopte uitkeringen" in str(before.lawful_basis)
    assert "Gestopte uitkeringen" not in str(after.lawful_basis)
    assert "gestopte uitkering" not in str(after.source_data)


def test_an_agreement_that_has_ended_is_not_told() -> None:
    after = entry(ABOUT, POLICY, AGREEMENTS, date(2027, 1, 1))
    assert "Uitkeringsstop" not in str(after.lawful_basis)
    assert "| isd |" in annex(ABOUT, POLICY, AGREEMENTS, ON)
    assert "| isd |" not in annex(ABOUT, POLICY, AGREEMENTS, date(2027, 1, 1))


def test_a_field_that_an_agreement_withholds_is_told_as_such() -> None:
    agreement = (
        '[[agreement]]\npartner = "woonstichting"\ntypes = ["Huur"]\nmunicipality = "9990"\nversion = "1"\n'
        'valid_from = 2025-01-01\nvalid_until = 2027-12-31\nfields = { Huur = ["months"] }\n'
    )
    told = annex(ABOUT, POLICY, Agreements.from_toml(agreement), ON)
    (row,) = [line for line in told.splitlines() if line.startswith("| woonstichting | Huur | huurachterstand")]
    *_, allowed, withheld, _ = (cell.strip() for cell in row.split("|"))
    assert (withheld, "months" in allowed, "crisis" in allowed) == ("crisis, birth_date, surname", True, False)


def test_the_annex_leaves_no_rule_topic_or_value_out() -> None:
    told = annex(ABOUT, POLICY, AGREEMENTS, ON)
    assert all(f"| `{rule.id}` | {rule.source} |" in told for rule in RULEBOOK)
    assert all(f"| {record} |" in told for record in {*RECORDS, *(record for _, record in SIGNAL_RECORDS.values())})
    assert all(f"| `{name}` |" in told for name in VALUES)


def test_every_policy_value_and_role_has_dutch_words() -> None:
    assert {name for name, _, _ in values(POLICY)} == set(VALUES)
    assert set(Policy.__struct_fields__) >= NO_NUMBERS
    assert set(ROLES) == set(Role)


@pytest.mark.parametrize(
    ("was", "becomes", "told"),
    [
        ('status = "In gebruik"', 'status = "aan"', "status: Input should be 'In ontwikkeling'"),
        ('since = "2025-01"', 'since = "januari"', "since: String should match pattern"),
        ('contact = "https', 'kontact = "https', "contact: Field required"),
        ('title = "Data Protection', 'naam = "Data Protection', "assessment.0.title: Field required"),
    ],
)
def test_what_is_wrong_in_the_municipalitys_words_is_told(tmp_path: Path, was: str, becomes: str, told: str) -> None:
    file = tmp_path / "about.toml"
    text = (EXAMPLES / "register" / "about.toml").read_text(encoding="utf-8")
    file.write_text(text.replace(was, becomes), encoding="utf-8")
    done = run("dpia", "--about", str(file), *GIVEN[2:])
    assert done.exit_code == 1
    assert f"{file}: {told}" in str(done.exception)


def test_a_text_that_is_too_long_for_the_standard_is_told(tmp_path: Path) -> None:
    file = tmp_path / "about.toml"
    text = (EXAMPLES / "register" / "about.toml").read_text(encoding="utf-8")
    file.write_text(text.replace("De gemeente wil", "De gemeente wil" + " echt" * 500, 1), encoding="utf-8")
    done = run("entry", "--about", str(file), *GIVEN[2:])
    assert done.exit_code == 1
    assert (
        str(done.exception)
        == "lantaarn: the standard does not take it: goal: String should have at most 2500 characters"
    )
