"""The tools as a user calls them, in the process of the test: importing takes longest."""

from __future__ import annotations

import runpy
import sys
from pathlib import Path

import pytest

from support.tiny_run import forget_runs

TOOLS = Path(__file__).resolve().parents[2] / 'tools'


def call(name: str, *arguments: object) -> None:
    """Run ``python tools/NAME ARGUMENTS``; SystemExit, as its exit status, is passed on."""
    forget_runs()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, 'argv', [name, *map(str, arguments)])
        patch.setattr(sys, 'path', list(sys.path))
        runpy.run_path(str(TOOLS / name), run_name='__main__')
