"""What a run prints: a page that a person reads; the log file has all of it."""

from __future__ import annotations

import logging

FILE_ONLY = (
    '\n' + '-' * 60 + '\nSystem environment:',
    'Config:\n',
    'Distributed training is not used, all SyncBatchNorm',
    'Hooks will be executed in the following order:\n',
    '"FileClient" will be deprecated',
    '"HardDiskBackend" is the alias',
)
"""How the texts begin that mmengine logs at every start: 500 lines."""
MISMATCH = 'The model and loaded state dict do not match exactly'
"""How mmengine's list of names begins, of which ``TransferHook`` gives a summary."""


class FileOnly(logging.Filter):
    """Keeps records off a terminal, by how their texts begin."""

    def __init__(self, beginnings: tuple[str, ...]) -> None:
        super().__init__()
        self._beginnings = beginnings

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether the terminal gets the record."""
        return not record.getMessage().startswith(self._beginnings)


def keep_off_console(logger: logging.Logger, *beginnings: str) -> None:
    """Leave texts that begin so to the log file; at level DEBUG the terminal gets them too."""
    for handler in logger.handlers:
        to_file = isinstance(handler, logging.FileHandler)
        if not to_file and handler.level > logging.DEBUG:
            handler.addFilter(FileOnly(beginnings))
