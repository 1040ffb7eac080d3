"""What other packages say that a user of a tool can do nothing about."""

from __future__ import annotations

import logging
import warnings

SILENCED_WARNINGS: tuple[tuple[type[Warning], str, str], ...] = (
    (UserWarning, r"Don't suggest using CPU device", r'mmdet3d\.'),
    (UserWarning, r'find_unused_parameters=True was specified', r''),
)
"""Category, how the text begins, where it is raised; both as regular expressions."""
SILENCED_LOGGERS = ('torch.fx._symbolic_trace',)
"""Loggers whose warnings are not shown: is_fx_tracing will have another name."""


def silence_others() -> None:
    """Let a tool's output be its own."""
    for category, message, module in SILENCED_WARNINGS:
        warnings.filterwarnings('ignore', message, category, module)
    for name in SILENCED_LOGGERS:
        logging.getLogger(name).setLevel(logging.ERROR)
