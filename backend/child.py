"""A command for a process that serves: `python -m backend.child PARENT COMMAND...`.

It goes after answers and pages, and ends in good order when its parent is gone.
"""

import ctypes
import os
import signal
import sys

NICENESS = 10

ORPHANED = 75
"""What it ends with if its parent was gone before it began (EX_TEMPFAIL of sysexits.h)."""

_PR_SET_PDEATHSIG = 1


def main(parent: int, command: list[str]) -> int:
    """Runs a command and returns its exit code. parent: the process that started us."""
    os.nice(NICENESS)
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != parent:
        return ORPHANED
    from backend.__main__ import main as run  # only now: it takes a moment, in which the parent may go

    return run(command)


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]), sys.argv[2:]))
