"""Each rule has a test, and each test that names a rule names one that is there."""

import ast
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from streams.core.rulebook import LAW, OURS, PRACTICE, RULEBOOK, STD

TESTS = Path(__file__).parents[2]


def marks(file: Path) -> Iterator[str]:
    """The rules named in a file's ``@pytest.mark.rule(...)``."""
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"), str(file))):
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "pytest.mark.rule":
            for argument in node.args:
                assert isinstance(argument, ast.Constant), f"{file}: a rule is named by a literal"
                yield str(argument.value)


def shown() -> set[str]:
    return {rule for file in TESTS.rglob("test_*.py") for rule in marks(file)}


def test_every_rule_has_a_test() -> None:
    assert sorted({rule.id for rule in RULEBOOK} - shown()) == []


def test_every_mark_names_a_rule() -> None:
    assert sorted(shown() - {rule.id for rule in RULEBOOK}) == []


def test_ids_are_unique_and_each_rule_is_one_line_with_a_source() -> None:
    assert [name for name, count in Counter(rule.id for rule in RULEBOOK).items() if count > 1] == []
    for rule in RULEBOOK:
        assert rule.source in {LAW, STD, PRACTICE, OURS}
        assert rule.section in range(1, 7)
        assert rule.text.endswith(".")
        assert "\n" not in rule.text
