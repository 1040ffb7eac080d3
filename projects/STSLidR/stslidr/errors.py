"""A user's mistakes, apart from faults of this project.

What a user can mend, a file, a config, an option, is a :class:`UserError`: the tools print its text
as one line. Everything else is a fault of ours and keeps its traceback. Each kind is a Python
exception of the usual type as well, so that callers of the library catch what they expect.
"""

from __future__ import annotations

import signal


class UserError(Exception):
    """What the user can mend; its text says what is wrong, where, and what to do."""


class InputError(UserError, ValueError):
    """A file, a config or an option holds what it may not hold."""


class MissingFileError(UserError, FileNotFoundError):
    """A file or a folder that is needed is not there."""


class FileAccessError(UserError, OSError):
    """A file or a folder is there, or could be, but cannot be read or written."""


class WorkerDiedError(UserError, ChildProcessError):
    """A worker process was killed, as for want of memory."""


class LostRankError(UserError, RuntimeError):
    """Another process of a group has ended, or does not answer."""


class UnknownKeyError(UserError, KeyError):
    """A config or an option names what nothing reads."""

    def __str__(self) -> str:
        """The text as it is; ``KeyError`` would put it into quotes."""
        return str(self.args[0])


class MissingOperatorError(UserError, NotImplementedError):
    """A compiled operator of mmcv was called, and the installed mmcv has none."""


class StoppedError(Exception):
    """A signal has ended a run, which has said so and saved what it could.

    Args:
        number: of the signal.
        where: after what, and what is saved.
    """

    def __init__(self, number: int, where: str) -> None:
        super().__init__(f'stopped by {signal.Signals(number).name} {where}')
        self.status = 128 + number
        """For the shell: 143 for SIGTERM, 130 for Ctrl-C."""
