"""The tools as a user calls them, in the process of the test: importing takes longest."""

from __future__ import annotations

import re
import runpy
import sys
from pathlib import Path

import pytest

from stslidr.tooling.run_tool import DONE, USERS_MISTAKE
from support.tiny_run import forget_runs

TOOLS = Path(__file__).resolve().parents[2] / 'tools'


def call(name: str, *arguments: object) -> None:
    """Run ``python tools/NAME ARGUMENTS``; another exit status than 0 is a SystemExit."""
    status = status_of(name, *arguments)
    if status != DONE:
        raise SystemExit(status)


def status_of(name: str, *arguments: object) -> int:
    """Run ``python tools/NAME ARGUMENTS``; return its exit status."""
    forget_runs()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, 'argv', [name, *map(str, arguments)])
        patch.setattr(sys, 'path', list(sys.path))
        with pytest.raises(SystemExit) as ended:
            runpy.run_path(str(TOOLS / name), run_name='__main__')
    return ended.value.code or DONE


def assert_mistake(
    capsys: pytest.CaptureFixture[str], match: str, name: str, *arguments: object
) -> str:
    """Run a tool, which must refuse what a user got wrong in one line; return the line.

    Args:
        capsys: of the test.
        match: pattern of a part of the line.
        name: of the tool.
        *arguments: of the tool.
    """
    capsys.readouterr()
    status = status_of(name, *arguments)
    printed = capsys.readouterr()
    lines = printed.err.splitlines()
    assert status == USERS_MISTAKE, printed.err
    assert lines[-1].startswith('error: ') and re.search(match, lines[-1]), printed.err
    assert sum(line.startswith('error: ') for line in lines) == 1
    assert 'Traceback' not in printed.err + printed.out
    return lines[-1]
