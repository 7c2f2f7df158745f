"""The table of scenarios names tests that there are, and each of them says what breaks it."""

import ast
import re
from pathlib import Path

import pytest

HERE = Path(__file__).parent
ROWS = re.findall(
    r"^\| (\d+) \| .+? \| (.+) \|$", (HERE / "README.md").read_text(encoding="utf-8"), re.MULTILINE
)


def test_every_scenario_is_there_in_order() -> None:
    assert [int(number) for number, _ in ROWS] == list(range(1, 26))


@pytest.mark.parametrize(("number", "tests"), ROWS)
def test_a_scenario_has_tests_that_say_what_breaks_them(number: str, tests: str) -> None:
    for name in re.findall(r"`([^`]+)`", tests):
        file, _, function = name.partition("::")
        module = ast.parse((HERE / file).read_text(encoding="utf-8"))
        found = [n for n in module.body if isinstance(n, ast.FunctionDef) and n.name == function]
        assert found, f"scenario {number} names {name}"
        assert (ast.get_docstring(found[0]) or "").startswith("Breaks when "), name
