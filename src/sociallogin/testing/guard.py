"""The door: nothing of the test kit works where no test runs."""

import os
import sys


class OutsideTests(RuntimeError):
    """The test kit was used outside a test: there it would let anybody be anybody."""


def refuse_outside_tests(what: str) -> None:
    """Raises `OutsideTests` unless pytest or unittest is running a test in this process."""
    if not (_pytest_runs_a_test() or _unittest_runs_a_test()):
        raise OutsideTests(
            f"{what} works only while a test of pytest or unittest runs in this process (not "
            "while modules are imported, nor in setUpClass), so that it is no way in anywhere else"
        )


def _pytest_runs_a_test() -> bool:
    # The variable alone proves nothing: child processes inherit it.
    return "PYTEST_CURRENT_TEST" in os.environ and "pytest" in sys.modules


def _unittest_runs_a_test() -> bool:
    """Whether some thread is inside `TestCase.run`; Django runs asynchronous tests in another."""
    case = sys.modules.get("unittest.case")
    if case is None:
        return False
    running = case.TestCase.run.__code__
    for innermost in sys._current_frames().values():  # noqa: SLF001  (documented, for CPython)
        frame = innermost
        while frame is not None:
            if frame.f_code is running:
                return True
            frame = frame.f_back  # type: ignore[assignment]
    return False
