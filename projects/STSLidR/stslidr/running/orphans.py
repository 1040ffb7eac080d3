"""The processes of a distributed run end when what has launched them is gone."""

from __future__ import annotations

import ctypes
import os
import signal
import sys
from pathlib import Path

TORCHRUN = 'TORCHELASTIC_RUN_ID'
"""What torchrun sets for the processes that it starts."""
INIT = Path('/proc/1/cmdline')
PR_SET_PDEATHSIG = 1
"""Of Linux' prctl: the signal that a process gets when its parent ends."""


def end_with_parent() -> None:
    """From now on, Linux kills this process when its parent ends; elsewhere nothing is done.

    A launcher that is killed ends no process: each would train on, and write to the work dir that
    a new start uses, or wait for the others until a timeout. To be called as early as can be.
    """
    if not sys.platform.startswith('linux'):
        return
    parent = os.getppid()
    ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent or is_orphan():  # it has ended in between, or before
        os.kill(os.getpid(), signal.SIGKILL)


def is_orphan(init: Path = INIT) -> bool:
    """Whether torchrun has started this process and is gone: the first process took it over.

    Args:
        init: the words of the first process, which may be torchrun itself in a container.
    """
    if TORCHRUN not in os.environ or os.getppid() != 1:
        return False
    try:
        return b'torch' not in init.read_bytes()
    except OSError:
        return False
