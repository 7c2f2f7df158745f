"""What holds in a forked process."""

import os
import signal
import warnings
from collections.abc import Callable


def holds_in_a_child(check: Callable[[], object]) -> bool:
    """Forks here. Whether `check` is true in the child, which does not wait for ever."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # this process may have threads
        child = os.fork()
    if child == 0:
        status = 1
        signal.alarm(20)
        try:
            status = 0 if check() else 2
        finally:
            os._exit(status)
    return os.waitpid(child, 0)[1] == 0
