"""The processes of a distributed run end when what has launched them is gone."""

from __future__ import annotations

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1
"""Of Linux' prctl: the signal that a process gets when its parent ends."""


def end_with_parent() -> None:
    """From now on, Linux kills this process when its parent ends; elsewhere nothing is done.

    A launcher that is killed ends no process: each would train on, and write to the work dir that
    a new start uses.
    """
    if not sys.platform.startswith('linux'):
        return
    parent = os.getppid()
    ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:  # it has ended in between
        os.kill(os.getpid(), signal.SIGKILL)
