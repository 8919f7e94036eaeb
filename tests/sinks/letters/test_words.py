"""What may not stand in a text for a resident."""

from datetime import date
from pathlib import Path

import pytest

import sinks
from schemas.codes import CREDITOR_TYPES
from sinks.letters.words import BILLS, faults, long_day, sentences

TEMPLATES = sorted(Path(sinks.__file__).parent.rglob("*.j2"))


@pytest.mark.parametrize("file", TEMPLATES, ids=lambda file: file.name)
def test_no_template_threatens_or_speaks_as_an_office_does(file: Path) -> None:
    wrong = faults(file.read_text(encoding="utf-8"))
    assert [fault for fault in wrong if fault.startswith(("threat", "office"))] == []


def test_the_templates_are_found() -> None:
    assert {"letter.txt.j2", "phone.txt.j2", "page.html.j2"} <= {file.name for file in TEMPLATES}


@pytest.mark.parametrize(
    "text",
    [
        "U moet nu bellen.",
        "Anders komt de deurwaarder.",
        "Dit heeft gevolgen voor u.",
        "Uw stroom wordt afgesloten.",
        "Dit is uw laatste kans.",
        "Er volgt een DAGVAARDING.",
    ],
)
def test_a_threat_is_seen(text: str) -> None:
    assert any(fault.startswith("threat: ") for fault in faults(text))


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("Inzake uw brief bellen wij u.", "office language: Inzake"),
        ("U dient te bellen.", "office language: dient te"),
        (f"{'Wij ' * 20}bellen.", "21 words"),
        ("Er is een schuldhulpverleningstraject.", "long word: schuldhulpverleningstraject"),
        (" ".join(["Wij bellen u morgen over uw brief en over wat er dan verder nog komt."] * 3), "15.0 words"),
    ],
)
def test_language_that_is_too_hard_is_seen(text: str, fault: str) -> None:
    assert any(found.startswith(fault) for found in faults(text))


def test_plain_words_have_no_fault() -> None:
    assert list(faults("Wij denken graag met u mee. Dat kost u niets.")) == []


def test_lines_of_a_list_are_sentences_of_their_own() -> None:
    assert sentences("Dit kan:\n\n- bellen\n- mailen\n\nKies zelf.") == ["Dit kan:", "- bellen", "mailen", "Kies zelf."]


def test_each_creditor_type_has_words_for_a_resident() -> None:
    assert set(BILLS) == set(CREDITOR_TYPES)


def test_a_date_is_written_out() -> None:
    assert long_day(date(2026, 3, 1)) == "1 maart 2026"
