"""The door: nothing of the test kit works where no test runs."""

import os
import sys


class OutsideTests(RuntimeError):
    """The test kit was used outside a test: there it would let anybody be anybody."""


def refuse_outside_tests(what: str) -> None:
    """Raises `OutsideTests` unless pytest is running a test in this process.

    pytest names the test in the environment, which a child process inherits: so pytest itself
    must be loaded too.
    """
    if "PYTEST_CURRENT_TEST" not in os.environ or "pytest" not in sys.modules:
        raise OutsideTests(
            f"{what} works only while pytest runs a test (not while modules are imported), so "
            "that it is no way in anywhere else"
        )
