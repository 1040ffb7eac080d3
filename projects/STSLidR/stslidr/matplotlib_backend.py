"""Where matplotlib is told to draw, by an environment variable that a notebook has left."""

from __future__ import annotations

import importlib.util
import os

VARIABLE = 'MPLBACKEND'
MODULE = 'module://'


def forget_missing_backend() -> None:
    """Drop the backend from the environment if its module is not installed here.

    A notebook's kernel states its own one, and its shell commands inherit it: in another
    environment ``import matplotlib.pyplot``, and so that of mmdet3d, would fail.
    """
    backend = os.environ.get(VARIABLE, '')
    if backend.startswith(MODULE) and not _is_installed(backend.removeprefix(MODULE)):
        del os.environ[VARIABLE]


def _is_installed(module: str) -> bool:
    try:
        return importlib.util.find_spec(module) is not None
    except (ImportError, ValueError):  # its package is missing, or it has no name
        return False
