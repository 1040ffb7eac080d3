"""What all command-line tools share: how they end."""

from __future__ import annotations

import errno
import os
import re
import sys
import traceback
from collections.abc import Callable
from typing import NoReturn

from stslidr.errors import StoppedError, UserError
from stslidr.tooling.command_names import as_called
from stslidr.tooling.others_warnings import silence_others

DONE = 0
USERS_MISTAKE = 1
"""Exit status after a :class:`UserError`; wrong options, which argparse refuses, give 2."""
FAULT_OF_OURS = 70
"""Exit status after any other error (``EX_SOFTWARE`` of sysexits.h)."""
INTERRUPTED = 130
"""Exit status after Ctrl-C, as a shell expects."""

NEVER_OURS = frozenset(
    (
        errno.EACCES,
        errno.EDQUOT,
        errno.EIO,
        errno.ELOOP,
        errno.ENAMETOOLONG,
        errno.ENOSPC,
        errno.EPERM,
        errno.EROFS,
    )
)
"""Errors of the system that follow from a name, a right or a disk of the user's, wherever met."""

LOADER_ERROR = re.compile(r'\n[\w.]*Error: ')
"""Where the text of an error starts in what torch's loader says of one in a worker process."""


def run_tool(main: Callable[[], None]) -> NoReturn:
    """Run a tool's `main` and exit: 0 when it returns.

    A :class:`UserError` is printed as one line `error: ...`; status 1. So is what the system says
    of a file that has too long a name, may not be used, or does not fit on its disk. Any other
    exception is a fault of ours and keeps its traceback; status 70. Ctrl-C: status 130. A training
    that a signal stops says where: 143 after SIGTERM, 130 after Ctrl-C.
    """
    os.environ.setdefault('OMP_WAIT_POLICY', 'PASSIVE')  # spinning threads slow a busy CPU
    silence_others()
    try:
        main()
    except KeyboardInterrupt:
        print('interrupted', file=sys.stderr)
        sys.exit(INTERRUPTED)
    except StoppedError as stopped:
        print(stopped, file=sys.stderr)
        sys.exit(stopped.status)
    except Exception as error:
        if is_users_mistake(error):
            print(f'error: {as_called(in_one_line(error))}', file=sys.stderr)
            sys.exit(USERS_MISTAKE)
        traceback.print_exc()
        sys.exit(FAULT_OF_OURS)
    sys.exit(DONE)


def is_users_mistake(error: Exception) -> bool:
    """Whether a user can mend it: see `run_tool`."""
    return isinstance(error, UserError) or (
        isinstance(error, OSError) and error.errno in NEVER_OURS
    )


def in_one_line(error: Exception) -> str:
    """The text of an error without line breaks.

    torch raises an error of a loader's worker anew, with the worker's traceback before its text,
    which is cut off here.
    """
    text = str(error)
    if 'DataLoader worker process' in text.partition('\n')[0]:
        text = LOADER_ERROR.split(text)[-1]
    return ' '.join(text.split())
