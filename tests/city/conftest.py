"""A synthetic data set that several tests read."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

import pytest

from support.commands import ROOT, run


@pytest.fixture(scope='session')
def synthetic_root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three scenes of two keyframes with class and depth maps, by the command that a user runs.

    Takes half a minute, once for all test processes: the tool finds a complete root as it is.
    """
    folder = tmp_path_factory.getbasetemp()
    if 'PYTEST_XDIST_WORKER' in os.environ:
        folder = folder.parent
    root = folder / 'synthetic' / 'root'
    root.parent.mkdir(exist_ok=True)
    with open(root.parent / 'lock', 'w') as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        run(
            ROOT / 'tools/create_synthetic.py',
            '--root',
            root,
            '--scenes',
            3,
            '--keyframes',
            2,
            '--seed',
            0,
            '--image-size',
            '400x225',
            '--workers',
            1,
            '--diagnostics',
            cwd=root.parent,
        )
    return root
