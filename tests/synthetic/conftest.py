"""A synthetic data set that several tests read."""

from __future__ import annotations

from pathlib import Path

import pytest

from support.commands import ROOT, run


@pytest.fixture(scope='session')
def synthetic_root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three scenes of two keyframes with class and depth maps, by the command that a user runs.

    Takes a minute or two, in each test process: tests that need it belong into few files.
    """
    folder = tmp_path_factory.mktemp('synthetic')
    run(ROOT / 'tools/create_synthetic.py', '--root', folder / 'root', '--scenes', 3,
        '--keyframes', 2, '--seed', 0, '--image-size', '400x225', '--workers', 1, '--diagnostics',
        cwd=folder)
    return folder / 'root'
