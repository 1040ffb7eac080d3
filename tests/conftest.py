"""Fixtures that several test folders share."""

from __future__ import annotations

import gc
import os
from pathlib import Path

# before torch is imported, here and in the processes that tests start: threads of one small test
# beside another process cost more than they bring
os.environ.setdefault('OMP_NUM_THREADS', '1')
os.environ.setdefault('OMP_WAIT_POLICY', 'PASSIVE')

import numpy as np
import pytest
import torch

from support.tiny_data import TinyData, make_tiny_data

FIXTURES = Path(__file__).parent / 'fixtures'


def pytest_collection_finish() -> None:
    """Let collections of garbage, of which mmengine asks for one a data set, pass modules over."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope='session')
def keyframe_root() -> Path:
    """The real nuScenes keyframe that STSLIDR_TEST_DATA names; skips where there is none."""
    value = os.environ.get('STSLIDR_TEST_DATA')
    if not value:
        pytest.skip('STSLIDR_TEST_DATA is not set: it names a nuScenes root with a real keyframe')
    root = Path(value).resolve()
    if not (root / 'v1.0-mini').is_dir():
        pytest.fail(f'STSLIDR_TEST_DATA={root} holds no v1.0-mini')
    return root


@pytest.fixture(scope='session')
def published() -> Path:
    """The folder of what the published code computes."""
    return FIXTURES / 'published'


@pytest.fixture(scope='session')
def minkowski() -> Path:
    """The folder of what MinkowskiEngine computes."""
    return FIXTURES / 'minkowski'


@pytest.fixture(scope='session')
def tiny_data(tmp_path_factory: pytest.TempPathFactory) -> TinyData:
    """A data set of 6 keyframes, 2 cameras of different size, made up; read-only."""
    return make_tiny_data(tmp_path_factory.mktemp('tiny'))


@pytest.fixture(autouse=True)
def fixed_draws() -> None:
    """Start each test from the same random state."""
    np.random.seed(0)
    torch.manual_seed(0)
