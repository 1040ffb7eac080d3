"""A small data set of made-up keyframes that several tests read."""

from __future__ import annotations

import pytest
from fake_dataset import make


@pytest.fixture(scope='session')
def fake_root(tmp_path_factory):
    """A data set of 3 scenes of 4 keyframes; read-only."""
    root = tmp_path_factory.mktemp('synthetic')
    make(root)
    return root
